/** Reads what an entry of a job takes of a volume. */

import { Refusal } from "../engine/engine.js";
import { count } from "../page/messages.js";
import { openLinked } from "./links.js";
import { selectionOf } from "./protocol.js";
import { VolumeReader } from "./reader.js";
import { MOST_POINTS } from "./selection.js";

/**
 * The points as the engine takes them.
 * @param {import("./readings.js").Volume} volume @param {import("./protocol.js").Entry} entry
 * @param {{
 *   find: (name: string) => Blob | undefined, lacks: (name: string | null) => void, say: (words: string) => void, signal: AbortSignal,
 * }} parts `find`: a file that a link leads to; `lacks`: told which one is not at hand; `say`: what is being read; `signal` ends it.
 * @returns {Promise<Uint8Array>}
 */
export async function read({ name, file, masks }, entry, { find, lacks, say, signal }) {
  signal.throwIfAborted();
  const reader = new VolumeReader();
  signal.addEventListener("abort", () => reader.end());
  try {
    const { found } = await openLinked(reader, { name, file }, find);
    lacks(found.missing);
    if (found.trouble) throw new Refusal(found.trouble);
    if (masks.length > 0) await reader.masks(masks.map(({ name, file }) => ({ name, file })));
    const summary = await reader.load(selectionOf(entry), (part) =>
      say(`Reading ${name} … ${Math.floor(100 * part)} %.`),
    );
    const used = summary.used ?? 0;
    if (used > MOST_POINTS && !entry.plane) {
      throw new Error(
        `${name}: ${count(used)} measured voxels, expected at most ${count(MOST_POINTS)} in the page; take a smaller region, a larger stride, or “tds fit”`,
      );
    }
    return await reader.points((part) => say(`Taking the fingerprint of ${name} … ${Math.floor(100 * part)} %.`));
  } finally {
    reader.end();
  }
}
