/**
 * What can be asked of the dispersion: another path, the density of states, published frequencies. What shows it is loaded when
 * first needed.
 */

import { ID, any, button, byId } from "../page/dom.js";
import { example } from "./example.js";

/** @typedef {import("../engine/protocol.js").Followed} Followed */
/**
 * @typedef {{
 *   store: import("../page/store.js").Store, charts: import("../draw/charts.js").Charts,
 *   present: () => Promise<import("../views/registry.js").Present | null>,
 *   follow: (labels: string[], points: number[][]) => Promise<void>,
 *   choose: (settings: import("../page/settings.js").Values) => void,
 * }} Parts  `follow` has the curves go along another path, the usual one without points; `choose` puts settings in force and keeps them.
 */

export class DispersionTools {
  #parts;
  /** @type {Promise<import("./panel.js").Panel> | null} */
  #panel = null;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { store, choose } = parts;
    const picker = byId(ID.pointsInput, HTMLInputElement);
    button(ID.zoneOpen).addEventListener("click", () => this.#then((panel) => panel.toggle()));
    button(ID.pointsOpen).addEventListener("click", () => picker.click());
    picker.addEventListener("change", () => {
      const files = [...(picker.files ?? [])];
      picker.value = "";
      if (files.length > 0) this.take(Promise.resolve(files));
    });
    button(ID.pointsExample).addEventListener("click", () => {
      const offered = this.#example;
      if (offered) this.take(offered.load().then((file) => [file]));
    });
    button(ID.pointsRemove).addEventListener("click", () => choose({ points: "" }));
    store.subscribe(["open", "frame", "path", "density", "points"], (changed) => this.#follow(changed));
  }

  /** What was published of the crystal that is open, where there is something. */
  get #example() {
    return example(this.#parts.store.state.open?.opened.description.crystal.elements ?? []);
  }

  /** Files for the chart were chosen or dropped on it. @param {Promise<File[]>} files */
  take(files) {
    this.#then(async (panel) => panel.take(await files));
  }

  /** @param {import("../page/store.js").Changed} changed */
  #follow(changed) {
    const { path, density, points } = this.#parts.store.settings;
    button(ID.pointsRemove).hidden = points === "";
    const offered = this.#example;
    button(ID.pointsExample).hidden = offered === null;
    if (offered) button(ID.pointsExample).textContent = offered.words;
    // Until something is wanted there is nothing to load.
    if (this.#panel || path !== "" || density === true || points !== "") this.#then((panel) => panel.follow(changed));
  }

  /** @param {(panel: import("./panel.js").Panel) => void | Promise<void>} action */
  #then(action) {
    this.#panel ??= import("./panel.js").then(({ Panel }) => new Panel(this.#parts));
    this.#panel.then(action).catch((/** @type {Error} */ { message }) => {
      any(ID.dispersionComplaint).textContent = message;
    });
  }
}
