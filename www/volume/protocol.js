/** What passes between the page and the worker that reads volumes. `run` numbers the questions. */

/**
 * What the readers say; the types come with their package, from the Rust sources.
 * @typedef {import("../../pkg/readers/tds_inversion.js").Summary} Summary
 * @typedef {import("../../pkg/readers/tds_inversion.js").AxisSummary} AxisSummary
 * @typedef {import("../../pkg/readers/tds_inversion.js").DataSpec} Entry  What a job says about one measurement.
 * @typedef {import("../../pkg/readers/tds_inversion.js").AxisSpec} AxisSpec
 * @typedef {import("../../pkg/readers/tds_inversion.js").PlaneSpec} PlaneSpec
 * @typedef {import("../../pkg/readers/tds_inversion.js").VolumeSlice} VolumeSlice
 * @typedef {import("../engine/protocol.js").Trouble} Trouble
 * @typedef {[number, number, number]} Vector
 */

/** What of an entry chooses voxels, or says what the file does not. */
export const CHOICES = /** @type {const} */ (["axes", "origin", "plane", "region", "stride", "sentinels"]);

/** What of an entry the readers need. @param {Partial<Entry>} entry @returns {Partial<Entry>} */
export function selectionOf(entry) {
  const mask = maskFilesOf(entry);
  return {
    ...Object.fromEntries(CHOICES.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]]))),
    ...(mask.length > 0 ? { mask } : {}),
  };
}

/** The mask files of an entry, whether they are switched on or not: what the readers make of them is the same. @param {Partial<Entry>} entry */
export function maskFilesOf({ mask = [] }) {
  return mask.flatMap(({ file, keep, dataset }) =>
    file ? [{ file, ...(keep ? { keep } : {}), ...(dataset ? { dataset } : {}) }] : [],
  );
}

/** Files were opened. @typedef {{summary: Summary | null, missing: string | null, trouble: Trouble | null}} Found */

/**
 * From the page to the worker.
 * @typedef {{name: string, file: Blob}} Part  A file by the name that others know it by.
 * @typedef {{type: "open", run: number, files: Part[]}} OpenFiles
 * @typedef {{type: "masks", run: number, files: Part[]}} GiveMasks  Mask files that may be wanted.
 * @typedef {{type: "hide", run: number, bits: number}} Hide  Slices do not show what these mask files leave out.
 * @typedef {{type: "load", run: number, options: Partial<Entry>}} Load
 * @typedef {{type: "slices", run: number, at: {axis: number, value: number}[]}} Cut
 * @typedef {{type: "oblique", run: number, plane: PlaneSpec, width: number, height: number}} CutObliquely
 * @typedef {{type: "points", run: number}} Hand
 * @typedef {{type: "translate", run: number, name: string, bytes: Uint8Array, others: Record<string, Uint8Array>}} Translate  A foreign or packed file; `others` lie beside it.
 * @typedef {import("../engine/protocol.js").Start | OpenFiles | GiveMasks | Hide | Load | Cut | CutObliquely | Hand | Translate} ToReader
 */

/**
 * From the worker to the page.
 * @typedef {{type: "answer", run: number, value: any}} Answer
 * @typedef {{type: "progress", run: number, part: number}} Progress  From 0 to 1.
 * @typedef {Answer | Progress | import("../engine/protocol.js").Refused | import("../engine/protocol.js").Failed | import("../engine/protocol.js").Crashed} FromReader
 */
