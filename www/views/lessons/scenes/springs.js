/** Scene 3: what each spring changes in the pattern, and a riddle: which one did the page move? */

import { make } from "../../../page/dom.js";
import { Bench } from "../bench.js";
import { Chance } from "../chance.js";
import { NICKEL, planesOfNickel } from "../jobs.js";
import { action, charted, choice, filled, oneAtATime, Planes, slider } from "../kit.js";

/** Shells whose springs can be moved. */
const SHELLS = ["1", "2", "3", "4"];
/** eV/Å²: how far a spring can be moved, and how far the page moves its own. */
const MOST = 0.1;
const SECRET = 0.06;
/** What is said to those who have chosen another shell than this one. @type {Record<string, string>} */
const HINTS = { 1: "hint-near", 2: "hint", 3: "hint-far", 4: "hint-far" };

/** @param {import("../kit.js").Kit} kit @returns {import("../kit.js").Scene} */
export function create({ place, texts, seed, say, fail }) {
  const before = charted(texts.say("pattern"));
  const yours = charted(texts.say("yours"));
  const riddle = charted(texts.say("riddle"));
  let shell = SHELLS[0] ?? "1";
  const shells = choice(
    texts.say("spring"),
    SHELLS.map((s) => [s, texts.say(`shell-${s}`)]),
    (value) => {
      shell = value;
      touch();
    },
  );
  const force = slider(
    texts.say("change"),
    { min: -MOST, max: MOST, step: 0.01, value: 0 },
    (value) => `${texts.number(value)} eV/Å²`,
    () => touch(),
  );
  place.append(
    filled(make("div", "", { class: "panels three" }), before.figure, yours.figure, riddle.figure),
    shells.box,
    force.row,
    filled(
      make("div", "", { class: "tools" }),
      action(texts.say("another"), async () => {
        await hide();
        // A new riddle begins from the pattern as it was, and the old place of the slider gives nothing away.
        force.set(0);
        touch();
      }),
    ),
  );

  const bench = new Bench(fail);
  /** @type {import("../../../engine/protocol.js").OnBench | null} */
  let start = null;
  /** @type {Planes | null} */
  let planes = null;
  /** Relative changes of the intensity, %. @type {Float64Array | null} */
  let mine = null;
  /** @type {Float64Array | null} */
  let hidden = null;
  let secret = "";
  // The riddles follow each other in the same order wherever the seed is the same; every shell comes before one comes again.
  const chance = new Chance(seed);
  /** Shells whose turn is still to come. @type {string[]} */
  let waiting = [];
  const touch = oneAtATime(lookAtMine);
  begin();

  async function begin() {
    const data = planesOfNickel([-4, 4, 49], [0], { values: { library: "ni_298" }, scale: 100 });
    start = await bench.open({
      ...NICKEL,
      model: { order: "one-phonon", temperature: 298 },
      data,
      mask: { bragg_radius: 0.15 },
      nuisance: { scale: 100 },
    });
    planes = new Planes(start.columns, start.description);
    await hide();
    await lookAtMine();
  }

  /** The constants with the spring along the bonds of a shell changed: each block of a pair by −δ R̂R̂ᵀ. @param {string} of @param {number} by */
  function moved(of, by) {
    if (!start) return [];
    return start.description.parameters.map(({ label, vector }, p) => {
      const value = start?.progress.values[p] ?? 0;
      const [, number, i = "", j = ""] = /^(\d+)([XYZ])([XYZ])$/.exec(label) ?? [];
      if (number !== of) return value;
      const along = (/** @type {string} */ axis) => (vector["XYZ".indexOf(axis)] ?? 0) / Math.hypot(...vector);
      return value - by * along(i) * along(j);
    });
  }

  /** What such a change does to the pattern, %; null where the crystal does not stand it. @param {string} of @param {number} by @returns {Promise<Float64Array | null>} */
  async function change(of, by) {
    const answer = await bench.ask({ type: "touch", values: moved(of, by) });
    const model = /** @type {Float64Array | null} */ (answer?.model ?? null);
    const from = start?.model;
    return model && from ? model.map((value, i) => 100 * (value / (from[i] ?? NaN) - 1)) : null;
  }

  /** The page moves a spring that it does not name, another one than before. */
  async function hide() {
    if (waiting.length === 0) waiting = SHELLS;
    secret = chance.of(waiting.filter((s) => s !== secret)) ?? "1";
    waiting = waiting.filter((s) => s !== secret);
    hidden = await change(secret, SECRET);
    draw();
  }

  async function lookAtMine() {
    const by = Number(force.input.value);
    mine = await change(shell, by);
    draw();
    if (!mine) return say(texts.say("unstable"));
    const size = Math.max(...mine.filter((x, i) => start?.columns.used[i] && Number.isFinite(x)).map(Math.abs));
    say(
      by === 0
        ? texts.say("nothing")
        : texts.say("moved", { shell: texts.say(`shell-${shell}`), most: texts.rough(size) }),
    );
  }

  function draw() {
    if (!start || !planes) return;
    const bright = planes.range(start.model);
    planes.draw(before.canvas, start.model, bright);
    before.colour({ ...bright, caption: "" });
    // One scale for both changes, that of the riddle.
    const scale = hidden ? planes.spread(hidden) : { lo: -10, hi: 10, scale: "linear", colours: "blue-red" };
    if (mine) planes.draw(yours.canvas, mine, scale);
    if (hidden) planes.draw(riddle.canvas, hidden, scale);
    for (const map of [yours, riddle]) map.colour({ ...scale, caption: "%" });
  }

  return {
    asks: "state",
    check() {
      const by = Number(force.input.value);
      if (!hidden || by === 0) return { key: "early" };
      if (shell !== secret) return { key: HINTS[secret] ?? "hint" };
      return { key: by > 0 ? "right" : "hint-sign" };
    },
    redraw: draw,
    end: () => {
      bench.end();
      planes?.free();
    },
  };
}
