/**
 * The engine reads no volumes: what a job takes of one is read here and handed over as a file of points. What
 * was read last is kept, so that a changed setting reads nothing again.
 */

import { Refusal } from "../engine/engine.js";
import { count } from "../page/messages.js";
import { openLinked } from "./links.js";
import { selectionOf } from "./protocol.js";
import { VolumeReader } from "./reader.js";
import { MOST_POINTS } from "./selection.js";

/** @typedef {import("./protocol.js").Entry} Entry */
/**
 * @typedef {{name: string, file: Blob, mark: string, masks: {name: string, file: Blob, mark: string}[]}} Volume
 *   `mark` tells contents apart; `masks` are the mask files beside it.
 */

/** Readings that are kept. */
const KEPT = 4;

export class Readings {
  /** By volume and selection, the last used at the end. @type {Map<string, Promise<Uint8Array>>} */
  #done = new Map();
  /** @type {Map<string, VolumeReader>} */
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
    const reader = new VolumeReader();
    this.#busy.set(key, reader);
    const points = this.#convert(reader, volume, entry, find);
    const over = () => {
      reader.end();
      this.#busy.delete(key);
      this.#say("");
    };
    points.then(over, () => {
      over();
      this.#done.delete(key);
    });
    return points;
  }

  /** @param {VolumeReader} reader @param {Volume} volume @param {Entry} entry @param {(name: string) => Blob | undefined} find */
  async #convert(reader, { name, file, masks }, entry, find) {
    const { found } = await openLinked(reader, { name, file }, find);
    this.lacking = found.missing;
    if (found.trouble) throw new Refusal(found.trouble);
    if (masks.length > 0) await reader.masks(masks.map(({ name, file }) => ({ name, file })));
    const summary = await reader.load(selectionOf(entry), (part) =>
      this.#say(`Reading ${name} … ${Math.floor(100 * part)} %.`),
    );
    const used = summary.used ?? 0;
    if (used > MOST_POINTS && !entry.plane) {
      throw new Error(
        `${name}: ${count(used)} measured voxels, expected at most ${count(MOST_POINTS)} in the page; take a smaller region, a larger stride, or “tds fit”`,
      );
    }
    return reader.points((part) => this.#say(`Taking the fingerprint of ${name} … ${Math.floor(100 * part)} %.`));
  }

  /** Ends what is being read, but for what is wanted still. @param {string[]} wanted Keys, as {@link keyOf} makes them. */
  stop(wanted = []) {
    for (const [key, reader] of this.#busy) if (!wanted.includes(key)) reader.end();
  }
}

/** Tells readings apart. @param {Volume} volume @param {Entry} entry */
export const keyOf = ({ name, mark, masks }, entry) =>
  `${[mark, ...masks.map(({ mark }) => mark)].join(" ")} ${name} ${JSON.stringify(selectionOf(entry))}`;
