/** Three slices through one point of a volume, linked by their crosshair, which the pointer and the arrow keys move. */

import { drawColourBar } from "../draw/colour-bar.js";
import { SlicePanel, place, rangeOf } from "../draw/slice-panel.js";
import { look } from "../draw/theme.js";
import { canvas } from "../page/dom.js";
import { brief, rlu } from "../page/numbers.js";
import { LETTERS, letterOf, nameOf } from "./axes.js";

/** @typedef {import("./protocol.js").VolumeSlice} VolumeSlice */
/** @typedef {import("./reader.js").VolumeReader} VolumeReader */
/** @typedef {{axis: number, panel: SlicePanel, figure: HTMLElement, caption: HTMLElement, slice: VolumeSlice | null}} View */

/** Of a slice across each axis, the axes to the right and up. */
const SIDES = /** @type {const} */ ([
  [1, 2],
  [0, 2],
  [0, 1],
]);

const HINT = "Point at a slice, or focus one and use the arrow keys, to move the other two.";

export class Slices {
  #root;
  #readout;
  #bar;
  /** @type {View[]} */
  #views;
  /** @type {VolumeReader | null} */
  #reader = null;
  /** Centres along the three axes. @type {ArrayLike<number>[]} */
  #centres = [];
  /** The voxel under the crosshair. */
  #at = [0, 0, 0];
  /** @type {[number, number]} */
  #range = [0, 1];
  #scaled = "log";
  #colours = "inferno";
  /** Limits of h, k, l that are wanted. @type {([number, number] | null)[]} */
  #limits = [null, null, null];
  /** Whether slices are being asked for, and whether others are wanted meanwhile. */
  #asking = false;
  #again = false;

