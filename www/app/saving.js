/** What can be taken home: result, job, force constants, a link. */

import { ID, button } from "./dom.js";
import { download } from "./files.js";
import { hiddenNames } from "./hiding.js";
import { SAY, savedSentence } from "./messages.js";
import { defaults, readJob, toHash } from "./settings.js";

/**
 * @param {import("./engine-link.js").EngineLink} link
 * @param {() => import("../protocol.js").Job | null} job
 * @param {(action: () => Promise<string>) => void} attempt Does it and shows the sentence.
 */
export function bindSaving(link, job, attempt) {
  const stem = () => (job()?.data[0]?.file ?? "tds").replace(/\.[^.]*$/, "");
  const json = (/** @type {unknown} */ value) => `${JSON.stringify(value, null, 2)}\n`;
  /** @type {[string, import("../protocol.js").Saveable, () => string, (value: any) => string][]} */
  const buttons = [
    [ID.saveResult, "result", () => `${stem()}-result.json`, json],
    [ID.saveJob, "job", () => `${stem()}-job.json`, json],
    [ID.saveForceConstants, "constants", () => "FORCE_CONSTANTS", (files) => files.FORCE_CONSTANTS],
    [ID.savePoscar, "constants", () => "POSCAR", (files) => files.POSCAR],
    [ID.savePhonopy, "constants", () => "phonopy.yaml", (files) => files.phonopy_yaml],
  ];
  for (const [id, what, name, text] of buttons) {
    button(id).addEventListener("click", () => attempt(async () => {
      download(name(), text(await link.save(what)));
      return savedSentence(name());
    }));
  }
}

/**
 * Puts the settings into the address and the clipboard; says what happened.
 * @param {import("./settings.js").Values} values
 * @param {import("./examples.js").Source | undefined} source @returns {Promise<string>}
 */
export async function share(values, source) {
  const base = defaults();
  if (source) readJob(base, source.job);
  const settings = toHash({ ...values, example: source?.id ?? base.example ?? null }, base);
  const hidden = hiddenNames() ? `hide=${hiddenNames()}` : "";
  const hash = [settings, hidden].filter(Boolean).join("&");
  history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  if (!source) return SAY.linkOwnFiles;
  try {
    await navigator.clipboard.writeText(location.href);
    return SAY.linkCopied;
  } catch {
    return SAY.linkShown;
  }
}
