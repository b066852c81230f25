/** The table of constants, in N/m as published tables print them, with the elastic constants: as rows, CSV and LaTeX. */

import { newtons_per_metre } from "../../pkg/tds_inversion.js";
import { mathematical } from "./uncertain.js";

/** @typedef {import("../engine/protocol.js").Progress} Progress */
/** @typedef {import("../engine/protocol.js").Description} Description */
/**
 * One constant. `sigma` is null where it is not known, `systematic` where nothing was looked for; `state` says in words what the
 * value is if the data alone did not give it.
 * @typedef {{name: string, value: number, sigma: number | null, systematic: number | null, unit: string, state: string}} Row
 */

const IMPOSED = { held: "held", tied: "tied", bound: "at its bound" };
export const UNDETERMINED = "not determined";
const AT_START = "start";

/** Decimals of a value without σ. @param {Row} row */
export const decimalsOf = ({ unit }) => (unit === "GPa" ? 1 : 3);

/** What the values are called. @param {Row[]} rows */
export const headOf = (rows) => (rows.some(({ unit }) => unit === "N/m") ? "−Φ (N/m)" : "C (GPa)");

/** The constants of the fit. @param {Description} description @param {Progress} progress @returns {Row[]} */
export function constantRows({ parameters }, progress) {
  const fitted = progress.iteration > 0;
  return parameters.map(({ label, unit }, i) => {
    // Published tables print −Φ.
    const factor = unit === "GPa" ? 1 : -newtons_per_metre();
    const determined = !fitted || progress.determined[i] === true;
    const imposed = progress.imposed[i] ?? null;
    const sigma = fitted && determined ? (progress.sigma[i] ?? null) : null;
    const systematic = fitted && determined && imposed !== "held" ? (progress.systematic[i] ?? null) : null;
    return {
      name: label,
      value: (progress.values[i] ?? NaN) * factor,
      sigma: sigma === null || imposed === "held" ? null : Math.abs(sigma * factor),
      systematic: systematic === null ? null : Math.abs(systematic * factor),
      unit: unit === "GPa" ? unit : "N/m",
      state: imposed ? IMPOSED[imposed] : !fitted ? AT_START : determined ? "" : UNDETERMINED,
    };
  });
}

/** @param {Progress} progress @returns {Row[]} */
export function elasticRows({ elastic, iteration }) {
  return elastic.map(({ name, value, sigma, systematic }) => ({
    name,
    value,
    sigma: iteration > 0 ? sigma : null,
    systematic: iteration > 0 && sigma !== null ? systematic : null,
    unit: "GPa",
    state: iteration === 0 ? AT_START : sigma === null ? UNDETERMINED : "",
  }));
}

/** @param {string} text */
const field = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** @param {Row[]} rows @param {string} note What they are. */
export function constantsCsv(rows, note) {
  const number = (/** @type {number | null} */ x) => (x === null || !Number.isFinite(x) ? "" : String(x));
  const lines = rows.map(({ name, value, sigma, systematic, unit, state }) =>
    [name, state === UNDETERMINED ? "" : number(value), number(sigma), number(systematic), unit, state]
      .map(field)
      .join(","),
  );
  const head = rows.some(({ unit }) => unit === "N/m")
    ? "# force constants: −Φ in N/m, as published tables print them\n"
    : "";
  return `# ${note}\n${head}name,value,sigma,systematic,unit,state\n${lines.join("\n")}\n`;
}

/** @type {Record<string, string>} */
const SPECIAL = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };

/** Text for LaTeX. @param {string} text */
export const tex = (text) =>
  text
    .replace(/[\\~^]|[&%$#_{}]/g, (c) => SPECIAL[c] ?? `\\${c}`)
    .replaceAll("−", "$-$")
    .replaceAll("χ²/n", "$\\chi^2/n$")
    .replaceAll("σ", "$\\sigma$")
    .replaceAll("Å", "\\AA{}");

/**
 * A table for booktabs, decimal points in line.
 * @param {Row[]} constants @param {Row[]} elastic @param {{caption: string, label: string}} words
 */
export function constantsTex(constants, elastic, { caption, label }) {
  const judged = [...constants, ...elastic].some(({ systematic }) => systematic !== null);
  const lines = [
    "% needs \\usepackage{booktabs}; an uncertainty in brackets is that of the last digits",
    "\\begin{table}",
    "  \\centering",
    `  \\caption{${tex(caption)}}`,
    `  \\label{${label}}`,
    `  \\begin{tabular}{l r@{}l${judged ? " r" : ""} l}`,
    "    \\toprule",
    ...block(constants, constants.some(({ unit }) => unit === "N/m") ? "$-\\Phi$ (N/m)" : "$C$ (GPa)", judged),
  ];
  if (elastic.length > 0) lines.push("    \\midrule", ...block(elastic, "$C$ (GPa)", judged));
  lines.push("    \\bottomrule", "  \\end{tabular}", "\\end{table}", "");
  return lines.join("\n");
}

/** @param {Row[]} rows @param {string} head @param {boolean} judged */
function block(rows, head, judged) {
  const systematic = judged ? " & $\\pm$ syst." : "";
  return [
    `    Constant & \\multicolumn{2}{c}{${head}}${systematic} & \\\\`,
    "    \\midrule",
    ...rows.map((row) => {
      const name = /^C\d\d$/.test(row.name) ? `$C_{${row.name.slice(1)}}$` : tex(row.name);
      const [before, after] = mathematical(row.value, row.sigma, decimalsOf(row));
      const value =
        row.state === UNDETERMINED
          ? `\\multicolumn{2}{c}{${UNDETERMINED}}`
          : `$${before}$ & ${after ? `$${after}$` : ""}`;
      const moved = judged
        ? ` & ${row.systematic === null ? "" : `$${mathematical(Number(row.systematic.toPrecision(2))).join("")}$`}`
        : "";
      return `    ${name} & ${value}${moved} & ${row.state === UNDETERMINED ? "" : tex(row.state)} \\\\`;
    }),
  ];
}
