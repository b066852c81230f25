/** What outlives the page: own data and settings, and the question before unsaved results are left. */

import { ID, any } from "./dom.js";
import { Keep } from "../files/keep.js";
import { isEmbedded } from "./embedding.js";
import { isSettings, settingsIn } from "./address.js";

/** @typedef {import("../files/keep.js").Kept} Kept */

/** Changes within this time are kept together, ms. */
const PAUSE = 60;

export class Remember {
  #keep = new Keep();
  #shelf;
  #complain;
  /** Files that are not to be kept: a person had them forgotten. @type {Set<string>} */
  #forgotten = new Set();
  /** @type {Omit<Kept, "files"> | null} */
  #state = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Whether the browser keeps nothing for us, and whether that was said. */
  #blocked = false;
  #said = false;
  #unsaved = false;
  /** @type {Promise<(Kept & {current: boolean}) | null> | null} */
  #kept = null;

  /** @param {import("../files/shelf.js").Shelf} shelf @param {(sentence: string) => void} complain */
  constructor(shelf, complain) {
    this.#shelf = shelf;
    this.#complain = complain;
    window.addEventListener("beforeunload", (event) => {
      if (this.#unsaved && !isEmbedded) event.preventDefault();
    });
    window.addEventListener("pagehide", () => this.#save());
  }

  /** What is said of a state that was brought back. */
  sentence = "This is how you left it.";

  /**
   * What was kept; the files are on the shelf again. `current`: whether it is what the address means.
   * Asked again, it is the same.
   * @returns {Promise<(Kept & {current: boolean}) | null>}
   */
  load() {
    return (this.#kept ??= this.#load());
  }

  /** @returns {Promise<(Kept & {current: boolean}) | null>} */
  async #load() {
    if (isEmbedded) return null;
    try {
      const kept = await this.#keep.load();
      if (!kept) return null;
      this.#shelf.restore(kept.files);
      const [navigation] = performance.getEntriesByType("navigation");
      const again = /** @type {PerformanceNavigationTiming | undefined} */ (navigation)?.type === "reload";
      this.#tell();
      this.#state = kept;
      const own = kept.source === null || again;
      // A place in the page says nothing of what is open.
      const meant = kept.hash === settingsIn(location.href) || !isSettings(location.hash);
      return { ...kept, current: kept.job !== null && meant && own };
    } catch {
      this.#blocked = true;
      return null;
    }
  }

  /** Keeps a state. @param {Omit<Kept, "files">} state */
  note(state) {
    this.#state = state;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), PAUSE);
  }

  /** Keeps files that were given, whatever becomes of them. @param {string[]} names */
  files(names) {
    for (const name of names) this.#forgotten.delete(name);
    this.#state ??= { job: null, ownJob: null, source: null, hash: "", values: {} };
    this.#save();
  }

  async #save() {
    clearTimeout(this.#timer);
    if (isEmbedded) return false;
    if (this.#blocked) {
      this.#warn();
      return false;
    }
    const state = this.#state;
    if (!state) return false;
    const forgotten = (/** @type {{file?: string | null}[]} */ list) =>
      list.some(({ file }) => file && this.#forgotten.has(file));
    const { job } = state;
    if (job && (forgotten(job.data) || forgotten([job.crystal]))) return false;
    const files = this.#shelf.own.filter(({ name }) => !this.#forgotten.has(name));
    try {
      await this.#keep.save({ ...state, files });
      this.#tell();
      return true;
    } catch {
      this.#blocked = true;
      this.#warn();
      return false;
    }
  }

  /** Makes ready for a reload; says what stands against it. */
  async leave() {
    if (!(await this.#save()) && this.#unsaved)
      return "This browser would not bring your fit back: save the result first.";
    this.#unsaved = false;
    return "";
  }

  #warn() {
    if (this.#said || this.#shelf.own.length === 0) return;
    this.#said = true;
    this.#tell();
    this.#complain(
      "This browser does not keep your files for the next time (no room, or not allowed): save what you need before you close the page.",
    );
  }

  /** Says that files are kept, where they are. */
  #tell() {
    const kept = this.#shelf.own.some(({ name }) => !this.#forgotten.has(name));
    any(ID.kept).hidden = this.#blocked || !kept;
  }

  /** @returns {Promise<string>} */
  async forget() {
    for (const { name } of this.#shelf.own) this.#forgotten.add(name);
    this.#state = null;
    clearTimeout(this.#timer);
    await this.#keep.forget();
    this.#tell();
    return "Forgotten: this browser keeps nothing of yours any more. What is open stays open until you leave.";
  }

  /** Another job was opened, with nothing found yet. */
  opened() {
    this.#unsaved = false;
  }

  /** The fit of a person's own data has come to something. @param {boolean} found */
  results(found) {
    this.#unsaved = found;
  }

  saved() {
    this.#unsaved = false;
  }
}
