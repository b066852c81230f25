/** Masks in the page: what leaves data out, how many, and what can be left out besides. */

import { ID, any, make } from "../page/dom.js";
import { count } from "../page/messages.js";
import { Drawing } from "./drawing.js";
import { MaskForm } from "./form.js";
import { MaskList } from "./list.js";
import { addPoints, countsOf, freeName, fromText, shapesAt, textOf } from "./shapes.js";

/** @typedef {import("./shapes.js").Masks} Masks_ */
/** @typedef {import("./shapes.js").Shape} Shape */
/** @typedef {import("./shapes.js").Dataset} Dataset */

export class MaskPanel {
  #store;
  #parts;
  #sums = make("div", "", { id: "mask-sums", "aria-live": "polite" });
  #disagreeing = make("button", "", { type: "button", id: "mask-disagreeing", hidden: "" });
  #far = make("button", "", { type: "button", id: "mask-far", hidden: "" });
  #agreement = make("div", "", { id: "mask-agreement" });
  #list;
  #form;
  /** What is drawn on the maps. */
  drawing = new Drawing(any(ID.maskTools), (shape, set) => this.#add(shape, this.#several ? set : null));

  /**
   * @param {import("../page/store.js").Store} store
   * @param {{wanted: () => string, wish: (text: string) => Promise<string[]>, stays: string}} parts `wanted`: the masks that will be in
   *   force once all wishes are; `wish` has others calculated and says what was refused, which ends in `stays`.
   */
  constructor(store, parts) {
    this.#store = store;
    this.#parts = parts;
    const home = any(ID.masks);
    home.append(this.#sums);
    this.#list = new MaskList(home, {
      turn: ({ set, at }, on) =>
        this.#edit((masks) => {
          const shape = shapesAt(masks, set)[at];
          if (on) delete shape?.off;
          else if (shape) shape.off = true;
        }),
      rename: ({ set, at }, name) =>
        this.#edit((masks) => {
          const shape = shapesAt(masks, set)[at];
          if (shape) shape.name = name;
        }),
      remove: ({ set, at }) => this.#edit((masks) => shapesAt(masks, set).splice(at, 1)),
    });
    home.append(this.#agreement, this.#disagreeing, this.#far);
    this.#form = new MaskForm(home, (shape, set) => this.#add(shape, set));
    this.#disagreeing.addEventListener("click", () => this.#leaveOut("far from equivalents", this.#open?.disagreeing));
    this.#far.addEventListener("click", () => {
      const rows = this.#store.state.frame?.suspects;
      this.#leaveOut("beyond 5 σ of the model", rows ?? undefined);
    });
    store.subscribe(["open"], () => this.#opened());
    store.subscribe(["open", "frame"], () => this.#offer());
  }

  get #open() {
    return this.#store.state.open?.opened;
  }

  get #several() {
    return (this.#open?.columns.length ?? 0) > 1;
  }

  /** Shows the masks that are in force or wished for. */
  show() {
    const wanted = this.#parts.wanted();
    const masks = fromText(wanted);
    const datasets = this.#open?.description.datasets ?? [];
    const isCounted = wanted === this.#store.settings.masks && datasets.length > 0;
    this.#list.show(
      masks,
      isCounted ? countsOf(masks, datasets) : null,
      datasets.map(({ name }) => name),
    );
  }

  /** A job is in force. */
  #opened() {
    const datasets = this.#open?.description.datasets ?? [];
    const several = datasets.length > 1;
    const lines = (/** @type {(set: Dataset) => string} */ words) =>
      datasets.map((set) => make("p", `${several ? `${set.name}: ` : ""}${words(set)}`, { class: "facts" }));
    this.#sums.replaceChildren(...lines(sumsSentence));
    this.#agreement.replaceChildren(...lines(agreementSentence));
    this.#form.offer(datasets.map(({ name }) => name));
    this.show();
  }

  /** Data that may be left out because of what they are. */
  #offer() {
    const total = (/** @type {readonly Uint32Array[] | null | undefined} */ rows) =>
      (rows ?? []).reduce((sum, { length }) => sum + length, 0);
    label(this.#disagreeing, total(this.#open?.disagreeing), "that disagree with their equivalents");
    label(this.#far, total(this.#store.state.frame?.suspects), "beyond 5 σ of the model");
  }

  /** @param {string} name @param {readonly Uint32Array[]} [rows] By measurement. */
  #leaveOut(name, rows = []) {
    const columns = this.#open?.columns ?? [];
    this.#edit((masks) => {
      for (const [n, list] of rows.entries()) {
        const set = columns[n];
        if (!set || list.length === 0) continue;
        const points = Array.from(
          list,
          (row) => /** @type {[number, number, number]} */ ([set.h[row] ?? 0, set.k[row] ?? 0, set.l[row] ?? 0]),
        );
        addPoints(masks, name, this.#several ? n : null, points);
      }
    });
  }

  /** @param {Shape} shape @param {number | null} set */
  #add(shape, set) {
    return this.#edit((masks) => {
      shapesAt(masks, set).push({ ...shape, name: freeName(masks, shape.name ?? "") });
    });
  }

  /** Says why the change was refused, or nothing. @param {(masks: Masks_) => void} change */
  async #edit(change) {
    const masks = fromText(this.#parts.wanted());
    change(masks);
    const complaints = await this.#parts.wish(textOf(masks));
    return complaints.find((complaint) => complaint.endsWith(this.#parts.stays)) ?? "";
  }
}

/** @param {HTMLButtonElement} button @param {number} n @param {string} which */
function label(button, n, which) {
  button.hidden = n === 0;
  button.textContent = `Leave out ${count(n)} ${n === 1 ? "datum" : "data"} ${which.replace(/^that disagree/, n === 1 ? "that disagrees" : "that disagree").replace(/their/, n === 1 ? "its" : "their")}`;
}

/** What became of the data of a measurement. @param {Dataset} set */
function sumsSentence({ n, n_used: used, masked = [] }) {
  const out = masked.filter((part) => part.n > 0);
  const rest = n - used - out.reduce((sum, part) => sum + part.n, 0);
  return [
    `${count(n)} read`,
    ...out.map((part) => `${count(part.n)} ${part.name}`),
    ...(rest > 0 ? [`${count(rest)} on Bragg points`] : []),
    `${count(used)} used`,
  ].join(", ");
}

/** How well equivalent data agree. @param {Dataset} set */
function agreementSentence({ agreement: { n, unique, r_int: r, chi2_int: chi2 } }) {
  if (n === 0) return "No datum has an equivalent by symmetry.";
  const parts = [
    `R_int ${(100 * r).toPrecision(2)} %`,
    ...(typeof chi2 === "number" ? [`χ²_int ${chi2.toFixed(2)}`] : []),
  ];
  return `${parts.join(", ")} over ${count(n)} data at ${count(unique)} different points`;
}
