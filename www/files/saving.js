/** What can be taken home: result, job, force constants, maps. */

import { ID, button } from "../page/dom.js";
import { savedSentence } from "../page/messages.js";

/** @typedef {import("../engine/protocol.js").Columns} Columns */

/** What is open. @typedef {{job: import("../engine/protocol.js").Job, columns: Columns[], names: string[]}} Open */

/**
 * @param {import("../engine/engine.js").EngineLink} link @param {() => Open | null} open
 * @param {(action: () => Promise<string>) => void} attempt Does it and shows the sentence.
 * @param {() => void} saved The result is in safety.
 */
export function bindSaving(link, open, attempt, saved) {
  const stem = () => bare(open()?.job.data[0]?.file ?? "tds");
  const json = (/** @type {unknown} */ value) => [`${JSON.stringify(value, null, 2)}\n`];
  /** @type {[string, import("../engine/protocol.js").Saveable, () => string, (value: any) => BlobPart[]][]} */
  const buttons = [
    [ID.saveResult, "result", () => `${stem()}-result.json`, json],
    [ID.saveJob, "job", () => `${stem()}-job.json`, json],
    [ID.saveForceConstants, "constants", () => "FORCE_CONSTANTS", (files) => [files.FORCE_CONSTANTS]],
    [ID.savePoscar, "constants", () => "POSCAR", (files) => [files.POSCAR]],
    [ID.savePhonopy, "constants", () => "phonopy.yaml", (files) => [files.phonopy_yaml]],
  ];
  for (const [id, what, name, parts] of buttons) {
    button(id).addEventListener("click", () =>
      attempt(async () => {
        const called = name();
        download(called, parts(await link.save(what)));
        if (what === "result") saved();
        return savedSentence(called);
      }),
    );
  }
  button(ID.saveMaps).addEventListener("click", () => attempt(() => saveMaps(link, open())));
}

/** @param {string} name */
const bare = (name) => name.replace(/\.[^.]*$/, "");

/**
 * A table of every data set: data, model, residual and whether the fit uses it.
 * @param {import("../engine/engine.js").EngineLink} link @param {Open | null} open
 */
async function saveMaps(link, open) {
  if (!open) throw new Error("Nothing is calculated yet, so there is nothing to save.");
  /** @type {Float64Array[]} */
  const models = await link.save("models");
  const names = open.columns.map((columns, i) => {
    const name = `${bare(open.names[i] ?? "data")}-maps.csv`;
    download(name, tableOf(columns, models[i] ?? new Float64Array(0)));
    return name;
  });
  return savedSentence(names.join(", "));
}

/** Rows joined into one text at a time: a table may have millions. */
const ROWS = 20_000;

/** @param {Columns} columns @param {Float64Array} model @returns {BlobPart[]} */
function tableOf({ h, k, l, intensity, sigma, used }, model) {
  // What is not there (the model on a Bragg point) is an empty field.
  const field = (/** @type {number | undefined} */ value) =>
    value === undefined || Number.isNaN(value) ? "" : String(value);
  const residual = (/** @type {number} */ i) => ((intensity[i] ?? NaN) - (model[i] ?? NaN)) / (sigma?.[i] ?? 1);
  const parts = [
    `# residual: ${sigma ? "(data − model) / sigma" : "data − model"}; used: 1 where the row takes part in the fit\nh,k,l,data,sigma,model,residual,used\n`,
  ];
  for (let from = 0; from < h.length; from += ROWS) {
    const rows = [];
    for (let i = from; i < Math.min(h.length, from + ROWS); i++) {
      rows.push([h[i], k[i], l[i], intensity[i], sigma?.[i], model[i], residual(i), used[i]].map(field).join(","));
    }
    parts.push(`${rows.join("\n")}\n`);
  }
  return parts;
}

/** Hands a file to the person. @param {string} name @param {BlobPart[]} parts */
function download(name, parts) {
  // Under text/plain browsers put “.txt” behind a name without an ending.
  const type = name.endsWith(".json")
    ? "application/json"
    : name.endsWith(".csv")
      ? "text/csv"
      : "application/octet-stream";
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
