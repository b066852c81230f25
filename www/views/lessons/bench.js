/** The page's end of the bench: one job at a time, and answers as promises. */

import { Link } from "../../engine/link.js";
import { wholePackage } from "../../engine/packages.js";

/** @typedef {import("../../engine/protocol.js").ToBench} ToBench */
/** @typedef {import("../../engine/protocol.js").FromBench} FromBench */
/** @typedef {import("../../engine/protocol.js").OnBench} OnBench */
/** @typedef {import("../../engine/protocol.js").BenchQuestion} BenchQuestion */
/** @typedef {{progress: import("../../engine/protocol.js").Progress, model: Float64Array}} Stand */

const WORKER = new URL("./worker.js", import.meta.url);

export class Bench {
  /** @type {Link<ToBench, FromBench>} */
  #link;
  #failed;
  #run = 0;
  #tickets = 0;
  /** @type {Map<number, (value: any) => void>} */
  #waiting = new Map();
  /** @type {(bench: OnBench) => void} */
  #opened = () => {};

  /** @param {(words: string) => void} failed What went wrong, in the engine's words; promises that were open stay so. */
  constructor(failed) {
    this.#failed = failed;
    this.#link = new Link(
      wholePackage(),
      WORKER,
      (message) => this.#receive(message),
      ({ message }) => failed(message),
    );
  }

  /** What was asked of an older job is not answered any more. @param {import("../../engine/protocol.js").WrittenJob} job @param {Record<string, Uint8Array>} [files] @returns {Promise<OnBench>} */
  open(job, files = {}) {
    this.#run += 1;
    this.#waiting.clear();
    this.#link.send({ type: "open", run: this.#run, job, files });
    return new Promise((resolve) => {
      this.#opened = resolve;
    });
  }

  /** @param {BenchQuestion} question @returns {Promise<any>} */
  ask(question) {
    const ticket = ++this.#tickets;
    this.#link.send({ type: "ask", run: this.#run, ticket, question });
    return new Promise((resolve) => this.#waiting.set(ticket, resolve));
  }

  end() {
    this.#waiting.clear();
    this.#link.end();
  }

  /** @param {Exclude<FromBench, import("../../engine/protocol.js").Crashed>} message */
  #receive(message) {
    if (message.run !== this.#run) return;
    if (message.type === "bench") this.#opened(message.bench);
    else if (message.type === "answer") {
      this.#waiting.get(message.ticket)?.(message.value);
      this.#waiting.delete(message.ticket);
    } else this.#failed(message.trouble.message);
  }
}
