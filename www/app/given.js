/** The left column: choices that depend on what is open, and facts about it. */

import { setOptions } from "./controls.js";
import { ID, any } from "./dom.js";
import { EXAMPLES } from "./examples.js";
import { count } from "./messages.js";
import { PROTOTYPES } from "./settings.js";

/** @typedef {import("../protocol.js").Job} Job */
/** @typedef {import("../protocol.js").LibraryEntry} LibraryEntry */
/** @typedef {import("./settings.js").Values} Values */

/**
 * @param {Job} job @param {Job | null} ownJob @param {LibraryEntry[]} library @param {Values} values
 */
export function offerChoices(job, ownJob, library, values) {
  const own = ownJob?.data.map((d) => d.file).join(", ");
  setOptions("example", [
    ...EXAMPLES.map(({ id, title }) => ({ value: id, text: title })),
    ...(own ? [{ value: "own", text: own }] : []),
  ]);
  setOptions("prototype", [
    ...PROTOTYPES.map(([value, text]) => ({ value, text })),
    ...(job.crystal.file ? [{ value: "file", text: job.crystal.file }] : []),
  ]);
  const fitting = library.filter((entry) => entry.lattice === job.crystal.prototype);
  setOptions("start", [
    ...(values.start === "job" ? [{ value: "job", text: job.force_constants.start?.file ?? "as in the job" }] : []),
    { value: "springs", text: "springs" },
    ...fitting.map(({ id, title, element }) => ({ value: id, text: title || id, group: element })),
  ]);
}

/** @param {import("../protocol.js").Description} description */
export function showFacts({ crystal, datasets }) {
  const sum = (/** @type {"n" | "n_used"} */ key) => datasets.reduce((total, d) => total + d[key], 0);
  const reach = Math.max(...datasets.map((d) => d.q_max));
  const sigma = datasets.every((d) => d.has_sigma) ? "" : " · no σ column, so all weights are one";
  any(ID.dataFacts).textContent = `${count(sum("n_used"))} of ${count(sum("n"))} data used · |Q| up to ${reach.toFixed(1)} Å⁻¹${sigma}`;
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
