/** Axes for an array that comes without any: from what is typed, or from three Bragg peaks in its picture. */

/** @typedef {import("./protocol.js").AxisSpec} AxisSpec */
/** @typedef {import("./protocol.js").Vector} Vector */
/** A pixel of a picture: column and row from its first corner, fractions allowed. @typedef {{x: number, y: number}} Pixel */
/** @typedef {{pixel: Pixel, hkl: Vector}} Peak */
/** hkl = origin + x · across + y · down. @typedef {{origin: Vector, across: Vector, down: Vector}} Affine */

export const LETTERS = /** @type {const} */ (["h", "k", "l"]);

/** Which of h, k, l is along a direction alone, or −1. @param {ArrayLike<number>} direction */
export function letterOf(direction) {
  const along = [0, 1, 2].filter((n) => direction[n] !== 0);
  return along.length === 1 ? (along[0] ?? -1) : -1;
}

/** A direction as it may stand in a label: h, or [1 −1 0]. @param {ArrayLike<number>} direction */
export function nameOf(direction) {
  const letter = LETTERS[letterOf(direction)];
  if (letter && direction[letterOf(direction)] === 1) return letter;
  return `[${Array.from(direction, (x) => String(Number(x.toPrecision(3))).replace("-", "−")).join(" ")}]`;
}

/**
 * The map from pixels to hkl that three peaks determine.
 * @param {Peak[]} peaks @returns {Affine}
 */
export function solve(peaks) {
  const [a, b, c] = peaks;
  if (!a || !b || !c) throw new Error("Three peaks are needed.");
  const [p, q] = [minus(b.pixel, a.pixel), minus(c.pixel, a.pixel)];
  const area = p.x * q.y - p.y * q.x;
  const sine = Math.abs(area) / (Math.hypot(p.x, p.y) * Math.hypot(q.x, q.y));
  // About six degrees: beyond that the error of a click is multiplied too often.
  if (!(sine > 0.1)) throw new Error("The three peaks lie on a line: choose one beside it.");
  const [u, v] = [difference(b.hkl, a.hkl), difference(c.hkl, a.hkl)];
  const along = (/** @type {number} */ x, /** @type {number} */ y) =>
    /** @type {Vector} */ (u.map((_, n) => tidy((x * (u[n] ?? 0) + y * (v[n] ?? 0)) / area)));
  const [across, down] = [along(q.y, -p.y), along(-q.x, p.x)];
  const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  if (Math.hypot(...normal) < 1e-9)
    throw new Error("The hkl of the three peaks lie on a line, and their places do not: look at the hkl again.");
  const origin = /** @type {Vector} */ (
    a.hkl.map((x, n) => tidy(x - a.pixel.x * (across[n] ?? 0) - a.pixel.y * (down[n] ?? 0)))
  );
  return { origin, across, down };
}

/** @param {Pixel} a @param {Pixel} b */
const minus = (a, b) => ({ x: a.x - b.x, y: a.y - b.y });
/** @param {Vector} a @param {Vector} b */
const difference = (a, b) => /** @type {Vector} */ (a.map((x, n) => x - (b[n] ?? 0)));
/** @param {number} x */
const tidy = (x) => Number(x.toPrecision(9)) + 0;

/**
 * One axis as a form holds it. @typedef {{direction: Vector, first: number, last: number, count: number}} AxisForm
 *   Coordinates of the first and the last centre along the direction.
 */

/** @param {AxisForm} form @returns {AxisSpec} */
export function specOf({ direction, first, last, count }) {
  const letter = direction[letterOf(direction)] === 1 ? LETTERS[letterOf(direction)] : undefined;
  return { along: letter ?? direction, limits: count === 1 ? [first, first] : [first, last] };
}

/**
 * The forms of rows and columns, and the origin, that peaks come to. An axis along h, k or l alone takes its
 * part of the origin, so that its coordinates are h, k or l.
 * @param {Affine} affine @param {number} rows @param {number} columns
 * @returns {{rows: AxisForm, columns: AxisForm, origin: Vector}}
 */
