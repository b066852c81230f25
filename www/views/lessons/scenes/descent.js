/** Scene 4: chance and the arrow of the gradient, on two springs with their landscape, and on sixteen. */

import { look } from "../../../draw/theme.js";
import { make } from "../../../page/dom.js";
import { Bench } from "../bench.js";
import { Chance } from "../chance.js";
import { NICKEL, planesOfNickel } from "../jobs.js";
import { action, choice, drawLines, filled, numbers, pictured } from "../kit.js";
import { Landscape } from "../landscape.js";

/** @typedef {import("../../../engine/protocol.js").WrittenJob} WrittenJob */

/** eV/Å²: springs along the bonds of the first and the second shell. */
const ACROSS = { from: 0.4, to: 3.6, n: 40, name: "k₁" };
const UP = { from: -0.5, to: 1.9, n: 30, name: "k₂" };
/** Places of the landscape that are asked for at once, so that a press of a button is not long in waiting. */
const AT_ONCE = 60;
/** Tries of one press. */
const TRIES = 50;
/** Below this a model is called good. */
const GOOD = 2;
/** A try goes this far, of what the start is worth. */
const JUMP = 0.12;

/** @type {Record<string, WrittenJob>} */
const JOBS = {
  2: {
    crystal: NICKEL.crystal,
    force_constants: { cutoff: 3.6, start: { springs: { 1: 1.4, 2: 1.2 } } },
    // Springs along the bonds alone.
    constraints: { fixed: { "1ZZ": 0, "2YY": 0 }, tied: [{ labels: ["1XX", "1XY"] }] },
    model: { order: "one-phonon", temperature: 298 },
    data: planesOfNickel([-3, 3, 21], [0], {
      values: { springs: { 1: 2.3, 2: 0.4 } },
      scale: 20,
      noise: true,
      seed: 1,
    }),
    mask: { bragg_radius: 0.15 },
    nuisance: { scale: 20 },
    fit: { method: "lm" },
  },
  16: {
    crystal: NICKEL.crystal,
    force_constants: { start: { springs: { 1: 1.2 } }, cutoff: 5.7 },
    model: { order: "one-phonon", temperature: 298 },
    data: planesOfNickel([-3, 3, 21], [0, 0.5], { values: { library: "ni_298" }, scale: 20, noise: true, seed: 1 }),
    mask: { bragg_radius: 0.15 },
    nuisance: { scale: 20 },
    fit: { method: "lm" },
  },
};

/** @typedef {{misfits: number[], places: number[][], at: number[]}} Search  Misfit after each model, where they were, and where the search stands. */

