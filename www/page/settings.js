/**
 * One table of settings: the single source of the controls, their defaults, the link in the address
 * bar and the fields of the job. What stands in a job and has no control here travels along.
 */

import * as constraints from "../constraints/text.js";
import * as known from "../known/text.js";
import * as potentials from "../potential/text.js";
import { intoJob, masksOf, namesIn, NO_MASKS, textOf } from "../masks/shapes.js";
import { startFromBonds } from "../files/intake.js";
import { readCells } from "./parse.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {string | number | boolean | null} Value */
/**
 * @typedef {{
 *   key: string, id: string, hash: string,
 *   kind: "choice" | "text" | "number" | "whole" | "cells" | "flag" | "place",
 *   fallback: Value,
 *   paths?: string[],
 *   options?: [string, string][],
 *   optional?: boolean,
 *   when?: (values: Values) => boolean,
 *   view?: string,
 *   label?: string, say?: (value: Value) => string, stays?: string, valid?: (text: string) => boolean,
 *   isLocal?: boolean,
 *   read?: (job: Job) => Value,
 *   write?: (job: Job, value: Value, all: Values) => void,
 * }} Setting  With `read` and `write` it is part of the job, without it concerns the view only.
 *   `paths` are its places in the job, by which the engine's messages name it.
 *   `when` says whether it applies at all; its control is hidden otherwise. `view` is the one that it
 *   belongs to, the fit's if none. A “place” has no control in this table: `label` names it and `say` its value. `valid` says of its text in a
 *   link whether it is one. What was refused of one with `stays`, what to say then, is not kept. What is local, such as a table, is kept but in no link.
 * @typedef {Record<string, Value>} Values
 */

/** @param {Job} job */
const mask = (job) => (job.mask ??= {});
/** @param {Job} job */
const nuisance = (job) => (job.nuisance ??= {});
/** @param {Job} job */
const fit = (job) => (job.fit ??= {});
/** What is null is left to the engine. @param {Job} job @param {keyof Job["model"]} name @param {unknown} value */
const setModel = (job, name, value) => {
  if (value === null) delete job.model[name];
  else Object.assign(job.model, { [name]: value });
};
/** @param {Values} all */
const ofPrototype = (all) => all.prototype !== "file";
/** @param {readonly number[]} cells */
export const writtenCells = (cells) => cells.join(" × ");
/** @param {Job} job */
const start = (job) => job.force_constants?.start ?? {};
/** More measurements than any job of a link has. */
const MANY = 100;

/**
 * Whether a text of a link is one that this page writes.
 * @param {(job: Job, text: string) => void} intoJob @param {(job: Job) => string} textOf @param {(text: string) => string} namesIn
 */
const isText = (intoJob, textOf, namesIn) => (/** @type {string} */ text) => {
  try {
    const job = /** @type {Job} */ (/** @type {unknown} */ ({ data: Array.from({ length: MANY }, () => ({})) }));
    intoJob(job, text);
    namesIn(text);
    return textOf(job) === text;
  } catch {
    return false;
  }
};

/** @typedef {"constant" | "q2"} Shape */
/** @type {Shape[]} */
const SHAPES = ["constant", "q2"];
/** @param {Job} job @param {Shape} name */
const hasBackground = (job, name) => {
  const list = job.nuisance?.background;
  return Array.isArray(list) && list.includes(name);
};
/** @param {Job} job @param {Shape} name @param {Value} on */
const setBackground = (job, name, on) => {
  const list = job.nuisance?.background ?? [];
  const plain = SHAPES.filter((n) => (n === name ? on : list.includes(n)));
  nuisance(job).background = [...plain, ...list.filter((n) => typeof n === "object")];
};
/** Air in the beam. @param {Job} job */
const airOf = (job) => (job.nuisance?.background ?? []).find((n) => typeof n === "object" && "exponential" in n);
/** @param {Job} job @param {Value} on */
const setAir = (job, on) => {
  if (Boolean(airOf(job)) === Boolean(on)) return;
  const list = (job.nuisance?.background ?? []).filter((n) => n !== airOf(job));
  nuisance(job).background = on ? [...list, { exponential: 1.2 }] : list;
};
/**
 * What is null goes, and with the last of it the instrument: a job without one needs less of the program.
 * @param {Job} job @param {keyof NonNullable<Job["measurement"]>} name @param {unknown} value
 */
