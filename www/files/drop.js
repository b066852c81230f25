/** Files and folders that come by drop anywhere on the page, or by the button. */

/** Most files taken out of folders, and how deep. */
const MOST_FILES = 200;
const DEEPEST = 6;

/**
 * @param {{picker: HTMLInputElement, button: HTMLButtonElement, zone: HTMLElement}} parts
 * @param {(files: Promise<File[]>) => void} take
 * @param {{place: HTMLElement, take: (files: Promise<File[]>) => void}} other A place of the page whose drops are for somebody else.
 */
export function acceptFiles({ picker, button, zone }, take, other) {
  button.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    const files = [...(picker.files ?? [])];
    picker.value = "";
    if (files.length > 0) take(Promise.resolve(files));
  });
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  let depth = 0;
  const show = (/** @type {number} */ change) => {
    depth = Math.max(0, depth + change);
    zone.hidden = depth === 0;
  };
  window.addEventListener("dragenter", (event) => hasFiles(event) && show(1));
  window.addEventListener("dragleave", (event) => hasFiles(event) && show(-1));
  window.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  window.addEventListener("drop", (event) => {
    if (!hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    show(-depth);
    const files = filesOfDrop(event.dataTransfer);
    const { left, right, top, bottom } = other.place.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    if (right > left && x >= left && x <= right && y >= top && y <= bottom) other.take(files);
    else take(files);
  });
}

/** What a folder is by the file system, where a browser tells that. @typedef {{kind: string, name: string, getFile?: () => Promise<File>, values?: () => AsyncIterable<Handle>}} Handle */

/** The files of a drop, those in folders too. The list of entries lives only during the event. @param {DataTransfer} transfer */
function filesOfDrop(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const roots = items.map((item) => {
    const entry = item.webkitGetAsEntry?.() ?? null;
    const handle = entry?.isDirectory ? handleOf(item) : null;
    return { entry, file: item.getAsFile(), handle };
  });
  return collect(roots);
}

/** Chromium opens no entries for a page that lies on a disk itself, but gives handles. @param {DataTransferItem} item */
function handleOf(item) {
  if (!("getAsFileSystemHandle" in item) || typeof item.getAsFileSystemHandle !== "function") return null;
  const handle = /** @type {Promise<Handle | null>} */ (item.getAsFileSystemHandle());
  return handle.catch(() => null);
}

/** @param {{entry: FileSystemEntry | null, file: File | null, handle?: Promise<Handle | null> | null}[]} roots @returns {Promise<File[]>} */
export async function collect(roots) {
  /** @type {File[]} */
  const found = [];
  for (const { entry, file, handle } of roots) {
    if (entry?.isDirectory) {
      const opened = await walk(/** @type {FileSystemDirectoryEntry} */ (entry), 1, found);
      const other = opened ? null : await handle;
      if (other) await walkHandle(other, 1, found);
    } else if (file) found.push(file);
  }
  return found;
}

/** Whether a folder with this name is looked into, or a file taken. @param {string} name @param {File[]} found */
const isWanted = (name, found) => !name.startsWith(".") && found.length < MOST_FILES;

/** Whether the folder could be opened. @param {FileSystemDirectoryEntry} folder @param {number} depth @param {File[]} found @returns {Promise<boolean>} */
async function walk(folder, depth, found) {
  const reader = folder.createReader();
  for (;;) {
    // A reader gives its entries in portions, an empty one at the end.
    const entries = await new Promise((/** @type {(list: FileSystemEntry[] | null) => void} */ resolve) =>
      reader.readEntries(resolve, () => resolve(null)),
    );
    if (entries === null) return false;
    if (entries.length === 0) return true;
    for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
      if (!isWanted(entry.name, found)) continue;
      if (entry.isDirectory && depth < DEEPEST)
        await walk(/** @type {FileSystemDirectoryEntry} */ (entry), depth + 1, found);
      if (!entry.isFile) continue;
      const file = await new Promise((/** @type {(file: File | null) => void} */ resolve) =>
        /** @type {FileSystemFileEntry} */ (entry).file(resolve, () => resolve(null)),
      );
      if (file) found.push(file);
    }
  }
}

/** @param {Handle} folder @param {number} depth @param {File[]} found */
async function walkHandle(folder, depth, found) {
  /** @type {Handle[]} */
  const inside = [];
  for await (const handle of folder.values?.() ?? []) inside.push(handle);
  for (const handle of inside.sort((a, b) => a.name.localeCompare(b.name))) {
    if (!isWanted(handle.name, found)) continue;
    if (handle.kind === "directory" && depth < DEEPEST) await walkHandle(handle, depth + 1, found);
    const file = await handle.getFile?.().catch(() => null);
    if (file) found.push(file);
  }
}
