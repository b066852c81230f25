/** Which values the maps colour, and by which scale. */

/** @typedef {import("../../draw/planes.js").Plane} Plane */
/** @typedef {import("../../engine/protocol.js").Columns} Columns */
/**
 * `scale`: name of the scale of the intensities; `tail`: the part of them left outside at either end, unless `limits` are given;
 * `spread`: the largest residual that is coloured, null for what there is; `residual`: the name of its scale.
 * @typedef {{scale: string, tail: number, limits: [number, number] | null, colours: string, spread: number | null, residual: string}} View
 */

/** The view that the settings ask for. @param {import("../../page/settings.js").Values} settings @returns {View} */
export function viewOf({ scale, tail, limits, colours, spread }) {
  const [lo = NaN, hi = NaN] = String(limits).split(" ").map(Number);
  const byHand = tail === "hand";
  return {
    scale: String(scale),
    tail: byHand ? 0.005 : Number(tail),
    limits: byHand && lo < hi ? [lo, hi] : null,
    colours: String(colours),
    spread: spread === "auto" ? null : spread === "symlog" ? 100 : Number(spread),
    residual: spread === "symlog" ? "symlog" : "linear",
  };
}

/** Least and largest used intensity of a plane that a scale can show. @param {Plane} plane @param {Columns} columns @param {View} view
 * @returns {[number, number]} */
export function extentOf(plane, { intensity, used }, { scale }) {
  return usable(plane.wasm.robust_range(intensity, used, 0, scale === "log"), scale);
}

/** The ends of the colours. Limits by hand hold where they meet what there is. @param {Plane} plane @param {Columns} columns @param {View} view
 * @returns {[number, number]} */
export function rangeIn(plane, columns, view) {
  if (view.limits) {
    const [[lo, hi], [least, most]] = [view.limits, extentOf(plane, columns, view)];
    if (lo < most && hi > least && (view.scale !== "log" || lo > 0)) return [lo, hi];
  }
  return usable(plane.wasm.robust_range(columns.intensity, columns.used, view.tail, view.scale === "log"), view.scale);
}

/** No zero width, nothing below zero on a logarithmic scale. @param {Float64Array} range Empty without values. @param {string} scale
 * @returns {[number, number]} */
function usable(range, scale) {
  const log = scale === "log";
  const [lo, hi] = range;
  if (lo === undefined || hi === undefined) return log ? [1, 10] : [0, 1];
  if (log) return hi / lo > 1.001 ? [Math.max(lo, hi * 1e-12), hi] : [lo / 1.5, hi * 1.5];
  return hi - lo > 1e-9 * Math.abs(hi) ? [lo, hi] : [lo - 0.5 * Math.abs(lo || 1), hi + 0.5 * Math.abs(hi || 1)];
}
