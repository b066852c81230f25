/** Arrays as NumPy reads them: NPY 1.0, 64-bit floating-point numbers, the last index running fastest. */

import { zip } from "./zip.js";

/** So that the numbers begin at a multiple of this many bytes. */
const ALIGNED = 64;

/** Several arrays in one file, by name: NPZ. @param {readonly (readonly [string, Float64Array])[]} arrays @param {readonly number[]} shape Of each. */
export const npz = (arrays, shape) =>
  zip(arrays.map(([name, values]) => /** @type {const} */ ([`${name}.npy`, npy(values, shape)])));

/** @param {Float64Array} values @param {readonly number[]} shape Its product is their number. @returns {Uint8Array<ArrayBuffer>[]} */
export function npy(values, shape) {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const words = `{'descr': '<f8', 'fortran_order': False, 'shape': (${sizes}), }`;
  const room = ALIGNED - ((10 + words.length + 1) % ALIGNED);
  const text = `${words}${" ".repeat(room % ALIGNED)}\n`;
  const head = new Uint8Array(10 + text.length);
  head.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, text.length & 255, text.length >> 8]);
  head.set(new TextEncoder().encode(text), 10);
  // Whatever the machine's own order of bytes is.
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  for (const [i, value] of values.entries()) bytes.setFloat64(8 * i, value, true);
  return [head, new Uint8Array(bytes.buffer)];
}
