/** The colour range under the maps: what loads its histogram once a person opens it. */

import { byId } from "../../page/dom.js";

/** @typedef {import("./levels.js").Levels} Levels */

export class Range {
  #details = byId("levels", HTMLDetailsElement);
  /** @type {Levels | null} */
  #levels = null;
  #parts;
  #failures = 0;

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
      // A browser may never ask again for a module that it once did not get: by another address it does.
      const again = this.#failures > 0 ? `?again=${this.#failures}` : "";
      /** @type {typeof import("./levels.js")} */
      const { Levels } = await import(`./levels.js${again}`);
      this.#levels ??= new Levels(this.#parts.levelled);
      this.#parts.opened();
    } catch {
      this.#failures += 1;
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
