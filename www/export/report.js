/**
 * A report on one page of paper: what was measured, what was found and how to repeat it, as an HTML file that needs nothing
 * else. It says what is true of the state on the screen and no more.
 */

import { labelOf, shownText } from "../page/controls.js";
import { count, sentence } from "../page/messages.js";
import { reduced } from "../page/numbers.js";
import { SETTINGS } from "../page/settings.js";
import { named, writtenNuisance } from "../page/words.js";
import { UNDETERMINED, decimalsOf, headOf } from "./constants.js";
import { escaped } from "./figure.js";
import { written } from "./uncertain.js";

/** @typedef {import("./constants.js").Row} Row */
/** @typedef {import("../engine/protocol.js").Progress} Progress */
/**
 * @typedef {{
 *   stem: string, date: Date, source: string | null, result: import("../../pkg/tds_inversion.js").FitResult, job: import("../engine/protocol.js").Job,
 *   progress: Progress, playing: boolean, description: import("../engine/protocol.js").Description, values: import("../page/settings.js").Values,
 *   constants: Row[], elastic: Row[], maps: {svg: string, caption: string} | null, charts: {svg: string, caption: string}[],
 * }} Facts  `source`: what was simulated, if the page knows; `values`: the settings in force.
 */

/** Settings that say nothing where they are so. */
const SILENT = new Set(["off", "empty", "none", "nothing", "left out", "null", ""]);
/** Rows of constants in one table at least, before another one stands beside it. */
const ROWS = 6;

const STYLE = `
@page { size: A4; margin: 6mm 12mm; }
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { max-width: 186mm; margin: 6mm auto; padding: 0 3mm; background: #fff; color: #16181b; font: 8pt/1.24 system-ui, "Helvetica Neue", Arial, sans-serif; }
@media (max-width: 150mm) { .side, .halves { grid-template-columns: minmax(0, 1fr); } }
@media print { body { margin: 0; padding: 0; max-width: none; } details { display: none; } }
h1 { margin: 0; font-size: 14pt; line-height: 1.2; }
h2 { margin: 1.8mm 0 0.6mm; font-size: 9pt; break-after: avoid; }
p, ul { margin: 0.6mm 0 0; }
ul { padding-left: 4mm; }
.quiet { color: #555b63; }
.verdict { margin-top: 2mm; padding: 1.5mm 2.5mm; border-left: 1.2mm solid #767d86; background: #f4f5f6; break-inside: avoid; }
.good { border-color: #17683a; } .limited { border-color: #a06a00; } .none { border-color: #a8261d; }
figure { margin: 1.5mm 0 0; break-inside: avoid; min-width: 0; }
figcaption { color: #555b63; }
figure svg { display: block; max-width: 100%; height: auto; margin-inline: auto; }
.side { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0 4mm; align-items: end; margin-top: 1mm; }
.side > div { align-self: start; }
.halves { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 8mm; align-items: start; }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(50mm, 1fr)); gap: 0 6mm; align-items: start; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; line-height: 1.2; }
th, td { padding: 0.25mm 0; text-align: left; font-weight: 400; vertical-align: baseline; }
thead th { border-bottom: 0.25mm solid #16181b; color: #555b63; }
td.number, th.number { text-align: right; white-space: nowrap; }
td + td:last-child { padding-left: 2mm; color: #555b63; }
dl { margin: 0; columns: 2; column-gap: 5mm; }
dl div { display: flex; justify-content: space-between; gap: 2mm; break-inside: avoid; border-bottom: 0.1mm solid #d5d8db; }
dt { color: #555b63; } dd { margin: 0; text-align: right; overflow-wrap: anywhere; min-width: 0; }
code, pre { font: 7pt/1.3 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: 1mm 0; padding: 2mm; background: #f4f5f6; }
summary { cursor: pointer; }
`;

