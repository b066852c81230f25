/**
 * The engine reads no volumes: what a job takes of one is read here and handed over as a file of points. What
 * was read last is kept, so that a changed setting reads nothing again.
 */

import { Stopped } from "../engine/engine.js";
import { partWhenAsked } from "../engine/later.js";
import { selectionOf } from "./protocol.js";

/** @typedef {import("./protocol.js").Entry} Entry */
/**
 * @typedef {{name: string, file: Blob, mark: string, masks: {name: string, file: Blob, mark: string}[]}} Volume
 *   `mark` tells contents apart; `masks` are the mask files beside it.
 */

const readingModule = partWhenAsked(
  "The part of the page that reads volumes",
  /** @returns {Promise<typeof import("./reading.js")>} */
  (query) => import(`./reading.js${query}`),
);

/** Readings that are kept. */
const KEPT = 4;

export class Readings {
  /** By volume and selection, the last used at the end. @type {Map<string, Promise<Uint8Array>>} */
  #done = new Map();
  /** @type {Map<string, AbortController>} */
  #busy = new Map();
  /** The file that a link leads to and that was lacking at last. @type {string | null} */
  lacking = null;
  #say;

  /** @param {(words: string) => void} say What is being read; empty once that is over. */
  constructor(say) {
    this.#say = say;
  }

  /**
   * The points that an entry takes of a volume. @param {Volume} volume @param {Entry} entry
   * @param {(name: string) => Blob | undefined} find A file that a link leads to. @returns {Promise<Uint8Array>}
   */
  points(volume, entry, find) {
    const key = keyOf(volume, entry);
    const points = this.#done.get(key) ?? this.#read(key, volume, entry, find);
    this.#done.delete(key);
    this.#done.set(key, points);
    const [oldest] = this.#done.keys();
    if (this.#done.size > KEPT && oldest !== undefined) this.#done.delete(oldest);
    return points;
  }

  /** @param {string} key @param {Volume} volume @param {Entry} entry @param {(name: string) => Blob | undefined} find */
  #read(key, volume, entry, find) {
    const ending = new AbortController();
    this.#busy.set(key, ending);
    const lacks = (/** @type {string | null} */ name) => {
      this.lacking = name;
    };
    const points = readingModule().then(({ read }) =>
      read(volume, entry, { find, lacks, say: this.#say, signal: ending.signal }),
    );
    const over = () => {
      this.#busy.delete(key);
      this.#say("");
    };
    points.then(over, () => {
      over();
      this.#done.delete(key);
    });
    return points;
  }

  /** Ends what is being read, but for what is wanted still. @param {string[]} wanted Keys, as {@link keyOf} makes them. */
  stop(wanted = []) {
    for (const [key, ending] of this.#busy) if (!wanted.includes(key)) ending.abort(new Stopped());
  }
}

/** Tells readings apart. @param {Volume} volume @param {Entry} entry */
export const keyOf = ({ name, mark, masks }, entry) =>
  `${[mark, ...masks.map(({ mark }) => mark)].join(" ")} ${name} ${JSON.stringify(selectionOf(entry))}`;
