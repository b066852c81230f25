/** The page as a whole: what is open, which state it is in, and who is told when that changes. */

import { bindControls, showValues } from "./controls.js";
import { Desk } from "./desk.js";
import { ID, any, button, byId } from "./dom.js";
import { acceptFiles } from "../files/drop.js";
import { EngineLink } from "../engine/engine.js";
import { FIRST, OWN_LEDE, fetchOffers, sourceById } from "../files/examples.js";
import { followCrystal, followOrder, offerChoices, showFacts, showSource, smallestSupercell } from "../views/fit/given.js";
import { Gifts } from "../files/gifts.js";
import { hideParts } from "./hiding.js";
import * as say from "./messages.js";
import { Picture } from "../views/fit/picture.js";
import { Pilot } from "./pilot.js";
import { Remember } from "./remember.js";
import { bindSaving, share } from "../files/saving.js";
import { SETTINGS, SPEEDS, defaults, fromHash, isSettings } from "./settings.js";
import { Shelf } from "../files/shelf.js";
import { onLookChange, onStillnessChange, wantsStillness } from "../draw/theme.js";
import { Views, settingsIn } from "./views.js";
import { Voice } from "./voice.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("../engine/protocol.js").Frame} Frame */
/** @typedef {import("../engine/protocol.js").Opened} Opened */
/** @typedef {import("./settings.js").Setting} Setting */
/** @typedef {import("./settings.js").Value} Value */
/** @typedef {import("./settings.js").Values} Values */

export class Page {
  #voice = new Voice();
  #shelf = new Shelf();
  #picture = new Picture(() => this.#values);
  #link;
  #views;
  #desk;
  #gifts;
  #remember;
  #pilot;
  /** What was opened last and how far its fit is. @type {{opened: Opened, progress: Frame["progress"]} | null} */
  #state = null;
  /** Settings: those of the job as they are in force, those of the views as they were chosen. */
  #values = defaults();
  /** The last job with a person's own data. @type {Job | null} */
  #ownJob = null;
  /** What can be opened beside nickel's examples. @type {import("../files/examples.js").Offer[]} */
  #offers = [];
  /** @type {import("../engine/protocol.js").LibraryEntry[]} */
  #library = [];
  /** The settings of the address that were followed last. @type {string | null} */
  #followed = null;
  /** Choices of what to open so far. */
  #choice = 0;
  /** @type {() => void} */
  #firstReady = () => {};

