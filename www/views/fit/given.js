/** The left column: choices that depend on what is open, and facts about it. */

import { setOptions } from "../../page/controls.js";
import { ID, any } from "../../page/dom.js";
import { choices } from "../../files/examples.js";
import { count } from "../../page/messages.js";
import { PROTOTYPES, writtenCells } from "../../page/settings.js";

/** @typedef {import("../../engine/protocol.js").Job} Job */
/** @typedef {import("../../engine/protocol.js").LibraryEntry} LibraryEntry */
/** @typedef {import("../../page/settings.js").Values} Values */

/**
 * @param {Job} job @param {Job | null} ownJob @param {LibraryEntry[]} library
 * @param {import("../../files/examples.js").Offer[]} offers @param {Values} values
 */
export function offerChoices(job, ownJob, library, offers, values) {
  const own = ownJob?.data.map((d) => d.file ?? "simulated data").join(", ");
  setOptions("example", [...(own ? [{ value: "own", text: own }] : []), ...choices(offers)]);
  setOptions("prototype", [
    ...PROTOTYPES.map(([value, text]) => ({ value, text })),
    ...(job.crystal.file ? [{ value: "file", text: job.crystal.file }] : []),
  ]);
  const fitting = library.filter((entry) => entry.lattice === job.crystal.prototype);
  setOptions("start", [
    ...(values.start === "job" ? [{ value: "job", text: job.force_constants.start?.file ?? "as in the job" }] : []),
    { value: "bonds", text: "estimated bonds" },
    { value: "springs", text: "springs" },
    ...fitting.map(({ id, title, element }) => ({ value: id, text: title || id, group: element })),
  ]);
}

/** Says of what the page offers that nobody measured it. @param {import("../../files/examples.js").Source | undefined} source */
export function showSource(source) {
  any(ID.dataSource).textContent = source ? `Simulated, not measured, from ${source.source}.` : "";
}

/** @param {import("../../engine/protocol.js").Description} description */
export function showFacts({ crystal, datasets }) {
  const sum = (/** @type {"n" | "n_used"} */ key) => datasets.reduce((total, d) => total + d[key], 0);
  const reach = Math.max(...datasets.map((d) => d.q_max));
  const sigma = datasets.every((d) => d.has_sigma) ? "" : " · no σ column, so all weights are one";
  any(ID.dataFacts).textContent =
    `${count(sum("n_used"))} of ${count(sum("n"))} data used · |Q| up to ${reach.toFixed(1)} Å⁻¹${sigma}`;
  const atoms = crystal.atoms_per_primitive_cell;
  const group = crystal.space_group.replaceAll(" ", "").replace(/-(\d)/g, "$1\u0305");
  any(ID.crystalFacts).textContent = `${group} · ${atoms} ${atoms === 1 ? "atom" : "atoms"} per primitive cell`;
}

/**
 * After a change of the crystal: lattice parameter and start constants of the library, if it knows
 * the new one, else a single spring.
 * @param {Values} values @param {LibraryEntry[]} library
 */
export function followCrystal(values, library) {
  const known = library.find((e) => e.lattice === values.prototype && e.element === values.element);
  if (known) {
    values.a = known.a_angstrom;
    values.start = known.id;
    values.cutoff = null;
  } else if (values.start !== "springs") {
    values.start = "springs";
  }
}

/** Most input cells along an axis that are tried. */
const MOST_CELLS = 32;

/**
 * The smallest supercell that holds all points, or null. Scattered points fit into none.
 * @param {import("../../engine/protocol.js").Columns[]} data
 */
export function smallestSupercell(data) {
  const fits = (/** @type {number} */ n) => (/** @type {number} */ x) => Math.abs(x * n - Math.round(x * n)) <= 1e-6;
  const cells = /** @type {const} */ (["h", "k", "l"]).map((axis) => {
    for (let n = 1; n <= MOST_CELLS; n++) if (data.every((columns) => columns[axis].every(fits(n)))) return n;
    return 0;
  });
  return cells.includes(0) ? null : cells;
}

/**
 * After a change of the order: what the new one needs, and nothing that only the old one needed.
 * @param {Values} values @param {() => readonly number[] | null} supercell The one that the data fit into.
 */
export function followOrder(values, supercell) {
  if (values.order === "sampled") {
    if (values.method === "lm") values.method = "adam";
    const cells = values.supercell === null ? supercell() : null;
    if (cells) values.supercell = writtenCells(cells);
  } else {
    if (values.method === "adam") values.method = "lm";
    values.supercell = null;
  }
}
