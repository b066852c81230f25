/**
 * A picture for a paper as SVG: lengths in points, text in points, axes as lines. White paper and black ink whatever the page
 * looks like. Nothing in it needs a style sheet, so that other programs read it as it is.
 */

import { tick_label } from "../../pkg/tds_inversion.js";
import { ticksOf } from "./scale.js";

/** Points of a millimetre. */
export const POINTS = 72 / 25.4;
/** Points. */
export const SIZE = 8;
const FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif";
/** Lines of axes, points. */
const THIN = 0.6;
const TICK = 3;
/** Between the labels of ticks, at least. */
const APART = 4;

/** @typedef {{x: number, y: number, w: number, h: number}} Box */
/** @typedef {import("./scale.js").Scale} Scale */
/** A tick with its place, 0 to 1, and what it is called. @typedef {{at: number, label: string}} Tick */

/** What text may not hold. @param {string} text */
export const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
const LEVEL = "0123456789−";

/** Pieces of a text: `*italic*`, and superscripts, which many fonts lack. @param {string} text */
function pieces(text) {
  const found = text.matchAll(new RegExp(`\\*([^*]+)\\*|([${RAISED}]+)|[^*${RAISED}]+`, "g"));
  return [...found].map(([all, italic, raised]) => ({
    text: italic ?? (raised ? [...raised].map((c) => LEVEL[RAISED.indexOf(c)]).join("") : all),
    italic: italic !== undefined,
    raised: raised !== undefined,
  }));
}

const ruler = document.createElement("canvas").getContext("2d");

/** Points that a text takes. @param {string} text @param {number} [size] */
export function widthOf(text, size = SIZE) {
  if (!ruler) return 0.55 * size * text.length;
  return pieces(text).reduce((sum, { text, italic, raised }) => {
    ruler.font = `${italic ? "italic " : ""}100px ${FONT}`;
    return sum + (ruler.measureText(text).width / 100) * size * (raised ? 0.7 : 1);
  }, 0);
}

/** @param {string} text */
function spans(text) {
  let down = false;
  return pieces(text)
    .map(({ text, italic, raised }) => {
      const shift = raised ? ' dy="-2.8" font-size="5.6"' : down ? ' dy="2.8"' : "";
      down = raised;
      return shift || italic
        ? `<tspan${shift}${italic ? ' font-style="italic"' : ""}>${escaped(text)}</tspan>`
        : escaped(text);
    })
    .join("");
}

/** Two decimals are enough for a printer. @param {number} x */
export const at = (x) => String(Number(x.toFixed(2)) + 0);

/** So that figures can stand in one document. */
let figures = 0;

export class Figure {
  /** @type {string[]} */
  #parts = [];
  #definitions = "";
  #names = 0;
  #prefix = `f${++figures}`;
  height = 0;

  /** @param {number} millimetres Its width. */
  constructor(millimetres) {
    this.millimetres = millimetres;
    this.width = millimetres * POINTS;
  }

  /** @param {string} markup */
  add(markup) {
    this.#parts.push(markup);
  }

  /** @param {string} markup With `id="NAME"`. @returns {string} What it is called. */
  define(markup) {
    const name = `${this.#prefix}-${++this.#names}`;
    this.#definitions += markup.replace("NAME", name);
    return name;
  }

  /** @param {number} x @param {number} y Of the base line. @param {string} text
   * @param {{anchor?: "start" | "middle" | "end", upright?: boolean, turned?: boolean}} [options] `turned`: read from below. */
  text(x, y, text, { anchor = "start", turned = false } = {}) {
    const place = turned ? `transform="translate(${at(x)} ${at(y)}) rotate(-90)"` : `x="${at(x)}" y="${at(y)}"`;
    this.add(`<text ${place} text-anchor="${anchor}">${spans(text)}</text>`);
  }

  /** @param {string} d @param {string} attributes */
  path(d, attributes) {
    if (d !== "") this.add(`<path d="${d}" ${attributes}/>`);
  }

