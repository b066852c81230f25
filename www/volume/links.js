/** Opens a volume together with the files that its links lead to. */

import { baseName } from "../files/files.js";

/** @typedef {import("./reader.js").VolumeReader} VolumeReader */
/** @typedef {import("./protocol.js").Part} Part */
/** @typedef {import("./protocol.js").Found} Found */

/** Links lead no farther. */
const MOST_FILES = 5;

/**
 * @param {VolumeReader} reader @param {Part} main
 * @param {(name: string) => Blob | undefined} find A file at hand by the last part of its name.
 * @returns {Promise<{found: Found, parts: Part[]}>} `found.missing` names what is not at hand.
 */
export async function openLinked(reader, main, find) {
  const parts = [main];
  for (;;) {
    const found = await reader.open(parts);
    const name = found.missing;
    const file =
      name && parts.length < MOST_FILES && !parts.some((part) => part.name === name) ? find(baseName(name)) : undefined;
    if (!name || !file) return { found, parts };
    parts.push({ name, file });
  }
}
