/** The functions of a potential as curves, which bend while the fit runs; the engine calculates them. */

import { Plot } from "../draw/plot.js";
import { look } from "../draw/theme.js";
import { axis_ticks, scale_places } from "../../pkg/tds_inversion.js";
import { any, make } from "../page/dom.js";
import { brief } from "../page/numbers.js";

/** @typedef {import("../../pkg/whole/tds_inversion.js").CurveReport} Curve */

/** CSS pixels around a plot. */
const MARGIN = { left: 50, right: 10, top: 8, bottom: 32 };
/** Height over width. */
const ASPECT = 0.62;
/** Room above and below the curves, as a part of what they take. */
const ROOM = 0.06;

/** What the axis of values is from and to: all curves, and the band as far as it does not dwarf them. @param {Curve} curve */
export function heightOf({ value, start, sigma }) {
  const all = [...value, ...start].filter(Number.isFinite);
  const [lo, hi] = [Math.min(...all), Math.max(...all)];
  const most = hi - lo || Math.abs(hi) || 1;
  const spread = value.flatMap((v, k) => [v - (sigma?.[k] ?? 0), v + (sigma?.[k] ?? 0)]);
  const least = Math.max(lo - most, Math.min(lo, ...spread));
  const highest = Math.min(hi + most, Math.max(hi, ...spread));
  const room = ROOM * (highest - least || 1);
  return { lo: least - room, hi: highest + room };
}

/** The curve in words, where the crystal is. @param {Curve} curve */
export function inWords({ name, meaning, across, unit, x, value, sigma, marks }) {
  const at = marks[0] ?? x[0] ?? 0;
  const k = x.reduce((best, place, k) => (Math.abs(place - at) < Math.abs((x[best] ?? 0) - at) ? k : best), 0);
  const sure = sigma?.[k] == null ? "" : ` ± ${sigma[k].toPrecision(2)}`;
  return `${name}, ${meaning}: ${brief(value[k] ?? NaN)}${sure} ${unit} near ${across} = ${brief(x[k] ?? NaN)}`.replace(
    "  ",
    " ",
  );
}

export class Curves {
  /** @type {{plot: Plot, words: HTMLElement}[]} */
  #plots = [];
  #home;
  /** @type {Curve[]} */
  #shown = [];

  /** @param {HTMLElement} home */
  constructor(home) {
    this.#home = home;
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (!entry || Math.abs(entry.contentRect.width - width) < 1) return;
      width = entry.contentRect.width;
      this.redraw();
    }).observe(home);
  }

  get shown() {
    return this.#shown;
  }

  /** @param {Curve[]} curves */
  show(curves) {
    this.#shown = curves;
    if (curves.length !== this.#plots.length) {
      this.#plots = curves.map(() => {
        const canvas = make("canvas", "", { role: "img" });
        const words = make("p");
        const piece = make("div", "", { class: "curve" });
        piece.append(words, canvas);
        return { plot: new Plot(canvas, MARGIN), words, piece };
      });
      const pieces = this.#plots.map(({ words }) => words.parentElement);
      this.#home.replaceChildren(...pieces.flatMap((piece) => piece ?? []));
    }
    this.redraw();
  }

  redraw() {
    // Out of sight there is no size to draw at.
    if (this.#home.clientWidth === 0) return;
    for (const [i, curve] of this.#shown.entries()) {
      const at = this.#plots[i];
      if (!at) continue;
      const { name, meaning, unit } = curve;
      const title = `${name}${unit ? ` (${unit})` : ""}`;
      if (at.words.dataset.title !== title) {
        at.words.dataset.title = title;
        at.words.replaceChildren(make("b", title), ` ${meaning}`);
      }
      at.plot.canvas.setAttribute("aria-label", inWords(curve));
      draw(at.plot, curve);
    }
  }
}

/** @param {Plot} plot @param {Curve} curve */
function draw(plot, curve) {
  const context = plot.begin(ASPECT);
  if (!context) return;
  const colours = look();
  const dashed = getComputedStyle(document.documentElement).getPropertyValue("--start").trim();
  const { x: left, y: top, w, h } = plot.box;
  const { x, value, start, sigma, marks, across } = curve;
  const [from = 0, to = 1] = [x[0], x[x.length - 1]];
  const { lo, hi } = heightOf(curve);
  const right = (/** @type {number} */ place) => left + ((place - from) / (to - from)) * w;
  const up = (/** @type {ArrayLike<number>} */ list) =>
    [...scale_places(lo, hi, "linear", Float64Array.from(list))].map((place) => top + h * (1 - place));
  plot.axes(
    context,
    colours,
    { ticks: axis_ticks(from, to, "linear", Math.max(2, Math.floor(w / 48))), at: right, name: across },
    { ticks: axis_ticks(lo, hi, "linear", Math.max(2, Math.floor(h / 28))), at: (t) => up([t])[0] ?? NaN, name: "" },
  );
  context.save();
  context.beginPath();
  context.rect(left, top, w, h);
  context.clip();
  context.lineWidth = 1;
  context.strokeStyle = colours.line;
  const [zero = NaN] = up([0]);
  line(context, [left, left + w], [zero, zero]);
  context.strokeStyle = colours.muted;
  context.setLineDash([1.5, 3]);
  for (const mark of marks) line(context, [right(mark), right(mark)], [top, top + h]);
  const places = x.map(right);
  if (sigma) {
    const [above, below] = [1, -1].map((sign) => up(value.map((v, k) => v + sign * (sigma[k] ?? 0))));
    context.fillStyle = colours.accent;
    context.globalAlpha = 0.22;
    context.beginPath();
    for (const [k, place] of places.entries()) context.lineTo(place, above?.[k] ?? NaN);
    for (let k = places.length - 1; k >= 0; k--) context.lineTo(places[k] ?? NaN, below?.[k] ?? NaN);
    context.closePath();
    context.fill();
    context.globalAlpha = 1;
  }
  context.setLineDash([4, 3]);
  context.lineWidth = 1.2;
  context.strokeStyle = dashed;
  line(context, places, up(start));
  context.setLineDash([]);
  context.lineWidth = 2;
  context.strokeStyle = colours.accent;
  line(context, places, up(value));
  context.restore();
  plot.show();
}

/** @param {CanvasRenderingContext2D} context @param {number[]} x @param {number[]} y */
function line(context, x, y) {
  context.beginPath();
  for (const [k, place] of x.entries()) context.lineTo(place, y[k] ?? NaN);
  context.stroke();
}

/** The figure of a job with a potential. @returns {Curves} */
export const inFigure = () => new Curves(any("potential-curves"));
