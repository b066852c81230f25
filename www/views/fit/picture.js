/** Everything that is drawn of an open job: planes, maps, charts and numbers. */

import { Charts } from "../../draw/charts.js";
import { offers, setOptions } from "../../page/controls.js";
import { ID, any, write } from "../../page/dom.js";
import { rlu } from "../../page/numbers.js";
import { viewOf } from "./colouring.js";
import { Maps } from "./maps.js";
import { isHidden } from "../../page/hiding.js";
import { cutsOf, planesOf } from "../../draw/planes.js";
import { reduced } from "../../page/numbers.js";
import { hasTruth, showBeyondOnePhonon, showConstants, showDerived, showFigures, showTouched } from "./tables.js";
import { showVerdict } from "./verdict.js";

/** @typedef {import("../../engine/protocol.js").Frame} Frame */
/** @typedef {import("../../engine/protocol.js").Opened} Opened */

export class Picture {
  #maps;
  #charts = new Charts();
  #store;
  /** @type {import("../../engine/protocol.js").Measured | Opened | null} */
  #opened = null;
  /** @type {Frame | null} */
  #frame = null;
  /** What was simulated, if the page knows. @type {string | null} */
  #source = null;
  /** @type {import("../../draw/planes.js").Plane[]} */
  #planes = [];