/** @param {Facts} facts */
export function report(facts) {
  const { description, result, maps, charts, date } = facts;
  const { crystal } = description;
  const elastic = description.parameters.every(({ unit }) => unit === "GPa");
  const title = `${elastic ? "Elastic" : "Force"} constants of ${crystal.title} from diffuse scattering`;
  const figure = (/** @type {{svg: string, caption: string}} */ { svg, caption }) =>
    `<figure>${inline(svg)}<figcaption>${escaped(caption)}</figcaption></figure>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="${escaped(`${result.program.name} ${result.program.version}`)}">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p class="quiet">${escaped(dateOf(date))} · ${escaped(result.program.name)} ${escaped(result.program.version)} · ${escaped(crystalOf(facts))}</p>
${verdictOf(facts)}
${maps ? figure(maps) : ""}
<div class="side">${charts.map(figure).join("")}${elasticOf(facts)}</div>
${constantsOf(facts)}
<div class="halves">
<div>
<h2>Data</h2>
${dataOf(facts)}
<h2>How to repeat it</h2>
${repeatOf(facts)}
</div>
<div>
<h2>Settings</h2>
<dl>${settingsOf(facts.values)}</dl>
</div>
</div>
<details><summary>The job</summary><pre id="job">${escaped(jobText(facts))}</pre></details>
</main>
</body>
</html>
`;
}

/** Inside HTML the name of the format is known. @param {string} svg */
const inline = (svg) => svg.replace(' xmlns="http://www.w3.org/2000/svg"', ' role="img"');

/** With the clock of the one who reads it. @param {Date} date */
function dateOf(date) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const zone = -date.getTimezoneOffset();
  const offset = `${zone < 0 ? "−" : "+"}${two(Math.floor(Math.abs(zone) / 60))}:${two(Math.abs(zone) % 60)}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())} (UTC${offset})`;
}

/** @param {Facts} facts */
function crystalOf({ description: { crystal, model } }) {
  const { a, b, c, alpha, beta, gamma } = crystal.input_cell;
  const length = (/** @type {number} */ x) => String(Number(x.toFixed(4)));
  const edges = a === b && b === c ? `a = ${length(a)} Å` : `a, b, c = ${[a, b, c].map(length).join(", ")} Å`;
  const right = [alpha, beta, gamma].every((angle) => Math.abs(angle - 90) < 1e-6);
  const angles = right ? "" : `, α, β, γ = ${[alpha, beta, gamma].map(length).join(", ")}°`;
  return `${crystal.space_group.replaceAll(" ", "")} (${crystal.space_group_number}), ${edges}${angles}, ${length(model.temperature_k)} K`;
}

/** @param {Facts} facts */
function verdictOf({ progress, playing }) {
  const { verdict, termination, iteration } = progress;
  const state =
    iteration === 0
      ? "Nothing is fitted yet: these are the start constants."
      : termination
        ? endOf(progress)
        : `The fit has not ended${playing ? " and was running" : ""}: this is iteration ${iteration}.`;
  const numbers = `χ²/n = ${reduced(progress.chi2_reduced)} over ${count(progress.n_data)} data.`;
  const trust = verdict
    ? `<p><b>Trust: ${verdict.trust}.</b> ${escaped(named(verdict.sentence))}</p>`
    : iteration > 0
      ? "<p>The fit is judged when it stops.</p>"
      : "";
  const reasons = (verdict?.reasons ?? []).map(({ sentence: words }) => `<li>${escaped(named(words))}</li>`);
  return `<div class="verdict ${verdict?.trust ?? ""}"><p>${escaped(state)} ${escaped(numbers)}</p>${trust}${reasons.length > 0 ? `<ul>${reasons.join("")}</ul>` : ""}</div>`;
}

/** How it ended; what the verdict says follows. @param {Progress} progress */
const endOf = ({ message, verdict }) => sentence(verdict ? message.replace(verdict.sentence, "") : message);

/** @param {Facts} facts */
function constantsOf({ constants, progress }) {
  const fitted = progress.iteration > 0;
  const words = fitted
    ? "In brackets: σ, in units of the last digit."
    : "Start values; nothing is known of their uncertainty.";
  const judged = constants.some(({ systematic }) => systematic !== null);
  const moved = judged ? " ± syst.: what an instrument may have moved it by besides." : "";
  const more = [
    ...progress.scale.map((value, i) => [
      `scale${progress.scale.length > 1 ? ` ${i + 1}` : ""}`,
      written(value, fitted ? (progress.scale_sigma[i] ?? null) : null),
    ]),
    ...progress.nuisances.flatMap((list, i) =>
      list.map(({ name, value, sigma, unit }) => [
        `${writtenNuisance(name)}${progress.nuisances.length > 1 ? ` ${i + 1}` : ""}`,
        `${written(value, fitted ? sigma : null)} ${unit}`,
      ]),
    ),
  ];
  const others = more.map(([name = "", value = ""]) => `${escaped(name)} ${escaped(value.trim())}`).join("; ");
  const length = Math.max(ROWS, Math.ceil(constants.length / 3));
  const tables = [];
  for (let from = 0; from < constants.length; from += length)
    tables.push(tableOf(constants.slice(from, from + length), headOf(constants), judged));
  return `<h2>Constants</h2>
<div class="tables">${tables.join("")}</div>
<p class="quiet">${escaped(words + moved)}${others ? ` Besides: ${others}.` : ""}</p>`;
}

