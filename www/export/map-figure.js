/** Maps for a paper: the pixels as a small picture inside the SVG, everything else as lines and text. */

import { paint_bar, tick_label } from "../../pkg/tds_inversion.js";
import { AXES } from "../draw/planes.js";
import { resize } from "../draw/plot.js";
import { Figure, POINTS, SIZE, at, roomBelow, roomLeft, spaced, widest, widthOf } from "./figure.js";
import { linear, paint, placeOn } from "./scale.js";

/** @typedef {import("../draw/planes.js").Plane} Plane */
/** @typedef {import("../draw/map-panel.js").Pixel} Pixel */
/** @typedef {import("./scale.js").Content} Content */
/** @typedef {import("./figure.js").Box} Box */
/**
 * A plane as the screen shows it. `view`: the corner and the size of what is in sight, in pixels; `names` of the three maps;
 * `units`: what their colours mean; `bragg` in r.l.u.; `aspect`: height over width.
 * @typedef {{plane: Plane, view: Box, contents: Content[], names: string[], units: string[], bragg: Pixel[], aspect: number}} Sight
 */
/** @typedef {{millimetres: number, bragg: boolean, hatch: boolean}} Options */

/** No taller than a page, points. */
const TALLEST = 220 * POINTS;
const TITLE = 13;
const BAR = 7;
const MARGIN = 3;
/** Between maps side by side. */
const GAP = 13;

/** One map with its colour bar on the right. @param {Sight} sight @param {number} which @param {Options} options */
export function mapFigure(sight, which, options) {
  const figure = new Figure(options.millimetres);
  const content = /** @type {Content} */ (sight.contents[which]);
  // How many labels there are hangs on the height, that on the width, and that on the labels: this settles at once.
  let box = { x: 0, y: MARGIN + TITLE, w: 1, h: 120 };
  for (let turn = 0; turn < 3; turn++) {
    const left = MARGIN + roomLeft(ticksAlong(sight, "y", box.h), true);
    const right = 5 + SIZE + 5 + widest(barTicks(content, box.h, false)) + BAR + 7 + MARGIN;
    const room = figure.width - left - right;
    const h = Math.min(TALLEST, room * sight.aspect);
    box = { ...box, x: left + (room - h / sight.aspect) / 2, w: h / sight.aspect, h };
  }
  figure.height = box.y + box.h + roomBelow(true) + MARGIN;
  panel(figure, sight, which, box, options, true);
  const bar = { ...box, x: box.x + box.w + 7, w: BAR };
  colourBar(figure, content, bar, sight.units[which] ?? "", false);
  return figure.toString(`${sight.names[which]}, ${sight.plane.name}`);
}

/** All maps side by side, the first two with one colour bar. @param {Sight} sight @param {Options} options */
export function mapsFigure(sight, options) {
  const figure = new Figure(options.millimetres);
  let [left, w, h] = [0, 1, 60];
  for (let turn = 0; turn < 3; turn++) {
    left = MARGIN + roomLeft(ticksAlong(sight, "y", h), true);
    // The last label of the bar may reach beyond the map.
    const last = barTicks(/** @type {Content} */ (sight.contents[2]), w, true).at(-1);
    const beyond = last ? Math.max(4, widthOf(last.label) / 2 - (1 - last.at) * w) : 4;
    h = Math.min(TALLEST, ((figure.width - left - 2 * GAP - MARGIN - beyond) / 3) * sight.aspect);
    w = h / sight.aspect;
  }
  const boxes = [0, 1, 2].map((i) => ({ x: left + i * (w + GAP), y: MARGIN + TITLE, w, h }));
  const [data, model, residual] = /** @type {[Box, Box, Box]} */ (boxes);
  for (const [i, box] of boxes.entries()) panel(figure, sight, i, box, options, i === 0);
  const y = data.y + h + roomBelow(true) + 6;
  // One bar for both: as wide as one map and a half, in their middle.
  const shared = { x: data.x + 0.25 * w, y, w: model.x + 0.75 * w - data.x - 0.25 * w, h: BAR - 1 };
  colourBar(figure, /** @type {Content} */ (sight.contents[0]), shared, sight.units[0] ?? "", true);
  const own = { x: residual.x, y, w, h: BAR - 1 };
  colourBar(figure, /** @type {Content} */ (sight.contents[2]), own, sight.units[2] ?? "", true);
  figure.height = y + BAR + 25 + MARGIN;
  return figure.toString(`${sight.names.join(", ")}, ${sight.plane.name}`);
}

