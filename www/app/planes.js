/** The planes of a data set: what is shown on one map. */

import { find_planes, slicing_axes } from "../../pkg/tds_inversion.js";
import { fraction } from "./numbers.js";

/** @typedef {import("../../pkg/tds_inversion.js").Plane} WasmPlane */
/** @typedef {import("../protocol.js").Columns} Columns */

export const AXES = /** @type {const} */ (["h", "k", "l"]);

/**
 * A plane with its numbers at hand; `wasm` paints it and must be freed.
 * @typedef {{
 *   wasm: WasmPlane, dataset: number, name: string,
 *   axis: number, value: number, xAxis: number, yAxis: number,
 *   nx: number, ny: number, xStart: number, xStep: number, yStart: number, yStep: number,
 *   index: Int32Array,
 * }} Plane
 */

/** @param {Columns} c @param {number} dataset @param {number} [cut] @returns {Plane[]} */
export function planesOf(c, dataset, cut) {
  return find_planes(c.h, c.k, c.l, cut).map((wasm) => ({
    wasm,
    dataset,
    name: nameOf(wasm),
    axis: wasm.axis,
    value: wasm.value,
    xAxis: wasm.x_axis,
    yAxis: wasm.y_axis,
    nx: wasm.nx,
    ny: wasm.ny,
    xStart: wasm.x_start,
    xStep: wasm.x_step,
    yStart: wasm.y_start,
    yStep: wasm.y_step,
    index: wasm.index,
  }));
}

/** The axes along which data can be cut, if there is a choice. @param {Columns} c */
export function cutsOf(c) {
  const axes = [...slicing_axes(c.h, c.k, c.l)];
  return axes.length > 1 ? axes : [];
}

/** @param {WasmPlane} plane */
function nameOf(plane) {
  const axis = AXES[plane.axis] ?? "l";
  const half = plane.thickness / 2;
  const where =
    half > 0
      ? `${axis} from ${fraction(plane.value - half)} to ${fraction(plane.value + half)}`
      : `${axis} = ${fraction(plane.value)}`;
  return plane.layer > 0 ? `${where}, layer ${plane.layer + 1}` : where;
}

/** Data row at a pixel, or −1. @param {Plane} plane @param {number} x @param {number} y */
export function rowAt(plane, x, y) {
  if (x < 0 || y < 0 || x >= plane.nx || y >= plane.ny) return -1;
  return plane.index[y * plane.nx + x] ?? -1;
}

/** Pixels of the plane that show one of the rows. @param {Plane} plane @param {Uint32Array} rows @returns {{x: number, y: number}[]} */
export function pixelsOf(plane, rows) {
  if (rows.length === 0) return [];
  const wanted = new Set(rows);
  const pixels = [];
  for (const [i, row] of plane.index.entries()) {
    if (row >= 0 && wanted.has(row)) pixels.push({ x: i % plane.nx, y: Math.floor(i / plane.nx) });
  }
  return pixels;
}

/** Integer points of the plane where the lattice has Bragg peaks.
 * @param {Plane} plane @param {string} centring First letter of the space group.
 * @returns {{x: number, y: number}[]} in r.l.u.
 */
export function braggPoints(plane, centring) {
  const normal = Math.round(plane.value);
  if (Math.abs(plane.value - normal) > 1e-6) return [];
  const ends = (/** @type {number} */ start, /** @type {number} */ step, /** @type {number} */ n) =>
    [Math.ceil(start - step / 2 - 1e-6), Math.floor(start + (n - 0.5) * step + 1e-6)];
  const [x0 = 0, x1 = 0] = ends(plane.xStart, plane.xStep, plane.nx);
  const [y0 = 0, y1 = 0] = ends(plane.yStart, plane.yStep, plane.ny);
  if ((x1 - x0) * (y1 - y0) > 1600) return [];
  const points = [];
  for (let x = x0; x <= x1; x++) {
    for (let y = y0; y <= y1; y++) {
      const hkl = [0, 0, 0];
      hkl[plane.axis] = normal;
      hkl[plane.xAxis] = x;
      hkl[plane.yAxis] = y;
      if (isAllowed(hkl, centring)) points.push({ x, y });
    }
  }
  return points;
}

/** @param {number[]} hkl @param {string} centring */
function isAllowed([h = 0, k = 0, l = 0], centring) {
  const even = (/** @type {number} */ n) => n % 2 === 0;
  switch (centring) {
    case "F":
      return even(h + k) && even(k + l);
    case "I":
      return even(h + k + l);
    case "A":
      return even(k + l);
    case "B":
      return even(h + l);
    case "C":
      return even(h + k);
    case "R":
      return (-h + k + l) % 3 === 0;
    default:
      return true;
  }
}

/**
 * |Q| in Å⁻¹ of a point in r.l.u.
 * @param {import("../protocol.js").Vector[]} reciprocal Vectors a*, b*, c* with the 2π.
 * @param {number[]} hkl
 */
export function qLength(reciprocal, hkl) {
  const along = [0, 1, 2].map((axis) => reciprocal.reduce((sum, vector, i) => sum + (hkl[i] ?? 0) * (vector[axis] ?? 0), 0));
  return Math.hypot(...along);
}
