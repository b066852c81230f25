/** The measurements that come with the page, and what is known about them. */

/** @typedef {import("../protocol.js").Job} Job */

/**
 * @typedef {{
 *   id: string, title: string, file: string, lede: string,
 *   holds: "one-phonon" | "all-order",
 *   truth: {set: import("../protocol.js").ConstantSet, minus_phi_n_per_m: Record<string, number>},
 *   supercell: import("../protocol.js").Cells,
 * }} Example  `supercell`: the smallest that holds all its points.
 */

/** Born–von Kármán constants of nickel at 298 K, −Φ in N/m, as the published table prints them. */
const NICKEL_298_K = {
  "1XX": 17.319, "1ZZ": -0.436, "1XY": 19.1,
  "2XX": 1.044, "2YY": -0.78,
  "3XX": 0.842, "3YY": 0.263, "3YZ": -0.109, "3XZ": 0.424,
  "4XX": 0.402, "4ZZ": -0.185, "4XY": 0.66,
  "5XX": -0.085, "5YY": 0.007, "5ZZ": 0.018, "5XY": -0.035,
};
const NICKEL_TRUTH = { set: { library: "ni_298" }, minus_phi_n_per_m: NICKEL_298_K };

/** What the page opens with. @type {Example} */
export const FIRST = {
  id: "all",
  title: "Nickel 298 K, all orders",
  file: "ni_298K_hk0_hk0.5_hk1.csv",
  holds: "all-order",
  lede: "The fuzz between Bragg peaks tells how stiff the bonds are. Press Play to read nickel's springs from this measurement.",
  truth: NICKEL_TRUTH,
  supercell: [6, 6, 2],
};

/** @type {Example[]} */
export const EXAMPLES = [
  FIRST,
  {
    id: "one",
    title: "Nickel 298 K, first order",
    file: "ni_298K_one_phonon.csv",
    holds: "one-phonon",
    lede: "The same nickel as no diffractometer sees it: scattering by one phonon at a time, without the higher orders. Fast, and good for trying things out.",
    truth: NICKEL_TRUTH,
    supercell: [6, 6, 2],
  },
];

export const OWN_LEDE = "The fuzz between Bragg peaks tells how stiff the bonds are. Press Play to read the springs from your measurement.";

/** @param {string} id */
export function exampleById(id) {
  return EXAMPLES.find((e) => e.id === id);
}

/** The example that owns a file name. @param {string} file */
export function exampleOfFile(file) {
  return EXAMPLES.find((e) => e.file === file);
}

/** @param {string} file @returns {Promise<Uint8Array>} */
export async function fetchExample(file) {
  const response = await fetch(new URL(`../examples/${file}`, import.meta.url));
  if (!response.ok) throw new Error(`${file}: the server answered ${response.status}, expected the example file`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The job of an example before anyone touches a setting. @param {Example} example @returns {Job} */
export function exampleJob(example) {
  return {
    crystal: { prototype: "fcc", element: "Ni", a: 3.52 },
    force_constants: { cutoff: 5.7, start: { library: "ni_676" } },
    model: { order: example.holds, statistics: "quantum", temperature: 298, u_mesh: "converged" },
    data: [{ file: example.file }],
    mask: { bragg_radius: 0.12, q_min: 0, q_max: null },
    nuisance: { scale: "free", background: ["constant", "q2"] },
    fit: { method: "lm", max_iterations: 100 },
  };
}
