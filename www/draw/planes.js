/** The planes of a data set: what is shown on one map. */

import { find_planes, q_length, slicing_axes } from "../../pkg/tds_inversion.js";
import { fraction } from "../page/numbers.js";

/** @typedef {import("../../pkg/tds_inversion.js").Plane} WasmPlane */
/** @typedef {import("../engine/protocol.js").Columns} Columns */
/** @typedef {import("../engine/protocol.js").Description["crystal"]} Crystal */

export const AXES = /** @type {const} */ (["h", "k", "l"]);

/**
 * A plane with its numbers at hand; `wasm` paints it and must be freed.
 * @typedef {{
 *   wasm: WasmPlane, dataset: number, name: string,
 *   axis: number, value: number, xAxis: number, yAxis: number,
 *   nx: number, ny: number, xStart: number, xStep: number, yStart: number, yStep: number,
 *   index: Int32Array,
 *   scan: {axis: number, at: Float64Array} | null,
 * }} Plane  `scan`: its rows lie on a straight line, one pixel a row; the axis along which it extends most,
 *   and where on it they are, rising.
 */

/** @param {Columns} c @param {number} dataset @param {number} [cut] @returns {Plane[]} */
export function planesOf(c, dataset, cut) {
  return find_planes(c.h, c.k, c.l, cut).map((wasm) => ({
    wasm,
    dataset,
    name: wasm.scan.length > 0 ? lineOf(c, wasm) : nameOf(wasm),
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
    scan: null,
    ...scanOf(c, wasm.scan),
  }));
}

/** @param {Columns} c @param {Int32Array} rows Along a straight line. */
function scanOf(c, rows) {
  if (rows.length === 0) return {};
  const [first = 0, last = 0] = [rows[0], rows[rows.length - 1]];
  const columns = AXES.map((axis) => c[axis]);
  const extents = columns.map((values) => Math.abs((values[last] ?? 0) - (values[first] ?? 0)));
  const axis = extents.indexOf(Math.max(...extents));
  return {
    nx: rows.length,
    ny: 1,
    index: rows,
    scan: { axis, at: Float64Array.from(rows, (row) => columns[axis]?.[row] ?? NaN) },
  };
}

/** @param {Columns} c @param {WasmPlane} plane */
function lineOf(c, { scan, layer }) {
  const place = (/** @type {number | undefined} */ row) =>
    `(${AXES.map((axis) => fraction(c[axis][row ?? 0] ?? NaN)).join(", ")})`;
  return `${place(scan[0])} to ${place(scan[scan.length - 1])}${layer > 0 ? `, layer ${layer + 1}` : ""}`;
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

/** Where the lattice has Bragg peaks in the plane.
 * @param {Plane} plane @param {Crystal} crystal
 * @returns {{x: number, y: number}[]} in r.l.u.
 */
export function braggPoints({ wasm }, { primitive }) {
  const flat = wasm.bragg_points(Float64Array.from(primitive.flat()));
  return Array.from({ length: flat.length / 2 }, (_, i) => ({ x: flat[2 * i] ?? 0, y: flat[2 * i + 1] ?? 0 }));
}

/** |Q| in Å⁻¹ of a point in r.l.u. @param {Crystal} crystal @param {number[]} hkl */
export const qLength = ({ reciprocal }, hkl) => q_length(Float64Array.from(reciprocal.flat()), Float64Array.from(hkl));

/** Height over width that shows lengths in reciprocal space alike. @param {Plane} plane @param {{crystal: Crystal}} description */
export function aspectOf(plane, { crystal }) {
  const unit = (/** @type {number} */ axis) =>
    qLength(
      crystal,
      [0, 1, 2].map((i) => Number(i === axis)),
    );
  const x = plane.nx * plane.xStep * unit(plane.xAxis);
  const y = plane.ny * plane.yStep * unit(plane.yAxis);
  const aspect = y / x;
  return Number.isFinite(aspect) ? Math.min(1.5, Math.max(0.18, aspect)) : 1;
}
