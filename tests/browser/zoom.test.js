import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { openPage } from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const HASH = "#order=one-phonon&start=ni_676";
/** @param {Tab} tab @param {string} name */
const map = (tab, name) => tab.getByRole("application", { name: new RegExp(`^${name}`) });
/** @param {Tab} tab @param {string} name @returns {Promise<string>} */
const picture = (tab, name) =>
  map(tab, name).evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ""));
/** h of what is read. @param {Tab} tab */
const h = async (tab) =>
  Number(/h k l\s+(\S+)/.exec(await tab.locator("#readout").innerText())?.[1]?.replace("−", "-"));

test("all maps are zoomed together, by keys, and shown whole again", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const whole = await picture(tab, "Model");
  await map(tab, "Data").focus();
  for (let i = 0; i < 6; i++) await tab.keyboard.press("+");
  const close = await picture(tab, "Model");
  assert.notEqual(close, whole, "the model follows the data");
  const before = await h(tab);
  // The crosshair takes what is in sight along.
  for (let i = 0; i < 12; i++) await tab.keyboard.press("Shift+ArrowRight");
  assert.ok((await h(tab)) > before);
  assert.notEqual(await picture(tab, "Residual"), close);
  await tab.keyboard.press("0");
  await tab.keyboard.press("Escape");
  assert.equal(await picture(tab, "Model"), whole);
  assert.deepEqual(complaints, []);
});

test("the wheel zooms where it points, a drag pans, a double click goes in and out", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const box = await map(tab, "Data").boundingBox();
  assert.ok(box);
  const at = { x: box.x + 0.7 * box.width, y: box.y + 0.3 * box.height };
  await tab.mouse.move(at.x, at.y);
  const before = await h(tab);
  const scrolled = () => tab.evaluate(() => scrollY);
  // Without the focus the wheel is the page's.
  await tab.mouse.wheel(0, 40);
  await tab.waitForFunction(() => scrollY > 0);
  await tab.mouse.wheel(0, -400);
  await tab.waitForFunction(() => scrollY === 0);
  await map(tab, "Data").focus();
  for (let i = 0; i < 4; i++) await tab.mouse.wheel(0, -100);
  await tab.mouse.move(at.x + 1, at.y);
  await tab.mouse.move(at.x, at.y);
  assert.equal(await scrolled(), 0);
  assert.ok(Math.abs((await h(tab)) - before) < 0.12, "what is under the pointer stays there");
  await tab.mouse.down();
  await tab.mouse.move(at.x - 40, at.y, { steps: 4 });
  await tab.mouse.up();
  await tab.mouse.move(at.x, at.y);
  assert.ok((await h(tab)) > before + 0.1, "what was right of it came along");
  await tab.mouse.dblclick(at.x, at.y);
  await tab.mouse.move(at.x + 2, at.y);
  await tab.mouse.move(at.x, at.y);
  assert.ok(Math.abs((await h(tab)) - before) < 0.12);
  assert.deepEqual(complaints, []);
});
