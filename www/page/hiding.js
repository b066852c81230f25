/**
 * Parts of the page that a link can take away (`hide=truth,constants`), lock (`lock=T`) or show alone (`embed=maps`), so
 * that a teacher can strip it. Names are those of the Help, and for single fields those that a link uses.
 */

import { VIEWS } from "../views/registry.js";
import { showAlone } from "./embedding.js";
import { lockIn } from "./locking.js";
import { SETTINGS } from "./settings.js";

/** Selectors by name. @type {Record<string, string>} */
const PARTS = {
  truth: "#truth-choice, #truth-note, #head-truth, #legend-truth, td.truth",
  figures: "#figures",
  verdict: "#verdict",
  constants: "#constants, #combinations, .heading .unit, #truth-choice, #truth-note, #systematic-note",
  elastic: "#derived, #beyond-one-phonon",
  dispersion: "#figure-dispersion, #zone",
  convergence: "#figure-convergence",
  potential: "#figure-potential, .field:has(#potential-set), #potential",
  hands: "#hands",

  open: "#open-data",
  save: "#save-result, #save-job, #pictures",
  export: ".exports",
  link: "#link, #lesson",
  help: "#help",
  play: "#play",
  pause: "#pause",
  stop: "#stop",
  step: "#step",
  reset: "#reset",
  speed: ".speed:has(#speed)",

  scenes: ".lesson-head",
  teacher: ".lesson-tools > a",
  story: ".lesson .told",
  experiment: ".lesson-figure",
  question: ".lesson .question",
  equations: ".lesson details, .lesson .sources",

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
  "map-data": "figure:has(#map-data), #bar-intensity",
  "map-model": "figure:has(#map-model), #bar-intensity",
  "map-residual": "figure:has(#map-residual), #bar-residual",
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
  // Most jobs have no potential, whose figure is not there then.
  [".charts", "figure:not(#figure-potential)"],
  [".numbers", ".figures, .verdict, #constants, #derived, .exports"],
  [".buttons", "button"],
];

/** Hidden, locked and shown alone at present, as the link says it. @type {Record<"hide" | "lock" | "embed", string[]>} */
const named = { hide: [], lock: [], embed: [] };

/** Fields by the name that a link gives them. */
const fields = new Map(
  SETTINGS.filter(({ kind, hash }) => kind !== "place" && !(hash in PARTS)).map((s) => [s.hash, s.id]),
);

/** Names of single fields, for the Help. */
export const fieldNames = () => [...fields.keys()];

/** The names that a link gives for one of these. @param {string} hash @param {keyof typeof named} what */
function namesIn(hash, what) {
  const wanted = (new URLSearchParams(hash.replace(/^#/, "")).get(what) ?? "").split(",").map((name) => name.trim());
  const known = (/** @type {string} */ name) =>
    Object.hasOwn(PARTS, name) || fields.has(name) || (what === "embed" && viewAlone(name) !== undefined);
  return [...new Set(wanted)].filter(known);
}

/** A view that is shown alone; the fit is many parts. @param {string} name */
const viewAlone = (name) => VIEWS.find(({ id, load }) => load && id === name);

/** Parts that a scene of the lessons makes, and a view is asked for by. */
const OF_LESSONS = ["scenes", "story", "experiment", "question", "equations"];

/** The view that a link shows alone, or of which it shows parts alone, if any. @param {string} hash */
export function embeddedView(hash) {
  const names = namesIn(hash, "embed");
  return (
    names.find((name) => viewAlone(name)) ?? (names.some((name) => OF_LESSONS.includes(name)) ? "lessons" : undefined)
  );
}

/** Hides, locks and shows alone what the link says, and undoes what an earlier one did. @param {string} hash */
export function stripPage(hash) {
  for (const what of /** @type {const} */ (["hide", "lock", "embed"])) named[what] = namesIn(hash, what);
  for (const element of document.querySelectorAll(".stripped")) element.classList.remove("stripped");
  for (const element of named.hide.flatMap(elementsOf)) element.classList.add("stripped");
  lockIn(named.lock.flatMap(elementsOf));
  showAlone(named.embed.flatMap(elementsAlone), embeddedView(hash));
  for (const [selector, content] of CONTAINERS) {
    for (const container of document.querySelectorAll(selector)) {
      const left = [...container.querySelectorAll(content)].some((part) => !part.closest(".stripped"));
      if (!left) container.classList.add("stripped");
    }
  }
}

/** A view's name wins over a part's: “crystal” is what is seen of it, not the fields. @param {string} name */
function elementsAlone(name) {
  const section = viewAlone(name)?.section;
  if (section) return [...document.querySelectorAll(`[data-part="${section}"]`)];
  const found = elementsOf(name);
  // A part of a lesson that is still to come: nothing else is in sight meanwhile.
  return found.length === 0 ? [...document.querySelectorAll('[data-part="lessons"]')] : found;
}

/** @param {string} name @returns {Element[]} */
export function elementsOf(name) {
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
export const isHidden = (name) => named.hide.includes(name);

/** Whether the link locks a setting, by its name in a link. @param {string} name */
export function isLocked(name) {
  const control = document.getElementById(fields.get(name) ?? "");
  return control?.hasAttribute("data-locked") === true || named.lock.includes(name);
}

/** The same by its key: hands and undoing reach settings by other ways than their controls. @param {string} key */
export const isLockedKey = (key) => isLocked(SETTINGS.find((setting) => setting.key === key)?.hash ?? "");

/** What “Link” adds to the settings. */
export const hiddenNames = () => named.hide.join(",");
export const lockedNames = () => named.lock.join(",");
export const embeddedNames = () => named.embed.join(",");
