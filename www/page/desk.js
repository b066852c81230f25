/**
 * What is in force, what is wished for, and what was refused: the one truth about the settings of the
 * job. Every wish is tried together with the others; one that the engine refuses is set apart and
 * marked, and never stands in the way of the rest. The last wish wins.
 */

import { Overtaken, Refusal, Stopped, isSame } from "../engine/engine.js";
import { culpritOf, signOf } from "./blame.js";
import { labelOf, shownText } from "./controls.js";
import { openMended } from "./mending.js";
import { refusedSentence, sentence } from "./messages.js";
import { SETTINGS, readJob, writeJob } from "./settings.js";
import { inPageWords } from "./words.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("../engine/protocol.js").Opened} Opened */
/** @typedef {import("./settings.js").Values} Values */
/** @typedef {import("./settings.js").Value} Value */
/** @typedef {import("./controls.js").Mark} Mark */
/** @typedef {import("../files/examples.js").Source} Source */

/**
 * A job to start from, with the values that it holds, and the address that it was opened at.
 * @typedef {{job: Job, values: Values, source: Source | undefined, address: string}} Base
 */
/** `plain`: nothing follows from it, such as the constants of another element. @typedef {{key: string, value: Value, plain?: boolean}} Wish */
/** Why a wish was refused; `sign` tells whether the same happens again. @typedef {{message: string, sign: string, again: boolean}} Reason */
/**
 * How an attempt ended. `complaints`: what was not taken; `notes`: what a person should know of what was.
 * @typedef {{opened: Opened | null, complaints: string[], notes: string[], stopped: boolean}} Outcome
 */

export class Desk {
  #parts;
  /** @type {Base | null} */
  #force = null;
  /** What is to replace it, before the engine has taken it. @type {Base | null} */
  #target = null;
  /** What was to be opened before that, while nothing is in force. @type {Base | null} */
  #before = null;
  /** In the order they were made; those refused stay until they are mended. @type {Wish[]} */
  #wishes = [];
  /** By key. @type {Map<string, Reason>} */
  #refused = new Map();
  /** Fields with a text that cannot be read. @type {Map<string, Mark>} */
  #unread = new Map();
  #turn = 0;
  /** The attempt that a person stopped. */
  #halted = 0;

  /**
   * @param {{
   *   open: (job: Job, goesOn: () => void) => Promise<Opened>, alive: () => boolean,
   *   abandon: () => void, taken: (base: Base, opened: Opened) => void, follow: (values: Values, key: string) => void,
   *   address: () => string,
   * }} parts  `open` gives a job to the engine, asking `goesOn` whether to, which throws if not; `alive` says whether an engine with a job is there,
   *   `abandon` ends what is being opened, `taken` hears what is in force, `follow` changes what another setting brings with it,
   *   `address` is the one that is followed.
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** The job in force. */
  get force() {
    return this.#force;
  }

  /** The job that is to be in force, or is. */
  get base() {
    return this.#target ?? this.#force;
  }

  /** What the settings of the job will be once all wishes are taken. @returns {Values} */
  get wanted() {
    const base = this.#target ?? this.#force;
    return base ? this.#compose(base.values, this.pending) : {};
  }

  /** What is wished for and neither in force nor refused. */
  get pending() {
    return this.#wishes.filter(({ key }) => !this.#refused.has(key));
  }

  /** Fields that do not show what is in force, by key. @returns {Map<string, Mark>} */
  get marks() {
    const marks = new Map(this.#unread);
    for (const { key, value } of this.#wishes) {
      const reason = this.#refused.get(key);
      if (reason)
        marks.set(key, { shown: typeof value === "boolean" ? value : String(value ?? ""), message: reason.message });
    }
    return marks;
  }

  /** A setting was changed. @param {string} key @param {Value} value */
  wish(key, value) {
    this.#forget(key);
    this.#wishes.push({ key, value });
  }

  /** What stands in a field cannot be read. @param {string} key @param {Mark} mark */
  unreadable(key, mark) {
    this.#forget(key);
    this.#unread.set(key, { ...mark, message: sentence(mark.message) });
  }

  /** A field is in order again. @param {string} key */
  mended(key) {
    this.#forget(key);
  }

  /** @param {string} key */
  #forget(key) {
    this.#unread.delete(key);
    this.#refused.delete(key);
    this.#wishes = this.#wishes.filter((wish) => wish.key !== key);
  }

