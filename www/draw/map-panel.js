/**
 * One intensity map on a canvas: pixels, hatch, Bragg marks, axes and the crosshair.
 */

import { axis_ticks } from "../../pkg/tds_inversion.js";
import { AXES } from "./planes.js";
import { Plot, hatch, resize } from "./plot.js";
import { Window } from "./window.js";

/** @typedef {import("./planes.js").Plane} Plane */
/** @typedef {{x: number, y: number}} Pixel */
/** @typedef {{ink: string, muted: string, line: string, paper: string, hatch: string, accent: string, font: string}} Look */
/** @typedef {import("./colour-bar.js").Colouring} Colouring */
/** @typedef {{values: Float64Array, used: Uint8Array} & Colouring} Content */
/**
 * A line over the map, in numbers of pixels, fractions allowed. `knobs`: its points are marked, the first one filled.
 * @typedef {{points: Pixel[], closed?: boolean, knobs?: boolean}} Stroke
 */

/** CSS pixels around the plot. */
export const MARGIN = { left: 30, right: 8, top: 4, bottom: 30 };

export class MapPanel {
  /** @type {Plane | null} */
  #plane = null;
  #pixels = document.createElement("canvas");
  /** The hatch below the pixels, and marks and axes above them: they stay where only values change. */
  #below = document.createElement("canvas");
  #above = document.createElement("canvas");
  #plot;
  #window;

  /** @param {HTMLCanvasElement} canvas @param {Window} [window] The part that is in sight, shared with linked maps. */
  constructor(canvas, window = new Window()) {
    this.canvas = canvas;
    this.#window = window;
    this.#plot = new Plot(canvas, MARGIN);
  }

  /**
   * @param {Plane} plane @param {Content} content @param {Look} look
   * @param {{bragg: Pixel[], rings: Pixel[]}} marks Bragg points in r.l.u., and pixels to look at.
   * @param {number} aspect Height of the plot over its width.
   */
  draw(plane, content, look, { bragg, rings }, aspect) {
    this.#plane = plane;
    this.#window.over(plane);
    const context = this.#plot.begin(aspect);
    if (!context) return;
    const [below, above] = [this.#plot.layer(this.#below), this.#plot.layer(this.#above)];
    if (!below || !above) return;
    this.#drawMask(below, plane, content, look);
    this.#drawBragg(above, plane, bragg);
    this.#drawRings(above, rings);
    const { w, h } = this.#plot.box;
    const view = this.#window.view;
    const [xFrom, yFrom] = [plane.xStart + view.x * plane.xStep, plane.yStart + view.y * plane.yStep];
    this.#plot.axes(
      above,
      look,
      {
        ticks: ticksOf(xFrom, plane.xStep, view.w, w / 34),
        at: (t) => this.#toCss((t - plane.xStart) / plane.xStep, 0).x,
        name: AXES[plane.xAxis] ?? "",
      },
      {
        ticks: ticksOf(yFrom, plane.yStep, view.h, h / 26),
        at: (t) => this.#toCss(0, (t - plane.yStart) / plane.yStep).y,
        name: AXES[plane.yAxis] ?? "",
      },
    );
    this.#compose(context, plane, content);
    this.showCrosshair(null);
  }

  /** Other values on the same plane, the same part of it and the same size; masked is what was. They are seen with the next crosshair. @param {Content} content */
  repaint(content) {
    const plane = this.#plane;
    const context = this.#plot.again();
    if (plane && context) this.#compose(context, plane, content);
  }

