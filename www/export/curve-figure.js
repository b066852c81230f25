/** The functions of a potential for a paper, one beside the other. */

import { Figure, POINTS, at, roomBelow, roomLeft, spaced } from "./figure.js";
import { linear, placeOn } from "./scale.js";
import { heightOf } from "../potential/curves.js";

/** @typedef {import("../../pkg/whole/tds_inversion.js").CurveReport} Curve */

const MARGIN = 4;
const ACCENT = "#0a5fb4";
/** Wider than this, points, two stand side by side. */
const WIDE = 320;

/** @param {Curve[]} curves @param {number} millimetres */
export function curvesFigure(curves, millimetres) {
  const figure = new Figure(millimetres);
  const beside = Math.min(curves.length, figure.width > WIDE ? 3 : 1);
  const each = (figure.width - MARGIN) / beside;
  const h = Math.min(45 * POINTS, 0.7 * each);
  const tall = h + roomBelow(true) + 12 + MARGIN;
  for (const [i, curve] of curves.entries()) {
    const [column, row] = [i % beside, Math.floor(i / beside)];
    panel(figure, curve, { x: MARGIN + column * each, y: MARGIN + row * tall, w: each - 2 * MARGIN, h });
  }
  figure.height = MARGIN + Math.ceil(curves.length / beside) * tall;
  return figure.toString(`Functions of a potential: ${curves.map(({ name }) => name).join(", ")}`);
}

/** @param {Figure} figure @param {Curve} curve @param {import("./figure.js").Box} room */
function panel(figure, curve, room) {
  const { x, value, start, sigma, marks, across, name, unit } = curve;
  const { lo, hi } = heightOf(curve);
  const [vertical, ends] = [linear(lo, hi), linear(x[0] ?? 0, x[x.length - 1] ?? 1)];
  const up = spaced(vertical, room.h, (v) => placeOn(vertical, v), false);
  const left = roomLeft(up, true);
  const box = { x: room.x + left, y: room.y + 10, w: room.w - left, h: room.h };
  const below = spaced(ends, box.w, (v) => placeOn(ends, v), true);
  const place = (/** @type {number} */ a, /** @type {number} */ b) =>
    `${at(box.x + placeOn(ends, a) * box.w)} ${at(box.y + (1 - placeOn(vertical, b)) * box.h)}`;
  const through = (/** @type {number[]} */ list) => `M${x.map((a, k) => place(a, list[k] ?? NaN)).join("L")}`;
  figure.within(box, () => {
    figure.path(through(x.map(() => 0)), 'stroke="#c8c8c8" stroke-width="0.5"');
    figure.path(
      marks.map((mark) => `M${place(mark, lo)}L${place(mark, hi)}`).join(""),
      'stroke="#8a9098" stroke-width="0.5" stroke-dasharray="1 2"',
    );
    if (sigma) {
      const edge = (/** @type {number} */ sign) =>
        x.map((a, k) => place(a, (value[k] ?? NaN) + sign * (sigma[k] ?? 0)));
      figure.path(`M${[...edge(1), ...edge(-1).reverse()].join("L")}Z`, `fill="${ACCENT}" fill-opacity="0.25"`);
    }
    figure.path(through(start), 'fill="none" stroke="#8a9098" stroke-width="0.8" stroke-dasharray="3 2"');
    figure.path(through(value), `fill="none" stroke-linejoin="round" stroke="${ACCENT}" stroke-width="1.2"`);
  });
  figure.axes(box, { across: below, up, left: unit ? `${name} (${unit})` : name, below: across });
}
