/** Which voxels of a volume are taken: what that says in a job, and how many there are. */

import { LETTERS, letterOf } from "./axes.js";

/** @typedef {import("./protocol.js").Entry} Entry */
/** @typedef {import("./protocol.js").Vector} Vector */
/** @typedef {[number, number]} Limits */
/** An axis with as many voxels as the file has. @typedef {{direction: Vector, count: number, first: number, step: number, even: boolean}} Axis */
/** Where the voxels of a file lie. @typedef {{axes: Axis[], origin: Vector}} Grid */
/**
 * What a person chose. @typedef {{
 *   limits: (Limits | null)[], stride: number,
 *   plane: {letter: number, value: number, thickness: number | null} | {oblique: import("./protocol.js").PlaneSpec} | null,
 * }} Choice  `limits` of h, k, l, null for all; `letter`: 0, 1, 2 of h, k, l.
 */

/**
 * The most points of one measurement that the page fits, so that a tab does not run out of memory: their columns
 * take 120 MB each time that they are handed on.
 */
export const MOST_POINTS = 3_000_000;

/** The most voxels of a first picture. */
const MOST_SHOWN = 1 << 22;

/** Limits have the rounding of the centres. */
const ROUNDING = 1e-9;

/** @param {import("./protocol.js").Summary} summary Before anything is read. @returns {Grid} */
export function gridOf({ axes, origin }) {
  return {
    origin: /** @type {Vector} */ ([...origin]),
    axes: axes.map(({ direction, count, range: [first, last], step }) => ({
      direction: /** @type {Vector} */ ([...direction]),
      count,
      first,
      step: step ?? (last - first) / Math.max(1, count - 1),
      even: count === 1 || (step ?? null) !== null,
    })),
  };
}

/**
 * The whole grid, of which perhaps a part was read. @param {import("./protocol.js").Summary} described Before anything was read.
 * @param {Partial<Entry>} placed Axes that a person gave. @param {import("./protocol.js").Summary} read @returns {Grid}
 */
export function wholeGrid(described, placed, read) {
  const known =
    described.axes.length > 0 ? gridOf(described).axes : (placed.axes ?? []).map(givenAxis(described.shape));
  const isKnown = (/** @type {Vector} */ direction) =>
    known.some((axis) => String(axis.direction) === String(direction));
  // A plane has its place along an axis that the array lacks.
  const { axes, origin } = gridOf(read);
  return {
    origin,
    axes: [...known, ...axes.filter(({ direction }) => !isKnown(direction)).slice(0, 3 - known.length)],
  };
}

/** @param {number[]} shape @returns {(spec: import("./protocol.js").AxisSpec, n: number) => Axis} */
const givenAxis =
  (shape) =>
  ({ along, limits }, n) => {
    const letter = LETTERS.indexOf(/** @type {typeof LETTERS[number]} */ (along));
    const direction = letter < 0 ? [...along].map(Number) : LETTERS.map((_, m) => Number(m === letter));
    const [first, last] = limits ?? [0, 0];
    const count = shape[n] ?? 1;
    const step = (last - first) / Math.max(1, count - 1);
    return { direction: /** @type {Vector} */ (direction), count, first, step, even: true };
  };

/** The axis of the grid along which h, k or l changes and nothing else does. @param {Grid} grid @param {number} letter */
export function axisOf({ axes }, letter) {
  const along = axes.filter(({ direction }) => direction[letter] !== 0);
  const [only] = along;
  return along.length === 1 && only && letterOf(only.direction) === letter ? only : null;
}

/** Least and largest h, k or l of the grid. @param {Grid} grid @param {number} letter @returns {Limits} */
export function extent({ axes, origin }, letter) {
  let [low, high] = [origin[letter] ?? 0, origin[letter] ?? 0];
  for (const { direction, first, step, count } of axes) {
    const ends = [first, first + step * (count - 1)].map((x) => x * (direction[letter] ?? 0));
    low += Math.min(...ends);
    high += Math.max(...ends);
  }
  return [tidy(low), tidy(high)];
}

/** Without the dust of arithmetic. @param {number} x */
export const tidy = (x) => Number(x.toFixed(9)) + 0;

/**
 * The limits of each index that the choice comes to. A plane along h, k or l is a region of one layer, or of
 * as many as it is thick: so nothing else is read.
 * @param {Grid} grid @param {Choice} choice @returns {(Limits | null)[]}
 */
function limitsOf(grid, { limits, plane }) {
  if (!plane || "oblique" in plane) return limits;
  const { letter, value, thickness } = plane;
  const axis = axisOf(grid, letter);
  if (!axis) return limits;
  const scale = axis.direction[letter] ?? 1;
  const step = Math.abs(axis.step * scale);
  const [from, to] = extent(grid, letter);
  // The nearest layer, a quarter of a step to both sides; of uneven layers those within half a step.
  const half = thickness === null ? (axis.even ? step / 4 : step / 2) : thickness / 2;
  const beyond = value < from - step / 2 - ROUNDING || value > to + step / 2 + ROUNDING;
  const layers = axis.count === 1 || !axis.even || beyond ? 0 : Math.round((value - from) / step);
  const middle = thickness === null && axis.even && !beyond ? from + layers * step : value;
  return limits.map((old, n) => (n === letter ? [tidy(middle - half), tidy(middle + half)] : old));
}

