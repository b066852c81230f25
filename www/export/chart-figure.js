/** Dispersion and the course of the misfit for a paper. */

import { Figure, POINTS, at, roomBelow, roomLeft, spaced, widthOf } from "./figure.js";
import { linear, logarithmic, placeOn } from "./scale.js";

/** @typedef {import("./figure.js").Box} Box */
/** @typedef {import("./figure.js").Tick} Tick */
/** @typedef {import("./scale.js").Scale} Scale */
/** @typedef {import("../engine/protocol.js").Bands} Bands */
/** What the charts show. `known`: what `truth` is called, null where it is not shown.
 * @typedef {{course: number[], start: Bands | null, current: Bands | null, truth: Bands | null, known: string} & import("../draw/charts.js").Beside} Shown */

const MARGIN = 4;
const LEGEND = 13;
const ACCENT = "#0a5fb4";
const PUBLISHED = "#c2521b";
const STYLES = /** @type {const} */ ({
  start: 'stroke="#8a9098" stroke-width="0.8" stroke-dasharray="3 2"',
  current: `stroke="${ACCENT}" stroke-width="1.2"`,
  truth: 'stroke="#1b1d20" stroke-width="0.5"',
});

/** Frequencies along the path. @param {Shown} shown @param {number} millimetres */
export function dispersionFigure(shown, millimetres) {
  const figure = new Figure(millimetres);
  const sets = /** @type {const} */ (["start", "current", "truth"]).flatMap((role) => {
    const bands = shown[role];
    return bands
      ? [{ role, bands, name: role === "truth" ? shown.known : role === "current" ? "model" : "start" }]
      : [];
  });
  const path = (shown.current ?? shown.start)?.ticks ?? [];
  const points = shown.published?.points ?? [];
  const { density } = shown;
  const all = [
    ...sets.flatMap(({ bands }) => bands.branches.flatMap((branch) => [...branch])).filter(Number.isFinite),
    ...points.map(({ frequency, sigma }) => frequency + (sigma ?? 0)),
  ];
  const [lo, hi] = all.reduce(([lo, hi], v) => [Math.min(lo, v), Math.max(hi, v)], [0, 0]);
  const top = hi > lo ? hi + 0.06 * (hi - lo) : 1;
  const vertical = linear(lo < -1e-3 * top ? lo - 0.06 * (hi - lo) : 0, top);
  const ends = linear(path[0]?.at ?? 0, path[path.length - 1]?.at ?? 1);
  const h = Math.min(100 * POINTS, 0.6 * figure.width);
  const up = spaced(vertical, h, (value) => placeOn(vertical, value), false);
  const x = MARGIN + roomLeft(up, true);
  const aside = density ? 0.14 * figure.width : 0;
  const w = figure.width - x - MARGIN - 4 - (density ? aside + 5 : 0);
  /** @type {[string, string][]} */
  const entries = sets.map(({ role, name }) => [STYLES[role], name]);
  if (points.length > 0) entries.push(["", "published"]);
  const box = { x, y: MARGIN + legend(figure, x, w, entries), w, h };
  const across = path.map((tick) => ({ at: placeOn(ends, tick.at), label: tick.label }));
  const lines = across.slice(1, -1).map((tick) => `M${at(x + tick.at * w)} ${at(box.y)}v${at(h)}`);
  figure.path(lines.join(""), 'stroke="#c8c8c8" stroke-width="0.5"');
  const place = placer(box, ends, vertical);
  figure.within(box, () => {
    if (vertical.lo < 0)
      figure.path(`M${at(x)} ${place(0, 0).split(" ")[1]}h${at(w)}`, 'stroke="#c8c8c8" stroke-width="0.5"');
    for (const { bands } of sets.filter(({ role }) => role === "current")) {
      for (const [i, branch] of bands.branches.entries())
        for (const piece of connected(bands, branch))
          figure.path(band(piece, branch, bands.sigma?.[i], bands, place), `fill="${ACCENT}" fill-opacity="0.25"`);
    }
    for (const { role, bands } of sets) {
      const d = bands.branches.flatMap((branch) =>
        connected(bands, branch).map(
          (piece) => `M${piece.map((i) => place(bands.distance[i] ?? NaN, branch[i] ?? NaN)).join("L")}`,
        ),
      );
      figure.path(d.join(""), `fill="none" stroke-linejoin="round" ${STYLES[role]}`);
    }
  });
  measured(figure, points, place);
  if (density) states(figure, density, { ...box, x: x + w + 5, w: aside }, vertical);
  figure.axes(box, { across, up, left: "Frequency (THz)", labelled: { across: false } });
  const rows = stagger(figure, box, across);
  figure.text(x + w / 2, box.y + h + 12 + 9 * rows, "Wave vector", { anchor: "middle" });
  figure.height = box.y + h + roomBelow(true) + 9 * (rows - 1) + MARGIN;
  return figure.toString(`Phonon dispersion along ${path.map(({ label }) => label).join("–")}`);
}

