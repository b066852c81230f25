/** How many shells of neighbours the data bear: a table with a row for each number. */

import { make } from "../../page/dom.js";
import { brief, reduced, withSigma } from "../../page/numbers.js";
import { readWholeNumber } from "../../page/parse.js";
import { mark } from "../../page/rows.js";
import { Bench, jobFrom, tableOf } from "./bench.js";

/** @typedef {import("../../engine/protocol.js").ShellsTable} ShellsTable */
/** @typedef {import("../registry.js").Parts} Parts */

/** Elastic constants that a row has room for. */
const MOST_ELASTIC = 3;

/** More shells than this are never meant. */
const MOST_SHELLS = 40;

/** @param {Parts} parts */
export function shellsBench({ present }) {
  const most = make("input", "", { id: "compare-most", type: "text", inputmode: "numeric", placeholder: "as the fit" });
  const folds = make("input", "", { id: "compare-folds", type: "text", inputmode: "numeric", placeholder: "5" });
  const form = make("form", "", { class: "view", autocomplete: "off" });
  form.append(field("Most shells", most), field("Parts left out in turn", folds));
  form.addEventListener("submit", (event) => event.preventDefault());
  /** @type {ShellsTable} */
  let table = { rows: [], conclusion: "" };
  const bench = new Bench({
    id: "compare-shells",
    title: "How many shells the data bear",
    words:
      "More constants always fit better. Whether they are known better is another matter: AIC and BIC count what each constant costs, and cross-validation fits without a part of reciprocal space and foretells it. The lowest is best, in each column.",
    verb: "Compare",
    before: [form],
    ready: "Ready. Compare fits the data with one shell of neighbours, two, … as many as the fit has.",
    present: () => present(true),
    ask: (now) => {
      const [n, parts] = [read(most, 1, MOST_SHELLS), read(folds, 1, 50)];
      if (n === null || parts === null) return null;
      table = { rows: [], conclusion: "" };
      bench.result.replaceChildren();
      return { type: "shells", job: jobFrom(now), files: now.files, most: n, folds: parts ?? 5 };
    },
    take: (message) => {
      if (message.type !== "shells") return null;
      const grown = message.table.rows.length !== table.rows.length;
      table = message.table;
      if (grown || message.doing === "") show(bench.result, table);
      if (message.doing !== "") return null;
      return table.conclusion || "Done. There is a single row, so that nothing can be compared.";
    },
    halted: () => `Stopped after ${table.rows.length} ${table.rows.length === 1 ? "row" : "rows"}. ${table.conclusion}`,
  });
  return bench;
}

/** @param {string} label @param {HTMLInputElement} input */
function field(label, input) {
  const home = make("div", "", { class: "field" });
  home.append(make("label", label, { for: input.id }), input);
  return home;
}

/** A whole number, undefined where nothing is typed; null where it cannot be read, which is said beside it. @param {HTMLInputElement} input @param {number} least @param {number} most */
function read(input, least, most) {
  mark(input, "");
  if (input.value.trim() === "") return undefined;
  const reading = readWholeNumber(input.value);
  const problem =
    "problem" in reading
      ? reading.problem
      : reading.value < least || reading.value > most
        ? `“${input.value.trim()}” is not between ${least} and ${most}`
        : "";
  mark(input, problem);
  return "value" in reading && problem === "" ? reading.value : null;
}

/** @param {HTMLElement} home @param {ShellsTable} table */
function show(home, { rows }) {
  if (rows.length === 0) return home.replaceChildren();
  const names = (rows[0]?.elastic ?? []).slice(0, MOST_ELASTIC).map(([name]) => name);
  const least = (/** @type {(row: ShellsTable["rows"][0]) => number | null} */ of) =>
    Math.min(...rows.map((row) => of(row) ?? Infinity));
  const lowest = { aic: least((r) => r.aic), bic: least((r) => r.bic), cross: least((r) => r.cross_validation) };
  const number = (/** @type {string} */ text, best = false) => {
    const cell = make("td", text, { class: best ? "number best" : "number" });
    if (best) cell.append(make("span", " (lowest)", { class: "visually-hidden" }));
    return cell;
  };
  home.replaceChildren(
    tableOf(
      "Shells beside shells",
      [
        "Shells",
        "Cutoff (Å)",
        "Constants",
        "χ²/n",
        "Δ AIC",
        "Δ BIC",
        "Cross-validation",
        ...names.map((name) => `${name} (GPa)`),
      ],
      rows.map((row) => [
        make("th", String(row.shells), { scope: "row" }),
        number(row.cutoff.toFixed(2)),
        number(String(row.constants)),
        number(reduced(row.chi2_reduced)),
        number(row.aic.toFixed(1), row.aic === lowest.aic),
        number(row.bic.toFixed(1), row.bic === lowest.bic),
        number(
          row.cross_validation === null ? "–" : reduced(row.cross_validation),
          row.cross_validation === lowest.cross,
        ),
        ...names.map((_, i) => {
          const [, value = NaN, sigma = null] = row.elastic[i] ?? [];
          return number(sigma === null ? brief(value) : withSigma(value, sigma));
        }),
      ]),
    ),
  );
}
