/** The scale of a map or curve as it is on the screen: the one place here that knows how a scale is told. */

import { axis_ticks } from "../../pkg/tds_inversion.js";

/** @typedef {import("../draw/planes.js").Plane} Plane */
/** From one value to another, in one of the ways of the page. @typedef {{lo: number, hi: number, log: boolean}} Scale */
/** @typedef {Scale & {values: Float64Array, used: Uint8Array, colours: string}} Content */

/** @param {number} lo @param {number} hi @returns {Scale} */
export const linear = (lo, hi) => ({ lo, hi, log: false });
/** @param {number} lo @param {number} hi @returns {Scale} */
export const logarithmic = (lo, hi) => ({ lo, hi, log: true });

/** @param {Scale} scale @param {number} count At most about so many. */
export const ticksOf = ({ lo, hi, log }, count) => [...axis_ticks(lo, hi, log, count)];

/** Where a value is, from 0 at the lower end to 1 at the upper one, and beyond. @param {Scale} scale @param {number} value */
export function placeOn({ lo, hi, log }, value) {
  const way = (/** @type {number} */ v) => (log ? Math.log(Math.max(v, 1e-300)) : v);
  return (way(value) - way(lo)) / (way(hi) - way(lo));
}

/** RGBA of every pixel, the top row first. @param {Plane} plane @param {Content} content */
export const paint = (plane, { values, used, lo, hi, log, colours }) =>
  plane.wasm.paint(values, used, lo, hi, log, colours);