/** @param {Figure} figure @param {Sight} sight @param {number} which @param {Box} box @param {Options} options @param {boolean} first Whether it has the labels on the left. */
function panel(figure, sight, which, box, options, first) {
  const { plane, view, names } = sight;
  const content = /** @type {Content} */ (sight.contents[which]);
  const place = first ? ` (${plane.name.replace(/^[hkl]\b/, "*$&*")})` : "";
  const title = `${names[which]}${place}`;
  figure.text(box.x, box.y - 4, widthOf(title) > box.w + 6 && place ? (names[which] ?? "") : title);
  figure.within(box, () => {
    if (options.hatch) hatch(figure, plane, view, content, box);
    pixels(figure, plane, view, content, box);
    if (options.bragg) marks(figure, sight, box);
  });
  figure.axes(box, {
    across: ticksAlong(sight, "x", box.w),
    up: ticksAlong(sight, "y", box.h),
    below: `*${AXES[plane.xAxis]}* (r.l.u.)`,
    ...(first ? { left: `*${AXES[plane.yAxis]}* (r.l.u.)` } : {}),
    labelled: { up: first },
  });
}

/** @param {Sight} sight @param {"x" | "y"} side @param {number} length Points. */
function ticksAlong({ plane, view }, side, length) {
  const [start, step, from, n] =
    side === "x" ? [plane.xStart, plane.xStep, view.x, view.w] : [plane.yStart, plane.yStep, view.y, view.h];
  // From the rim of the first pixel to that of the last one.
  const lo = start + (from - 0.5) * step;
  const place = (/** @type {number} */ value) => (value - lo) / (n * step);
  if (n === 1) return [{ at: 0.5, label: tick_label(start) }];
  // Both sides alike, unless that leaves too few.
  const scale = linear(lo, lo + n * step);
  const alike = spaced(scale, length, place, true);
  return side === "x" || alike.length > 2 ? alike : spaced(scale, length, place, false);
}

/** The pixels in sight as a picture of their own size. @param {Figure} figure @param {Plane} plane @param {Box} view @param {Content} content @param {Box} box */
function pixels(figure, plane, view, content, box) {
  const { x0, y0, nx, ny } = whole(view, plane);
  const canvas = document.createElement("canvas");
  resize(canvas, nx, ny);
  const image = new ImageData(plane.nx, plane.ny);
  image.data.set(paint(plane, content));
  // Rows of the picture go down, those of the plane up.
  canvas.getContext("2d")?.putImageData(image, -x0, -(plane.ny - y0 - ny));
  const [px, py] = [box.w / view.w, box.h / view.h];
  const corner = { x: box.x + (x0 - view.x) * px, y: box.y + box.h - (y0 + ny - view.y) * py };
  figure.add(
    `<image x="${at(corner.x)}" y="${at(corner.y)}" width="${at(nx * px)}" height="${at(ny * py)}" preserveAspectRatio="none" image-rendering="pixelated" href="${canvas.toDataURL()}"/>`,
  );
}

/** Whole pixels that cover what is in sight. @param {Box} view @param {Plane} plane */
function whole(view, plane) {
  const [x0, y0] = [Math.max(0, Math.floor(view.x)), Math.max(0, Math.floor(view.y))];
  const nx = Math.min(plane.nx, Math.ceil(view.x + view.w)) - x0;
  const ny = Math.min(plane.ny, Math.ceil(view.y + view.h)) - y0;
  return { x0, y0, nx, ny };
}