  /** @param {Promise<WebAssembly.Module>} module Fulfilled once the engine can be called here too. */
  constructor(module) {
    this.#link = new EngineLink(module, {
      ready: (library) => this.#ready(library),
      measured: (measured) => this.#picture.measured(measured),
      frame: (frame) => this.#follow(frame),
      failed: ({ message }) => this.#pilot.failed(message),
      crashed: ({ message }) => this.#pilot.crashed(message),
    });
    this.#desk = new Desk({
      open: async (job, goesOn) => {
        const files = await this.#shelf.gather(job);
        goesOn();
        return this.#link.open(job, files);
      },
      alive: () => this.#link.alive,
      abandon: () => this.#link.abandon(),
      taken: (base, opened) => this.#taken(base, opened),
      follow: (values, key) => this.#bring(values, key),
    });
    this.#remember = new Remember(this.#shelf, (sentence) => this.#voice.complain(sentence));
    this.#pilot = new Pilot(this.#link, this.#desk, this.#voice, () => {
      this.#show();
      this.#note();
    });
    this.#gifts = new Gifts(this.#shelf, this.#desk, this.#remember, module);
    this.#views = new Views(module, () => this.#present(), () => this.#values, (key, message) => {
      this.#desk.unreadable(key, { shown: String(this.#values[key] ?? ""), message });
      this.#show();
    });
    bindControls((setting, value) => this.#changed(setting, value), (setting, mark) => {
      this.#desk.unreadable(setting.key, mark);
      this.#pilot.settle();
    });
    for (const command of /** @type {const} */ (["play", "pause", "step", "reset"])) {
      button(command).addEventListener("click", () => this.#pilot.command(command));
      button(command).disabled = false;
    }
    button(ID.stop).disabled = false;
    button(ID.stop).addEventListener("click", () => this.#pilot.stop());
    acceptFiles(
      { picker: byId(ID.fileInput, HTMLInputElement), button: button(ID.openData), zone: any(ID.dropzone) },
      (files) => this.#openFiles(files),
    );
    bindSaving(this.#link, () => this.#open, (action) => this.#attempt(action), () => this.#remember.saved());
    button(ID.link).addEventListener("click", () => this.#attempt(() => this.#share()));
    button(ID.forget).addEventListener("click", () => this.#attempt(() => this.#remember.forget()));
    button(ID.help).addEventListener("click", () => byId(ID.helpDialog, HTMLDialogElement).showModal());
    onLookChange(() => {
      this.#picture.redraw();
      this.#views.redraw();
    });
    onStillnessChange(() => this.#pace());
    window.addEventListener("hashchange", () => this.#followAddress());
    // The link alone would put its place into the address, where the settings stand.
    any(ID.skip).addEventListener("click", (event) => {
      event.preventDefault();
      any(ID.content).focus();
    });
    this.#show();
  }

  /** Draws what was open last time, what the link asks for, or the first example. */
  async begin() {
    const [offers, kept] = await Promise.all([
      fetchOffers(),
      this.#remember.load(),
      new Promise((resolve) => { this.#firstReady = () => resolve(null); }),
    ]);
    this.#offers = offers;
    this.#ownJob ??= kept?.ownJob ?? null;
    const values = fromHash(location.hash);
    hideParts(location.hash);
    if (!kept?.current) return this.#followLink();
    this.#followed = settingsIn(location.href);
    Object.assign(this.#values, kept.values, viewOf(values));
    this.#pace();
    this.#goTo(values);
    const source = kept.source ? await sourceById(kept.source).catch(() => undefined) : undefined;
    // What a person gave meanwhile wins.
    if (!this.#desk.base && kept.job) this.#desk.replace(kept.job, source);
    await this.#pilot.settle({ words: this.#remember.sentence });
    // What cannot be opened any more does not leave an empty page.
    if (!this.#desk.force && !this.#pilot.calculating) await this.#followLink();
  }

  /** The address changed. */
  #followAddress() {
    if (!isSettings(location.hash)) return;
    hideParts(location.hash);
    this.#picture.redraw();
    if (settingsIn(location.href) === this.#followed) this.#goTo(fromHash(location.hash));
    else this.#followLink();
  }

  async #followLink() {
    this.#followed = settingsIn(location.href);
    const values = fromHash(location.hash);
    hideParts(location.hash);
    Object.assign(this.#values, viewOf(values));
    this.#pace();
    this.#goTo(values);
    await this.#begun(async () => {
      const isOwn = values.example === "own";
      const source = isOwn ? undefined : await sourceById(String(values.example));
      const job = isOwn ? this.#ownJob : source?.job;
      // Files that came before there was anything to see stay, with what the link says of them.
      const behind = source ?? (await sourceById(FIRST.id));
      if (!this.#desk.force && this.#desk.base) {
        return () => {
          if (behind) this.#desk.behind(behind.job, behind);
          this.#desk.suggest(ofJob(values));
        };
      }
      if (job) return () => this.#desk.replace(job, source, ofJob(values));
      return () => {
        if (behind) this.#desk.replace(behind.job, behind, isOwn ? {} : ofJob(values));
        return isOwn ? "This link is about files that are not kept in this browser, so the first example is shown." : "";
      };
    });
  }

  /** @param {Values} values Those of a link. */
  #goTo({ view }) {
    this.#values.view = view ?? "fit";
    this.#voice.follow(this.#values.view !== "fit");
    this.#views.go(this.#values.view).catch((error) => {
      this.#values.view = "fit";
      this.#voice.follow(false);
      this.#voice.complain(say.sentence(error instanceof Error ? error.message : String(error)));
    });
  }

  get #open() {
    const force = this.#desk.force;
    const opened = this.#state?.opened;
    return force && opened ? { job: force.job, columns: opened.columns, names: opened.description.datasets.map(({ name }) => name) } : null;
  }

  /** What the fit is about, for the other views. */
  async #present() {
    const [job, state] = [this.#desk.force?.job, this.#state];
    if (!job || !state) return null;
    const { description } = state.opened;
    return { job, files: await this.#shelf.gather({ ...job, data: [] }), description, progress: state.progress };
  }

  /** @param {import("../engine/protocol.js").LibraryEntry[]} library */
  #ready(library) {
    this.#library = library;
    this.#firstReady();
  }

  /** What a changed setting brings with it. @param {Values} values @param {string} key */
  #bring(values, key) {
    if (key === "prototype" || key === "element") followCrystal(values, this.#library);
    if (key !== "order") return;
    const columns = this.#state?.opened.columns;
    followOrder(values, () => this.#desk.base?.source?.supercell ?? (columns ? smallestSupercell(columns) : null));
  }

  /** A job is in force. @param {import("./desk.js").Base} base @param {Opened} opened */
  #taken({ job, values, source }, opened) {
    this.#pilot.landed();
    this.#state = { opened, progress: opened.frame.progress };
    if (!source) this.#ownJob = job;
    Object.assign(this.#values, values, { example: source?.id ?? "own" });
    any(ID.lede).textContent = source?.lede ?? OWN_LEDE;
    offerChoices(job, this.#ownJob, this.#library, this.#offers, this.#values);
    showFacts(opened.description);
    showSource(source);
    this.#picture.open(opened, source?.source ?? null);
    this.#show();
    this.#drawn(opened.frame);
    this.#views.refresh();
    for (const id of [ID.saveResult, ID.saveJob, ID.saveMaps, ID.saveForceConstants, ID.savePoscar, ID.savePhonopy]) {
      button(id).disabled = false;
    }
    this.#remember.opened();
    this.#note();
  }

  /** Shows in the controls what is in force, wished for, or marked. */
  #show() {
    showValues({ ...this.#values, ...this.#desk.wanted }, this.#desk.marks);
  }

  /** Keeps the state for the next time. */
  #note() {
    const force = this.#desk.force;
    if (!force) return;
    const views = Object.fromEntries(SETTINGS.filter(({ write }) => !write).map(({ key }) => [key, this.#values[key] ?? null]));
    this.#remember.note({ job: force.job, ownJob: this.#ownJob, source: force.source?.id ?? null, hash: settingsIn(location.href), values: views });
  }

  /** Shows how the fit goes on. @param {Frame} frame */
  #follow(frame) {
    this.#picture.frame(frame);
    this.#drawn(frame);
    const { progress } = frame;
    if (this.#state) this.#state.progress = progress;
    if (progress.termination) this.#views.refresh();
    this.#remember.results(this.#desk.force?.source === undefined && progress.iteration > 0);
    this.#pilot.follow(frame);
  }

  /**
   * Asks for the next picture once this one is on the screen. Without that the worker sends numbers
   * only: no moving maps for those who want stillness.
   * @param {Frame} frame
   */
  #drawn({ models, playing }) {
    if (models && !(playing && wantsStillness())) requestAnimationFrame(() => this.#link.command("drawn"));
  }

  #pace() {
    const perSecond = SPEEDS[Number(this.#values.speed)] ?? Infinity;
    const words = Number.isFinite(perSecond) ? `${perSecond} steps per second` : "as fast as possible";
    any(ID.speedWords).textContent = wantsStillness() ? "without animation" : words;
    this.#link.pace(wantsStillness() ? 0 : 1000 / perSecond);
  }

  /** A person changed a control. @param {Setting} setting @param {Value} value */
  #changed(setting, value) {
    if (setting.key === "example") return this.#openExample(String(value));
    if (setting.write) {
      this.#desk.wish(setting.key, value);
      return this.#pilot.settle();
    }
    this.#desk.mended(setting.key);
    this.#values[setting.key] = value;
    this.#show();
    if (setting.view) this.#views.refresh();
    else if (setting.key === "speed") this.#pace();
    else if (setting.key === "unit" || setting.key === "truth") this.#picture.numbers();
    else {
      if (setting.key === "slice") this.#picture.cut();
      this.#picture.maps();
    }
    this.#note();
  }

  /** @param {string} id */
  #openExample(id) {
    return this.#begun(async () => {
      const source = await sourceById(id);
      const job = source?.job ?? this.#ownJob;
      return () => { if (job) this.#desk.replace(job, source); };
    });
  }

  /** @param {Promise<File[]>} files */
  #openFiles(files) {
    this.#choice += 1;
    this.#voice.forgive();
    this.#voice.say(say.SAY.opening);
    return this.#gifts.take(files, (words) => this.#pilot.settle({ words })).catch((error) => {
      this.#show();
      this.#voice.complain(this.#refused(error));
    });
  }

  #share() {
    const force = this.#desk.force;
    if (!force) throw new Error("Nothing is open yet, so there is nothing to link to.");
    const done = share(this.#values, force.source?.job ?? force.job, force.source?.id ?? "own");
    this.#followed = settingsIn(location.href);
    this.#note();
    return done;
  }

  /** @param {unknown} error */
  #refused(error) {
    const message = error instanceof Error ? error.message : String(error);
    return this.#desk.force ? say.refusedSentence(message) : say.sentence(message);
  }

  /**
   * Chooses what to open, which may fail, and opens it. What comes back puts the choice on the desk,
   * unless something newer was chosen meanwhile.
   * @param {() => Promise<() => string | void>} choose
   */
  async #begun(choose) {
    const choice = ++this.#choice;
    try {
      const decide = await choose();
      if (choice === this.#choice) await this.#pilot.settle({ words: decide() ?? "" });
    } catch (error) {
      this.#show();
      this.#voice.complain(this.#refused(error));
      if (!this.#desk.force) this.#voice.state("failed", "");
    }
  }

  /** Does something that may fail and says how it went. @param {() => Promise<string>} action */
  async #attempt(action) {
    this.#voice.forgive();
    try {
      this.#voice.say(await action());
    } catch (error) {
      this.#voice.complain(say.sentence(error instanceof Error ? error.message : String(error)));
    }
  }
}

/** What a link says of the views. @param {Values} values @returns {Values} */
function viewOf(values) {
  return Object.fromEntries(SETTINGS.filter(({ key, write }) => !write && key in values && key !== "example").map(({ key }) => [key, values[key] ?? null]));
}

/** What a link says of the job. @param {Values} values @returns {Values} */
function ofJob(values) {
  return Object.fromEntries(SETTINGS.filter(({ key, write }) => write && key in values).map(({ key }) => [key, values[key] ?? null]));
}
