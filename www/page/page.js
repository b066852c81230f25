/** The page as a whole: its parts, and who is told of what. */

import { onLookChange } from "../draw/theme.js";
import { EngineLink } from "../engine/engine.js";
import { partWhenAsked } from "../engine/later.js";
import { acceptFiles } from "../files/drop.js";
import { Gifts } from "../files/gifts.js";
import { Shelf } from "../files/shelf.js";
import { hashOf, share } from "../links/link.js";
import { Readings } from "../volume/readings.js";
import { followCrystal, followOrder, smallestSupercell } from "../views/fit/given.js";
import { heldValues } from "../hands/held.js";
import { FitView } from "../views/fit/view.js";
import { Chooser } from "./chooser.js";
import { bindControls, labelOf, showValues } from "./controls.js";
import { Desk } from "./desk.js";
import { ID, any, button, byId } from "./dom.js";
import { isEmbedded } from "./embedding.js";
import { isLockedKey } from "./hiding.js";
import { sentence } from "./messages.js";
import { Pilot } from "./pilot.js";
import { Remember } from "./remember.js";
import { SETTINGS } from "./settings.js";
import { Store } from "./store.js";
import { language, said } from "./tongue.js";
import { Views } from "./views.js";
import { Voice } from "./voice.js";

/** @typedef {import("../engine/protocol.js").Frame} Frame */
/** @typedef {import("../engine/protocol.js").Opened} Opened */
/** @typedef {import("./settings.js").Setting} Setting */
/** @typedef {import("./settings.js").Value} Value */
/** @typedef {import("./settings.js").Values} Values */

/** Settings that are no part of the job, by key. */
const OF_VIEWS = SETTINGS.filter(({ write }) => !write).map(({ key }) => key);

const toolsModule = partWhenAsked(
  "What works on an open measurement",
  /** @returns {Promise<typeof import("./tools.js")>} */
  (query) => import(`./tools.js${query}`),
);

const offlineModule = partWhenAsked(
  "The page for the next time",
  /** @returns {Promise<typeof import("../offline/offline.js")>} */
  (query) => import(`../offline/offline.js${query}`),
);

const lessonDialog = partWhenAsked(
  "The dialog of a lesson",
  /** @returns {Promise<typeof import("../links/lesson.js")>} */
  (query) => import(`../links/lesson.js${query}`),
);

export class Page {
  #store = new Store();
  #voice = new Voice();
  #shelf = new Shelf(new Readings((words) => this.#pilot.reading(words)));
  #link;
  #desk;
  #remember;
  #pilot;
  #chooser;
  #fit;
  /** @type {import("./tools.js").Tools | null} */
  #tools = null;
  /** @type {import("../links/lesson.js").LessonDialog | undefined} */
  #lesson;
  /** Kept once the engine has told what crystals it knows. @type {Promise<null>} */
  #ready;

