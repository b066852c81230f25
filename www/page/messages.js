/** The page's sentences. */

import { reduced, withSigma } from "./numbers.js";

/** @typedef {import("../engine/protocol.js").Progress} Progress */

export const SAY = Object.freeze({
  running: "Fitting …",
  calculating: "Calculating …",
  linkCopied: "The link to what you see is in the clipboard and in the address bar.",
  linkShown: "The address bar now holds the link to what you see.",
  linkOwnFiles: "Your own files do not travel with it: whoever opens it is told which ones to drop.",
  lessonCopied: "The link to this lesson is in the clipboard.",
  lessonNotCopied: "This browser gives no access to the clipboard: copy the link from its field",
  /** @param {number} length @param {number} most */
  linkTooLong: (length, most) =>
    `This state takes ${length} characters and a link has room for ${most}: save the job instead, which holds all of it`,
  opening: "Opening …",
  /** @param {"play" | "step" | null} after */
  loading: (after) => (after ? `Loading … ${after === "play" ? "Play" : "Step"} follows.` : "Loading …"),
  noEngine:
    "The engine could not be loaded. Check that pkg/ was built and that the browser allows WebAssembly, then reload the page.",
});

/** Before the first iteration. @param {Progress} p @param {string[]} warnings */
export function readySentence(p, warnings) {
  const start = `Ready. With the start constants χ²/n is ${reduced(p.chi2_reduced)} over ${count(p.n_data)} data.`;
  return [start, ...warnings.map(sentence)].join(" ");
}

/** Where the springs of a job leave its crystal unstable. */
export const BONDS_INSTEAD =
  "These springs do not hold the crystal together, so the start has bonds estimated between all atoms up to the cutoff.";

/** @param {Progress} p */
export function runningSentence(p) {
  return `Iteration ${p.iteration}: χ²/n = ${reduced(p.chi2_reduced)}.`;
}

/** An iteration that takes long. @param {number} seconds 0 while it is not long yet. */
export const iteratingSentence = (seconds) =>
  `The next iteration is being calculated${seconds > 0 ? `, for ${seconds} s now` : ""}.`;

/** How far the fit has come and what that is worth. @param {Progress} p */
export function pausedSentence(p) {
  const worth = p.verdict?.reasons.find(({ code }) => code === "paused")?.sentence ?? "Paused; Play goes on.";
  return `${runningSentence(p)} ${worth} Reset goes back to the start.`;
}

/** How the fit ended: what was found where that can be trusted, else the engine's own words. @param {Progress} p */
export function endedSentence(p) {
  return p.termination === "converged" && p.verdict?.trust === "good" ? foundSentence(p) : sentence(p.message);
}

/** @param {Progress} p */
function foundSentence(p) {
  const parts = [`${p.values.length} constants`, `χ²/n = ${p.chi2_reduced.toFixed(2)}`];
  const shown = p.elastic.find((e) => e.name === "C44") ?? p.elastic[0];
  if (shown) parts.push(`${shown.name} = ${withSigma(shown.value, shown.sigma)} GPa`);
  return `Converged: ${parts.join(", ")}.`;
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

/** A link is about files that are not here. @param {string[]} names */
export function linkLacksSentence(names) {
  const list = names.map((n) => `“${n}”`).join(", ");
  const it = names.length === 1 ? "it" : "them";
  return `This link is about ${list}, which stayed with whoever made it: open or drop ${it}, and the link is followed. Until then the first example is shown.`;
}

/** @param {string[]} names */
export function otherContentsSentence(names) {
  const list = names.map((n) => `“${n}”`).join(", ");
  return `${list} ${names.length === 1 ? "holds" : "hold"} something else than when the link was made.`;
}

/** Files of what was open last time are gone. @param {string[]} names */
export function notKeptSentence(names) {
  const list = names.map((n) => `“${n}”`).join(", ");
  return `${list} ${names.length === 1 ? "was" : "were"} not kept in this browser: open or drop ${names.length === 1 ? "it" : "them"} again to go on where you left.`;
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
