/**
 * Keeps the page for the time without a network. `cargo xtask dist` puts this beside the page as sw.js, with its
 * list of files and their SHA-256, so that another version of any file is another worker; nobody else starts it.
 * A version is kept as a whole or not at all, and serves until a person asks for the next one, or all tabs are closed.
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** Address below the page's folder, and digest. @type {Record<string, string>} */
const FILES = {};
const VERSION = "";

const FOLDER = new URL(worker.registration.scope);
/** Other copies of the page may live on the same host. */
const CACHE = `tds-inversion ${FOLDER.pathname}`;
const PAGE = "./";
/** Files that are fetched at a time. */
const AT_ONCE = 6;

/** @param {string} path */
const keyOf = (path) => new URL(`${path}?sha256=${FILES[path]}`, FOLDER).href;

/** Fetches what is not here yet: files that have not changed are kept from the version before. */
async function install() {
  const cache = await caches.open(CACHE);
  const paths = Object.keys(FILES);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let path = paths.pop(); path !== undefined; path = paths.pop()) await keep(cache, path);
    }),
  );
}

/** @param {Cache} cache @param {string} path */
async function keep(cache, path) {
  const key = keyOf(path);
  if (await cache.match(key)) return;
  // The browser's own cache may hold an older one: it has to ask.
  const response = await fetch(new URL(path, FOLDER), { cache: "no-cache" });
  if (!response.ok) throw new Error(`${path}: the server answered ${response.status}`);
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const text = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (text !== FILES[path]) throw new Error(`${path} is not of version ${VERSION}`);
  const type = response.headers.get("content-type");
  await cache.put(key, new Response(bytes, { headers: type ? { "content-type": type } : {} }));
}

/** Takes away what no file of this version is. */
async function forget() {
  const cache = await caches.open(CACHE);
  const wanted = new Set(Object.keys(FILES).map(keyOf));
  await Promise.all((await cache.keys()).map(({ url }) => (wanted.has(url) ? null : cache.delete(url))));
}

/** The file that an address means; null if none of the page. @param {string} address */
function pathOf(address) {
  const { origin, pathname } = new URL(address);
  if (origin !== FOLDER.origin || !pathname.startsWith(FOLDER.pathname)) return null;
  const path = pathname.slice(FOLDER.pathname.length);
  if (path === "" || path === "index.html") return PAGE;
  return Object.hasOwn(FILES, path) ? path : null;
}

/** @param {string} path @param {Request} request */
async function answer(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(keyOf(path))) ?? fetch(request);
}

/** Tabs and frames that show the page. */
async function showing() {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.filter(({ url }) => pathOf(url) === PAGE).length;
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(forget().then(() => worker.clients.claim())));
worker.addEventListener("fetch", (event) => {
  const path = event.request.method === "GET" ? pathOf(event.request.url) : null;
  if (path !== null) event.respondWith(answer(path, event.request));
});
worker.addEventListener("message", ({ data, ports }) => {
  if (data === "take over") worker.skipWaiting();
  else if (data === "version") ports[0]?.postMessage(VERSION);
  else if (data === "showing") showing().then((count) => ports[0]?.postMessage(count));
});