  /**
   * Another job is to be opened. @param {Job} job @param {Source | undefined} source
   * @param {Values} [changes] What a link changes in it, which says everything but what an order brings.
   */
  replace(job, source, changes = {}) {
    // What was wished for before there was anything is meant for this.
    if (this.#force || this.#target) this.#clear();
    this.#aim(job, source);
    this.suggest(changes);
  }

  /** @param {Job} job @param {Source | undefined} source */
  #aim(job, source) {
    if (!this.#force && this.#target) this.#before ??= this.#target;
    this.#target = { job, values: valuesOf(job, this.#force?.values), source, address: this.#parts.address() };
  }

  /** What to open if what was given cannot be, while nothing is in force. @param {Job} job @param {Source | undefined} source */
  behind(job, source) {
    if (!this.#force) this.#before ??= { job, values: valuesOf(job), source, address: this.#parts.address() };
  }

  /** What is in force stays so at the address that is followed now: nothing else is to be opened there. */
  stay() {
    if (this.#force && !this.#target) this.#force.address = this.#parts.address();
  }

  /** The address followed now was made for what is open, or is to be. */
  move() {
    for (const base of [this.#force, this.#target, this.#before]) if (base) base.address = this.#parts.address();
  }

  /** What a link says, where nobody has said otherwise. @param {Values} changes */
  suggest(changes) {
    const values = this.base?.values ?? {};
    const known = (/** @type {string} */ key) => this.#wishes.some((wish) => wish.key === key);
    const before = Object.entries(changes)
      .filter(([key, value]) => value !== values[key] && !known(key))
      .map(([key, value]) => ({ key, value, plain: key !== "order" }));
    this.#wishes = [...before, ...this.#wishes];
  }

  /** Data or crystal of the job are replaced; what is wished for stays wished for. @param {Job} job */
  amend(job) {
    this.#aim(job, undefined);
  }

  #clear() {
    this.#wishes = [];
    this.#refused.clear();
    this.#unread.clear();
  }

  /** Ends the attempt under way. */
  stop() {
    this.#halted = this.#turn;
    this.#parts.abandon();
  }

  /** Tries what is wished for, until the engine takes it or nothing is left to try. @returns {Promise<Outcome>} */
  async settle() {
    const turn = ++this.#turn;
    const isCurrent = () => turn === this.#turn;
    const goesOn = () => {
      if (!isCurrent()) throw new Overtaken();
      if (this.#halted === turn) throw new Stopped();
    };
    /** @type {Outcome} */
    const outcome = { opened: null, complaints: [], notes: [], stopped: false };
    const all = this.#wishes.filter(({ key }) => this.#refused.get(key)?.again ?? true);
    let trying = all;
    for (;;) {
      const base = this.#target ?? this.#force;
      if (!base) return outcome;
      const values = this.#compose(base.values, trying);
      const job = writeJob(base.job, base.values, values);
      if (base === this.#force && this.#parts.alive() && isSame(job, base.job)) {
        this.#parts.abandon();
        this.#grant(trying);
        return outcome;
      }
      try {
        const taken = await openMended(job, (next) => this.#parts.open(next, goesOn));
        this.#take(base, taken.job, taken.opened, trying);
        outcome.opened = taken.opened;
        outcome.notes.push(...taken.notes);
        if (!isCurrent()) throw new Overtaken();
        return outcome;
      } catch (error) {
        if (error instanceof Overtaken || !isCurrent()) throw new Overtaken();
        outcome.stopped ||= error instanceof Stopped;
        const left = this.#blame(error, trying, all, outcome);
        if (!left) return outcome;
        trying = left;
      }
    }
  }

  /**
   * Sets apart what was refused; null if nothing is left to try.
   * @param {unknown} error @param {Wish[]} trying @param {Wish[]} all What was tried at first. @param {Outcome} outcome
   * @returns {Wish[] | null}
   */
  #blame(error, trying, all, outcome) {
    if (error instanceof Stopped) {
      this.#halted = 0;
      for (const wish of trying) this.#refuse(wish, "Stopped before it was calculated", "", false);
      if (trying.length > 0 && !this.#parts.alive()) return [];
      if (this.#force) this.#target = null;
      this.stay();
      return null;
    }
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Refusal ? error.code : "";
    const words = code === "crashed" ? `The engine broke down over this (${message})` : inPageWords(message);
    const isEngines = error instanceof Refusal && code !== "no-engine";
    const culprit = isEngines ? culpritOf(code, message, trying, this.#refused) : undefined;
    if (culprit) {
      const isNew = !this.#refused.has(culprit.key);
      this.#refuse(culprit, words, signOf(code, message), code !== "crashed");
      if (isNew) outcome.complaints.push(`${sentence(words)} ${this.#stays(culprit.key)}`.trim());
      return trying.filter((wish) => wish !== culprit);
    }
    if (this.#target && (this.#force || this.#before)) {
      // The wishes were not to blame, and may still go with what was there before.
      this.#target = this.#force ? null : this.#before;
      this.#before = null;
      this.stay();
      outcome.complaints = [this.#force ? refusedSentence(words) : sentence(words)];
      for (const { key } of all) this.#refused.delete(key);
      return all;
    }
    outcome.complaints.push(this.#force ? refusedSentence(words) : sentence(words));
    for (const wish of trying) this.#refuse(wish, words, signOf(code, message), true);
    return null;
  }

  /** @param {string} key */
  #stays(key) {
    const setting = SETTINGS.find((s) => s.key === key);
    const base = this.#force ?? this.#target;
    if (!setting || !base) return "";
    if (setting.stays) return setting.stays;
    return `${labelOf(setting)} stays at ${shownText(setting, base.values[key] ?? null)}.`;
  }

  /** @param {Wish} wish @param {string} words @param {string} sign @param {boolean} again */
  #refuse(wish, words, sign, again) {
    const { key } = wish;
    if (SETTINGS.some((s) => s.key === key && s.stays)) {
      // No field goes on showing it.
      this.#wishes = this.#wishes.filter((other) => other !== wish);
      return;
    }
    this.#refused.set(key, { message: `${sentence(words)} ${this.#stays(key)}`.trim(), sign, again });
  }

  /** @param {Wish[]} wishes Those that are in force now. */
  #grant(wishes) {
    this.#wishes = this.#wishes.filter((wish) => !wishes.includes(wish));
    for (const { key } of wishes) {
      if (!this.#wishes.some((wish) => wish.key === key)) this.#refused.delete(key);
    }
  }

  /** @param {Base} base @param {Job} job @param {Opened} opened @param {Wish[]} wishes */
  #take(base, job, opened, wishes) {
    const force = {
      job,
      values: valuesOf(opened.job, valuesOf(job, base.values)),
      source: base.source,
      address: base.address,
    };
    this.#force = force;
    if (this.#target === base) this.#target = null;
    this.#before = null;
    this.#grant(wishes);
    this.#parts.taken(force, opened);
  }

  /** @param {Values} base @param {Wish[]} wishes @returns {Values} */
  #compose(base, wishes) {
    const values = { ...base };
    for (const { key, value, plain } of wishes) {
      values[key] = value;
      if (!plain) this.#parts.follow(values, key);
    }
    return values;
  }
}

/** The settings that a job holds, those of another one where it is silent. @param {Job} job @param {Values} [known] @returns {Values} */
function valuesOf(job, known) {
  const values = known
    ? { ...known }
    : Object.fromEntries(SETTINGS.filter(({ read }) => read).map((s) => [s.key, s.fallback]));
  readJob(values, job);
  return values;
}
