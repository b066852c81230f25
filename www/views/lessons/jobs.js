/** The jobs of the scenes: nickel, as neutrons measured it at 298 K, and simplifications of it. */

/** @typedef {import("../../engine/protocol.js").WrittenJob} WrittenJob */

/** a in Å. */
export const A = 3.52;

/** @type {Pick<WrittenJob, "crystal" | "force_constants">} */
export const NICKEL = {
  crystal: { prototype: "fcc", element: "Ni", a: A },
  force_constants: { start: { library: "ni_298" } },
};

/** Points of planes of nickel, simulated. @param {[number, number, number]} grid First, last and number along h and k. @param {number[]} l
 * @param {NonNullable<NonNullable<WrittenJob["data"]>[number]["synthetic"]>} rest */
export const planesOfNickel = (grid, l, rest) => [{ synthetic: { h: grid, k: grid, l, ...rest } }];
