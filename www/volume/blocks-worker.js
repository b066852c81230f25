/** Parts of files, read in blocks: every question to the browser takes about a millisecond, however little it asks for. */

/** Bytes of a block, and how many blocks are kept. */
const BLOCK = 1 << 20;
const KEPT = 16;

export class Blocks {
  #files;
  #sync = new FileReaderSync();
  /** By file and number, the last used at the end. @type {Map<string, Uint8Array>} */
  #blocks = new Map();

  /** @param {Blob[]} files */
  constructor(files) {
    this.#files = files;
  }

  /** Bytes of a file from an offset on; fewer where it ends. @param {number} file @param {number} offset @param {number} length */
  read(file, offset, length) {
    const [first, last] = [Math.floor(offset / BLOCK), Math.floor((offset + length - 1) / BLOCK)];
    // What is large is asked for by itself.
    if (last - first > 1) return this.#ask(file, offset, length);
    const from = offset - first * BLOCK;
    if (last <= first) return this.#block(file, first).subarray(from, from + length);
    const whole = new Uint8Array(length);
    const head = this.#block(file, first).subarray(from);
    const tail = this.#block(file, last).subarray(0, length - head.length);
    whole.set(head);
    whole.set(tail, head.length);
    return whole.subarray(0, head.length + tail.length);
  }

  /** @param {number} file @param {number} number */
  #block(file, number) {
    const key = `${file} ${number}`;
    const block = this.#blocks.get(key) ?? this.#ask(file, number * BLOCK, BLOCK);
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > KEPT && oldest !== undefined) this.#blocks.delete(oldest);
    return block;
  }

  /** @param {number} file @param {number} offset @param {number} length */
  #ask(file, offset, length) {
    const part = this.#files[file]?.slice(offset, offset + length) ?? new Blob();
    return new Uint8Array(this.#sync.readAsArrayBuffer(part));
  }
}
