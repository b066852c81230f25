/** The page's end of the worker: numbers the runs, keeps the worker alive, replaces a dead one. */

/** @typedef {import("../protocol.js").FromWorker} FromWorker */
/** @typedef {import("../protocol.js").ToWorker} ToWorker */
/** @typedef {import("../protocol.js").Opened} Opened */
/** @typedef {import("../protocol.js").Trouble} Trouble */

/**
 * @typedef {{
 *   ready: (library: import("../protocol.js").LibraryEntry[]) => void,
 *   frame: (frame: import("../protocol.js").Frame) => void,
 *   failed: (trouble: Trouble) => void,
 *   crashed: (trouble: Trouble, replaced: boolean) => void,
 * }} Listeners
 */

/** The job was not opened, and why. */
export class Refusal extends Error {
  /** @param {Trouble} trouble */
  constructor(trouble) {
    super(trouble.message);
    this.code = trouble.code;
  }
}

/** A newer job, or the end of the worker, came before the answer. */
export class Overtaken extends Error {}

export class EngineLink {
  #module;
  #listeners;
  /** @type {Worker} */
  #worker;
  /** The run that lives in the worker. */
  #run = 0;
  /** The run last asked for. */
  #asked = 0;
  #pace = 0;
  /** Workers started since the last one that answered: a file may fail to load once, not for ever. */
  #starts = 0;
  /** @type {Map<number, {resolve: (opened: Opened) => void, reject: (error: Error) => void}>} */
  #opening = new Map();
  /** @type {Map<string, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #saving = new Map();

  /** @param {WebAssembly.Module} module @param {Listeners} listeners */
  constructor(module, listeners) {
    this.#module = module;
    this.#listeners = listeners;
    this.#worker = this.#spawn();
  }

  #spawn() {
    this.#starts += 1;
    const worker = new Worker(new URL("../worker.js", import.meta.url), { type: "module", name: "engine" });
    worker.addEventListener("message", (event) => this.#receive(worker, event.data));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#dead(worker, { code: "worker", message: event.message || "the worker did not start" });
    });
    /** @type {ToWorker} */
    const start = { type: "start", module: this.#module };
    worker.postMessage(start);
    return worker;
  }

  /** @param {ToWorker} message */
  #send(message) {
    this.#worker.postMessage(message);
  }

  /**
   * Opens a job. The promise is refused with a {@link Refusal} if the engine does not take it, and
   * with {@link Overtaken} if a newer job comes first.
   * @param {import("../protocol.js").Job} job @param {Record<string, Uint8Array>} files
   * @returns {Promise<Opened>}
   */
  open(job, files) {
    const run = ++this.#asked;
    this.#overtake();
    return new Promise((resolve, reject) => {
      this.#opening.set(run, { resolve, reject });
      this.#send({ type: "open", run, job, files });
    });
  }

  #overtake() {
    for (const { reject } of this.#opening.values()) reject(new Overtaken());
    this.#opening.clear();
  }

  /** @param {import("../protocol.js").Command["type"]} type */
  command(type) {
    this.#send({ type, run: this.#run });
  }

  /** Least time between two iterations. @param {number} milliseconds */
  pace(milliseconds) {
    this.#pace = milliseconds;
    this.#send({ type: "pace", milliseconds });
  }

  /** @param {import("../protocol.js").Saveable} what @returns {Promise<any>} */
  save(what) {
    return new Promise((resolve, reject) => {
      this.#saving.set(what, { resolve, reject });
      this.#send({ type: "save", run: this.#run, what });
    });
  }

  /** @param {Worker} worker @param {FromWorker} message */
  #receive(worker, message) {
    if (worker !== this.#worker) return;
    switch (message.type) {
      case "ready":
        this.#starts = 0;
        this.#listeners.ready(message.library);
        break;
      case "opened":
        this.#run = message.run;
        this.#opening.get(message.run)?.resolve(message);
        this.#opening.delete(message.run);
        break;
      case "refused":
        this.#opening.get(message.run)?.reject(new Refusal(message.trouble));
        this.#opening.delete(message.run);
        break;
      case "frame":
        if (message.run === this.#run) this.#listeners.frame(message.frame);
        break;
      case "saved":
        this.#saving.get(message.what)?.resolve(message.value);
        this.#saving.delete(message.what);
        break;
      case "failed":
        this.#rejectSaving(message.trouble);
        this.#listeners.failed(message.trouble);
        break;
      case "crashed":
        this.#dead(worker, message.trouble);
        break;
    }
  }

  /** @param {Trouble} trouble */
  #rejectSaving(trouble) {
    for (const { reject } of this.#saving.values()) reject(new Refusal(trouble));
    this.#saving.clear();
  }

  /** Puts a fresh worker in the place of a dead one. @param {Worker} worker @param {Trouble} trouble */
  #dead(worker, trouble) {
    if (worker !== this.#worker) return;
    worker.terminate();
    this.#overtake();
    this.#rejectSaving(trouble);
    const again = this.#starts < 2;
    if (again) {
      this.#worker = this.#spawn();
      this.pace(this.#pace);
    }
    this.#listeners.crashed(trouble, again);
  }
}
