/** From files that a person gave to the job that opens them. */

import { baseName, filesOf, parseJob, renameFiles, textOf } from "./files.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("./files.js").UserFile} UserFile */

/** The job among the files, its own files by the names that they have here. @param {UserFile[]} files @returns {Job | null} */
export function jobAmong(files) {
  const named = files.find((f) => f.kind === "job");
  if (!named) return null;
  const job = parseJob(named);
  findFiles(job, files);
  return job;
}

/** A job may name its files with a path; here they lie side by side. @param {Job} job @param {UserFile[]} files */
export function findFiles(job, files) {
  renameFiles(job, (path) => {
    const base = baseName(path);
    const given = files.filter((f) => f.kind !== "job" && f.kind !== "unknown");
    const found =
      given.find((f) => f.was === path) ??
      given.find((f) => f.was === base) ??
      given.find((f) => f.was?.toLowerCase() === base.toLowerCase());
    return found?.name ?? base;
  });
}

/** Whether one of the files is among those that a job lacks. @param {Job} job @param {UserFile[]} files @param {string | null} linked What a link lacks. */
export function completes(job, files, linked) {
  const names = [...filesOf(job), ...(linked ? [linked] : [])].map((name) => name.toLowerCase());
  return files.some((f) => f.was !== undefined && names.includes(f.was.toLowerCase()));
}

/**
 * The open job with data and crystal replaced by those among the files.
 * @param {UserFile[]} files @param {Job} open @param {import("../volume/measuring.js").Measured | null} measured What was taken of volumes. @returns {Job}
 */
export function intake(files, open, measured) {
  const job = structuredClone(open);
  // Nothing is known beforehand of what a person brings.
  delete job.reference;
  const data = files.filter((f) => f.kind === "data");
  const names = [...new Set(data.map((f) => f.name))];
  const entries = [...names.map((file) => ({ file })), ...(measured?.entries ?? [])];
  if (entries.length > 0) job.data = entries;
  if (typeof measured?.temperature === "number") job.model.temperature = measured.temperature;
  const crystal = files.find((f) => f.kind === "phonopy") ?? files.find((f) => f.kind === "crystal");
  const constants = files.find((f) => f.kind === "constants");
  if (crystal) {
    job.crystal = { file: crystal.name };
    delete job.non_analytical;
    // Constants of the old crystal do not fit the new one.
    if (holdsConstants(crystal)) job.force_constants.start = { file: crystal.name };
    else startFromBonds(job);
  }
  if (constants) job.force_constants.start = { file: constants.name };
  const born = files.find((f) => f.kind === "born");
  if (born) job.non_analytical = { file: born.name };
  return job;
}

/** Å: how far estimated bonds reach where a job says nothing. */
const REACH = 4.5;

/** Has a job start from bonds estimated between all atoms, which hold any crystal together. @param {Job} job */
export function startFromBonds(job) {
  job.force_constants.start = { bonds: 1 };
  job.force_constants.cutoff ??= REACH;
}

/**
 * The same job with estimated bonds in place of springs, or null if it has none: springs between nearest neighbours
 * leave many crystals without resistance to shear.
 * @param {Job} job @returns {Job | null}
 */
export function withBonds(job) {
  if (!job.force_constants.start?.springs) return null;
  const next = structuredClone(job);
  startFromBonds(next);
  return next;
}

/**
 * The same job without the spring that a refusal names, or null if it names none: a shell that lies
 * beyond the cutoff.
 * @param {Job} job @param {string} place As in `force_constants.springs.3`. @returns {Job | null}
 */
export function withFewerSprings(job, place) {
  const shell = /^force_constants\.springs\.(\d+)$/.exec(place)?.[1];
  const springs = job.force_constants.start?.springs;
  if (!shell || !springs || !(shell in springs) || Object.keys(springs).length < 2) return null;
  const next = structuredClone(job);
  delete next.force_constants.start?.springs?.[shell];
  return next;
}

/** @param {UserFile} file */
function holdsConstants(file) {
  return file.kind === "phonopy" && /^force_constants:/m.test(textOf(file.bytes));
}
