/** The figure “Potential” in the view “Fit”: it is there where a job has a potential, and asks for its curves with every picture of the fit. */

import { partWhenAsked } from "../engine/later.js";
import { any } from "../page/dom.js";

/** @typedef {import("../../pkg/whole/tds_inversion.js").CurveReport} Curve */

const curvesModule = partWhenAsked(
  "The chart of the potential",
  /** @returns {Promise<typeof import("./curves.js")>} */
  (query) => import(`./curves.js${query}`),
);

/** Curves are drawn no oftener than this, ms. */
const APART = 80;

export class PotentialFigure {
  #store;
  #link;
  /** @type {import("./curves.js").Curves | null} */
  #curves = null;
  #busy = false;
  #waiting = false;
  /** What a hand holds, if one does. @type {number[] | undefined} */
  #held;

  /** @param {import("../page/store.js").Store} store @param {import("../engine/engine.js").EngineLink} link */
  constructor(store, link) {
    this.#store = store;
    this.#link = link;
    store.subscribe(["open", "frame"], (changed) => {
      if (changed.has("open")) this.#open();
      this.follow();
    });
  }

  /** What is drawn, for pictures of it. @returns {Curve[]} */
  get shown() {
    return any("figure-potential").hidden ? [] : (this.#curves?.shown ?? []);
  }

  redraw() {
    this.#curves?.redraw();
  }

  #open() {
    const { open } = this.#store.state;
    const figure = any("figure-potential");
    figure.hidden = !open?.opened.job.potential;
    this.#curves?.show([]);
  }

  /** Asks for the curves where the fit stands, or with what a hand holds; while they are made, the next wait. @param {number[]} [held] */
  async follow(held) {
    this.#held = held;
    if (!this.#store.state.open?.opened.job.potential) return;
    if (this.#busy) {
      this.#waiting = true;
      return;
    }
    this.#busy = true;
    try {
      const { inFigure } = await curvesModule();
      this.#curves ??= inFigure();
      /** @type {Curve[]} */
      const curves = await this.#link.save(held ? { bent: held } : "curves");
      const { open, frame } = this.#store.state;
      if (open?.opened.job.potential) this.#curves.show(curves);
      any("potential-reference").textContent = frame?.progress.potential?.reference ?? "";
      await new Promise((resolve) => setTimeout(resolve, APART));
    } catch {
      // Another job came, or the engine ended, which is told elsewhere.
    } finally {
      this.#busy = false;
      if (this.#waiting) {
        this.#waiting = false;
        this.follow(this.#held);
      }
    }
  }
}
