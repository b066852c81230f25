/** The page's sentences. */

import { reduced, withSigma } from "./numbers.js";

/** @typedef {import("../protocol.js").Progress} Progress */

export const SAY = Object.freeze({
  running: "Fitting …",
  calculating: "Calculating …",
  paused: "Paused. Play continues from here, Reset goes back to the start.",
  linkCopied: "The link to these settings is in the clipboard and in the address bar.",
  linkShown: "The address bar now holds the link to these settings.",
  linkOwnFiles: "The link holds the settings; your own files do not travel with it.",
  opening: "Opening …",
  noEngine: "The engine could not be loaded. Check that pkg/ was built and that the browser allows WebAssembly, then reload the page.",
});

/** Before the first iteration. @param {Progress} p @param {string[]} warnings */
export function readySentence(p, warnings) {
  const start = `Ready. With the start constants χ²/n is ${reduced(p.chi2_reduced)} over ${count(p.n_data)} data.`;
  return [start, ...warnings.map(sentence)].join(" ");
}

/** @param {import("../protocol.js").Job} job */
export function springsSentence(job) {
  const shells = Object.keys(job.force_constants.start?.springs ?? {}).length;
  return `One spring does not hold this crystal together, so the start has springs to ${shells} shells of neighbours.`;
}

/** @param {Progress} p */
export function runningSentence(p) {
  return `Iteration ${p.iteration}: χ²/n = ${reduced(p.chi2_reduced)}.`;
}

/** What was found, in one sentence. @param {Progress} p @param {boolean} biased */
export function convergedSentence(p, biased) {
  const known = p.determined.filter(Boolean).length;
  const lost = p.values.length - known;
  const parts = [`${known} constants`, `χ²/n = ${p.chi2_reduced.toFixed(2)}`];
  const shown = p.elastic.find((e) => e.name === "C44") ?? p.elastic[0];
  if (shown) parts.push(`${shown.name} = ${withSigma(shown.value, shown.sigma)} GPa`);
  const rest = lost > 0 ? ` The data do not determine ${lost === 1 ? "one more" : `${lost} more`}.` : "";
  return `Converged${biased ? ", but biased†" : ""}: ${parts.join(", ")}.${rest}`;
}


/** The new settings were not taken. @param {string} message */
export function refusedSentence(message) {
  return `${sentence(message)} The previous state is still here.`;
}

/** @param {string} name */
export function savedSentence(name) {
  return `Saved ${name}.`;
}

/** The engine died. @param {string} message */
export function crashedSentence(message) {
  return `The engine stopped unexpectedly (${message}). A fresh one has been started with your data; change a setting or press Play to try again.`;
}

/** @param {string[]} names */
export function missingFilesSentence(names) {
  const list = names.map((n) => `“${n}”`).join(", ");
  return `The job also needs ${list}. Open or drop the job together with ${names.length === 1 ? "that file" : "those files"}.`;
}

/** @typedef {"none" | "known" | "likely" | "fewer"} Bias */
const WHY_BIASED = Object.freeze({
  none: "",
  known: "Biased†: these data hold all phonon orders, the one-phonon model only the first. The constants absorb the rest; the first is off by a quarter, far more than σ.",
  likely: "Biased†: a measurement holds all phonon orders, the one-phonon model only the first. The constants absorb the rest; they can be off by far more than σ.",
  fewer: "Biased†: these data hold the first phonon order only, the model all of them. Choose “one phonon”, or the other measurement.",
});

/**
 * Why constants are not to be trusted with their σ; empty where they are: the model leaves something
 * out, or the fit ended away from the optimum.
 * @param {Bias} bias @param {Progress} p
 */
export function doubt(bias, p) {
  if (bias !== "none") return biasSentence(bias);
  const away = p.termination !== null && ["max-iterations", "noise", "stuck"].includes(p.termination);
  return away ? "† The fit has not reached the optimum: ± σ does not cover how far it still is." : "";
}

/** Why constants come out biased. @param {Bias} bias */
function biasSentence(bias) {
  return WHY_BIASED[bias];
}

/** @param {number} n */
export function count(n) {
  return n.toLocaleString("en").replaceAll(",", "\u202f");
}

/** Ends in a full stop and begins with a capital where it is a word. @param {string} text */
export function sentence(text) {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
