/** The part of the dialog that gives axes to an array without any: a form for each index, and peaks that are clicked. */

import { SlicePanel, rangeOf } from "../draw/slice-panel.js";
import { look } from "../draw/theme.js";
import { any, button, byId, canvas } from "../page/dom.js";
import { brief } from "../page/numbers.js";
import { formsOf, letterOf, peakNear, pixelAxes, solve, specOf } from "./axes.js";
import { Unreadable, input, numberIn, refuse, vectorIn } from "./fields.js";

/** @typedef {import("./protocol.js").Vector} Vector */
/** @typedef {import("./protocol.js").Entry} Entry */
/** @typedef {import("./protocol.js").VolumeSlice} VolumeSlice */
/** @typedef {import("./axes.js").AxisForm} AxisForm */
/** @typedef {import("./axes.js").Pixel} Pixel */

/** The indices, the slowest first. */
const NAMES = /** @type {const} */ (["pages", "rows", "columns"]);
const UNITS = ["h", "k", "l"];

export class Placing {
  #panel = new SlicePanel(canvas("volume-array"));
  /** @type {import("./reader.js").VolumeReader | null} */
  #reader = null;
  /** @type {number[]} */
  #shape = [];
  /** Whether the array lacks axes, or its place alone. */
  #lacksAxes = false;
  /** The pages that were read. @type {VolumeSlice[]} */
  #pictures = [];
  /** Where the crosshair of the keyboard is. @type {Pixel} */
  #at = { x: 0, y: 0 };
  /** Clicked so far. @type {(Pixel | null)[]} */
  #peaks = [null, null, null];
  /** Voxels from one pixel of the picture to the next. */
  #stride = 1;
  #log = true;
  #colours = "inferno";
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
    button("volume-forget").addEventListener("click", () => this.#forget());
    input("volume-page").addEventListener("input", () => this.#turn());
    const target = canvas("volume-array");
    target.addEventListener("pointerdown", (event) => {
      const pixel = this.#panel.placeOf(event);
      if (pixel) this.#click(pixel);
    });
    target.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.redraw()).observe(any("volume-picture"));
  }

  /** @param {import("./reader.js").VolumeReader} reader @param {import("./protocol.js").Summary} summary @param {boolean} lacksAxes */
  begin(reader, { shape, axes }, lacksAxes) {
    this.#reader = reader;
    this.#shape = shape;
    this.#lacksAxes = lacksAxes;
    for (const id of ["volume-picture", "volume-peaks", "volume-transpose"]) any(id).hidden = !lacksAxes;
    for (const name of NAMES) any(`volume-${name}`).hidden = !lacksAxes || this.#count(name) === 0;
    any("volume-page-field").hidden = this.#count("pages") < 2;
    this.#pictures = [];
    input("volume-page").value = "0";
    input("volume-origin").value = "0 0 0";
    any("volume-axes-hint").textContent = lacksAxes
      ? `The file says nothing of h, k, l: give the coordinates of the first and the last ${shape.length > 2 ? "voxel" : "pixel"} of each index, or click three Bragg peaks.`
      : `The file has axes along ${axes.map(({ name }) => name).join(" and ")}, and nothing says where the plane lies.`;
    for (const [n, name] of NAMES.entries()) {
      byId(`volume-${name}-along`, HTMLSelectElement).value = ["l", "k", "h"][n] ?? "h";
      for (const end of ["first", "last", "step"]) input(`volume-${name}-${end}`).value = "";
    }
    this.#forget();
  }

