/** The dialog “Measurement”: shows what a volume was understood as, and asks what of it is to be taken. */

import { Overtaken, Stopped } from "../engine/engine.js";
import { any, button, byId, make } from "../page/dom.js";
import { sentence } from "../page/messages.js";
import { brief } from "../page/numbers.js";
import { inPageWords } from "../page/words.js";
import { Choosing } from "./choosing.js";
import { facts, headline, many, showRows } from "./facts.js";
import { input } from "./fields.js";
import { MARKUP } from "./markup.js";
import { MaskFiles } from "./mask-files.js";
import { Placing } from "./placing.js";
import { ObliquePlane } from "./oblique.js";
import { thinning, wholeGrid } from "./selection.js";
import { Slices } from "./slices.js";

/** @typedef {import("./protocol.js").Entry} Entry */
/** @typedef {import("./protocol.js").Found} Found */
/** @typedef {import("./protocol.js").Summary} Summary */
/** @typedef {import("./reader.js").VolumeReader} VolumeReader */
/** What was decided. @typedef {{entry: Entry, temperature: number | null}} Taken  `temperature`: K, to be that of the model. */
/**
 * @typedef {{
 *   reader: VolumeReader, found: Found, name: string, log: boolean, colours: string, temperature: number | null,
 *   add: (files: File[]) => Promise<Found>, masks: import("./protocol.js").Part[], mask: (files: File[]) => Promise<import("./protocol.js").Part[]>,
 * }} Question  `add` opens the volume anew with more files; `temperature` is that of the model; `masks` are its mask files, `mask` takes
 *   more of them.
 */

/** While somebody types, nothing is read, ms. */
const PAUSE = 300;

/** What the readers say of a plane with two axes of which nobody knows where it lies. */
const LACKS_PLACE = /nothing says where it lies/;

export class MeasurementDialog {
  #dialog;
  #slices;
  #placing;
  #choosing;
  #oblique;
  #masks;
  /** @type {Question | null} */
  #question = null;
  /** The volume as the file describes it. @type {Summary | null} */
  #described = null;
  /** What the slices show. @type {Summary | null} */
  #shown = null;
  /** Axes and origin that a person gave, as they were read last; null as long as they are lacking. @type {Partial<Entry> | null} */
  #placed = {};
  /** Readings begun so far. */
  #turn = 0;
  /** Candidates for marks that are offered. */
  #offered = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {(taken: Taken | null) => void} */
  #decide = () => {};

