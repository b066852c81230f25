/** The masks of the job, one row each: on or off, name, how many data it leaves out, and a button that removes it. */

import { make } from "../page/dom.js";
import { count } from "../page/messages.js";
import { listOf, titleOf } from "./shapes.js";

/** @typedef {import("./shapes.js").Masks} Masks */
/** @typedef {import("./shapes.js").Place} Place */
/** @typedef {{item: HTMLLIElement, on: HTMLInputElement, name: HTMLInputElement, n: HTMLElement, remove: HTMLButtonElement, place: Place, written: string}} Row */

export class MaskList {
  #list = make("ul", "", { id: "mask-list", "aria-label": "Masks" });
  #acts;
  /** @type {Row[]} */
  #rows = [];

  /**
   * @param {HTMLElement} home
   * @param {{turn: (place: Place, on: boolean) => void, rename: (place: Place, name: string) => void, remove: (place: Place) => void}} acts
   */
  constructor(home, acts) {
    this.#acts = acts;
    home.append(this.#list);
  }

  /** @param {Masks} masks @param {(number | null)[] | null} counts Null while they are being counted. @param {string[]} sets Names of the measurements. */
  show(masks, counts, sets) {
    const list = listOf(masks);
    while (this.#rows.length > list.length) this.#rows.pop()?.item.remove();
    while (this.#rows.length < list.length) this.#rows.push(this.#row());
    for (const [i, { shape, ...place }] of list.entries()) {
      const row = /** @type {Row} */ (this.#rows[i]);
      const title = titleOf(shape);
      const n = counts?.[i];
      row.place = place;
      row.on.checked = !shape.off;
      // A name that is being typed is left alone.
      if (document.activeElement !== row.name || row.name.value === row.written) row.name.value = title;
      row.written = title;
      row.n.textContent = shape.off ? "off" : typeof n === "number" ? count(n) : "…";
      row.n.title = shape.off ? "" : "data that it leaves out and none before it does";
      row.item.title = place.set === null ? "" : `of ${sets[place.set] ?? "one measurement"} alone`;
      row.on.setAttribute("aria-label", `${title} leaves data out`);
      row.name.setAttribute("aria-label", `Name of ${title}`);
      row.remove.setAttribute("aria-label", `Remove ${title}`);
    }
    this.#list.hidden = list.length === 0;
  }

  /** @returns {Row} */
  #row() {
    const item = make("li");
    const on = make("input", "", { type: "checkbox" });
    const name = make("input", "", { type: "text", maxlength: "60", spellcheck: "false" });
    const n = make("span", "", { class: "n" });
    const remove = make("button", "×", { type: "button" });
    item.append(on, name, n, remove);
    this.#list.append(item);
    /** @type {Row} */
    const row = { item, on, name, n, remove, place: { set: null, at: 0 }, written: "" };
    on.addEventListener("change", () => this.#acts.turn(row.place, on.checked));
    name.addEventListener("change", () => {
      const words = name.value.trim();
      name.value = words || row.written;
      if (words && words !== row.written) this.#acts.rename(row.place, words);
    });
    name.addEventListener("keydown", (event) => {
      if (event.key === "Escape") name.value = row.written;
      if (event.key === "Enter" || event.key === "Escape") name.blur();
    });
    remove.addEventListener("click", () => {
      const at = this.#rows.indexOf(row);
      this.#acts.remove(row.place);
      // The focus stays in the list, or goes to what comes after it.
      const next =
        this.#rows[Math.min(at, this.#rows.length - 1)]?.remove ?? document.querySelector("#mask-new summary");
      if (next instanceof HTMLElement) next.focus();
    });
    return row;
  }
}
