/** What a person gives: files are read, told apart, kept on the shelf and turned into a job. */

import { partWhenAsked } from "../engine/later.js";
import { exampleJob, exampleOfFile, FIRST } from "./examples.js";
import { filesOf, readFiles } from "./files.js";
import { completes, findFiles, intake, jobAmong } from "./intake.js";
import { MOST_KEPT } from "./shelf.js";
import { sentence } from "../page/messages.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("./files.js").UserFile} UserFile */

const measuringModule = partWhenAsked(
  "The part of the page that opens volumes",
  /** @returns {Promise<typeof import("../volume/measuring.js")>} */
  (query) => import(`../volume/measuring.js${query}`),
);

/** What is too large to be kept. @param {UserFile[]} volumes */
const notKept = (volumes) =>
  volumes
    .filter(({ voxels }) => voxels && voxels.file.size > MOST_KEPT)
    .map(
      ({ name }) =>
        `${name} is larger than ${MOST_KEPT / 1e6} MB and is not kept for the next time: drop it again then.`,
    );

export class Gifts {
  #shelf;
  #desk;
  #remember;
  #engine;
  #store;
  /** Loaded with the first volume. @type {import("../volume/measuring.js").Measuring | null} */
  #measuring = null;
  /** Files are read in the order in which they were given. @type {Promise<unknown>} */
  #reading = Promise.resolve();
  /** A job that lacks files, until they are given. @type {Job | null} */
  #waiting = null;
  /** What a link says of the files of that job, and what is to be done once it is open: `others` hold something else than the link says. @type {{job: Job, prints: import("../links/link.js").Prints, opened: (others: string[]) => void} | null} */
  #linked = null;

  /**
   * @param {import("./shelf.js").Shelf} shelf @param {import("../page/desk.js").Desk} desk
   * @param {import("../page/remember.js").Remember} remember @param {import("../page/store.js").Store} store
   * @param {Promise<unknown>} engine Fulfilled once it can be asked.
   */
  constructor(shelf, desk, remember, store, engine) {
    this.#shelf = shelf;
    this.#desk = desk;
    this.#remember = remember;
    this.#engine = engine;
    this.#store = store;
  }

  /**
   * Opens what was given, and says whether anything was taken. What cannot be used is named, and does not take the rest down.
   * @param {Promise<File[]>} files @param {(words: string) => Promise<string[]>} settle Calculates; what was refused comes back.
   */
  async take(files, settle) {
    const reading = this.#reading.then(async () => {
      // The browser takes the list of files away unless it is asked for at once.
      const list = await files;
      await this.#engine;
      return this.#measuring?.takes(list) ? null : readFiles(list);
    });
    this.#reading = reading.catch(() => {});
    const given = await reading;
    if (!given) return false;
    if (given.length === 0) throw new Error("There was no file in it.");
    // What was kept from the last time has its names already.
    await this.#remember.load();
    const words = given.filter((f) => f.kind === "unknown").map((f) => `${f.name} was not understood: ${f.problem}.`);
    words.push(...given.filter((f) => f.kind !== "unknown").flatMap((f) => f.said ?? []));
    const before = new Set(this.#shelf.names);
    let known = this.#shelf.put(given.filter((f) => f.kind !== "unknown"));
    this.#remember.files(known.map(({ name }) => name));
    words.push(
      ...known
        .filter((f) => f.was && f.was !== f.name)
        .map((f) => `Another ${f.was} is here already, so this one is “${f.name}”.`),
    );
    /** @type {string[]} */
    let refused = [];
    /** @type {import("../volume/measuring.js").Measured | null} */
    let measured = null;
    for (;;) {
      if (known.length === 0) throw new Error(words.join(" "));
      const job = this.#jobFrom(known, words);
      known = known.filter((f) => f.kind !== "job");
      if (!job && known.length === 0) throw new Error(words.join(" "));
      const volumes = known.filter((f) => f.kind === "volume");
      if (!job && !measured && volumes.length > 0) {
        try {
          measured = await this.#measure(volumes, before);
        } catch (error) {
          words.push(sentence(error instanceof Error ? error.message : String(error)));
          known = known.filter((f) => f.kind !== "volume");
          continue;
        }
        if (!measured) return false;
        words.push(...measured.words);
      }
      words.push(...notKept(volumes));
      if (job) this.#desk.replace(job, undefined);
      else this.#desk.amend(intake(known, this.#desk.base?.job ?? exampleJob(FIRST), measured));
      this.#waiting = job && filesOf(job).some((name) => !this.#shelf.isOwn(name) && !exampleOfFile(name)) ? job : null;
      const linked = job && this.#linked?.job === job ? this.#linked : null;
      refused = await settle(words.join(" "));
      if (linked && !this.#waiting && refused.length === 0) {
        this.#linked = null;
        linked.opened(this.differing(linked.prints));
      }
      if (job && this.#shelf.lacking) this.#waiting = job;
      const bad = known.find(({ name }) => refused.some((complaint) => complaint.startsWith(`${name}:`)));
      if (!bad) return true;
      this.#shelf.drop(bad.name);
      const left = known.filter((f) => f !== bad);
      // Without it the rest may be of use; alone it has been complained about already.
      if (job || !left.some((f) => f.kind === bad.kind)) return true;
      words.push(
        ...refused
          .filter((complaint) => complaint.startsWith(`${bad.name}:`))
          .map((c) => c.replace(/ The previous state is still here\.$/, "")),
        `${bad.name} was left out.`,
      );
      if (measured) measured.entries = measured.entries.filter(({ file }) => file !== bad.name);
      known = left;
    }
  }

  /**
   * A job that was open and whose files were not all kept is opened once they are given again; says which are lacking.
   * @param {Job} job @param {{prints: import("../links/link.js").Prints, opened: (others: string[]) => void}} [link] Where a link asks for it.
   */
  expect(job, link) {
    const lacking = [...new Set(filesOf(job))].filter((name) => !this.#shelf.isOwn(name) && !exampleOfFile(name));
    if (lacking.length > 0) this.#waiting = job;
    this.#linked = link && lacking.length > 0 ? { job, ...link } : null;
    return lacking;
  }

  /** Own files that hold something else than a link says. @param {import("../links/link.js").Prints} prints */
  differing(prints) {
    return Object.entries(prints).flatMap(([name, print]) => {
      const here = this.#shelf.printOf(name);
      return here !== null && here !== print ? [name] : [];
    });
  }

  /**
   * Asks what of volumes is to be taken; they leave no trace where it is nothing.
   * @param {UserFile[]} volumes @param {Set<string>} before Names that were known already.
   */
  async #measure(volumes, before) {
    const forget = () => {
      for (const { name } of volumes) if (!before.has(name)) this.#shelf.drop(name);
      this.#remember.files([]);
    };
    try {
      const { Measuring } = await measuringModule();
      this.#measuring ??= new Measuring(this.#shelf, this.#store);
      const measured = await this.#measuring.measure(volumes);
      if (!measured) forget();
      return measured;
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** @param {UserFile[]} known @param {string[]} words Complaints about a job that cannot be read are added. */
  #jobFrom(known, words) {
    try {
      const job = jobAmong(known);
      if (job) return job;
    } catch (error) {
      words.push(sentence(error instanceof Error ? error.message : String(error)));
    }
    const waiting = this.#waiting;
    if (!waiting || !completes(waiting, known, this.#shelf.lacking)) return null;
    findFiles(waiting, known);
    return waiting;
  }
}
