/** Values along a line through a plane, and around a point of it. What is left out of the fit is left out here too. */

import { rowAt } from "./planes.js";

/** @typedef {import("./planes.js").Plane} Plane */
/** @typedef {import("./planes.js").Crystal} Crystal */
/** @typedef {import("../engine/protocol.js").Columns} Columns */
/** In the plane, r.l.u. along its two axes. @typedef {{x: number, y: number}} Point */
/** `model` by row, NaN where there is none. @typedef {{plane: Plane, columns: Columns, model: Float64Array, crystal: Crystal}} Seen */
/** A line, and how wide the strip is over which pixels are averaged, Å⁻¹; 0: the nearest pixels. @typedef {{from: Point, to: Point, width: number}} Cut */
/**
 * By point, in order of distance: how far along, Å⁻¹, the means of data and model over `count` pixels, the standard deviation of
 * the former, and one of the pixels. `step`: how far the points are apart where none is missing, Å⁻¹.
 * @typedef {{
 *   at: Float64Array, data: Float64Array, sigma: Float64Array | null, model: Float64Array, count: Uint32Array,
 *   pixels: {x: number, y: number}[], step: number,
 * }} Course
 */

/** Scalar products of the axes of a plane, Å⁻². @param {Plane} plane @param {Crystal} crystal */
function metricOf({ xAxis, yAxis }, { reciprocal }) {
  const [a, b] = [reciprocal[xAxis] ?? [], reciprocal[yAxis] ?? []];
  const dot = (/** @type {number[]} */ u, /** @type {number[]} */ v) =>
    u.reduce((sum, value, i) => sum + value * (v[i] ?? 0), 0);
  const [xx, xy, yy] = [dot(a, a), dot(a, b), dot(b, b)];
  return (/** @type {Point} */ u, /** @type {Point} */ v) =>
    u.x * v.x * xx + (u.x * v.y + u.y * v.x) * xy + u.y * v.y * yy;
}

/** @param {Point} a @param {Point} b @returns {Point} */
const minus = (a, b) => ({ x: a.x - b.x, y: a.y - b.y });

/** Å⁻¹ between two points of a plane. @param {{plane: Plane, crystal: Crystal}} seen @param {Point} a @param {Point} b */
export function distance({ plane, crystal }, a, b) {
  const d = minus(a, b);
  return Math.sqrt(metricOf(plane, crystal)(d, d));
}

/** The longer side of a pixel, Å⁻¹. @param {{plane: Plane, crystal: Crystal}} seen */
export function pixelSize(seen) {
  const { xStep, yStep } = seen.plane;
  const o = { x: 0, y: 0 };
  return Math.max(distance(seen, o, { x: xStep, y: 0 }), distance(seen, o, { x: 0, y: yStep }));
}

/** Calls back with every pixel of the plane that takes part in the fit, and where its datum was measured.
 * @param {Seen} seen @param {(row: number, at: Point, pixel: {x: number, y: number}) => void} told */
function eachPixel({ plane, columns }, told) {
  for (const [i, row] of plane.index.entries()) {
    const place = row < 0 ? null : usedAt(plane, columns, row);
    if (place) told(row, place, { x: i % plane.nx, y: Math.floor(i / plane.nx) });
  }
}

/** Where a datum is, null for one that is left out. @param {Plane} plane @param {Columns} columns @param {number} row @returns {Point | null} */
function usedAt({ xAxis, yAxis }, { h, k, l, intensity, used }, row) {
  if (used[row] === 0 || !Number.isFinite(intensity[row])) return null;
  const hkl = [h, k, l];
  return { x: hkl[xAxis]?.[row] ?? NaN, y: hkl[yAxis]?.[row] ?? NaN };
}

/** Means of what is gathered into numbered bins. */
class Bins {
  /** @type {Map<number, {at: number, data: number, variance: number, model: number, count: number, pixel: {x: number, y: number}}>} */
  #bins = new Map();
  #seen;
  #step;

  /** @param {Seen} seen @param {number} step Å⁻¹ */
  constructor(seen, step) {
    this.#seen = seen;
    this.#step = step;
  }

  /** @param {number} bin @param {number} at Å⁻¹ @param {number} row @param {{x: number, y: number}} pixel */
  add(bin, at, row, pixel) {
    const { columns, model } = this.#seen;
    const sums = this.#bins.get(bin) ?? { at: 0, data: 0, variance: 0, model: 0, count: 0, pixel };
    sums.at += at;
    sums.data += columns.intensity[row] ?? NaN;
    sums.variance += (columns.sigma?.[row] ?? 0) ** 2;
    sums.model += model[row] ?? NaN;
    sums.count += 1;
    this.#bins.set(bin, sums);
  }

