/** The page as a whole: what is open, which state it is in, and who is told when that changes. */

import { Charts } from "./charts.js";
import { bindControls, hideControls, offers, setOptions, showValues } from "./controls.js";
import { ID, any, button, byId } from "./dom.js";
import { EngineLink } from "./engine-link.js";
import { FIRST, OWN_LEDE, exampleById, exampleJob } from "./examples.js";
import { acceptFiles, readFiles } from "./files.js";
import { followCrystal, offerChoices, showFacts } from "./given.js";
import { intake } from "./intake.js";
import { Maps } from "./maps.js";
import * as say from "./messages.js";
import { cutsOf, planesOf } from "./planes.js";
import { bindSaving, share } from "./saving.js";
import { SPEEDS, defaults, fromHash, readJob, writeJob } from "./settings.js";
import { Shelf } from "./shelf.js";
import { showConstants, showDerived, showFigures } from "./tables.js";
import { onLookChange, onStillnessChange, wantsStillness } from "./theme.js";

/** @typedef {import("../protocol.js").Job} Job */
/** @typedef {import("../protocol.js").Frame} Frame */
/** @typedef {import("../protocol.js").Opened} Opened */
/** @typedef {"loading" | "ready" | "running" | "converged" | "stopped" | "failed"} State */

export class Page {
  #maps = new Maps((step) => this.#turnPage(step));
  #charts = new Charts();
  #link;
  #values = defaults();
  /** The values as they were read from the open job. */
  #shown = defaults();
  /** The job that is open; the last one asked for until the first is. @type {Job | null} */
  #job = null;
  #shelf = new Shelf();
  /** @type {Job | null} */
  #ownJob = null;
  /** @type {Opened | null} */
  #opened = null;
  /** @type {Frame | null} */
  #frame = null;
  /** @type {import("./planes.js").Plane[]} */
  #planes = [];
  /** @type {import("../protocol.js").LibraryEntry[]} */
  #library = [];
  /** True while the last job is being opened anew after a crash. */
  #reviving = false;
  /** @type {() => void} */
  #firstReady = () => {};

