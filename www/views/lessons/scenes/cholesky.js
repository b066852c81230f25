/** Scene 5: every number from two springs to an intensity and back, as a film. */

import { wantsStillness } from "../../../draw/theme.js";
import { make } from "../../../page/dom.js";
import { Bench } from "../bench.js";
import { action, filled, oneAtATime, slider } from "../kit.js";

/** @typedef {import("../../../engine/protocol.js").ChainFilm} ChainFilm */
/** @typedef {{stage: string, table: string, cells: number[]}} Frame  Numbers of a table that appear together. */

const ATOMS = 6;
/** eV/Å²: by how much the question makes k₁ stiffer. */
const STIFFER = 0.1;
/** How far the answer may be from the slope times the change, and from the change that the engine finds. */
const NEAR = 0.1;
/** A first draw whose slopes are not near zero: they are to be read and multiplied. */
const FIRST = 4;
/** Digits of a slope that matter. */
const DIGITS = 3;
/** Milliseconds of a frame. */
const PACE = 260;

/** Tables by what they hold: a name, rows, columns, decimals. @type {[string, keyof ChainFilm, string, number, number, number][]} */
const TABLES = [
  ["H", "hessian", "there", ATOMS, ATOMS, 1],
  ["L", "factor", "there", ATOMS, ATOMS, 2],
  ["z", "drawn", "there", 1, ATOMS, 2],
  ["u", "displacements", "there", 1, ATOMS, 3],
  ["I", "intensity", "there", 1, 1, 3],
  ["ū", "of_displacements", "back", 1, ATOMS, 2],
  ["w", "solved", "back", 1, ATOMS, 2],
  ["L̄", "of_factor", "back", ATOMS, ATOMS, 2],
  ["H̄", "of_hessian", "back", ATOMS, ATOMS, 3],
  ["k̄", "of_springs", "back", 1, 2, 3],
];

/** Below the diagonal, column after column. */
const LOWER = Array.from({ length: ATOMS }, (_, j) =>
  Array.from({ length: ATOMS - j }, (_, i) => ATOMS * (i + j) + j),
).flat();
const EACH = Array.from({ length: ATOMS }, (_, i) => i);
const SQUARE = Array.from({ length: ATOMS * ATOMS }, (_, i) => i);

/** @param {string} table @param {number[]} cells One after the other. @returns {Frame[]} */
const singly = (table, cells) => cells.map((cell) => ({ stage: table, table, cells: [cell] }));

/** In the order in which the numbers follow from each other. @type {Frame[]} */
const FILM = [
  { stage: "H", table: "H", cells: SQUARE },
  ...singly("L", LOWER),
  { stage: "z", table: "z", cells: EACH },
  // The last atom first: each needs those behind it.
  ...singly("u", [...EACH].reverse()),
  ...singly("I", [0]),
  ...singly("ū", EACH),
  ...singly("w", EACH),
  ...singly("L̄", [...LOWER].reverse()),
  // It is symmetric: a number appears on both sides.
  ...[...LOWER].reverse().map((cell) => {
    const [i, j] = [Math.floor(cell / ATOMS), cell % ATOMS];
    return { stage: "H̄", table: "H̄", cells: [...new Set([cell, ATOMS * j + i])] };
  }),
  ...singly("k̄", [0, 1]),
];

