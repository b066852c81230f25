/** The engine's messages in the words of the page: what the job calls `model.real_space_range` is “Pairs up to” here. */

import { labelOf } from "./controls.js";
import { PROTOTYPES, SETTINGS } from "./settings.js";

/** Places of the job that have no field of their own. @type {[string, string][]} */
const PLACES = [
  ["crystal", "Crystal"],
  ["force_constants.labels", "Start from, constant"],
  ["force_constants", "Force constants"],
  ["model.u_mesh", "Mesh of wave vectors"],
  ["model.real_space_mesh", "Mesh in real space"],
  ["model.seed", "Seed"],
  ["model", "Model"],
  ["mask", "Left out"],
  ["nuisance", "Scale and background"],
  ["measurement", "Instrument"],
  ["fit.batch", "Batch"],
  ["fit", "Fit"],
  ["constraints", "Constraints"],
  ["non_analytical", "Born charges"],
  ["reference", "Truth"],
  ["potential", "Potential"],
  ["data", "Measurement"],
];

/** Names of fields inside sentences, and what the page calls them. @type {[RegExp, string][]} */
const NAMES = [
  [/`?\bbragg_radius\b`?/g, "“Around Bragg”"],
  [/`?\b(mask\.)?bragg_within\b`?/g, "“Farther from Bragg”"],
  [/`?\bq_min\b`?/g, "“|Q| below”"],
  [/`?\bq_max\b`?/g, "“|Q| above”"],
  [/`?\breal_space_range\b`?/g, "“Pairs up to”"],
  [/`?\bmax_iterations\b`?/g, "“Iterations”"],
  [/\bmeasurement\.energy_kev\b/g, "“Photon energy”"],
  [/`?\benergy_kev\b`?/g, "“Photon energy”"],
  [/\bmeasurement\.polarization\b/g, "“Polarization”"],
  [/\bmeasurement\.compton\b/g, "“Compton scattering”"],
  [/\bmeasurement\.smooth_factor\b/g, "“slow factor”"],
  [/\bmeasurement\.resolution\b/g, "“Averages over”"],
  [/\bnuisance\.background\b/g, "“Background”"],
  [/\bconstraints\.rotational_invariance\b/g, "“rotational invariance”"],
  [/ \(non_analytical\), and "non_analytical": false says that there are none/g, ": drop a BORN file with the crystal"],
  [/\(data\[\]\.ideal\)/g, "in a saved job (“ideal”)"],
  [/\busize\b|\bu64\b/g, "a whole number"],
  [/\bf64\b/g, "a number"],
  [/"free"/g, "“free”"],
];

/** Values of choices as a job writes them, and as the page shows them. @type {[string, string][]} */
const CHOICES = [
  ...SETTINGS.filter(({ key }) => key === "order" || key === "method").flatMap(({ options }) => options ?? []),
  ...PROTOTYPES.filter(([value, text]) => value !== text),
];

/** The place in the job that a message names, or "". @param {string} message */
export function placeOf(message) {
  return /^job: ([a-z_]+(?:[.[][^\s:]*)?): /.exec(message)?.[1] ?? "";
}

/** Whether one place of the job is the other or holds it. @param {string} outer @param {string} inner */
const holds = (outer, inner) => inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);

/** Settings whose place a message names, the nearest first. @param {string} place */
export function settingsAt(place) {
  const fitting = SETTINGS.flatMap((setting) =>
    (setting.paths ?? []).filter((path) => holds(path, place)).map((path) => ({ setting, path })),
  );
  return fitting.sort((a, b) => b.path.length - a.path.length).map(({ setting }) => setting);
}

/** Settings that can be to blame for an error without a place, by its code. @type {Record<string, string[]>} */
const BY_CODE = {
  "cutoff-on-shell": ["cutoff", "a", "c"],
  unstable: ["spring", "start", "cutoff"],
  "too-few-data": ["masks", "qMin", "qMax", "bragg", "cutoff"],
  symmetry: ["prototype", "a", "c"],
};

/** Keys of the settings that an error may be about. @param {string} code @param {string} message */
export function suspects(code, message) {
  const place = placeOf(message);
  if (/the mask leaves none/.test(message)) return ["masks", "bragg", "qMin", "qMax"];
  if (/^data\[\d+\]\.mask\b/.test(place)) return ["masks"];
  if (place === "crystal" && /elements? given/.test(message)) return ["element", "prototype"];
  const named = settingsAt(place).map(({ key }) => key);
  return [...named, ...(BY_CODE[code] ?? [])];
}

/** @param {string} place */
function wordsFor(place) {
  const [setting] = settingsAt(place);
  const exact = setting?.paths?.find((path) => holds(path, place)) ?? "";
  const [other, words] = PLACES.filter(([path]) => holds(path, place)).sort(([a], [b]) => b.length - a.length)[0] ?? [
    "",
    "",
  ];
  const known = setting && exact.length >= other.length ? labelOf(setting) : words;
  const rest = /\.labels\.(.+)$/.exec(place)?.[1];
  const number = /^data\[(\d+)\]/.exec(place)?.[1];
  const which = number !== undefined && number !== "0" ? ` ${Number(number) + 1}` : "";
  const frequency = /^pseudo_data\.frequencies\[(\d+)\]/.exec(place)?.[1];
  const besides = /^pseudo_data\.(?:elastic_GPa|U_A2)\.(.+)$/.exec(place)?.[1];
  const potential = /^potential\.(.+)$/.exec(place)?.[1];
  // Without a field of its own a place keeps the name that it has in the job.
  if (!known) return place;
  if (potential) return `${known}, ${potential}`;
  if (frequency !== undefined || besides) return `${known}, ${besides ?? `frequency ${Number(frequency) + 1}`}`;
  return rest ? `${words} ${rest}` : `${known}${which}`;
}

/** A sentence with the page's names of fields. @param {string} sentence */
export function named(sentence) {
  return NAMES.reduce((words, [pattern, name]) => words.replace(pattern, name), sentence);
}

/** @param {string} message */
export function inPageWords(message) {
  const count = /^job: crystal(?:\.elements?)?: (\d+) elements? given .*expected (\d+)/.exec(message);
  if (count) return elementsSentence(Number(count[1]), Number(count[2]));
  const place = placeOf(message);
  let words = place ? `${wordsFor(place)}: ${message.slice(`job: ${place}: `.length)}` : message.replace(/^job: /, "");
  words = named(words);
  for (const [value, text] of CHOICES) {
    words = words
      .replace(new RegExp(`["\`]${value}["\`]`, "g"), `“${text}”`)
      .replace(new RegExp(`\\b${value}\\b(?!\\.)`, "g"), text);
  }
  return words.replace(/, expected a job as its reference describes it$/, "").replaceAll("`", "");
}

/** @param {number} given @param {number} wanted */
function elementsSentence(given, wanted) {
  return wanted === 2
    ? `Structure: this one needs two elements and has ${given === 1 ? "one" : given}; write both into Element, such as “Na Cl”`
    : `Structure: this one needs one element and has ${given}; write one into Element, such as “Ni”`;
}

/** A background or an effect in the words of the page. @param {string} name */
export function writtenNuisance(name) {
  if (name === "background constant") return "background";
  return name === "background q2" ? "background / |Q|²" : name;
}
