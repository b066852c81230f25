/** The masks of a job: shapes for all measurements, and those of single ones. As a setting they are one text. */

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("../../pkg/tds_inversion.js").Shape} Shape */
/** @typedef {import("../engine/protocol.js").Description["datasets"][number]} Dataset */
/** `own`: by the number of the measurement. @typedef {{all: Shape[], own: Shape[][]}} Masks */
/** Where a shape stands: `set` is the measurement that it belongs to, null for all. @typedef {{set: number | null, at: number}} Place */

/** @param {Masks} masks */
export function textOf({ all, own }) {
  const filled = own.findLastIndex((list) => list.length > 0) + 1;
  return JSON.stringify({ all, own: own.slice(0, filled) });
}

export const NO_MASKS = textOf({ all: [], own: [] });

/** @param {string} text @returns {Masks} */
export const fromText = (text) => JSON.parse(text);

/** @param {Job} job @returns {Masks} */
export const masksOf = (job) => ({ all: job.mask?.shapes ?? [], own: job.data.map(({ mask }) => mask ?? []) });

/** Puts the masks of a text into the job. @param {Job} job @param {string} text */
export function intoJob(job, text) {
  const { all, own } = fromText(text);
  if (all.length > 0) (job.mask ??= {}).shapes = all;
  else delete job.mask?.shapes;
  for (const [n, data] of job.data.entries()) {
    const mine = own[n] ?? [];
    if (mine.length > 0) data.mask = mine;
    else delete data.mask;
  }
}

/** All shapes with their places, in the order in which they leave data out. @param {Masks} masks @returns {(Place & {shape: Shape})[]} */
export function listOf({ all, own }) {
  const those = (/** @type {Shape[]} */ shapes, /** @type {number | null} */ set) =>
    shapes.map((shape, at) => ({ set, at, shape }));
  return [...those(all, null), ...own.flatMap(those)];
}

/** The list that a place is in; made where it is missing. @param {Masks} masks @param {number | null} set */
export function shapesAt(masks, set) {
  if (set === null) return masks.all;
  while (masks.own.length <= set) masks.own.push([]);
  return /** @type {Shape[]} */ (masks.own[set]);
}

/** What a shape is called where nobody said. @type {Record<string, string>} */
const TITLES = {
  ellipsoid: "ellipsoid",
  bragg: "around Bragg points",
  box: "box",
  q: "range of |Q|",
  intensity: "intensity out of range",
  cylinder: "cylinder",
  polygon: "polygon",
  points: "single data",
};

/** @param {Shape} shape */
export function titleOf(shape) {
  return shape.name || shape.file || TITLES[Object.keys(TITLES).find((kind) => kind in shape) ?? ""] || "mask";
}

/** @param {string} text */
export function namesIn(text) {
  const names = listOf(fromText(text)).map(({ shape }) => `“${titleOf(shape)}”${shape.off ? " (off)" : ""}`);
  return names.length > 0 ? names.join(", ") : "none";
}

/** A name that no shape has yet. @param {Masks} masks @param {string} name */
export function freeName(masks, name) {
  const taken = new Set(listOf(masks).map(({ shape }) => titleOf(shape)));
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name} (${n})`;
    if (!taken.has(candidate)) return candidate;
  }
}

/**
 * How many data each shape leaves out, in the order of {@link listOf}; null where it is switched off. The engine
 * counts what else leaves data out first, then the shapes for all, then those of the measurement.
 * @param {Masks} masks @param {readonly Dataset[]} datasets @returns {(number | null)[]}
 */
export function countsOf(masks, datasets) {
  const list = listOf(masks);
  /** @type {(number | null)[]} */
  const counts = list.map(({ shape }) => (shape.off ? null : 0));
  for (const [n, { masked = [] }] of datasets.entries()) {
    const on = [...list.keys()].filter((i) => {
      const { shape, set } = list[i] ?? { shape: { off: true }, set: null };
      return !shape.off && (set === null || set === n);
    });
    for (const [k, i] of on.entries()) {
      counts[i] = (counts[i] ?? 0) + (masked[masked.length - on.length + k]?.n ?? 0);
    }
  }
  return counts;
}

/** Adds data by their hkl to a shape of that name, which is made if there is none. @param {Masks} masks @param {string} name
 * @param {number | null} set @param {[number, number, number][]} points */
export function addPoints(masks, name, set, points) {
  const shapes = shapesAt(masks, set);
  const known = shapes.find((shape) => shape.name === name && shape.points && !shape.off);
  if (known?.points) known.points.push(...points);
  else shapes.push({ name: freeName(masks, name), points });
}
