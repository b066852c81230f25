/** What can be taken home: result, job, force constants. Pictures and tables are in export/, links in links/. */

import { ID, button } from "../page/dom.js";
import { savedSentence } from "../page/messages.js";

/** @typedef {import("../engine/protocol.js").Job} Job */

/**
 * @param {import("../engine/engine.js").EngineLink} link @param {() => Job | null} open What is in force.
 * @param {(action: () => Promise<string>) => void} attempt Does it and shows the sentence.
 * @param {() => void} saved The result is in safety.
 */
export function bindSaving(link, open, attempt, saved) {
  const stem = () => bare(open()?.data[0]?.file ?? "tds");
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
}

/** A name without its ending. @param {string} name */
export const bare = (name) => name.replace(/\.[^.]*$/, "");

/** By the ending of a name. @type {Record<string, string>} */
const TYPES = {
  json: "application/json",
  csv: "text/csv",
  svg: "image/svg+xml",
  png: "image/png",
  html: "text/html",
};

/** Hands a file to the person. @param {string} name @param {BlobPart[]} parts */
export function download(name, parts) {
  // Under text/plain browsers put “.txt” behind a name without an ending.
  const type = TYPES[/[^.]*$/.exec(name)?.[0] ?? ""] ?? "application/octet-stream";
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
