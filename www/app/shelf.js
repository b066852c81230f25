/** The files at hand: those that a person gave and the examples, fetched when first needed. */

import { exampleOfFile, fetchExample } from "./examples.js";
import { filesOf } from "./files.js";
import { missingFilesSentence } from "./messages.js";

/** @typedef {import("../protocol.js").Job} Job */

export class Shelf {
  /** @type {Map<string, Uint8Array>} */
  #own = new Map();
  /** @type {Map<string, Uint8Array>} */
  #shipped = new Map();

  /** Keeps what a person gave; returns how to undo it. @param {import("./files.js").UserFile[]} files */
  put(files) {
    const before = new Map(this.#own);
    for (const { name, bytes, kind } of files) if (kind !== "job") this.#own.set(name, bytes);
    return () => { this.#own = before; };
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
    if (missing.length > 0) throw new Error(missingFilesSentence(missing));
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
