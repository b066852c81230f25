/** What can be taken home: result, job, force constants, a link. */

import { ID, button } from "./dom.js";
import { exampleJob } from "./examples.js";
import { download } from "./files.js";
import { SAY } from "./messages.js";
import { defaults, readJob, toHash } from "./settings.js";

/**
 * @param {import("./engine-link.js").EngineLink} link
 * @param {() => import("../protocol.js").Job | null} job
 * @param {(action: () => Promise<void>) => void} attempt
 */
export function bindSaving(link, job, attempt) {
  const stem = () => (job()?.data[0]?.file ?? "tds").replace(/\.[^.]*$/, "");
  const json = (/** @type {unknown} */ value) => `${JSON.stringify(value, null, 2)}\n`;
  const on = (/** @type {string} */ id, /** @type {() => Promise<void>} */ action) =>
    button(id).addEventListener("click", () => attempt(action));

  on(ID.saveResult, async () => download(`${stem()}-result.json`, json(await link.save("result")), "application/json"));
  on(ID.saveJob, async () => download(`${stem()}-job.json`, json(await link.save("job")), "application/json"));
  on(ID.saveForceConstants, async () => download("FORCE_CONSTANTS", (await link.save("constants")).FORCE_CONSTANTS));
  on(ID.savePoscar, async () => download("POSCAR", (await link.save("constants")).POSCAR));
  on(ID.savePhonopy, async () => download("phonopy.yaml", (await link.save("constants")).phonopy_yaml));
}

/**
 * Puts the settings into the address and the clipboard; says what happened.
 * @param {import("./settings.js").Values} values
 * @param {import("./examples.js").Example | undefined} example @returns {Promise<string>}
 */
export async function share(values, example) {
  const base = defaults();
  if (example) readJob(base, exampleJob(example));
  const hash = toHash({ ...values, example: example?.id ?? base.example ?? null }, base);
  history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  if (!example) return SAY.linkOwnFiles;
  try {
    await navigator.clipboard.writeText(location.href);
    return SAY.linkCopied;
  } catch {
    return SAY.linkShown;
  }
}
