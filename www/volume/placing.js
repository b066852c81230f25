/** The part of the dialog that gives axes to an array without any: a form for each index, and peaks that are clicked. */

import { any, button, byId } from "../page/dom.js";
import { formsOf, letterOf, pixelAxes, solve, specOf } from "./axes.js";
import { Unreadable, input, numberIn, refuse, vectorIn } from "./fields.js";
import { Peaks } from "./peaks.js";

/** @typedef {import("./protocol.js").Vector} Vector */
/** @typedef {import("./protocol.js").Entry} Entry */
/** @typedef {import("./axes.js").AxisForm} AxisForm */

/** The indices, the slowest first. */
const NAMES = /** @type {const} */ (["pages", "rows", "columns"]);
const UNITS = ["h", "k", "l"];

export class Placing {
  #peaks = new Peaks();
  /** @type {number[]} */
  #shape = [];
  /** Whether the array lacks axes, or its place alone. */
  #lacksAxes = false;
  #changed;

  /** @param {() => void} changed Axes are given, or others. */
  constructor(changed) {
    this.#changed = changed;
    const form = byId("volume-axes", HTMLFormElement);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => this.#given());
    for (const name of NAMES) {
      input(`volume-${name}-step`).addEventListener("change", () => this.#follow(name, "step"));
      for (const end of ["first", "last"])
        input(`volume-${name}-${end}`).addEventListener("change", () => this.#follow(name, "last"));
      button(`volume-${name}-flip`).addEventListener("click", () => this.#flip(name));
    }
    button("volume-transpose").addEventListener("click", () => this.#transpose());
    button("volume-solve").addEventListener("click", () => this.#solve());
  }

  /** @param {import("./protocol.js").Summary} summary @param {boolean} lacksAxes */
  begin({ shape, axes }, lacksAxes) {
    this.#shape = shape;
    this.#lacksAxes = lacksAxes;
    for (const id of ["volume-picture", "volume-peaks", "volume-transpose"]) any(id).hidden = !lacksAxes;
    for (const name of NAMES) any(`volume-${name}`).hidden = !lacksAxes || this.#count(name) === 0;
    this.#peaks.begin(this.#count("pages"));
    input("volume-origin").value = "0 0 0";
    any("volume-axes-hint").textContent = lacksAxes
      ? `The file says nothing of h, k, l: give the coordinates of the first and the last ${shape.length > 2 ? "voxel" : "pixel"} of each index, or click three Bragg peaks.`
      : `The file has axes along ${axes.map(({ name }) => name).join(" and ")}, and nothing says where the plane lies.`;
    for (const [n, name] of NAMES.entries()) {
      byId(`volume-${name}-along`, HTMLSelectElement).value = ["l", "k", "h"][n] ?? "h";
      for (const end of ["first", "last", "step"]) input(`volume-${name}-${end}`).value = "";
    }
    this.#showApplicable();
  }

  /** Voxels along an index; none where there is no such. @param {typeof NAMES[number]} name */
  #count(name) {
    return this.#shape[this.#shape.length - 3 + NAMES.indexOf(name)] ?? 0;
  }

  /** The array as it is. @returns {Partial<Entry>} */
  get pixels() {
    return { axes: pixelAxes(this.#shape), origin: [0, 0, 0] };
  }

  /** Shows the array as it was read. @param {import("./reader.js").VolumeReader} reader @param {number} stride @param {string} scale @param {string} colours */
  show(reader, stride, scale, colours) {
    return this.#peaks.show(reader, this.#shape, stride, scale, colours);
  }

  /** @param {string} scale @param {string} colours */
  colour(scale, colours) {
    this.#peaks.colour(scale, colours);
  }

  /** Fills the forms of rows and columns from the peaks. */
  #solve() {
    try {
      const found = formsOf(solve(this.#peaks.peaks), this.#count("rows"), this.#count("columns"));
      this.#fill("rows", found.rows);
      this.#fill("columns", found.columns);
      let { origin } = found;
      if (this.#count("pages") > 1) {
        // The peaks lie on this page, whose coordinate belongs to the axis of the pages.
        const pages = this.#form("pages");
        const step = (pages.last - pages.first) / Math.max(1, pages.count - 1);
        const at = pages.first + step * this.#peaks.page;
        origin = /** @type {Vector} */ (origin.map((x, n) => x - at * (pages.direction[n] ?? 0)));
      }
      input("volume-origin").value = origin.map((x) => String(Number(x.toPrecision(8)) + 0)).join(" ");
      any("volume-peaks-problem").textContent = "";
      this.#given();
    } catch (error) {
      if (error instanceof Unreadable) return;
      any("volume-peaks-problem").textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** @param {typeof NAMES[number]} name @param {AxisForm} form */
  #fill(name, { direction, first, last, count }) {
    const letter = direction[letterOf(direction)] === 1 ? UNITS[letterOf(direction)] : undefined;
    byId(`volume-${name}-along`, HTMLSelectElement).value = letter ?? "other";
    input(`volume-${name}-direction`).value = direction.join(" ");
    input(`volume-${name}-first`).value = String(first);
    input(`volume-${name}-last`).value = String(last);
    input(`volume-${name}-step`).value = String(Number(((last - first) / Math.max(1, count - 1)).toPrecision(9)));
  }

  /** What is typed of an axis; an error where it cannot be read. @param {typeof NAMES[number]} name @returns {AxisForm} */
  #form(name) {
    const along = byId(`volume-${name}-along`, HTMLSelectElement).value;
    const unit = /** @type {Vector} */ (UNITS.map((letter) => Number(letter === along)));
    const direction = along === "other" ? vectorIn(`volume-${name}-direction`) : unit;
    const count = this.#count(name);
    const first = numberIn(`volume-${name}-first`, null) ?? NaN;
    const last = count === 1 ? first : (numberIn(`volume-${name}-last`, null) ?? NaN);
    if (Number.isNaN(first) || Number.isNaN(last)) throw new Unreadable("");
    if (count > 1 && first === last) refuse(`volume-${name}-last`, `The ${name} end where they begin`);
    return { direction, first, last, count };
  }

  /** Keeps first, last and step in agreement. @param {typeof NAMES[number]} name @param {"step" | "last"} given */
  #follow(name, given) {
    const number = (/** @type {string} */ end) => {
      try {
        return numberIn(`volume-${name}-${end}`, NaN);
      } catch {
        return NaN;
      }
    };
    const [first, last, step, count] = [number("first"), number("last"), number("step"), this.#count(name)];
    const write = (/** @type {string} */ end, /** @type {number} */ value) => {
      if (Number.isFinite(value)) input(`volume-${name}-${end}`).value = String(Number(value.toPrecision(9)));
    };
    if (given === "step") write("last", first + step * (count - 1));
    else if (Number.isFinite(last)) write("step", (last - first) / Math.max(1, count - 1));
    else write("last", first + step * (count - 1));
  }

  /** @param {typeof NAMES[number]} name */
  #flip(name) {
    const [first, last] = [input(`volume-${name}-first`), input(`volume-${name}-last`)];
    [first.value, last.value] = [last.value, first.value];
    this.#follow(name, "last");
    this.#given();
  }

  #transpose() {
    for (const part of ["along", "direction", "first", "last"]) {
      const [rows, columns] = [any(`volume-rows-${part}`), any(`volume-columns-${part}`)];
      if (rows instanceof HTMLInputElement && columns instanceof HTMLInputElement)
        [rows.value, columns.value] = [columns.value, rows.value];
      if (rows instanceof HTMLSelectElement && columns instanceof HTMLSelectElement)
        [rows.value, columns.value] = [columns.value, rows.value];
    }
    this.#follow("rows", "last");
    this.#follow("columns", "last");
    this.#given();
  }

  #given() {
    this.#showApplicable();
    any("volume-axes-problem").textContent = "";
    this.#changed();
  }

  #showApplicable() {
    for (const name of NAMES) {
      const field = input(`volume-${name}-direction`).closest(".field");
      if (field instanceof HTMLElement)
        field.hidden = byId(`volume-${name}-along`, HTMLSelectElement).value !== "other";
    }
  }

  /** The axes and the origin as a job says them, or null as long as they cannot be read. @returns {Partial<Entry> | null} */
  get entry() {
    this.#showApplicable();
    try {
      const origin = vectorIn("volume-origin");
      if (!this.#lacksAxes) return { origin };
      const names = NAMES.filter((name) => this.#count(name) > 0);
      const axes = names.map((name) => specOf(this.#form(name)));
      const isVolume = this.#shape.length > 2;
      return { axes, ...(isVolume && origin.every((x) => x === 0) ? {} : { origin }) };
    } catch (error) {
      if (error instanceof Unreadable) return null;
      throw error;
    }
  }

  /** The axes are of no use. @param {string} sentence */
  refuse(sentence) {
    any("volume-axes-problem").textContent = sentence;
  }
}
