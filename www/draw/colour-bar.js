/** A colour bar with ticks on a canvas. */

import { axis_ticks, paint_bar, tick_label } from "../../pkg/tds_inversion.js";
import { resize } from "./plot.js";

const HEIGHT = 30;
const SIDE = 30;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{lo: number, hi: number, log: boolean, colours: string, caption: string}} scale
 * @param {import("./map-panel.js").Look} look
 */
export function drawColourBar(canvas, scale, look) {
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
  image.data.set(paint_bar(scale.colours));
  strip.getContext("2d")?.putImageData(image, 0, 0);
  context.font = `11px ${look.font}`;
  const captionWidth = scale.caption ? context.measureText(scale.caption).width + 10 : 8;
  const length = Math.max(60, width - SIDE - captionWidth);
  context.drawImage(strip, SIDE, 2, length, 9);
  context.strokeStyle = look.line;
  context.strokeRect(SIDE - 0.5, 1.5, length + 1, 10);

  context.fillStyle = look.muted;
  context.textBaseline = "top";
  context.textAlign = "center";
  context.beginPath();
  const span = scale.log ? Math.log(scale.hi / scale.lo) : scale.hi - scale.lo;
  for (const t of axis_ticks(scale.lo, scale.hi, scale.log, Math.max(2, Math.floor(length / 44)))) {
    const place = (scale.log ? Math.log(t / scale.lo) : t - scale.lo) / span;
    const at = SIDE + place * length;
    context.moveTo(at, 12);
    context.lineTo(at, 15);
    context.fillText(tick_label(t), at, 17);
  }
  context.stroke();
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(scale.caption, SIDE + length + 8, 7);
}
