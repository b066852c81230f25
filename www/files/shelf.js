/** The files at hand: those that a person gave and the examples, fetched when first needed. */

import { exampleOfFile, fetchExample } from "./examples.js";
import { baseName, filesOf } from "./files.js";
import { digest } from "./keep.js";
import { missingFilesSentence } from "../page/messages.js";
import { maskFilesOf } from "../volume/protocol.js";
import { keyOf } from "../volume/readings.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("./files.js").Voxels} Voxels */
/** @typedef {import("./keep.js").KeptFile} KeptFile */
/** @typedef {import("./files.js").UserFile} UserFile */

/** A job names files that are not here. */
export class Missing extends Error {
  /** @param {string[]} names */
  constructor(names) {
    super(missingFilesSentence(names));
    this.names = names;
  }
}

/** Larger volumes are not kept for the next time. */
export const MOST_KEPT = 200e6;

export class Shelf {
  /** @type {Map<string, Uint8Array>} */
  #own = new Map();
  /** Volumes that a person gave; `was` is the name that links know. @type {Map<string, Voxels & {was: string}>} */
  #volumes = new Map();
  /** @type {Map<string, Uint8Array>} */
  #shipped = new Map();
  #readings;

  /** @param {import("../volume/readings.js").Readings} readings */
  constructor(readings) {
    this.#readings = readings;
  }

  /**
   * Keeps what a person gave. Another file of a known name is kept beside it, as “name (2)”; the list
   * comes back with the names that the files now have.
   * @param {UserFile[]} files @returns {UserFile[]}
   */
  put(files) {
    return files.map((file) => {
      if (file.kind === "job" || file.kind === "unknown") return file;
      const name = this.#nameFor(file);
      if (file.voxels) this.#volumes.set(name, { ...file.voxels, was: file.name });
      else this.#own.set(name, file.bytes);
      return { ...file, name, was: file.name };
    });
  }

  /** @param {UserFile} file */
  #nameFor({ name, bytes, voxels }) {
    const dot = name.lastIndexOf(".");
    const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? name : `${stem} (${n})${ending}`;
      const [known, volume] = [this.#own.get(candidate), this.#volumes.get(candidate)];
      if (known ? !voxels && isSame(known, bytes) : !volume || volume.mark === voxels?.mark) return candidate;
    }
  }

  /** Takes away what turned out to be of no use. @param {string} name */
  drop(name) {
    this.#own.delete(name);
    this.#volumes.delete(name);
  }

  /** Names of everything that a person gave. */
  get names() {
    return [...this.#own.keys(), ...this.#volumes.keys()];
  }

  /** What a person gave, as far as it is to be kept. @returns {KeptFile[]} */
  get own() {
    const volumes = [...this.#volumes].filter(([, { file }]) => file.size <= MOST_KEPT);
    return [
      ...[...this.#own].map(([name, bytes]) => ({ name, bytes })),
      ...volumes.map(([name, { file, mark }]) => ({ name, bytes: file, mark })),
    ];
  }

  /** What tells the contents of an own file from others; null where there is none of this name. @param {string} name */
  printOf(name) {
    const volume = this.#volumes.get(name);
    const bytes = volume ? new TextEncoder().encode(volume.mark) : this.#own.get(name);
    return bytes ? digest(bytes) : null;
  }

  /** @param {KeptFile[]} files */
  restore(files) {
    for (const { name, bytes, mark } of files) {
      if (this.isOwn(name)) continue;
      if (bytes instanceof Uint8Array) this.#own.set(name, bytes);
      else this.#volumes.set(name, { file: bytes, mark: mark ?? "", was: name });
    }
  }

  /** The file that a volume's link leads to and that was lacking when it was read last. */
  get lacking() {
    return this.#readings.lacking;
  }

  /** A volume that a link leads to, by the last part of its name. @param {string} name */
  linked(name) {
    const wanted = name.toLowerCase();
    const all = [...this.#volumes.values()];
    return all.reverse().find(({ was }) => baseName(was).toLowerCase() === wanted)?.file;
  }

  /** Contents of every file that the job names. @param {Job} job @returns {Promise<Record<string, Uint8Array>>} */
  async gather(job) {
    /** @type {Record<string, Uint8Array>} */
    const found = {};
    const wanted = this.#wanted(job);
    const lacking = wanted.flatMap(({ entry, volume }) =>
      maskFilesOf(entry).flatMap(({ file }) => (volume.masks.some(({ name }) => name === file) ? [] : [file])),
    );
    if (lacking.length > 0) throw new Missing([...new Set(lacking)]);
    const missing = [];
    this.#readings.stop(wanted.map(({ volume, entry }) => keyOf(volume, entry)));
    // Of one volume several selections may be wanted: the engine finds each in what follows one another.
    const keys = new Set();
    for (const { volume, entry } of wanted) {
      const key = keyOf(volume, entry);
      if (keys.has(key)) continue;
      keys.add(key);
      const points = await this.#readings.points(volume, entry, (name) => this.linked(name));
      found[volume.name] = joined(found[volume.name], points);
    }
    // The engine reads no masks of volumes: the points have what they say.
    const masked = new Set(wanted.map(({ entry }) => entry));
    const data = job.data.map((entry) => (masked.has(entry) ? { ...entry, mask: [] } : entry));
    for (const name of filesOf({ ...job, data }).filter((name) => !(name in found))) {
      const bytes = this.#own.get(name) ?? (await this.#whole(name)) ?? (await this.#example(name));
      if (bytes) found[name] = bytes;
      else missing.push(name);
    }
    if (missing.length > 0) throw new Missing(missing);
    return found;
  }

  /** What a job takes of volumes. @param {Job} job */
  #wanted(job) {
    // Of what was measured without the crystal, the same voxels.
    const all = job.data.flatMap((entry) => {
      const file = entry.measured_background?.file;
      return file === undefined ? [entry] : [entry, { ...entry, file, mask: [] }];
    });
    return all.flatMap((entry) => {
      const voxels = entry.file === undefined ? undefined : this.#volumes.get(entry.file);
      if (!voxels || !entry.file) return [];
      const masks = [...new Set(maskFilesOf(entry).map(({ file }) => file))].flatMap((name) => this.mask(name) ?? []);
      return [{ volume: { name: entry.file, ...voxels, masks }, entry }];
    });
  }

  /** A mask file by its name; of what is no array the readers say so. @param {string} name */
  mask(name) {
    const voxels = this.#volumes.get(name);
    const bytes = this.#own.get(name);
    if (voxels) return { name, file: voxels.file, mark: voxels.mark };
    return bytes && { name, file: new Blob([new Uint8Array(bytes)]), mark: String(bytes.length) };
  }

  /** Ends what is being read of volumes. */
  abandon() {
    this.#readings.stop();
  }

  /** A crystal or constants in a format of volumes. @param {string} name */
  async #whole(name) {
    const volume = this.#volumes.get(name);
    return volume && new Uint8Array(await volume.file.arrayBuffer());
  }

  /** @param {string} name */
  async #example(name) {
    if (!exampleOfFile(name)) return undefined;
    const bytes = this.#shipped.get(name) ?? (await fetchExample(name));
    this.#shipped.set(name, bytes);
    return bytes;
  }

  /** Whether a file of this name is a person's own. @param {string} name */
  isOwn(name) {
    return this.#own.has(name) || this.#volumes.has(name);
  }
}

/** One after the other. @param {Uint8Array | undefined} first @param {Uint8Array} second */
function joined(first, second) {
  if (!first) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** @param {Uint8Array} a @param {Uint8Array} b */
const isSame = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
