/** The course of a fit as a line that can be gone back along: every iteration and every place of the hand, with its maps. */

import { any, button, byId } from "../page/dom.js";
import { reduced } from "../page/numbers.js";

/** @typedef {{values: number[], chi2: number, name: string}} Place  Constants in eV/Å², χ²/n there, and what led there. */

export class Trail {
  #heard;
  /** @type {Place[]} */
  #places = [];
  /** The one that is looked at, while the fit stands at the last. @type {number | null} */
  #at = null;
  #slider = byId("course", HTMLInputElement);

  /**
   * @param {{look: (values: number[]) => void, leave: () => void, take: (values: number[], name: string) => void}} heard  `look`: somebody looks
   *   back there; `leave`: nobody does any more; `take`: the fit goes on from there.
   */
  constructor(heard) {
    this.#heard = heard;
    this.#slider.addEventListener("input", () => this.#turn());
    button("from-here").addEventListener("click", () => {
      const place = this.#at === null ? undefined : this.#places[this.#at];
      if (!place) return;
      this.#at = null;
      heard.leave();
      heard.take(place.values, `from ${place.name}`);
    });
  }

  get first() {
    return this.#places[0] ?? null;
  }

  get last() {
    return this.#places[this.#places.length - 1] ?? null;
  }

  /** Whether somebody looks back. */
  get looking() {
    return this.#at !== null;
  }

  /** Another job. */
  begin() {
    this.#places = [];
    this.#at = null;
    this.#show();
  }

  /** @param {Place} place */
  add(place) {
    this.#places.push(place);
    this.#at = null;
    this.#show();
  }

  /** Something else is under the hand: nobody looks back. */
  end() {
    this.#at = null;
    this.#show();
  }

  #turn() {
    const n = this.#slider.valueAsNumber;
    const end = n >= this.#places.length - 1;
    this.#at = end ? null : n;
    this.#show();
    const place = this.#places[n];
    if (end || !place) this.#heard.leave();
    else this.#heard.look(place.values);
  }

  #show() {
    const last = this.#places.length - 1;
    any("timeline").hidden = last < 1;
    this.#slider.max = String(Math.max(1, last));
    this.#slider.value = String(this.#at ?? last);
    const place = this.#places[this.#at ?? last];
    const words = place ? `${place.name}, χ²/n ${reduced(place.chi2)}` : "";
    any("course-words").textContent = words;
    this.#slider.setAttribute("aria-valuetext", words);
    button("from-here").disabled = this.#at === null;
  }
}