  /** @param {HTMLElement} root Holds a figure for each axis. @param {HTMLElement} readout @param {string} bar */
  constructor(root, readout, bar) {
    this.#root = root;
    this.#readout = readout;
    this.#bar = bar;
    this.#views = [2, 1, 0].map((axis) => {
      const figure = root.querySelector(`[data-axis="${axis}"]`);
      const target = figure?.querySelector("canvas");
      const caption = figure?.querySelector("figcaption");
      if (!(figure instanceof HTMLElement) || !target || !(caption instanceof HTMLElement))
        throw new Error(`there is no place for slice ${axis}`);
      return { axis, panel: new SlicePanel(target), figure, caption, slice: null };
    });
    for (const view of this.#views) this.#listen(view);
    new ResizeObserver(() => this.redraw()).observe(root);
  }

  /** @param {View} view */
  #listen(view) {
    const { canvas } = view.panel;
    const follow = (/** @type {PointerEvent} */ event) => {
      if (event.type === "pointermove" && event.pointerType !== "touch" && event.buttons === 0) return;
      const pixel = view.panel.placeOf(event);
      if (pixel) this.#moveTo(view.axis, pixel);
    };
    canvas.addEventListener("pointermove", follow);
    canvas.addEventListener("pointerdown", follow);
    canvas.addEventListener("keydown", (event) => this.#key(view.axis, event));
  }

  /** Shows what was read, through its middle or where the crosshair was. @param {VolumeReader} reader @param {import("./protocol.js").Summary} summary */
  async show(reader, summary) {
    const before = this.#centres.length === 3 ? this.#at.map((n, axis) => this.#centres[axis]?.[n] ?? 0) : null;
    this.#reader = reader;
    const flat = summary.axes.findIndex(({ count }) => count === 1);
    const values = summary.axes.map(({ range: [a, b] }, axis) => before?.[axis] ?? (a + b) / 2);
    const slices = await reader.slices(values.map((value, axis) => ({ axis, value })));
    if (this.#reader !== reader) return;
    for (const view of this.#views) {
      view.slice = slices[view.axis] ?? null;
      view.figure.hidden = flat >= 0 && view.axis !== flat;
    }
    this.#root.classList.toggle("single", flat >= 0);
    this.#centres = [slices[1]?.x.centres ?? [], slices[0]?.x.centres ?? [], slices[0]?.y.centres ?? []];
    this.#at = values.map((value, axis) => this.#nearest(axis, place(this.#centres[axis] ?? [], value)));
    this.#scale();
    this.redraw();
    if (before) this.#read();
    else this.#readout.textContent = HINT;
  }

  /** What was shown is gone. */
  clear() {
    this.#reader = null;
    this.#centres = [];
    for (const view of this.#views) view.slice = null;
    this.#readout.textContent = "";
  }

  /** @param {string} scale @param {string} colours */
  colour(scale, colours) {
    this.#scaled = scale;
    this.#colours = colours;
    this.#scale();
    this.redraw();
  }

  /** Frames the part that is wanted. @param {([number, number] | null)[]} limits Of h, k, l. */
  frame(limits) {
    this.#limits = limits;
    this.#mark();
  }

  #scale() {
    const shown = this.#views.filter(({ figure }) => !figure.hidden);
    this.#range = rangeOf(
      shown.map(({ slice }) => slice?.values ?? []),
      this.#scaled === "log",
    );
  }

  redraw() {
    if (this.#root.clientWidth === 0) return;
    for (const view of this.#views) this.#draw(view);
    const [lo, hi] = this.#range;
    const scale = { lo, hi, scale: this.#scaled, colours: this.#colours, caption: "intensity" };
    if (this.#reader) drawColourBar(canvas(this.#bar), scale, look());
    this.#mark();
  }

  /** @param {View} view */
  #draw({ panel, slice, figure, caption, axis }) {
    if (!slice || figure.hidden) return;
    const [lo, hi] = this.#range;
    const side = (/** @type {VolumeSlice["x"]} */ { direction, centres }) => ({ centres, name: nameOf(direction) });
    const picture = { ...slice, x: side(slice.x), y: side(slice.y) };
    panel.draw(picture, { lo, hi, scale: this.#scaled, colours: this.#colours }, look(), aspectOf(slice));
    const across = cross(slice.x.direction, slice.y.direction);
    const letter = letterOf(across);
    const where =
      letter >= 0
        ? `at ${LETTERS[letter]} = ${rlu(slice.origin[letter] ?? 0)}`
        : `through ${Array.from(slice.origin, rlu).join(" ")}`;
    caption.textContent = `${picture.x.name}, ${picture.y.name} ${where}`;
    panel.canvas.setAttribute(
      "aria-label",
      `Slice ${["one", "two", "three"][2 - axis]}: ${caption.textContent}, ${slice.width} × ${slice.height} voxels`,
    );
  }

  #mark() {
    for (const { axis, panel, slice } of this.#views) {
      if (!slice) continue;
      const [x, y] = SIDES[axis] ?? SIDES[2];
      panel.mark({ x: this.#at[x] ?? 0, y: this.#at[y] ?? 0 }, [], this.#frameOf(slice));
    }
  }

  /** The wanted part in a slice, where its sides are h, k or l. @param {VolumeSlice} slice */
  #frameOf(slice) {
    const sides = [slice.x, slice.y].map(({ direction, centres }) => {
      const letter = letterOf(direction);
      const limits = this.#limits[letter] ?? null;
      const scale = direction[letter] ?? 1;
      const ends = limits?.map((x) => place(centres, (x - (slice.origin[letter] ?? 0)) / scale)).sort((a, b) => a - b);
      const [from = -0.5, to = centres.length - 0.5] = ends ?? [];
      return {
        from: Math.max(-0.5, from - 0.5),
        to: Math.min(centres.length - 0.5, to + 0.5),
        limited: limits !== null,
      };
    });
    const [x, y] = sides;
    if (!x || !y || !(x.limited || y.limited)) return null;
    return { from: { x: x.from, y: y.from }, to: { x: x.to, y: y.to } };
  }

  /** @param {number} axis @param {import("../draw/slice-panel.js").Pixel} pixel In the slice across that axis. */
  #moveTo(axis, pixel) {
    const [x, y] = SIDES[axis] ?? SIDES[2];
    const next = [...this.#at];
    next[x] = this.#nearest(x, pixel.x);
    next[y] = this.#nearest(y, pixel.y);
    this.#go(next);
  }

  /** @param {number} axis @param {number} at */
  #nearest(axis, at) {
    return Math.min((this.#centres[axis]?.length ?? 1) - 1, Math.max(0, Math.round(at)));
  }

  /** @param {number} axis @param {KeyboardEvent} event */
  #key(axis, event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [x, y] = SIDES[axis] ?? SIDES[2];
    /** @type {Record<string, [number, number]>} */
    const steps = {
      ArrowLeft: [x, -1],
      ArrowRight: [x, 1],
      ArrowDown: [y, -1],
      ArrowUp: [y, 1],
      PageDown: [axis, -1],
      PageUp: [axis, 1],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const [along, by] = step;
    const centres = this.#centres[along] ?? [];
    const falling = (centres[0] ?? 0) > (centres[centres.length - 1] ?? 0);
    const next = [...this.#at];
    next[along] = this.#nearest(along, (next[along] ?? 0) + (falling ? -by : by) * (event.shiftKey ? 5 : 1));
    this.#go(next);
  }

  /** @param {number[]} next */
  #go(next) {
    if (next.every((n, axis) => n === this.#at[axis])) return this.#read();
    this.#at = next;
    this.#mark();
    this.#read();
    this.#ask();
  }

  /** Asks for the slices through the crosshair, one question at a time. */
  async #ask() {
    this.#again = this.#asking;
    const reader = this.#reader;
    if (this.#asking || !reader) return;
    this.#asking = true;
    const at = this.#at.map((n, axis) => ({ axis, value: this.#centres[axis]?.[n] ?? 0 }));
    const slices = await reader.slices(at).catch(() => null);
    this.#asking = false;
    if (slices && this.#reader === reader) {
      for (const view of this.#views) view.slice = slices[view.axis] ?? null;
      this.redraw();
      this.#read();
    }
    if (this.#again) this.#ask();
  }

  /** Says what is under the crosshair. */
  #read() {
    const view = this.#views.find(({ figure, slice }) => slice && !figure.hidden);
    if (!view?.slice) return;
    const { slice, axis } = view;
    const [x, y] = SIDES[axis] ?? SIDES[2];
    const [i = 0, j = 0] = [this.#at[x], this.#at[y]];
    const hkl = [0, 1, 2].map(
      (n) =>
        (slice.origin[n] ?? 0) +
        (slice.x.direction[n] ?? 0) * (slice.x.centres[i] ?? 0) +
        (slice.y.direction[n] ?? 0) * (slice.y.centres[j] ?? 0),
    );
    const value = slice.values[j * slice.width + i] ?? NaN;
    const said = Number.isFinite(value) ? `intensity ${brief(value)}` : "nothing measured here";
    this.#readout.textContent = `h k l  ${hkl.map(rlu).join("  ")} · ${said}`;
  }
}

/** Height over width as hkl has it. @param {VolumeSlice} slice */
export function aspectOf({ x, y }) {
  const length = (/** @type {VolumeSlice["x"]} */ { direction, centres }) => {
    const n = centres.length;
    const step = n > 1 ? Math.abs((centres[n - 1] ?? 0) - (centres[0] ?? 0)) / (n - 1) : 1;
    return Math.hypot(...direction) * step * n;
  };
  const aspect = length(y) / length(x);
  return Number.isFinite(aspect) ? Math.min(1.3, Math.max(0.2, aspect)) : 1;
}

/** What is perpendicular to both. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function cross(a, b) {
  const at = (/** @type {ArrayLike<number>} */ v, /** @type {number} */ n) => v[n % 3] ?? 0;
  return [0, 1, 2].map((n) => at(a, n + 1) * at(b, n + 2) - at(a, n + 2) * at(b, n + 1) + 0);
}
