/** What to measure next: candidates that a person types or takes, and what each would tell of the constants. */

import { make } from "../../page/dom.js";
import { count } from "../../page/messages.js";
import { brief, decimalsFor } from "../../page/numbers.js";
import { readNumber } from "../../page/parse.js";
import { Rows } from "../../page/rows.js";
import { Bench, jobFrom, labelsOf, tableOf } from "./bench.js";

/** @typedef {import("../../engine/protocol.js").Job} Job */
/** @typedef {import("../../engine/protocol.js").Columns} Columns */
/** @typedef {import("../../engine/protocol.js").Candidate} Candidate */
/** @typedef {import("../../page/rows.js").Reading} Reading */
/** @typedef {import("../../page/rows.js").Typed} Typed */
/** @typedef {import("../registry.js").Parts} Parts */
/** @typedef {import("../registry.js").Present} Present */
/** @typedef {NonNullable<Job["data"]>[number]} DataSpec */
/** @typedef {NonNullable<DataSpec["synthetic"]>} Synthetic */
/** One that a person asks for. @typedef {{across: string, at: number, reach: number, points: number, temperature: number, times: number}} Asked */

/** Points along each side of a plane. */
const MOST_POINTS = 201;
/** Elastic constants that a row has room for. */
const MOST_ELASTIC = 3;

/** @param {number} least @param {number} most @returns {(typed: string) => Reading} */
const between = (least, most) => (typed) => {
  const reading = readNumber(typed);
  if ("problem" in reading || (reading.value >= least && reading.value <= most)) return reading;
  return { problem: `“${typed}” is not between ${least} and ${most}` };
};

/** @param {string} typed @returns {Reading} */
function readPoints(typed) {
  const reading = between(2, MOST_POINTS)(typed);
  return "problem" in reading || Number.isInteger(reading.value)
    ? reading
    : { problem: `“${typed}” is no whole number` };
}

/** @param {Parts} parts */
export function planBench({ present, store }) {
  const candidates = new Rows({
    caption: "Candidates",
    what: "candidate",
    columns: [
      {
        key: "across",
        label: "Plane",
        options: [
          ["l", "l ="],
          ["k", "k ="],
          ["h", "h ="],
        ],
        read: (typed) => ({ value: typed }),
      },
      { key: "at", label: "at", unit: "r.l.u.", read: between(-1000, 1000) },
      { key: "reach", label: "out to ±", unit: "r.l.u.", read: between(0.1, 50) },
      { key: "points", label: "Points a side", read: readPoints },
      { key: "temperature", label: "T", unit: "K", read: between(0, 5000) },
      { key: "times", label: "Counting time", unit: "×", read: between(1e-3, 1e4) },
    ],
    fresh: () => ({ ...usual(), at: "0.5" }),
  });
  /** A plane like those that are there. @returns {Typed} */
  const usual = () => {
    const { open } = store.state;
    const columns = open?.opened.columns ?? [];
    const temperature = open?.job.data[0]?.temperature ?? open?.job.model.temperature ?? 300;
    return {
      across: "l",
      at: "0",
      reach: String(reachOf(columns)),
      points: "21",
      temperature: String(temperature),
      times: "1",
    };
  };
  const choices = () => {
    const one = usual();
    const cold = String(Number((Number(one.temperature) / 3).toPrecision(2)));
    return [one, { ...one, at: "0.25" }, { ...one, at: "0.5" }, { ...one, temperature: cold }, { ...one, times: "4" }];
  };
  const again = make("button", "Simple choices", { type: "button" });
  again.title = "Three planes, a colder one, and one that is counted four times as long";
  again.addEventListener("click", () => candidates.show(choices()));
  candidates.element.append(" ", again);
  const form = make("form", "", { autocomplete: "off" });
  form.append(candidates.element);
  form.addEventListener("submit", (event) => event.preventDefault());
  /** @type {{own: number, asked: Asked[]}} */
  let question = { own: 0, asked: [] };
  const bench = new Bench({
    id: "compare-plan",
    title: "What to measure next",
    words:
      "How well each candidate would determine the constants beside the data that are there, with the constants where the fit stands, a scale and backgrounds of its own, and the noise of counts. Counting time 1 gives each pixel as many counts as the σ of the present data stand for.",
    verb: "Plan",
    before: [form],
    ready: "Ready. Plan puts the candidates in the order in which they should be measured.",
    present: () => present(true),
    ask: (now) => {
      const asked = /** @type {Asked[] | null} */ (candidates.read());
      if (!asked) {
        candidates.goToProblem();
        return null;
      }
      bench.result.replaceChildren();
      question = { own: now.job.data.length, asked };
      const counts = countsOf(store.state.open?.opened.columns[0] ?? null);
      return { type: "plan", job: planned(now, asked, counts), files: now.files };
    },
    take: (message) => {
      if (message.type !== "plan") return null;
      show(bench.result, message.list, question);
      const [first] = message.list;
      if (!first) return "Nothing was asked for.";
      const [good, all] = first.determined;
      return `First ${nameOf(first.data, question)}: with it ${good} of ${all} constants are determined, and σ shrink ${factor(first.gain)} on average.`;
    },
    halted: () => "Stopped.",
  });
  return Object.assign(bench, {
    /** Simple choices to begin with. */
    offer: () => {
      if (candidates.length === 0 && store.state.open) candidates.show(choices());
    },
  });
}