  constructor() {
    document.body.insertAdjacentHTML("beforeend", MARKUP);
    this.#dialog = byId("volume-dialog", HTMLDialogElement);
    this.#slices = new Slices(any("volume-slices"), any("volume-readout"), "volume-bar");
    this.#placing = new Placing(() => this.#later());
    this.#choosing = new Choosing(() => this.#chosen());
    this.#oblique = new ObliquePlane();
    this.#masks = new MaskFiles({
      give: (files) => this.add(files),
      shown: () => this.#hide().catch((error) => this.#complain(error)),
      read: () => this.#later(0),
    });
    // Escape asks for the same.
    this.#dialog.addEventListener("cancel", (event) => {
      if (event.target !== this.#dialog) return;
      event.preventDefault();
      this.#decide(null);
    });
    button("volume-cancel").addEventListener("click", () => this.#decide(null));
    button("volume-use").addEventListener("click", () => this.#use());
    button("volume-add").addEventListener("click", () => input("volume-file").click());
    input("volume-file").addEventListener("change", () => {
      const files = [...(input("volume-file").files ?? [])];
      input("volume-file").value = "";
      if (files.length > 0) this.add(files);
    });
    input("volume-log").addEventListener("change", () => this.#colour());
    any("volume-candidates").addEventListener("change", () => this.#later(0));
    button("volume-show-plane").addEventListener("click", () => this.#showPlane());
  }

  /** Asks; null where nothing is to be taken. @param {Question} question @returns {Promise<Taken | null>} */
  ask(question) {
    this.#question = question;
    this.#slices.clear();
    input("volume-log").checked = question.log;
    this.#masks.clear();
    this.#masks.add(question.masks);
    const decided = new Promise((/** @type {(taken: Taken | null) => void} */ resolve) => {
      this.#decide = resolve;
    });
    this.#dialog.showModal();
    this.#found(question.found);
    return decided.finally(() => {
      clearTimeout(this.#timer);
      this.#question = null;
      this.#dialog.close();
    });
  }

  /** More files came: those that are lacking, or masks. @param {File[]} files */
  async add(files) {
    try {
      if (any("volume-missing").hidden && this.#described) return await this.#addMasks(files);
      const found = await this.#question?.add(files);
      if (found) this.#found(found);
    } catch (error) {
      this.#complain(error);
    }
  }

  /** @param {File[]} files */
  async #addMasks(files) {
    const question = this.#question;
    const parts = await question?.mask(files).catch((error) => {
      this.#masks.complain(sentence(inPageWords(error instanceof Error ? error.message : String(error))));
    });
    if (!parts || question !== this.#question) return;
    this.#masks.add(parts);
    this.#later(0);
  }

  /** Slices without what the mask files that are on leave out. */
  async #hide() {
    const question = this.#question;
    const read = this.#shown;
    await question?.reader.hide(this.#masks.bits);
    if (!question || !read || question !== this.#question) return;
    await this.#slices.show(question.reader, read);
    this.#colour();
  }

  /** @param {Found} found */
  #found({ summary, missing, trouble }) {
    for (const part of ["volume-axes", "volume-seen", "volume-choice", "volume-progress"]) any(part).hidden = true;
    any("volume-missing").hidden = missing === null;
    this.#described = summary;
    this.#shown = null;
    this.#placed = {};
    this.#choosing.clear();
    any("volume-what").textContent = summary ? headline(summary) : (this.#question?.name ?? "");
    this.#say(trouble ? sentence(inPageWords(trouble.message)) : "");
    if (missing) {
      button("volume-add").textContent = `Add “${missing}”`;
      button("volume-add").focus();
    }
    if (!summary || !this.#question) return;
    const lacksAxes = summary.needs_axes;
    this.#offerTemperature(summary);
    this.#offerMarks([]);
    if (lacksAxes) this.#place(summary, true);
    if (lacksAxes) this.#showArray(summary);
    else this.#later(0);
  }

  /** Asks for axes, or for the place of a plane alone. @param {Summary} summary @param {boolean} lacksAxes */
  #place(summary, lacksAxes) {
    any("volume-axes").hidden = false;
    this.#placed = null;
    this.#placing.begin(summary, lacksAxes);
  }

  /** Shows the array as it is, before anything is known of its place. @param {Summary} summary */
  async #showArray({ shape }) {
    const stride = thinning(shape);
    const question = this.#question;
    if (!question || !(await this.#read({ ...this.#placing.pixels, stride }))) return;
    await this.#placing.show(question.reader, stride, this.#scale, question.colours);
    this.#say("");
  }

  /** Reads the voxels for the slices, after a while. */
  #later(pause = PAUSE) {
    clearTimeout(this.#timer);
    if (!any("volume-axes").hidden) this.#placed = null;
    this.#ready();
    this.#timer = setTimeout(() => this.#show().catch((error) => this.#complain(error)), pause);
  }

  /** Reads what the slices need: all of a small volume, of a large one every so many voxels. */
  async #show() {
    const summary = this.#described;
    const placed = any("volume-axes").hidden ? {} : this.#placing.entry;
    if (!summary || !placed) return;
    const stride = thinning(summary.shape);
    const marks = this.#marks;
    const masks = this.#masks.options;
    const turn = ++this.#turn;
    this.#shown = null;
    await this.#question?.reader.masks(this.#masks.parts);
    await this.#question?.reader.hide(this.#masks.bits);
    if (turn !== this.#turn) return;
    const read = await this.#read({ ...placed, ...marks, ...masks, ...(stride > 1 ? { stride } : {}) });
    if (!read || !this.#question || turn !== this.#turn) return;
    this.#shown = read;
    this.#masks.count(masks, read);
    this.#placed = placed;
    this.#choosing.replace(wholeGrid(summary, placed, read));
    any("volume-seen").hidden = false;
    any("volume-choice").hidden = false;
    if (!marks.sentinels) this.#offerMarks(read.candidates);
    showRows(any("volume-facts"), facts(read, summary, stride));
    await this.#slices.show(this.#question.reader, read).catch((error) => {
      if (turn === this.#turn) throw error;
    });
    if (turn !== this.#turn) return;
    this.#colour();
    const total = many(summary.shape.reduce((product, n) => product * n, 1));
    this.#say(stride > 1 ? `The slices show every ${stride}th of the ${total} voxels along each axis.` : "");
    this.#chosen();
  }

  /**
   * What was read; null where that failed, which is said, or is of no interest any more.
   * @param {Partial<Entry>} options @returns {Promise<Summary | null>}
   */
  async #read(options) {
    const question = this.#question;
    if (!question) return null;
    const progress = byId("volume-progress", HTMLProgressElement);
    const told = (/** @type {number} */ part) => {
      if (question !== this.#question) return;
      progress.hidden = false;
      progress.value = part;
      this.#say(`Reading ${question.name} … ${Math.floor(100 * part)} %. Cancel ends it.`);
    };
    try {
      const read = await question.reader.load(options, told);
      if (question !== this.#question) return null;
      progress.hidden = true;
      return read;
    } catch (error) {
      if (error instanceof Overtaken || error instanceof Stopped || question !== this.#question) return null;
      progress.hidden = true;
      if (error instanceof Error && this.#masks.refuse(sentence(inPageWords(error.message)))) this.#later(0);
      else if (LACKS_PLACE.test(String(error)) && this.#described) this.#place(this.#described, false);
      else this.#complain(error);
      return null;
    }
  }

  /** @param {Summary} summary */
  #offerTemperature({ facts }) {
    const found = facts.temperature ?? null;
    const field = any("volume-temperature-field");
    field.hidden = found === null || found === this.#question?.temperature;
    const words = `Take the temperature, ${brief(found ?? 0)} K, into the model`;
    field.querySelector("span")?.replaceChildren(words);
  }

  /** @param {Summary["candidates"]} candidates */
  #offerMarks(candidates) {
    const offered = JSON.stringify(candidates);
    if (offered === this.#offered) return;
    this.#offered = offered;
    any("volume-marks").hidden = candidates.length === 0;
    any("volume-candidates").replaceChildren(
      ...candidates.map(({ value, voxels }) => {
        const label = make("label");
        label.append(
          make("input", "", { type: "checkbox", value: String(value) }),
          ` ${brief(value)} in ${many(voxels)} ${voxels === 1 ? "voxel" : "voxels"}: leave them out`,
        );
        return label;
      }),
    );
  }

  /** Values that a person takes for marks. @returns {{sentinels?: number[]}} */
  get #marks() {
    const checked = any("volume-candidates").querySelectorAll("input:checked");
    const sentinels = Array.from(checked, (box) => Number(box.getAttribute("value")));
    return sentinels.length > 0 ? { sentinels } : {};
  }

  /** The name of the scale that is chosen. */
  get #scale() {
    return input("volume-log").checked ? "log" : "linear";
  }

  #colour() {
    const { colours = "inferno" } = this.#question ?? {};
    this.#slices.colour(this.#scale, colours);
    this.#placing.colour(this.#scale, colours);
  }

  async #showPlane() {
    const plane = this.#choosing.entry?.plane;
    const question = this.#question;
    if (!plane || !question) return;
    await this.#oblique
      .show(question.reader, plane, this.#scale, question.colours)
      .catch((error) => this.#complain(error));
  }

  #chosen() {
    this.#slices.frame(this.#choosing.limits);
    this.#ready();
  }

  /** Whether what stands in the fields can be taken. */
  #ready() {
    const isRead = this.#described !== null && this.#placed !== null && !any("volume-choice").hidden;
    button("volume-use").disabled = !isRead || this.#choosing.entry === null;
  }

  #use() {
    const { entry } = this.#choosing;
    const question = this.#question;
    if (!entry || !question) return;
    const field = any("volume-temperature-field");
    const temperature =
      !field.hidden && input("volume-temperature").checked ? this.#described?.facts.temperature : null;
    this.#decide({
      entry: { file: question.name, ...this.#placed, ...entry, ...this.#marks, ...this.#masks.entry },
      temperature: temperature ?? null,
    });
  }

  /** @param {unknown} error */
  #complain(error) {
    if (error instanceof Overtaken || error instanceof Stopped) return;
    this.#say(sentence(inPageWords(error instanceof Error ? error.message : String(error))), true);
  }

  /** @param {string} words @param {boolean} [bad] */
  #say(words, bad = false) {
    const status = any("volume-status");
    status.hidden = words === "";
    status.classList.toggle("bad", bad);
    if (status.textContent !== words) status.textContent = words;
  }
}
