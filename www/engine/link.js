/** A worker that belongs to one view: started when first needed, replaced when it is busy or dead. */

/** @template To, From */
export class Helper {
  #module;
  #file;
  #receive;
  /** @type {Worker | null} */
  #worker = null;

  /**
   * @param {WebAssembly.Module} module @param {string} file Its name, beside main.js.
   * @param {(message: From) => void} receive @param {(message: string) => void} died
   */
  constructor(module, file, receive, died) {
    this.#module = module;
    this.#file = file;
    this.#receive = receive;
    this.died = died;
  }

  /** @param {To} message */
  send(message) {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  /** Ends it, whatever it is doing; the next message starts a fresh one. */
  end() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  #start() {
    const worker = new Worker(new URL(`../views/${this.#file}`, import.meta.url), { type: "module", name: this.#file });
    worker.addEventListener("message", (event) => {
      if (worker === this.#worker) this.#receive(event.data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.died(event.message || "the worker did not start");
    });
    worker.postMessage({ type: "start", module: this.#module });
    return worker;
  }
}