/** @param {import("../kit.js").Kit} kit @returns {import("../kit.js").Scene} */
export function create({ place, texts, seed, say, fail }) {
  const size = choice(
    texts.say("how-many"),
    [
      ["2", texts.say("two")],
      ["16", texts.say("sixteen")],
    ],
    (value) => open(value),
  );
  const map = pictured(texts.say("map"), "plane");
  const chart = pictured(texts.say("chart"), "course");
  const seen = numbers([texts.say("by-chance"), texts.say("by-arrow")]);
  const buttons = [
    action(texts.say("try-chance"), chance),
    action(texts.say("follow"), follow, true),
    action(texts.say("reset"), reset),
  ];
  const legend = filled(
    make("ul", "", { class: "ways" }),
    make("li", texts.say("chance"), { class: "hue-3" }),
    make("li", texts.say("arrow"), { class: "hue-1" }),
  );
  place.append(
    size.box,
    map.figure,
    filled(make("div", "", { class: "tools" }), ...buttons),
    seen.list,
    legend,
    chart.figure,
  );

  const bench = new Bench(fail);
  const landscape = new Landscape(map.canvas, ACROSS, UP);
  let many = "2";
  let round = 0;
  let busy = false;
  let values = new Float64Array(0);
  /** Where the search begins. @type {number[]} */
  let start = [];
  /** @type {Search} */
  let lucky = { misfits: [], places: [], at: [] };
  /** @type {Search} */
  let guided = { misfits: [], places: [], at: [] };
  let ended = false;
  let dice = new Chance(seed);
  open("2");

  /** @param {string} next */
  async function open(next) {
    many = next;
    // The same tries in every room; a start anew within one goes on to others.
    dice = new Chance(seed);
    const mine = ++round;
    map.figure.hidden = many !== "2";
    hold(true);
    const job = JOBS[many];
    if (!job) return;
    const { progress } = await bench.open(job);
    if (mine !== round) return;
    start = progress.values;
    begin(progress.chi2_reduced);
    hold(false);
    if (many === "2") await survey(mine);
  }

  /** Both searches at the start. @param {number} misfit */
  function begin(misfit) {
    lucky = { misfits: [misfit], places: [start], at: start };
    guided = { misfits: [misfit], places: [start], at: start };
    ended = false;
    tell();
    say(texts.say("stands", { misfit: texts.rough(misfit, 3) }));
  }

  /** The landscape, a few places at a time. @param {number} mine */
  async function survey(mine) {
    const places = landscape.places;
    values = new Float64Array(places.length).fill(NaN);
    for (let i = 0; i < places.length && mine === round; i += AT_ONCE) {
      const points = places.slice(i, i + AT_ONCE).map(([k1 = 0, k2 = 0]) => [-k1 / 2, 0, -k1 / 2, -k2, 0]);
      const found = /** @type {Float64Array | null} */ (await bench.ask({ type: "misfits", points }));
      if (mine !== round) return;
      if (found) values.set(found, i);
      draw();
    }
  }

  /** @param {boolean} on */
  function hold(on) {
    busy = on;
    for (const button of buttons) button.setAttribute("aria-disabled", String(on));
  }

  /** Jumps at random from the best place so far. */
  async function chance() {
    if (busy) return;
    const mine = round;
    hold(true);
    const scale = Math.max(...start.map(Math.abs));
    // What is held or follows from others is set by the engine.
    for (let i = 0; i < TRIES && mine === round; i++) {
      const best = lucky.at;
      const place = best.map((value) => value + JUMP * scale * dice.normal());
      const tied = many === "2" ? [place[0] ?? 0, 0, place[0] ?? 0, place[3] ?? 0, 0] : place;
      const answer = await bench.ask({ type: "touch", values: tied });
      if (mine !== round) return;
      const least = Math.min(...lucky.misfits);
      const misfit = answer?.misfit ?? Infinity;
      lucky.misfits.push(Math.min(least, misfit));
      if (misfit < least) {
        lucky.at = tied;
        lucky.places.push(tied);
      }
    }
    hold(false);
    tell();
    say(texts.say("chanced", { misfit: texts.rough(last(lucky), 3), n: lucky.misfits.length - 1 }));
  }

  /** One step of the fit. */
  async function follow() {
    if (busy) return;
    const mine = round;
    hold(true);
    const stand = /** @type {import("../bench.js").Stand | null} */ (ended ? null : await bench.ask({ type: "step" }));
    if (mine !== round) return;
    hold(false);
    if (stand) {
      const { progress } = stand;
      // Steps that led uphill were models, too.
      for (let i = 0; i < progress.rejected_steps; i++) guided.misfits.push(last(guided));
      guided.misfits.push(Math.min(last(guided), progress.chi2_reduced));
      guided.places.push(progress.values);
      guided.at = progress.values;
      ended = progress.termination !== null;
    }
    tell();
    say(
      texts.say(ended ? "bottom" : "stepped", { misfit: texts.rough(last(guided), 3), n: guided.misfits.length - 1 }),
    );
  }

  async function reset() {
    if (busy) return;
    hold(true);
    const stand = /** @type {import("../bench.js").Stand | null} */ (await bench.ask({ type: "reset" }));
    hold(false);
    if (stand) begin(stand.progress.chi2_reduced);
  }

  /** @param {Search} search */
  const last = ({ misfits }) => misfits[misfits.length - 1] ?? NaN;

  function tell() {
    seen.show(
      [lucky, guided].map((search) =>
        texts.say("numbers", { n: search.misfits.length - 1, misfit: texts.rough(last(search), 3) }),
      ),
    );
    draw();
  }

  function draw() {
    const style = look();
    const theme = getComputedStyle(document.documentElement);
    const hue = (/** @type {string} */ name) => theme.getPropertyValue(name).trim();
    if (many === "2" && values.length > 0) {
      // On the map, springs: a block of a pair is −k R̂R̂ᵀ.
      const springs = ({ places = /** @type {number[][]} */ ([]) }) =>
        places.map((at) => [-2 * (at[0] ?? 0), -(at[3] ?? 0)]);
      landscape.draw(
        values,
        [
          { points: springs(lucky), colour: "#ffa46b", line: true },
          { points: springs(guided), colour: "#ffffff", line: true },
        ],
        style,
      );
      const [k1 = 0, k2 = 0] = springs({ places: [guided.at] })[0] ?? [];
      map.tell(`${texts.say("map")}. ${texts.say("place", { first: texts.number(k1), second: texts.number(k2) })}`);
    }
    const end = Math.max(20, lucky.misfits.length - 1, guided.misfits.length - 1);
    const line = ({ misfits = [NaN] }) => ({ x: misfits.map((_, i) => i + 1), y: misfits, width: 2 });
    drawLines(
      chart.canvas,
      (chosen) => [
        { x: [1, end + 1], y: [GOOD, GOOD], colour: chosen.start, width: 1, dashed: true },
        { ...line(lucky), colour: hue("--hue-3") },
        { ...line(guided), colour: hue("--hue-1"), dots: true },
      ],
      true,
    );
    chart.tell(
      `${texts.say("chart")}. ${texts.say("chance")}: ${texts.rough(last(lucky), 3)}. ${texts.say("arrow")}: ${texts.rough(last(guided), 3)}.`,
    );
  }

  return {
    asks: "number",
    check(answer) {
      if (many !== "16") return { key: "early" };
      if (lucky.misfits.length <= TRIES) return { key: "no-chance" };
      const needed = guided.misfits.findIndex((misfit) => misfit < GOOD);
      if (needed < 0) return { key: "not-there" };
      const values = {
        n: String(needed),
        tries: String(lucky.misfits.length - 1),
        misfit: texts.rough(last(lucky), 3),
      };
      return { key: Math.abs(answer - needed) <= 1 ? "right" : "hint", values };
    },
    redraw: draw,
    end: () => {
      round += 1;
      bench.end();
    },
  };
}
