/** A share of a whole along a line, on an even scale from nothing to all of it, with the place of a question marked. */

import { axis_ticks } from "../../../pkg/tds_inversion.js";
import { Plot } from "../../draw/plot.js";

/** CSS pixels of the plot. */
const HEIGHT = 150;

export class Shares {
  #plot;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#plot = new Plot(canvas, { left: 40, right: 12, top: 8, bottom: 32 });
  }

  /**
   * @param {{x: number[], shares: number[]}} line
   * @param {{end: number, goal: number, at: number, colour: string}} marks  `goal`: a share that is looked for, at the place `at`.
   * @param {import("../../draw/map-panel.js").Look} look
   */
  draw({ x: places, shares }, { end, goal, at, colour }, look) {
    const canvas = this.#plot.canvas;
    if (canvas.clientWidth === 0) return;
    const context = this.#plot.begin(HEIGHT / Math.max(40, canvas.clientWidth - 52));
    if (!context) return;
    const { x, y, w, h } = this.#plot.box;
    const toX = (/** @type {number} */ value) => x + (value / end) * w;
    const toY = (/** @type {number} */ percent) => y + h - (percent / 100) * h;
    this.#plot.axes(
      context,
      look,
      { ticks: axis_ticks(0, end, "linear", Math.max(2, Math.floor(w / 60))), at: toX, name: "h" },
      { ticks: [0, 25, 50, 75, 100], at: toY, name: "%" },
    );
    context.lineWidth = 1.5;
    context.strokeStyle = look.muted;
    context.setLineDash([5, 4]);
    stroke(context, [
      [x, toY(100 * goal)],
      [x + w, toY(100 * goal)],
    ]);
    context.setLineDash([]);
    context.strokeStyle = look.accent;
    context.lineWidth = 2;
    stroke(context, [
      [Math.round(toX(at)), y],
      [Math.round(toX(at)), y + h],
    ]);
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = 2;
    const points = places.map(
      (place, i) => /** @type {[number, number]} */ ([toX(place), toY(100 * (shares[i] ?? 0))]),
    );
    stroke(context, points);
    for (const [i, [px, py]] of points.entries()) {
      const meant = Math.abs((places[i] ?? NaN) - at) < 1e-6;
      context.beginPath();
      context.arc(px, py, meant ? 5.5 : 2.6, 0, 2 * Math.PI);
      context.fill();
    }
    this.#plot.show();
  }
}

/** @param {CanvasRenderingContext2D} context @param {[number, number][]} points */
function stroke(context, points) {
  context.beginPath();
  for (const [px, py] of points) context.lineTo(px, py);
  context.stroke();
}
