/** What is imposed on single constants, among the settings one text. */

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {Pick<NonNullable<Job["constraints"]>, "fixed" | "tied" | "bounds" | "prior">} Constraints */
/**
 * What a person chose for one constant; numbers in eV/Å².
 * @typedef {{kind: "free"} | {kind: "held", value: number} | {kind: "between", least: number | null, most: number | null}
 *   | {kind: "known", value: number, sigma: number} | {kind: "equal", other: string} | {kind: "tied", words: string}} Choice
 */

export const NONE = "{}";

/** @param {Job} job */
export function textOf(job) {
  const { fixed = {}, tied = [], bounds = {}, prior = {} } = job.constraints ?? {};
  /** @type {Constraints} */
  const out = {};
  const sorted = (/** @type {Record<string, unknown>} */ all) =>
    Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (Object.keys(fixed).length > 0) out.fixed = /** @type {Constraints["fixed"]} */ (sorted(fixed));
  if (tied.length > 0) out.tied = tied;
  if (Object.keys(bounds).length > 0) out.bounds = /** @type {Constraints["bounds"]} */ (sorted(bounds));
  if (Object.keys(prior).length > 0) out.prior = /** @type {Constraints["prior"]} */ (sorted(prior));
  return JSON.stringify(out);
}

/** @param {string} text @returns {Constraints} */
export const fromText = (text) => JSON.parse(text);

/** Puts the constraints of a text into the job. @param {Job} job @param {string} text */
export function intoJob(job, text) {
  const { rotational_invariance, axially_symmetric, ridge } = job.constraints ?? {};
  setConstraints(job, { rotational_invariance, axially_symmetric, ridge, ...fromText(text) });
}

/** Without what is not set, and none where nothing is. @param {Job} job @param {Job["constraints"]} all */
export function setConstraints(job, all) {
  const given = Object.entries(all ?? {}).filter(
    ([, value]) => value !== undefined && value !== null && value !== false,
  );
  if (given.length > 0) job.constraints = Object.fromEntries(given);
  else delete job.constraints;
}

/** @param {Constraints} all @param {string} label @returns {Choice} */
export function choiceOf(all, label) {
  const value = all.fixed?.[label];
  if (value !== undefined) return { kind: "held", value };
  const tie = all.tied?.find(({ labels }) => labels.includes(label));
  const [first, second] = tie?.labels ?? [];
  const isEqual = tie?.labels.length === 2 && (tie.coefficients ?? []).length === 0 && (tie.value ?? 0) === 0;
  if (isEqual) return { kind: "equal", other: String(first === label ? second : first) };
  if (tie)
    return { kind: "tied", words: `with ${tie.labels.filter((other) => other !== label).join(", ")} by the job` };
  const known = all.prior?.[label];
  if (known) return { kind: "known", value: known[0], sigma: known[1] };
  const ends = all.bounds?.[label];
  if (ends) return { kind: "between", least: ends[0] ?? null, most: ends[1] ?? null };
  return { kind: "free" };
}

/** The constraints with another choice for a constant. @param {Constraints} all @param {string} label @param {Choice} choice @returns {Constraints} */
export function withChoice(all, label, choice) {
  if (choice.kind === "tied") return all;
  const without = (/** @type {Record<string, unknown> | undefined} */ part) =>
    Object.fromEntries(Object.entries(part ?? {}).filter(([other]) => other !== label));
  const out = {
    fixed: /** @type {NonNullable<Constraints["fixed"]>} */ (without(all.fixed)),
    bounds: /** @type {NonNullable<Constraints["bounds"]>} */ (without(all.bounds)),
    prior: /** @type {NonNullable<Constraints["prior"]>} */ (without(all.prior)),
    tied: (all.tied ?? []).filter(({ labels }) => !labels.includes(label)),
  };
  if (choice.kind === "held") out.fixed[label] = choice.value;
  if (choice.kind === "between") out.bounds[label] = [choice.least, choice.most];
  if (choice.kind === "known") out.prior[label] = [choice.value, choice.sigma];
  if (choice.kind === "equal") out.tied.push({ labels: [choice.other, label] });
  return fromText(textOf(/** @type {Job} */ ({ constraints: out })));
}

/** What is imposed, in few words. @param {string} text */
export function namesIn(text) {
  const { fixed = {}, tied = [], bounds = {}, prior = {} } = fromText(text);
  const parts = [
    ...Object.keys(fixed).map((label) => `${label} held`),
    ...tied.map(({ labels }) => `${labels.join(" and ")} tied`),
    ...Object.keys(bounds).map((label) => `${label} between bounds`),
    ...Object.keys(prior).map((label) => `${label} known`),
  ];
  return parts.length > 0 ? parts.join(", ") : "none";
}