/** @param {Facts} facts */
function elasticOf({ elastic }) {
  if (elastic.length === 0) return "";
  const judged = elastic.some(({ systematic }) => systematic !== null);
  return `<div><h2>Elastic constants</h2>${tableOf(elastic, "C (GPa)", judged)}</div>`;
}

/** @param {Row[]} rows @param {string} head @param {boolean} judged */
function tableOf(rows, head, judged) {
  const lines = rows.map((row) => {
    const { name, value, sigma, systematic, state } = row;
    const open = state === UNDETERMINED;
    const cells = [
      `<th scope="row">${escaped(name)}</th>`,
      `<td class="number">${open ? "" : written(value, sigma, decimalsOf(row))}</td>`,
      ...(judged
        ? [`<td class="number">${systematic === null ? "" : `± ${written(Number(systematic.toPrecision(2)))}`}</td>`]
        : []),
      `<td>${escaped(state)}</td>`,
    ];
    return `<tr>${cells.join("")}</tr>`;
  });
  const syst = judged ? '<th scope="col" class="number">syst.</th>' : "";
  return `<table><thead><tr><th scope="col">Constant</th><th scope="col" class="number">${escaped(head)}</th>${syst}<td></td></tr></thead><tbody>${lines.join("")}</tbody></table>`;
}

/** @param {Facts} facts */
function dataOf({ result, description, source }) {
  const sets = description.datasets.map(
    ({ name, n, n_used, q_max, temperature_k, has_sigma }) =>
      `<p><b>${escaped(name)}</b>: ${count(n_used)} of ${count(n)} data used, |Q| up to ${q_max.toFixed(1)} Å⁻¹, ${temperature_k} K${has_sigma ? "" : ", no σ column"}.</p>`,
  );
  const single = result.files.length === 1 && result.files[0]?.name === description.datasets[0]?.name;
  const files = result.files.map(
    ({ name, bytes, sha256 }) =>
      `<p>${single ? "" : `${escaped(name)}, `}${count(bytes)} bytes, SHA-256 <code>${escaped(sha256)}</code></p>`,
  );
  const made = source ? `<p>Simulated, not measured, from ${escaped(source)}.</p>` : "";
  return `${sets.join("")}${made}${files.join("")}`;
}

/** @param {import("../page/settings.js").Values} values */
function settingsOf(values) {
  return SETTINGS.filter(({ write, when }) => write && (when?.(values) ?? true))
    .map((setting) => ({ setting, shown: shownText(setting, values[setting.key] ?? null) }))
    .filter(({ shown }) => !SILENT.has(shown))
    .map(({ setting, shown }) => {
      const unit = /\d$/.test(shown)
        ? (document.querySelector(`label[for="${setting.id}"] small`)?.textContent ?? "")
        : "";
      return `<div><dt>${escaped(labelOf(setting))}</dt><dd>${escaped(`${shown} ${unit}`.trim())}</dd></div>`;
    })
    .join("");
}

/** @param {Facts} facts */
function repeatOf(facts) {
  const { stem, result } = facts;
  const file = `${stem}-job.json`;
  const beside = result.files.map(({ name }) => escaped(name)).join(", ");
  const link = `data:application/json;charset=utf-8,${encodeURIComponent(jobText(facts))}`;
  return `<p>With the job in <a href="${escaped(link)}" download="${escaped(file)}">${escaped(file)}</a>${beside ? `, and beside it ${beside}` : ""}</p>
<p><code>tds fit ${escaped(file)} --out ${escaped(stem)}-result.json</code></p>`;
}

/** @param {Facts} facts */
const jobText = ({ job }) => `${JSON.stringify(job, null, 2)}\n`;
