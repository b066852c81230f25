/**
 * The state of the page, in one place: the settings, what is open and where its fit is. Whoever shows a
 * part of it subscribes and is told what changed; whoever changes it need not know who shows it. What is
 * wished for and not in force yet lies on the desk.
 */

import { defaults } from "./settings.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("./settings.js").Values} Values */
/** @typedef {{job: Job, source: import("../files/examples.js").Source | undefined, opened: import("../engine/protocol.js").Opened}} Open */
/**
 * @typedef {{
 *   settings: Readonly<Values>, open: Open | null, frame: import("../engine/protocol.js").Frame | null, ownJob: Job | null,
 *   library: import("../engine/protocol.js").LibraryEntry[], offers: import("../files/examples.js").Offer[],
 *   pointed: import("../engine/protocol.js").Vector | null,
 * }} State  `settings`: those of the job as they are in force, those of the views as they were chosen; `frame`:
 *   the last one of the fit of what is open; `ownJob`: the last job with a person's own data; `offers`: what can be
 *   opened beside nickel's examples; `pointed`: hkl of the pixel of a map that was last pressed.
 */
/** Parts of the state, and settings by their keys. @typedef {ReadonlySet<string>} Changed */

export class Store {
  /** @type {State} */
  #state = { settings: defaults(), open: null, frame: null, ownJob: null, library: [], offers: [], pointed: null };
  /** @type {Set<{names: ReadonlySet<string>, told: (changed: Changed) => void}>} */
  #subscribers = new Set();
  /** Changes that are to be told: one made while another is told waits for its turn. @type {Changed[]} */
  #news = [];
  #telling = false;

  /** @returns {Readonly<State>} */
  get state() {
    return this.#state;
  }

  get settings() {
    return this.#state.settings;
  }

  /** Changes parts of the state together, which is told once; settings that are not named stay. @param {Partial<State>} parts */
  change(parts) {
    const changed = new Set();
    const { settings, ...others } = parts;
    for (const [key, value] of Object.entries(settings ?? {}))
      if (value !== this.#state.settings[key]) changed.add(key);
    for (const name of Object.keys(others)) changed.add(name);
    this.#state = { ...this.#state, ...others, settings: { ...this.#state.settings, ...settings } };
    if (changed.size > 0) this.#tell(changed);
  }

  /** Has everyone look at a part or a setting again. @param {string} name */
  touch(name) {
    this.#tell(new Set([name]));
  }

  /**
   * Calls back when one of the named parts or settings has changed, and says all that has. What comes back
   * ends it.
   * @param {Iterable<string>} names @param {(changed: Changed) => void} told
   */
  subscribe(names, told) {
    const subscriber = { names: new Set(names), told };
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
    };
  }

  /** @param {Changed} changed */
  #tell(changed) {
    this.#news.push(changed);
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (let news = this.#news.shift(); news; news = this.#news.shift()) {
        for (const { names, told } of this.#subscribers) if ([...news].some((name) => names.has(name))) told(news);
      }
    } finally {
      this.#telling = false;
      this.#news = [];
    }
  }
}
