import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { load } from "./load.js";

test("the package loads and knows its version", () => {
  const tds = load();
  const manifest = readFileSync(new URL("../../Cargo.toml", import.meta.url), "utf8");
  const [, version] = /^version = "(.*)"$/m.exec(manifest) ?? [];
  assert.equal(tds.version(), version);
});
