/** Elements of the page, found by id and checked for their kind, and small helpers to fill them. */

/**
 * The element with that id.
 * @template {HTMLElement} T
 * @param {string} id @param {new () => T} kind @returns {T}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} “${id}”`);
  return found;
}

/** Ids of everything the modules touch; controls of settings stand in settings.js. */
export const ID = Object.freeze({
  skip: "skip",
  content: "content",
  lede: "lede",
  openData: "open-data",
  saveResult: "save-result",
  saveJob: "save-job",
  link: "link",
  help: "help",
  helpDialog: "help-dialog",
  fileInput: "file-input",
  dropzone: "dropzone",
  dataSource: "data-source",
  dataFacts: "data-facts",
  version: "version",
  versionCited: "version-cited",
  fieldNames: "field-names",
  crystalFacts: "crystal-facts",
  sliceField: "slice-field",
  maps: "maps",
  masks: "masks",
  maskTools: "mask-tools",
  readout: "readout",
  residualUnit: "residual-unit",
  barIntensity: "bar-intensity",
  barResidual: "bar-residual",
  play: "play",
  pause: "pause",
  step: "step",
  reset: "reset",
  stop: "stop",
  elsewhere: "elsewhere",
  pictures: "pictures",
  kept: "kept",
  forget: "forget",
  speedWords: "speed-words",
  cores: "cores",
  status: "status",
  figChi2: "fig-chi2",
  figIterations: "fig-iterations",
  figData: "fig-data",
  figTime: "fig-time",
  verdict: "verdict",
  verdictMark: "verdict-mark",
  verdictWord: "verdict-word",
  verdictSentence: "verdict-sentence",
  verdictReasons: "verdict-reasons",
  verdictOutliers: "verdict-outliers",
  truthChoice: "truth-choice",
  truthNote: "truth-note",
  scaledNote: "scaled-note",
  systematicNote: "systematic-note",
  constants: "constants",
  constantsBody: "constants-body",
  derivedBody: "derived-body",
  beyondOnePhonon: "beyond-one-phonon",
  headValue: "head-value",
  headTruth: "head-truth",
  headSystematic: "head-systematic",
  legendTruth: "legend-truth",
  saveForceConstants: "save-fc",
  savePoscar: "save-poscar",
  savePhonopy: "save-phonopy",
  dispersion: "chart-dispersion",
  density: "chart-density",
  zone: "zone",
  zoneOpen: "zone-open",
  pointsOpen: "points-open",
  pointsExample: "points-example",
  pointsRemove: "points-remove",
  pointsInput: "points-input",
  dispersionFacts: "dispersion-facts",
  dispersionComplaint: "dispersion-complaint",
  convergence: "chart-convergence",
  views: "views",
  snapshots: "snapshots",
  snapFacts: "snap-facts",
  snapScene: "snap-scene",
  snapAtoms: "snap-atoms",
  snapLayers: "snap-layers",
  snapTitle: "snap-title",
  snapMean: "snap-mean",
  snapExact: "snap-exact",
  snapBar: "snap-bar",
  snapPlay: "snap-play",
  snapPause: "snap-pause",
  snapReset: "snap-reset",
  snapStatus: "snap-status",
  snapCount: "snap-count",
  snapError: "snap-error",
  snapLaw: "snap-law",
  snapScatter: "snap-scatter",
  snapSpeed: "snap-speed",
  snapChart: "snap-chart",
  methods: "methods",
  methodsPlay: "methods-play",
  methodsPause: "methods-pause",
  methodsReset: "methods-reset",
  methodsStatus: "methods-status",
  methodsChart: "methods-chart",
  methodsWaiting: "methods-waiting",
  methodsBody: "methods-body",
  methodsLegend: "methods-legend",
  methodsUnit: "methods-unit",
});

/** @param {string} id */
export const any = (id) => byId(id, HTMLElement);
/** @param {string} id */
export const button = (id) => byId(id, HTMLButtonElement);
/** @param {string} id */
export const canvas = (id) => byId(id, HTMLCanvasElement);

/** Writes only what is new: the same words once more would be laid out once more. @param {HTMLElement} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * An element with text and attributes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {string} [text] @param {Record<string, string>} [attributes]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/**
 * Fills a select, keeping the chosen value where it still exists.
 * @param {HTMLSelectElement} select @param {{value: string, text: string, group?: string}[]} options
 */
export function fillSelect(select, options) {
  const chosen = select.value;
  /** @type {Map<string, HTMLOptGroupElement>} */
  const groups = new Map();
  select.replaceChildren();
  for (const { value, text, group } of options) {
    const option = new Option(text, value);
    if (!group) {
      select.append(option);
      continue;
    }
    let parent = groups.get(group);
    if (!parent) {
      parent = make("optgroup", "", { label: group });
      groups.set(group, parent);
      select.append(parent);
    }
    parent.append(option);
  }
  if (options.some((o) => o.value === chosen)) select.value = chosen;
}
