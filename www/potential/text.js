/** The potential that the springs follow from, among the settings one text: empty where the constants are free. */

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {NonNullable<Job["potential"]>} Potential */

export const FREE = "";

/** What a job of free constants starts from where nothing else is said. */
const SPRINGS = { springs: { 1: 1.5 } };

/** In one order, so that the same potential is the same text. @type {(keyof Potential)[]} */
const FIELDS = [
  "family",
  "library",
  "parameters",
  "file",
  "start",
  "layers",
  "range",
  "smoothing",
  "free",
  "prior",
  "ridge",
  "bounds",
];

/** @param {unknown} value @returns {unknown} */
const sorted = (value) =>
  value && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** @param {Potential} potential @returns {Record<string, unknown>} */
const plain = (potential) =>
  Object.fromEntries(
    FIELDS.filter((field) => potential[field] != null).map((field) => {
      const value = potential[field];
      return [field, field === "start" ? plain(/** @type {Potential} */ (value)) : sorted(value)];
    }),
  );

/** @param {Potential | null} potential */
export const written = (potential) => (potential ? JSON.stringify(plain(potential)) : FREE);

/** @param {Job} job */
export const textOf = (job) => written(job.potential ?? null);

/** @param {string} text @returns {Potential | null} */
export const fromText = (text) => (text === FREE ? null : JSON.parse(text));

/** Puts what a text says into the job. The potential stands in the place of other constants. @param {Job} job @param {string} text */
export function intoJob(job, text) {
  const potential = fromText(text);
  if (potential) {
    job.potential = potential;
    const { start: _, values: __, ...rest } = job.force_constants ?? {};
    job.force_constants = rest;
  } else if (job.potential) {
    delete job.potential;
    job.force_constants = { ...job.force_constants, start: SPRINGS };
  }
}

/** In few words. @param {string} text */
export function namesIn(text) {
  const { family, library, file } = fromText(text) ?? {};
  return library ?? (family ? [family, file].filter(Boolean).join(" of ") : "free constants");
}
