// The engine in WebAssembly gives what the native program gives.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { load } from "./load.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const data = "ni_298K_one_phonon.csv";

/** @param {string} name */
function job(name) {
  const spec = JSON.parse(readFileSync(join(root, `tests/jobs/${name}.json`), "utf8"));
  spec.data = [{ file: spec.data[0].file.split("/").pop() }];
  return spec;
}

/** Both examples, by the names that jobs give them here. */
const files = Object.fromEntries(
  [data, "ni_298K_hk0_hk0.5_hk1.csv"].map((name) => [name, readFileSync(join(root, "www/examples", name))]),
);

/**
 * The result of a job, fitted to its end in WebAssembly.
 * @param {string} name
 */
function fitted(name) {
  const engine = new (load().Engine)(job(name), files);
  while (engine.progress().termination === null) engine.step();
  const result = engine.result();
  engine.free();
  return result;
}

/** The result of the same job by the native program. @param {string} name */
function native(name) {
  const out = join(mkdtempSync(join(tmpdir(), "tds-")), "result.json");
  const args = ["run", "--quiet", "--release", "--locked", "--bin", "tds", "--"];
  execFileSync("cargo", [...args, "fit", `tests/jobs/${name}.json`, "--out", out], { cwd: root, stdio: "pipe" });
  return JSON.parse(readFileSync(out, "utf8"));
}

/** @typedef {{label: string, value: number, sigma: number}} Parameter */

for (const name of ["nickel_one_phonon", "nickel_all_order"]) {
  test(`native and WebAssembly fits of ${name} agree to 1e-8, from the table at 676 K and from one spring`, () => {
    const results = [name, `${name}_spring`].flatMap((name) => [native(name), fitted(name)]);
    /** @type {Parameter[]} */
    const reference = results[0].parameters;
    const largest = Math.max(...reference.map((p) => Math.abs(p.value)));
    for (const result of results) {
      assert.equal(result.termination, "converged");
      assert.ok(result.chi2_reduced > 0.96 && result.chi2_reduced < 1.04, `χ²/n = ${result.chi2_reduced}`);
      assert.equal(result.parameters.length, 16);
      result.parameters.forEach((/** @type {Parameter} */ p, /** @type {number} */ i) => {
        assert.ok(
          Math.abs(p.value - reference[i].value) < 1e-8 * largest,
          `${p.label}: ${p.value} ${reference[i].value}`,
        );
      });
    }
  });
}

test("the truth lies within 3 standard errors of every constant", () => {
  const truth = JSON.parse(readFileSync(join(root, "tests/fixtures/truth.json"), "utf8"))[data];
  const shells = ["110", "200", "211", "220", "310"];
  /** @type {Parameter[]} */
  const parameters = fitted("nickel_one_phonon").parameters;
  for (const [key, sigma] of Object.entries(truth.fisher_sigma_N_per_m)) {
    const [shell, component] = key.split(" ");
    const label = `${shells.indexOf(shell) + 1}${component.toUpperCase()}`;
    const found = parameters.find((p) => p.label === label);
    assert.ok(found, label);
    const published = truth.shells_N_per_m[shell][component];
    assert.ok(Math.abs(-found.value * 16.02176634 - published) < 3 * Number(sigma), label);
  }
});

test("what cannot be used is refused in a sentence with a code", () => {
  const tds = load();
  /** @type {[any, any, RegExp, string][]} */
  const cases = [
    [{ ...job("nickel_one_phonon"), extra: 1 }, files, /unknown field `extra`/, "input"],
    [job("nickel_one_phonon"), {}, /the file is not here/, "input"],
    [job("nickel_one_phonon"), { [data]: Buffer.from("h,k,l,intensity\n1,2,x,4\n") }, /:2: /, "input"],
    [
      { ...job("nickel_one_phonon"), force_constants: { cutoff: 2.489, start: { library: "ni_676" } } },
      files,
      /shell of neighbours at 2\.489/,
      "cutoff-on-shell",
    ],
    [
      { ...job("nickel_one_phonon"), force_constants: { cutoff: 5.7, start: { springs: { 1: -1 } } } },
      files,
      /unstable/,
      "unstable",
    ],
    [
      job("nickel_one_phonon"),
      { [data]: Buffer.from("h,k,l,intensity\n1,2,0.3,4\n1,2,0.4,5\n") },
      /2 data points are left for 19/,
      "too-few-data",
    ],
  ];
  for (const [spec, given, sentence, code] of cases) {
    assert.throws(
      () => new tds.Engine(spec, given),
      (/** @type {any} */ error) => sentence.test(error.message) && error.code === code,
      `${sentence}`,
    );
  }
});

test("a job that is being opened shows its data, then what one phonon alone makes of them", () => {
  const tds = load();
  const spec = job("nickel_all_order");
  const engine = tds.Engine.opening(spec, files);
  /** @type {NonNullable<ReturnType<typeof engine.first_look>>[]} */
  const looks = [];
  for (let standing = ""; standing !== "done"; ) {
    standing = engine.advance();
    const look = engine.first_look();
    if (look) looks.push(look);
    if (standing !== "sum") continue;
    const [, n = 0] = engine.sum();
    for (let i = 0; i < n; i++) while (!engine.make(i));
  }
  assert.equal(looks.length, 2);
  for (const { columns, description } of looks) {
    assert.deepEqual(columns, [engine.data(0)]);
    assert.deepEqual(description.datasets, engine.describe().datasets);
  }
  assert.equal(looks[0].models, null);
  assert.equal(engine.first_look(), null);
  const one = new tds.Engine({ ...spec, model: { ...spec.model, order: "one-phonon" } }, files);
  const [known, shown] = [one.model(0), looks[1].models?.[0] ?? new Float64Array()];
  assert.equal(shown.length, known.length);
  for (const [i, x] of known.entries()) {
    assert.ok(Number.isNaN(x) ? Number.isNaN(shown[i]) : Math.abs(shown[i] / x - 1) < 1e-9, `${i}: ${shown[i]} ${x}`);
  }
  engine.free();
  one.free();
});

test("data are shown though their crystal turns out to be unstable", () => {
  const spec = { ...job("nickel_all_order"), force_constants: { cutoff: 5.7, start: { springs: { 1: -1 } } } };
  const engine = load().Engine.opening(spec, files);
  const rest = () => {
    for (;;) engine.advance();
  };
  assert.throws(rest, { code: "unstable" });
  assert.equal(engine.first_look()?.columns[0].h.length, 11057);
  engine.free();
});

test("the package that has everything writes for other programs what another package fitted", () => {
  const whole = load("whole");
  const spec = job("nickel_one_phonon");
  const [engine, other] = [new (load().Engine)(spec, files), new whole.Engine(spec, files)];
  assert.ok(!("export_force_constants" in engine));
  for (const one of [engine, other]) one.step();
  const values = Float64Array.from(other.brief().values);
  const written = whole.force_constants_of(engine.job(), {}, values);
  assert.deepEqual(written, other.export_force_constants());
  assert.throws(() => whole.force_constants_of(engine.job(), {}, values.slice(1)), /15 constants/);
  engine.free();
  other.free();
});