/** @param {import("../kit.js").Kit} kit @returns {import("../kit.js").Scene} */
export function create({ place, texts, seed, say, fail }) {
  const redo = oneAtATime(compute);
  const first = slider(
    "k₁",
    { min: 0.5, max: 4, step: 0.1, value: 2.3 },
    (value) => `${texts.number(value, 1)} eV/Å²`,
    redo,
  );
  const second = slider(
    "k₂",
    { min: 0, max: 1, step: 0.1, value: 0.3 },
    (value) => `${texts.number(value, 1)} eV/Å²`,
    redo,
  );
  const position = slider(
    texts.say("film"),
    { min: 0, max: FILM.length, step: 1, value: 0 },
    (value) => texts.say("position", { n: value, of: FILM.length }),
    () => show(true),
  );
  const play = action(texts.say("play"), () => run(timer === 0), true);
  const draw = action(texts.say("draw"), () => {
    drawn += 1;
    redo();
  });
  const stage = make("p", "", { class: "stage-words" });

  /** @type {Map<string, {cells: HTMLElement[], value: keyof ChainFilm, decimals: number}>} */
  const tables = new Map();
  const sides = { there: make("div", "", { class: "side" }), back: make("div", "", { class: "side back" }) };
  for (const side of /** @type {const} */ (["there", "back"])) sides[side].append(make("h3", texts.say(side)));
  for (const [name, value, side, rows, columns, decimals] of TABLES) {
    const cells = [];
    const body = make("tbody");
    for (let i = 0; i < rows; i++) {
      const row = make("tr");
      for (let j = 0; j < columns; j++) {
        const cell = make("td");
        row.append(cell);
        cells.push(cell);
      }
      body.append(row);
    }
    tables.set(name, { cells, value, decimals });
    const caption = filled(make("caption"), make("b", name), ` ${texts.say(`name-${value}`)}`);
    sides[side === "back" ? "back" : "there"].append(
      filled(make("table", "", { class: rows > 1 ? "matrix" : "matrix flat" }), caption, body),
    );
  }
  place.append(
    filled(
      make("div", "", { class: "film-head" }),
      position.row,
      filled(make("div", "", { class: "tools" }), play, draw),
      stage,
    ),
    filled(make("div", "", { class: "film" }), sides.there, sides.back),
    first.row,
    second.row,
  );

  const bench = new Bench(fail);
  /** Which numbers are drawn. */
  let drawn = FIRST * seed;
  let timer = 0;
  /** @type {ChainFilm | null} */
  let film = null;
  redo();

  function springs() {
    return [Number(first.input.value), Number(second.input.value)];
  }

  async function compute() {
    film = await bench.ask({ type: "chain", springs: springs(), seed: drawn });
    show(true);
  }

  /** @param {boolean} on */
  function run(on) {
    clearInterval(timer);
    timer = 0;
    play.textContent = texts.say(on ? "pause" : "play");
    if (!on) return show(true);
    if (Number(position.input.value) >= FILM.length) position.set(0);
    if (wantsStillness()) {
      // One stage at a press.
      const now = FILM[Number(position.input.value)]?.stage;
      const next = FILM.findIndex((frame, i) => i > Number(position.input.value) && frame.stage !== now);
      position.set(next < 0 ? FILM.length : next);
      return run(false);
    }
    say(texts.say("running"));
    timer = window.setInterval(() => {
      position.set(Number(position.input.value) + 1);
      show(false);
      if (Number(position.input.value) >= FILM.length) run(false);
    }, PACE);
  }

  /** @param {boolean} aloud Whether the line under the figure follows, which is read out. */
  function show(aloud) {
    if (!film) return;
    const at = Number(position.input.value);
    /** @type {Map<string, Set<number>>} */
    const known = new Map();
    for (const { table, cells } of FILM.slice(0, at)) {
      const set = known.get(table) ?? new Set();
      for (const cell of cells) set.add(cell);
      known.set(table, set);
    }
    const last = FILM[at - 1];
    for (const [name, { cells, value, decimals }] of tables) {
      const numbers = film[value];
      const list = typeof numbers === "number" ? [numbers] : numbers;
      for (const [i, cell] of cells.entries()) {
        const shown = known.get(name)?.has(i) ?? false;
        const number = list[i] ?? NaN;
        // The slopes in the end are what the question is about, however small they are.
        const told = value === "of_springs" ? texts.rough(number, DIGITS) : texts.number(number, decimals);
        const text = shown ? told : "";
        if (cell.textContent !== text) cell.textContent = text;
        cell.classList.toggle("now", last?.table === name && last.cells.includes(i));
      }
    }
    stage.textContent = last ? texts.say(`stage-${film && tables.get(last.stage)?.value}`) : texts.say("stage-none");
    if (!aloud) return;
    const [of1 = NaN, of2 = NaN] = film.of_springs;
    const values = {
      intensity: texts.number(film.intensity, 3),
      first: texts.rough(of1, DIGITS),
      second: texts.rough(of2, DIGITS),
    };
    say(at === FILM.length ? texts.say("whole", values) : texts.say("so-far", { n: at, of: FILM.length }));
  }

  return {
    asks: "number",
    async check(answer) {
      if (!film || Number(position.input.value) < FILM.length) return { key: "early" };
      const [k1 = 0, k2 = 0] = springs();
      const stiffer = /** @type {ChainFilm | null} */ (
        await bench.ask({ type: "chain", springs: [k1 + STIFFER, k2], seed: drawn })
      );
      if (!stiffer) return { key: "early" };
      const found = stiffer.intensity - film.intensity;
      const foretold = STIFFER * (film.of_springs[0] ?? NaN);
      const near = (/** @type {number} */ value) => Math.abs(answer - value) <= NEAR * Math.abs(value) + 5e-5;
      const values = {
        found: texts.rough(found, 3),
        foretold: texts.rough(foretold, 3),
        slope: texts.rough(film.of_springs[0] ?? NaN, DIGITS),
      };
      if (near(foretold) || near(found)) return { key: "right", values };
      return { key: near(-foretold) ? "hint-sign" : "hint", values };
    },
    redraw: () => {},
    pause: () => {
      if (timer !== 0) run(false);
    },
    end: () => {
      clearInterval(timer);
      bench.end();
    },
  };
}
