/** The colour range under the maps: what loads its histogram once a person opens it. */

import { whenAsked } from "../../engine/later.js";
import { byId } from "../../page/dom.js";

/** @typedef {import("./levels.js").Levels} Levels */

const levels = whenAsked(
  /** @returns {Promise<typeof import("./levels.js")>} */
  (query) => import(`./levels.js${query}`),
);

export class Range {
  #details = byId("levels", HTMLDetailsElement);
  /** @type {Levels | null} */
  #levels = null;
  #parts;

  /** @param {{levelled: (limits: [number, number]) => void, opened: () => void, failed: (words: string) => void}} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#details.addEventListener("toggle", () => {
      if (this.#details.open) this.#open();
    });
    const choice = byId("range", HTMLSelectElement);
    choice.addEventListener("change", () => {
      if (choice.value === "hand") this.#details.open = true;
    });
  }

  async #open() {
    try {
      const { Levels } = await levels();
      this.#levels ??= new Levels(this.#parts.levelled);
      this.#parts.opened();
    } catch {
      this.#details.open = false;
      this.#parts.failed("The histogram did not load. Open it again when the network is back.");
    }
  }

  /** Shows what is coloured of a plane; curves have no colours. @param {Parameters<Levels["show"]>} shown */
  show(...shown) {
    const [plane] = shown;
    this.#details.hidden = plane.scan !== null;
    if (!plane.scan && this.#details.open) this.#levels?.show(...shown);
  }
}
