/** One slice of a volume on a canvas: pixels, hatch where nothing was measured, axes, crosshair, marks. */

import { axis_ticks, paint_bar, scale_places } from "../../pkg/tds_inversion.js";
import { Plot, hatch, resize } from "./plot.js";

/** @typedef {import("./map-panel.js").Look} Look */
/** @typedef {{x: number, y: number}} Pixel  Numbers of a pixel, fractions allowed. */
/** Coordinates along one side, and what to call it. @typedef {{centres: ArrayLike<number>, name: string}} Side */
/**
 * Value of pixel (x, y) at `y · width + x`, NaN where there is none. `down`: the first line is the top one.
 * @typedef {{width: number, height: number, values: ArrayLike<number>, x: Side, y: Side, down?: boolean}} Picture
 */
/** @typedef {import("./colour-bar.js").Colouring} Colouring */

/** Longer names stand in the caption alone. */
const MOST_LETTERS = 2;

const MARGIN = { left: 34, right: 8, top: 4, bottom: 30 };

export class SlicePanel {
  /** @type {Picture | null} */
  #picture = null;
  #pixels = document.createElement("canvas");
  #plot;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.#plot = new Plot(canvas, MARGIN);
  }

  /** @param {Picture} picture @param {Colouring} colouring @param {Look} look @param {number} aspect Height of the plot over its width. */
  draw(picture, colouring, look, aspect) {
    this.#picture = picture;
    const context = this.#plot.begin(aspect);
    if (!context) return;
    const { x, y, w, h } = this.#plot.box;
    this.#hatch(context, look);
    this.#paint(picture, colouring);
    context.imageSmoothingEnabled = picture.width > w * (window.devicePixelRatio || 1);
    context.drawImage(this.#pixels, x, y, w, h);
    const ticks = (/** @type {Side} */ { centres }, /** @type {number} */ room) => {
      if (centres.length < 2) return [centres[0] ?? 0];
      const list = [...axis_ticks(...ends(centres), "linear", Math.max(2, Math.floor(room)))];
      // Rows and columns have whole numbers.
      return picture.down ? list.filter(Number.isInteger) : list;
    };
    this.#plot.axes(
      context,
      look,
      {
        ticks: ticks(picture.x, w / 40),
        at: (t) => this.#toCss({ x: place(picture.x.centres, t), y: 0 }).x,
        name: picture.x.name,
      },
      {
        ticks: ticks(picture.y, h / 26),
        at: (t) => this.#toCss({ x: 0, y: place(picture.y.centres, t) }).y,
        name: picture.y.name.length > MOST_LETTERS ? "" : picture.y.name,
      },
    );
    this.mark(null, [], null);
  }

  /** @param {CanvasRenderingContext2D} context @param {Look} look */
  #hatch(context, look) {
    const { x, y, w, h } = this.#plot.box;
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    context.fillStyle = look.line;
    context.fillRect(x, y, w, h);
    hatch(context, this.#plot.box, look);
    context.restore();
  }

  /** @param {Picture} picture @param {Colouring} colouring */
  #paint(picture, { lo, hi, scale, colours }) {
    const { width, height, values } = picture;
    resize(this.#pixels, width, height);
    const table = new Uint32Array(new Uint8Array(paint_bar(colours)).buffer);
    const last = table.length - 1;
    const image = new ImageData(width, height);
    const out = new Uint32Array(image.data.buffer);
    const places = scale_places(lo, hi, scale, Float64Array.from(values));
    const [left, upright] = [isFalling(picture.x.centres), this.#isUpright(picture)];
    for (let row = 0; row < height; row++) {
      // Lines of the image run from the top.
      const y = upright ? height - 1 - row : row;
      for (let column = 0; column < width; column++) {
        const part = places[y * width + (left ? width - 1 - column : column)] ?? NaN;
        if (!Number.isFinite(part)) continue;
        out[row * width + column] = table[Math.round(Math.min(1, Math.max(0, part)) * last)] ?? 0;
      }
    }
    this.#pixels.getContext("2d")?.putImageData(image, 0, 0);
  }

  /**
   * Shows what lies over the picture.
   * @param {Pixel | null} cross @param {(Pixel & {name: string})[]} points @param {{from: Pixel, to: Pixel} | null} frame A part that is wanted.
   */
  mark(cross, points, frame) {
    const context = this.#plot.show();
    if (!context || !this.#picture) return;
    const { x, y, w, h } = this.#plot.box;
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    context.beginPath();
    if (cross) {
      const at = this.#toCss(cross);
      context.moveTo(x, at.y);
      context.lineTo(x + w, at.y);
      context.moveTo(at.x, y);
      context.lineTo(at.x, y + h);
    }
    if (frame) {
      const [a, b] = [this.#toCss(frame.from), this.#toCss(frame.to)];
      context.rect(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.abs(a.x - b.x), Math.abs(a.y - b.y));
    }
    for (const point of points) {
      const at = this.#toCss(point);
      context.moveTo(at.x + 6, at.y);
      context.arc(at.x, at.y, 6, 0, 2 * Math.PI);
    }
    // Two strokes, so that the lines are seen on dark and on light pixels.
    for (const [width, colour] of /** @type {const} */ ([
      [3, "rgb(0 0 0 / 0.55)"],
      [1, "#ffffff"],
    ])) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
    context.font = `bold 12px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textBaseline = "middle";
    for (const point of points) {
      const at = this.#toCss(point);
      context.lineWidth = 3;
      context.strokeStyle = "rgb(0 0 0 / 0.7)";
      context.strokeText(point.name, at.x + 9, at.y);
      context.fillStyle = "#ffffff";
      context.fillText(point.name, at.x + 9, at.y);
    }
    context.restore();
  }

  /** Where a pointer is, in pixels of the picture with fractions, or null. @param {{clientX: number, clientY: number}} event @returns {Pixel | null} */
  placeOf(event) {
    const picture = this.#picture;
    const at = picture && this.#plot.placeOf(event);
    if (!at) return null;
    const { x, y, w, h } = this.#plot.box;
    const across = ((at.x - x) / w) * picture.width - 0.5;
    const up = (1 - (at.y - y) / h) * picture.height - 0.5;
    const inside = (/** @type {number} */ v, /** @type {number} */ n) => Math.min(n - 1, Math.max(0, v));
    return {
      x: inside(isFalling(picture.x.centres) ? picture.width - 1 - across : across, picture.width),
      y: inside(this.#isUpright(picture) ? up : picture.height - 1 - up, picture.height),
    };
  }

  /** Whether the first line is at the bottom. @param {Picture} picture */
  #isUpright(picture) {
    return !picture.down && !isFalling(picture.y.centres);
  }

  /** CSS pixels of the canvas. @param {Pixel} pixel */
  #toCss(pixel) {
    const picture = this.#picture;
    const { x, y, w, h } = this.#plot.box;
    if (!picture) return { x, y };
    const across = isFalling(picture.x.centres) ? picture.width - 1 - pixel.x : pixel.x;
    const up = this.#isUpright(picture) ? pixel.y : picture.height - 1 - pixel.y;
    return { x: x + ((across + 0.5) * w) / picture.width, y: y + h - ((up + 0.5) * h) / picture.height };
  }
}

/** @param {ArrayLike<number>} centres */
const isFalling = (centres) => (centres[0] ?? 0) > (centres[centres.length - 1] ?? 0);

/** Least and largest. @param {ArrayLike<number>} centres @returns {[number, number]} */
function ends(centres) {
  const [a = 0, b = 0] = [centres[0], centres[centres.length - 1]];
  return a < b ? [a, b] : [b, a];
}

/** The number of a coordinate among the centres, with a fraction between two of them. @param {ArrayLike<number>} centres @param {number} value */
export function place(centres, value) {
  const n = centres.length;
  if (n < 2) return 0;
  const falling = isFalling(centres);
  const before = (/** @type {number} */ i) => (falling ? (centres[i] ?? 0) > value : (centres[i] ?? 0) < value);
  let [low, high] = [0, n - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (before(middle)) low = middle;
    else high = middle;
  }
  const [a = 0, b = 1] = [centres[low], centres[high]];
  return low + (value - a) / (b - a);
}

/**
 * The two values that leave a small part of the others outside at either end, as the maps have it.
 * @param {ArrayLike<number>[]} lists @param {boolean} positive Whether the scale is logarithmic. @returns {[number, number]}
 */
export function rangeOf(lists, positive) {
  const total = lists.reduce((sum, { length }) => sum + length, 0);
  const step = Math.max(1, Math.floor(total / 100_000));
  /** @type {number[]} */
  const seen = [];
  for (const list of lists) {
    for (let i = 0; i < list.length; i += step) {
      const value = list[i] ?? NaN;
      if (Number.isFinite(value) && (!positive || value > 0)) seen.push(value);
    }
  }
  seen.sort((a, b) => a - b);
  const at = (/** @type {number} */ part) => seen[Math.round(part * (seen.length - 1))] ?? NaN;
  const [lo, hi] = [at(0.005), at(0.995)];
  if (!(lo <= hi)) return positive ? [1, 10] : [0, 1];
  if (positive) return hi / lo > 1.001 ? [Math.max(lo, hi * 1e-12), hi] : [lo / 1.5, hi * 1.5];
  return hi - lo > 1e-9 * Math.abs(hi) ? [lo, hi] : [lo - 0.5 * Math.abs(lo || 1), hi + 0.5 * Math.abs(hi || 1)];
}
