/** The colour range by hand: a histogram of the plane's used intensities, with a handle at either end of the colours. */

import { paint_bar, scale_places, scale_value } from "../../../pkg/tds_inversion.js";
import { any, byId, canvas } from "../../page/dom.js";
import { resize } from "../../draw/plot.js";
import { brief } from "../../page/numbers.js";
import { extentOf } from "./colouring.js";

/** @typedef {import("../../draw/planes.js").Plane} Plane */
/** @typedef {import("../../engine/protocol.js").Columns} Columns */
/** @typedef {import("./colouring.js").View} View */

const BINS = 90;
/** Steps of a handle from end to end, and the fewest between the two. */
const STEPS = 1000;
const APART = 5;
/** Half of what a handle is wide, CSS pixels: the histogram begins and ends under its middle. */
const SIDE = 12;

export class Levels {
  #chart = canvas("levels-chart");
  #lo = byId("level-lo", HTMLInputElement);
  #hi = byId("level-hi", HTMLInputElement);
  /** @type {[number, number]} */
  #extent = [0, 1];
  #scale = "linear";

  /** @param {(limits: [number, number]) => void} changed */
  constructor(changed) {
    for (const handle of [this.#lo, this.#hi]) {
      handle.max = String(STEPS);
      handle.addEventListener("input", () => {
        const [lo, hi] = [Number(this.#lo.value), Number(this.#hi.value)];
        if (handle === this.#lo) this.#lo.value = String(Math.min(lo, hi - APART));
        else this.#hi.value = String(Math.max(hi, lo + APART));
        changed([this.#valueOf(this.#lo), this.#valueOf(this.#hi)]);
      });
    }
  }

  /** @param {HTMLInputElement} handle */
  #valueOf(handle) {
    return scale_value(...this.#extent, this.#scale, Number(handle.value) / STEPS);
  }

  /** @param {Plane} plane @param {Columns} columns @param {View} view @param {[number, number]} range What is coloured. @param {import("../../draw/map-panel.js").Look} look */
  show(plane, columns, view, range, look) {
    this.#extent = extentOf(plane, columns, view);
    this.#scale = view.scale;
    const places = scale_places(...this.#extent, view.scale, Float64Array.from(range));
    for (const [i, handle] of [this.#lo, this.#hi].entries()) {
      // A handle that a person holds stays where the person put it.
      if (document.activeElement !== handle || this.#valueOf(handle).toPrecision(6) !== range[i]?.toPrecision(6))
        handle.value = String(Math.round(STEPS * (places[i] ?? i)));
      handle.setAttribute("aria-valuetext", brief(range[i] ?? NaN));
    }
    any("levels-words").textContent = `${brief(range[0])} to ${brief(range[1])}`;
    this.#draw(this.#count(plane, columns), view, range, look);
  }

  /** How many used intensities lie in each bin. @param {Plane} plane @param {Columns} columns */
  #count(plane, { intensity, used }) {
    const values = [];
    for (const row of plane.index) if (row >= 0 && used[row] !== 0) values.push(intensity[row] ?? NaN);
    const counts = new Uint32Array(BINS);
    for (const place of scale_places(...this.#extent, this.#scale, Float64Array.from(values))) {
      if (!(place >= 0 && place <= 1)) continue;
      const bin = Math.min(BINS - 1, Math.floor(place * BINS));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return counts;
  }

  /** @param {Uint32Array} counts @param {View} view @param {[number, number]} range @param {import("../../draw/map-panel.js").Look} look */
  #draw(counts, { scale, colours }, range, look) {
    const [width, height] = [this.#chart.clientWidth, this.#chart.clientHeight];
    const ratio = window.devicePixelRatio || 1;
    resize(this.#chart, width * ratio, height * ratio);
    const context = this.#chart.getContext("2d");
    if (!context || width === 0) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const table = paint_bar(colours);
    const most = Math.max(1, ...counts);
    const step = (width - 2 * SIDE) / BINS;
    const middles = Float64Array.from(counts, (_, i) => scale_value(...this.#extent, scale, (i + 0.5) / BINS));
    const places = scale_places(range[0], range[1], scale, middles);
    context.fillStyle = look.line;
    context.fillRect(SIDE, height - 1, width - 2 * SIDE, 1);
    for (const [i, n] of counts.entries()) {
      if (n === 0) continue;
      const place = places[i] ?? 0;
      const at = 4 * Math.round(255 * Math.min(1, Math.max(0, place)));
      const tall = Math.max(1, (n / most) * (height - 2));
      context.fillStyle = `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`;
      context.fillRect(SIDE + i * step, height - tall, Math.max(1, step - 0.5), tall);
      // Colours near that of the paper are seen by their rim.
      context.strokeStyle = look.muted;
      context.lineWidth = 0.5;
      context.strokeRect(SIDE + i * step, height - tall, Math.max(1, step - 0.5), tall);
    }
    const total = counts.reduce((sum, n) => sum + n, 0);
    this.#chart.setAttribute(
      "aria-label",
      `Histogram of ${total} intensities from ${brief(this.#extent[0])} to ${brief(this.#extent[1])}`,
    );
  }
}
