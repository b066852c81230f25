/** The scale of a map or curve as it is on the screen: the one place here that knows how a scale is told. */

import { axis_ticks, scale_places } from "../../pkg/tds_inversion.js";

/** @typedef {import("../draw/planes.js").Plane} Plane */
/** From one value to another, in one of the ways of the page. @typedef {{lo: number, hi: number, scale: string}} Scale */
/** @typedef {Scale & {values: Float64Array, used: Uint8Array, colours: string}} Content */

/** @param {number} lo @param {number} hi @returns {Scale} */
export const linear = (lo, hi) => ({ lo, hi, scale: "linear" });
/** @param {number} lo @param {number} hi @returns {Scale} */
export const logarithmic = (lo, hi) => ({ lo, hi, scale: "log" });

/** @param {Scale} scale @param {number} count At most about so many. */
export const ticksOf = ({ lo, hi, scale }, count) => [...axis_ticks(lo, hi, scale, count)];

/** Where a value is, from 0 at the lower end to 1 at the upper one, and beyond. @param {Scale} scale @param {number} value */
export function placeOn({ lo, hi, scale }, value) {
  const place = scale_places(lo, hi, scale, Float64Array.of(value))[0] ?? NaN;
  // A logarithmic scale has no place for what is not positive: it lies below all others.
  return Number.isNaN(place) && !Number.isNaN(value) ? -Infinity : place;
}

/** RGBA of every pixel, the top row first. @param {Plane} plane @param {Content} content */
export const paint = (plane, { values, used, lo, hi, scale, colours }) =>
  plane.wasm.paint(values, used, lo, hi, scale, colours);