  /** @param {import("../../page/store.js").Store} store */
  constructor(store) {
    this.#store = store;
    this.#maps = new Maps((step) => this.#turnPage(step));
    const toCrystal = () => {
      const link = any(ID.views).querySelector("a[data-view=crystal]");
      if (link instanceof HTMLAnchorElement) link.click();
    };
    this.#maps.heard = {
      pointed: (pointed) => {
        store.change({ pointed });
        any("to-phonons").hidden = false;
        any("to-phonons-at").textContent = `at ${pointed.map(rlu).join("  ")}`;
      },
      chosen: toCrystal,
      levelled: (limits) => {
        const text = limits.map((value) => Number(value.toPrecision(6))).join(" ");
        store.change({ settings: { tail: "hand", limits: text } });
      },
    };
    // The link alone would drop the settings that stand in the address.
    any("to-phonons").addEventListener("click", (event) => {
      event.preventDefault();
      toCrystal();
    });
  }

  /** The data are there, their model is not yet. @param {import("../../engine/protocol.js").Measured} measured */
  measured(measured) {
    this.#opened = measured;
    any("model-so-far").hidden = measured.models === null;
    this.cut();
    this.maps();
  }

  /** A job was opened. @param {Opened} opened @param {string | null} source What was simulated. */
  open(opened, source) {
    this.#opened = opened;
    any("model-so-far").hidden = true;
    this.#source = source;
    this.#charts.setReference(opened.start, opened.truth);
    this.cut();
    this.frame(opened.frame);
  }

  /** The fit moved on. @param {Frame} frame */
  frame(frame) {
    // Without models only the numbers follow; the maps keep what they show.
    this.#frame = frame.models ? frame : { ...frame, models: this.#frame?.models ?? null };
    this.numbers();
    if (!frame.models) return;
    this.maps();
    this.#charts.show(frame.course, frame.bands);
  }

  /** A model that is not in force is under the hand. @param {import("../../engine/protocol.js").Touched} touched */
  touched({ models, chi2_reduced, elastic }) {
    if (!this.#frame) return;
    const { columns = [] } = this.#opened ?? {};
    // A crystal that is not stable has no model.
    const dataset = this.#shown?.dataset ?? 0;
    this.#maps.under(models?.[dataset] ?? new Float64Array(columns[dataset]?.h.length ?? 0).fill(NaN));
    write(any(ID.figChi2), models === null ? "unstable" : chi2_reduced === null ? "–" : reduced(chi2_reduced));
    showTouched(elastic);
  }

  /** The dispersion of constants that are not in force. @param {import("../../engine/protocol.js").Bands} bands */
  touchedBands(bands) {
    this.#charts.soon(bands);
  }

  /** The dispersion along another path. @param {import("../../engine/protocol.js").Followed} followed */
  follow({ start, current, truth }) {
    if (!this.#frame) return;
    this.#charts.setReference(start, truth);
    this.#frame = { ...this.#frame, bands: current };
    this.#charts.show(this.#frame.course, current);
  }

  /** What is drawn with the dispersion. */
  get charts() {
    return this.#charts;
  }

  /** What is in force is shown again. */
  restored() {
    if (this.#frame) this.frame(this.#frame);
  }

  /** Shows something else than the residual; null ends it. @param {import("../../hands/hands.js").Painting | null} painting */
  paint(painting) {
    this.#maps.paint(painting);
  }

  /** Masks can be drawn on the maps. @param {import("../../masks/drawing.js").Drawing} drawing */
  draws(drawing) {
    this.#maps.draws(drawing);
  }

  /** Told of the datum that is pointed at for good. @param {(set: number, row: number) => Promise<string>} says */
  asks(says) {
    this.#maps.asks(says);
  }

  /** What is in sight, for pictures and tables of it. */
  get sight() {
    return { map: this.#maps.sight, cut: this.#maps.cut, charts: this.#charts.shown };
  }

  get looking() {
    return this.#maps.looking;
  }

  /** @param {import("../../links/link.js").Sight} sight */
  look(sight) {
    this.#maps.look(sight);
  }

  /** Sorts the data into planes. */
  cut() {
    const columns = this.#opened?.columns ?? [];
    const values = this.#store.settings;
    const cuts = columns.length === 1 && columns[0] ? cutsOf(columns[0]) : [];
    const axis = cuts.find((a) => String(a) === values.slice);
    any(ID.sliceField).hidden = cuts.length === 0;
    this.#maps.forget();
    for (const plane of this.#planes) plane.wasm.free();
    this.#planes = columns.flatMap((c, i) => planesOf(c, i, axis));
    const several = columns.length > 1;
    setOptions(
      "plane",
      this.#planes.map(({ name, dataset }, i) => {
        const file = several ? this.#opened?.description.datasets[dataset]?.name : undefined;
        return { value: String(i), text: name, ...(file ? { group: file } : {}) };
      }),
    );
    if (!offers("plane", values.plane ?? null)) this.#store.change({ settings: { plane: "0" } });
  }

  /** The plane in sight. */
  get #shown() {
    return this.#planes[Number(this.#store.settings.plane)] ?? this.#planes[0];
  }

  maps() {
    const shown = this.#shown;
    const columns = shown && this.#opened?.columns[shown.dataset];
    if (!shown || !columns || !this.#opened) return;
    const first = "models" in this.#opened ? this.#opened.models : null;
    const models = this.#frame?.models ?? first;
    const model = models?.[shown.dataset] ?? new Float64Array(columns.h.length).fill(NaN);
    const suspects = this.#frame?.suspects?.[shown.dataset] ?? new Uint32Array();
    this.#maps.show(shown, columns, model, suspects, this.#opened.description, viewOf(this.#store.settings));
  }

  numbers() {
    if (!this.#opened || !this.#frame) return;
    const { description } = this.#opened;
    const { progress } = this.#frame;
    const { unit, truth } = this.#store.settings;
    const known = hasTruth(description) && !isHidden("truth");
    any(ID.truthChoice).hidden = !known;
    showFigures(progress);
    showBeyondOnePhonon(progress);
    showConstants({
      description,
      progress,
      unit: unit === "nm" ? "nm" : "ev",
      truth: known && truth === true,
      source: this.#source,
    });
    this.#charts.showReference(known && truth === true, this.#source === null ? "reference" : "truth");
    showDerived(progress);
    showVerdict(progress, this.#opened.columns, this.#frame);
  }

  /** Colours or sizes changed, or what is in sight. */
  redraw() {
    this.numbers();
    this.maps();
    this.#charts.redraw();
  }

  /** @param {-1 | 1} step */
  #turnPage(step) {
    const next = Number(this.#store.settings.plane) + step;
    if (next >= 0 && next < this.#planes.length) this.#store.change({ settings: { plane: String(next) } });
  }
}