/** Slanted lines where data are left out. @param {Figure} figure @param {Plane} plane @param {Box} view @param {Content} content @param {Box} box */
function hatch(figure, plane, view, content, box) {
  const stencil = plane.wasm.paint_mask(content.values, content.used);
  const { x0, y0, nx, ny } = whole(view, plane);
  const [px, py] = [box.w / view.w, box.h / view.h];
  const masked = (/** @type {number} */ x, /** @type {number} */ y) =>
    x < x0 + nx && stencil[4 * ((plane.ny - 1 - y) * plane.nx + x) + 3] === 255;
  let d = "";
  for (let y = y0; y < y0 + ny; y++) {
    for (let x = x0; x < x0 + nx; x++) {
      const from = x;
      while (masked(x, y)) x++;
      if (x === from) continue;
      const top = box.y + box.h - (y + 1 - view.y) * py;
      const width = at((x - from) * px);
      d += `M${at(box.x + (from - view.x) * px)} ${at(top)}h${width}v${at(py)}h-${width}z`;
    }
  }
  const lines = figure.define(
    '<pattern id="NAME" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="3" fill="#f2f2f2"/><path d="M0 0v3" stroke="#8c8c8c" stroke-width="0.9"/></pattern>',
  );
  figure.path(d, `fill="url(#${lines})"`);
}

/** @param {Figure} figure @param {Sight} sight @param {Box} box */
function marks(figure, { plane, view, bragg }, box) {
  const r = Math.min(1.3, 0.012 * box.w);
  let d = "";
  for (const point of bragg) {
    const x = box.x + (((point.x - plane.xStart) / plane.xStep + 0.5 - view.x) * box.w) / view.w;
    const y = box.y + box.h - (((point.y - plane.yStart) / plane.yStep + 0.5 - view.y) * box.h) / view.h;
    d += `M${at(x - r)} ${at(y)}a${at(r)} ${at(r)} 0 1 0 ${at(2 * r)} 0a${at(r)} ${at(r)} 0 1 0 ${at(-2 * r)} 0z`;
  }
  figure.path(d, 'fill="none" stroke="#fff" stroke-width="1"');
  figure.path(d, 'fill="none" stroke="#444" stroke-width="0.5"');
}

/** @param {Content} content @param {number} length Points. @param {boolean} across */
const barTicks = (content, length, across) =>
  spaced(content, length, (value) => placeOn(content, value), across).filter(({ at }) => at >= -1e-6 && at <= 1 + 1e-6);

/** @param {Figure} figure @param {Content} content @param {Box} box @param {string} caption @param {boolean} lying */
function colourBar(figure, content, { x, y, w, h }, caption, lying) {
  const stops = colours(content.colours)
    .map(([place, colour]) => `<stop offset="${at(place)}" stop-color="${colour}"/>`)
    .join("");
  const way = lying ? 'x2="1" y2="0"' : 'x2="0" y1="1" y2="0"';
  const fill = figure.define(`<linearGradient id="NAME" ${way}>${stops}</linearGradient>`);
  const frame = `x="${at(x)}" y="${at(y)}" width="${at(w)}" height="${at(h)}"`;
  figure.add(`<rect ${frame} fill="url(#${fill})" stroke="#000" stroke-width="0.6"/>`);
  const ticks = barTicks(content, lying ? w : h, lying);
  if (lying) {
    figure.path(ticks.map((t) => `M${at(x + t.at * w)} ${at(y + h)}v2.5`).join(""), 'stroke="#000" stroke-width="0.6"');
    for (const t of ticks) figure.text(x + t.at * w, y + h + 10.5, t.label, { anchor: "middle" });
    figure.text(x + w / 2, y + h + 21, caption, { anchor: "middle" });
    return;
  }
  figure.path(
    ticks.map((t) => `M${at(x + w)} ${at(y + h * (1 - t.at))}h2.5`).join(""),
    'stroke="#000" stroke-width="0.6"',
  );
  for (const t of ticks) figure.text(x + w + 5, y + h * (1 - t.at) + 2.8, t.label);
  figure.text(x + w + 5 + widest(ticks) + 3 + SIZE, y + h / 2, caption, { anchor: "middle", turned: true });
}

/** Colours of a bar with their places, so many that it looks as the map does. @param {string} name @returns {[number, string][]} */
function colours(name) {
  const rgba = paint_bar(name);
  return Array.from({ length: 33 }, (_, i) => {
    const n = Math.min(255, 8 * i);
    return [n / 255, `rgb(${rgba[4 * n]},${rgba[4 * n + 1]},${rgba[4 * n + 2]})`];
  });
}