  /** Draws within a box only. @param {Box} box @param {() => void} draw */
  within({ x, y, w, h }, draw) {
    const rect = `<rect x="${at(x)}" y="${at(y)}" width="${at(w)}" height="${at(h)}"/>`;
    this.add(`<g clip-path="url(#${this.define(`<clipPath id="NAME">${rect}</clipPath>`)})">`);
    draw();
    this.add("</g>");
  }

  /**
   * Frame, ticks and names of the axes; without `names` ticks alone, without `labels` not even what they are called.
   * @param {Box} box @param {{across: Tick[], up: Tick[], left?: string, below?: string, labelled?: {across?: boolean, up?: boolean}}} axes
   */
  axes(box, { across, up, left, below, labelled = {} }) {
    const { x, y, w, h } = box;
    let marks = `M${at(x)} ${at(y)}h${at(w)}v${at(h)}h${at(-w)}z`;
    for (const tick of across) marks += `M${at(x + tick.at * w)} ${at(y + h)}v${TICK}`;
    for (const tick of up) marks += `M${at(x)} ${at(y + h * (1 - tick.at))}h${-TICK}`;
    this.path(marks, `fill="none" stroke="#000" stroke-width="${THIN}"`);
    if (labelled.across !== false)
      for (const tick of across) this.text(x + tick.at * w, y + h + TICK + 8, tick.label, { anchor: "middle" });
    if (labelled.up !== false)
      for (const tick of up) this.text(x - TICK - 2, y + h * (1 - tick.at) + 2.8, tick.label, { anchor: "end" });
    if (below) this.text(x + w / 2, y + h + TICK + 18, below, { anchor: "middle" });
    if (left) this.text(x - TICK - 2 - widest(up) - 4, y + h / 2, left, { anchor: "middle", turned: true });
  }

  /** The whole as a file. @param {string} title What it shows. */
  toString(title) {
    const [width, height] = [this.millimetres, this.height / POINTS].map((mm) => `${Number(mm.toFixed(3))}mm`);
    const box = `0 0 ${at(this.width)} ${at(this.height)}`;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${box}" font-family="${FONT}" font-size="${SIZE}" fill="#000">`,
      `<title>${escaped(title)}</title>`,
      this.#definitions && `<defs>${this.#definitions}</defs>`,
      `<rect width="${at(this.width)}" height="${at(this.height)}" fill="#fff"/>`,
      ...this.#parts,
      "</svg>",
    ]
      .filter(Boolean)
      .join("\n");
  }
}

/** @param {Tick[]} ticks */
export const widest = (ticks) => Math.max(0, ...ticks.map(({ label }) => widthOf(label)));

/** Room that the left side of a plot takes. @param {Tick[]} up @param {boolean} named */
export const roomLeft = (up, named) => widest(up) + TICK + 2 + (named ? SIZE + 5 : 1);

/** Room below a plot. @param {boolean} named */
export const roomBelow = (named) => TICK + 10 + (named ? 11 : 0);

/**
 * As many ticks as can be told apart.
 * @param {Scale} scale @param {number} length Points. @param {(value: number) => number} place 0 to 1. @param {boolean} across Whether labels stand side by side.
 * @returns {Tick[]}
 */
export function spaced(scale, length, place, across) {
  const most = Math.max(5, Math.floor(length / 22));
  for (let count = most; count > 1; count--) {
    const ticks = ticksOf(scale, count).map((value) => ({ at: place(value), label: tick_label(value) }));
    if (ticks.length > 0 && ticks.every((tick, i) => clear(ticks[i - 1], tick, length, across))) return ticks;
  }
  const [only] = ticksOf(scale, 2);
  return only === undefined ? [] : [{ at: place(only), label: tick_label(only) }];
}

/** @param {Tick | undefined} before @param {Tick} tick @param {number} length @param {boolean} across */
function clear(before, tick, length, across) {
  if (!before) return true;
  const needed = across ? (widthOf(before.label) + widthOf(tick.label)) / 2 + APART : SIZE + 2;
  return Math.abs(tick.at - before.at) * length >= needed;
}
