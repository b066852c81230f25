/** The page as a whole: what is open, which state it is in, and who is told when that changes. */

import { Charts } from "./charts.js";
import { bindControls, hideControls, offers, setOptions, showValues } from "./controls.js";
import { ID, any, button, byId } from "./dom.js";
import { EngineLink } from "./engine-link.js";
import { EXAMPLES, OWN_LEDE, exampleById, exampleJob, exampleOfFile, fetchExample } from "./examples.js";
import { acceptFiles, filesOf, readFiles } from "./files.js";
import { intake } from "./intake.js";
import { Maps } from "./maps.js";
import * as say from "./messages.js";
import { cutsOf, planesOf } from "./planes.js";
import { bindSaving, share } from "./saving.js";
import { SPEEDS, defaults, fromHash, readJob, writeJob } from "./settings.js";
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
  /** Contents of every file at hand, by name. @type {Map<string, Uint8Array>} */
  #files = new Map();
  /** Names of files that a person gave: they win over shipped ones. @type {Set<string>} */
  #own = new Set();
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
    const example = exampleById(String(values.example ?? "one")) ?? exampleById("one");
    if (!example) return;
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
    for (const name of filesOf(job)) {
      const example = this.#own.has(name) ? undefined : exampleOfFile(name);
      if (example && !this.#files.has(name)) this.#files.set(name, await fetchExample(name));
    }
    const missing = filesOf(job).filter((name) => !this.#files.has(name));
    if (missing.length > 0) throw new Error(say.missingFilesSentence(missing));
    const files = Object.fromEntries(filesOf(job).map((name) => [name, this.#files.get(name) ?? new Uint8Array()]));
    const opened = await this.#link.open(job, files, this.#truthOf(job)?.set ?? null);
    this.#adopt(job, opened);
    if (!quietly) this.#state("ready", say.readySentence(opened.frame.progress, opened.description.warnings));
  }

  /** @param {Job} job */
  #exampleOf(job) {
    const file = job.data.length === 1 ? job.data[0]?.file ?? "" : "";
    return this.#own.has(file) ? undefined : exampleOfFile(file);
  }

  /** What is known beforehand, as long as the crystal is still that of the example. @param {Job} job */
  #truthOf(job) {
    const { prototype, element } = job.crystal;
    return prototype === "fcc" && element === "Ni" ? this.#exampleOf(job)?.truth : undefined;
  }

  /** @param {Job} job @param {Opened} opened */
  #adopt(job, opened) {
    this.#job = job;
    this.#opened = opened;
    const example = this.#exampleOf(job);
    if (!example) this.#ownJob = job;
    this.#values.example = example?.id ?? "own";
    readJob(this.#values, job);
    this.#shown = { ...this.#values };
    any(ID.lede).textContent = example?.lede ?? OWN_LEDE;
    this.#offerChoices(job);
    this.#describe(opened);
    this.#cutPlanes();
    showValues(this.#values);
    this.#charts.setReference(opened.start, opened.truth);
    this.#take(opened.frame, true);
    for (const id of [ID.play, ID.pause, ID.step, ID.reset, ID.saveResult, ID.saveJob, ID.saveForceConstants, ID.savePoscar, ID.savePhonopy]) {
      button(id).disabled = false;
    }
  }

  /** @param {Job} job */
  #offerChoices(job) {
    const own = this.#ownJob?.data.map((d) => d.file).join(", ");
    setOptions("example", [
      ...EXAMPLES.map(({ id, title }) => ({ value: id, text: title })),
      ...(own ? [{ value: "own", text: own }] : []),
    ]);
    setOptions("prototype", [
      { value: "fcc", text: "fcc" },
      { value: "bcc", text: "bcc" },
      ...(job.crystal.file ? [{ value: "file", text: job.crystal.file }] : []),
    ]);
    const sets = this.#library.filter((entry) => entry.lattice === job.crystal.prototype);
    const own_start = this.#values.start === "job" ? [{ value: "job", text: "as in the job file" }] : [];
    setOptions("start", [
      ...own_start,
      { value: "springs", text: "one spring" },
      ...sets.map(({ id, title, element }) => ({ value: id, text: title || id, group: element })),
    ]);
  }

  /** @param {Opened} opened */
  #describe({ description }) {
    const { crystal, datasets } = description;
    const used = datasets.reduce((sum, d) => sum + d.n_used, 0);
    const all = datasets.reduce((sum, d) => sum + d.n, 0);
    const reach = Math.max(...datasets.map((d) => d.q_max));
    const sigma = datasets.every((d) => d.has_sigma) ? "" : " · no σ column, all weights are one";
    any(ID.dataFacts).textContent = `${say.count(used)} of ${say.count(all)} data used · |Q| ≤ ${reach.toFixed(1)} Å⁻¹${sigma}`;
    const atoms = crystal.atoms_per_primitive_cell;
    any(ID.crystalFacts).textContent = `${crystal.space_group} · ${atoms} ${atoms === 1 ? "atom" : "atoms"} per primitive cell`;
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
    const example = this.#exampleOf(job);
    const biased = opened.description.model.order === "one-phonon" && example?.holds !== "one-phonon";
    const unit = this.#values.unit === "nm" ? "nm" : "ev";
    const truth = this.#truthOf(job)?.minus_phi_n_per_m ?? null;
    showFigures(frame.progress);
    showConstants({ description: opened.description, progress: frame.progress, unit, truth, biased });
    showDerived(frame.progress);
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
    else if (setting.write) this.#attempt(() => this.#reopen());
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
    const job = intake(files, this.#job ?? exampleJob(EXAMPLES[0] ?? never()));
    const before = { files: new Map(this.#files), own: new Set(this.#own) };
    for (const { name, bytes, kind } of files) {
      if (kind === "job") continue;
      this.#files.set(name, bytes);
      this.#own.add(name);
    }
    try {
      await this.#open(job);
    } catch (error) {
      [this.#files, this.#own] = [before.files, before.own];
      throw error;
    }
  }

  async #share() {
    this.#say(await share(this.#values, this.#job ? this.#exampleOf(this.#job) : undefined));
  }

  /** Does something that may fail; then says so and leaves the rest alive. @param {() => void | Promise<void>} action */
  async #attempt(action) {
    any(ID.maps).setAttribute("aria-busy", "true");
    try {
      await action();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (this.#opened) this.#say(say.refusedSentence(message), true);
      else this.#state("failed", say.sentence(message));
    } finally {
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

/** @returns {never} */
function never() {
  throw new Error("there is no example");
}
