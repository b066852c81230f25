/** What a file was understood as, in words. */

import { make } from "../page/dom.js";
import { brief, rlu } from "../page/numbers.js";
import { count } from "../page/messages.js";
import { nameOf } from "./axes.js";

/** @typedef {import("./protocol.js").Summary} Summary */

/** Why voxels hold no measurement. @type {Record<string, string>} */
const REASONS = {
  unreadable: "cannot be read",
  "not-finite": "are no numbers (NaN)",
  "out-of-range": "are beyond anything that is measured",
  "sigma-not-positive": "have a σ that is not positive",
  sentinel: "have the value",
  masked: "are masked in the file",
  empty: "are empty",
};

/** Of large numbers two digits. @param {number} n */
export function many(n) {
  return n >= 1e6 ? `${Number((n / 1e6).toPrecision(2))} million` : count(n);
}

/** One line on the file. @param {Summary} summary */
export function headline({ file, layout, shape, stored, has_sigma, kind }) {
  const things = kind === "points" ? "points" : kind === "plane" ? "pixels" : "voxels";
  return `${file}: ${layout}, ${shape.map(count).join(" × ")} ${things} of ${stored}, ${has_sigma ? "with" : "without"} σ`;
}

/**
 * Name and value of everything that is known.
 * @param {Summary} read What was read. @param {Summary} described The whole. @param {number} stride Of the voxels that were read.
 */
export function facts(read, described, stride) {
  const { holes, used, facts, notes } = read;
  const axes = described.axes.length === 3 ? [...described.axes].sort((a, b) => rank(a) - rank(b)) : read.axes;
  /** @type {[string, string][]} */
  const rows = axes.map(({ direction, range: [first, last], step, count: n }) => {
    const name = nameOf(direction);
    if (n === 1) return [`Along ${name}`, `${rlu(first)}, one layer`];
    const steps = step === null || step === undefined ? "uneven steps" : `steps of ${brief(step)}`;
    return [`Along ${name}`, `${rlu(first)} to ${rlu(last)}, ${n} in ${steps}`];
  });
  const among = stride > 1 ? " of those read" : "";
  if (used !== undefined && used !== null) rows.push(["Measured", `${count(used)} voxels${among}`]);
  const lacking = holes.map(({ reason, voxels, value }) => {
    const mark = value === undefined || value === null ? "" : ` ${brief(value)}`;
    return `${count(voxels)} ${REASONS[reason] ?? reason}${mark}`;
  });
  if (lacking.length > 0) rows.push(["Left out", `${lacking.join(", ")}${among}`]);
  if (facts.title) rows.push(["Title", facts.title]);
  if (facts.temperature) rows.push(["Temperature", `${brief(facts.temperature)} K`]);
  if (facts.unit_cell) rows.push(["Unit cell", cell(facts.unit_cell)]);
  if (facts.wavelength) rows.push(["Wavelength", `${brief(facts.wavelength)} Å`]);
  // What is left out is told above.
  for (const note of notes) if (!/ voxels? (is|are) left out/.test(note)) rows.push(["Note", note]);
  return rows;
}

/** h before k before l. @param {Summary["axes"][number]} axis */
const rank = ({ direction }) => direction.findIndex((x) => x !== 0);

/** @param {ArrayLike<number>} cell */
function cell(cell) {
  const [a, b, c, ...angles] = Array.from(cell, brief);
  return `${a}, ${b}, ${c} Å; ${angles.join("°, ")}°`;
}

/** @param {HTMLElement} list @param {[string, string][]} rows */
export function showRows(list, rows) {
  list.replaceChildren(...rows.flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
}
