/** The page's end of one volume that is read: questions to the worker, and its answers as promises. */

import { Overtaken, Refusal, Stopped } from "../engine/engine.js";
import { Link } from "../engine/link.js";
import { readersPackage } from "../engine/packages.js";

/** @typedef {import("./protocol.js").ToReader} ToReader */
/** @typedef {import("./protocol.js").FromReader} FromReader */
/** @typedef {import("./protocol.js").Summary} Summary */
/** @typedef {import("./protocol.js").VolumeSlice} VolumeSlice */
/** @typedef {(part: number) => void} Progress  Told what part is done, from 0 to 1. */
/** @typedef {{resolve: (value: any) => void, reject: (error: Error) => void, progress: Progress}} Waiting */

const WORKER = new URL("./worker.js", import.meta.url);

export class VolumeReader {
  /** @type {Link<ToReader, FromReader>} */
  #link;
  #runs = 0;
  /** The last reading of voxels. */
  #loading = 0;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();

  constructor() {
    this.#link = new Link(
      readersPackage(),
      WORKER,
      (message) => this.#receive(message),
      (trouble) => this.#settle(new Refusal(trouble)),
    );
  }

  /** Opens files that belong together. @param {import("./protocol.js").Part[]} files @returns {Promise<import("./protocol.js").Found>} */
  open(files) {
    return this.#ask((run) => ({ type: "open", run, files }));
  }

  /** Gives the mask files that a reading may ask for. @param {import("./protocol.js").Part[]} files @returns {Promise<void>} */
  masks(files) {
    return this.#ask((run) => ({ type: "masks", run, files }));
  }

  /** Slices do not show what the mask files with these bits leave out. @param {number} bits @returns {Promise<void>} */
  hide(bits) {
    return this.#ask((run) => ({ type: "hide", run, bits }));
  }

  /**
   * Reads the voxels that are wanted; a newer reading overtakes it.
   * @param {Partial<import("./protocol.js").Entry>} options @param {Progress} progress @returns {Promise<Summary>}
   */
  load(options, progress) {
    this.#waiting.get(this.#loading)?.reject(new Overtaken());
    this.#waiting.delete(this.#loading);
    const answer = this.#ask((run) => ({ type: "load", run, options }), progress);
    this.#loading = this.#runs;
    return answer;
  }

  /** The planes of two axes each, at a value along the third. @param {{axis: number, value: number}[]} at @returns {Promise<VolumeSlice[]>} */
  slices(at) {
    return this.#ask((run) => ({ type: "slices", run, at }));
  }

  /** @param {import("./protocol.js").PlaneSpec} plane @param {number} width @param {number} height Pixels. @returns {Promise<VolumeSlice>} */
  oblique(plane, width, height) {
    return this.#ask((run) => ({ type: "oblique", run, plane, width, height }));
  }

  /** What was read, as the engine takes it, with the fingerprint of the file. @param {Progress} progress @returns {Promise<Uint8Array>} */
  points(progress) {
    return this.#ask((run) => ({ type: "points", run }), progress);
  }

  /**
   * A foreign or packed file of a crystal or of force constants as the engine reads it.
   * @param {string} name @param {Uint8Array} bytes @param {Record<string, Uint8Array>} others Files beside it.
   * @returns {Promise<{bytes: Uint8Array, notes: string[]}>}
   */
  translate(name, bytes, others) {
    return this.#ask((run) => ({ type: "translate", run, name, bytes, others }));
  }

  /** Ends the worker, whatever it is doing. */
  end() {
    this.#link.end();
    this.#settle(new Stopped());
  }

  /** @param {(run: number) => ToReader} question @param {Progress} [progress] @returns {Promise<any>} */
  #ask(question, progress = () => {}) {
    const run = ++this.#runs;
    return new Promise((resolve, reject) => {
      this.#waiting.set(run, { resolve, reject, progress });
      this.#link.send(question(run));
    });
  }

  /** @param {Exclude<FromReader, import("../engine/protocol.js").Crashed>} message */
  #receive(message) {
    const waiting = this.#waiting.get(message.run);
    if (!waiting) return;
    if (message.type === "progress") return waiting.progress(message.part);
    this.#waiting.delete(message.run);
    if (message.type === "answer") waiting.resolve(message.value);
    else waiting.reject(new Refusal(message.trouble));
  }

  /** @param {Error} error */
  #settle(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
