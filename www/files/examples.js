/** The measurements that come with the page, all simulated, and what is known about them. */

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {"one-phonon" | "all-order"} Orders */

/**
 * `source`: what was simulated, the end of “Simulated, not measured, from …”; `supercell`: the smallest
 * that holds all its points.
 * @typedef {{
 *   id: string, title: string, file: string, lede: string, source: string,
 *   holds: Orders, supercell: import("../engine/protocol.js").Cells,
 * }} Example  `holds`: the phonon orders in the data.
 */

const NI_298 =
  "the Born–von Kármán table that neutrons measured at 298 K: De Wit, Brockhouse, J. Appl. Phys. 39 (1968) 451";

/** What the page opens with. @type {Example} */
export const FIRST = {
  id: "all",
  title: "Nickel 298 K, all orders",
  file: "ni_298K_hk0_hk0.5_hk1.csv",
  holds: "all-order",
  lede: "The fuzz between Bragg peaks tells how stiff the bonds are. Press Play to read nickel's springs from this measurement.",
  source: NI_298,
  supercell: [6, 6, 2],
};

/** @type {Example[]} */
const NICKEL = [
  FIRST,
  {
    id: "one",
    title: "Nickel 298 K, first order",
    file: "ni_298K_one_phonon.csv",
    holds: "one-phonon",
    lede: "The same nickel as no diffractometer sees it: scattering by one phonon at a time, without the higher orders. Fast, and good for trying things out.",
    source: `${NI_298}, first phonon order alone`,
    supercell: [6, 6, 2],
  },
];

export const OWN_LEDE =
  "The fuzz between Bragg peaks tells how stiff the bonds are. Press Play to read the springs from your measurement.";

/**
 * Where a job comes from that the page offers by itself.
 * @typedef {{
 *   id: string, lede: string, source: string, job: Job,
 *   supercell: import("../engine/protocol.js").Cells | null,
 * }} Source
 */

/**
 * What can be chosen: the id is also its name in a link. `job` and `files` lie in www/examples.
 * @typedef {{id: string, title: string, group: string, lede: string, source: string, job: string, files: string[]}} Offer
 */

const SIMULATED = "Simulated measurements";

/** The nickel benchmark has one truth. */
const BENCHMARK = {
  group: "Nickel benchmark, simulated",
  source: "an embedded-atom model of nickel: Foiles, Phys. Rev. B 32 (1985) 7685",
};

/** Files of the examples that may be fetched by name. */
const shipped = new Set(NICKEL.map(({ file }) => file));

/** Whether a file comes with the page. @param {string} file */
export function exampleOfFile(file) {
  return shipped.has(file);
}

/** Files that were asked for before anybody needed them. @type {Map<string, Promise<Uint8Array>>} */
const coming = new Map();

/** Asks for a file that will be needed. @param {string} file */
export function fetchAhead(file) {
  const asked = download(file);
  coming.set(file, asked);
  // Who needs it then asks again.
  asked.catch(() => coming.delete(file));
  return asked;
}

/** @param {string} file */
export const fetchExample = (file) => coming.get(file) ?? download(file);

/** @param {string} file @returns {Promise<Uint8Array>} */
async function download(file) {
  const where = new URL(`../examples/${file}`, import.meta.url);
  const response = await fetch(where).catch(() => {
    throw new Error(
      `${file}: no answer from the server that this page came from, so the example could not be loaded; try again when the network is back`,
    );
  });
  if (!response.ok) throw new Error(`${file}: the server answered ${response.status}, expected the example file`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param {string} file */
const fetchJson = async (file) => JSON.parse(new TextDecoder().decode(await fetchExample(file)));

/** The job of a nickel example before anyone touches a setting. @param {Example} example @returns {Job} */
export function exampleJob(example) {
  return {
    crystal: { prototype: "fcc", element: "Ni", a: 3.52 },
    // One spring between neighbours: far enough off that the first Play is worth seeing.
    force_constants: { cutoff: 5.7, start: { springs: { 1: 1.5 } } },
    model: { order: example.holds, statistics: "quantum", temperature: 298, u_mesh: "converged" },
    // A measurement holds all orders, which need not be said.
    data: [{ file: example.file, ideal: true, ...(example.holds === "one-phonon" ? { holds: example.holds } : {}) }],
    mask: { bragg_radius: 0.12, q_min: 0, q_max: null },
    nuisance: { scale: "free", background: ["constant", "q2"] },
    fit: { method: "lm", max_iterations: 100 },
    reference: { library: "ni_298" },
  };
}

/** @type {Promise<Offer[]> | null} */
let offers = null;

/**
 * Other materials, then the nickel benchmark; lists that do not load are left out and asked for again
 * the next time.
 * @returns {Promise<Offer[]>}
 */
export function fetchOffers() {
  offers ??= Promise.allSettled([fetchMaterials(), fetchBenchmark()]).then((lists) => {
    if (lists.some(({ status }) => status === "rejected")) offers = null;
    const found = lists.flatMap((list) => (list.status === "fulfilled" ? list.value : []));
    for (const { files } of found) for (const file of files) shipped.add(file);
    return found;
  });
  return offers;
}

/** @returns {Promise<Offer[]>} */
async function fetchMaterials() {
  /** @type {{id: string, title: string, job: string, lede: string, source: string, files: string[]}[]} */
  const list = await fetchJson("index.json");
  return list.map(({ id, title, job, lede, source, files }) => ({
    id,
    title,
    group: SIMULATED,
    lede,
    source,
    job,
    files,
  }));
}

/** @returns {Promise<Offer[]>} */
async function fetchBenchmark() {
  /** @type {{title: string, description: string, file: string}[]} */
  const list = await fetchJson("nickel/index.json");
  return list.map(({ title, description, file }) => ({
    id: file,
    title,
    lede: description,
    job: `nickel/${file}`,
    files: [],
    ...BENCHMARK,
  }));
}

/** The choices of the menu. @param {Offer[]} others @returns {{value: string, text: string, group: string}[]} */
export function choices(others) {
  return [
    ...NICKEL.map(({ id, title }) => ({ value: id, text: title, group: SIMULATED })),
    ...others.map(({ id, title, group }) => ({ value: id, text: title, group })),
  ];
}

/** @param {string} id @returns {Promise<Source | undefined>} */
export async function sourceById(id) {
  const example = NICKEL.find((e) => e.id === id);
  if (example)
    return { id, lede: example.lede, source: example.source, supercell: example.supercell, job: exampleJob(example) };
  const offer = (await fetchOffers()).find((e) => e.id === id);
  if (!offer) return undefined;
  const { lede, source } = offer;
  return { id, lede, source, job: await fetchJson(offer.job), supercell: null };
}
