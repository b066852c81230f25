/** What is in sight in the view “Fit”, and the pictures of it. */

import { courseFigure, dispersionFigure } from "./chart-figure.js";
import { curvesFigure } from "./curve-figure.js";
import { mapFigure, mapsFigure } from "./map-figure.js";
import { cutFigure, scanFigure } from "./scan-figure.js";

/** @typedef {import("../draw/planes.js").Plane} Plane */
/** @typedef {import("../engine/protocol.js").Columns} Columns */
/** @typedef {import("./scale.js").Content} Content */
/** @typedef {import("../draw/scan-panel.js").Curves} Curves */
/**
 * A plane as the maps or curves show it. `contents` of data, model and residual: curves where the plane is a line; `view`: corner and size
 * of what is enlarged, in pixels; `bragg` in r.l.u.; `residual`: what stands there, and its `unit`; `aspect`: height over width.
 * @typedef {{
 *   plane: Plane, columns: Columns, model: Float64Array, contents: Content[] | Curves[], view: import("./figure.js").Box,
 *   bragg: import("../draw/map-panel.js").Pixel[], residual: string, unit: string, aspect: number,
 * }} Sight
 */
/**
 * The chart of a cut or a profile as the screen shows it. `title`: from where to where; `facts`: what its points are; `columns`: its
 * numbers by name, each as long as the line.
 * @typedef {{
 *   kind: "cut" | "profile", title: string, facts: string, line: import("../draw/scan-panel.js").Line, curves: Curves,
 *   columns: [string, Float64Array][],
 * }} CutSight
 */
/** @typedef {{map: Sight | null, cut: CutSight | null, charts: import("./chart-figure.js").Shown, potential: import("./curve-figure.js").Curve[]}} InSight */
/** @typedef {{millimetres: number, bragg: boolean, hatch: boolean}} Options */
/** @typedef {"data" | "model" | "residual" | "maps" | "cut" | "dispersion" | "course" | "potential"} What */

/** Which of the three. @type {Partial<Record<What, number>>} */
const NUMBERS = { data: 0, model: 1, residual: 2 };

/** @param {InSight} sight @param {What} what @param {Options} options @returns {string} SVG. */
export function pictureOf({ map, cut, charts, potential }, what, options) {
  if (what === "cut" && cut) return cutFigure(cut, options.millimetres);
  if (what === "potential") return curvesFigure(potential, options.millimetres);
  if (what === "dispersion") return dispersionFigure(charts, options.millimetres);
  if (what === "course") return courseFigure(charts, options.millimetres);
  if (!map) throw new Error("No map is in sight");
  const { plane, contents, residual, unit } = map;
  const names = ["Data", "Model", residual];
  const units = ["Intensity (arb. units)", "Intensity (arb. units)", unitOf(unit)];
  const which = NUMBERS[what];
  if (plane.scan) {
    const line = { plane, curves: /** @type {Curves[]} */ (contents), names, units };
    // The model is in the plot of the data.
    return scanFigure(line, which === undefined ? [0, 2] : [which], options.millimetres);
  }
  const shown = { ...map, contents: /** @type {Content[]} */ (contents), names, units };
  return which === undefined ? mapsFigure(shown, options) : mapFigure(shown, which, options);
}

/** As an axis says it. @param {string} unit As the page does. */
const unitOf = (unit) =>
  unit === "data − model" ? "Data − model (arb. units)" : unit.replace("(data − model) / σ", "(data − model)/σ");

/** Why there is no such picture; empty where there is one. @param {InSight} sight @param {What} what */
export function missing({ map, cut, charts, potential }, what) {
  if (what === "cut") return cut ? "" : "none is drawn";
  if (what === "potential") return potential.length > 0 ? "" : "the springs are free constants";
  if (what === "dispersion") return (charts.current ?? charts.start) ? "" : "elastic constants alone have no branches";
  if (what === "course") return charts.course.length > 0 ? "" : "nothing is calculated yet";
  return map ? "" : "no map is in sight";
}
