/** What the maps are called, what is said of a pixel, and the curves of data along a line. */

import { qLength, rowAt } from "../../draw/planes.js";
import { rangeOf } from "../../draw/scan-panel.js";
import { brief, prose, rlu } from "../../page/numbers.js";

/** @typedef {import("../../draw/planes.js").Plane} Plane */
/** @typedef {import("../../draw/map-panel.js").Pixel} Pixel */
/** @typedef {import("../../engine/protocol.js").Columns} Columns */
/** @typedef {{plane: Plane, columns: Columns, model: Float64Array, residual: Float64Array, suspects: Uint32Array,
 *   description: import("../../engine/protocol.js").Description}} Shown */

/** @param {number} value */
const signed = (value) => (value > 0 ? "+" : "") + prose(value, 1);

/** In units of σ where there is one. @param {Columns} columns @param {Float64Array} model */
export function residualOf({ intensity, sigma }, model) {
  // A loop, since it is made anew with every move of a hand: a function for each of 65 536 pixels takes a millisecond.
  const residual = new Float64Array(intensity.length);
  for (let i = 0; i < residual.length; i++) {
    residual[i] = ((intensity[i] ?? NaN) - (model[i] ?? NaN)) / (sigma?.[i] ?? 1);
  }
  return residual;
}

/** Where the datum of a pixel was measured, or its middle without one. @param {Plane} plane @param {Columns} columns @param {Pixel} pixel */
export function hklAt(plane, columns, pixel) {
  const row = rowAt(plane, pixel.x, pixel.y);
  /** @type {[number, number, number]} */
  const hkl = [0, 0, 0];
  hkl[plane.axis] = plane.value;
  hkl[plane.xAxis] = plane.xStart + pixel.x * plane.xStep;
  hkl[plane.yAxis] = plane.yStart + pixel.y * plane.yStep;
  if (row >= 0) {
    hkl[0] = columns.h[row] ?? 0;
    hkl[1] = columns.k[row] ?? 0;
    hkl[2] = columns.l[row] ?? 0;
  }
  return hkl;
}

/** @param {Shown} shown @param {Pixel} pixel */
export function read({ plane, columns, model, residual: residuals, suspects, description }, pixel) {
  const row = rowAt(plane, pixel.x, pixel.y);
  const hkl = hklAt(plane, columns, pixel);
  const q = qLength(description.crystal, hkl);
  const place = `h k l  ${hkl.map(rlu).join("  ")} · |Q| ${q.toFixed(2)} Å⁻¹`;
  if (row < 0) return `${place} · no data here`;
  const sigma = columns.sigma?.[row];
  const counted = sigma === undefined ? "" : ` ± ${Number(sigma.toPrecision(2))}`;
  const parts = [place, `data ${brief(columns.intensity[row] ?? NaN)}${counted}`, `model ${brief(model[row] ?? NaN)}`];
  const residual = residuals[row] ?? NaN;
  if (columns.used[row] === 0 || Number.isNaN(residual)) parts.push("left out of the fit");
  else parts.push(`residual ${sigma === undefined ? brief(residual) : `${signed(residual)} σ`}`);
  if (suspects.includes(row)) parts.push("beyond 5 σ");
  return parts.join(" · ");
}

const LABELS = ["Data: measured intensity", "Model: calculated intensity", "Residual: data minus model"];

/** What assistive tools call a panel. @param {number} i Of data, model, residual. @param {Plane} plane @param {number} ringed Its pixels with a ring. */
export function nameOf(i, plane, ringed) {
  const where = plane.scan
    ? `along a line from ${plane.name}, ${plane.nx} points`
    : `plane ${plane.name}, ${plane.nx} × ${plane.ny} pixels`;
  return `${LABELS[i]}, ${where}${ringed > 0 ? `, ${ringed} ringed` : ""}`;
}

/**
 * Data, model and residual along a line.
 * @param {Shown} shown @param {import("./colouring.js").View} view @param {number} half The residual's range.
 * @returns {import("../../draw/scan-panel.js").Curves[]}
 */
export function curvesOf({ plane, columns, model, residual }, view, half) {
  const along = (/** @type {Float64Array} */ values) => Float64Array.from(plane.index, (row) => values[row] ?? NaN);
  const used = Uint8Array.from(plane.index, (row) => columns.used[row] ?? 0);
  const [points, curve] = [along(columns.intensity), along(model)];
  const sigma = columns.sigma && along(columns.sigma);
  const [lo, hi] = rangeOf({ points, sigma, curve, used }, view.scale);
  const common = { sigma, used, lo, hi, scale: view.scale, zero: false };
  const most = sigma ? Math.max(2, 1.1 * half) : 1.1 * half;
  const ends = { lo: -most, hi: most, scale: view.residual, zero: true };
  return [
    { ...common, points, curve },
    { ...common, points: null, curve },
    { ...common, points: along(residual), curve: null, ...ends },
  ];
}