  /** Voxels along an index; none where there is no such. @param {typeof NAMES[number]} name */
  #count(name) {
    return this.#shape[this.#shape.length - 3 + NAMES.indexOf(name)] ?? 0;
  }

  /** The array as it is. @returns {Partial<Entry>} */
  get pixels() {
    return { axes: pixelAxes(this.#shape), origin: [0, 0, 0] };
  }

  /** Shows the array as it was read. @param {number} stride @param {boolean} log @param {string} colours */
  async show(stride, log, colours) {
    this.#stride = stride;
    const reader = this.#reader;
    const pages = Array.from({ length: Math.max(1, Math.ceil(this.#count("pages") / stride)) }, (_, n) => n * stride);
    const step = pixelAxes(this.#shape)[0]?.step ?? 1;
    const pictures = await reader?.slices(pages.map((page) => ({ axis: 2, value: page * step })));
    if (reader !== this.#reader || !pictures) return;
    this.#pictures = pictures;
    input("volume-page").max = String(pictures.length - 1);
    this.colour(log, colours);
  }

  /** @param {boolean} log @param {string} colours */
  colour(log, colours) {
    [this.#log, this.#colours] = [log, colours];
    this.redraw();
  }

  /** The page in sight. */
  get #picture() {
    return this.#pictures[Number(input("volume-page").value)] ?? null;
  }

  /** Its number in the array. */
  get #page() {
    return Number(input("volume-page").value) * this.#stride;
  }

  #turn() {
    any("volume-pixel").textContent = `page ${this.#page + 1} of ${this.#count("pages")}`;
    this.redraw();
  }

  redraw() {
    const picture = this.#picture;
    if (!picture || any("volume-picture").clientWidth === 0) return;
    const [lo, hi] = rangeOf([picture.values], this.#log);
    const side = (/** @type {number} */ n) => ({ centres: Array.from({ length: n }, (_, i) => i), name: "" });
    const { width, height, values } = picture;
    const shown = { width, height, values, x: side(width), y: side(height), down: true };
    const aspect = Math.min(1.3, Math.max(0.2, height / width));
    this.#panel.draw(shown, { lo, hi, log: this.#log, colours: this.#colours }, look(), aspect);
    this.#mark();
  }

  #mark() {
    const points = this.#peaks.flatMap((peak, n) =>
      peak ? [{ x: peak.x / this.#stride, y: peak.y / this.#stride, name: String(n + 1) }] : [],
    );
    const focused = document.activeElement === canvas("volume-array");
    this.#panel.mark(focused ? this.#at : null, points, null);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const picture = this.#picture;
    if (!picture || event.altKey || event.ctrlKey || event.metaKey) return;
    const by = event.shiftKey ? 5 : 1;
    /** @type {Record<string, [number, number]>} */
    const steps = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    const step = steps[event.key];
    if (!step && event.key !== "Enter") return;
    event.preventDefault();
    if (!step) return this.#click(this.#at);
    const within = (/** @type {number} */ v, /** @type {number} */ n) => Math.min(n - 1, Math.max(0, Math.round(v)));
    this.#at = { x: within(this.#at.x + step[0], picture.width), y: within(this.#at.y + step[1], picture.height) };
    const [column, row] = [this.#at.x * this.#stride, this.#at.y * this.#stride];
    any("volume-pixel").textContent = `column ${column}, row ${row}; Enter takes the peak here`;
    this.#mark();
  }

  /** A peak was pointed at. @param {Pixel} pixel */
  #click(pixel) {
    const picture = this.#picture;
    if (!picture) return;
    // The next that is free; after three the one that is nearest moves.
    const free = this.#peaks.indexOf(null);
    const found = peakNear(picture, pixel, Math.max(1.5, picture.width / 60));
    const peak = { x: found.x * this.#stride, y: found.y * this.#stride };
    const far = this.#peaks.map((other) => (other ? Math.hypot(other.x - peak.x, other.y - peak.y) : Infinity));
    const n = free >= 0 ? free : far.indexOf(Math.min(...far));
    this.#at = { x: Math.round(pixel.x), y: Math.round(pixel.y) };
    this.#peaks[n] = peak;
    any(`volume-place-${n + 1}`).textContent = `column ${brief(peak.x)}, row ${brief(peak.y)}`;
    this.#mark();
    any("volume-peaks-problem").textContent = "";
    input(`volume-peak-${n + 1}`).focus({ preventScroll: true });
  }

  #forget() {
    this.#peaks = [null, null, null];
    for (const n of [1, 2, 3]) {
      any(`volume-place-${n}`).textContent = "not clicked";
      input(`volume-peak-${n}`).value = "";
    }
    any("volume-peaks-problem").textContent = "";
    this.#mark();
  }

  /** Fills the forms of rows and columns from the peaks. */
  #solve() {
    try {
      const peaks = this.#peaks.map((pixel, n) => {
        if (!pixel) throw new Error(`Peak ${n + 1} is not clicked yet.`);
        return { pixel, hkl: vectorIn(`volume-peak-${n + 1}`) };
      });
      const found = formsOf(solve(peaks), this.#count("rows"), this.#count("columns"));
      this.#fill("rows", found.rows);
      this.#fill("columns", found.columns);
      let { origin } = found;
      if (this.#count("pages") > 1) {
        // The peaks lie on this page, whose coordinate belongs to the axis of the pages.
        const pages = this.#form("pages");
        const step = (pages.last - pages.first) / Math.max(1, pages.count - 1);
        const at = pages.first + step * this.#page;
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
