/** A colour bar with ticks on a canvas. */

import { axis_ticks, paint_bar, scale_places, tick_label } from "../../pkg/tds_inversion.js";
import { resize } from "./plot.js";

/** How values become colours; `scale` is the name of one. @typedef {{lo: number, hi: number, scale: string, colours: string}} Colouring */

const HEIGHT = 30;
const SIDE = 30;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Colouring & {caption: string}} colouring
 * @param {import("./map-panel.js").Look} look
 */
export function drawColourBar(canvas, { lo, hi, scale, colours, caption }, look) {
  const width = canvas.clientWidth || 200;
  const ratio = window.devicePixelRatio || 1;
  resize(canvas, width * ratio, HEIGHT * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, HEIGHT);
  const strip = document.createElement("canvas");
  resize(strip, 256, 1);
  const image = new ImageData(256, 1);
  image.data.set(paint_bar(colours));
  strip.getContext("2d")?.putImageData(image, 0, 0);
  context.font = `11px ${look.font}`;
  const captionWidth = caption ? context.measureText(caption).width + 10 : 8;
  const length = Math.max(60, width - SIDE - captionWidth);
  context.drawImage(strip, SIDE, 2, length, 9);
  context.strokeStyle = look.line;
  context.strokeRect(SIDE - 0.5, 1.5, length + 1, 10);

  context.fillStyle = look.muted;
  context.textBaseline = "top";
  context.textAlign = "center";
  context.beginPath();
  const ticks = axis_ticks(lo, hi, scale, Math.max(2, Math.floor(length / 44)));
  const places = scale_places(lo, hi, scale, ticks);
  for (const [i, t] of ticks.entries()) {
    const at = SIDE + (places[i] ?? 0) * length;
    context.moveTo(at, 12);
    context.lineTo(at, 15);
    context.fillText(tick_label(t), at, 17);
  }
  context.stroke();
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(caption, SIDE + length + 8, 7);
}
