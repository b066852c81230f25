/** Data along a line for a paper: points with error bars, the model as a curve, and below them the residual. */

import { AXES } from "../draw/planes.js";
import { Figure, POINTS, at, roomBelow, roomLeft, spaced, widthOf } from "./figure.js";
import { linear, placeOn } from "./scale.js";

/** @typedef {import("./figure.js").Box} Box */
/** @typedef {import("./figure.js").Tick} Tick */
/** @typedef {import("../draw/planes.js").Plane} Plane */
/** @typedef {import("../draw/scan-panel.js").Curves} Curves */
/** A line as the screen shows it. @typedef {{plane: Plane, curves: Curves[], names: string[], units: string[]}} Line */

const MARGIN = 4;
const TITLE = 13;
const ACCENT = "#0a5fb4";
const PALE = "#8a9098";

/** @param {Line} line @param {readonly number[]} which Of the three, one below the other. @param {number} millimetres */
export function scanFigure(line, which, millimetres) {
  const figure = new Figure(millimetres);
  const { plane, units } = line;
  const places = plane.scan?.at ?? new Float64Array();
  const [first = 0, last = 1] = [places[0], places[places.length - 1]];
  const room = 0.03 * (last - first) || 0.5;
  const ends = linear(first - room, last + room);
  const across = (/** @type {number} */ value) => placeOn(ends, value);
  // The residual alone is as high as anything; below the data it is less.
  const heights = which.map((i, n) => figure.width * (n > 0 ? 0.25 : which.length > 1 || i === 2 ? 0.45 : 0.6));
  const ups = which.map((i, n) => upwards(line, i, Math.min(110 * POINTS, heights[n] ?? 1)));
  const left = MARGIN + Math.max(...ups.map((ticks) => roomLeft(ticks, true)));
  const w = figure.width - left - MARGIN - 5;
  const below = spaced(ends, w, across, true);
  const shown = which.map((i) => line.curves[i]);
  let y = MARGIN + heading(figure, plane.name, shown, left, w);
  for (const [n, i] of which.entries()) {
    const box = { x: left, y, w, h: Math.min(110 * POINTS, heights[n] ?? 1) };
    const curves = /** @type {Curves} */ (line.curves[i]);
    const undermost = n === which.length - 1;
    figure.within(box, () => draw(figure, { at: places }, curves, box, across));
    figure.axes(box, {
      across: below,
      up: ups[n] ?? [],
      labelled: { across: undermost },
      ...(undermost ? { below: `*${AXES[plane.scan?.axis ?? 0]}* (r.l.u.)` } : {}),
    });
    // Both names at one distance from the left.
    figure.text(MARGIN + 8, y + box.h / 2, units[i] ?? "", { anchor: "middle", turned: true });
    y += box.h + 8;
  }
  figure.height = y - 8 + roomBelow(true) + MARGIN;
  return figure.toString(`${which.map((i) => line.names[i]).join(", ")} along ${plane.name}`);
}

/** @param {Line} line @param {number} which @param {number} length Points. @returns {Tick[]} */
function upwards({ curves }, which, length) {
  return heights(/** @type {Curves} */ (curves[which]), length);
}

/** Ticks that are on the axis. @param {Curves} scale @param {number} length Points. @returns {Tick[]} */
function heights(scale, length) {
  const ticks = spaced(scale, length, (value) => placeOn(scale, value), false);
  return ticks.filter(({ at }) => at >= -1e-6 && at <= 1 + 1e-6);
}

/** Data and model along a cut or around a Bragg point. @param {import("./sight.js").CutSight} cut @param {number} millimetres */
export function cutFigure({ title, line, curves }, millimetres) {
  const figure = new Figure(millimetres);
  const { at: places, ends: [first, last] = [places[0] ?? 0, places[places.length - 1] ?? 1] } = line;
  const room = 0.03 * (last - first) || 0.5;
  const ends = linear(first - room, last + room);
  const across = (/** @type {number} */ value) => placeOn(ends, value);
  const h = Math.min(110 * POINTS, 0.6 * figure.width);
  const up = heights(curves, h);
  const x = MARGIN + roomLeft(up, true);
  const w = figure.width - x - MARGIN - 5;
  const box = { x, y: MARGIN + heading(figure, title, [curves], x, w), w, h };
  figure.within(box, () => draw(figure, line, curves, box, across));
  const [, what = "", unit = ""] = /^(.*), (.*)$/.exec(line.name) ?? [];
  const below = `${what.charAt(0).toUpperCase()}${what.slice(1)} (${unit})`;
  figure.axes(box, { across: spaced(ends, w, across, true), up, left: "Intensity (arb. units)", below });
  figure.height = box.y + h + roomBelow(true) + MARGIN;
  return figure.toString(title);
}