/** @param {Grid} grid @param {Choice} choice @returns {Partial<Entry>} What a job says of it. */
export function chosen(grid, choice) {
  const limits = limitsOf(grid, choice);
  /** @type {Record<string, Limits>} */
  const region = {};
  for (const [n, letter] of LETTERS.entries()) {
    const pair = limits[n];
    if (pair) region[letter] = pair;
  }
  const plane = planeOf(grid, choice);
  return {
    ...(Object.keys(region).length > 0 ? { region } : {}),
    ...(choice.stride > 1 ? { stride: choice.stride } : {}),
    ...(plane ? { plane } : {}),
  };
}

/** A plane that is no region. @param {Grid} grid @param {Choice} choice */
function planeOf(grid, { plane }) {
  if (!plane) return null;
  if ("oblique" in plane) return plane.oblique;
  const { letter, value, thickness } = plane;
  if (axisOf(grid, letter)) return null;
  const unit = (/** @type {number} */ n) => /** @type {Vector} */ ([0, 1, 2].map((m) => Number(m === n)));
  const point = /** @type {Vector} */ (unit(letter).map((x) => x * value));
  const [u = 0, v = 1] = [0, 1, 2].filter((n) => n !== letter);
  return {
    point,
    vectors: /** @type {[Vector, Vector]} */ ([unit(u), unit(v)]),
    ...(thickness === null ? {} : { thickness }),
  };
}

/** How many voxels are taken; `exact` where that can be known before they are read. @param {Grid} grid @param {Choice} choice */
export function voxels(grid, choice) {
  const limits = limitsOf(grid, choice);
  let exact = true;
  /** Voxels along each axis, and what part of them is inside as far as the axes cannot say it. */
  const counts = grid.axes.map(({ count }) => count);
  let part = 1;
  for (const [letter, pair] of limits.entries()) {
    if (!pair) continue;
    const axis = axisOf(grid, letter);
    if (axis) {
      exact &&= axis.even;
      counts[grid.axes.indexOf(axis)] = within(axis, grid.origin[letter] ?? 0, axis.direction[letter] ?? 1, pair);
    } else {
      exact = false;
      part *= share(extent(grid, letter), pair);
    }
  }
  const taken = counts.map((n) => Math.ceil(n / choice.stride));
  const all = taken.reduce((product, n) => product * n, 1) * part;
  const plane = planeOf(grid, choice);
  if (!plane) return { count: Math.round(all), exact };
  const steps = grid.axes.map(({ step }) => Math.abs(step) * choice.stride);
  const layers = Math.max(...taken);
  const thick = plane.thickness ? Math.max(1, plane.thickness / Math.max(...steps, ROUNDING)) : 1;
  return { count: Math.round(Math.min(all, (all / layers) * thick)), exact: false };
}

/** @param {Axis} axis @param {number} origin @param {number} scale @param {Limits} limits */
function within({ first, step, count }, origin, scale, [low, high]) {
  const start = origin + first * scale;
  const by = step * scale;
  if (count === 1 || by === 0) return start >= low - ROUNDING && start <= high + ROUNDING ? count : 0;
  const ends = [(low - ROUNDING - start) / by, (high + ROUNDING - start) / by].sort((a, b) => a - b);
  const [from = 0, to = 0] = ends;
  return Math.max(0, Math.min(count - 1, Math.floor(to + 1e-6)) - Math.max(0, Math.ceil(from - 1e-6)) + 1);
}

/** What part of an extent lies within limits. @param {Limits} extent @param {Limits} limits */
function share([from, to], [low, high]) {
  if (to <= from) return low <= from && from <= high ? 1 : 0;
  return Math.max(0, Math.min(to, high) - Math.max(from, low)) / (to - from);
}

/** The stride with which an array is read for a picture. @param {number[]} shape */
export function thinning(shape) {
  const shown = (/** @type {number} */ stride) => shape.reduce((product, n) => product * Math.ceil(n / stride), 1);
  let stride = 1;
  while (shown(stride) > MOST_SHOWN) stride += 1;
  return stride;
}

/** The smallest stride with which no more than `most` voxels are taken. @param {Grid} grid @param {Choice} choice @param {number} most */
export function strideFor(grid, choice, most) {
  let stride = Math.max(1, choice.stride);
  while (voxels(grid, { ...choice, stride }).count > most && stride < 1000) stride += 1;
  return stride;
}

/** The middle of the volume with no more than `most` voxels. @param {Grid} grid @param {Choice} choice @param {number} most @returns {Choice} */
export function middleFor(grid, choice, most) {
  const whole = LETTERS.map((_, n) => choice.limits[n] ?? extent(grid, n));
  const [shrunk] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30, 50, 100]
    .map((by) => 1 / by)
    .flatMap((by) => {
      const limits = whole.map((pair) => shrink(pair, by));
      const next = { ...choice, limits };
      return voxels(grid, next).count <= most ? [next] : [];
    });
  return shrunk ?? choice;
}

/** @param {Limits} pair @param {number} by @returns {Limits} */
function shrink([low, high], by) {
  const [middle, half] = [(low + high) / 2, ((high - low) / 2) * by];
  return [Number((middle - half).toFixed(3)) + 0, Number((middle + half).toFixed(3)) + 0];
}
