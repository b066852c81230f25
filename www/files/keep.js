/**
 * A person's own data and the state of the page, kept in this browser (IndexedDB) so that a reload or
 * a crash takes nothing away. Nothing leaves the browser. Where it cannot be kept, that is said.
 */

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("../page/settings.js").Values} Values */
/** `mark`: what tells the contents of a volume apart. @typedef {{name: string, bytes: Uint8Array | Blob, mark?: string}} KeptFile */
/**
 * @typedef {{job: Job | null, ownJob: Job | null, source: string | null, hash: string, values: Values, springs?: number[] | null, files: KeptFile[]}} Kept
 *   `source`: the example that is open, if it is one; `values`: those of the views; `springs`: where the fit stood, eV/Å², unless at its start.
 */

const STATE = "state";
const FILES = "files";

/** @type {Promise<IDBDatabase> | null} */
let database = null;

/** Opened when first needed. */
function theDatabase() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("tds-inversion", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STATE);
      request.result.createObjectStore(FILES);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("the storage is in use by an older page"));
  });
  return database;
}

/** What is kept, without the contents of files. @returns {Promise<Omit<Kept, "files"> | null>} */
export async function keptState() {
  const transaction = (await theDatabase()).transaction(STATE);
  return (await answer(transaction.objectStore(STATE).get(STATE))) ?? null;
}

export class Keep {
  /** One transaction after the other. @type {Promise<unknown>} */
  #queue = Promise.resolve();

  /** @returns {Promise<Kept | null>} */
  async load() {
    const database = await theDatabase();
    const transaction = database.transaction([STATE, FILES]);
    const state = await answer(transaction.objectStore(STATE).get(STATE));
    if (!state) return null;
    const store = transaction.objectStore(FILES);
    const files = await Promise.all(state.files.map((/** @type {{key: string}} */ { key }) => answer(store.get(key))));
    const kept = state.files.map(
      (/** @type {{name: string, mark?: string}} */ { name, mark }, /** @type {number} */ i) => ({
        name,
        mark,
        bytes: files[i],
      }),
    );
    const isThere = (/** @type {KeptFile} */ { bytes }) => bytes instanceof Uint8Array || bytes instanceof Blob;
    return { ...state, files: kept.filter(isThere) };
  }

  /** @param {Kept} kept */
  save(kept) {
    return this.#next(async () => {
      const database = await theDatabase();
      const transaction = database.transaction([STATE, FILES], "readwrite");
      const done = ended(transaction);
      const store = transaction.objectStore(FILES);
      const files = kept.files.map(({ name, bytes, mark }) => ({
        name,
        bytes,
        mark,
        key: bytes instanceof Uint8Array ? `${name} ${bytes.length} ${digest(bytes)}` : `${name} ${mark}`,
      }));
      const known = new Set(await answer(store.getAllKeys()));
      const wanted = new Set(files.map(({ key }) => key));
      for (const key of known) if (!wanted.has(String(key))) store.delete(key);
      for (const { key, bytes } of files) if (!known.has(key)) store.put(bytes, key);
      transaction
        .objectStore(STATE)
        .put({ ...kept, files: files.map(({ name, key, mark }) => ({ name, key, mark })) }, STATE);
      await done;
    });
  }

  forget() {
    return this.#next(async () => {
      const database = await theDatabase();
      const transaction = database.transaction([STATE, FILES], "readwrite");
      transaction.objectStore(STATE).clear();
      transaction.objectStore(FILES).clear();
      await ended(transaction);
    });
  }

  /** @param {() => Promise<void>} action @returns {Promise<void>} */
  #next(action) {
    const next = this.#queue.then(action);
    this.#queue = next.catch(() => {});
    return next;
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<any>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function ended(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("the storage gave up"));
    transaction.onerror = () => reject(transaction.error);
  });
}

/** @type {WeakMap<Uint8Array, string>} */
const digests = new WeakMap();

/** FNV-1a over the contents: tells versions of a file apart. @param {Uint8Array} bytes */
export function digest(bytes) {
  const known = digests.get(bytes);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  const text = (hash >>> 0).toString(16);
  digests.set(bytes, text);
  return text;
}