  /** @param {CanvasRenderingContext2D} context @param {Plane} plane @param {Content} content */
  #compose(context, plane, { values, used, lo, hi, scale, colours }) {
    this.#plot.lay(context, this.#below);
    this.#drawPixels(context, plane, plane.wasm.paint(values, used, lo, hi, scale, colours));
    this.#plot.lay(context, this.#above);
  }

  /** @param {CanvasRenderingContext2D} context @param {Plane} plane @param {Uint8ClampedArray} rgba */
  #drawPixels(context, plane, rgba) {
    const { x, y, w, h } = this.#plot.box;
    resize(this.#pixels, plane.nx, plane.ny);
    const image = new ImageData(/** @type {Uint8ClampedArray<ArrayBuffer>} */ (rgba), plane.nx, plane.ny);
    this.#pixels.getContext("2d")?.putImageData(image, 0, 0);
    const view = this.#window.view;
    context.imageSmoothingEnabled = view.w > w * (window.devicePixelRatio || 1);
    // Rows of the picture go down, those of the plane up.
    context.drawImage(this.#pixels, view.x, plane.ny - view.y - view.h, view.w, view.h, x, y, w, h);
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
    this.#clip(context);
    context.beginPath();
    for (const point of points) {
      const { x, y } = this.#toCss((point.x - plane.xStart) / plane.xStep, (point.y - plane.yStart) / plane.yStep);
      context.moveTo(x + 1.5, y);
      context.arc(x, y, 1.5, 0, 2 * Math.PI);
    }
    context.lineWidth = 0.75;
    context.strokeStyle = "rgb(128 128 128 / 0.75)";
    context.stroke();
    context.restore();
  }

  /** Two strokes, so that the rings are seen on dark and on light pixels. @param {CanvasRenderingContext2D} context
   * @param {Pixel[]} pixels */
  #drawRings(context, pixels) {
    const radius = Math.max(4.5, (0.75 * this.#plot.box.w) / this.#window.view.w);
    context.save();
    this.#clip(context);
    context.beginPath();
    for (const pixel of pixels) {
      const at = this.#toCss(pixel.x, pixel.y);
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
    const view = this.#window.view;
    const centre = this.#toCss(pixel.x, pixel.y);
    if (centre.x < x || centre.x > x + w || centre.y < y || centre.y > y + h) return;
    const [pw, ph] = [Math.max(4, w / view.w), Math.max(4, h / view.h)];
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

  /** Draws lines over what is shown. @param {Stroke[]} strokes */
  showStrokes(strokes) {
    const context = this.canvas.getContext("2d");
    if (!this.#plane || !context || strokes.length === 0) return;
    context.save();
    this.#clip(context);
    for (const { points, closed, knobs } of strokes) {
      context.beginPath();
      const places = points.map(({ x, y }) => this.#toCss(x, y));
      for (const [i, at] of places.entries()) context[i === 0 ? "moveTo" : "lineTo"](at.x, at.y);
      if (closed) context.closePath();
      if (knobs) for (const at of places) context.rect(at.x - 2.5, at.y - 2.5, 5, 5);
      // What only bounds is thinner than what can be taken hold of.
      for (const [width, colour] of /** @type {const} */ ([
        [knobs ? 3.5 : 2, "rgb(0 0 0 / 0.6)"],
        [knobs ? 1.5 : 0.75, "#ffffff"],
      ])) {
        context.lineWidth = width;
        context.strokeStyle = colour;
        context.stroke();
      }
      context.fillStyle = "#ffffff";
      const [first] = places;
      if (knobs && first) context.fillRect(first.x - 2.5, first.y - 2.5, 5, 5);
    }
    context.restore();
  }

  /** Pixels of the plane that a pointer can tell apart. */
  get reach() {
    const { w, h } = this.#plot.box;
    const view = this.#window.view;
    return { x: (6 * view.w) / w, y: (6 * view.h) / h };
  }

  /** Where a pointer is in numbers of pixels, with fractions; beyond the rim, on it. @param {{clientX: number, clientY: number}} event @returns {Pixel | null} */
  placeAt(event) {
    if (!this.#plane) return null;
    const canvas = this.canvas.getBoundingClientRect();
    const { x, y, w, h } = this.#plot.box;
    const view = this.#window.view;
    const within = (/** @type {number} */ part) => Math.min(1, Math.max(0, part));
    return {
      x: view.x + within((event.clientX - canvas.left - x) / w) * view.w - 0.5,
      y: view.y + within(1 - (event.clientY - canvas.top - y) / h) * view.h - 0.5,
    };
  }

  /** The pixel under a pointer, or null. @param {{clientX: number, clientY: number}} event @returns {Pixel | null} */
  pixelAt(event) {
    const plane = this.#plane;
    if (!plane) return null;
    const place = this.#plot.placeOf(event);
    if (!place) return null;
    const { x, y, w, h } = this.#plot.box;
    const view = this.#window.view;
    const px = Math.floor(view.x + ((place.x - x) / w) * view.w);
    const py = Math.floor(view.y + (1 - (place.y - y) / h) * view.h);
    return px >= 0 && py >= 0 && px < plane.nx && py < plane.ny ? { x: px, y: py } : null;
  }

  /** Centre of a pixel in CSS pixels of the canvas. @param {number} px @param {number} py */
  #toCss(px, py) {
    const { x, y, w, h } = this.#plot.box;
    const view = this.#window.view;
    return { x: x + ((px + 0.5 - view.x) * w) / view.w, y: y + h - ((py + 0.5 - view.y) * h) / view.h };
  }

  /** Nothing is drawn beyond the plot. @param {CanvasRenderingContext2D} context */
  #clip(context) {
    const { x, y, w, h } = this.#plot.box;
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
  }
}

/** Where pixels are whole numbers of steps. @param {number} start @param {number} step @param {number} n @param {number} room */
function ticksOf(start, step, n, room) {
  if (n === 1) return [start];
  return axis_ticks(start, start + (n - 1) * step, "linear", Math.max(2, Math.floor(room)));
}
