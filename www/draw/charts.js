/** The two charts of the fit's course, drawn by the engine's plotters on canvases of this page. */

import { draw_dispersion, draw_lines } from "../../pkg/tds_inversion.js";
import { ID, any, canvas } from "../page/dom.js";
import { resize } from "./plot.js";
import { brief } from "../page/numbers.js";
import { chartRatio, chartTheme } from "./theme.js";

/** @typedef {import("../engine/protocol.js").Bands} Bands */
/**
 * @typedef {{besides: () => Float64Array, draw: (frame: Float64Array, theme: ReturnType<typeof chartTheme>) => void, shown: () => Beside}} Over  What
 *   is drawn over and beside the dispersion: the frequencies that it needs room for, and itself, given what `draw_dispersion` says.
 * @typedef {{density: import("../engine/protocol.js").Density | null, published: import("../engine/protocol.js").Published | null}} Beside
 */

export class Charts {
  /** @type {number[]} */
  #course = [];
  /** @type {{start: Bands | null, current: Bands | null, truth: Bands | null}} */
  #bands = { start: null, current: null, truth: null };

  /** What is drawn when there is time. @type {Bands | null} */
  #waiting = null;

  /** Whether what is known beforehand is drawn. */
  #known = true;

  /** @type {Over | null} */
  #over = null;

  constructor() {
    const widths = new Map();
    const observer = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        if (Math.abs((widths.get(target) ?? 0) - contentRect.width) < 1) continue;
        widths.set(target, contentRect.width);
        this.redraw();
      }
    });
    for (const id of [ID.dispersion, ID.convergence]) observer.observe(canvas(id));
  }

  /** Of another job; one without branches has no picture of them. @param {Bands | null} start @param {Bands | null} truth */
  setReference(start, truth) {
    this.#bands = { start, current: null, truth };
    any("figure-dispersion").hidden = start === null;
  }

  /** @param {boolean} shown @param {string} name What to call it. */
  showReference(shown, name) {
    any(ID.legendTruth).hidden = !shown || this.#bands.truth === null;
    any(ID.legendTruth).textContent = name;
    if (shown === this.#known) return;
    this.#known = shown;
    this.redraw();
  }

  /** @param {number[]} course χ²/n, the start first. @param {Bands | null} current Null keeps the last. */
  show(course, current) {
    // What was to come later is overtaken.
    this.#waiting = null;
    this.#course = course;
    this.#bands.current = current ?? this.#bands.current;
    this.redraw();
  }

  /** Draws more with the dispersion. @param {Over} over */
  over(over) {
    this.#over = over;
    this.bands();
  }

  /** The dispersion, or what is drawn over it, changed. */
  bands() {
    if (canvas(ID.dispersion).clientWidth > 0) this.#drawBands(chartTheme());
  }

  /** Draws bands once what is more urgent is on the screen. @param {Bands} current */
  soon(current) {
    const waiting = this.#waiting !== null;
    this.#waiting = current;
    if (waiting) return;
    requestAnimationFrame(() =>
      setTimeout(() => {
        this.#bands.current = this.#waiting ?? this.#bands.current;
        this.#waiting = null;
        this.bands();
      }),
    );
  }

  /** What is drawn, for pictures of it. */
  get shown() {
    const { start, current, truth } = this.#bands;
    const known = any(ID.legendTruth).textContent ?? "";
    const beside = this.#over?.shown() ?? { density: null, published: null };
    return { course: this.#course, start, current, truth: this.#known ? truth : null, known, ...beside };
  }

  redraw() {
    // Out of sight there is no size to draw at.
    const inSight = (/** @type {string} */ id) => canvas(id).clientWidth > 0;
    const theme = chartTheme();
    if (inSight(ID.convergence)) this.#drawCourse(theme);
    if (inSight(ID.dispersion)) this.#drawBands(theme);
  }

  /** @param {ReturnType<typeof chartTheme>} theme */
  #drawCourse(theme) {
    const target = fitted(ID.convergence);
    if (this.#course.length === 0) return;
    const end = Math.max(5, this.#course.length - 1);
    draw_lines(
      target,
      [
        { x: [0, end], y: [1, 1], colour: theme.start, width: 1, dashed: true },
        { x: this.#course.map((_, i) => i), y: this.#course, colour: theme.accent, width: 2, dots: true },
      ],
      false,
      theme,
    );
    const last = this.#course[this.#course.length - 1] ?? NaN;
    const from = this.#course[0] ?? NaN;
    target.setAttribute(
      "aria-label",
      `χ² divided by the number of data, by iteration: from ${brief(from)} to ${brief(last)} in ${this.#course.length - 1} iterations`,
    );
  }

  /** @param {ReturnType<typeof chartTheme>} theme */
  #drawBands(theme) {
    const target = fitted(ID.dispersion);
    const roles = /** @type {const} */ (["start", "current", "truth"]);
    const sets = roles.flatMap((role) => {
      const bands = role === "truth" && !this.#known ? null : this.#bands[role];
      return bands ? [{ role, distance: bands.distance, branches: bands.branches, sigma: bands.sigma }] : [];
    });
    const path = (this.#bands.current ?? this.#bands.start)?.ticks ?? [];
    if (sets.length === 0) return;
    const frame = draw_dispersion(target, path, sets, this.#over?.besides() ?? new Float64Array(), theme);
    this.#over?.draw(frame, theme);
    const highest = Math.max(...(this.#bands.current?.branches ?? []).flatMap((b) => [...b]));
    target.setAttribute(
      "aria-label",
      `Phonon dispersion along ${path.map((t) => t.label).join("–")}, current constants up to ${brief(highest)} THz`,
    );
  }
}

/** A canvas with as many pixels as its place on the screen needs. @param {string} id */
export function fitted(id) {
  const target = canvas(id);
  const ratio = chartRatio();
  resize(target, target.clientWidth * ratio, target.clientHeight * ratio);
  return target;
}