/** Where the line lies, and what is drawn; the height of it comes back. @param {Figure} figure @param {string} title @param {readonly (Curves | undefined)[]} shown @param {number} x @param {number} w */
function heading(figure, title, shown, x, w) {
  const marks = shown.some((c) => c?.points) ? [{ name: "data", curve: false }] : [];
  if (shown.some((c) => c?.curve)) marks.push({ name: "model", curve: true });
  const width = marks.reduce((sum, { name }) => sum + 16 + widthOf(name), 0);
  const lines = widthOf(title) + width + 8 > w ? 2 : 1;
  figure.text(x, MARGIN + TITLE - 4, title);
  let from = x + w - width + 4;
  const y = MARGIN + lines * TITLE - 4;
  for (const { name, curve } of marks) {
    if (curve) figure.path(`M${at(from)} ${at(y - 2.6)}h9`, `stroke="${ACCENT}" stroke-width="1.2"`);
    else figure.add(`<circle cx="${at(from + 6)}" cy="${at(y - 2.6)}" r="1.5"/>`);
    figure.text(from + 12, y, name);
    from += 16 + widthOf(name);
  }
  return lines * TITLE;
}

/** @param {Figure} figure @param {{at: Float64Array, step?: number}} line A curve ends where the next point is much farther than a step. @param {Curves} curves @param {Box} box @param {(value: number) => number} across 0 to 1. */
function draw(figure, { at: places, step = Infinity }, curves, box, across) {
  const { points, sigma, curve, used, zero } = curves;
  const xOf = (/** @type {number} */ i) => box.x + box.w * across(places[i] ?? NaN);
  // Far outside is as good as outside.
  const yOf = (/** @type {number} */ value) => box.y + box.h * (1 - Math.min(2, Math.max(-1, placeOn(curves, value))));
  if (zero) {
    const level = (/** @type {number} */ value) => `M${at(box.x)} ${at(yOf(value))}h${at(box.w)}`;
    figure.path(level(0), `stroke="${PALE}" stroke-width="0.6"`);
    if (sigma) figure.path(level(1) + level(-1), `stroke="${PALE}" stroke-width="0.6" stroke-dasharray="2.5 2.5"`);
  }
  if (points) {
    let bars = "";
    let dots = "";
    for (const [i, value] of points.entries()) {
      if (!Number.isFinite(value)) continue;
      const [x, y] = [at(xOf(i)), yOf(value)];
      const spread = zero ? 1 : (sigma?.[i] ?? 0);
      if (sigma && spread > 0) bars += `M${x} ${at(yOf(value - spread))}V${at(yOf(value + spread))}`;
      // What is left out of the fit is hollow and pale.
      dots += `<circle cx="${x}" cy="${at(y)}" r="1.2"${used?.[i] === 0 ? ` fill="#fff" stroke="${PALE}" stroke-width="0.5"` : ""}/>`;
    }
    figure.path(bars, 'stroke="#000" stroke-width="0.5"');
    figure.add(dots);
  }
  if (!curve) return;
  let d = "";
  let pen = "M";
  for (const [i, value] of curve.entries()) {
    if ((places[i] ?? NaN) - (places[i - 1] ?? NaN) > 1.9 * step) pen = "M";
    if (Number.isFinite(value)) d += `${pen}${at(xOf(i))} ${at(yOf(value))}`;
    pen = Number.isFinite(value) ? "L" : "M";
  }
  figure.path(d, `fill="none" stroke="${ACCENT}" stroke-width="1.2" stroke-linejoin="round"`);
}
