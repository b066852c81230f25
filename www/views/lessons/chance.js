/** Numbers by chance that a seed repeats, so that a class sees one lesson and a link opens it again. */

/** Steps of the state: 2³² over the golden ratio (Weyl), stirred as T. Ettinger's mulberry32 does. */
const STEP = 0x6d2b79f5;

export class Chance {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed | 0;
  }

  /** From 0 up to 1, each as likely. */
  even() {
    this.#state = (this.#state + STEP) | 0;
    let x = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Of mean 0 and variance 1 (Box and Muller). */
  normal() {
    return Math.sqrt(-2 * Math.log(1 - this.even())) * Math.cos(2 * Math.PI * this.even());
  }

  /** One of several. @template T @param {T[]} list @returns {T | undefined} */
  of(list) {
    return list[Math.floor(this.even() * list.length)];
  }
}
