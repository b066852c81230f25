/** The files at hand: those that a person gave and the examples, fetched when first needed. */

import { exampleOfFile, fetchExample } from "./examples.js";
import { filesOf } from "./files.js";
import { missingFilesSentence } from "../page/messages.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("./files.js").UserFile} UserFile */

/** A job names files that are not here. */
export class Missing extends Error {
  /** @param {string[]} names */
  constructor(names) {
    super(missingFilesSentence(names));
    this.names = names;
  }
}

export class Shelf {
  /** @type {Map<string, Uint8Array>} */
  #own = new Map();
  /** @type {Map<string, Uint8Array>} */
  #shipped = new Map();

  /**
   * Keeps what a person gave. Another file of a known name is kept beside it, as “name (2)”; the list
   * comes back with the names that the files now have.
   * @param {UserFile[]} files @returns {UserFile[]}
   */
  put(files) {
    return files.map((file) => {
      if (file.kind === "job" || file.kind === "unknown") return file;
      const name = this.#nameFor(file);
      this.#own.set(name, file.bytes);
      return { ...file, name, was: file.name };
    });
  }

  /** @param {UserFile} file */
  #nameFor({ name, bytes }) {
    const dot = name.lastIndexOf(".");
    const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? name : `${stem} (${n})${ending}`;
      const known = this.#own.get(candidate);
      if (!known || isSame(known, bytes)) return candidate;
    }
  }

  /** Takes away what turned out to be of no use. @param {string} name */
  drop(name) {
    this.#own.delete(name);
  }

  /** What a person gave. */
  get own() {
    return [...this.#own].map(([name, bytes]) => ({ name, bytes }));
  }

  /** @param {{name: string, bytes: Uint8Array}[]} files */
  restore(files) {
    for (const { name, bytes } of files) if (!this.#own.has(name)) this.#own.set(name, bytes);
  }

  /** Contents of every file that the job names. @param {Job} job @returns {Promise<Record<string, Uint8Array>>} */
  async gather(job) {
    /** @type {Record<string, Uint8Array>} */
    const found = {};
    const missing = [];
    for (const name of filesOf(job)) {
      const bytes = this.#own.get(name) ?? (await this.#example(name));
      if (bytes) found[name] = bytes;
      else missing.push(name);
    }
    if (missing.length > 0) throw new Missing(missing);
    return found;
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
    return this.#own.has(name);
  }
}

/** @param {Uint8Array} a @param {Uint8Array} b */
const isSame = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
