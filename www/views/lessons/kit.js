/** What the figures of the scenes are built of: controls with their labels, maps, lines. */

import { draw_lines } from "../../../pkg/tds_inversion.js";
import { drawColourBar } from "../../draw/colour-bar.js";
import { MapPanel } from "../../draw/map-panel.js";
import { aspectOf, braggPoints, planesOf } from "../../draw/planes.js";
import { resize } from "../../draw/plot.js";
import { chartTheme, look } from "../../draw/theme.js";
import { make } from "../../page/dom.js";

/** @typedef {import("../../engine/protocol.js").Columns} Columns */
/** @typedef {import("../../engine/protocol.js").Description} Description */
/** @typedef {import("./texts.js").Texts} Texts */

/**
 * What a scene gets. `say` shows where the experiment is; `fail` that it cannot go on; `seed` is where its chance begins.
 * @typedef {{place: HTMLElement, texts: Texts, seed: number, say: (words: string) => void, fail: (words: string) => void}} Kit
 *
 * What the page does with a scene. `check` says under which key of its texts the reply stands, “right” or another one, with values for it.
 * @typedef {{key: string, values?: Record<string, string>}} Reply
 * @typedef {{
 *   asks: "number" | "state", check: (answer: number) => Reply | Promise<Reply>,
 *   redraw: () => void, pause?: () => void, end: () => void,
 * }} Scene
 */

let ids = 0;
const newId = () => `lesson-${++ids}`;

/** @param {Element} element @param {...(Node | string)} children */
export function filled(element, ...children) {
  element.append(...children);
  return element;
}

/** @param {string} name @param {() => void} pressed @param {boolean} [primary] */
export function action(name, pressed, primary = false) {
  const button = make("button", name, { type: "button", ...(primary ? { class: "primary" } : {}) });
  button.addEventListener("click", pressed);
  return button;
}

/** A slider with its name and its value beside it. @param {string} name @param {{min: number, max: number, step: number, value: number}} range
 * @param {(value: number) => string} tell @param {(value: number) => void} moved */
export function slider(name, { min, max, step, value }, tell, moved) {
  const id = newId();
  const input = make("input", "", {
    type: "range",
    id,
    min: String(min),
    max: String(max),
    step: String(step),
    value: String(value),
  });
  const output = make("output", tell(value), { for: id });
  const set = (/** @type {number} */ next) => {
    input.value = String(next);
    output.textContent = tell(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  set(value);
  input.addEventListener("input", () => {
    set(Number(input.value));
    moved(Number(input.value));
  });
  const row = make("div", "", { class: "slider" });
  row.append(make("label", name, { for: id }), input, output);
  return { row, input, set };
}

/** One of several. @param {string} name @param {[string, string][]} options Values and names. @param {(value: string) => void} chosen */
export function choice(name, options, chosen) {
  const group = newId();
  const box = make("div", "", { class: "choice", role: "radiogroup", "aria-labelledby": `${group}-name` });
  box.append(make("p", name, { id: `${group}-name`, class: "facts" }));
  const inputs = options.map(([value, text], i) => {
    const input = make("input", "", { type: "radio", name: group, value });
    input.checked = i === 0;
    input.addEventListener("change", () => chosen(value));
    const label = make("label");
    label.append(input, text);
    box.append(label);
    return input;
  });
  return { box, inputs };
}

/** A canvas with what it shows under it. @param {string} caption @param {string} [kind] A class. */
export function pictured(caption, kind = "plane") {
  const figure = make("figure", "", { class: kind });
  const canvas = make("canvas", "", { role: "img", "aria-label": caption });
  const words = make("figcaption", caption);
  figure.append(words, canvas);
  const tell = (/** @type {string} */ name) => canvas.setAttribute("aria-label", name);
  return { figure, canvas, words, tell };
}

/** A map with a bar of its colours under it. @param {string} caption */
export function charted(caption) {
  const map = pictured(caption);
  const bar = make("canvas", "", { "aria-hidden": "true", class: "bar" });
  map.figure.append(bar);
  /** @param {import("../../draw/colour-bar.js").Colouring & {caption: string}} colouring */
  const colour = (colouring) => {
    if (bar.clientWidth > 0) drawColourBar(bar, colouring, look());
  };
  return { ...map, colour };
}

/** Numbers that follow the experiment. @param {string[]} names */
export function numbers(names) {
  const list = make("dl", "", { class: "numbers-in-sight" });
  const values = names.map((name) => {
    const value = make("dd", "–");
    const pair = make("div");
    pair.append(make("dt", name), value);
    list.append(pair);
    return value;
  });
  const show = (/** @type {string[]} */ texts) => {
    texts.forEach((text, i) => {
      const value = values[i];
      if (value && value.textContent !== text) value.textContent = text;
    });
  };
  return { list, show };
}

/** Maps of one plane of a data set. */
export class Planes {
  #plane;
  #description;
  #used;

  /** @param {Columns} columns @param {{crystal: Description["crystal"]}} description @param {number} [n] Which plane, where there are several. */
  constructor(columns, description, n = 0) {
    const planes = planesOf(columns, 0, 2);
    planes.forEach((plane, i) => {
      if (i !== n) plane.wasm.free();
    });
    this.#plane = planes[n];
    this.#description = description;
    this.#used = columns.used;
  }

  /** Ends of a logarithmic scale for values. @param {Float64Array} values */
  range(values) {
    const [lo = 1, hi = 10] = this.#plane?.wasm.robust_range(values, this.#used, 0.005, true) ?? [];
    return { lo, hi, scale: "log", colours: "inferno" };
  }

  /** A scale that has its middle at zero. @param {Float64Array} values */
  spread(values) {
    const half = this.#plane?.wasm.robust_spread(values, this.#used, 0.01) || 1;
    return { lo: -half, hi: half, scale: "linear", colours: "blue-red" };
  }

  /** @param {HTMLCanvasElement} canvas @param {Float64Array} values @param {import("../../draw/colour-bar.js").Colouring} colouring */
  draw(canvas, values, colouring) {
    const plane = this.#plane;
    if (!plane || canvas.clientWidth === 0) return;
    const panel = panels.get(canvas) ?? new MapPanel(canvas);
    panels.set(canvas, panel);
    const bragg = braggPoints(plane, this.#description.crystal);
    const content = { values, used: this.#used, ...colouring };
    panel.draw(plane, content, look(), { bragg, rings: [] }, aspectOf(plane, this.#description));
  }

  free() {
    this.#plane?.wasm.free();
    this.#plane = undefined;
  }
}

/** @type {WeakMap<HTMLCanvasElement, MapPanel>} */
const panels = new WeakMap();

/** @param {HTMLCanvasElement} canvas @param {(theme: ReturnType<typeof chartTheme>) => object[]} lines @param {boolean} [logX] */
export function drawLines(canvas, lines, logX = false) {
  if (canvas.clientWidth === 0) return;
  const theme = chartTheme();
  resize(canvas, canvas.clientWidth * theme.pixel_ratio, canvas.clientHeight * theme.pixel_ratio);
  draw_lines(canvas, lines(theme), logX, theme);
}

/** So long as one picture is being made, the next waits, and only the last of those that wait is made. @param {() => Promise<void>} make */
export function oneAtATime(make) {
  let busy = false;
  let again = false;
  const run = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    await make();
    busy = false;
    if (again) {
      again = false;
      run();
    }
  };
  return run;
}
