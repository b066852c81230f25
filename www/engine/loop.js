/**
 * The loop of every worker: it keeps what is open, obeys the page, and works in short stretches, between
 * which it yields through a MessageChannel, so that every message is answered at once.
 */

import { isFatal, trouble } from "./trouble.js";

/** @typedef {import("./protocol.js").Start} Start */
/** What the loop sends by itself. @typedef {import("./protocol.js").Refused | import("./protocol.js").Failed | import("./protocol.js").Crashed} Told */
/** @typedef {{type: string, run?: number}} Message */
/** @typedef {{addEventListener: typeof self.addEventListener, postMessage: (message: unknown, transfer?: Transferable[]) => void}} PageEnd */

/**
 * @template {Message} To @template {Message} From @template Subject
 * @typedef {{
 *   init: (options: {module_or_path: WebAssembly.Module}) => Promise<unknown>,
 *   started?: () => void,
 *   messages: {[K in Exclude<To["type"], "start" | "drawn">]?: (message: Extract<To, {type: K}>) => void | Promise<void>},
 *   commands: {[K in Exclude<To["type"], "start" | "drawn">]?: (subject: Subject, message: Extract<To, {type: K}>) => void | Promise<void>},
 *   work: (subject: Subject) => number | Promise<number>,
 * }} Parts  `init` makes the package ready. `messages` are for the worker, `commands` for what is open, and those for something older are
 *   ignored. `work` does a stretch and says after how many milliseconds the next may begin.
 */

/**
 * The same by name alone.
 * @template Subject
 * @typedef {{
 *   messages: Record<string, (message: any) => void | Promise<void>>,
 *   commands: Record<string, (subject: Subject, message: any) => void | Promise<void>>,
 * }} Handlers
 */

/** @template {Message} To @template {Message} From @template Subject What is open. */
export class Loop {
  /** @type {Subject | null} */
  subject = null;
  /** The number of what is open. */
  run = 0;
  /** Whether another stretch follows. */
  playing = false;
  /** True while the page has a picture to draw. */
  drawing = false;
  /** Goes up with every change of mind, so that a stretch that was arranged for comes to nothing. */
  #ticket = 0;
  #yielding = new MessageChannel();
  #page = /** @type {PageEnd} */ (/** @type {unknown} */ (self));
  #parts;

  /** @param {Parts<To, From, Subject>} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#yielding.port1.onmessage = ({ data }) => this.#guarded(() => this.#turn(data));
    /** Kept once the engine is there; what comes earlier waits. @type {Promise<unknown>} */
    let started = Promise.resolve();
    this.#page.addEventListener("message", (event) => {
      const { data } = /** @type {MessageEvent<Start | To>} */ (event);
      if (data.type === "start") started = parts.init({ module_or_path: /** @type {Start} */ (data).module });
      started
        .then(() => this.#guarded(() => this.#receive(data)))
        .catch((error) => this.#tell({ type: "crashed", run: this.run, trouble: trouble(error) }));
    });
  }

  /** @param {From} message @param {Transferable[]} [transfer] */
  post(message, transfer = []) {
    this.#page.postMessage(message, transfer);
  }

  /** @param {Told} message */
  #tell(message) {
    this.#page.postMessage(message);
  }

  /**
   * Makes what a job asks for; null where that cannot be, which the page is told.
   * @template T @param {number} run @param {() => T | Promise<T>} make @returns {Promise<T | null>}
   */
  async tried(run, make) {
    try {
      return await make();
    } catch (error) {
      if (isFatal(error)) throw error;
      this.#tell({ type: "refused", run, trouble: trouble(error) });
      return null;
    }
  }

  /** Begins to work, after a while in milliseconds. */
  play(wait = 0) {
    this.halt();
    this.playing = true;
    this.#later(wait);
  }

  halt() {
    this.playing = false;
    this.#ticket += 1;
  }

  /** Whether a picture is to go: not while the page is still drawing, unless it is `complete`. @param {boolean} complete */
  shows(complete) {
    if (this.drawing && !complete) return false;
    this.drawing = true;
    return true;
  }

  /** @param {number} ticket */
  async #turn(ticket) {
    if (ticket !== this.#ticket || this.subject === null) return;
    const wait = await this.#parts.work(this.subject);
    if (this.playing && ticket === this.#ticket) this.#later(wait);
  }

  /** @param {number} wait */
  #later(wait) {
    const ticket = this.#ticket;
    if (wait > 1) setTimeout(() => this.#guarded(() => this.#turn(ticket)), wait);
    else this.#yielding.port2.postMessage(ticket);
  }

  /** @param {Start | To} message */
  #receive(message) {
    if (message.type === "start") return this.#parts.started?.();
    const { messages, commands } = /** @type {Handlers<Subject>} */ (this.#parts);
    const handle = messages[message.type];
    if (handle) return handle(message);
    if (this.subject === null || /** @type {Message} */ (message).run !== this.run) return;
    if (message.type === "drawn") this.drawing = false;
    else return commands[message.type]?.(this.subject, message);
  }

  /** Nothing that goes wrong in here passes in silence. @param {() => void | Promise<void>} action */
  async #guarded(action) {
    try {
      await action();
    } catch (error) {
      this.halt();
      // After a trap the instance must not be used again.
      if (isFatal(error)) this.subject = null;
      this.#tell({ type: isFatal(error) ? "crashed" : "failed", run: this.run, trouble: trouble(error) });
    }
  }
}
