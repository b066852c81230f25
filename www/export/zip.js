/** Archives of files as they are, not packed: ZIP, which every system opens. The same files always make the same archive. */

/** Remainders of one byte, for the sum that a ZIP keeps of each file. */
const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  return sum;
});

/** CRC-32. @param {readonly Uint8Array[]} parts */
function sumOf(parts) {
  let sum = 0xffffffff;
  for (const part of parts)
    for (let i = 0; i < part.length; i++) sum = (sum >>> 8) ^ (REMAINDERS[(sum ^ (part[i] ?? 0)) & 255] ?? 0);
  return (sum ^ 0xffffffff) >>> 0;
}

/** Fields of a header: two bytes each, four where it says so, the lower ones first. @param {[number, 2 | 4][]} fields */
function header(fields) {
  const bytes = new DataView(new ArrayBuffer(fields.reduce((sum, [, size]) => sum + size, 0)));
  let at = 0;
  for (const [value, size] of fields) {
    if (size === 2) bytes.setUint16(at, value, true);
    else bytes.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(bytes.buffer);
}

/** Names are UTF-8. */
const FLAGS = 0x0800;
/** The first day that a ZIP can name: when it was made is no part of what is in it. */
const DAY = 0x0021;
/** What reads it must know of version 2.0. */
const VERSION = 20;
/** What four bytes can hold. */
const LARGEST = 0xffffffff;

/** @param {readonly (readonly [string, readonly Uint8Array<ArrayBuffer>[]])[]} files @returns {Uint8Array<ArrayBuffer>[]} */
export function zip(files) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const index = [];
  const lengthOf = (/** @type {readonly Uint8Array[]} */ list) => list.reduce((sum, { length }) => sum + length, 0);
  let at = 0;
  for (const [name, content] of files) {
    const letters = new TextEncoder().encode(name);
    const size = lengthOf(content);
    /** @type {[number, 2 | 4][]} */
    const common = [
      [FLAGS, 2],
      [0, 2],
      [0, 2],
      [DAY, 2],
      [sumOf(content), 4],
      [size, 4],
      [size, 4],
      [letters.length, 2],
      [0, 2],
    ];
    const local = [header([[0x04034b50, 4], [VERSION, 2], ...common]), letters, ...content];
    index.push(
      header([[0x02014b50, 4], [VERSION, 2], [VERSION, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]]),
      letters,
    );
    parts.push(...local);
    at += lengthOf(local);
  }
  const length = lengthOf(index);
  if (at + length > LARGEST) throw new Error("The arrays are more than the 4 GB that an archive holds.");
  const end = header([
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [files.length, 2],
    [files.length, 2],
    [length, 4],
    [at, 4],
    [0, 2],
  ]);
  return [...parts, ...index, end];
}
