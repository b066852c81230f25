/** Crystals and force constants of other programs, and packed files, turned into what the engine reads. */

import { sentence } from "../page/messages.js";
import { VolumeReader } from "./reader.js";

/** @typedef {import("../files/files.js").UserFile} UserFile */

/**
 * The files of a drop, those among them translated that the readers alone understand.
 * @param {UserFile[]} files @param {(bytes: Uint8Array) => Pick<UserFile, "kind" | "problem">} kindOf
 * @param {(file: Blob) => Promise<string>} markOf
 */
export async function translated(files, kindOf, markOf) {
  const reader = new VolumeReader();
  const others = Object.fromEntries(files.map(({ name, bytes }) => [name, bytes]));
  try {
    return await Promise.all(
      files.map(async (file) => {
        if (!file.foreign) return file;
        try {
          const { bytes, notes } = await reader.translate(file.name, file.bytes, others);
          const found = kindOf(bytes);
          const said = notes.map((note) => sentence(`${file.name}: ${note}`));
          if (found.kind === "volume") {
            const unpacked = new Blob([/** @type {BlobPart} */ (bytes)]);
            const voxels = { file: unpacked, mark: await markOf(unpacked) };
            return { name: file.name, bytes: new Uint8Array(), said, ...found, voxels };
          }
          return { name: file.name, bytes, said, ...found };
        } catch (error) {
          const said = error instanceof Error ? error.message : String(error);
          // The sentence names the file already.
          const problem = said.startsWith(`${file.name}: `) ? said.slice(file.name.length + 2) : said;
          return { ...file, kind: /** @type {const} */ ("unknown"), problem };
        }
      }),
    );
  } finally {
    reader.end();
  }
}
