/** Says that something is being calculated, and how long it has been. */

import { ID, any } from "./dom.js";

/** Before this nobody has to be told, ms. */
const AT_ONCE = 250;
/** From here on the seconds are told, ms. */
const LONG = 3000;

export class Busy {
  #say;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #since = 0;
  #what = "";
  /** What is being read before anything is calculated. */
  #reading = "";

  /** @param {(sentence: string) => void} say */
  constructor(say) {
    this.#say = say;
  }

  /** @param {string} what Such as “with Cutoff 5.8”; empty if there is nothing to name. */
  begin(what) {
    clearTimeout(this.#timer);
    this.#what = what;
    this.#reading = "";
    this.#since = performance.now();
    any(ID.maps).setAttribute("aria-busy", "true");
    this.#timer = setTimeout(() => this.#tell(), AT_ONCE);
  }

  #tell() {
    const passed = performance.now() - this.#since;
    if (this.#reading) return this.#say(`${this.#reading} Stop ends it.`);
    const what = this.#what ? ` ${this.#what}` : "";
    const long = passed >= LONG ? ` It has taken ${Math.round(passed / 1000)} s; Stop ends it.` : "";
    this.#say(`Calculating${what} …${long}`);
    this.#timer = setTimeout(() => this.#tell(), passed < LONG ? LONG - passed : 2000);
  }

  /** Says what is being read; nothing once that is over. @param {string} words */
  reading(words) {
    clearTimeout(this.#timer);
    this.#reading = words;
    if (performance.now() - this.#since < AT_ONCE) this.#timer = setTimeout(() => this.#tell(), AT_ONCE);
    else this.#tell();
  }

  /** Says it again, as there is more to say. */
  again() {
    clearTimeout(this.#timer);
    this.#tell();
  }

  end() {
    clearTimeout(this.#timer);
    any(ID.maps).removeAttribute("aria-busy");
  }
}
