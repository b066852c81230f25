/** Files in and out: what a person drops is recognised by what it holds, not by its name. */

/** @typedef {"job" | "phonopy" | "crystal" | "constants" | "data"} FileKind */
/** @typedef {{name: string, bytes: Uint8Array, kind: FileKind}} UserFile */

/** @param {Uint8Array} bytes @returns {FileKind} */
export function recognise(bytes) {
  const magic = String.fromCharCode(...bytes.subarray(0, 8));
  if (magic.startsWith("\x93NUMPY") || magic.startsWith("\x89HDF") || magic.startsWith("PK")) return "data";
  const text = new TextDecoder().decode(bytes.subarray(0, 20_000));
  const lines = text.split(/\r?\n/);
  if (/^\s*\{/.test(text)) return "job";
  if (/^(phonopy|unit_cell|primitive_cell|supercell_matrix):/m.test(text)) return "phonopy";
  if (/^data_/m.test(text) && /^_cell_length_a/m.test(text)) return "crystal";
  if (isPoscar(lines)) return "crystal";
  if (/^\s*\d+(\s+\d+)?\s*$/.test(lines[0] ?? "") && /^\s*\d+\s+\d+\s*$/.test(lines[1] ?? "")) return "constants";
  return "data";
}

/** A title, one number, then three lines of three numbers. @param {string[]} lines */
function isPoscar(lines) {
  const numbers = (/** @type {string | undefined} */ line) =>
    (line ?? "").trim().split(/\s+/).slice(0, 3).filter((word) => word !== "" && Number.isFinite(Number(word))).length;
  return /^\s*-?[\d.]+([eE][-+]?\d+)?\s*$/.test(lines[1] ?? "") && [2, 3, 4].every((i) => numbers(lines[i]) === 3);
}

/** @param {Iterable<File>} list @returns {Promise<UserFile[]>} */
export function readFiles(list) {
  return Promise.all(
    [...list].map(async (file) => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      return { name: file.name, bytes, kind: recognise(bytes) };
    }),
  );
}

/** Parses a job and looks whether it can be one. @param {UserFile} file @returns {import("../protocol.js").Job} */
export function parseJob(file) {
  let job;
  try {
    job = JSON.parse(new TextDecoder().decode(file.bytes));
  } catch (error) {
    throw new Error(`${file.name}: not valid JSON (${error instanceof Error ? error.message : error}), expected a job file`);
  }
  const isObject = (/** @type {unknown} */ v) => typeof v === "object" && v !== null && !Array.isArray(v);
  for (const part of ["crystal", "force_constants", "model"]) {
    if (!isObject(job?.[part])) throw new Error(`${file.name}: “${part}” is missing, expected a job file as this page saves it`);
  }
  if (!Array.isArray(job.data) || job.data.length === 0 || !job.data.every((/** @type {any} */ d) => typeof d?.file === "string" || isObject(d?.synthetic))) {
    throw new Error(`${file.name}: “data” names no file, expected a list such as [{"file": "data.csv"}]`);
  }
  return job;
}

/** Names of all files that a job needs. @param {import("../protocol.js").Job} job */
export function filesOf(job) {
  const names = new Set(job.data.flatMap((d) => d.file ?? []));
  if (job.crystal.file) names.add(job.crystal.file);
  for (const set of Object.values(job.force_constants)) {
    const file = /** @type {{file?: unknown} | null | undefined} */ (set)?.file;
    if (typeof file === "string") names.add(file);
  }
  return [...names];
}

/** Hands a file to the person. @param {string} name @param {string} text */
export function download(name, text) {
  const type = name.endsWith(".json") ? "application/json" : "text/plain";
  const url = URL.createObjectURL(new Blob([text], { type }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * Files by drop anywhere on the page, or by the button.
 * @param {{picker: HTMLInputElement, button: HTMLButtonElement, zone: HTMLElement}} parts
 * @param {(files: Iterable<File>) => void} take
 */
export function acceptFiles({ picker, button, zone }, take) {
  button.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    const files = [...(picker.files ?? [])];
    picker.value = "";
    if (files.length > 0) take(files);
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
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(-depth);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) take(files);
  });
}
