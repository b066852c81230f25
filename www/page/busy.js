/** Says that something is being calculated, what, and how long it has been. */

import { ID, any } from "./dom.js";

/** From here on the seconds are told, ms. */
const LONG = 3000;
/** From one time to the next, ms. */
const AGAIN = 2000;

/** Tells now and then how long something has taken. */
export class Waiting {
  #tell;
  #first;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #since = 0;

  /** @param {(seconds: number) => void} tell Called with 0 until it has taken long. @param {number} first Before this nobody has to be told, ms. */
  constructor(tell, first) {
    this.#tell = tell;
    this.#first = first;
  }

  begin() {
    this.end();
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.again(), this.#first);
  }

  /** Tells it at once, as there is more to say. */
  again() {
    this.end();
    const passed = performance.now() - this.#since;
    this.#tell(passed >= LONG ? Math.round(passed / 1000) : 0);
    this.#timer = setTimeout(() => this.again(), passed < LONG ? LONG - passed : AGAIN);
  }

  end() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** A job is being opened. */
export class Busy {
  #waiting;
  #what = "";
  #doing = "";
  /** What is being read before anything is calculated. */
  #reading = "";

  /** @param {(sentence: string) => void} say */
  constructor(say) {
    this.#waiting = new Waiting((seconds) => {
      if (this.#reading) return say(`${this.#reading} Stop ends it.`);
      const what = [this.#what, this.#doing].filter(Boolean).join(": ");
      const long = seconds > 0 ? ` It has taken ${seconds} s; Stop ends it.` : "";
      say(`Calculating${what ? ` ${what}` : ""} …${long}`);
    }, 250);
  }

  /** @param {string} what Such as “with Cutoff 5.8”; empty if there is nothing to name. */
  begin(what) {
    this.#what = what;
    this.#doing = "";
    this.#reading = "";
    any(ID.maps).setAttribute("aria-busy", "true");
    this.#waiting.begin();
  }

  /** What it has come to. @param {string} words Such as “89 constants at 1408 points”. */
  doing(words) {
    this.#doing = words;
  }

  /** Says what is being read; nothing once that is over. @param {string} words */
  reading(words) {
    const isOver = words === "" && this.#reading !== "";
    this.#reading = words;
    if (words || isOver) this.#waiting.again();
  }

  /** Says it again, as there is more to say. */
  again() {
    this.#waiting.again();
  }

  end() {
    this.#waiting.end();
    any(ID.maps).removeAttribute("aria-busy");
  }
}
