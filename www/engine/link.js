/**
 * The page's end of one worker, which is started when first needed, given the module, ended whatever it
 * is doing, and started afresh by the next message. No other place starts or ends a worker.
 */

/** @typedef {import("./protocol.js").Trouble} Trouble */
/** @typedef {import("./protocol.js").Crashed} Crashed */

/**
 * A worker that nobody has asked for yet, what it was told and what it has said; `listens` until somebody asks.
 * @typedef {{worker: Worker, told: any[], said: unknown[], listens: AbortController}} Early
 */

/** By their script. @type {Map<string, Early>} */
const ahead = new Map();

/**
 * Has a worker load its script and take the module before it is needed.
 * @param {URL} file @param {Promise<WebAssembly.Module>} module
 * @returns {(messages: object[]) => void} Tells it something once it is there, unless it is somebody's by then.
 */
export function startAhead(file, module) {
  const [worker, listens] = [started(file), new AbortController()];
  /** @type {Early} */
  const early = { worker, told: [], said: [], listens };
  const { signal } = listens;
  ahead.set(file.href, early);
  worker.addEventListener("message", ({ data }) => early.said.push(data), { signal });
  // Who needs it then starts another, and is told.
  const gone = () => {
    if (ahead.get(file.href) !== early) return;
    ahead.delete(file.href);
    worker.terminate();
  };
  worker.addEventListener(
    "error",
    (event) => {
      event.preventDefault();
      gone();
    },
    { signal },
  );
  const there = module.then((module) => worker.postMessage({ type: "start", module }), gone);
  return (messages) => {
    there.then(() => {
      if (ahead.get(file.href) !== early) return;
      early.told.push(...messages);
      for (const message of messages) worker.postMessage(message);
    });
  };
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
  /** What the worker was told before it was asked for. @type {To[]} */
  told = [];

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
    if (signal) this.endOn(signal);
  }

  /** Its worker is ended once this is aborted. @param {AbortSignal} signal */
  endOn(signal) {
    const worker = this.#worker;
    signal.addEventListener("abort", () => {
      if (worker === this.#worker) this.end();
    });
  }

  /** Ends it, whatever it is doing. */
  end() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  #start() {
    const early = ahead.get(this.#file.href);
    ahead.delete(this.#file.href);
    const worker = early?.worker ?? started(this.#file);
    this.told = early?.told ?? [];
    const dead = (/** @type {Trouble} */ trouble) => {
      if (worker !== this.#worker) return;
      this.end();
      this.#died(trouble);
    };
    const hears = (/** @type {any} */ data) => {
      if (worker !== this.#worker) return;
      if (data.type === "crashed") dead(data.trouble);
      else this.#receive(data);
    };
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      dead({ code: "worker", message: event.message || "the worker did not start" });
    });
    this.#started = Promise.resolve(this.#module).then(
      (module) => {
        early?.listens.abort();
        worker.addEventListener("message", ({ data }) => hears(data));
        if (early) for (const data of early.said) hears(data);
        else worker.postMessage({ type: "start", module });
      },
      (error) => dead({ code: "worker", message: String(error) }),
    );
    return worker;
  }
}