  /** @param {Promise<WebAssembly.Module>} module Fulfilled once the engine can be called here too. */
  constructor(module) {
    const [store, voice] = [this.#store, this.#voice];
    /** @type {(nothing: null) => void} */
    let isReady;
    this.#ready = new Promise((resolve) => {
      isReady = resolve;
    });
    this.#link = new EngineLink(module, {
      ready: (library) => {
        store.change({ library });
        isReady(null);
      },
      measured: (measured) => fit.measured(measured),
      doing: (words) => this.#pilot.doing(words),
      frame: (frame) => this.#follow(frame),
      failed: ({ message }) => this.#pilot.failed(message),
      crashed: ({ message }) => this.#pilot.crashed(message),
    });
    this.#desk = new Desk({
      open: async (job, goesOn) => {
        const equipped = this.#equip().then(
          () => "",
          ({ message }) => sentence(message),
        );
        const files = await this.#shelf.gather(job);
        goesOn();
        const opened = await this.#link.open(job, files);
        const lacking = await equipped;
        // A fit goes without, and with the next job it is asked for again. What is said of the job comes first.
        if (lacking) setTimeout(() => voice.complain(lacking));
        return opened;
      },
      alive: () => this.#link.alive,
      abandon: () => {
        this.#shelf.abandon();
        this.#link.abandon();
      },
      taken: (base, opened) => this.#taken(base, opened),
      follow: (values, key) => this.#bring(values, key),
      address: () => this.#chooser.address,
    });
    this.#remember = new Remember(this.#shelf, (complaint) => voice.complain(complaint));
    const show = () => {
      this.#show();
      this.#note();
    };
    this.#pilot = new Pilot(this.#link, this.#desk, voice, show);
    const fit = new FitView(store, this.#link);
    this.#fit = fit;
    const views = new Views(module, fit, {
      store,
      present: (measured) => this.#present(measured),
      mark: (key, message) => {
        this.#desk.unreadable(key, { shown: String(store.settings[key] ?? ""), message });
        this.#show();
      },
    });
    this.#chooser = new Chooser({
      store,
      voice,
      views,
      desk: this.#desk,
      pilot: this.#pilot,
      remember: this.#remember,
      stood: (springs) => {
        const { frame } = this.#store.state;
        if (frame && springs.length === heldValues(frame.progress).length) this.#link.place(springs);
      },
      look: (sight) => fit.look(sight),
      gifts: new Gifts(this.#shelf, this.#desk, this.#remember, store, module),
      show,
    });
    store.subscribe(["open", ...OF_VIEWS], show);
    onLookChange(() => views.redraw());
    this.#bind();
    this.#show();
  }

  /** Listens to the person. */
  #bind() {
    bindControls(
      (setting, value) => this.#changed(setting, value),
      (setting, mark) => {
        this.#desk.unreadable(setting.key, mark);
        this.#pilot.settle();
      },
    );
    for (const command of /** @type {const} */ (["play", "pause", "step", "reset"])) {
      button(command).addEventListener("click", () => this.#pilot.command(command));
      button(command).disabled = false;
    }
    button(ID.stop).disabled = false;
    button(ID.stop).addEventListener("click", () => this.#pilot.stop());
    acceptFiles(
      { picker: byId(ID.fileInput, HTMLInputElement), button: button(ID.openData), zone: any(ID.dropzone) },
      (files) => this.#chooser.files(files),
      { place: any("figure-dispersion"), take: (files) => this.#onDispersion(files) },
    );
    button(ID.link).addEventListener("click", () => this.#attempt(async () => this.#share()));
    button("lesson").addEventListener("click", () =>
      this.#teach().catch(({ message }) => this.#voice.complain(sentence(message))),
    );
    button(ID.forget).addEventListener("click", () => this.#attempt(() => this.#remember.forget()));
    button(ID.help).addEventListener("click", () => byId(ID.helpDialog, HTMLDialogElement).showModal());
    // The link alone would put its place into the address, where the settings stand.
    any(ID.skip).addEventListener("click", (event) => {
      event.preventDefault();
      any(ID.content).focus();
    });
  }

  /** Has what works on an open measurement there. */
  async #equip() {
    const { Tools } = await toolsModule();
    this.#tools ??= new Tools({
      store: this.#store,
      link: this.#link,
      fit: this.#fit,
      desk: this.#desk,
      pilot: this.#pilot,
      voice: this.#voice,
      present: () => this.#present(),
      wish: (key, value) => this.#wish(key, value),
      attempt: (action) => this.#attempt(action),
      saved: () => this.#remember.saved(),
    });
  }

  /** Files were dropped on the dispersion. @param {Promise<File[]>} files */
  #onDispersion(files) {
    this.#equip()
      .then(() => this.#tools?.dispersion.take(files))
      .catch(({ message }) => this.#voice.complain(sentence(message)));
  }

  /** Draws what was open last time, what the link asks for, or the first example. */
  begin() {
    return this.#chooser.begin(this.#ready);
  }

  /** What the fit is about, for the other views. @param {boolean} [measured] With the files of its data. */
  async #present(measured = false) {
    const { open, frame } = this.#store.state;
    if (!open || !frame) return null;
    const { job, opened } = open;
    const files = await this.#shelf.gather(measured ? job : { ...job, data: [] });
    return { job, files, description: opened.description, progress: frame.progress };
  }

  /** What a changed setting brings with it. @param {Values} values @param {string} key */
  #bring(values, key) {
    const { library, open } = this.#store.state;
    if (key === "prototype" || key === "element") followCrystal(values, library);
    if (key !== "order") return;
    followOrder(
      values,
      () => this.#desk.base?.source?.supercell ?? (open ? smallestSupercell(open.opened.columns) : null),
    );
  }

  /** A job is in force. @param {import("./desk.js").Base} base @param {Opened} opened */
  #taken({ job, values, source }, opened) {
    this.#pilot.landed();
    this.#remember.opened();
    this.#record(values, source?.id);
    this.#store.change({
      settings: { ...values, example: source?.id ?? "own" },
      open: { job, source, opened },
      frame: opened.frame,
      ...(source ? {} : { ownJob: job }),
    });
  }

  /** What a person changed in the settings can be undone; another measurement begins anew. @param {Values} values @param {string | undefined} source */
  #record(values, source) {
    const { open, settings } = this.#store.state;
    if (!open || open.source?.id !== source || (!source && open.job.data !== this.#store.state.ownJob?.data))
      return this.#tools?.hands.actions.forget();
    const keys = SETTINGS.filter(({ key, write }) => write && values[key] !== settings[key]).map(({ key }) => key);
    if (keys.length === 0) return;
    const of = (/** @type {Readonly<Values>} */ from) =>
      Object.fromEntries(keys.map((key) => [key, from[key] ?? null]));
    const names = SETTINGS.filter(({ key }) => keys.includes(key)).map((setting) => labelOf(setting));
    this.#tools?.hands.settingsChanged(names.slice(0, 3).join(", "), of(settings), of(values));
  }

  /** Shows in the controls what is in force, wished for, or marked. */
  #show() {
    showValues({ ...this.#store.settings, ...this.#desk.wanted }, this.#desk.marks);
    this.#tools?.show();
  }

  /** Keeps the state for the next time. */
  #note() {
    const force = this.#desk.force;
    if (!force) return;
    const { settings, ownJob } = this.#store.state;
    const values = Object.fromEntries(OF_VIEWS.map((key) => [key, settings[key] ?? null]));
    const springs = this.#springs;
    this.#remember.note({
      job: force.job,
      ownJob,
      source: force.source?.id ?? null,
      hash: force.address,
      values,
      springs,
    });
  }

  /** Where the fit stands, unless it is at its start. */
  get #springs() {
    const { open, frame } = this.#store.state;
    const start = open && heldValues(open.opened.frame.progress);
    const now = frame && heldValues(frame.progress);
    return start && now?.some((value, p) => value !== start[p]) ? now : null;
  }

  /** The fit goes on. @param {Frame} frame */
  #follow(frame) {
    this.#store.change({ frame });
    if (!frame.playing) this.#note();
    this.#remember.results(this.#desk.force?.source === undefined && frame.progress.iteration > 0);
    this.#pilot.follow(frame);
  }

  /** A person changed a control. @param {Setting} setting @param {Value} value */
  #changed(setting, value) {
    if (setting.key === "example") return this.#chooser.example(String(value));
    if (setting.write) return this.#wish(setting.key, value);
    this.#desk.mended(setting.key);
    // What was not taken is tried again, although nothing was changed.
    if (this.#store.settings[setting.key] === value) this.#store.touch(setting.key);
    else this.#store.change({ settings: { [setting.key]: value } });
  }

  /** @param {string} key @param {Value} value */
  #wish(key, value) {
    if (isLockedKey(key)) return Promise.resolve([]);
    this.#desk.wish(key, value);
    return this.#pilot.settle();
  }

  #share() {
    const done = share(this.#hash(), { own: !this.#desk.force?.source });
    this.#chooser.moved();
    this.#note();
    return done;
  }

  /** What is seen, as a link. @param {{hide: string, lock: string}} [stripped] */
  #hash(stripped) {
    const force = this.#desk.force;
    if (!force) throw new Error(said("nothing-open", "Nothing is open yet, so there is nothing to link to"));
    const { job, source } = force;
    const state = { values: this.#store.settings, job, source, springs: this.#springs, sight: this.#fit.looking };
    return hashOf(state, (name) => this.#shelf.printOf(name), stripped);
  }

  /** Asks what of the page is for those who open a link. */
  async #teach() {
    const { LessonDialog } = await lessonDialog();
    if (this.#lesson && this.#lesson.language !== language()) {
      this.#lesson.remove();
      this.#lesson = undefined;
    }
    this.#lesson ??= new LessonDialog(
      (stripped) => this.#hash(stripped),
      (hash) => share(hash, { own: !this.#desk.force?.source, stays: true }),
    );
    this.#lesson.open();
  }

  /** The whole page stays in this browser where it comes with what is needed. */
  keepOffline() {
    if (isEmbedded) return;
    const kept = () => {
      any("kept-offline").hidden = false;
    };
    offlineModule()
      .then(({ keepOffline }) => keepOffline({ kept, leave: () => this.#remember.leave() }))
      .catch(() => {});
  }

  /** Does something that may fail and says how it went. @param {() => Promise<string>} action */
  async #attempt(action) {
    this.#voice.forgive();
    try {
      this.#voice.say(await action(), true);
    } catch (error) {
      this.#voice.complain(sentence(error instanceof Error ? error.message : String(error)));
    }
  }
}
