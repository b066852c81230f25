/**
 * The page's end of the engine. A job is opened in a worker of its own beside the one that is in
 * force, which lives on until the new one stands: a job that is refused, stopped, overtaken or that
 * brings its worker down takes nothing away.
 */

import { Link } from "./link.js";

/** @typedef {import("./protocol.js").Crashed} Crashed */
/** @typedef {import("./protocol.js").FromWorker} FromWorker */
/** @typedef {import("./protocol.js").ToWorker} ToWorker */
/** @typedef {import("./protocol.js").Opened} Opened */
/** @typedef {import("./protocol.js").Trouble} Trouble */

/**
 * @typedef {{
 *   ready: (library: import("./protocol.js").LibraryEntry[]) => void,
 *   measured: (measured: import("./protocol.js").Measured) => void,
 *   doing: (words: string) => void,
 *   frame: (frame: import("./protocol.js").Frame) => void,
 *   failed: (trouble: Trouble) => void,
 *   crashed: (trouble: Trouble) => void,
 * }} Listeners  `crashed`: the engine in force is gone.
 */

/** The job was not opened, and why. */
export class Refusal extends Error {
  /** @param {Trouble} trouble */
  constructor(trouble) {
    super(trouble.message);
    this.code = trouble.code;
  }
}

/** A newer job came before the answer. */
export class Overtaken extends Error {}

/** A person ended the calculation. */
export class Stopped extends Error {}

/** How long a fit may take to pause before its worker is ended, ms. */
const PATIENCE = 500;

export const WORKER = new URL("../views/fit/worker.js", import.meta.url);

/** @param {import("./protocol.js").Job} a @param {import("./protocol.js").Job} b */
export const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Whether these are the same bytes and not only files of the same names. @param {Record<string, Uint8Array>} a @param {Record<string, Uint8Array>} b */
const hasSame = (a, b) =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, bytes]) => b[name] === bytes);

/** A worker and what is known of it. */
class End {
  /** Whether it is calculating a job, or letting one go. */
  busy = false;
  /** The run that lives in it. */
  run = 0;
  /** Whether it ever answered. */
  answered = false;
  /** What it says of a job that was opened ahead and is not asked for yet. @type {Exclude<FromWorker, Crashed>[] | null} */
  held = null;
  /** @type {Link<ToWorker, FromWorker>} */
  link;

  /**
   * @param {Promise<WebAssembly.Module>} module
   * @param {(end: End, message: Exclude<FromWorker, Crashed>) => void} receive @param {(end: End, trouble: Trouble) => void} died
   */
  constructor(module, receive, died) {
    this.link = new Link(
      module,
      WORKER,
      (message) => receive(this, message),
      (trouble) => died(this, trouble),
    );
  }
}

export class EngineLink {
  #module;
  #listeners;
  /** The one whose job is in force. @type {End | null} */
  #live = null;
  /** The one beside it: idle, or calculating what is to come. @type {End | null} */
  #spare = null;
  #runs = 0;
  #pace = 0;
  #cores = 1;
  /** @type {{run: number, resolve: (opened: Opened) => void, reject: (error: Error) => void, aborting: AbortController} | null} */
  #opening = null;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #saving = new Map();
  #savings = 0;
  /** Told of the next frame of a fit that stands still. @type {() => void} */
  #still = () => {};

  /** @param {Promise<WebAssembly.Module>} module @param {Listeners} listeners */
  constructor(module, listeners) {
    this.#module = module;
    this.#listeners = listeners;
    this.#spare = this.#spawn();
    this.#spare.held = [];
  }

  /** Whether there is an engine with a job. */
  get alive() {
    return this.#live !== null;
  }

