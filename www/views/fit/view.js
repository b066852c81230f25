/** The view “Fit”, which the page opens with: what is given, the maps, the numbers and how fast the fit is shown. */

import { onStillnessChange, wantsStillness } from "../../draw/theme.js";
import { OWN_LEDE } from "../../files/examples.js";
import { ID, any, button, byId } from "../../page/dom.js";
import { SPEEDS } from "../../page/settings.js";
import { PotentialFigure } from "../../potential/figure.js";
import { offerChoices, showFacts, showSource } from "./given.js";
import { Picture } from "./picture.js";

/** @typedef {import("../../engine/protocol.js").Frame} Frame */
/** @typedef {import("../../page/store.js").Store} Store */
/** @typedef {import("../registry.js").View} View */

/** What changes the maps alone. */
const DISPLAY = ["plane", "scale", "tail", "limits", "colours", "spread"];

/** What can be saved once something is open. */
const SAVES = [ID.saveResult, ID.saveJob, ID.pictures, ID.saveForceConstants, ID.savePoscar, ID.savePhonopy];

/** @implements {View} */
export class FitView {
  #store;
  #link;
  #picture;
  #potential;

  /** @param {Store} store @param {import("../../engine/engine.js").EngineLink} link */
  constructor(store, link) {
    this.#store = store;
    this.#link = link;
    this.#picture = new Picture(store);
    this.#potential = new PotentialFigure(store, link);
    store.subscribe(["open", "frame", "speed", "cores", "unit", "truth", "slice", ...DISPLAY], (changed) =>
      this.#follow(changed),
    );
    onStillnessChange(() => this.#pace());
    this.#pace();
    byId(ID.cores, HTMLInputElement).placeholder = `all ${navigator.hardwareConcurrency}`;
    this.#cores();
  }

  /** The data are there, their model is not yet. @param {import("../../engine/protocol.js").Measured} measured */
  measured(measured) {
    this.#picture.measured(measured);
  }

  /** A model that is not in force. @param {import("../../engine/protocol.js").Touched} touched @param {number[]} values What a hand holds. */
  touched(touched, values) {
    this.#potential.follow(values);
    this.#picture.touched(touched);
  }

  /** The dispersion of constants that are not in force. @param {import("../../engine/protocol.js").Bands} bands */
  touchedBands(bands) {
    this.#picture.touchedBands(bands);
  }

  /** The dispersion along another path. @param {import("../../engine/protocol.js").Followed} followed */
  followed(followed) {
    this.#picture.follow(followed);
  }

  get charts() {
    return this.#picture.charts;
  }

  restored() {
    this.#potential.follow();
    this.#picture.restored();
  }

  /** @param {import("../../hands/hands.js").Painting | null} painting */
  paint(painting) {
    this.#picture.paint(painting);
  }

  /** Masks can be drawn on the maps. @param {import("../../masks/drawing.js").Drawing} drawing */
  draws(drawing) {
    this.#picture.draws(drawing);
  }

  /** @param {(set: number, row: number) => Promise<string>} says */
  asks(says) {
    this.#picture.asks(says);
  }

  /** What is in sight, for pictures and tables of it. */
  get sight() {
    return { ...this.#picture.sight, potential: this.#potential.shown };
  }

  /** What is in sight of the maps, for a link. */
  get looking() {
    return this.#picture.looking;
  }

  /** @param {import("../../links/link.js").Sight} sight */
  look(sight) {
    this.#picture.look(sight);
  }

  async show() {}
  hide() {}
  async refresh() {}

  redraw() {
    this.#picture.redraw();
    this.#potential.redraw();
  }

  /** @param {import("../../page/store.js").Changed} changed */
  #follow(changed) {
    const { frame } = this.#store.state;
    if (changed.has("speed")) this.#pace();
    if (changed.has("cores")) this.#cores();
    if (changed.has("open")) this.#open();
    else if (changed.has("frame") && frame) this.#picture.frame(frame);
    else {
      if (changed.has("unit") || changed.has("truth")) this.#picture.numbers();
      if (changed.has("slice")) this.#picture.cut();
      if (["slice", ...DISPLAY].some((key) => changed.has(key))) this.#picture.maps();
    }
    if (frame && changed.has("frame")) this.#drawn(frame);
  }

  /** A job is in force. */
  #open() {
    const { open, ownJob, library, offers, settings } = this.#store.state;
    if (!open) return;
    const { job, source, opened } = open;
    any(ID.lede).textContent = source?.lede ?? OWN_LEDE;
    offerChoices(job, ownJob, library, offers, settings);
    showFacts(opened.description);
    showSource(source);
    this.#picture.open(opened, source?.source ?? null);
    for (const id of SAVES) button(id).disabled = false;
    button(ID.pictures).title = "Maps and charts for a paper, tables, and a report on one page";
  }

  /**
   * Asks for the next picture once this one is on the screen. Without that the worker sends numbers
   * only: no moving maps for those who want stillness.
   * @param {Frame} frame
   */
  #drawn({ models, playing }) {
    if (models && !(playing && wantsStillness())) requestAnimationFrame(() => this.#link.command("drawn"));
  }

  /** The jobs that are opened from now on share so many cores. */
  #cores() {
    this.#link.cores(Number(this.#store.settings.cores) || navigator.hardwareConcurrency || 1);
  }

  #pace() {
    const perSecond = SPEEDS[Number(this.#store.settings.speed)] ?? Infinity;
    const words = Number.isFinite(perSecond) ? `${perSecond} steps per second` : "as fast as possible";
    any(ID.speedWords).textContent = wantsStillness() ? "without animation" : words;
    this.#link.pace(wantsStillness() ? 0 : 1000 / perSecond);
  }
}
