/** What the fit may be trusted for, in the engine's words: the panel, the status dot, and which data to look at. */

import { ID, any, make } from "../../page/dom.js";
import { count } from "../../page/messages.js";
import { brief, prose, rlu } from "../../page/numbers.js";
import { named } from "../../page/words.js";

/** @typedef {import("../../engine/protocol.js").Verdict} Verdict */
/** @typedef {import("../../engine/protocol.js").Progress} Progress */
/** @typedef {import("../../engine/protocol.js").Columns} Columns */
/** @typedef {import("../../engine/protocol.js").Frame} Frame */

/** Full, half and empty: told apart without colour. @type {Record<Verdict["trust"], string>} */
const MARKS = { good: "●", limited: "◐", none: "○" };

const WAITING = "The fit is judged when it stops.";

/**
 * @param {Progress} progress @param {readonly Columns[]} columns
 * @param {Pick<Frame, "models" | "suspects">} frame
 */
export function showVerdict(progress, columns, { models, suspects }) {
  const { verdict, iteration } = progress;
  const root = document.documentElement;
  if (verdict) root.dataset.trust = verdict.trust;
  else delete root.dataset.trust;
  any(ID.verdict).hidden = iteration === 0;
  any(ID.verdictMark).textContent = verdict ? MARKS[verdict.trust] : "";
  any(ID.verdictWord).textContent = verdict ? `Trust: ${verdict.trust}.` : "";
  any(ID.verdictSentence).textContent = verdict ? verdict.sentence : WAITING;
  any(ID.verdictReasons).replaceChildren(
    ...(verdict?.reasons ?? []).map(({ code, sentence, trust }) =>
      make("li", named(sentence), { class: trust, "data-code": code }),
    ),
  );
  any(ID.verdictOutliers).textContent = verdict
    ? outliersSentence(progress.n_data, verdict, worstOf(columns, models, suspects))
    : "";
}

/** @typedef {{hkl: [number, number, number], z: number | null}} Worst */

/** @param {number} n @param {Verdict} verdict @param {Worst | null} worst */
function outliersSentence(n, { statistics, reasons }, worst) {
  const { beyond_5_sigma: far, beyond_100_sigma: further } = statistics;
  if (far === 0 || !worst) return "";
  if (reasons.some(({ code }) => code === "outliers")) return "Rings on the maps mark them.";
  const [h, k, l] = worst.hkl.map(rlu);
  const by =
    worst.z === null
      ? ""
      : ` (${worst.z > 0 ? "+" : ""}${Math.abs(worst.z) < 1000 ? prose(worst.z, 1) : brief(worst.z)} σ)`;
  const many = further > 0 ? `, ${count(further)} beyond 100 σ` : "";
  return `Rings on the maps: ${count(far)} of ${count(n)} data beyond 5 σ${many}; the worst at h k l ${h} ${k} ${l}${by}.`;
}

/**
 * The datum farthest from the model: the first suspect of one of the sets.
 * @param {readonly Columns[]} columns @param {Frame["models"]} models @param {Frame["suspects"]} suspects
 * @returns {Worst | null}
 */
export function worstOf(columns, models, suspects) {
  /** @type {Worst | null} */
  let worst = null;
  for (const [n, rows] of (suspects ?? []).entries()) {
    const [row, set] = [rows[0], columns[n]];
    if (row === undefined || !set) continue;
    const { h, k, l, intensity, sigma } = set;
    const model = models?.[n]?.[row];
    const z = sigma && model !== undefined ? ((intensity[row] ?? NaN) - model) / (sigma[row] ?? NaN) : null;
    if (worst && Math.abs(worst.z ?? 0) >= Math.abs(z ?? 0)) continue;
    worst = { hkl: [h[row] ?? 0, k[row] ?? 0, l[row] ?? 0], z };
  }
  return worst;
}
