// The page's table of settings reads a job that leaves a field out as the engine does.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { SETTINGS } from "../../www/page/settings.js";

const schema = JSON.parse(readFileSync(new URL("../../docs/job.schema.json", import.meta.url), "utf8"));

/** The default of a place such as `model.temperature`; undefined where the schema has none. */
function defaultOf(/** @type {string} */ path) {
  const [section, field] = path.split(".");
  const name = schema.properties[section]?.$ref?.split("/").pop();
  return schema.$defs[name]?.properties[field]?.default;
}

test("what a job leaves out means the same to the page and to the engine", () => {
  const least = () => ({ crystal: {}, force_constants: {}, model: {}, data: [] });
  let compared = 0;
  for (const { key, paths = [], read } of SETTINGS) {
    const expected = paths.length === 1 ? defaultOf(paths[0]) : undefined;
    const value = read?.(least());
    if (expected === undefined || value === undefined || value === null) continue;
    const background = { backgroundConstant: "constant", backgroundQ2: "q2", backgroundAir: "exponential" }[key];
    if (key !== "scaleValue") assert.equal(value, background ? expected.includes(background) : expected, key);
    compared += 1;
  }
  assert.ok(compared >= 8, `${compared} settings`);
});

test("every choice of a setting is a word of the job", () => {
  const words = (/** @type {any} */ of) => (of.oneOf ?? []).flatMap((/** @type {any} */ w) => w.enum ?? [w.const]);
  for (const { paths = [], options, read } of SETTINGS) {
    if (!read || !options) continue;
    const [section, field] = paths[0].split(".");
    const of = schema.$defs[schema.properties[section].$ref.split("/").pop()].properties[field];
    const known = words(schema.$defs[of.$ref?.split("/").pop()] ?? of);
    if (known.length > 0) for (const [word] of options) assert.ok(known.includes(word), `${paths[0]}: ${word}`);
  }
});
