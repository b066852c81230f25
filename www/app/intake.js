/** From files that a person gave to the job that opens them. */

import { parseJob } from "./files.js";

/** @typedef {import("../protocol.js").Job} Job */
/** @typedef {import("./files.js").UserFile} UserFile */

/**
 * A job among the files is taken as it is; otherwise data and crystal replace those of the open job.
 * @param {UserFile[]} files @param {Job} open @returns {Job}
 */
export function intake(files, open) {
  const named = files.find((f) => f.kind === "job");
  if (named) return parseJob(named);

  const job = structuredClone(open);
  // Nothing is known beforehand of what a person brings.
  delete job.reference;
  const data = files.filter((f) => f.kind === "data");
  if (data.length > 0) job.data = data.map((f) => ({ file: f.name }));
  const crystal = files.find((f) => f.kind === "phonopy") ?? files.find((f) => f.kind === "crystal");
  const constants = files.find((f) => f.kind === "constants");
  if (crystal) {
    job.crystal = { file: crystal.name };
    // Constants of the old crystal do not fit the new one.
    job.force_constants.start = holdsConstants(crystal) ? { file: crystal.name } : { springs: { 1: 1.5 } };
  }
  if (constants) job.force_constants.start = { file: constants.name };
  return job;
}

/** Shells to which springs are tried before giving up. */
const MOST_SHELLS = 4;

/**
 * The same job with a weaker spring to the next shell of neighbours, or null if that does not help:
 * springs between nearest neighbours alone leave many crystals without resistance to shear.
 * @param {Job} job @returns {Job | null}
 */
export function withMoreSprings(job) {
  const springs = job.force_constants.start?.springs;
  const shells = Object.keys(springs ?? {}).length;
  const first = springs?.["1"];
  if (!springs || first === undefined || !(first > 0) || shells >= MOST_SHELLS) return null;
  const next = structuredClone(job);
  next.force_constants.start = { springs: { ...springs, [shells + 1]: first / 3 ** shells } };
  return next;
}

/** @param {UserFile} file */
function holdsConstants(file) {
  return file.kind === "phonopy" && /^force_constants:/m.test(new TextDecoder().decode(file.bytes));
}
