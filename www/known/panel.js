/** What is known of the constants besides the data: a button with what there is, and the dialog behind it. */

import { partWhenAsked } from "../engine/later.js";
import { any, make } from "../page/dom.js";
import { namesIn } from "./text.js";

/** @typedef {import("../page/store.js").Store} Store */

const dialogModule = partWhenAsked(
  "This dialog",
  /** @returns {Promise<typeof import("./dialog.js")>} */
  (query) => import(`./dialog.js${query}`),
);

export class KnownPanel {
  #parts;
  #store;
  #words = make("p", "", { class: "facts", id: "known-facts", "aria-live": "polite" });
  /** @type {import("./dialog.js").KnownDialog | undefined} */
  #dialog;

  /**
   * @param {Store} store
   * @param {{wanted: () => string, wish: (text: string) => Promise<string[]>, stays: string, failed: (error: Error) => void}} parts
   *   `wanted`: what will be in force once all wishes are; `wish` has other knowledge calculated and says what was refused, which ends in `stays`.
   */
  constructor(store, parts) {
    this.#store = store;
    this.#parts = parts;
    const button = make("button", "Known besides …", {
      type: "button",
      id: "known-open",
      "aria-describedby": "known-facts",
    });
    button.title =
      "Elastic constants, frequencies and displacements that were measured elsewhere: they count as data do";
    button.addEventListener("click", () => this.#open().catch(parts.failed));
    any("known").append(button, this.#words);
  }

  /** Shows what is in force or wished for. */
  show() {
    const words = `Known besides: ${namesIn(this.#parts.wanted())}.`;
    if (this.#words.textContent !== words) this.#words.textContent = words;
  }

  async #open() {
    const { KnownDialog } = await dialogModule();
    this.#dialog ??= new KnownDialog(async (text) => {
      const complaints = await this.#parts.wish(text);
      return complaints.find((complaint) => complaint.endsWith(this.#parts.stays)) ?? "";
    });
    const [element = "Cu"] = this.#store.state.open?.opened.description.crystal.elements ?? [];
    this.#dialog.open(this.#parts.wanted(), `${element}1`);
  }
}
