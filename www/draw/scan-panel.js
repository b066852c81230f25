/**
 * Values along a line, drawn as curves where a map would be a stripe: points with error bars, the model
 * as a line.
 */

import { axis_ticks, scale_places } from "../../pkg/tds_inversion.js";
import { Plot } from "./plot.js";

/** @typedef {import("./map-panel.js").Look} Look */
/** @typedef {import("./map-panel.js").Pixel} Pixel */
/**
 * Where the points are, rising, and what that is. `step`: a curve ends where the next point is much farther than that; `ends`: of
 * the axis, where they are not those of the points.
 * @typedef {{at: Float64Array, name: string, step?: number, ends?: [number, number]}} Line
 */
/**
 * By point of the line. `points` with their `sigma` are drawn as marks, `curve` as a line; a point that is not
 * `used` is left out of the fit. `zero`: the values are distances from zero in σ.
 * @typedef {{
 *   points: Float64Array | null, sigma: Float64Array | null, curve: Float64Array | null, used: Uint8Array | null,
 *   lo: number, hi: number, scale: string, zero: boolean,
 * }} Curves
 */

/** CSS pixels around the plot. */
export const SCAN_MARGIN = { left: 44, right: 8, top: 6, bottom: 30 };
/** Height over width. */
export const ASPECT = 0.75;

