/** The picture of an array that has no axes, pixel by pixel, in which Bragg peaks are clicked. */

import { SlicePanel, rangeOf } from "../draw/slice-panel.js";
import { look } from "../draw/theme.js";
import { any, button, canvas } from "../page/dom.js";
import { brief } from "../page/numbers.js";
import { peakNear, pixelAxes } from "./axes.js";
import { input, vectorIn } from "./fields.js";

/** @typedef {import("./axes.js").Pixel} Pixel */
/** @typedef {import("./axes.js").Peak} Peak */
/** @typedef {import("./protocol.js").VolumeSlice} VolumeSlice */

export class Peaks {
  #panel = new SlicePanel(canvas("volume-array"));
  /** The pages that were read. @type {VolumeSlice[]} */
  #pictures = [];
  /** How many pages there are. */
  #pages = 1;
  /** Voxels from one pixel of the picture to the next. */
  #stride = 1;
  /** Where the crosshair of the keyboard is. @type {Pixel} */
  #at = { x: 0, y: 0 };
  /** Clicked so far, in pixels of the array. @type {(Pixel | null)[]} */
  #peaks = [null, null, null];
  #scale = "log";
  #colours = "inferno";

  constructor() {
    button("volume-forget").addEventListener("click", () => this.forget());
    input("volume-page").addEventListener("input", () => {
      any("volume-pixel").textContent = `page ${this.page + 1} of ${this.#pages}`;
      this.redraw();
    });
    const target = canvas("volume-array");
    target.addEventListener("pointerdown", (event) => {
      const pixel = this.#panel.placeOf(event);
      if (!pixel) return;
      // The browser would give the focus to the canvas, and the hkl is typed next.
      event.preventDefault();
      this.#click(pixel);
    });
    target.addEventListener("keydown", (event) => this.#key(event));
    for (const type of ["focus", "blur"]) target.addEventListener(type, () => this.#mark());
    new ResizeObserver(() => this.redraw()).observe(any("volume-picture"));
  }

  /** Begins with an array of so many pages. @param {number} pages */
  begin(pages) {
    this.#pages = pages;
    this.#pictures = [];
    any("volume-page-field").hidden = pages < 2;
    any("volume-pixel").textContent = "";
    input("volume-page").value = "0";
    this.forget();
  }

  /**
   * Shows the array as it was read with {@link pixelAxes}.
   * @param {import("./reader.js").VolumeReader} reader @param {number[]} shape @param {number} stride
   * @param {string} scale @param {string} colours
   */
  async show(reader, shape, stride, scale, colours) {
    const pages = Array.from({ length: Math.max(1, Math.ceil(this.#pages / stride)) }, (_, n) => n * stride);
    const step = pixelAxes(shape)[0]?.step ?? 1;
    this.#stride = stride;
    this.#pictures = await reader.slices(pages.map((page) => ({ axis: 2, value: page * step })));
    input("volume-page").max = String(pages.length - 1);
    this.colour(scale, colours);
  }

  /** @param {string} scale @param {string} colours */
  colour(scale, colours) {
    [this.#scale, this.#colours] = [scale, colours];
    this.redraw();
  }

  /** The number of the page in sight. */
  get page() {
    return Number(input("volume-page").value) * this.#stride;
  }

  /** The page in sight. */
  get #picture() {
    return this.#pictures[Number(input("volume-page").value)] ?? null;
  }

  /** The peaks with what was typed; an error where one is lacking. @returns {Peak[]} */
  get peaks() {
    return this.#peaks.map((pixel, n) => {
      if (!pixel) throw new Error(`Peak ${n + 1} is not clicked yet.`);
      return { pixel, hkl: vectorIn(`volume-peak-${n + 1}`) };
    });
  }

  forget() {
    this.#peaks = [null, null, null];
    for (const n of [1, 2, 3]) {
      any(`volume-place-${n}`).textContent = "not clicked";
      input(`volume-peak-${n}`).value = "";
    }
    any("volume-peaks-problem").textContent = "";
    this.#mark();
  }

  redraw() {
    const picture = this.#picture;
    if (!picture || any("volume-picture").clientWidth === 0) return;
    const [lo, hi] = rangeOf([picture.values], this.#scale === "log");
    const { width, height, values } = picture;
    const side = (/** @type {number} */ n) => ({
      centres: Array.from({ length: n }, (_, i) => i * this.#stride),
      name: "",
    });
    const shown = { width, height, values, x: side(width), y: side(height), down: true };
    const aspect = Math.min(1.3, Math.max(0.2, height / width));
    this.#panel.draw(shown, { lo, hi, scale: this.#scale, colours: this.#colours }, look(), aspect);
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

  /** A peak was pointed at: the next that is free; after three the one that is nearest moves. @param {Pixel} pixel */
  #click(pixel) {
    const picture = this.#picture;
    if (!picture) return;
    const found = peakNear(picture, pixel, Math.max(1.5, picture.width / 60));
    const peak = { x: found.x * this.#stride, y: found.y * this.#stride };
    const far = this.#peaks.map((other) => (other ? Math.hypot(other.x - peak.x, other.y - peak.y) : Infinity));
    const free = this.#peaks.indexOf(null);
    const n = free >= 0 ? free : far.indexOf(Math.min(...far));
    this.#at = { x: Math.round(pixel.x), y: Math.round(pixel.y) };
    this.#peaks[n] = peak;
    any(`volume-place-${n + 1}`).textContent = `column ${brief(peak.x)}, row ${brief(peak.y)}`;
    any("volume-peaks-problem").textContent = "";
    this.#mark();
    input(`volume-peak-${n + 1}`).focus({ preventScroll: true });
  }
}
