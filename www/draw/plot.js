/**
 * A canvas with a framed plot and its axes. The picture is kept, so that what moves over it, such as a
 * crosshair, costs one copy.
 */

import { tick_label } from "../../pkg/tds_inversion.js";

/** @typedef {import("./map-panel.js").Look} Look */
/** @typedef {{ticks: Iterable<number>, at: (value: number) => number, name: string}} Axis  `at`: CSS pixels of a value. */

export class Plot {
  #base = document.createElement("canvas");
  #margin;
  /** Plot rectangle in CSS pixels. */
  box = { x: 0, y: 0, w: 1, h: 1 };

  /** @param {HTMLCanvasElement} canvas @param {{left: number, right: number, top: number, bottom: number}} margin CSS pixels. */
  constructor(canvas, margin) {
    this.canvas = canvas;
    this.#margin = margin;
  }

  /** An empty picture as wide as its place on the page. @param {number} aspect Height of the plot over its width. */
  begin(aspect) {
    const { left, right, top, bottom } = this.#margin;
    const width = this.canvas.clientWidth || 200;
    const w = Math.max(40, width - left - right);
    this.box = { x: left, y: top, w, h: Math.round(w * aspect) };
    const height = this.box.h + top + bottom;
    const ratio = window.devicePixelRatio || 1;
    for (const target of [this.#base, this.canvas]) resize(target, width * ratio, height * ratio);
    this.canvas.style.height = `${height}px`;
    return this.again();
  }

  /** The picture emptied, of the size that it has. */
  again() {
    return emptied(this.#base);
  }

  /** A canvas emptied, of the size of the picture, for what is laid over or under it. @param {HTMLCanvasElement} canvas */
  layer(canvas) {
    resize(canvas, this.#base.width, this.#base.height);
    return emptied(canvas);
  }

  /** Puts a layer on the picture. @param {CanvasRenderingContext2D} context @param {HTMLCanvasElement} layer */
  lay(context, layer) {
    context.save();
    context.resetTransform();
    context.drawImage(layer, 0, 0);
    context.restore();
  }

  /** @param {CanvasRenderingContext2D} context @param {Look} look @param {Axis} across @param {Axis} up */
  axes(context, look, across, up) {
    const { x, y, w, h } = this.box;
    context.strokeStyle = look.line;
    context.lineWidth = 1;
    context.strokeRect(x - 0.5, y - 0.5, w + 1, h + 1);
    context.fillStyle = look.muted;
    context.font = `11px ${look.font}`;
    context.beginPath();
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const tick of across.ticks) {
      const at = across.at(tick);
      context.moveTo(at, y + h + 1);
      context.lineTo(at, y + h + 4);
      context.fillText(tick_label(tick), at, y + h + 6);
    }
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of up.ticks) {
      const at = up.at(tick);
      context.moveTo(x - 1, at);
      context.lineTo(x - 4, at);
      context.fillText(tick_label(tick), x - 6, at);
    }
    context.stroke();
    context.font = `italic 12px ${look.font}`;
    context.fillStyle = look.ink;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.fillText(across.name, x + w / 2, y + h + this.#margin.bottom - 3);
    context.textAlign = "left";
    context.fillText(up.name, 1, y + h / 2 + 4);
  }

  /** The canvas with the picture and nothing over it. */
  show() {
    const context = this.canvas.getContext("2d");
    if (!context) return null;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.#base, 0, 0);
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }

  /** Where in the plot a pointer is, CSS pixels of the canvas, or null. @param {{clientX: number, clientY: number}} event */
  placeOf(event) {
    const canvas = this.canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - canvas.left, event.clientY - canvas.top];
    const { x, y, w, h } = this.box;
    return px >= x && px <= x + w && py >= y && py <= y + h ? { x: px, y: py } : null;
  }
}

/** A canvas with nothing on it, in CSS pixels. @param {HTMLCanvasElement} canvas */
function emptied(canvas) {
  const context = canvas.getContext("2d");
  const ratio = window.devicePixelRatio || 1;
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, canvas.width, canvas.height);
  return context;
}

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
export function resize(canvas, width, height) {
  const [w, h] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
}

/** Slanted lines over a box: nothing is shown there. @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number, w: number, h: number}} box CSS pixels. @param {{hatch: string}} look */
export function hatch(context, { x, y, w, h }, look) {
  context.strokeStyle = look.hatch;
  context.lineWidth = 1;
  context.beginPath();
  for (let d = -h; d < w; d += 4) {
    context.moveTo(x + d, y + h);
    context.lineTo(x + d + h, y);
  }
  context.stroke();
}
