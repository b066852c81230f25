/** The measurements that come with the page, and what is known about them. */

/** @typedef {import("../protocol.js").Job} Job */

/**
 * @typedef {{
 *   id: string, title: string, file: string, lede: string,
 *   holds: "one-phonon" | "all-order",
 *   supercell: import("../protocol.js").Cells,
 * }} Example  `supercell`: the smallest that holds all its points.
 */

/** What the page opens with. @type {Example} */
export const FIRST = {
  id: "all",
  title: "Nickel 298 K, all orders",
  file: "ni_298K_hk0_hk0.5_hk1.csv",
  holds: "all-order",
  lede: "The fuzz between Bragg peaks tells how stiff the bonds are. Press Play to read nickel's springs from this measurement.",
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
      supercell: [6, 6, 2],
  },
];

export const OWN_LEDE = "The fuzz between Bragg peaks tells how stiff the bonds are. Press Play to read the springs from your measurement.";

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
    reference: { library: "ni_298" },
  };
}

/**
 * Where a job comes from that the page offers by itself: a measurement, or one of the benchmark.
 * @typedef {{id: string, lede: string, job: Job, holds: Example["holds"], supercell: import("../protocol.js").Cells | null}} Source
 */

/** A job of the nickel benchmark. @typedef {{title: string, description: string, file: string}} Benchmark */

/** The nickel benchmark; empty where the page was copied without it. @returns {Promise<Benchmark[]>} */
export async function fetchBenchmark() {
  try {
    return JSON.parse(new TextDecoder().decode(await fetchExample("nickel/index.json")));
  } catch {
    return [];
  }
}

/** @param {string} id @param {Benchmark[]} benchmark @returns {Promise<Source | undefined>} */
export async function sourceById(id, benchmark) {
  const example = EXAMPLES.find((e) => e.id === id);
  if (example) return { ...example, job: exampleJob(example) };
  const entry = benchmark.find((e) => e.file === id);
  if (!entry) return undefined;
  const job = JSON.parse(new TextDecoder().decode(await fetchExample(`nickel/${entry.file}`)));
  return { id, lede: entry.description, job, holds: "all-order", supercell: null };
}
