/** Atoms of a slab on a canvas: where they are in one snapshot, and where they belong. */

import { resize } from "../../draw/plot.js";

/** @typedef {import("../../engine/protocol.js").Scene} Scene */

const MARGIN = 10;

/**
 * @param {HTMLCanvasElement} canvas @param {Scene} scene @param {Float64Array} displacements x and y of each atom, Å.
 * @param {number} exaggeration @param {import("../../draw/map-panel.js").Look} look
 */
export function drawAtoms(canvas, scene, displacements, exaggeration, look) {
  const width = canvas.clientWidth;
  if (width === 0) return;
  const [ax = 1, ay = 0, bx = 0, by = 1] = scene.edges;
  const corners = [
    [0, 0],
    [ax, ay],
    [bx, by],
    [ax + bx, ay + by],
  ];
  const xs = corners.map(([x = 0]) => x);
  const ys = corners.map(([, y = 0]) => y);
  const [left, bottom] = [Math.min(...xs), Math.min(...ys)];
  const scale = (width - 2 * MARGIN) / (Math.max(...xs) - left);
  const height = Math.round((Math.max(...ys) - bottom) * scale + 2 * MARGIN);
  const ratio = window.devicePixelRatio || 1;
  resize(canvas, width * ratio, height * ratio);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);

  const count = scene.layers.length;
  // The cell's lowest corner lies on an atom: half a spacing further in, the slab is in the middle.
  const spacing = Math.sqrt(Math.abs(ax * by - ay * bx) / Math.max(1, count));
  const toX = (/** @type {number} */ x) => MARGIN + (x - left + spacing / 2) * scale;
  const toY = (/** @type {number} */ y) => height - MARGIN - (y - bottom + spacing / 2) * scale;
  const radius = Math.max(1.5, 0.25 * spacing * scale);
  const [lower, upper] = [look.muted, look.accent];
  for (const [layer, colour] of [
    [0, lower],
    [1, upper],
  ]) {
    context.fillStyle = String(colour);
    context.globalAlpha = layer === 0 ? 0.45 : 0.9;
    context.beginPath();
    for (let i = 0; i < count; i++) {
      if (scene.layers[i] !== layer) continue;
      const x = toX((scene.places[2 * i] ?? 0) + exaggeration * (displacements[2 * i] ?? 0));
      const y = toY((scene.places[2 * i + 1] ?? 0) + exaggeration * (displacements[2 * i + 1] ?? 0));
      const r = radius * (scene.kinds[i] === 0 ? 1 : 0.7);
      context.moveTo(x + r, y);
      context.arc(x, y, r, 0, 2 * Math.PI);
    }
    context.fill();
  }
  context.globalAlpha = 1;
  context.strokeStyle = look.ink;
  context.lineWidth = 0.75;
  context.beginPath();
  for (let i = 0; i < count; i++) {
    const [x, y] = [toX(scene.places[2 * i] ?? 0), toY(scene.places[2 * i + 1] ?? 0)];
    context.moveTo(x + 1.5, y);
    context.arc(x, y, 1.5, 0, 2 * Math.PI);
    const [dx, dy] = [displacements[2 * i] ?? 0, -(displacements[2 * i + 1] ?? 0)].map((u) => u * exaggeration * scale);
    if (Math.hypot(dx ?? 0, dy ?? 0) < 2) continue;
    context.moveTo(x, y);
    context.lineTo(x + (dx ?? 0), y + (dy ?? 0));
  }
  context.stroke();
}