  #spawn() {
    const end = new End(
      this.#module,
      (end, message) => this.#receive(end, message),
      (end, trouble) => this.#dead(end, trouble),
    );
    end.link.send({ type: "pace", milliseconds: this.#pace });
    end.link.send({ type: "cores", count: this.#cores });
    return end;
  }

  /**
   * Opens a job, which is in force once the promise is kept. It is broken with a {@link Refusal} if
   * the engine does not take the job, with {@link Overtaken} if a newer one comes first, and with
   * {@link Stopped}.
   * @param {import("./protocol.js").Job} job @param {Record<string, Uint8Array>} files
   * @returns {Promise<Opened>}
   */
  open(job, files) {
    const ahead = this.#openedAhead(job, files);
    const run = ahead?.run ?? ++this.#runs;
    this.#settle(new Overtaken());
    // Nobody waits for what it is still busy with.
    if (this.#spare?.busy) {
      this.#spare.link.end();
      this.#spare = null;
    }
    const end = (this.#spare ??= this.#spawn());
    end.busy = true;
    return new Promise((resolve, reject) => {
      const aborting = new AbortController();
      this.#opening = { run, resolve, reject, aborting };
      if (!ahead) end.link.send({ type: "open", run, job, files, first: !this.alive }, aborting.signal);
      else {
        end.link.endOn(aborting.signal);
        ahead.heard();
      }
    });
  }

  /**
   * Whether the worker was given just this job before the page was there: `heard` hands on what it says of it.
   * Whatever else it was given is let go.
   * @param {import("./protocol.js").Job} job @param {Record<string, Uint8Array>} files
   */
  #openedAhead(job, files) {
    const end = this.#spare;
    if (!end?.held) return null;
    const told = end.link.told.find((message) => message.type === "open");
    const { held } = end;
    const heard = () =>
      queueMicrotask(() => {
        end.held = null;
        for (const message of held) this.#receive(end, message);
      });
    if (told && isSame(told.job, job) && hasSame(told.files, files)) return { run: told.run, heard };
    end.held = null;
    end.busy = told !== undefined;
    return null;
  }

  /** Ends the calculation of a job that is not in force yet. */
  abandon() {
    if (!this.#opening) return;
    this.#opening.aborting.abort();
    this.#spare = null;
    this.#settle(new Stopped());
  }

  /** Pauses the fit; a worker that does not listen is ended. Says whether the engine is still there. */
  async halt() {
    const end = this.#live;
    if (!end) return false;
    const paused = new Promise((resolve) => {
      this.#still = () => resolve(true);
    });
    this.command("pause");
    const late = new Promise((resolve) => setTimeout(() => resolve(false), PATIENCE));
    const inTime = await Promise.race([paused, late]);
    if (!inTime && end === this.#live) {
      end.link.end();
      this.#live = null;
      this.#rejectSaving({ code: "stopped", message: "the calculation was stopped" });
    }
    return this.alive;
  }

  /** @param {Error} error */
  #settle(error) {
    this.#opening?.reject(error);
    this.#opening = null;
  }

  /** @param {import("./protocol.js").Command["type"]} type */
  command(type) {
    this.#live?.link.send({ type, run: this.#live.run });
  }

  /** Least time between two iterations. @param {number} milliseconds */
  pace(milliseconds) {
    this.#pace = milliseconds;
    for (const end of [this.#live, this.#spare]) end?.link.send({ type: "pace", milliseconds });
  }

  /** Workers for each job that is opened from now on. @param {number} count */
  cores(count) {
    this.#cores = count;
    for (const end of [this.#live, this.#spare]) end?.link.send({ type: "cores", count });
  }

  /** The fit goes on from these constants, all of them, eV/Å². @param {number[]} values */
  place(values) {
    this.#live?.link.send({ type: "place", run: this.#live.run, values });
  }

  /** The model of what a hand holds, at once. @param {import("./protocol.js").Hand} hand @returns {Promise<import("./protocol.js").Touched>} */
  touch(hand) {
    return this.save({ touch: hand });
  }

  /** The dispersion of constants that are not in force, if there is one. @param {number[]} values @returns {Promise<import("./protocol.js").Bands | null>} */
  bands(values) {
    return this.save({ bands: values });
  }

  /** @param {import("./protocol.js").Saveable | import("./protocol.js").Question} what @returns {Promise<any>} */
  save(what) {
    const end = this.#live;
    if (!end) return Promise.reject(new Error("Nothing is calculated yet, so there is nothing to save."));
    const ticket = ++this.#savings;
    return new Promise((resolve, reject) => {
      this.#saving.set(ticket, { resolve, reject });
      end.link.send({ type: "save", run: end.run, what, ticket });
    });
  }

  /** @param {End} end @param {Exclude<FromWorker, Crashed>} message */
  #receive(end, message) {
    if (end !== this.#live && end !== this.#spare) return;
    end.answered = true;
    if (end.held && "run" in message) {
      end.held.push(message);
      return;
    }
    const awaited = end === this.#spare && "run" in message && message.run === this.#opening?.run;
    switch (message.type) {
      case "ready":
        this.#listeners.ready(message.library);
        break;
      case "measured":
        if (awaited) this.#listeners.measured(message);
        break;
      case "doing":
        if (awaited) this.#listeners.doing(message.words);
        break;
      case "opened":
        if (awaited) this.#take(end, message);
        break;
      case "refused":
        end.busy = false;
        if (awaited) this.#settle(new Refusal(message.trouble));
        break;
      case "closed":
        end.busy = false;
        break;
      case "frame":
        if (end !== this.#live || message.run !== end.run) break;
        if (!message.frame.playing) this.#still();
        this.#listeners.frame(message.frame);
        break;
      case "saved":
        this.#saving.get(message.ticket)?.resolve(message.value);
        this.#saving.delete(message.ticket);
        break;
      case "unsaved":
        this.#saving.get(message.ticket)?.reject(new Refusal(message.trouble));
        this.#saving.delete(message.ticket);
        break;
      case "failed":
        if (end !== this.#live) break;
        this.#rejectSaving(message.trouble);
        this.#listeners.failed(message.trouble);
        break;
    }
  }

  /** A job stands: its worker takes the place of the one before. @param {End} end @param {Opened} opened */
  #take(end, opened) {
    const before = this.#live;
    end.busy = false;
    end.run = opened.run;
    this.#live = end;
    this.#spare = before;
    if (before) {
      before.busy = true;
      before.link.send({ type: "close" });
    }
    this.#rejectSaving({ code: "overtaken", message: "Another job was opened while this was being saved" });
    this.#opening?.resolve(opened);
    this.#opening = null;
  }

  /** @param {Trouble} trouble */
  #rejectSaving(trouble) {
    for (const { reject } of this.#saving.values()) reject(new Refusal(trouble));
    this.#saving.clear();
  }

  /** @param {End} end @param {Trouble} trouble */
  #dead(end, trouble) {
    const began = end.answered || trouble.code !== "worker";
    const failure = { code: began ? "crashed" : "no-engine", message: trouble.message };
    if (end === this.#spare) {
      this.#spare = null;
      this.#settle(new Refusal(failure));
    } else if (end === this.#live) {
      this.#live = null;
      this.#rejectSaving(failure);
      this.#listeners.crashed(failure);
    }
  }
}