  /** @param {WebAssembly.Module} module */
  constructor(module) {
    this.#link = new EngineLink(module, {
      ready: (library) => this.#ready(library),
      frame: (frame) => this.#take(frame),
      failed: ({ message }) => this.#state("failed", say.sentence(message)),
      crashed: (trouble, replaced) => this.#crashed(trouble.message, replaced),
    });
    bindControls((setting, value) => this.#changed(setting, value));
    for (const command of /** @type {const} */ (["play", "pause", "step", "reset"])) {
      button(command).addEventListener("click", () => this.#command(command));
    }
    acceptFiles(
      { picker: byId(ID.fileInput, HTMLInputElement), button: button(ID.openData), zone: any(ID.dropzone) },
      (files) => this.#attempt(() => this.#openFiles(files)),
    );
    bindSaving(this.#link, () => this.#job, (action) => this.#attempt(action));
    button(ID.link).addEventListener("click", () => this.#attempt(() => this.#share()));
    button(ID.help).addEventListener("click", () => byId(ID.helpDialog, HTMLDialogElement).showModal());
    onLookChange(() => this.#redraw());
    onStillnessChange(() => this.#pace());
    window.addEventListener("hashchange", () => this.#attempt(() => this.#followLink()));
  }

  /** Draws the first example, or what the link asks for. */
  async begin() {
    await new Promise((resolve) => { this.#firstReady = () => resolve(null); });
    this.#pace();
    await this.#attempt(() => this.#followLink());
  }

  async #followLink() {
    const { values, hidden } = fromHash(location.hash);
    hideControls(hidden);
    const example = exampleById(String(values.example)) ?? FIRST;
    const job = exampleJob(example);
    const shown = { ...defaults(), example: example.id };
    readJob(shown, job);
    this.#values = { ...shown, ...values, example: example.id };
    this.#pace();
    await this.#open(writeJob(job, shown, this.#values));
  }

  /** @param {import("../protocol.js").LibraryEntry[]} library */
  #ready(library) {
    this.#library = library;
    this.#firstReady();
    if (!this.#reviving || !this.#job) return;
    this.#attempt(async () => {
      if (this.#job) await this.#open(this.#job, true);
      this.#reviving = false;
    });
  }

  /**
   * Opens a job; if it is refused, everything stays as it was.
   * @param {Job} job @param {boolean} [quietly] Leaves state and status alone.
   */
  async #open(job, quietly = false) {
    const files = await this.#shelf.gather(job);
    const opened = await this.#link.open(job, files, this.#shelf.truthOf(job)?.set ?? null);
    this.#adopt(job, opened);
    if (!quietly) this.#state("ready", say.readySentence(opened.frame.progress, opened.description.warnings));
  }

  /** @param {Job} job @param {Opened} opened */
  #adopt(job, opened) {
    this.#job = job;
    this.#opened = opened;
    const example = this.#shelf.exampleOf(job);
    if (!example) this.#ownJob = job;
    this.#values.example = example?.id ?? "own";
    readJob(this.#values, job);
    this.#shown = { ...this.#values };
    any(ID.lede).textContent = example?.lede ?? OWN_LEDE;
    offerChoices(job, this.#ownJob, this.#library, this.#values);
    showFacts(opened.description);
    this.#cutPlanes();
    showValues(this.#values);
    this.#charts.setReference(opened.start, opened.truth);
    this.#take(opened.frame, true);
    for (const id of [ID.play, ID.pause, ID.step, ID.reset, ID.saveResult, ID.saveJob, ID.saveForceConstants, ID.savePoscar, ID.savePhonopy]) {
      button(id).disabled = false;
    }
  }

  #cutPlanes() {
    const columns = this.#opened?.columns ?? [];
    const cuts = columns.length === 1 && columns[0] ? cutsOf(columns[0]) : [];
    any(ID.sliceField).hidden = cuts.length === 0;
    const cut = cuts.find((axis) => String(axis) === this.#values.slice);
    for (const plane of this.#planes) plane.wasm.free();
    this.#planes = columns.flatMap((c, i) => planesOf(c, i, cut));
    const group = (/** @type {number} */ i) => (columns.length > 1 ? { group: this.#opened?.description.datasets[i]?.name ?? "" } : {});
    setOptions("plane", this.#planes.map((p, i) => ({ value: String(i), text: p.name, ...group(p.dataset) })));
    if (!offers("plane", this.#values.plane ?? null)) this.#values.plane = "0";
  }

  /** The plane on show. */
  get #plane() {
    return this.#planes[Number(this.#values.plane)] ?? this.#planes[0];
  }

  #showMaps() {
    const plane = this.#plane;
    const columns = plane && this.#opened?.columns[plane.dataset];
    const model = plane && this.#frame?.models?.[plane.dataset];
    if (!plane || !columns || !model || !this.#opened) return;
    const { log, tail, colours, spread } = this.#values;
    this.#maps.setView({
      log: log === "log", tail: Number(tail), colours: String(colours),
      spread: spread === "auto" ? null : Number(spread),
    });
    this.#maps.show(plane, columns, model, this.#opened.description);
  }

  /** @param {-1 | 1} step */
  #turnPage(step) {
    const next = Math.min(this.#planes.length - 1, Math.max(0, Number(this.#values.plane) + step));
    this.#values.plane = String(next);
    showValues(this.#values);
    this.#showMaps();
  }

  /** Shows a picture of the fit. @param {Frame} frame @param {boolean} [first] */
  #take(frame, first = false) {
    const { progress, course, models, bands, playing } = frame;
    this.#frame = models ? frame : { ...frame, models: this.#frame?.models ?? null };
    this.#showNumbers();
    if (models) {
      this.#showMaps();
      this.#charts.show(course, bands);
      // Without “drawn” the worker sends numbers only: no moving maps for those who want stillness.
      if (!playing || !wantsStillness()) requestAnimationFrame(() => this.#link.command("drawn"));
    }
    if (first) return;
    if (playing) this.#state("running", say.runningSentence(progress));
    else if (progress.termination === "converged") this.#state("converged", say.convergedSentence(progress));
    else if (progress.termination) this.#state("stopped", say.endedSentence(progress));
    else if (progress.iteration === 0) this.#state("ready", say.readySentence(progress, []));
    else this.#state("stopped", `${say.runningSentence(progress)} ${say.SAY.paused}`);
  }

  #showNumbers() {
    const [opened, frame, job] = [this.#opened, this.#frame, this.#job];
    if (!opened || !frame || !job) return;
    const example = this.#shelf.exampleOf(job);
    const biased = opened.description.model.order === "one-phonon" && example?.holds !== "one-phonon";
    const unit = this.#values.unit === "nm" ? "nm" : "ev";
    const truth = this.#shelf.truthOf(job)?.minus_phi_n_per_m ?? null;
    showFigures(frame.progress);
    showConstants({ description: opened.description, progress: frame.progress, unit, truth, biased });
    const shapes = { constant: this.#values.backgroundConstant === true, q2: this.#values.backgroundQ2 === true };
    showDerived(frame.progress, shapes);
    any(ID.bias).hidden = !biased;
    any(ID.bias).textContent = say.biasSentence(example === undefined);
  }

  #redraw() {
    this.#showMaps();
    this.#charts.redraw();
  }

  /** @param {"play" | "pause" | "step" | "reset"} command */
  #command(command) {
    if (!this.#opened) return;
    this.#link.command(command);
    if (command === "play") this.#state("running", say.SAY.running);
  }

  #pace() {
    const perSecond = SPEEDS[Number(this.#values.speed)] ?? Infinity;
    const words = Number.isFinite(perSecond) ? `${perSecond} steps per second` : "as fast as possible";
    any(ID.speedWords).textContent = wantsStillness() ? "without animation" : words;
    this.#link.pace(wantsStillness() ? 0 : 1000 / perSecond);
  }

  /** A person changed a control. @param {import("./settings.js").Setting} setting @param {import("./settings.js").Value} value */
  #changed(setting, value) {
    this.#values[setting.key] = value;
    if (setting.key === "example") this.#attempt(() => this.#openExample(String(value)));
    else if (setting.write) {
      if (setting.key === "prototype" || setting.key === "element") followCrystal(this.#values, this.#library);
      this.#attempt(() => this.#reopen());
    }
    else if (setting.key === "speed") this.#pace();
    else if (setting.key === "unit") this.#showNumbers();
    else {
      if (setting.key === "slice") this.#cutPlanes();
      this.#showMaps();
    }
  }

  async #reopen() {
    if (this.#job) await this.#open(writeJob(this.#job, this.#shown, this.#values));
  }

  /** @param {string} id */
  async #openExample(id) {
    const example = exampleById(id);
    const job = example ? exampleJob(example) : this.#ownJob;
    if (job) await this.#open(job);
  }

  /** @param {Iterable<File>} list */
  async #openFiles(list) {
    this.#say(say.SAY.opening);
    const files = await readFiles(list);
    const open = this.#job ?? exampleJob(FIRST);
    const undo = this.#shelf.put(files);
    try {
      await this.#open(intake(files, open));
    } catch (error) {
      undo();
      throw error;
    }
  }

  #share() {
    return share(this.#values, this.#job ? this.#shelf.exampleOf(this.#job) : undefined);
  }

  /**
   * Does something that may fail; then says so and leaves the rest alive. A sentence that comes back
   * is shown.
   * @param {() => Promise<string | void>} action
   */
  async #attempt(action) {
    any(ID.maps).setAttribute("aria-busy", "true");
    const patience = setTimeout(() => this.#say(say.SAY.calculating), 250);
    try {
      const sentence = await action();
      clearTimeout(patience);
      if (sentence) this.#say(sentence);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (this.#opened) this.#say(say.refusedSentence(message), true);
      else this.#state("failed", say.sentence(message));
    } finally {
      clearTimeout(patience);
      any(ID.maps).removeAttribute("aria-busy");
    }
  }

  /** @param {string} message @param {boolean} replaced */
  #crashed(message, replaced) {
    const again = this.#reviving;
    this.#reviving = replaced && !again;
    this.#state("failed", replaced ? say.crashedSentence(message) : say.SAY.noEngine);
  }

  /** @param {State} state @param {string} sentence */
  #state(state, sentence) {
    document.documentElement.dataset.state = state;
    this.#say(sentence, state === "failed");
  }

  /** @param {string} sentence @param {boolean} [bad] */
  #say(sentence, bad = false) {
    const status = any(ID.status);
    status.classList.toggle("bad", bad);
    status.textContent = sentence;
  }
}
