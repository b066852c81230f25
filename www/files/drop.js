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

/** The files of a drop, those in folders too. The list of entries lives only during the event. @param {DataTransfer} transfer */
function filesOfDrop(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const roots = items.map((item) => ({ entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() }));
  return collect(roots);
}

/** @param {{entry: FileSystemEntry | null, file: File | null}[]} roots @returns {Promise<File[]>} */
export async function collect(roots) {
  /** @type {File[]} */
  const found = [];
  for (const { entry, file } of roots) {
    if (entry?.isDirectory) await walk(/** @type {FileSystemDirectoryEntry} */ (entry), 1, found);
    else if (file) found.push(file);
  }
  return found;
}

/** @param {FileSystemDirectoryEntry} folder @param {number} depth @param {File[]} found */
async function walk(folder, depth, found) {
  const reader = folder.createReader();
  for (;;) {
    // A reader gives its entries in portions, an empty one at the end.
    const entries = await new Promise((/** @type {(list: FileSystemEntry[]) => void} */ resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (entries.length === 0) return;
    for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
      if (entry.name.startsWith(".") || found.length >= MOST_FILES) continue;
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