/** How far out the data reach, r.l.u. @param {Columns[]} columns */
function reachOf(columns) {
  let most = 0;
  for (const { h, k } of columns) {
    for (let i = 0; i < h.length; i++) most = Math.max(most, Math.abs(h[i] ?? 0), Math.abs(k[i] ?? 0));
  }
  return most > 0 ? Number(Math.min(most, 50).toFixed(2)) : 3;
}

/** Counts that a data unit stands for, by the σ of the data; one where there are none. @param {Columns | null} columns */
function countsOf(columns) {
  const { intensity, sigma, used } = columns ?? {};
  if (!intensity || !sigma || !used) return 1;
  const ratios = [];
  const step = Math.ceil(intensity.length / 10_000);
  for (let i = 0; i < intensity.length; i += step) {
    const [value = 0, s = 0] = [intensity[i], sigma[i]];
    if (used[i] === 1 && value > 0 && s > 0) ratios.push(value / s ** 2);
  }
  const middle = ratios.sort((a, b) => a - b)[ratios.length >> 1];
  return middle !== undefined && Number.isFinite(middle) && middle > 0 ? middle : 1;
}

/** The job with the candidates behind its data. @param {Present} now @param {Asked[]} asked @param {number} counts @returns {Job} */
function planned(now, asked, counts) {
  const { job, progress } = now;
  const scale = counts * Math.abs(progress.scale[0] ?? 1);
  const background = (/** @type {string} */ name) =>
    counts * Math.max(0, (progress.nuisances[0] ?? []).find((n) => n.name === name)?.value ?? 0);
  const backgrounds = [background("background constant"), background("background q2")];
  const data = asked.map(({ across, at, reach, points, temperature, times }) => {
    /** @type {[number, number, number]} */
    const wide = [-reach, reach, points];
    /** @type {[number, number, number]} */
    const one = [at, at, 1];
    const list = Array.from({ length: points }, (_, i) => -reach + (2 * reach * i) / (points - 1));
    const grid = { h: across === "h" ? one : wide, k: across === "k" ? one : wide, l: across === "l" ? [at] : list };
    /** @type {Synthetic} */
    const synthetic = {
      ...grid,
      values: { labels: labelsOf(now) },
      model: { ...job.model, temperature },
      scale: scale * times,
      background: /** @type {[number, number]} */ (backgrounds.map((b) => b * times)),
    };
    return /** @type {DataSpec} */ ({ synthetic, temperature, ideal: true });
  });
  return { ...jobFrom(now), data: [...job.data, ...data] };
}

/** @param {number} data @param {{own: number, asked: Asked[]}} question */
function nameOf(data, { own, asked }) {
  const one = asked[data - own];
  if (!one) return `measurement ${data + 1} of the job`;
  const time = one.times === 1 ? "" : `, ${brief(one.times)} × the time`;
  return `${one.across} = ${brief(one.at)} at ${brief(one.temperature)} K${time}`;
}

/** @param {number} gain */
const factor = (gain) => `${gain < 10 ? gain.toFixed(gain < 1.1 ? 3 : 2) : brief(Number(gain.toPrecision(2)))} times`;

/** @param {number | null} sigma */
const expected = (sigma) => (sigma === null ? "not bounded" : sigma.toFixed(decimalsFor(sigma)));

/** @param {HTMLElement} home @param {Candidate[]} list @param {{own: number, asked: Asked[]}} question */
function show(home, list, question) {
  const [first] = list;
  if (!first) return home.replaceChildren();
  const number = (/** @type {string} */ text) => make("td", text, { class: "number" });
  const elastic = first.elastic.slice(0, MOST_ELASTIC).map(([name]) => name);
  const order = tableOf(
    "Best first, each beside those above it",
    ["Measurement", "Data", "Determined", "σ shrink", ...elastic.map((name) => `σ of ${name} (GPa)`)],
    list.map((one, place) => [
      make("th", `${place + 1}. ${nameOf(one.data, question)}`, { scope: "row" }),
      number(count(one.n_data)),
      number(`${one.determined[0]} of ${one.determined[1]}`),
      number(factor(one.gain)),
      ...elastic.map((_, i) => number(expected(one.elastic[i]?.[1] ?? null))),
    ]),
  );
  const each = tableOf(
    "Expected σ of the constants (eV/Å²), with as many of the measurements",
    ["Constant", ...list.map((_, place) => (place === 0 ? "the first" : `first ${place + 1}`))],
    first.sigma.map(([label], p) => [
      make("th", label, { scope: "row" }),
      ...list.map((one) => number(expected(one.sigma[p]?.[1] ?? null))),
    ]),
  );
  const details = make("details");
  details.append(make("summary", "Each constant"), each);
  home.replaceChildren(order, details);
}
