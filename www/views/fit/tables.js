/** What was learned, in numbers: the constants, the elastic constants, scale and background. */

import { newtons_per_metre } from "../../../pkg/tds_inversion.js";
import { heldValues } from "../../hands/held.js";
import { decides, refill } from "../../hands/decided.js";
import { ID, any, byId, make, write } from "../../page/dom.js";
import { count } from "../../page/messages.js";
import { brief, cell, decimalsFor, duration, reduced } from "../../page/numbers.js";
import { writtenNuisance } from "../../page/words.js";

/** @typedef {import("../../engine/protocol.js").Progress} Progress */
/** @typedef {import("../../engine/protocol.js").Description} Description */
/** @typedef {"ev" | "nm"} Unit */
/**
 * @typedef {{
 *   description: Description, progress: Progress, unit: Unit,
 *   truth: boolean, source: string | null,
 * }} Learned  `truth`: whether what is known beforehand is shown; `source`: what that is, if the page knows.
 */

/** Labels between several kinds of atoms are longer than this, and leave the numbers less room. */
const SHORT_LABEL = 8;

/** More decimals have no room. */
const MOST_DECIMALS = 6;

/** What constraints make of a constant. */
const IMPOSED = { held: "held", tied: "tied", bound: "at its bound" };

const UNDETERMINED = "not fixed by these data";

/** @param {Learned} learned */
export function showConstants({ description, progress, unit, truth, source }) {
  const own = description.parameters[0]?.unit ?? "eV/Å²";
  const inNewtons = unit === "nm" && own !== "GPa";
  const factor = inNewtons ? -newtons_per_metre() : 1;
  // At the start the constants are assumed: σ would say how far the data could be trusted, not they.
  const fitted = progress.iteration > 0;
  const isKnown = truth && hasTruth(description);
  const scaled = progress.verdict?.sigma_factor ?? null;
  const rows = description.parameters.map(({ label, meaning, reference }, i) => {
    const sigma = fitted ? (progress.sigma[i] ?? null) : null;
    return {
      label,
      meaning,
      imposed: progress.imposed[i] ?? null,
      value: (progress.values[i] ?? NaN) * factor,
      sigma: sigma === null ? null : Math.abs(sigma * factor),
      systematic: Math.abs((progress.systematic[i] ?? NaN) * factor),
      determined: !fitted || progress.determined[i] === true,
      truth: reference === null ? null : reference * factor,
    };
  });
  const judged = fitted && progress.systematic.length > 0;
  const plain = inNewtons ? 3 : own === "GPa" ? 1 : 4;
  const decimals = rows.map((r) =>
    r.sigma !== null && r.determined ? Math.min(MOST_DECIMALS, decimalsFor(r.sigma)) : plain,
  );
  const width = Math.max(plain, ...decimals);
  const body = rows.map((row, i) => {
    const tr = make("tr");
    const places = decimals[i] ?? plain;
    const name = make("th", "", { scope: "row" });
    const words = row.imposed === null ? "" : IMPOSED[row.imposed];
    const title = row.meaning === null ? "What it may be" : `${row.meaning}. Press for what it may be.`;
    const button = make("button", "", { type: "button", class: "constant", title });
    button.dataset.label = row.label;
    button.append(row.determined ? row.label : make("s", row.label));
    name.append(button, ...(words ? [" ", make("small", words)] : []));
    tr.append(name);
    if (!row.determined) {
      tr.className = "undetermined";
      tr.append(make("td", UNDETERMINED, { colspan: judged ? "3" : "2" }));
    } else {
      tr.append(
        make("td", cell(row.value, places, width), { class: "number" }),
        make("td", row.sigma === null ? "–" : cell(row.sigma, places, width) + inBrackets(row.sigma, scaled, places), {
          class: "number",
        }),
      );
      if (judged) tr.append(make("td", cell(row.systematic, places, width), { class: "number systematic" }));
    }
    if (isKnown)
      tr.append(make("td", row.truth === null ? "–" : cell(row.truth, plain, plain), { class: "number truth" }));
    return tr;
  });
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.label : undefined;
  any(ID.constantsBody).replaceChildren(...body);
  // Who stands on a constant by keyboard stays there.
  const again = body.map((tr) => tr.querySelector("button")).find((b) => b?.dataset.label === focused);
  if (focused !== undefined) again?.focus({ preventScroll: true });
  any(ID.headValue).textContent = inNewtons ? "−Φ (N/m)" : own === "GPa" ? "C (GPa)" : "Φ (eV/Å²)";
  any(ID.headSystematic).hidden = !judged;
  any(ID.systematicNote).hidden = !judged;
  any(ID.headTruth).hidden = !isKnown;
  // What a job brings to compare with need not be true.
  any(ID.headTruth).textContent = source === null ? "Reference" : "Truth";
  any(ID.truthNote).hidden = !isKnown || source === null;
  any(ID.truthNote).textContent = source === null ? "" : "Truth: the constants that the simulation put in.";
  any(ID.scaledNote).hidden = scaled === null;
  any(ID.scaledNote).textContent =
    scaled === null
      ? ""
      : `In brackets: σ × ${brief(Number(scaled.toPrecision(2)))} = σ √(χ²/n), which follows the scatter that is seen.`;
  const table = byId(ID.constants, HTMLTableElement);
  table.classList.toggle(
    "dense",
    rows.some(({ label }) => label.length > SHORT_LABEL),
  );
}

