/** Scene 7: temperature and zero point, and where one phonon alone is not enough. */

import { look } from "../../../draw/theme.js";
import { make } from "../../../page/dom.js";
import { Bench } from "../bench.js";
import { NICKEL } from "../jobs.js";
import { choice, drawLines, filled, numbers, oneAtATime, pictured, slider } from "../kit.js";
import { Shares } from "../shares.js";

/** Points (h, ½, 0): never a Bragg peak. @type {[number, number, number]} */
const LINE = [0.5, 8, 16];
/** h of the point of the question, and the share that is asked for. */
const POINT = 4.5;
const QUARTER = 0.75;
/** What counts as a quarter lost. */
const SHARES = [0.73, 0.77];

/** @param {import("../kit.js").Kit} kit @returns {import("../kit.js").Scene} */
export function create({ place, texts, say, fail }) {
  let statistics = /** @type {"quantum" | "classical"} */ ("quantum");
  const chart = pictured(texts.say("chart"), "course");
  const parts = pictured(texts.say("parts"), "course");
  const lower = new Shares(parts.canvas);
  const rules = choice(
    texts.say("rules"),
    [
      ["quantum", texts.say("quantum")],
      ["classical", texts.say("classical")],
    ],
    (value) => {
      statistics = value === "classical" ? "classical" : "quantum";
      open();
    },
  );
  const heat = slider(
    texts.say("temperature"),
    { min: 10, max: 900, step: 10, value: 300 },
    (value) => `${texts.number(value, 0)} K`,
    () => open(),
  );
  const seen = numbers([texts.say("share"), texts.say("total")]);
  const legend = filled(
    make("ul", "", { class: "ways" }),
    make("li", texts.say("all"), { class: "hue-1" }),
    make("li", texts.say("one"), { class: "hue-3" }),
    make("li", texts.say("before"), { class: "before" }),
  );
  place.append(rules.box, heat.row, seen.list, chart.figure, legend, parts.figure);

  const bench = new Bench(fail);
  /** @typedef {{temperature: number, statistics: string, h: number[], one: number[], all: number[]}} Found */
  /** @type {Found | null} */
  let found = null;
  /** What the others are compared with. @type {Found | null} */
  let first = null;
  const open = oneAtATime(async () => {
    const temperature = Number(heat.input.value);
    const rule = statistics;
    const { columns } = await bench.open({
      ...NICKEL,
      // Nothing is fitted, and farther pairs change the shares by less than 0.0005.
      constraints: { stiffness_alone: true },
      model: { order: "all-order", statistics: rule, temperature, real_space_range: 20 },
      data: [{ synthetic: { values: { library: "ni_298" }, h: LINE, k: [0.5, 0.5, 1], l: [0], scale: 1 } }],
      nuisance: { scale: 1 },
    });
    const scattered = /** @type {{one: number, two: number, more: number}[] | null} */ (
      await bench.ask({ type: "scattered" })
    );
    if (!scattered) return;
    found = {
      temperature,
      statistics: rule,
      h: [...columns.h],
      one: scattered.map(({ one }) => one),
      all: scattered.map(({ one, two, more }) => one + two + more),
    };
    first ??= found;
    tell();
  });
  open();

  /** One phonon's share at the point of the question. */
  function share() {
    const at = found?.h.findIndex((h) => Math.abs(h - POINT) < 1e-6) ?? -1;
    return { part: (found?.one[at] ?? NaN) / (found?.all[at] ?? NaN), total: found?.all[at] ?? NaN };
  }

  function tell() {
    if (!found) return;
    const { part, total } = share();
    seen.show([`${texts.number(100 * part, 0)} %`, texts.rough(total, 3)]);
    say(
      texts.say("stands", {
        temperature: texts.number(found.temperature, 0),
        rules: texts.say(found.statistics),
        one: texts.number(100 * part, 0),
      }),
    );
    draw();
  }

  function draw() {
    const now = found;
    if (!now) return;
    const style = getComputedStyle(document.documentElement);
    const hue = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    drawLines(chart.canvas, (theme) => [
      { x: first?.h ?? [], y: first?.all ?? [], colour: theme.start, width: 1.5, dashed: true },
      { x: now.h, y: now.all, colour: hue("--hue-1"), width: 2, dots: true },
      { x: now.h, y: now.one, colour: hue("--hue-3"), width: 2, dots: true },
    ]);
    const shares = now.one.map((one, i) => one / (now.all[i] ?? NaN));
    lower.draw({ x: now.h, shares }, { end: LINE[1], goal: QUARTER, at: POINT, colour: hue("--hue-3") }, look());
    chart.tell(`${texts.say("chart")}: ${now.all.map((value) => texts.rough(value)).join(", ")}`);
    parts.tell(`${texts.say("parts")}: ${shares.map((part) => `${texts.number(100 * part, 0)} %`).join(", ")}`);
  }

  return {
    asks: "state",
    check() {
      if (found?.statistics !== "quantum") return { key: "early" };
      const { part } = share();
      const values = { one: texts.number(100 * part, 0), temperature: texts.number(found.temperature, 0) };
      const [low = 0, high = 1] = SHARES;
      if (part > high) return { key: "hint-cold", values };
      if (part < low) return { key: "hint-hot", values };
      return { key: "right", values };
    },
    redraw: draw,
    end: () => bench.end(),
  };
}
