/** Where the springs come from: a choice of potentials, and the form of the one that is chosen, loaded when it is wanted. */

import { partWhenAsked } from "../engine/later.js";
import { any, byId, make } from "../page/dom.js";
import { FREE } from "./text.js";

/** @typedef {import("../page/store.js").Store} Store */
/** @typedef {import("../page/settings.js").Values} Values */
/** @typedef {import("./form.js").Choice} Choice */
/**
 * @typedef {{wanted: () => string, wish: (values: Values) => Promise<string[]>, choice: () => Promise<Choice>, failed: (error: Error) => void}} Parts
 *   `wanted`: what will be in force once all wishes are; `wish` has other settings calculated; `choice`: what there is to choose from.
 */

const formModule = partWhenAsked(
  "The form of a potential",
  /** @returns {Promise<typeof import("./form.js")>} */
  (query) => import(`./form.js${query}`),
);

/** Stands in the list until it is loaded. */
const MORE = "more";

export class PotentialPanel {
  #store;
  #parts;
  #select = byId("potential-set", HTMLSelectElement);
  /** @type {import("./form.js").PotentialForm | null} */
  #form = null;
  /** @type {Promise<void> | null} */
  #loading = null;
  /** What the constants of a crystal started from before they followed from a potential. */
  #before = { start: "springs", elements: "" };

  /** @param {Store} store @param {Parts} parts */
  constructor(store, parts) {
    this.#store = store;
    this.#parts = parts;
    this.#select.append(
      make("option", "free constants", { value: FREE }),
      make("option", "a potential …", { value: MORE }),
    );
    this.#select.addEventListener("change", () => {
      if (this.#select.value === MORE) this.#load().then(() => this.#form?.choose(), parts.failed);
      else if (this.#select.value === FREE) this.#free();
      else this.#form?.take(this.#select.value);
    });
    store.subscribe(["open"], () => this.show());
  }

  /** Shows what is in force or wished for. */
  show() {
    const { open, settings } = this.#store.state;
    const wanted = this.#parts.wanted();
    if (!open) return;
    if (settings.potential === FREE && settings.start !== "job")
      this.#before = { start: String(settings.start), elements: this.#elements };
    if (this.#form) this.#form.show(wanted);
    else if (wanted === FREE) this.#select.value = FREE;
    else this.#load().catch(this.#parts.failed);
  }

  get #elements() {
    return this.#store.state.open?.opened.description.crystal.elements.join() ?? "";
  }

  #load() {
    this.#loading ??= (async () => {
      try {
        const [{ PotentialForm }, choice] = await Promise.all([formModule(), this.#parts.choice()]);
        const wish = (/** @type {string} */ text) => this.#parts.wish({ potential: text });
        const form = new PotentialForm(this.#store, choice, this.#select, any("potential"), wish);
        form.show(this.#parts.wanted());
        this.#form = form;
      } finally {
        if (!this.#form) this.#loading = null;
      }
    })();
    return this.#loading;
  }

  /** Back to constants that are free. */
  #free() {
    this.#form?.leave();
    if (this.#parts.wanted() === FREE) return Promise.resolve([]);
    const { start, elements } = this.#before;
    return this.#parts.wish({ potential: FREE, start: elements === this.#elements ? start : "springs" });
  }
}
