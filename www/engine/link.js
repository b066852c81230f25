/**
 * The page's end of one worker, which is started when first needed, given the module, ended whatever it
 * is doing, and started afresh by the next message. No other place starts or ends a worker.
 */

/** @typedef {import("./protocol.js").Trouble} Trouble */
/** @typedef {import("./protocol.js").Crashed} Crashed */

/** Workers that nobody has asked for yet, by their script. @type {Map<string, Worker>} */
const ahead = new Map();

/** Has a worker load its script before it is needed. @param {URL} file */
export function startAhead(file) {
  const worker = started(file);
  ahead.set(file.href, worker);
  // Who needs it then starts another, and is told.
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    if (ahead.get(file.href) === worker) ahead.delete(file.href);
  });
}

/** @param {URL} file The worker's script. */
const started = (file) => new Worker(file, { type: "module", name: file.pathname.split("/").slice(-2).join("/") });

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
    const worker = ahead.get(this.#file.href) ?? started(this.#file);
    ahead.delete(this.#file.href);
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
