/** The part of the dialog that chooses voxels: limits, stride, a plane; how many that makes, and what to do if they are too many. */

import { any, byId, make } from "../page/dom.js";
import { prose } from "../page/numbers.js";
import { many } from "./facts.js";
import { countIn, input, numberIn, refuse, vectorIn } from "./fields.js";
import { LETTERS } from "./axes.js";
import { MOST_POINTS, chosen, extent, middleFor, strideFor, voxels } from "./selection.js";

/** @typedef {import("./selection.js").Choice} Choice */
/** @typedef {import("./selection.js").Grid} Grid */
/** @typedef {import("./protocol.js").Entry} Entry */

/** @type {Choice} */
const EVERYTHING = { limits: [null, null, null], stride: 1, plane: null };

export class Choosing {
  /** @type {Grid | null} */
  #grid = null;
  #changed;

  /** @param {() => void} changed Something else is wanted. */
  constructor(changed) {
    this.#changed = changed;
    const form = byId("volume-choice", HTMLFormElement);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.show());
  }

  /** Begins anew with a volume. @param {Grid} grid */
  begin(grid) {
    this.#grid = grid;
    this.#fill(EVERYTHING);
    for (const [n, letter] of LETTERS.entries()) {
      const [low, high] = extent(grid, n);
      input(`volume-${letter}-from`).placeholder = shown(low);
      input(`volume-${letter}-to`).placeholder = shown(high);
    }
    byId("volume-plane", HTMLSelectElement).value = "";
    this.show();
  }

  /** There is no volume yet. */
  clear() {
    this.#grid = null;
    this.show();
  }

  /** The axes turned out otherwise. @param {Grid} grid */
  replace(grid) {
    const before = JSON.stringify(this.#grid);
    if (JSON.stringify(grid) !== before) this.begin(grid);
  }

  /** What stands in the fields; an error where that cannot be read. @returns {Choice} */
  get choice() {
    const limits = LETTERS.map((letter, n) => {
      const [from, to] = [`volume-${letter}-from`, `volume-${letter}-to`];
      const pair = [numberIn(from, null), numberIn(to, null)];
      const [low, high] = pair;
      if (low === null && high === null) return null;
      const [least, most] = this.#grid ? extent(this.#grid, n) : [0, 0];
      const both = /** @type {[number, number]} */ ([low ?? least, high ?? most]);
      return both[0] <= both[1] ? both : refuse(to, `${letter} ends before it begins`);
    });
    return { limits, stride: countIn("volume-stride"), plane: this.#plane() };
  }

  /** @returns {Choice["plane"]} */
  #plane() {
    const part = byId("volume-plane", HTMLSelectElement).value;
    if (part === "") return null;
    const thickness = numberIn("volume-thickness", null);
    if (thickness !== null && thickness < 0) refuse("volume-thickness", "A thickness is not negative");
    if (part !== "oblique") return { letter: Number(part), value: numberIn("volume-value", 0), thickness };
    const point = vectorIn("volume-point");
    const [first, second] = [vectorIn("volume-first-vector"), vectorIn("volume-second-vector")];
    const normal = [0, 1, 2].map((n) => {
      const [a, b] = [(n + 1) % 3, (n + 2) % 3];
      return (first[a] ?? 0) * (second[b] ?? 0) - (first[b] ?? 0) * (second[a] ?? 0);
    });
    if (Math.hypot(...normal) < 1e-6) refuse("volume-second-vector", "The two vectors have one direction");
    return { oblique: { point, vectors: [first, second], ...(thickness === null ? {} : { thickness }) } };
  }

  /** What a job says of it, or null where fields cannot be read or too much is wanted. @returns {Partial<Entry> | null} */
  get entry() {
    const grid = this.#grid;
    const choice = this.#readable();
    if (!grid || !choice) return null;
    const { count, exact } = voxels(grid, choice);
    return count > MOST_POINTS || (exact && count === 0) ? null : chosen(grid, choice);
  }

  /** The region that is wanted, where fields can be read. @returns {([number, number] | null)[]} */
  get limits() {
    const choice = this.#readable();
    const region = this.#grid && choice ? chosen(this.#grid, choice).region : undefined;
    return LETTERS.map((letter) => region?.[letter] ?? null);
  }

  /** @returns {Choice | null} */
  #readable() {
    try {
      return this.choice;
    } catch {
      return null;
    }
  }

  /** Says how many voxels that makes, and offers fewer where they are too many. */
  show() {
    const part = byId("volume-plane", HTMLSelectElement).value;
    const field = (/** @type {string} */ id, /** @type {boolean} */ isShown) => {
      const found = input(id).closest(".field");
      if (found instanceof HTMLElement) found.hidden = !isShown;
    };
    field("volume-value", part !== "" && part !== "oblique");
    field("volume-thickness", part !== "");
    input("volume-thickness").placeholder = "one layer";
    any("volume-oblique").hidden = part !== "oblique";
    for (const [n, letter] of LETTERS.entries()) field(`volume-${letter}-from`, part !== String(n));
    const grid = this.#grid;
    const choice = this.#readable();
    any("volume-proposals").replaceChildren();
    any("volume-count").textContent = grid && choice ? this.#words(grid, choice) : "";
    this.#changed();
  }

  /** @param {Grid} grid @param {Choice} choice */
  #words(grid, choice) {
    const { count, exact } = voxels(grid, choice);
    const about = exact ? "" : "about ";
    if (exact && count === 0) return "No voxel lies in there.";
    if (count <= MOST_POINTS) return `${about}${many(count)} voxels.`.replace(/^a/, "A");
    const stride = strideFor(grid, choice, MOST_POINTS);
    const fewer = many(voxels(grid, { ...choice, stride }).count);
    this.#propose(`Every ${ordinal(stride)} voxel: ${fewer}`, { ...choice, stride });
    const middle = middleFor(grid, choice, MOST_POINTS);
    const limits = middle.limits.map((pair, n) => `${LETTERS[n]} ${pair ? pair.map(shown).join("…") : "all"}`);
    if (middle !== choice)
      this.#propose(`The middle, ${limits.join(", ")}: ${many(voxels(grid, middle).count)}`, middle);
    return `${about}${many(count)} voxels, expected at most ${many(MOST_POINTS)} for a fit in the page: take fewer.`.replace(
      /^a/,
      "A",
    );
  }

  /** @param {string} words @param {Choice} choice */
  #propose(words, choice) {
    const button = make("button", words, { type: "button" });
    button.addEventListener("click", () => {
      this.#fill(choice);
      this.show();
    });
    any("volume-proposals").append(button);
  }

  /** @param {Choice} choice Its plane stays as it is in the fields. */
  #fill({ limits, stride }) {
    for (const [n, letter] of LETTERS.entries()) {
      const [low, high] = limits[n] ?? [null, null];
      input(`volume-${letter}-from`).value = low === null ? "" : String(low);
      input(`volume-${letter}-to`).value = high === null ? "" : String(high);
    }
    input("volume-stride").value = String(stride);
  }
}

/** @param {number} value */
const shown = (value) => prose(Number(value.toFixed(4)) + 0, 4).replace(/\.?0+$/, "");

/** @param {number} n */
const ordinal = (n) => (n === 2 ? "second" : n === 3 ? "third" : `${n}th`);
