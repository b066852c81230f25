import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { load } from "./load.js";

test("the package loads and knows its version", () => {
  const tds = load();
  const manifest = readFileSync(new URL("../../Cargo.toml", import.meta.url), "utf8");
  const [, version] = /^version = "(.*)"$/m.exec(manifest) ?? [];
  assert.equal(tds.version(), version);
});

test("the lines of docs/embed.md run", async (t) => {
  const root = new URL("../../", import.meta.url);
  const text = readFileSync(new URL("docs/embed.md", root), "utf8");
  const [, lines = ""] = /```js\n(.*?)```/s.exec(text) ?? [];
  const job = JSON.parse(readFileSync(new URL("tests/jobs/nickel_one_phonon.json", root), "utf8"));
  const table = new URL("www/examples/ni_298K_one_phonon.csv", root);
  const served = new Map([
    ["job.json", JSON.stringify({ ...job, data: [{ file: "data.csv" }] })],
    ["data.csv", readFileSync(table)],
  ]);
  t.mock.method(globalThis, "fetch", async (/** @type {string | URL} */ address) => {
    const file = served.get(String(address)) ?? readFileSync(new URL(address));
    return new Response(file, {
      headers: { "Content-Type": String(address).endsWith(".wasm") ? "application/wasm" : "" },
    });
  });
  t.mock.method(console, "log", () => {});
  const folder = mkdtempSync(join(tmpdir(), "embed-"));
  const module = pathToFileURL(join(folder, "embed.mjs"));
  writeFileSync(module, `${lines.replace("./pkg/", new URL("pkg/", root).href)}\nexport { result };\n`);
  const { result } = await import(module.href);
  rmSync(folder, { recursive: true });
  assert.equal(result.termination, "converged");
  assert.equal(result.parameters.length, 16);
});