const setInstrument = (job, name, value) => {
  const all = { ...job.measurement };
  if (value === null) delete all[name];
  else Object.assign(all, { [name]: value });
  if (Object.keys(all).length > 0) job.measurement = all;
  else delete job.measurement;
};
/** @param {Job} job @param {"voxel" | "fwhm"} name @param {unknown} value */
const setResolution = (job, name, value) => {
  const all = { ...job.measurement?.resolution };
  if (value === null) delete all[name];
  else Object.assign(all, { [name]: value });
  setInstrument(job, "resolution", Object.keys(all).length > 0 ? all : null);
};
/** @param {Job} job @param {NonNullable<Job["constraints"]>} change */
const impose = (job, change) => constraints.setConstraints(job, { ...job.constraints, ...change });
/** @param {Job} job */
const hasVoxels = (job) => (job.measurement?.resolution?.voxel ?? false) !== false;
/** @param {unknown} value */
const numberOrNull = (value) => (typeof value === "number" ? value : null);

export const SPEEDS = [2, 4, 8, 16, Infinity];

/** @type {Setting[]} */
// biome-ignore format: a row of the table says first what a setting is, then how a job holds it
export const SETTINGS = [
  { key: "view", id: "views", hash: "view", kind: "place", fallback: "fit", valid: () => true },
  { key: "example", id: "example", hash: "example", kind: "choice", fallback: "all" },

  { key: "prototype", id: "prototype", hash: "structure", kind: "choice", fallback: "fcc",
    paths: ["crystal", "crystal.prototype", "crystal.file"],
    read: (job) => (job.crystal.file ? "file" : job.crystal.prototype ?? "fcc"),
    write: (job, value, all) => { if (value !== "file") replaceCrystal(job, all); } },
  { key: "element", id: "element", hash: "element", kind: "text", fallback: "Ni",
    paths: ["crystal.element", "crystal.elements"],
    when: ofPrototype,
    read: (job) => job.crystal.element ?? job.crystal.elements?.join(" ") ?? null,
    write: (job, _, all) => { if (!job.crystal.file) replaceCrystal(job, all); } },
  { key: "a", id: "lattice-a", hash: "a", kind: "number", fallback: 3.52,
    paths: ["crystal.a"],
    when: ofPrototype,
    read: (job) => numberOrNull(job.crystal.a),
    write: (job, value) => { if (!job.crystal.file) replaceLength(job, Number(value)); } },
  { key: "c", id: "lattice-c", hash: "c", kind: "number", fallback: null, optional: true,
    paths: ["crystal.c"],
    when: (all) => all.prototype === "hcp",
    read: (job) => numberOrNull(job.crystal.c),
    write: (job, _, all) => { if (!job.crystal.file) job.crystal = prototypeOf(all); } },

  { key: "order", id: "order", hash: "order", kind: "choice", fallback: "all-order",
    paths: ["model.order"],
    options: [["one-phonon", "one phonon"], ["all-order", "all orders"], ["sampled", "sampled"], ["elastic", "elastic limit"]],
    read: (job) => job.model.order ?? "one-phonon",
    write: (job, value) => {
      job.model.order = /** @type {Job["model"]["order"]} */ (value);
      // Waves farther out are not long.
      if (value === "elastic") mask(job).bragg_within ??= 0.2;
    } },
  { key: "range", id: "real-space-range", hash: "reach", kind: "number", fallback: null, optional: true,
    paths: ["model.real_space_range"],
    when: (all) => all.order === "all-order" && all.supercell === null,
    read: (job) => numberOrNull(job.model.real_space_range),
    write: (job, value) => setModel(job, "real_space_range", value) },
  { key: "supercell", id: "supercell", hash: "supercell", kind: "cells", fallback: null, optional: true,
    paths: ["model.supercell"],
    when: (all) => all.order === "sampled" || all.supercell !== null,
    read: (job) => (Array.isArray(job.model.supercell) ? writtenCells(job.model.supercell) : null),
    write: (job, value) => setModel(job, "supercell", value === null ? null : readCells(String(value))) },
  { key: "samples", id: "samples", hash: "samples", kind: "whole", fallback: null, optional: true,
    paths: ["model.samples"],
    when: (all) => all.order === "sampled",
    read: (job) => numberOrNull(job.model.samples),
    write: (job, value) => setModel(job, "samples", value) },
  { key: "statistics", id: "statistics", hash: "statistics", kind: "choice", fallback: "quantum",
    paths: ["model.statistics"],
    options: [["quantum", "quantum"], ["classical", "classical"]],
    read: (job) => job.model.statistics ?? null,
    write: (job, value) => { job.model.statistics = /** @type {Job["model"]["statistics"]} */ (value); } },
  { key: "temperature", id: "temperature", hash: "T", kind: "number", fallback: 298,
    paths: ["model.temperature"],
    read: (job) => numberOrNull(job.model.temperature),
    write: (job, value) => { job.model.temperature = Number(value); } },
  { key: "cutoff", id: "cutoff", hash: "cutoff", kind: "number", fallback: 5.7, optional: true,
    paths: ["force_constants.cutoff"],
    read: (job) => numberOrNull(job.force_constants.cutoff),
    write: (job, value) => {
      if (value === null) delete job.force_constants.cutoff;
      else job.force_constants.cutoff = Number(value);
    } },
  { key: "potential", id: "potential", hash: "potential", kind: "place", fallback: potentials.FREE,
    paths: ["potential"],
    label: "Potential", say: (value) => potentials.namesIn(String(value)), stays: "The springs follow from what they did.",
    valid: isText(potentials.intoJob, potentials.textOf, potentials.namesIn),
    read: potentials.textOf,
    write: (job, value) => potentials.intoJob(job, String(value)) },
  { key: "start", id: "start", hash: "start", kind: "choice", fallback: "ni_676",
    paths: ["force_constants", "force_constants.start", "force_constants.library"],
    when: (all) => all.potential === potentials.FREE,
    read: (job) => start(job).library ?? (start(job).springs ? "springs" : start(job).bonds ? "bonds" : "job"),
    write: (job, value, all) => {
      if (value === "job") return;
      if (value === "bonds") startFromBonds(job);
      else if (value === "springs") job.force_constants.start = { springs: { 1: Number(all.spring) } };
      else job.force_constants.start = { library: String(value) };
    } },
  { key: "spring", id: "spring", hash: "spring", kind: "number", fallback: 1.5,
    paths: ["force_constants.springs"],
    when: (all) => all.start === "springs",
    read: (job) => numberOrNull(start(job).springs?.["1"]),
    write: (job, value) => {
      if (start(job).springs) job.force_constants.start = { springs: { 1: Number(value) } };
    } },

  { key: "method", id: "method", hash: "method", kind: "choice", fallback: "lm",
    paths: ["fit.method"],
    options: [["lm", "Gauss–Newton"], ["lbfgs", "L-BFGS"], ["adam", "Adam"]],
    read: (job) => String(job.fit?.method ?? "lm").replace("gauss-newton", "lm"),
    write: (job, value) => Object.assign(fit(job), { method: value }) },
  { key: "iterations", id: "iterations", hash: "iterations", kind: "whole", fallback: 100,
    paths: ["fit.max_iterations"],
    when: (all) => all.method === "adam",
    read: (job) => numberOrNull(job.fit?.max_iterations) ?? 100,
    write: (job, value) => { fit(job).max_iterations = Number(value); } },

  { key: "weighing", id: "weighing", hash: "weigh", kind: "choice", fallback: "auto",
    paths: ["fit.weighing"],
    options: [["auto", "automatic"], ["column", "as σ says"], ["counts", "as counts"], ["equivalents", "by equivalents"], ["equal", "equally"]],
    read: (job) => String(job.fit?.weighing ?? "auto"),
    write: (job, value) => Object.assign(fit(job), { weighing: value }) },

  { key: "bragg", id: "bragg-radius", hash: "bragg", kind: "number", fallback: 0.12,
    paths: ["mask.bragg_radius"],
    read: (job) => job.mask?.bragg_radius ?? 0,
    write: (job, value) => { mask(job).bragg_radius = Number(value); } },
  { key: "braggWithin", id: "bragg-within", hash: "within", kind: "number", fallback: null, optional: true,
    paths: ["mask.bragg_within"],
    read: (job) => job.mask?.bragg_within ?? null,
    write: (job, value) => {
      if (value === null) delete mask(job).bragg_within;
      else mask(job).bragg_within = Number(value);
    } },
  { key: "qMin", id: "q-min", hash: "qmin", kind: "number", fallback: 0,
    paths: ["mask.q_min"],
    read: (job) => job.mask?.q_min ?? 0,
    write: (job, value) => { mask(job).q_min = Number(value); } },
  { key: "qMax", id: "q-max", hash: "qmax", kind: "number", fallback: null, optional: true,
    paths: ["mask.q_max"],
    read: (job) => job.mask?.q_max ?? null,
    write: (job, value) => { mask(job).q_max = /** @type {number | null} */ (value); } },

  { key: "constraints", id: "constants", hash: "constraints", kind: "place", fallback: constraints.NONE,
    paths: ["constraints.fixed", "constraints.tied", "constraints.bounds", "constraints.prior"],
    label: "Constraints", say: (value) => constraints.namesIn(String(value)), stays: "The constraints stay as they were.",
    valid: isText(constraints.intoJob, constraints.textOf, constraints.namesIn),
    read: constraints.textOf,
    write: (job, value) => constraints.intoJob(job, String(value)) },
  { key: "axial", id: "axial", hash: "axial", kind: "flag", fallback: false,
    paths: ["constraints.axially_symmetric"],
    read: (job) => Boolean(job.constraints?.axially_symmetric),
    write: (job, value) => impose(job, { axially_symmetric: Boolean(value) }) },
  { key: "invariant", id: "invariant", hash: "invariant", kind: "flag", fallback: false,
    paths: ["constraints.rotational_invariance"],
    read: (job) => Boolean(job.constraints?.rotational_invariance),
    write: (job, value) => impose(job, { rotational_invariance: Boolean(value) }) },
  { key: "ridge", id: "ridge", hash: "ridge", kind: "number", fallback: null, optional: true,
    paths: ["constraints.ridge"],
    read: (job) => numberOrNull(job.constraints?.ridge),
    write: (job, value) => impose(job, { ridge: /** @type {number | null} */ (value) }) },

  { key: "known", id: "known", hash: "known", kind: "place", fallback: known.NOTHING,
    paths: ["pseudo_data"],
    label: "Known besides", say: (value) => known.namesIn(String(value)), stays: "What is known besides stays as it was.",
    valid: isText(known.intoJob, known.textOf, known.namesIn),
    read: known.textOf,
    write: (job, value) => known.intoJob(job, String(value)) },

  { key: "masks", id: "masks", hash: "masks", kind: "place", fallback: NO_MASKS,
    paths: ["mask.shapes"],
    label: "Masks", say: (value) => namesIn(String(value)), stays: "The masks stay as they were.",
    valid: isText(intoJob, (job) => textOf(masksOf(job)), namesIn),
    read: (job) => textOf(masksOf(job)),
    write: (job, value) => intoJob(job, String(value)) },

  { key: "scaleMode", id: "scale-mode", hash: "scale", kind: "choice", fallback: "free",
    paths: ["nuisance.scale"],
    options: [["free", "free"], ["fixed", "fixed"]],
    read: (job) => (typeof job.nuisance?.scale === "number" ? "fixed" : "free"),
    write: (job, value, all) => { nuisance(job).scale = value === "fixed" ? Number(all.scaleValue) : "free"; } },
  { key: "scaleValue", id: "scale-value", hash: "scaleat", kind: "number", fallback: 1,
    paths: ["nuisance.scale"],
    when: (all) => all.scaleMode === "fixed",
    read: (job) => numberOrNull(job.nuisance?.scale),
    write: (job, value) => {
      if (typeof job.nuisance?.scale === "number") nuisance(job).scale = Number(value);
    } },
  { key: "backgroundConstant", id: "background-constant", hash: "bg0", kind: "flag", fallback: true,
    paths: ["nuisance.background"],
    read: (job) => hasBackground(job, "constant"),
    write: (job, value) => setBackground(job, "constant", value) },
  { key: "backgroundQ2", id: "background-q2", hash: "bg2", kind: "flag", fallback: true,
    paths: ["nuisance.background"],
    read: (job) => hasBackground(job, "q2"),
    write: (job, value) => setBackground(job, "q2", value) },

  { key: "backgroundAir", id: "background-air", hash: "air", kind: "flag", fallback: false,
    paths: ["nuisance.background"],
    read: (job) => Boolean(airOf(job)),
    write: setAir },

  { key: "energy", id: "energy", hash: "keV", kind: "number", fallback: null, optional: true,
    paths: ["measurement.energy_kev"],
    read: (job) => numberOrNull(job.measurement?.energy_kev),
    write: (job, value) => setInstrument(job, "energy_kev", value) },
  { key: "voxels", id: "voxels", hash: "voxels", kind: "flag", fallback: false,
    paths: ["measurement.resolution.voxel"],
    read: hasVoxels,
    write: (job, value) => { if (hasVoxels(job) !== value) setResolution(job, "voxel", value ? true : null); } },
  { key: "fwhm", id: "fwhm", hash: "fwhm", kind: "number", fallback: null, optional: true,
    paths: ["measurement.resolution.fwhm"],
    read: (job) => numberOrNull(job.measurement?.resolution?.fwhm),
    write: (job, value) => { if (!Array.isArray(job.measurement?.resolution?.fwhm)) setResolution(job, "fwhm", value); } },
  { key: "compton", id: "compton", hash: "compton", kind: "choice", fallback: "none",
    paths: ["measurement.compton"],
    options: [["none", "left out"], ["absolute", "tabulated"], ["free", "free factor"]],
    read: (job) => (typeof job.measurement?.compton === "object" ? "free" : (job.measurement?.compton ?? "none")),
    write: (job, value) => {
      if (typeof job.measurement?.compton !== "object" || value !== "free")
        setInstrument(job, "compton", value === "none" ? null : value);
    } },
  { key: "polarized", id: "polarized", hash: "polarization", kind: "choice", fallback: "none",
    paths: ["measurement.polarization"],
    options: [["none", "corrected"], ["mean", "in the data"]],
    read: (job) => (job.measurement?.polarization ? "mean" : "none"),
    write: (job, value) =>
      setInstrument(job, "polarization", value === "mean" ? (job.measurement?.polarization ?? {}) : null) },
  { key: "smooth", id: "smooth", hash: "smooth", kind: "flag", fallback: false,
    paths: ["measurement.smooth_factor"],
    read: (job) => Boolean(job.measurement?.smooth_factor),
    write: (job, value) => setInstrument(job, "smooth_factor", value ? (job.measurement?.smooth_factor ?? {}) : null) },
  { key: "calibrated", id: "calibrated", hash: "calibrate", kind: "flag", fallback: false,
    paths: ["measurement.calibration"],
    read: (job) => Boolean(job.measurement?.calibration),
    write: (job, value) => {
      const usual = { stretch: 0.002, rotation_deg: 0.2 };
      setInstrument(job, "calibration", value ? (job.measurement?.calibration ?? usual) : null);
    } },
  { key: "likelihood", id: "likelihood", hash: "noise", kind: "choice", fallback: "gaussian",
    paths: ["fit.likelihood"],
    options: [["gaussian", "Gaussian"], ["poisson", "counts"], ["robust", "robust"]],
    read: (job) => job.fit?.likelihood ?? "gaussian",
    write: (job, value) => { fit(job).likelihood = value === "poisson" || value === "robust" ? value : "gaussian"; } },

  { key: "plane", id: "plane", hash: "plane", kind: "choice", fallback: "0" },
  { key: "slice", id: "slice", hash: "cut", kind: "choice", fallback: "2",
    options: [["2", "l"], ["1", "k"], ["0", "h"]] },
  { key: "scale", id: "scale", hash: "axis", kind: "choice", fallback: "log",
    options: [["log", "logarithmic"], ["linear", "linear"], ["sqrt", "square root"], ["symlog", "symmetric log"]] },
  { key: "tail", id: "range", hash: "range", kind: "choice", fallback: "0.005",
    options: [["0.005", "99 % of data"], ["0.05", "90 % of data"], ["0", "all data"], ["hand", "by hand"]] },
  { key: "limits", id: "levels", hash: "limits", kind: "place", fallback: "", label: "Colour range",
    valid: (text) => text === "" || /^\S+ \S+$/.test(text) && text.split(" ").every((part) => Number.isFinite(Number(part))) },
  { key: "colours", id: "colours", hash: "colours", kind: "choice", fallback: "inferno",
    options: [["inferno", "inferno"], ["magma", "magma"], ["plasma", "plasma"], ["viridis", "viridis"], ["cividis", "cividis"]] },
  { key: "spread", id: "spread", hash: "residual", kind: "choice", fallback: "5",
    options: [["3", "± 3 σ"], ["5", "± 5 σ"], ["20", "± 20 σ"], ["symlog", "± 100 σ, log"], ["auto", "as it comes"]] },
  { key: "unit", id: "unit", hash: "unit", kind: "choice", fallback: "ev",
    options: [["ev", "eV/Å²"], ["nm", "−Φ in N/m"]] },
  { key: "truth", id: "show-truth", hash: "truth", kind: "flag", fallback: true },
  { key: "path", id: "zone", hash: "path", kind: "place", fallback: "", valid: (text) => text.length < 1000 },
  { key: "density", id: "show-density", hash: "dos", kind: "flag", fallback: false },
  { key: "points", id: "points-open", hash: "points", kind: "place", fallback: "", isLocal: true },
  { key: "speed", id: "speed", hash: "speed", kind: "number", fallback: 2 },
  { key: "cores", id: "cores", hash: "cores", kind: "whole", fallback: null, optional: true },
  { key: "crystal", id: "views", hash: "seen", kind: "place", fallback: "", label: "Crystal", valid: (text) => text.length < 600 },

  { key: "cells", id: "snap-cells", hash: "cells", kind: "choice", fallback: "8", view: "snapshots",
    options: ["4", "6", "8", "10"].map((n) => [n, writtenCells([Number(n), Number(n), Number(n)])]) },
  { key: "snapTemperature", id: "snap-temperature", hash: "snapT", kind: "number", fallback: null, optional: true, view: "snapshots" },
  { key: "sampler", id: "snap-sampler", hash: "sampler", kind: "choice", fallback: "block", view: "snapshots",
    options: [["block", "block, by waves"], ["dense", "dense, one matrix"]] },
  { key: "exaggeration", id: "snap-exaggeration", hash: "times", kind: "choice", fallback: "5", view: "snapshots",
    options: [["1", "× 1"], ["5", "× 5"]] },
  { key: "against", id: "methods-against", hash: "against", kind: "choice", fallback: "iterations", view: "methods",
    options: [["iterations", "iterations"], ["seconds", "seconds"]] },
  { key: "scene", id: "lessons", hash: "scene", kind: "place", fallback: "1", label: "Scene" },
  { key: "language", id: "lessons", hash: "lang", kind: "place", fallback: "", label: "Language" },
  { key: "seed", id: "lessons", hash: "seed", kind: "place", fallback: "1", label: "Seed", valid: (text) => /^[1-9]\d{0,5}$/.test(text) },
  { key: "answered", id: "lessons", hash: "answered", kind: "place", fallback: "", label: "Answered", stays: "What was answered stays as it was." },
];

