// Several engines at one job: the result is the same to the last bit however many they are.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { load } from "./load.js";

const FOLDER = new URL("../fixtures/ZnO/", import.meta.url);

/** Rows of a plane of wurtzite with intensities that a fit has to work for. @param {number} step */
function table(step) {
  const rows = [];
  for (let h = 0.3; h < 3; h += step) {
    for (let k = 0.2; k < 2; k += step) rows.push([h, k, 0.4, 50 + 20 * Math.cos(5 * h) + 10 * k, 3]);
  }
  return ["h,k,l,intensity,sigma", ...rows.map((row) => row.map((x) => x.toFixed(4)).join(","))].join("\n");
}

/** @param {string} order @param {number} step */
function jobOf(order, step) {
  return {
    job: {
      crystal: { file: "phonopy.yaml" },
      force_constants: { cutoff: 3.3, start: { springs: { 1: 8, 2: 8, 3: 2, 4: 2 } } },
      model: { order, temperature: 300, real_space_range: order === "all-order" ? 12 : undefined },
      data: [{ file: "a.csv" }],
      fit: { max_iterations: 1 },
    },
    files: {
      "phonopy.yaml": readFileSync(new URL("phonopy.yaml", FOLDER)),
      "a.csv": new TextEncoder().encode(table(step)),
    },
  };
}

/**
 * Takes what all engines have begun to its end, the pieces being made in turn. Says how many pieces there were.
 * @param {InstanceType<ReturnType<typeof load>["Engine"]>[]} engines
 */
function together(engines) {
  const [first] = engines;
  let pieces = 0;
  for (;;) {
    const standings = engines.map((engine) => {
      for (;;) {
        const standing = engine.advance();
        if (standing !== "rest") return standing;
      }
    });
    assert.equal(new Set(standings).size, 1, standings.join());
    if (standings[0] === "done") return pieces;
    const [serial = 0, n = 0] = first.sum();
    for (let i = 0; i < n; i++) {
      const maker = engines[i % engines.length];
      let values;
      while (!values) values = maker.make(i);
      for (const engine of engines) if (engine !== maker) engine.supply(serial, i, values);
    }
    pieces += n;
    assert.ok(engines.every((engine) => engine.is_complete()));
  }
}

/**
 * The same with masks of shapes, which need the package that has everything.
 * @param {string} order @param {number} step
 */
function maskedJobOf(order, step) {
  const { job, files } = jobOf(order, step);
  const shapes = [
    { name: "ring", q: [1.2, 1.5] },
    { name: "stop", ellipsoid: { centre: [1.5, 1, 0.4], radii: [0.2, 0.2, 0.2] } },
  ];
  return { job: { ...job, mask: { shapes } }, files };
}

/** @param {string} order @param {number} step @param {number} n @param {boolean} [masked] */
function fitted(order, step, n, masked = false) {
  const { job, files } = (masked ? maskedJobOf : jobOf)(order, step);
  const { Engine } = load("whole");
  const engines = Array.from({ length: n }, () => Engine.opening(job, files));
  let pieces = together(engines);
  while (!engines[0].brief().termination) {
    for (const engine of engines) engine.begin("step");
    pieces += together(engines);
    for (const engine of engines) engine.commit();
  }
  const results = engines.map((engine) => {
    const { seconds, date, trace, ...result } = engine.result();
    engine.free();
    return result;
  });
  for (const result of results) assert.deepEqual(result, results[0]);
  return { result: results[0], pieces };
}

for (const [order, step] of /** @type {[string, number][]} */ ([
  ["one-phonon", 0.04],
  ["all-order", 0.15],
])) {
  test(`${order}: 1, 2, 3 and 8 engines give the same to the last bit, and so does one in one go`, () => {
    const alone = fitted(order, step, 1);
    assert.ok(alone.pieces > 50, `${alone.pieces} pieces`);
    for (const n of [2, 3, 8]) assert.deepEqual(fitted(order, step, n), alone);
    const { job, files } = jobOf(order, step);
    const engine = new (load("whole").Engine)(job, files);
    while (!engine.brief().termination) engine.step();
    const { seconds, date, trace, ...result } = engine.result();
    engine.free();
    assert.deepEqual(result, alone.result);
  });
}

test("a masked job: 1, 2 and 3 engines of the package that has everything give the same to the last bit", () => {
  const { job, files } = maskedJobOf("one-phonon", 0.06);
  assert.throws(() => load().Engine.opening(job, files), { code: "needs-whole" });
  const alone = fitted("one-phonon", 0.06, 1, true);
  assert.ok(alone.pieces > 30, `${alone.pieces} pieces`);
  const rows = table(0.06).split("\n").length - 1;
  assert.ok(alone.result.n_data < 0.98 * rows, `${alone.result.n_data} of ${rows}`);
  for (const n of [2, 3]) assert.deepEqual(fitted("one-phonon", 0.06, n, true), alone);
});

test("what is given up leaves everything as it was", () => {
  const { job, files } = jobOf("one-phonon", 0.1);
  const engine = new (load("whole").Engine)(job, files);
  const before = engine.brief();
  engine.begin("step");
  engine.advance();
  engine.abandon();
  assert.equal(engine.advance(), "done");
  engine.commit();
  assert.deepEqual(engine.brief(), before);
  assert.throws(() => engine.begin("dance"), /"step", "picture" or "look"/);
  engine.free();
});