/** σ times the factor of the verdict, beside σ itself. @param {number} sigma @param {number | null} factor @param {number} places */
function inBrackets(sigma, factor, places) {
  return factor === null ? "" : ` (${(sigma * factor).toFixed(places)})`;
}

/** Whether there is something to compare the constants with. @param {Description} description */
export function hasTruth({ parameters }) {
  return parameters.some(({ reference }) => reference !== null);
}

/** @param {Progress} progress */
export function showDerived(progress) {
  const fitted = progress.iteration > 0;
  const scaled = progress.verdict?.sigma_factor ?? null;
  const numbered = (/** @type {number} */ i) => (progress.scale.length > 1 ? ` ${i + 1}` : "");
  /** @type {[string, number, number | null, string, number?][]} */
  const rows = progress.elastic.map(({ name, value, sigma, systematic }) => [
    name,
    value,
    fitted ? sigma : null,
    "GPa",
    fitted ? (systematic ?? undefined) : undefined,
  ]);
  // The weights of a network mean nothing one by one.
  const { family, parameters = [] } = progress.potential ?? {};
  for (const { name, value, sigma, unit, free, determined } of family === "network" ? [] : parameters) {
    rows.push([`potential ${name}`, value, fitted && free && determined ? sigma : null, unit]);
  }
  progress.scale.forEach((value, i) => {
    rows.push([`scale${numbered(i)}`, value, fitted ? (progress.scale_sigma[i] ?? null) : null, ""]);
  });
  progress.nuisances.forEach((list, i) => {
    for (const { name, value, sigma, unit } of list) {
      rows.push([`${writtenNuisance(name)}${numbered(i)}`, value, fitted ? sigma : null, unit]);
    }
  });
  // Elastic constants are sums of the others: where their σ is decided can be asked.
  const first = heldValues(progress).length;
  refill(
    any(ID.derivedBody),
    rows.map(([name, value, sigma, unit, systematic], i) => {
      const tr = make("tr");
      const places = sigma !== null && sigma > 0 ? decimalsFor(sigma) : null;
      tr.append(
        make("th", name, { scope: "row" }),
        make("td", places === null ? brief(value) : value.toFixed(places), { class: "number" }),
        make(
          "td",
          places === null ? "" : `± ${(sigma ?? 0).toFixed(places)}${inBrackets(sigma ?? 0, scaled, places)}`,
          { class: "number sigma" },
        ),
        make("td", unit, { class: "unit" }),
      );
      const cell = tr.cells[2];
      if (i < progress.elastic.length && places !== null && cell) {
        cell.replaceChildren(decides(cell.textContent ?? "", first + i, name));
      }
      if (systematic !== undefined && places !== null) {
        cell?.append(make("small", ` ± ${systematic.toFixed(places)} syst.`));
      }
      return tr;
    }),
  );
}

/** Elastic constants of a model that is not in force: in the rows that are there. @param {[string, number][]} elastic */
export function showTouched(elastic) {
  const rows = byId("derived", HTMLTableElement).tBodies[0]?.rows ?? [];
  for (const row of rows) {
    const value = elastic.find(([name]) => name === row.cells[0]?.textContent)?.[1];
    const [, number, sigma] = row.cells;
    if (value === undefined || !number) continue;
    write(number, brief(value));
    if (sigma) write(sigma, "");
  }
}

/**
 * What there is beyond one phonon in these data, and what the model leaves out of it.
 * @param {Progress} progress
 */
export function showBeyondOnePhonon({ higher_orders: beyond }) {
  const note = any(ID.beyondOnePhonon);
  note.hidden = beyond === null;
  if (beyond === null) return;
  const [least, median, most] = beyond.over_one_phonon.map((ratio) => brief(Number((100 * ratio).toPrecision(2))));
  const left = beyond.truncation;
  note.textContent =
    `Beyond one phonon: ${least} to ${most} % of it at these data, half of them below ${median} %` +
    (beyond.modelled ? "." : "; this model leaves that out.") +
    (left
      ? ` Pairs beyond ${left.real_space_range.toFixed(0)} Å, left out: ${left.rms_sigma.toPrecision(1)} σ (rms).`
      : "");
}

/** @param {Progress} progress */
export function showFigures(progress) {
  any(ID.figChi2).textContent = reduced(progress.chi2_reduced);
  any(ID.figIterations).textContent = String(progress.iteration);
  any(ID.figData).textContent = count(progress.n_data);
  any(ID.figTime).textContent = duration(progress.seconds);
}