/** Structures that need no file, by the job's name. @type {[string, string][]} */
export const PROTOTYPES = [
  ["fcc", "fcc"],
  ["bcc", "bcc"],
  ["hcp", "hcp"],
  ["diamond", "diamond"],
  ["rocksalt", "rock salt"],
  ["cscl", "CsCl"],
  ["zincblende", "zinc blende"],
];

/** Another crystal: what was known of the old one goes. @param {Job} job @param {Values} all */
function replaceCrystal(job, all) {
  job.crystal = prototypeOf(all);
  delete job.non_analytical;
  delete job.reference;
  potentials.intoJob(job, potentials.FREE);
  forgetConstants(job);
}

/** What is said of single constants is said of those of one crystal. @param {Job} job */
function forgetConstants(job) {
  constraints.intoJob(job, constraints.NONE);
  delete job.pseudo_data;
}

/** Labels between several kinds of atoms hold distances, and are no longer those of the crystal. @param {Job} job @param {number} a */
function replaceLength(job, a) {
  job.crystal.a = a;
  if (job.reference?.labels) delete job.reference;
}

/** @param {Values} all @returns {Job["crystal"]} */
function prototypeOf(all) {
  const elements = String(all.element)
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  const [element = ""] = elements;
  return {
    prototype: /** @type {Job["crystal"]["prototype"]} */ (all.prototype),
    ...(elements.length > 1 ? { elements } : { element }),
    a: Number(all.a),
    ...(all.prototype === "hcp" && all.c !== null ? { c: Number(all.c) } : {}),
  };
}

/** @returns {Values} */
export function defaults() {
  return Object.fromEntries(SETTINGS.map((s) => [s.key, s.fallback]));
}

/** Puts what a job says into the values; fields it lacks keep theirs. @param {Values} values @param {Job} job */
export function readJob(values, job) {
  for (const { key, read, optional } of SETTINGS) {
    const value = read?.(job) ?? null;
    if (read && (value !== null || optional)) values[key] = value;
  }
}

/**
 * The job with the given values. Only what differs from `shown`, the values as they were read from
 * the job, is written, so that fields which the controls cannot express survive.
 * @param {Job} base @param {Values} shown @param {Values} values @returns {Job}
 */
export function writeJob(base, shown, values) {
  const job = structuredClone(base);
  for (const { key, write } of SETTINGS) {
    if (write && values[key] !== shown[key]) write(job, values[key] ?? null, values);
  }
  return job;
}
