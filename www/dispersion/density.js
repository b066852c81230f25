/** The density of states beside the dispersion, on the same axis of frequencies. */

import { fitted } from "../draw/charts.js";

/** @typedef {import("../engine/protocol.js").Density} Density */

/**
 * @param {HTMLCanvasElement} canvas @param {Density | null} density @param {boolean} isOld Whether the constants have moved on since.
 * @param {Float64Array} frame Where the frequencies are: see `draw_dispersion`. @param {ReturnType<typeof import("../draw/theme.js").chartTheme>} theme
 */
export function drawDensity(canvas, density, isOld, frame, theme) {
  if (canvas.clientWidth === 0) return;
  const { width, height } = fitted(canvas.id);
  const context = canvas.getContext("2d");
  if (!context) return;
  const [, , low = 0, high = 1, , , bottom = height, top = 0] = frame;
  const ratio = theme.pixel_ratio;
  context.clearRect(0, 0, width, height);
  const [left, right] = [0.5 * ratio, width - 8 * ratio];
  context.strokeStyle = theme.grid;
  context.lineWidth = ratio;
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(left, bottom);
  context.lineTo(right, bottom);
  context.stroke();
  context.fillStyle = theme.ink;
  context.font = `${theme.font_size * ratio}px ${theme.font_family}`;
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillText("g(ν)", (left + right) / 2, bottom + 4 * ratio);
  if (!density) return;
  const { from, step, values } = density;
  const largest = Math.max(...values);
  const y = (/** @type {number} */ f) => bottom + ((f - low) / (high - low)) * (top - bottom);
  const x = (/** @type {number} */ g) => left + (g / largest) * 0.96 * (right - left);
  context.globalAlpha = isOld ? 0.35 : 1;
  context.beginPath();
  context.moveTo(left, y(from));
  values.forEach((g, n) => {
    context.lineTo(x(g), y(from + (n + 0.5) * step));
  });
  context.lineTo(left, y(from + values.length * step));
  context.fillStyle = theme.accent;
  context.save();
  context.globalAlpha *= 0.18;
  context.fill();
  context.restore();
  context.strokeStyle = theme.accent;
  context.lineWidth = 1.6 * ratio;
  context.stroke();
  context.globalAlpha = 1;
  const peak = from + (values.indexOf(largest) + 0.5) * step;
  canvas.setAttribute(
    "aria-label",
    `Density of states, highest at ${peak.toFixed(2)} THz with ${largest.toFixed(2)} modes per THz and primitive cell`,
  );
}

/** What it was made of. @param {Density} density */
export function wordsOf({ mesh, unsettled }) {
  const moves =
    unsettled === undefined || unsettled === null
      ? ""
      : ` (on a mesh half as fine, ${(100 * unsettled).toFixed(1)} % of the modes lie elsewhere)`;
  return `Density of states by tetrahedra on ${mesh.join(" × ")} wave vectors${moves}.`;
}
