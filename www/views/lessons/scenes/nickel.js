/** Scene 6: the springs of nickel from all of a measurement and from parts of it. */

import { drawColourBar } from "../../../draw/colour-bar.js";
import { look, wantsStillness } from "../../../draw/theme.js";
import { make } from "../../../page/dom.js";
import { Bench } from "../bench.js";
import { A, NICKEL, planesOfNickel } from "../jobs.js";
import { action, choice, filled, numbers, pictured, Planes } from "../kit.js";

/** @typedef {import("../../../engine/protocol.js").Progress} Progress */
/** @typedef {import("../../../engine/protocol.js").WeakCombination} WeakCombination */

/** What is measured. @type {Record<string, {l: number[], keep?: {fraction?: number, window?: [[number, number], [number, number]]}}>} */
const PARTS = {
  all: { l: [0, 0.5, 1] },
  quarter: { l: [0, 0.5, 1], keep: { fraction: 0.25 } },
  plane: { l: [0] },
  window: {
    l: [0],
    keep: {
      window: [
        [1, 3],
        [1, 3],
      ],
    },
  },
};
/** How far the answer may be from the ratio of the error bars. */
const NEAR = 0.25;
/** Halves of a, as they are written. */
const HALVES = ["0", "½", "1", "1½", "2"];
/** Milliseconds for which a step stays in sight. */
const PACE = 350;

