/**
 * One intensity map on a canvas: pixels, hatch, Bragg marks, axes and the crosshair.
 */

import { axis_ticks } from "../../pkg/tds_inversion.js";
import { AXES } from "./planes.js";
import { Plot, hatch, resize } from "./plot.js";

/** @typedef {import("./planes.js").Plane} Plane */
/** @typedef {{x: number, y: number}} Pixel */
/** @typedef {{ink: string, muted: string, line: string, paper: string, hatch: string, accent: string, font: string}} Look */
/** @typedef {{values: Float64Array, used: Uint8Array, lo: number, hi: number, log: boolean, colours: string}} Content */

const MARGIN = { left: 30, right: 8, top: 4, bottom: 30 };

export class MapPanel {
  /** @type {Plane | null} */
  #plane = null;
  #pixels = document.createElement("canvas");
  #plot;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.#plot = new Plot(canvas, MARGIN);
  }

  /**
   * @param {Plane} plane @param {Content} content @param {Look} look
   * @param {{bragg: Pixel[], rings: Pixel[]}} marks Bragg points in r.l.u., and pixels to look at.
   * @param {number} aspect Height of the plot over its width.
   */
  draw(plane, content, look, { bragg, rings }, aspect) {
    this.#plane = plane;
    const context = this.#plot.begin(aspect);
    if (!context) return;
    this.#drawMask(context, plane, content, look);
    const { values, used, lo, hi, log, colours } = content;
    this.#drawPixels(context, plane, plane.wasm.paint(values, used, lo, hi, log, colours));
    this.#drawBragg(context, plane, bragg);
    this.#drawRings(context, plane, rings);
    const { w, h } = this.#plot.box;
    this.#plot.axes(
      context,
      look,
      {
        ticks: ticksOf(plane.xStart, plane.xStep, plane.nx, w / 34),
        at: (t) => this.#toCss(plane, (t - plane.xStart) / plane.xStep, 0).x,
        name: AXES[plane.xAxis] ?? "",
      },
      {
        ticks: ticksOf(plane.yStart, plane.yStep, plane.ny, h / 26),
        at: (t) => this.#toCss(plane, 0, (t - plane.yStart) / plane.yStep).y,
        name: AXES[plane.yAxis] ?? "",
      },
    );
    this.showCrosshair(null);
  }

  /** @param {CanvasRenderingContext2D} context @param {Plane} plane @param {Uint8ClampedArray} rgba */
  #drawPixels(context, plane, rgba) {
    const { x, y, w, h } = this.#plot.box;
    resize(this.#pixels, plane.nx, plane.ny);
    const image = new ImageData(plane.nx, plane.ny);
    image.data.set(rgba);
    this.#pixels.getContext("2d")?.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = plane.nx > w * (window.devicePixelRatio || 1);
    context.drawImage(this.#pixels, x, y, w, h);
  }

  /** A quiet hatch where data are left out. @param {CanvasRenderingContext2D} context @param {Plane} plane
   * @param {Content} content @param {Look} look */
  #drawMask(context, plane, { values, used }, look) {
    this.#drawPixels(context, plane, plane.wasm.paint_mask(values, used));
    const { x, y, w, h } = this.#plot.box;
    context.save();
    context.globalCompositeOperation = "source-in";
    context.fillStyle = look.line;
    context.fillRect(x, y, w, h);
    context.globalCompositeOperation = "source-atop";
    hatch(context, this.#plot.box, look);
    context.restore();
  }

  /** @param {CanvasRenderingContext2D} context @param {Plane} plane @param {Pixel[]} points in r.l.u. */
  #drawBragg(context, plane, points) {
    context.save();
    context.beginPath();
    for (const point of points) {
      const { x, y } = this.#toCss(
        plane,
        (point.x - plane.xStart) / plane.xStep,
        (point.y - plane.yStart) / plane.yStep,
      );
      context.moveTo(x + 1.5, y);
      context.arc(x, y, 1.5, 0, 2 * Math.PI);
    }
    context.lineWidth = 0.75;
    context.strokeStyle = "rgb(128 128 128 / 0.75)";
    context.stroke();
    context.restore();
  }

  /** Two strokes, so that the rings are seen on dark and on light pixels. @param {CanvasRenderingContext2D} context
   * @param {Plane} plane @param {Pixel[]} pixels */
  #drawRings(context, plane, pixels) {
    const { x, y, w, h } = this.#plot.box;
    const radius = Math.max(4.5, (0.75 * w) / plane.nx);
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    context.beginPath();
    for (const pixel of pixels) {
      const at = this.#toCss(plane, pixel.x, pixel.y);
      context.moveTo(at.x + radius, at.y);
      context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
    }
    for (const [width, colour] of /** @type {const} */ ([
      [3, "rgb(0 0 0 / 0.65)"],
      [1.5, "#5dfc8a"],
    ])) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
    context.restore();
  }

  /** Shows the crosshair at a pixel, or none. @param {Pixel | null} pixel */
  showCrosshair(pixel) {
    const plane = this.#plane;
    if (!plane) return;
    const context = this.#plot.show();
    if (!context || !pixel) return;
    const { x, y, w, h } = this.#plot.box;
    const centre = this.#toCss(plane, pixel.x, pixel.y);
    const [pw, ph] = [Math.max(4, w / plane.nx), Math.max(4, h / plane.ny)];
    const [left, top] = [centre.x - pw / 2, centre.y - ph / 2];
    context.beginPath();
    for (const [x0, y0, x1, y1] of [
      [x, centre.y, left - 3, centre.y],
      [left + pw + 3, centre.y, x + w, centre.y],
      [centre.x, y, centre.x, top - 3],
      [centre.x, top + ph + 3, centre.x, y + h],
    ]) {
      if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) continue;
      if (x1 < x0 || y1 < y0) continue;
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
    }
    context.rect(left - 1, top - 1, pw + 2, ph + 2);
    // Two strokes, so that the lines are seen on dark and on light pixels.
    context.lineWidth = 2.5;
    context.strokeStyle = "rgb(0 0 0 / 0.5)";
    context.stroke();
    context.lineWidth = 1;
    context.strokeStyle = "#ffffff";
    context.stroke();
  }

  /** Draws a closed outline over what is shown. @param {Pixel[]} corners In numbers of pixels, fractions allowed. */
  showOutline(corners) {
    const plane = this.#plane;
    const context = this.canvas.getContext("2d");
    if (!plane || !context || corners.length === 0) return;
    const { x, y, w, h } = this.#plot.box;
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    context.beginPath();
    for (const corner of corners) {
      const at = this.#toCss(plane, corner.x, corner.y);
      context.lineTo(at.x, at.y);
    }
    context.closePath();
    for (const corner of corners) {
      const at = this.#toCss(plane, corner.x, corner.y);
      context.rect(at.x - 2, at.y - 2, 4, 4);
    }
    for (const [width, colour] of /** @type {const} */ ([
      [3.5, "rgb(0 0 0 / 0.6)"],
      [1.5, "#ffffff"],
    ])) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
    context.restore();
  }

  /** Pixels of the plane that a pointer can tell apart. */
  get reach() {
    const { w, h } = this.#plot.box;
    const { nx = 1, ny = 1 } = this.#plane ?? {};
    return { x: (6 * nx) / w, y: (6 * ny) / h };
  }

  /** Where a pointer is in numbers of pixels, with fractions; beyond the rim, on it. @param {{clientX: number, clientY: number}} event @returns {Pixel | null} */
  placeAt(event) {
    const plane = this.#plane;
    if (!plane) return null;
    const canvas = this.canvas.getBoundingClientRect();
    const { x, y, w, h } = this.#plot.box;
    const within = (/** @type {number} */ part, /** @type {number} */ n) => Math.min(1, Math.max(0, part)) * n - 0.5;
    return {
      x: within((event.clientX - canvas.left - x) / w, plane.nx),
      y: within(1 - (event.clientY - canvas.top - y) / h, plane.ny),
    };
  }

  /** The pixel under a pointer, or null. @param {{clientX: number, clientY: number}} event @returns {Pixel | null} */
  pixelAt(event) {
    const plane = this.#plane;
    if (!plane) return null;
    const place = this.#plot.placeOf(event);
    if (!place) return null;
    const { x, y, w, h } = this.#plot.box;
    const px = Math.floor(((place.x - x) / w) * plane.nx);
    const py = Math.floor((1 - (place.y - y) / h) * plane.ny);
    return px >= 0 && py >= 0 && px < plane.nx && py < plane.ny ? { x: px, y: py } : null;
  }

  /** Centre of a pixel in CSS pixels of the canvas. @param {Plane} plane @param {number} px @param {number} py */
  #toCss(plane, px, py) {
    const { x, y, w, h } = this.#plot.box;
    return { x: x + ((px + 0.5) * w) / plane.nx, y: y + h - ((py + 0.5) * h) / plane.ny };
  }
}

/** @param {number} start @param {number} step @param {number} n @param {number} room */
function ticksOf(start, step, n, room) {
  if (n === 1) return [start];
  return axis_ticks(start, start + (n - 1) * step, false, Math.max(2, Math.floor(room)));
}
