/** Files that a person gives: recognised by what they hold, not by their names. */

import { is_foreign, recognise } from "../../pkg/tds_inversion.js";
import { partWhenAsked } from "../engine/later.js";

/** @typedef {"job" | "phonopy" | "crystal" | "constants" | "born" | "data" | "volume" | "unknown"} FileKind */
/** A file of voxels, which is never held as a whole; `mark` tells contents apart. @typedef {{file: Blob, mark: string}} Voxels */
/**
 * @typedef {{name: string, bytes: Uint8Array, kind: FileKind, voxels?: Voxels, was?: string, problem?: string, foreign?: boolean, said?: string[]}} UserFile
 *   `bytes` of a volume are none; `foreign`: the readers have to translate it; `said`: what they say of it; `was`: its name before it was told apart from another; `problem`: why it is unknown.
 */

/** @param {Uint8Array} bytes @returns {string} */
export function textOf(bytes) {
  const [a, b] = bytes;
  const encoding = a === 0xff && b === 0xfe ? "utf-16le" : a === 0xfe && b === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

/** What cannot be opened, by the engine's word for it. @type {Record<string, string>} */
const OF_NO_USE = {
  archive: "it is packed in a way that is not read: unpack it first",
  binary: "it is no text",
};

/** What to give with Born charges. */
const WITH_BORN =
  "it holds Born charges, which say nothing by themselves; drop with it the crystal and its force constants (phonopy.yaml, or POSCAR and FORCE_CONSTANTS)";

/** @param {Uint8Array} bytes @returns {{kind: FileKind, problem?: string}} */
export function kindOf(bytes) {
  if (bytes.length === 0) return { kind: "unknown", problem: "it is empty" };
  const word = recognise(bytes);
  const problem = OF_NO_USE[word];
  if (problem) return { kind: "unknown", problem };
  if (word === "result") return { kind: "job" };
  if (
    word === "data" &&
    !textOf(bytes.subarray(0, 20_000))
      .split(/\r\n|\r|\n/)
      .some(isRow)
  ) {
    return { kind: "unknown", problem: "it holds no table of h, k, l and intensity, no crystal and no job" };
  }
  return { kind: /** @type {FileKind} */ (word) };
}

/**
 * A line that could be one of a table: at least three numbers, whatever stands between them, or the names of h, k, l. What is
 * wrong with such a table the engine says, with the line. A comma is taken to separate: as a decimal one it leaves more numbers.
 * @param {string} line
 */
const isRow = (line) =>
  /^\W*h\W+k\W+l\b/i.test(line) ||
  (line.match(/(?<![\w.])[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?(?![\w.])/gi) ?? []).length >= 3;

const foreign = partWhenAsked(
  "The part of the page that reads files of other programs",
  /** @returns {Promise<typeof import("../volume/foreign.js")>} */
  (query) => import(`../volume/foreign.js${query}`),
);

/** Reads and recognises files; the engine must be there. @param {Iterable<File>} list @returns {Promise<UserFile[]>} */
export async function readFiles(list) {
  const given = await asTheyAre(list);
  const isForeign = given.some(({ foreign }) => foreign);
  const files = isForeign ? await (await foreign()).translated(given, kindOf, markOf) : given;
  if (files.some(({ kind }) => ["phonopy", "crystal", "constants"].includes(kind))) return files;
  return files.map((file) => (file.kind === "born" ? { ...file, kind: "unknown", problem: WITH_BORN } : file));
}

/** @param {Iterable<File>} list @returns {Promise<UserFile[]>} */
function asTheyAre(list) {
  return Promise.all(
    [...list].map(async (file) => {
      try {
        const head = new Uint8Array(await file.slice(0, LOOKED_AT).arrayBuffer());
        if (recognise(head) === "volume") {
          const voxels = { file, mark: await markOf(file) };
          return { name: file.name, bytes: new Uint8Array(), kind: "volume", voxels };
        }
        const bytes = new Uint8Array(await file.arrayBuffer());
        if (is_foreign(bytes)) return { name: file.name, bytes, kind: "unknown", foreign: true };
        return { name: file.name, bytes, ...kindOf(bytes) };
      } catch {
        // A folder in the clothes of a file, or one that went away meanwhile.
        return { name: file.name, bytes: new Uint8Array(), kind: "unknown", problem: "the browser could not read it" };
      }
    }),
  );
}

/** So many bytes tell a volume. */
const LOOKED_AT = 20_000;

/** Parts of a large file that are looked at to tell it from another, and bytes of each. */
const SAMPLES = 64;
const SAMPLE = 4096;

/** Size of a file and a hash (FNV-1a) over all of it, or over parts where it is large. @param {Blob} file */
export async function markOf(file) {
  const every = file.size <= SAMPLES * SAMPLE ? SAMPLE : Math.floor(file.size / SAMPLES);
  let hash = 0x811c9dc5;
  for (let at = 0; at < file.size; at += every) {
    const bytes = new Uint8Array(await file.slice(at, at + SAMPLE).arrayBuffer());
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return `${file.size} ${(hash >>> 0).toString(16)}`;
}

/** Parses a job, or the job inside a saved result, and looks whether it can be one. @param {UserFile} file @returns {import("../engine/protocol.js").Job} */
export function parseJob(file) {
  let job;
  try {
    job = JSON.parse(textOf(file.bytes));
  } catch (error) {
    throw new Error(
      `${file.name}: not valid JSON (${error instanceof Error ? error.message : error}), expected a job file`,
    );
  }
  const isObject = (/** @type {unknown} */ v) => typeof v === "object" && v !== null && !Array.isArray(v);
  if (isObject(job?.job)) job = job.job;
  for (const part of ["crystal", "force_constants"]) {
    if (!isObject(job?.[part]))
      throw new Error(`${file.name}: “${part}” is missing, expected a job file as this page saves it`);
  }
  job.model ??= {};
  if (!isObject(job.model))
    throw new Error(`${file.name}: “model” is no object, expected a job file as this page saves it`);
  if (
    !Array.isArray(job.data) ||
    job.data.length === 0 ||
    !job.data.every((/** @type {any} */ d) => typeof d?.file === "string" || isObject(d?.synthetic))
  ) {
    throw new Error(`${file.name}: “data” names no file, expected a list such as [{"file": "data.csv"}]`);
  }
  return job;
}

/** What in a job can name a file. @param {import("../engine/protocol.js").Job} job @returns {{file?: unknown}[]} */
function placesOf(job) {
  const sets = [...Object.values(job.force_constants), job.reference];
  const masks = job.data.flatMap(({ mask }) => mask ?? []);
  const backgrounds = job.data.map(({ measured_background }) => measured_background);
  const all = [...job.data, ...masks, ...backgrounds, job.crystal, job.non_analytical, ...sets];
  return all
    .filter((place) => typeof (/** @type {any} */ (place)?.file) === "string" && /** @type {any} */ (place).file !== "")
    .map((place) => /** @type {{file?: unknown}} */ (place));
}

/** A table of frequencies, which a job names without a place of its own. @param {import("../engine/protocol.js").Job} job */
function tableOf({ pseudo_data: known }) {
  return typeof known?.frequencies === "string" ? [{ file: known.frequencies }] : [];
}

/** Names of all files that a job needs. @param {import("../engine/protocol.js").Job} job */
export function filesOf(job) {
  return [...new Set([...placesOf(job), ...tableOf(job)].map(({ file }) => String(file)))];
}

/** Gives the files of a job other names. @param {import("../engine/protocol.js").Job} job @param {(name: string) => string} rename */
export function renameFiles(job, rename) {
  for (const place of placesOf(job)) place.file = rename(String(place.file));
  for (const { file } of tableOf(job)) Object.assign(job.pseudo_data ?? {}, { frequencies: rename(file) });
}

/** The last part of a path, as Windows or others write it. @param {string} path */
export const baseName = (path) => path.split(/[\\/]/).pop() ?? path;
