/** The dispersion of the view “Crystal”: with a mark where Q is and on its mode, and places that can be chosen. */

import { draw_dispersion } from "../../../pkg/tds_inversion.js";
import { resize } from "../../draw/plot.js";
import { chartTheme } from "../../draw/theme.js";

/** @typedef {import("../../engine/protocol.js").Bands} Bands */
/** @typedef {import("../../engine/protocol.js").Vector} Vector */
/** @typedef {{place: number | null, frequencies: number[], mode: number | null}} Mark */

export class Dispersion {
  #canvas;
  #chosen;
  /** @type {Bands | null} */
  #bands = null;
  /** @type {Mark} */
  #mark = { place: null, frequencies: [], mode: null };
  /** Both ends of the path, of the frequencies, and their pixels. @type {Float64Array | null} */
  #frame = null;

  /** @param {HTMLCanvasElement} canvas @param {(hkl: Vector, frequency: number | null) => void} chosen */
  constructor(canvas, chosen) {
    this.#canvas = canvas;
    this.#chosen = chosen;
    canvas.addEventListener("click", (event) => this.#click(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (!entry || Math.abs(entry.contentRect.width - width) < 1) return;
      width = entry.contentRect.width;
      this.draw();
    }).observe(canvas);
  }

  /** @param {Bands | null} bands */
  open(bands) {
    this.#bands = bands;
    this.draw();
  }

  /** @param {Mark} mark */
  mark(mark) {
    this.#mark = mark;
    this.draw();
  }

  draw() {
    const [canvas, bands] = [this.#canvas, this.#bands];
    if (!bands || canvas.clientWidth === 0) return;
    const theme = chartTheme();
    const ratio = theme.pixel_ratio;
    resize(canvas, canvas.clientWidth * ratio, canvas.clientHeight * ratio);
    const { distance, branches, ticks } = bands;
    const curves = { role: "current", distance, branches, sigma: null };
    this.#frame = draw_dispersion(canvas, ticks, [curves], new Float64Array(), theme);
    this.#drawMark(ratio, theme);
    this.#name();
  }

  /** @param {number} ratio @param {ReturnType<typeof chartTheme>} theme */
  #drawMark(ratio, theme) {
    const { place, frequencies, mode } = this.#mark;
    const context = this.#canvas.getContext("2d");
    const at = place === null ? undefined : this.#bands?.distance[place];
    if (!context || !this.#frame || at === undefined) return;
    const [from = 0, to = 1, low = 0, high = 1, left = 0, right = 1, bottom = 1, top = 0] = this.#frame;
    const x = left + ((at - from) / (to - from)) * (right - left);
    const y = (/** @type {number} */ f) => bottom + ((f - low) / (high - low)) * (top - bottom);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.strokeStyle = theme.ink;
    context.lineWidth = ratio;
    context.setLineDash([3 * ratio, 3 * ratio]);
    context.beginPath();
    context.moveTo(x, bottom);
    context.lineTo(x, top);
    context.stroke();
    context.setLineDash([]);
    // The chosen one over those of equal frequency.
    const last = [...frequencies.entries()].sort(([i], [j]) => Number(i === mode) - Number(j === mode));
    for (const [i, frequency] of last) {
      context.beginPath();
      context.arc(x, y(frequency), (i === mode ? 5 : 3) * ratio, 0, 2 * Math.PI);
      context.fillStyle = i === mode ? (theme.hues[2] ?? theme.accent) : theme.background;
      context.strokeStyle = i === mode ? theme.background : theme.accent;
      context.lineWidth = 1.5 * ratio;
      context.fill();
      context.stroke();
    }
  }

  #name() {
    const { place, frequencies, mode } = this.#mark;
    const path = this.#bands?.ticks.map(({ label }) => label).join("–") ?? "";
    const frequency = frequencies[mode ?? -1];
    const marked =
      place === null
        ? "Q is not on the path"
        : `Q is marked${frequency === undefined ? "" : `, its mode at ${frequency.toFixed(2)} THz`}`;
    this.#canvas.setAttribute("aria-label", `Dispersion along ${path}; ${marked}; arrow keys move Q along the path`);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const [frame, bands] = [this.#frame, this.#bands];
    if (!frame || !bands) return;
    const [from = 0, to = 1, low = 0, high = 1, left = 0, right = 1, bottom = 1, top = 0] = frame;
    const box = this.#canvas.getBoundingClientRect();
    const ratio = this.#canvas.width / box.width;
    const [x, y] = [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
    const at = from + ((x - left) / (right - left)) * (to - from);
    let nearest = 0;
    bands.distance.forEach((d, i) => {
      if (Math.abs(d - at) < Math.abs((bands.distance[nearest] ?? 0) - at)) nearest = i;
    });
    this.#choose(nearest, low + ((y - bottom) / (top - bottom)) * (high - low));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const count = this.#bands?.distance.length ?? 0;
    if (count === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#mark.place ?? 0;
    const by = event.shiftKey ? 10 : 1;
    const next = { ArrowLeft: at - by, ArrowRight: at + by, Home: 0, End: count - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.#choose(Math.min(count - 1, Math.max(0, next)), null);
  }

  /** @param {number} place @param {number | null} frequency */
  #choose(place, frequency) {
    const hkl = this.#bands?.hkl.subarray(3 * place, 3 * place + 3);
    const [h = 0, k = 0, l = 0] = [...(hkl ?? [])].map((x) => Number(x.toFixed(6)) + 0);
    this.#chosen([h, k, l], frequency);
  }
}
