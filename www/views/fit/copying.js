/** Values as a table for the clipboard. */

import { button } from "../../page/dom.js";
import { count as written } from "../../page/messages.js";

/** @typedef {{text: string, count: number, what: string}} Values  `count` rows of `what`. */

/** Lines of tab separated values; what is not there is empty. @param {string[]} head @param {(number | undefined)[][]} rows */
export function table(head, rows) {
  const cell = (/** @type {number | undefined} */ value) =>
    value === undefined || Number.isNaN(value) ? "" : String(Number(value.toPrecision(10)));
  return `${[head, ...rows.map((row) => row.map(cell))].map((row) => row.join("\t")).join("\n")}\n`;
}

/** @param {Values} values @param {(words: string) => void} say */
export async function copy(values, say) {
  try {
    await navigator.clipboard.writeText(values.text);
    say(saying(values));
  } catch {
    say("The browser keeps the clipboard from this page. Ctrl+C with the map or the chart in focus copies too.");
  }
}

/** @param {Values} values */
const saying = ({ count, what }) => `Copied ${written(count)} ${count === 1 ? "row" : "rows"} of ${what}.`;

/**
 * Copies what is in sight by the button, and by Ctrl+C while a map or the chart of a cut has the focus and no text is marked.
 * @param {{inSight: () => Values | null, chart: () => {hasFocus: boolean, values: Values | null} | null,
 *   isMap: (element: Element | null) => boolean, say: (words: string) => void}} parts
 */
export function bindCopying({ inSight, chart, isMap, say }) {
  button("copy-values").addEventListener("click", () => {
    const values = inSight();
    if (values) copy(values, say);
  });
  document.addEventListener("copy", (event) => {
    if (!getSelection()?.isCollapsed || event.defaultPrevented) return;
    const shown = chart();
    const values = shown?.hasFocus ? shown.values : isMap(document.activeElement) ? inSight() : null;
    if (!values) return;
    event.clipboardData?.setData("text/plain", values.text);
    event.preventDefault();
    say(saying(values));
  });
}

/**
 * Pixels of the plane whose middle is in sight and that take part in the fit.
 * @param {{plane: import("../../draw/planes.js").Plane, columns: import("../../engine/protocol.js").Columns, model: Float64Array,
 *   residual: Float64Array}} shown
 * @param {{x: number, y: number, w: number, h: number}} view @returns {Values}
 */
export function valuesInSight({ plane, columns, model, residual }, view) {
  const { h, k, l, intensity, sigma, used } = columns;
  const inSight = (/** @type {number} */ i) => {
    if (plane.scan) return true;
    const [x, y] = [(i % plane.nx) + 0.5, Math.floor(i / plane.nx) + 0.5];
    return x >= view.x && x <= view.x + view.w && y >= view.y && y <= view.y + view.h;
  };
  const rows = [];
  for (const [i, row] of plane.index.entries()) {
    if (row < 0 || used[row] === 0 || !inSight(i)) continue;
    rows.push([h[row], k[row], l[row], intensity[row], sigma?.[row], model[row], residual[row]]);
  }
  const what = plane.scan ? "the line" : `the plane ${plane.name}`;
  return { text: table(["h", "k", "l", "data", "sigma", "model", "residual"], rows), count: rows.length, what };
}