/** Frequencies that others measured. @param {Figure} figure @param {NonNullable<Shown["published"]>["points"]} points @param {(x: number, y: number) => string} place */
function measured(figure, points, place) {
  const bars = points.map(({ distance, frequency, sigma }) =>
    sigma ? `M${place(distance, frequency - sigma)}L${place(distance, frequency + sigma)}` : "",
  );
  figure.path(bars.join(""), `stroke="${PUBLISHED}" stroke-width="0.6"`);
  const spots = points.map(({ distance, frequency }) => place(distance, frequency).split(" "));
  const dots = spots.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="1.4"/>`);
  if (dots.length > 0) figure.add(`<g fill="#fff" stroke="${PUBLISHED}" stroke-width="0.7">${dots.join("")}</g>`);
}

/** The density of states on the same axis of frequencies. @param {Figure} figure @param {NonNullable<Shown["density"]>} density @param {Box} box @param {Scale} vertical */
function states(figure, { from, step, values }, box, vertical) {
  const place = placer(box, linear(0, Math.max(...values) / 0.94 || 1), vertical);
  const rim = [...values].map((g, n) => place(g, from + (n + 0.5) * step));
  const outline = `M${[place(0, from), ...rim, place(0, from + values.length * step)].join("L")}`;
  figure.within(box, () =>
    figure.path(outline, `fill="${ACCENT}" fill-opacity="0.2" stroke="${ACCENT}" stroke-width="0.9"`),
  );
  figure.axes(box, { across: [], up: [] });
  figure.text(box.x + box.w / 2, box.y + box.h + 11, "*g*(ν)", { anchor: "middle" });
}

/** Names of points; one that has no room stands a row lower. How many rows there are comes back. @param {Figure} figure @param {Box} box @param {Tick[]} ticks */
function stagger(figure, { x, y, w, h }, ticks) {
  /** Where each row ends. @type {number[]} */
  const ends = [];
  for (const tick of ticks) {
    const [middle, half] = [x + tick.at * w, widthOf(tick.label) / 2];
    let row = 0;
    while ((ends[row] ?? -Infinity) > middle - half - 3) row++;
    ends[row] = middle + half;
    figure.text(middle, y + h + 11 + 9 * row, tick.label, { anchor: "middle" });
  }
  return Math.max(1, ends.length);
}

/** Numbers of the points of each stretch without a jump of the path or a gap. @param {Bands} bands @param {Float64Array} branch */
function connected({ distance }, branch) {
  /** @type {number[][]} */
  const found = [[]];
  for (const [i, value] of branch.entries()) {
    const jumps = i > 0 && (distance[i] ?? NaN) <= (distance[i - 1] ?? NaN);
    if (jumps || !Number.isFinite(value)) found.push([]);
    if (Number.isFinite(value)) found[found.length - 1]?.push(i);
  }
  return found.filter((piece) => piece.length > 1);
}

/** The outline of value ± σ. @param {number[]} piece @param {Float64Array} branch @param {Float64Array | undefined} sigma @param {Bands} bands @param {(x: number, y: number) => string} place */
function band(piece, branch, sigma, { distance }, place) {
  const spread = (/** @type {number} */ i) => (Number.isFinite(sigma?.[i]) ? (sigma?.[i] ?? 0) : 0);
  if (!piece.some((i) => spread(i) > 0)) return "";
  const edge = (/** @type {number} */ sign) => (/** @type {number} */ i) =>
    place(distance[i] ?? NaN, (branch[i] ?? NaN) + sign * spread(i));
  return `M${[...piece.map(edge(1)), ...piece.toReversed().map(edge(-1))].join("L")}z`;
}

/** χ²/n by iteration. @param {Shown} shown @param {number} millimetres */
export function courseFigure({ course }, millimetres) {
  const figure = new Figure(millimetres);
  const values = course.filter((value) => value > 0 && Number.isFinite(value));
  const end = Math.max(5, course.length - 1);
  const vertical = logarithmic(Math.min(1, ...values) / 1.4, Math.max(1, ...values) * 1.4);
  const ends = linear(-0.03 * end, 1.03 * end);
  const h = Math.min(100 * POINTS, 0.5 * figure.width);
  const up = spaced(vertical, h, (value) => placeOn(vertical, value), false);
  const x = MARGIN + roomLeft(up, true);
  const box = { x, y: MARGIN + 2, w: figure.width - x - MARGIN - 4, h };
  const place = placer(box, ends, vertical);
  const across = spaced(linear(0, end), box.w, (value) => placeOn(ends, value), true).filter((tick) =>
    Number.isInteger(Number(tick.label)),
  );
  figure.path(`M${place(ends.lo, 1)}L${place(ends.hi, 1)}`, STYLES.start);
  const shown = course.flatMap((value, i) => (value > 0 && Number.isFinite(value) ? [place(i, value)] : []));
  figure.path(shown.length > 1 ? `M${shown.join("L")}` : "", `fill="none" stroke-linejoin="round" ${STYLES.current}`);
  if (shown.length <= 60) {
    const dots = shown.map((spot) => spot.split(" ")).map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="1.6"/>`);
    figure.add(`<g fill="${ACCENT}">${dots.join("")}</g>`);
  }
  figure.axes(box, { across, up, left: "χ²/*n*", below: "Iteration" });
  figure.height = box.y + h + roomBelow(true) + MARGIN;
  return figure.toString("χ²/n by iteration");
}

/** Points of a place in a plot, “x y”. @param {Box} box @param {Scale} horizontal @param {Scale} vertical */
const placer =
  ({ x, y, w, h }, horizontal, vertical) =>
  (/** @type {number} */ a, /** @type {number} */ b) =>
    `${at(x + w * placeOn(horizontal, a))} ${at(y + h * (1 - placeOn(vertical, b)))}`;

/** What the lines mean; the height of it comes back. @param {Figure} figure @param {number} x @param {number} w @param {[string, string][]} entries Style of a line, or none for points, and name. */
function legend(figure, x, w, entries) {
  let from = x;
  let y = MARGIN + LEGEND - 5;
  for (const [style, name] of entries) {
    const width = 18 + widthOf(name);
    if (from > x && from + width > x + w) [from, y] = [x, y + LEGEND - 3];
    if (style) figure.path(`M${at(from)} ${at(y - 2.6)}h14`, style);
    else
      figure.add(
        `<circle cx="${at(from + 8)}" cy="${at(y - 2.6)}" r="1.4" fill="#fff" stroke="${PUBLISHED}" stroke-width="0.7"/>`,
      );
    figure.text(from + 17, y, name);
    from += width + 10;
  }
  return y + 5 - MARGIN;
}