  /** @returns {Course} */
  get means() {
    const bins = [...this.#bins.values()].sort((a, b) => a.at / a.count - b.at / b.count);
    const means = (/** @type {"at" | "data" | "model"} */ name) =>
      Float64Array.from(bins, (bin) => bin[name] / bin.count);
    return {
      at: means("at"),
      data: means("data"),
      sigma: this.#seen.columns.sigma && Float64Array.from(bins, ({ variance, count }) => Math.sqrt(variance) / count),
      model: means("model"),
      count: Uint32Array.from(bins, ({ count }) => count),
      pixels: bins.map(({ pixel }) => pixel),
      step: this.#step,
    };
  }
}

/**
 * Along a line. Without a width its points are the pixels nearest to it, one for each step of a pixel along the axis on which it
 * runs faster; with one, the means over all pixels within the strip, sorted into as many steps. A pixel lies where
 * its centre falls on the line.
 * @param {Seen} seen @param {Cut} cut @returns {Course}
 */
export function cutOf(seen, { from, to, width }) {
  const { plane, columns, crystal } = seen;
  const dot = metricOf(plane, crystal);
  const along = minus(to, from);
  const length = Math.sqrt(dot(along, along));
  const steps = Math.max(
    1,
    Math.ceil(Math.max(Math.abs(along.x / plane.xStep), Math.abs(along.y / plane.yStep)) - 1e-6),
  );
  const step = length / steps;
  const bins = new Bins(seen, step);
  if (!(length > 0)) return bins.means;
  const project = (/** @type {Point} */ at) => dot(minus(at, from), along) / length;
  if (width > 0) {
    eachPixel(seen, (row, at, pixel) => {
      const t = project(at);
      const r = minus(at, from);
      const off = Math.sqrt(Math.max(0, dot(r, r) - t * t));
      const bin = Math.round(t / step);
      // Files round: what is to lie on the rim does.
      if (bin >= 0 && bin <= steps && off <= 0.5 * width + 1e-6) bins.add(bin, t, row, pixel);
    });
    return bins.means;
  }
  const seenRows = new Set();
  for (let i = 0; i <= steps; i++) {
    // Half way between two pixels it is the lower one, however numbers round.
    const x = Math.round((from.x + (along.x * i) / steps - plane.xStart) / plane.xStep - 1e-5);
    const y = Math.round((from.y + (along.y * i) / steps - plane.yStart) / plane.yStep - 1e-5);
    const row = rowAt(plane, x, y);
    const at = row < 0 || seenRows.has(row) ? null : usedAt(plane, columns, row);
    seenRows.add(row);
    if (at) bins.add(i, project(at), row, { x, y });
  }
  return bins.means;
}

/**
 * Around a point, out to a radius: the means over rings that are as wide as a pixel.
 * @param {Seen} seen @param {{centre: Point, radius: number}} profile `radius` in Å⁻¹. @returns {Course}
 */
export function profileOf(seen, { centre, radius }) {
  const step = pixelSize(seen);
  const dot = metricOf(seen.plane, seen.crystal);
  const bins = new Bins(seen, step);
  eachPixel(seen, (row, at, pixel) => {
    const r = minus(at, centre);
    const off = Math.sqrt(dot(r, r));
    if (off < radius) bins.add(Math.floor(off / step + 1e-9), off, row, pixel);
  });
  return bins.means;
}

/** The nearest of some points, or null. @param {{plane: Plane, crystal: Crystal}} seen @param {Point[]} points @param {Point} to */
export function nearest(seen, points, to) {
  /** @type {Point | null} */
  let best = null;
  for (const point of points) if (!best || distance(seen, point, to) < distance(seen, best, to)) best = point;
  return best;
}

/** Half the way from a point to the next of the others, Å⁻¹; null without any. @param {{plane: Plane, crystal: Crystal}} seen
 * @param {Point[]} points @param {Point} centre */
export function halfWay(seen, points, centre) {
  const others = points.filter((point) => distance(seen, point, centre) > 1e-6);
  const next = nearest(seen, others, centre);
  return next && 0.5 * distance(seen, next, centre);
}

/** The rim of a circle in the plane. @param {{plane: Plane, crystal: Crystal}} seen @param {Point} centre @param {number} radius Å⁻¹ */
export function circle({ plane, crystal }, centre, radius) {
  const dot = metricOf(plane, crystal);
  // Two directions at right angles, each one Å⁻¹ long.
  const x = { x: 1, y: 0 };
  const y = { x: -dot(x, { x: 0, y: 1 }) / dot(x, x), y: 1 };
  const [u, v] = [1 / Math.sqrt(dot(x, x)), 1 / Math.sqrt(dot(y, y))];
  return Array.from({ length: 72 }, (_, i) => {
    const [c, s] = [Math.cos((i * Math.PI) / 36), Math.sin((i * Math.PI) / 36)];
    return { x: centre.x + radius * (c * u * x.x + s * v * y.x), y: centre.y + radius * (c * u * x.y + s * v * y.y) };
  });
}

/** The corners of the strip around a line. @param {{plane: Plane, crystal: Crystal}} seen @param {Cut} cut @returns {Point[]} */
export function strip({ plane, crystal }, { from, to, width }) {
  const dot = metricOf(plane, crystal);
  const along = minus(to, from);
  // Any other direction, less what of it runs along the line.
  const other = Math.abs(along.x / plane.xStep) > Math.abs(along.y / plane.yStep) ? { x: 0, y: 1 } : { x: 1, y: 0 };
  const part = dot(other, along) / dot(along, along);
  const across = { x: other.x - part * along.x, y: other.y - part * along.y };
  const half = (0.5 * width) / Math.sqrt(dot(across, across));
  const aside = (/** @type {Point} */ p, /** @type {number} */ side) => ({
    x: p.x + side * half * across.x,
    y: p.y + side * half * across.y,
  });
  return [aside(from, 1), aside(to, 1), aside(to, -1), aside(from, -1)];
}
