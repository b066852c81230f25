/**
 * The page's end of one worker, which is started when first needed, given the module, ended whatever it
 * is doing, and started afresh by the next message. No other place starts or ends a worker.
 */

/** @typedef {import("./protocol.js").Trouble} Trouble */
/** @typedef {import("./protocol.js").Crashed} Crashed */

/** @template {{type: string}} To @template {{type: string}} From */
export class Link {
  #module;
  #file;
  #receive;
  #died;
  /** @type {Worker | null} */
  #worker = null;
  /** Kept once the worker has the module. @type {Promise<unknown>} */
  #started = Promise.resolve();

  /**
   * @param {WebAssembly.Module | Promise<WebAssembly.Module>} module @param {URL} file The worker's script.
   * @param {(message: Exclude<From, Crashed>) => void} receive
   * @param {(trouble: Trouble) => void} died It crashed or did not start, and has been ended.
   */
  constructor(module, file, receive, died) {
    this.#module = module;
    this.#file = file;
    this.#receive = receive;
    this.#died = died;
  }

  /**
   * Messages arrive in the order in which they were sent.
   * @param {To} message @param {AbortSignal} [signal] Ends the worker once it is aborted.
   */
  send(message, signal) {
    const worker = (this.#worker ??= this.#start());
    this.#started.then(() => {
      if (worker === this.#worker) worker.postMessage(message);
    });
    signal?.addEventListener("abort", () => {
      if (worker === this.#worker) this.end();
    });
  }

  /** Ends it, whatever it is doing. */
  end() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  #start() {
    const name = this.#file.pathname.split("/").slice(-2).join("/");
    const worker = new Worker(this.#file, { type: "module", name });
    const dead = (/** @type {Trouble} */ trouble) => {
      if (worker !== this.#worker) return;
      this.end();
      this.#died(trouble);
    };
    worker.addEventListener("message", ({ data }) => {
      if (worker !== this.#worker) return;
      if (data.type === "crashed") dead(data.trouble);
      else this.#receive(data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      dead({ code: "worker", message: event.message || "the worker did not start" });
    });
    this.#started = Promise.resolve(this.#module).then(
      (module) => worker.postMessage({ type: "start", module }),
      (error) => dead({ code: "worker", message: String(error) }),
    );
    return worker;
  }
}
