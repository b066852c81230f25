import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ADDRESS, launch, openTab } from "./chromium.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("the package streams into a browser and answers", async () => {
  const { tab, complaints } = await openTab(browser);
  await tab.goto(`${ADDRESS}/pkg/package.json`);
  const answers = await tab.evaluate(async () => {
    const tds = await import("/pkg/tds_inversion.js");
    await tds.default();
    const manifest = await (await fetch("/pkg/package.json")).json();
    return { version: tds.version(), expected: manifest.version };
  });
  assert.equal(answers.version, answers.expected);
  assert.deepEqual(complaints, []);
});
