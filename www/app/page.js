/** The page as a whole: what is open, which state it is in, and who is told when that changes. */

import { bindControls, showApplicable, showValues } from "./controls.js";
import { ID, any, button, byId } from "./dom.js";
import { EngineLink, Overtaken, Refusal } from "./engine-link.js";
import { FIRST, OWN_LEDE, exampleJob, fetchOffers, sourceById } from "./examples.js";
import { acceptFiles, readFiles } from "./files.js";
import { followCrystal, followOrder, offerChoices, showFacts, showSource, smallestSupercell } from "./given.js";
import { hideParts } from "./hiding.js";
import { intake, withMoreSprings } from "./intake.js";
import * as say from "./messages.js";
import { Picture } from "./picture.js";
import { bindSaving, share } from "./saving.js";
import { SPEEDS, defaults, fromHash, inForce, readJob, writeJob } from "./settings.js";
import { Shelf } from "./shelf.js";
import { onLookChange, onStillnessChange, wantsStillness } from "./theme.js";
import { Views, settingsIn } from "./views.js";
import { Voice } from "./voice.js";

/** @typedef {import("../protocol.js").Job} Job */
/** @typedef {import("../protocol.js").Frame} Frame */
/** @typedef {import("../protocol.js").Opened} Opened */

export class Page {
  #voice = new Voice();
  #shelf = new Shelf();
  #picture = new Picture(() => this.#values);
  #link;
  #views;
  /** What was opened last and how far its fit is. @type {{description: Opened["description"], progress: Frame["progress"]} | null} */
  #state = null;
  #values = defaults();
  /** The values as they were read from the open job. */
  #shown = defaults();
  /** The job that is open. @type {Job | null} */
  #job = null;
  /** The last job with a person's own data. @type {Job | null} */
  #ownJob = null;
  /** What can be opened beside nickel's examples. @type {import("./examples.js").Offer[]} */
  #offers = [];
  /** What the page offered and was opened last. @type {import("./examples.js").Source | undefined} */
  #offered;
  /** The data that are open. @type {import("../protocol.js").Columns[]} */
  #columns = [];
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
      frame: (frame) => this.#follow(frame),
      failed: ({ message }) => this.#voice.state("failed", say.sentence(message)),
      crashed: (trouble, replaced) => this.#crashed(trouble.message, replaced),
    });
    this.#views = new Views(module, () => this.#present(), () => this.#values);
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
    onLookChange(() => {
      this.#picture.redraw();
      this.#views.redraw();
    });
    onStillnessChange(() => this.#pace());
    window.addEventListener("hashchange", ({ oldURL, newURL }) => {
      if (settingsIn(oldURL) !== settingsIn(newURL)) this.#attempt(() => this.#followLink());
      else this.#goTo(fromHash(location.hash));
    });
  }

  /** Draws the first example, or what the link asks for. */
  async begin() {
    const [offers] = await Promise.all([
      fetchOffers(),
      new Promise((resolve) => { this.#firstReady = () => resolve(null); }),
    ]);
    this.#offers = offers;
    await this.#attempt(() => this.#followLink());
  }

  async #followLink() {
    const values = fromHash(location.hash);
    hideParts(location.hash);
    const source = (await sourceById(String(values.example))) ?? (await sourceById(FIRST.id));
    if (!source) return;
    const { id, job, supercell } = source;
    this.#offered = source;
    /** @type {import("./settings.js").Values} */
    const shown = { ...defaults(), example: id };
    readJob(shown, job);
    this.#values = { ...shown, order: values.order ?? shown.order ?? null };
    if (this.#values.order !== shown.order) followOrder(this.#values, () => supercell);
    Object.assign(this.#values, values, { example: id });
    this.#pace();
    try {
      await this.#open(writeJob(job, shown, this.#values));
    } catch (error) {
      // A link that asks for the impossible still shows the example.
      if (!this.#job) await this.#open(job);
      throw error;
    } finally {
      this.#goTo(values);
    }
  }

  /** @param {import("./settings.js").Values} values Those of a link. */
  #goTo({ view }) {
    this.#values.view = view ?? "fit";
    this.#views.go(this.#values.view).catch((error) => this.#voice.complain(say.sentence(String(error))));
  }

  /** What the fit is about, for the other views. */
  async #present() {
    const [job, state] = [this.#job, this.#state];
    if (!job || !state) return null;
    return { job, files: await this.#shelf.gather({ ...job, data: [] }), ...state };
  }

  /** @param {import("../protocol.js").LibraryEntry[]} library */
  #ready(library) {
    this.#library = library;
    this.#firstReady();
    const job = this.#job;
    if (!this.#reviving || !job) return;
    this.#attempt(async () => {
      this.#adopt(job, await this.#send(job));
      this.#reviving = false;
    });
  }

  /** Opens a job; if it is refused, everything stays as it was. @param {Job} job */
  async #open(job) {
    /** @type {Opened | undefined} */
    let opened;
    /** @type {string[]} */
    let note = [];
    for (let next = job; !opened; ) {
      try {
        opened = await this.#send(next);
        job = next;
      } catch (error) {
        const stiffer = error instanceof Refusal && error.code === "unstable" ? withMoreSprings(next) : null;
        if (!stiffer) throw error;
        next = stiffer;
        note = [say.springsSentence(next)];
      }
    }
    this.#adopt(job, opened);
    const { frame, description } = opened;
    this.#voice.state("ready", say.readySentence(frame.progress, [...note, ...description.warnings]));
  }

  /** @param {Job} job @returns {Promise<Opened>} */
  async #send(job) {
    const files = await this.#shelf.gather(job);
    return this.#link.open(job, files);
  }

  /** @param {Job} job @param {Opened} opened */
  #adopt(job, opened) {
    this.#job = job;
    this.#columns = opened.columns;
    this.#state = { description: opened.description, progress: opened.frame.progress };
    const source = this.#source;
    if (!source) this.#ownJob = job;
    this.#values.example = source?.id ?? "own";
    readJob(this.#values, job);
    this.#shown = { ...this.#values };
    any(ID.lede).textContent = source?.lede ?? OWN_LEDE;
    offerChoices(job, this.#ownJob, this.#library, this.#offers, this.#values);
    showFacts(opened.description);
    showSource(source);
    this.#picture.open(opened, this.#bias, source?.source ?? null);
    showValues(this.#values);
    this.#drawn(opened.frame);
    this.#views.refresh();
    for (const id of [
      ID.play, ID.pause, ID.step, ID.reset,
      ID.saveResult, ID.saveJob, ID.saveForceConstants, ID.savePoscar, ID.savePhonopy,
    ]) {
      button(id).disabled = false;
    }
  }

  /** How model and data differ in their phonon orders; a measurement holds all of them. */
  get #bias() {
    if (!this.#job) return "none";
    const first = this.#job.model.order === "one-phonon";
    const holds = this.#source?.holds;
    if (!holds) return first ? "likely" : "none";
    if (first) return holds === "one-phonon" ? "none" : "known";
    return holds === "one-phonon" ? "fewer" : "none";
  }

  /** Where the data of the open job come from, if the page offered them. */
  get #source() {
    const [job, offered] = [this.#job, this.#offered];
    if (!job || !offered) return undefined;
    const own = job.data.some(({ file }) => file && this.#shelf.isOwn(file));
    return !own && JSON.stringify(job.data) === JSON.stringify(offered.job.data) ? offered : undefined;
  }

  /** Shows how the fit goes on. @param {Frame} frame */
  #follow(frame) {
    this.#picture.frame(frame);
    this.#drawn(frame);
    if (this.#state) this.#state.progress = frame.progress;
    if (frame.progress.termination) this.#views.refresh();
    const { progress, playing } = frame;
    if (playing) this.#voice.state("running", say.runningSentence(progress));
    else if (progress.termination === "converged") {
      this.#voice.state("converged", say.convergedSentence(progress, this.#bias !== "none"));
    } else if (progress.termination) this.#voice.state("stopped", say.sentence(progress.message));
    else if (progress.iteration === 0) this.#voice.state("ready", say.readySentence(progress, []));
    else this.#voice.state("stopped", `${say.runningSentence(progress)} ${say.SAY.paused}`);
  }

  /**
   * Asks for the next picture once this one is on the screen. Without that the worker sends numbers
   * only: no moving maps for those who want stillness.
   * @param {Frame} frame
   */
  #drawn({ models, playing }) {
    if (models && !(playing && wantsStillness())) requestAnimationFrame(() => this.#link.command("drawn"));
  }

  /** @param {"play" | "pause" | "step" | "reset"} command */
  #command(command) {
    if (!this.#job) return;
    this.#voice.forgive();
    this.#link.command(command);
    if (command === "play") this.#voice.state("running", say.SAY.running);
  }

  #pace() {
    const perSecond = SPEEDS[Number(this.#values.speed)] ?? Infinity;
    const words = Number.isFinite(perSecond) ? `${perSecond} steps per second` : "as fast as possible";
    any(ID.speedWords).textContent = wantsStillness() ? "without animation" : words;
    this.#link.pace(wantsStillness() ? 0 : 1000 / perSecond);
  }

  /**
   * A person changed a control.
   * @param {import("./settings.js").Setting} setting @param {import("./settings.js").Value} value
   */
  #changed(setting, value) {
    this.#values[setting.key] = value;
    if (setting.key === "prototype" || setting.key === "element") followCrystal(this.#values, this.#library);
    if (setting.key === "order") {
      followOrder(this.#values, () => smallestSupercell(this.#columns));
      showValues(this.#values);
    }
    showApplicable(this.#values);
    if (setting.view) this.#views.refresh();
    else if (setting.key === "example") this.#attempt(() => this.#openExample(String(value)));
    else if (setting.write) this.#attempt(() => this.#reopen());
    else if (setting.key === "speed") this.#pace();
    else if (setting.key === "unit" || setting.key === "truth") this.#picture.numbers();
    else {
      if (setting.key === "slice") this.#picture.cut();
      this.#picture.maps();
    }
  }

  async #reopen() {
    if (this.#job) await this.#open(writeJob(this.#job, this.#shown, this.#values));
  }

  /** @param {string} id */
  async #openExample(id) {
    const before = this.#offered;
    const source = await sourceById(id);
    const job = source?.job ?? this.#ownJob;
    if (!job) return;
    this.#offered = source;
    try {
      await this.#open(job);
    } catch (error) {
      this.#offered = before;
      throw error;
    }
  }

  /** @param {Iterable<File>} list */
  async #openFiles(list) {
    this.#voice.say(say.SAY.opening);
    const files = await readFiles(list);
    const undo = this.#shelf.put(files);
    try {
      await this.#open(intake(files, this.#job ?? exampleJob(FIRST)));
    } catch (error) {
      undo();
      throw error;
    }
  }

  #share() {
    const values = inForce(this.#values, this.#shown);
    return share(values, this.#source);
  }

  /**
   * Does something that may fail; then says so and leaves the rest alive. A sentence that comes back
   * is shown.
   * @param {() => Promise<string | void>} action
   */
  async #attempt(action) {
    any(ID.maps).setAttribute("aria-busy", "true");
    this.#voice.forgive();
    const patience = setTimeout(() => this.#voice.say(say.SAY.calculating), 250);
    try {
      const sentence = await action();
      clearTimeout(patience);
      if (sentence) this.#voice.say(sentence);
    } catch (error) {
      if (error instanceof Overtaken) return;
      const message = error instanceof Error ? error.message : String(error);
      if (this.#job) this.#voice.complain(say.refusedSentence(message));
      else this.#voice.state("failed", say.sentence(message));
    } finally {
      clearTimeout(patience);
      any(ID.maps).removeAttribute("aria-busy");
    }
  }

  /** @param {string} message @param {boolean} replaced */
  #crashed(message, replaced) {
    const again = this.#reviving;
    this.#reviving = replaced && !again && this.#job !== null;
    this.#voice.state("failed", replaced ? say.crashedSentence(message) : say.SAY.noEngine);
  }
}
