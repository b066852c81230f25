/** What the pictures show, as numbers: tables and arrays. */

import { AXES } from "../draw/planes.js";
import { npy, npz } from "./npy.js";

/** @typedef {import("../engine/protocol.js").Columns} Columns */
/** @typedef {import("../engine/protocol.js").Bands} Bands */
/** @typedef {import("../draw/planes.js").Plane} Plane */

/** Rows joined into one text at a time: a table may have millions. */
const ROWS = 20_000;

/** In units of σ where there is one. @param {Columns} columns @param {Float64Array} model @param {number} row */
const residual = ({ intensity, sigma }, model, row) =>
  ((intensity[row] ?? NaN) - (model[row] ?? NaN)) / (sigma?.[row] ?? 1);

/**
 * Data, model, residual and whether the fit uses it, of all rows or of some.
 * @param {Columns} columns @param {Float64Array} model @param {ArrayLike<number>} [rows] @returns {BlobPart[]}
 */
export function tableOf(columns, model, rows) {
  const { h, k, l, intensity, sigma, used } = columns;
  // What is not there (the model on a Bragg point) is an empty field.
  const field = (/** @type {number | undefined} */ value) =>
    value === undefined || Number.isNaN(value) ? "" : String(value);
  const parts = [
    `# residual: ${sigma ? "(data − model) / sigma" : "data − model"}; used: 1 where the row takes part in the fit\nh,k,l,data,sigma,model,residual,used\n`,
  ];
  const count = rows?.length ?? h.length;
  for (let from = 0; from < count; from += ROWS) {
    const lines = [];
    for (let n = from; n < Math.min(count, from + ROWS); n++) {
      const i = rows ? (rows[n] ?? 0) : n;
      const all = [h[i], k[i], l[i], intensity[i], sigma?.[i], model[i], residual(columns, model, i), used[i]];
      lines.push(all.map(field).join(","));
    }
    parts.push(`${lines.join("\n")}\n`);
  }
  return parts;
}

/** Rows of the data set in a plane. @param {Plane} plane */
export const rowsIn = (plane) => plane.index.filter((row) => row >= 0);

export const QUANTITIES = /** @type {const} */ (["data", "sigma", "model", "residual", "used"]);

/** One quantity of some rows; NaN where there are no data. @param {typeof QUANTITIES[number] | typeof AXES[number]} quantity @param {Columns} columns @param {Float64Array} model @param {ArrayLike<number>} rows Below zero: none. */
function quantityOf(quantity, columns, model, rows) {
  const of = {
    h: (/** @type {number} */ row) => columns.h[row],
    k: (/** @type {number} */ row) => columns.k[row],
    l: (/** @type {number} */ row) => columns.l[row],
    data: (/** @type {number} */ row) => columns.intensity[row],
    sigma: (/** @type {number} */ row) => columns.sigma?.[row],
    model: (/** @type {number} */ row) => model[row],
    residual: (/** @type {number} */ row) => residual(columns, model, row),
    used: (/** @type {number} */ row) => columns.used[row],
  }[quantity];
  return Float64Array.from(rows, (row) => (row < 0 ? NaN : (of(row) ?? NaN)));
}

/** One quantity of a plane, [y][x]. @param {typeof QUANTITIES[number]} quantity @param {Plane} plane @param {Columns} columns @param {Float64Array} model */
export function planeArray(quantity, plane, columns, model) {
  return npy(quantityOf(quantity, columns, model, plane.index), [plane.ny, plane.nx]);
}

/** All quantities of some rows with h, k, l; σ where the file gives one. @param {Columns} columns @param {Float64Array} model @param {ArrayLike<number>} rows @param {readonly number[]} shape */
export function allArrays(columns, model, rows, shape) {
  const names = [...AXES, ...QUANTITIES].filter((name) => name !== "sigma" || columns.sigma);
  return npz(
    names.map((name) => /** @type {const} */ ([name, quantityOf(name, columns, model, rows)])),
    shape,
  );
}

/** What a chart shows, as a table. @param {import("./sight.js").CutSight} cut @returns {string} */
export function cutCsv({ title, facts, line, columns }) {
  const field = (/** @type {number | undefined} */ value) => (value === undefined || Number.isNaN(value) ? "" : value);
  const rows = Array.from(line.at, (_, i) => columns.map(([, values]) => field(values[i])).join(","));
  const head = columns.map(([name]) => name).join(",");
  return `# ${title}: ${facts}; distance: ${line.name}\n${head}\n${rows.join("\n")}\n`;
}

/** @param {import("./sight.js").CutSight} cut */
export const cutArrays = ({ line, columns }) => npz(columns, [line.at.length]);

/** What the indices of such an array mean. @param {Plane} plane @param {Columns} columns */
export function axesOf(plane, columns) {
  const { nx, ny, xStart, xStep, yStart, yStep, scan } = plane;
  if (scan) {
    const along = Object.fromEntries(AXES.map((axis) => [axis, [...plane.index].map((row) => columns[axis][row])]));
    return { line: plane.name, unit: "r.l.u.", shape: [1, nx], columns: along };
  }
  return {
    plane: plane.name,
    unit: "r.l.u.",
    shape: [ny, nx],
    rows: { axis: AXES[plane.yAxis], first: yStart, step: yStep },
    columns: { axis: AXES[plane.xAxis], first: xStart, step: xStep },
    normal: { axis: AXES[plane.axis], value: plane.value, thickness: plane.wasm.thickness },
  };
}

/** Branch by branch along the path. @param {Bands} bands */
export function bandsCsv({ distance, hkl, ticks, branches, sigma }) {
  const numbers = branches.map((_, i) => i + 1);
  const head = [
    "distance",
    "h,k,l",
    "label",
    ...numbers.map((n) => `nu${n}`),
    ...(sigma ? numbers.map((n) => `sigma${n}`) : []),
  ];
  const close = 1e-9 * (distance[distance.length - 1] ?? 1);
  const rows = [...distance].map((at, i) => {
    const named = ticks.find((tick) => Math.abs(tick.at - at) <= close)?.label ?? "";
    // Where the path jumps, two points have one place: U|K is U before and K after.
    const [before = "", after = before] = named.split("|");
    const label = i > 0 && Math.abs((distance[i - 1] ?? NaN) - at) <= close ? after : before;
    return [
      at,
      ...hkl.slice(3 * i, 3 * i + 3),
      label,
      ...branches.map((branch) => branch[i]),
      ...(sigma ?? []).map((branch) => branch[i]),
    ].join(",");
  });
  return `# distance along the path in 1/Å, h k l in r.l.u., nu and its sigma in THz; imaginary frequencies are negative\n${head.join(",")}\n${rows.join("\n")}\n`;
}
