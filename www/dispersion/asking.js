/** The page's end of the worker of the dispersion: it has the crystal of the fit, and answers one question after the other. */

import { jobAtPresent } from "../engine/at-present.js";
import { Link } from "../engine/link.js";
import { wholePackage } from "../engine/packages.js";

/** @typedef {import("../engine/protocol.js").ToDispersion} ToDispersion */
/** @typedef {import("../engine/protocol.js").FromDispersion} FromDispersion */
/** @typedef {import("../engine/protocol.js").DispersionQuestion} DispersionQuestion */
/** @typedef {import("../engine/protocol.js").Zone} Zone */
/** @typedef {import("../views/registry.js").Present} Present */

const WORKER = new URL("./worker.js", import.meta.url);

export class Asking {
  /** @type {Link<ToDispersion, FromDispersion>} */
  #link;
  #present;
  #run = 0;
  #tickets = 0;
  /** What was opened last, as text: the crystal, and all of it. */
  #opened = { crystal: "", whole: "" };
  /** The zone of what is open. @type {Promise<Zone>} */
  #zone = Promise.reject(new Error("nothing is open"));
  /** The density of states that was asked for last, and of what. @type {{of: string, density: Promise<import("../engine/protocol.js").Density>}} */
  #counted = { of: "", density: Promise.reject(new Error("nothing is open")) };
  /** @type {(zone: Zone) => void} */
  #found = () => {};
  /** @type {(error: Error) => void} */
  #refused = () => {};
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();

  /** @param {() => Promise<Present | null>} present */
  constructor(present) {
    this.#present = present;
    for (const none of [this.#zone, this.#counted.density]) none.catch(() => {});
    this.#link = new Link(
      wholePackage(),
      WORKER,
      (message) => this.#receive(message),
      ({ message }) => this.#lost(message),
    );
  }

  /** The zone of the crystal that is open. @returns {Promise<Zone>} */
  async zone() {
    await this.#open(false);
    return this.#zone;
  }

  /** @param {string} text @returns {Promise<import("../engine/protocol.js").Path>} */
  path(text) {
    return this.#ask({ path: text }, false);
  }

  /** At the constants as they are now. @param {number} intervals @returns {Promise<import("../engine/protocol.js").Density>} */
  async density(intervals) {
    await this.#open(true);
    const of = `${intervals} ${this.#opened.whole}`;
    // Not twice for the same constants.
    if (of !== this.#counted.of) this.#counted = { of, density: this.#ask({ density: intervals }, true) };
    return this.#counted.density;
  }

  /** @param {string} name @param {Uint8Array} bytes @param {string} path @returns {Promise<import("../engine/protocol.js").Published>} */
  published(name, bytes, path) {
    return this.#ask({ published: { name, bytes, path } }, false);
  }

  /** @param {DispersionQuestion} what @param {boolean} constants Whether those matter. @returns {Promise<any>} */
  async #ask(what, constants) {
    await this.#open(constants);
    await this.#zone;
    const ticket = ++this.#tickets;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ticket, { resolve, reject });
      this.#link.send({ type: "ask", run: this.#run, ticket, what });
    });
  }

  /** Opens the crystal of the fit, unless it is open. @param {boolean} constants Whether those matter. */
  async #open(constants) {
    const present = await this.#present();
    if (!present) throw new Error("Nothing is open yet");
    const job = jobAtPresent(present);
    const [crystal, whole] = [JSON.stringify(job.crystal), JSON.stringify(job)];
    if (constants ? whole === this.#opened.whole : crystal === this.#opened.crystal) return;
    this.#opened = { crystal, whole };
    this.#settle(new Error("Another crystal was opened meanwhile"));
    this.#run += 1;
    this.#zone = new Promise((resolve, reject) => {
      this.#found = resolve;
      this.#refused = reject;
    });
    this.#zone.catch(() => {});
    this.#link.send({ type: "open", run: this.#run, job, files: present.files });
  }

  /** @param {Exclude<FromDispersion, import("../engine/protocol.js").Crashed>} message */
  #receive(message) {
    if (message.run !== this.#run) return;
    switch (message.type) {
      case "zone":
        this.#found(message.zone);
        break;
      case "answer":
        this.#waiting.get(message.ticket)?.resolve(message.value);
        this.#waiting.delete(message.ticket);
        break;
      case "unanswered":
        this.#waiting.get(message.ticket)?.reject(new Error(message.trouble.message));
        this.#waiting.delete(message.ticket);
        break;
      case "refused":
      case "failed":
        this.#lost(message.trouble.message);
        break;
    }
  }

  /** Nothing is open any more. @param {string} message */
  #lost(message) {
    this.#opened = { crystal: "", whole: "" };
    this.#counted.of = "";
    this.#refused(new Error(message));
    this.#settle(new Error(message));
  }

  /** @param {Error} error */
  #settle(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
