/**
 * Data along a line, drawn as curves where a map would be a stripe: points with error bars, the model
 * as a line.
 */

import { axis_ticks } from "../../pkg/tds_inversion.js";
import { AXES } from "./planes.js";
import { Plot } from "./plot.js";

/** @typedef {import("./planes.js").Plane} Plane */
/** @typedef {import("./map-panel.js").Look} Look */
/** @typedef {import("./map-panel.js").Pixel} Pixel */
/**
 * By row of the data set. `points` with their `sigma` are drawn as marks, `curve` as a line.
 * @typedef {{points: Float64Array | null, sigma: Float64Array | null, curve: Float64Array | null, used: Uint8Array, lo: number, hi: number, log: boolean, zero: boolean}} Curves
 */

const MARGIN = { left: 44, right: 8, top: 6, bottom: 30 };
/** Height over width. */
const ASPECT = 0.75;

export class ScanPanel {
  /** @type {Plane | null} */
  #plane = null;
  #plot;
  /** Ends of the axis, r.l.u. */
  #ends = [0, 1];

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.#plot = new Plot(canvas, MARGIN);
  }

  /** @param {Plane} plane @param {Curves} curves @param {Look} look @param {Pixel[]} rings Points to look at. */
  draw(plane, curves, look, rings) {
    const at = plane.scan?.at ?? new Float64Array();
    this.#plane = plane;
    const room = 0.03 * ((at[at.length - 1] ?? 1) - (at[0] ?? 0)) || 0.5;
    this.#ends = [(at[0] ?? 0) - room, (at[at.length - 1] ?? 1) + room];
    const context = this.#plot.begin(ASPECT);
    if (!context) return;
    const [from = 0, to = 1] = this.#ends;
    const { x, y, w, h } = this.#plot.box;
    const ticks = (
      /** @type {number} */ lo,
      /** @type {number} */ hi,
      /** @type {boolean} */ log,
      /** @type {number} */ n,
    ) => axis_ticks(lo, hi, log, Math.max(2, Math.floor(n)));
    this.#plot.axes(
      context,
      look,
      {
        ticks: ticks(from, to, false, w / 44),
        at: (t) => this.#across(t),
        name: AXES[plane.scan?.axis ?? 0] ?? "",
      },
      { ticks: ticks(curves.lo, curves.hi, curves.log, h / 26), at: (t) => this.#up(t, curves), name: "" },
    );
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    if (curves.zero) this.#drawLevels(context, curves, look);
    this.#drawPoints(context, plane, curves, look);
    this.#drawCurve(context, plane, curves, look);
    this.#drawRings(context, plane, curves, look, rings);
    context.restore();
    this.showCrosshair(null);
  }

  /** @param {number} value in r.l.u. */
  #across(value) {
    const [lo = 0, hi = 1] = this.#ends;
    return this.#plot.box.x + ((value - lo) / (hi - lo)) * this.#plot.box.w;
  }

  /** @param {number} value @param {Curves} curves */
  #up(value, { lo, hi, log }) {
    const scaled = (/** @type {number} */ v) => (log ? Math.log(Math.max(v, 1e-300)) : v);
    return this.#plot.box.y + this.#plot.box.h * (1 - (scaled(value) - scaled(lo)) / (scaled(hi) - scaled(lo)));
  }

  /** Nothing between data and model, and one σ to either side. @param {CanvasRenderingContext2D} context @param {Curves} curves @param {Look} look */
  #drawLevels(context, curves, look) {
    const { x, w } = this.#plot.box;
    context.strokeStyle = look.muted;
    context.lineWidth = 1;
    for (const level of curves.sigma ? [0, -1, 1] : [0]) {
      context.setLineDash(level === 0 ? [] : [4, 4]);
      context.beginPath();
      context.moveTo(x, this.#up(level, curves));
      context.lineTo(x + w, this.#up(level, curves));
      context.stroke();
    }
    context.setLineDash([]);
  }

  /** @param {CanvasRenderingContext2D} context @param {Plane} plane @param {Curves} curves @param {Look} look */
  #drawPoints(context, plane, curves, look) {
    const { points, sigma, used } = curves;
    if (!points) return;
    context.lineWidth = 1;
    for (const [i, row] of plane.index.entries()) {
      const [value, x] = [points[row] ?? NaN, this.#across(plane.scan?.at[i] ?? NaN)];
      if (!Number.isFinite(value)) continue;
      const y = this.#up(value, curves);
      // What is left out of the fit is drawn hollow and pale.
      context.strokeStyle = used[row] === 0 ? look.muted : look.ink;
      context.fillStyle = look.ink;
      const spread = curves.zero ? 1 : (sigma?.[row] ?? 0);
      context.beginPath();
      if (sigma && spread > 0) {
        context.moveTo(x, this.#up(value - spread, curves));
        context.lineTo(x, this.#up(value + spread, curves));
      }
      context.moveTo(x + 2, y);
      context.arc(x, y, 2, 0, 2 * Math.PI);
      context.stroke();
      if (used[row] !== 0) context.fill();
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {Plane} plane @param {Curves} curves @param {Look} look */
  #drawCurve(context, plane, curves, look) {
    if (!curves.curve) return;
    context.beginPath();
    for (const [i, row] of plane.index.entries()) {
      const value = curves.curve[row] ?? NaN;
      if (Number.isFinite(value)) context.lineTo(this.#across(plane.scan?.at[i] ?? NaN), this.#up(value, curves));
    }
    context.strokeStyle = look.accent;
    context.lineWidth = 1.75;
    context.lineJoin = "round";
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {Plane} plane @param {Curves} curves @param {Look} look @param {Pixel[]} rings */
  #drawRings(context, plane, curves, look, rings) {
    context.strokeStyle = look.accent;
    context.lineWidth = 1.5;
    for (const { x } of rings) {
      const value = curves.points?.[plane.index[x] ?? -1] ?? NaN;
      if (!Number.isFinite(value)) continue;
      context.beginPath();
      context.arc(this.#across(plane.scan?.at[x] ?? NaN), this.#up(value, curves), 5, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** Shows where a point is, or nothing. @param {Pixel | null} pixel */
  showCrosshair(pixel) {
    if (!this.#plane) return;
    const context = this.#plot.show();
    if (!context || !pixel) return;
    const at = this.#across(this.#plane.scan?.at[pixel.x] ?? NaN);
    context.beginPath();
    const { y, h } = this.#plot.box;
    context.moveTo(at, y);
    context.lineTo(at, y + h);
    // Seen on points and on the ground alike.
    context.lineWidth = 1;
    context.strokeStyle = "rgb(128 128 128 / 0.9)";
    context.stroke();
  }

  /** The point nearest to a pointer, or null. @param {{clientX: number, clientY: number}} event @returns {Pixel | null} */
  pixelAt(event) {
    const at = this.#plane?.scan?.at;
    const place = this.#plot.placeOf(event);
    if (!at || !place) return null;
    let best = 0;
    for (const [i, value] of at.entries()) {
      if (Math.abs(this.#across(value) - place.x) < Math.abs(this.#across(at[best] ?? NaN) - place.x)) best = i;
    }
    return { x: best, y: 0 };
  }
}

/**
 * What the points of a line with their error bars, and the model, extend over; what is left out only shows if it is in range.
 * @param {import("./planes.js").Plane} plane @param {import("../engine/protocol.js").Columns} columns @param {Float64Array} model @param {boolean} log
 * @returns {[number, number]}
 */
export function rangeOf(plane, { intensity, sigma, used }, model, log) {
  let [lo, hi] = [Infinity, -Infinity];
  for (const row of plane.index) {
    if (used[row] === 0) continue;
    const [value, spread] = [intensity[row] ?? NaN, sigma?.[row] ?? 0];
    for (const end of [value - spread, value, value + spread, model[row] ?? NaN]) {
      if (!Number.isFinite(end) || (log && end <= 0)) continue;
      [lo, hi] = [Math.min(lo, end), Math.max(hi, end)];
    }
  }
  if (lo > hi) [lo, hi] = log ? [1, 10] : [0, 1];
  if (log) return [lo / 1.15, hi * 1.15];
  const room = 0.05 * (hi - lo || Math.abs(hi) || 1);
  return [lo - room, hi + room];
}
