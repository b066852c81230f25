/**
 * How the crystal is looked at, as one text for links and for the next time: only what is not as in the beginning is in it, and what
 * cannot be read is as in the beginning.
 */

/** @typedef {import("../../engine/protocol.js").Vector} Vector */
/**
 * `q`: hkl; `mode`: the number of the wave, from 1; `from`: the pixel of a map that was taken last; `turn`: of the crystal, a
 * quaternion; `times`: the exaggeration; `still`: the phase at which the wave is held, in turns.
 * @typedef {{
 *   q?: Vector, mode?: number, from?: Vector, turn?: number[], zoom?: number, times?: number, arrows?: boolean, cells?: number,
 *   shells?: number[], still?: number,
 * }} Seen
 */

const isNumber = (/** @type {unknown} */ x) => typeof x === "number" && Number.isFinite(x) && Math.abs(x) < 1e6;
const isCount = (/** @type {unknown} */ x) => isNumber(x) && Number.isInteger(x) && Number(x) >= 0;
/** @param {number} n @returns {(x: unknown) => boolean} */
const areNumbers = (n) => (x) => Array.isArray(x) && x.length === n && x.every(isNumber);

/** Whether a value is of its kind. @type {{[K in keyof Required<Seen>]: (x: unknown) => boolean}} */
const KINDS = {
  q: areNumbers(3),
  mode: (x) => isCount(x) && Number(x) > 0,
  from: areNumbers(3),
  turn: (x) => areNumbers(4)(x) && Math.abs(Math.hypot(.../** @type {number[]} */ (x)) - 1) < 0.01,
  zoom: (x) => isNumber(x) && Number(x) > 0,
  times: (x) => isNumber(x) && Number(x) >= 0,
  arrows: (x) => typeof x === "boolean",
  cells: isCount,
  shells: (x) => Array.isArray(x) && x.every(isCount),
  still: isNumber,
};

/** @param {string} text @returns {Seen} */
export function seenIn(text) {
  /** @type {Record<string, unknown>} */
  let found = {};
  try {
    found = JSON.parse(text || "{}") ?? {};
  } catch {
    // As in the beginning.
  }
  return Object.fromEntries(
    Object.entries(KINDS)
      .filter(([name, isOf]) => isOf(found[name]))
      .map(([name]) => [name, found[name]]),
  );
}

/** @param {Seen} seen */
export function textOf(seen) {
  const rounded = (/** @type {string} */ _, /** @type {unknown} */ value) =>
    typeof value === "number" ? Number(value.toFixed(6)) + 0 : value;
  const text = JSON.stringify(seen, rounded);
  return text === "{}" ? "" : text;
}

/** A rotation as a quaternion: what is real comes last and is not below zero. @param {number[][]} rows Of its matrix. */
export function quaternionOf([[a = 1, b = 0, c = 0] = [], [d = 0, e = 1, f = 0] = [], [g = 0, h = 0, i = 1] = []]) {
  // Of four ways to the same the one that divides by the largest.
  const ways = [
    [1 + a - e - i, b + d, c + g, h - f],
    [b + d, 1 - a + e - i, f + h, c - g],
    [c + g, f + h, 1 - a - e + i, d - b],
    [h - f, c - g, d - b, 1 + a + e + i],
  ];
  const best = ways.reduce((best, way, n) => ((way[n] ?? 0) > (ways[best]?.[best] ?? 0) ? n : best), 0);
  const way = ways[best] ?? [];
  const sign = (way[3] ?? 0) < 0 ? -1 : 1;
  return way.map((x) => (sign * x) / Math.hypot(...way));
}

/** The matrix of a rotation. @param {number[]} quaternion @returns {number[][]} */
export function rowsOf(quaternion) {
  const [x = 0, y = 0, z = 0, w = 1] = quaternion.map((part) => part / Math.hypot(...quaternion));
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
    [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
  ];
}