/** @param {import("../kit.js").Kit} kit @returns {import("../kit.js").Scene} */
export function create({ place, texts, say, fail }) {
  const part = choice(
    texts.say("part"),
    Object.keys(PARTS).map((name) => [name, texts.say(name)]),
    open,
  );
  const measured = pictured(texts.say("measured"), "plane");
  const model = pictured(texts.say("model"), "plane");
  const bar = make("canvas", "", { "aria-hidden": "true", class: "bar" });
  const fit = action(texts.say("fit"), run, true);
  const seen = numbers([texts.say("points"), texts.say("misfit"), texts.say("open")]);
  const body = make("tbody");
  const head = make("tr");
  for (const key of ["constant", "bond", "found", "error", "true"])
    head.append(make("th", texts.say(key), { scope: "col" }));
  const table = filled(
    make("table", "", { class: "constants-found" }),
    make("caption", texts.say("table")),
    filled(make("thead"), head),
    body,
  );
  const mixtures = make("div", "", { class: "mixtures" });
  const scroll = make("div", "", { class: "scroll", tabindex: "0", role: "region", "aria-label": texts.say("table") });
  place.append(
    part.box,
    filled(make("div", "", { class: "panels two" }), measured.figure, model.figure),
    bar,
    filled(make("div", "", { class: "tools" }), fit, seen.list),
    filled(scroll, table),
    make("p", texts.say("read"), { class: "facts" }),
    mixtures,
  );

  const bench = new Bench(fail);
  let name = "all";
  let round = 0;
  let busy = false;
  /** @type {import("../../../engine/protocol.js").OnBench | null} */
  let opened = null;
  /** @type {Planes | null} */
  let planes = null;
  /** @type {Float64Array | null} */
  let intensities = null;
  /** @type {Progress | null} */
  let progress = null;
  /** Error bars by part, once fitted. @type {Map<string, Progress>} */
  const done = new Map();
  open("all");

  /** Whether a press would come too early is seen. @param {boolean} on */
  function hold(on) {
    busy = on;
    fit.setAttribute("aria-disabled", String(on));
  }

  /** @param {string} next */
  async function open(next) {
    name = next;
    const mine = ++round;
    hold(true);
    const { l, keep } = PARTS[name] ?? { l: [0] };
    const rest = {
      values: { library: "ni_298" },
      scale: 20,
      background: /** @type {[number, number]} */ ([50, 1]),
      noise: true,
      seed: 1,
    };
    const bench_ = await bench.open({
      crystal: NICKEL.crystal,
      force_constants: { start: { springs: { 1: 1.2 } }, cutoff: 5.7 },
      model: { order: "one-phonon", statistics: "quantum", temperature: 298 },
      data: planesOfNickel([-4, 4, 33], l, keep ? { ...rest, keep } : rest),
      mask: { bragg_radius: 0.15 },
      nuisance: { scale: "free", background: ["constant", "q2"] },
      fit: { method: "lm", max_iterations: 60, likelihood: "poisson" },
      reference: { library: "ni_298" },
    });
    if (mine !== round) return;
    hold(false);
    opened = bench_;
    planes?.free();
    planes = new Planes(opened.columns, opened.description);
    intensities = opened.model;
    progress = opened.progress;
    mixtures.replaceChildren();
    show();
    say(texts.say("ready", { misfit: texts.rough(progress.chi2_reduced, 3) }));
  }

  /** The fit, to its end. */
  async function run() {
    if (busy || !progress) return;
    hold(true);
    const mine = round;
    mixtures.replaceChildren();
    if (progress.termination) await bench.ask({ type: "reset" });
    for (;;) {
      const began = performance.now();
      const stand = /** @type {import("../bench.js").Stand | null} */ (await bench.ask({ type: "step" }));
      if (mine !== round || !stand) return;
      progress = stand.progress;
      intensities = stand.model;
      show();
      if (progress.termination) break;
      say(texts.say("step", { n: progress.iteration, misfit: texts.rough(progress.chi2_reduced, 3) }));
      const pause = wantsStillness() ? 0 : PACE - (performance.now() - began);
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      if (mine !== round) return;
    }
    done.set(name, progress);
    const weak = /** @type {WeakCombination[] | null} */ (await bench.ask({ type: "mixtures" }));
    if (mine !== round) return;
    hold(false);
    tellMixtures(weak ?? []);
    const lost = progress.determined.filter((known) => !known).length;
    say(texts.say(lost === 0 ? "all-known" : "some-open", { n: lost, of: progress.values.length }));
  }

  /** What the data leave open, in words: no single springs, but springs that make up for each other. @param {WeakCombination[]} weak */
  function tellMixtures(weak) {
    if (weak.length === 0) return;
    const list = make("ol");
    const joined = new Intl.ListFormat(texts.language, { type: "conjunction" });
    for (const { weights } of weak) {
      const parts = weights.map(([label]) => {
        const [, shell = "", a = "", b = ""] = /^(\d+)([XYZ])([XYZ])$/.exec(label) ?? [];
        return shell === ""
          ? texts.say("brightness")
          : texts.say("spring", { shell, a: a.toLowerCase(), b: b.toLowerCase() });
      });
      list.append(make("li", joined.format(parts)));
    }
    mixtures.append(make("p", texts.say("mixtures")), list, make("p", texts.say("shadow")));
  }

  function show() {
    if (!opened || !progress) return;
    const fitted = progress.termination !== null;
    const lost = progress.determined.filter((known) => !known).length;
    seen.show([
      texts.number(progress.n_data, 0),
      texts.rough(progress.chi2_reduced, 3),
      fitted ? texts.say("of", { n: lost, of: progress.values.length }) : "–",
    ]);
    const rows = opened.description.parameters.map(({ label, reference, vector }, p) => {
      const known = progress?.determined[p] ?? false;
      const sigma = progress?.sigma[p] ?? null;
      const row = make("tr", "", fitted && !known ? { class: "unknown" } : {});
      row.append(
        make("th", label.replace(/^\d+/, "$& ").toLowerCase(), { scope: "row" }),
        make("td", vector.map((x) => HALVES[Math.round((2 * x) / A)] ?? "–").join(" ")),
        make("td", texts.number(progress?.values[p] ?? NaN, 3)),
        make("td", !fitted ? "" : known && sigma !== null ? `± ${texts.number(sigma, 3)}` : texts.say("not-known")),
        make("td", texts.number(reference ?? NaN, 3)),
      );
      return row;
    });
    body.replaceChildren(...rows);
    draw();
  }

  function draw() {
    if (!opened || !planes || !intensities) return;
    const scale = planes.range(opened.columns.intensity);
    planes.draw(measured.canvas, opened.columns.intensity, scale);
    planes.draw(model.canvas, intensities, scale);
    if (bar.clientWidth > 0) drawColourBar(bar, { ...scale, caption: texts.say("counts") }, look());
  }

  return {
    asks: "number",
    check(answer) {
      const [all, quarter] = [done.get("all"), done.get("quarter")];
      if (!all || !quarter) return { key: "early" };
      // The middle of the ratios of all error bars.
      const ratios = all.sigma.map((sigma, p) => (quarter.sigma[p] ?? NaN) / (sigma ?? NaN)).filter(Number.isFinite);
      const ratio = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? NaN;
      const values = { ratio: texts.number(ratio, 1) };
      return { key: Math.abs(answer / ratio - 1) <= NEAR ? "right" : "hint", values };
    },
    redraw: draw,
    end: () => {
      round += 1;
      bench.end();
      planes?.free();
    },
  };
}
