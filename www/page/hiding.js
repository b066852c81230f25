/**
 * Parts of the page that a link can take away (`hide=truth,constants`), so that a teacher can strip it.
 * Names are those of the Help, and for single fields those that a link uses.
 */

import { SETTINGS } from "./settings.js";

/** Selectors by name. @type {Record<string, string>} */
const PARTS = {
  truth: "#truth-choice, #truth-note, #head-truth, #legend-truth, td.truth",
  figures: "#figures",
  verdict: "#verdict",
  constants: "#constants, .heading .unit, #truth-choice, #truth-note, #systematic-note",
  elastic: "#derived, #beyond-one-phonon",
  dispersion: "#figure-dispersion",
  convergence: "#figure-convergence",
  hands: "#hands",

  open: "#open-data",
  save: "#save-result, #save-job, #save-maps",
  export: ".exports",
  link: "#link",
  help: "#help",
  play: "#play",
  pause: "#pause",
  stop: "#stop",
  step: "#step",
  reset: "#reset",
  speed: ".speed:has(#speed)",

  lede: "#lede",
  views: "#views",
  given: ".given",
  examples: ".field:has(#example), #data-source",
  crystal: "#set-crystal",
  // Links older than the constraints hid the model by this name and nothing of it stayed.
  model: "#set-model, #set-constraints",
  mask: "#set-mask, #mask-tools",
  constraints: "#set-constraints",
  // Links older than the instrument hid all that stands between intensity and data by this name.
  background: "#set-background, #set-instrument",
  instrument: "#set-instrument",
  maps: "#map-stage, #view",
  display: "#view",
  reading: "#reading-tools, .alone",
  learned: ".numbers",
  charts: ".charts",
};

/** What is empty once all of that in it is gone; the inner ones first. @type {[string, string][]} */
const CONTAINERS = [
  ["fieldset", ".field"],
  ["#view", ".field"],
  [".given", ".field"],
  [".charts", "figure"],
  [".numbers", ".figures, .verdict, table, .exports"],
  [".buttons", "button"],
];

/** Hidden at present, as the link says it. @type {string[]} */
let names = [];

/** Fields by the name that a link gives them. */
const fields = new Map(
  SETTINGS.filter(({ kind, hash }) => kind !== "place" && !(hash in PARTS)).map((s) => [s.hash, s.id]),
);

/** Names of single fields, for the Help. */
export const fieldNames = () => [...fields.keys()];

/** Hides what the link says, and shows again what an earlier one hid. @param {string} hash */
export function hideParts(hash) {
  const wanted = (new URLSearchParams(hash.replace(/^#/, "")).get("hide") ?? "").split(",").map((name) => name.trim());
  names = [...new Set(wanted)].filter((name) => name in PARTS || fields.has(name));
  for (const element of document.querySelectorAll(".stripped")) element.classList.remove("stripped");
  for (const element of names.flatMap(elementsOf)) element.classList.add("stripped");
  for (const [selector, content] of CONTAINERS) {
    for (const container of document.querySelectorAll(selector)) {
      const left = [...container.querySelectorAll(content)].some((part) => !part.closest(".stripped"));
      if (!left) container.classList.add("stripped");
    }
  }
}

/** @param {string} name @returns {Element[]} */
function elementsOf(name) {
  const selector = PARTS[name];
  if (selector) return [...document.querySelectorAll(selector)];
  const control = document.getElementById(fields.get(name) ?? "");
  const whole = control?.closest(".field label, .checks label") ?? null;
  const element = control?.closest(".checks") ? whole : (control?.closest(".field, label") ?? control);
  // Links older than the outer distance hid all of the range by the name of the inner one.
  const also = name === "bragg" ? elementsOf("within") : [];
  return element ? [element, ...also] : also;
}

/** Whether the link hides a part. @param {string} name */
export const isHidden = (name) => names.includes(name);

/** What “Link” adds to the settings. @returns {string} */
export const hiddenNames = () => names.join(",");
