/** A misfit over two springs as a map, with the ways that were gone over it. */

import { axis_ticks, paint_bar } from "../../../pkg/tds_inversion.js";
import { Plot, resize } from "../../draw/plot.js";

/** @typedef {{from: number, to: number, n: number, name: string}} Axis */
/** @typedef {{points: number[][], colour: string, line: boolean}} Way */

/** Every factor of so much has an edge of its own. */
const STEP = Math.SQRT2;

export class Landscape {
  #plot;
  #pixels = document.createElement("canvas");
  #across;
  #up;

  /** @param {HTMLCanvasElement} canvas @param {Axis} across @param {Axis} up */
  constructor(canvas, across, up) {
    this.#plot = new Plot(canvas, { left: 34, right: 8, top: 4, bottom: 32 });
    this.#across = across;
    this.#up = up;
  }

  /** Where the values are wanted, row by row from below. */
  get places() {
    const at = (/** @type {Axis} */ { from, to, n }, /** @type {number} */ i) => from + ((to - from) * (i + 0.5)) / n;
    const [across, up] = [this.#across, this.#up];
    return Array.from({ length: across.n * up.n }, (_, i) => [
      at(across, i % across.n),
      at(up, Math.floor(i / across.n)),
    ]);
  }

  /** @param {Float64Array} values NaN where there is none yet. @param {Way[]} ways @param {import("../../draw/map-panel.js").Look} look */
  draw(values, ways, look) {
    const [across, up] = [this.#across, this.#up];
    const canvas = this.#plot.canvas;
    if (canvas.clientWidth === 0) return;
    const context = this.#plot.begin(canvas.clientWidth < 420 ? 0.8 : 0.6);
    if (!context) return;
    const { x, y, w, h } = this.#plot.box;
    this.#paint(values);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#pixels, x, y, w, h);
    const toX = (/** @type {number} */ value) => x + ((value - across.from) / (across.to - across.from)) * w;
    const toY = (/** @type {number} */ value) => y + h - ((value - up.from) / (up.to - up.from)) * h;
    const ticks = ({ from = 0, to = 1 }, /** @type {number} */ room) =>
      axis_ticks(from, to, "linear", Math.max(2, Math.floor(room)));
    this.#plot.axes(
      context,
      look,
      { ticks: ticks(across, w / 60), at: toX, name: across.name },
      { ticks: ticks(up, h / 40), at: toY, name: up.name },
    );
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    for (const { points, colour, line } of ways) {
      const [last] = points.slice(-1);
      if (!last) continue;
      for (const [width, stroke] of /** @type {const} */ ([
        [4.5, "rgb(0 0 0 / 0.55)"],
        [2, colour],
      ])) {
        context.strokeStyle = stroke;
        context.fillStyle = stroke;
        context.lineWidth = width;
        context.beginPath();
        if (line) for (const [a = 0, b = 0] of points) context.lineTo(toX(a), toY(b));
        context.stroke();
        context.beginPath();
        const radius = width > 3 ? 3.4 : 2.2;
        for (const [a = 0, b = 0] of points) {
          context.moveTo(toX(a) + radius, toY(b));
          context.arc(toX(a), toY(b), radius, 0, 2 * Math.PI);
        }
        context.fill();
      }
    }
    context.restore();
    this.#plot.show();
  }

  /** In steps of the logarithm, so that edges are lines of equal misfit. @param {Float64Array} values */
  #paint(values) {
    const { n: nx } = this.#across;
    const { n: ny } = this.#up;
    const known = values.filter((value) => value > 0);
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const steps = Math.max(1, Math.floor(Math.log(most / least) / Math.log(STEP)));
    const bar = paint_bar("viridis");
    resize(this.#pixels, nx, ny);
    const image = new ImageData(nx, ny);
    values.forEach((value, i) => {
      if (!(value > 0)) return;
      const step = Math.floor(Math.log(value / least) / Math.log(STEP));
      // Valleys are light: there one wants to be.
      const shade = 4 * Math.round((1 - Math.min(1, step / steps)) * (bar.length / 4 - 1));
      const at = 4 * ((ny - 1 - Math.floor(i / nx)) * nx + (i % nx));
      image.data.set(bar.subarray(shade, shade + 4), at);
    });
    this.#pixels.getContext("2d")?.putImageData(image, 0, 0);
  }
}
