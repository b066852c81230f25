/** From volumes that a person gave to entries of a job: finds out which files belong together, and asks about each. */

import { partWhenAsked } from "../engine/later.js";
import { readFiles } from "../files/files.js";
import { sentence } from "../page/messages.js";
import { inPageWords } from "../page/words.js";
import { openLinked } from "./links.js";
import { VolumeReader } from "./reader.js";

/** @typedef {import("../files/files.js").UserFile} UserFile */
/** @typedef {import("./protocol.js").Entry} Entry */
/** @typedef {import("./protocol.js").Found} Found */
/** @typedef {import("./protocol.js").Part} Part */
/**
 * What the volumes came to. `words`: what a person should know; `temperature`: K, to be that of the model.
 * @typedef {{entries: Entry[], words: string[], temperature: number | null}} Measured
 */
/** @typedef {{name: string, parts: Part[], found: Found}} Group  Files that belong together, by the name of the first. */

/** What the readers say of an array of truth values. */
const IS_MASK = /truth values: a mask/;

const measurementDialog = partWhenAsked("The part of the page that opens volumes", async (query) => {
  /** @type {typeof import("./dialog.js")} */
  const { MeasurementDialog } = await import(`./dialog.js${query}`);
  return new MeasurementDialog();
});

/** Each is asked about by itself. */
const MOST_AT_ONCE = 6;

export class Measuring {
  #shelf;
  #store;
  /** Takes more files while the dialog is open. @type {((files: File[]) => void) | null} */
  #more = null;
  /** One drop after the other. @type {Promise<unknown>} */
  #queue = Promise.resolve();

  /** @param {import("../files/shelf.js").Shelf} shelf @param {import("../page/store.js").Store} store */
  constructor(shelf, store) {
    this.#shelf = shelf;
    this.#store = store;
  }

  /** Hands files to the dialog, if it is open. @param {File[]} files */
  takes(files) {
    this.#more?.(files);
    return this.#more !== null;
  }

  /**
   * Asks what is to be taken of volumes that lie on the shelf. Null where a person would have none of it;
   * what cannot be used is an error, or among the words where something else can.
   * @param {UserFile[]} volumes @returns {Promise<Measured | null>}
   */
  measure(volumes) {
    const measured = this.#queue.then(async () => {
      const reader = new VolumeReader();
      try {
        return await this.#measure(reader, volumes);
      } finally {
        this.#more = null;
        reader.end();
      }
    });
    this.#queue = measured.catch(() => {});
    return measured;
  }

  /** @param {VolumeReader} reader @param {UserFile[]} volumes @returns {Promise<Measured | null>} */
  async #measure(reader, volumes) {
    const { groups, words, masks } = await this.#grouped(reader, volumes);
    if (groups.length === 0) throw new Error(words.join(" "));
    if (groups.length > MOST_AT_ONCE) {
      throw new Error(
        `${groups[0]?.name}: one of ${groups.length} volumes that do not belong together, expected at most ${MOST_AT_ONCE} at once`,
      );
    }
    /** @type {Measured} */
    const measured = { entries: [], words, temperature: null };
    for (const group of groups) {
      if (group.found.summary?.kind === "points") {
        measured.entries.push({ file: group.name });
        continue;
      }
      const taken = await this.#ask(reader, group, masks);
      if (!taken) return null;
      measured.entries.push(taken.entry);
      measured.temperature ??= taken.temperature;
    }
    return measured;
  }

  /** @param {VolumeReader} reader @param {Group} group @param {Part[]} masks Mask files that came with it. */
  async #ask(reader, { name, parts }, masks) {
    const dialog = await measurementDialog();
    // Another one was opened meanwhile.
    const found = await reader.open(parts);
    const { settings } = this.#store;
    this.#more = (files) => dialog.add(files);
    return dialog.ask({
      reader,
      found,
      name,
      log: settings.scale === "log",
      colours: String(settings.colours ?? "inferno"),
      temperature: typeof settings.temperature === "number" ? settings.temperature : null,
      masks,
      mask: (files) => this.#put(files, "an array of voxels as its measurement has them"),
      add: async (files) => {
        await this.#put(files, "the file that is needed");
        const [main = { name, file: new Blob() }] = parts;
        return (await openLinked(reader, main, (wanted) => this.#shelf.linked(wanted))).found;
      },
    });
  }

  /** Puts volumes on the shelf. @param {File[]} files @param {string} expected @returns {Promise<Part[]>} */
  async #put(files, expected) {
    const more = (await readFiles(files)).filter(({ kind }) => kind === "volume");
    if (more.length === 0) throw new Error(`${files[0]?.name ?? "It"}: this is no volume, expected ${expected}`);
    return this.#shelf.put(more).flatMap(({ name, voxels }) => (voxels ? [{ name, file: voxels.file }] : []));
  }

  /** Files by measurement: one that a link leads to belongs to the file with the link. @param {VolumeReader} reader @param {UserFile[]} volumes */
  async #grouped(reader, volumes) {
    /** @type {Group[]} */
    const all = [];
    /** @type {{words: string, mask: Part | null}[]} */
    const refused = [];
    for (const { name, voxels } of volumes) {
      if (!voxels) continue;
      try {
        const opened = await openLinked(reader, { name, file: voxels.file }, (wanted) => this.#shelf.linked(wanted));
        all.push({ name, ...opened });
      } catch (error) {
        const words = sentence(inPageWords(error instanceof Error ? error.message : String(error)));
        refused.push({ words, mask: IS_MASK.test(words) ? { name, file: voxels.file } : null });
      }
    }
    const linked = new Set(all.flatMap(({ parts }) => parts.slice(1).map(({ file }) => file)));
    const groups = all.filter(({ parts: [main] }) => main && !linked.has(main.file));
    // Masks that come with one measurement belong to it.
    const masks = groups.length === 1 ? refused.flatMap(({ mask }) => mask ?? []) : [];
    const words = refused.filter(({ mask }) => !mask || masks.length === 0).map(({ words }) => words);
    return { groups, words, masks };
  }
}