export class ScanPanel {
  /** @type {Line | null} */
  #line = null;
  #plot;
  /** Ends of the axis. */
  #ends = [0, 1];

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.#plot = new Plot(canvas, SCAN_MARGIN);
  }

  /**
   * @param {Line} line @param {Curves} curves @param {Look} look @param {Pixel[]} rings Points to look at.
   * @param {number} [height] CSS pixels of the plot; without it, in proportion to its width.
   */
  draw(line, curves, look, rings, height) {
    const { at, name } = line;
    this.#line = line;
    const [first, last] = line.ends ?? [at[0] ?? 0, at[at.length - 1] ?? 1];
    const room = 0.03 * (last - first) || 0.5;
    this.#ends = [first - room, last + room];
    const width = (this.canvas.clientWidth || 200) - SCAN_MARGIN.left - SCAN_MARGIN.right;
    const context = this.#plot.begin(height ? height / Math.max(40, width) : ASPECT);
    if (!context) return;
    const [from = 0, to = 1] = this.#ends;
    const { x, y, w, h } = this.#plot.box;
    const { lo, hi, scale } = curves;
    const up = this.#up(curves);
    this.#plot.axes(
      context,
      look,
      {
        ticks: axis_ticks(from, to, "linear", Math.max(2, Math.floor(w / 44))),
        at: (t) => this.#across(t),
        name,
      },
      {
        ticks: axis_ticks(lo, hi, scale, Math.max(2, Math.floor(h / 26))),
        at: (t) => up(Float64Array.of(t))[0] ?? NaN,
        name: "",
      },
    );
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    if (curves.zero) this.#drawLevels(context, curves, look);
    this.#drawPoints(context, at, curves, look);
    this.#drawCurve(context, line, curves, look);
    this.#drawRings(context, at, curves, look, rings);
    context.restore();
    this.showCrosshair(null);
  }

  /** @param {number} value Of the axis. */
  #across(value) {
    const [lo = 0, hi = 1] = this.#ends;
    return this.#plot.box.x + ((value - lo) / (hi - lo)) * this.#plot.box.w;
  }

  /** How high values lie, CSS pixels of the canvas. @param {Curves} curves @returns {(values: Float64Array) => Float64Array} */
  #up({ lo, hi, scale }) {
    const { y, h } = this.#plot.box;
    return (values) => scale_places(lo, hi, scale, values).map((place) => y + h * (1 - place));
  }

  /** Nothing between data and model, and one σ to either side. @param {CanvasRenderingContext2D} context @param {Curves} curves @param {Look} look */
  #drawLevels(context, curves, look) {
    const { x, w } = this.#plot.box;
    const levels = curves.sigma ? [0, -1, 1] : [0];
    context.strokeStyle = look.muted;
    context.lineWidth = 1;
    for (const [i, y] of this.#up(curves)(Float64Array.from(levels)).entries()) {
      context.setLineDash(i === 0 ? [] : [4, 4]);
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + w, y);
      context.stroke();
    }
    context.setLineDash([]);
  }

  /** @param {CanvasRenderingContext2D} context @param {Float64Array} at @param {Curves} curves @param {Look} look */
  #drawPoints(context, at, curves, look) {
    const { points, sigma, used } = curves;
    if (!points) return;
    const up = this.#up(curves);
    const spread = (/** @type {number} */ i) => (curves.zero ? 1 : (sigma?.[i] ?? 0));
    const middles = up(points);
    const [lows, highs] = [up(points.map((v, i) => v - spread(i))), up(points.map((v, i) => v + spread(i)))];
    context.lineWidth = 1;
    context.fillStyle = look.ink;
    for (const [i, y] of middles.entries()) {
      if (!Number.isFinite(y)) continue;
      const x = this.#across(at[i] ?? NaN);
      // What is left out of the fit is drawn hollow and pale.
      const isUsed = used?.[i] !== 0;
      context.strokeStyle = isUsed ? look.ink : look.muted;
      context.beginPath();
      if (sigma && spread(i) > 0) {
        context.moveTo(x, lows[i] ?? y);
        context.lineTo(x, highs[i] ?? y);
      }
      context.moveTo(x + 2, y);
      context.arc(x, y, 2, 0, 2 * Math.PI);
      context.stroke();
      if (isUsed) context.fill();
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {Line} line @param {Curves} curves @param {Look} look */
  #drawCurve(context, { at, step = Infinity }, curves, look) {
    if (!curves.curve) return;
    context.beginPath();
    let before = -Infinity;
    for (const [i, y] of this.#up(curves)(curves.curve).entries()) {
      const value = at[i] ?? NaN;
      if (!Number.isFinite(y)) continue;
      context[value - before > 1.9 * step ? "moveTo" : "lineTo"](this.#across(value), y);
      before = value;
    }
    context.strokeStyle = look.accent;
    context.lineWidth = 1.75;
    context.lineJoin = "round";
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {Float64Array} at @param {Curves} curves @param {Look} look @param {Pixel[]} rings */
  #drawRings(context, at, curves, look, rings) {
    const heights = this.#up(curves)(Float64Array.from(rings, ({ x }) => curves.points?.[x] ?? NaN));
    context.strokeStyle = look.accent;
    context.lineWidth = 1.5;
    for (const [i, { x }] of rings.entries()) {
      const y = heights[i] ?? NaN;
      if (!Number.isFinite(y)) continue;
      context.beginPath();
      context.arc(this.#across(at[x] ?? NaN), y, 5, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** Shows where a point is, or nothing. @param {Pixel | null} pixel */
  showCrosshair(pixel) {
    if (!this.#line) return;
    const context = this.#plot.show();
    if (!context || !pixel) return;
    const at = this.#across(this.#line.at[pixel.x] ?? NaN);
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
    const at = this.#line?.at;
    const place = this.#plot.placeOf(event);
    if (!at || at.length === 0 || !place) return null;
    let best = 0;
    for (const [i, value] of at.entries()) {
      if (Math.abs(this.#across(value) - place.x) < Math.abs(this.#across(at[best] ?? NaN) - place.x)) best = i;
    }
    return { x: best, y: 0 };
  }
}

/**
 * What points with their error bars, and the model, extend over; what is left out only shows if it is in range.
 * @param {Pick<Curves, "points" | "sigma" | "curve" | "used">} curves @param {string} scale @returns {[number, number]}
 */
export function rangeOf({ points, sigma, curve, used }, scale) {
  const log = scale === "log";
  let [lo, hi] = [Infinity, -Infinity];
  for (const [i, value] of (points ?? []).entries()) {
    if (used?.[i] === 0) continue;
    const spread = sigma?.[i] ?? 0;
    for (const end of [value - spread, value, value + spread, curve?.[i] ?? NaN]) {
      if (!Number.isFinite(end) || (log && end <= 0)) continue;
      [lo, hi] = [Math.min(lo, end), Math.max(hi, end)];
    }
  }
  if (lo > hi) [lo, hi] = log ? [1, 10] : [0, 1];
  if (log) return [lo / 1.15, hi * 1.15];
  const room = 0.05 * (hi - lo || Math.abs(hi) || 1);
  return [lo - room, hi + room];
}
