// What is marked as a Bragg peak is what the engine takes for one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.js";

/** Nickel by its cubic cell, by its primitive cell, and by a supercell of it. */
const CELLS = {
  cubic: "Ni\n1.0\n3.52 0 0\n0 3.52 0\n0 0 3.52\nNi\n4\nDirect\n0 0 0\n0 0.5 0.5\n0.5 0 0.5\n0.5 0.5 0\n",
  primitive: "Ni\n1.0\n0 1.76 1.76\n1.76 0 1.76\n1.76 1.76 0\nNi\n1\nDirect\n0 0 0\n",
  doubled: "Ni\n1.0\n0 3.52 3.52\n1.76 0 1.76\n1.76 1.76 0\nNi\n2\nDirect\n0 0 0\n0.5 0 0\n",
};

/** @param {string} poscar @param {number} l */
function marks(poscar, l) {
  // A crystal of a file is for the package that names its space group.
  const tds = load("whole");
  const axis = Array.from({ length: 9 }, (_, i) => i / 2 - 2 + 0.05);
  const rows = axis.flatMap((h) => axis.map((k) => [h, k]));
  const csv = ["h,k,l,intensity", ...rows.map(([h, k]) => `${h},${k},${l},1`)].join("\n");
  const job = {
    crystal: { file: "POSCAR" },
    force_constants: { cutoff: 2.6, start: { springs: { 1: 2.2 } } },
    data: [{ file: "a.csv" }],
  };
  const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
  const engine = new tds.Engine(job, { POSCAR: bytes(poscar), "a.csv": bytes(csv) });
  const primitive = Float64Array.from(engine.describe().crystal.primitive.flat());
  engine.free();
  const columns = [0, 1].map((column) => Float64Array.from(rows, (row) => row[column] ?? NaN));
  const [plane] = tds.find_planes(columns[0], columns[1], new Float64Array(rows.length).fill(l));
  return plane.bragg_points(primitive).length / 2;
}

test("a plane is marked where the lattice of the crystal has points, whatever cell hkl belongs to", () => {
  // All even or all odd; every point; every other h.
  assert.deepEqual([marks(CELLS.cubic, 0), marks(CELLS.primitive, 0), marks(CELLS.doubled, 0)], [9, 25, 15]);
  assert.deepEqual([marks(CELLS.cubic, 1), marks(CELLS.primitive, 1), marks(CELLS.doubled, 1)], [4, 25, 15]);
  assert.deepEqual([marks(CELLS.cubic, 0.5), marks(CELLS.primitive, 0.5)], [0, 0]);
});

test("lengths and units come from the engine", () => {
  const tds = load();
  const reciprocal = Float64Array.of(1.5, 0, 0, 0, 2, 0, 0, 0, 3);
  assert.ok(Math.abs(tds.q_length(reciprocal, Float64Array.of(2, 2, 0)) - 5) < 1e-12);
  assert.ok(Number.isNaN(tds.q_length(reciprocal, Float64Array.of(2, 2))));
  assert.equal(tds.newtons_per_metre(), 16.02176634);
});
