/** What other measurements say of the constants, among the settings one text. */

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {NonNullable<Job["pseudo_data"]>} Known */

export const NOTHING = "{}";

/** @param {Job} job */
export function textOf(job) {
  const { elastic_GPa: elastic = {}, frequencies, U_A2: displacements = {} } = job.pseudo_data ?? {};
  /** @type {Known} */
  const out = {};
  const sorted = (/** @type {Record<string, [number, number]>} */ all) =>
    Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (Object.keys(elastic).length > 0) out.elastic_GPa = sorted(elastic);
  if (frequencies && frequencies.length > 0) out.frequencies = frequencies;
  if (Object.keys(displacements).length > 0) out.U_A2 = sorted(displacements);
  return JSON.stringify(out);
}

/** @param {string} text @returns {Known} */
export const fromText = (text) => JSON.parse(text);

/** Puts what a text says into the job. @param {Job} job @param {string} text */
export function intoJob(job, text) {
  if (text === NOTHING) delete job.pseudo_data;
  else job.pseudo_data = fromText(text);
}

/** In few words. @param {string} text */
export function namesIn(text) {
  const { elastic_GPa: elastic = {}, frequencies, U_A2: displacements = {} } = fromText(text);
  const waves =
    typeof frequencies === "string"
      ? [`frequencies of ${frequencies}`]
      : frequencies && frequencies.length > 0
        ? [`${frequencies.length} ${frequencies.length === 1 ? "frequency" : "frequencies"}`]
        : [];
  const parts = [...Object.keys(elastic), ...waves, ...Object.keys(displacements).map((atom) => `U of ${atom}`)];
  return parts.length > 0 ? parts.join(", ") : "nothing";
}
