/** The view “Compare and plan”: how many shells the data bear, and what to measure next. */

import { planBench } from "./plan.js";
import { shellsBench } from "./shells.js";

/** @typedef {import("../registry.js").Parts} Parts */
/** @typedef {import("../registry.js").View} View */

/** @param {Parts} parts */
export const create = (parts) => new CompareView(parts);

/** @implements {View} */
class CompareView {
  #shells;
  #plan;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#shells = shellsBench(parts);
    this.#plan = planBench(parts);
    parts.section.append(this.#shells.element, this.#plan.element);
  }

  async show() {
    await this.refresh();
  }

  /** What was begun goes on: it was asked for, and takes its time. */
  hide() {}

  async refresh() {
    this.#plan.offer();
    await Promise.all([this.#shells.refresh(), this.#plan.refresh()]);
  }

  redraw() {}
}