export function formsOf({ origin, across, down }, rows, columns) {
  // What is clicked is never better than a thousandth of a pixel.
  const smallest = Math.min(largestOf(across), largestOf(down)) / 1000;
  const round = (/** @type {number} */ x) =>
    Number(x.toFixed(Math.min(12, Math.max(0, Math.ceil(-Math.log10(smallest)))))) + 0;
  const left = /** @type {Vector} */ (origin.map(round));
  const form = (/** @type {Vector} */ step, /** @type {number} */ count) => {
    const letter = letterOf(step);
    if (letter >= 0) {
      const first = left[letter] ?? 0;
      left[letter] = 0;
      const direction = /** @type {Vector} */ ([0, 1, 2].map((n) => Number(n === letter)));
      return { direction, first, last: round(first + (step[letter] ?? 0) * (count - 1)), count };
    }
    const largest = largestOf(step);
    const direction = /** @type {Vector} */ (step.map((x) => Number((x / largest).toFixed(5)) + 0));
    const sign = Math.sign(step.find((x) => Math.abs(x) === largest) ?? 1);
    return {
      direction: /** @type {Vector} */ (direction.map((x) => x * sign + 0)),
      first: 0,
      last: round(sign * largest * (count - 1)),
      count,
    };
  };
  const both = { columns: form(steep(across), columns), rows: form(steep(down), rows) };
  return { ...both, origin: left };
}

/** @param {Vector} step */
const largestOf = (step) => Math.max(...step.map(Math.abs)) || 1;

/** Without parts that a click cannot tell from nothing: less than a pixel over a thousand. @param {Vector} step @returns {Vector} */
function steep(step) {
  const largest = largestOf(step);
  return /** @type {Vector} */ (step.map((x) => (Math.abs(x) < 1e-4 * largest ? 0 : x)));
}

/** The axes that show an array pixel by pixel: columns along h, rows along k, pages along l. @param {number[]} shape @returns {AxisSpec[]} */
export function pixelAxes(shape) {
  // Coordinates are at most 10⁴ in magnitude.
  const step = Math.max(...shape) > 5000 ? 1 / 64 : 1;
  const letters = /** @type {const} */ (["l", "k", "h"]);
  return shape.map((_, n) => ({ along: letters[n + 3 - shape.length] ?? "h", first: 0, step }));
}

/** The centre of gravity of what stands out around a pixel; the pixel where nothing does.
 * @param {{width: number, height: number, values: ArrayLike<number>}} picture @param {Pixel} near @param {number} reach Pixels. @returns {Pixel} */
export function peakNear({ width, height, values }, near, reach) {
  const [left, right] = [Math.max(0, near.x - reach), Math.min(width - 1, near.x + reach)];
  const [top, bottom] = [Math.max(0, near.y - reach), Math.min(height - 1, near.y + reach)];
  /** @type {{x: number, y: number, value: number}[]} */
  const seen = [];
  for (let y = Math.ceil(top); y <= bottom; y++) {
    for (let x = Math.ceil(left); x <= right; x++) {
      const value = values[y * width + x] ?? NaN;
      if (Number.isFinite(value)) seen.push({ x, y, value });
    }
  }
  const levels = seen.map(({ value }) => value).sort((a, b) => a - b);
  const [middle = 0, highest = 0] = [levels[levels.length >> 1], levels[levels.length - 1]];
  const floor = (middle + highest) / 2;
  const above = seen.filter(({ value }) => value > floor);
  const weight = above.reduce((sum, { value }) => sum + value - floor, 0);
  if (!(weight > 0)) return near;
  const mean = (/** @type {"x" | "y"} */ key) =>
    above.reduce((sum, pixel) => sum + pixel[key] * (pixel.value - floor), 0) / weight;
  return { x: mean("x"), y: mean("y") };
}
