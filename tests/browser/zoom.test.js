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

test("two fingers zoom and pan on a phone, all maps together, and the page stays where it is", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: HASH,
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const session = await tab.context().newCDPSession(tab);
  await map(tab, "Data").evaluate((canvas) => canvas.scrollIntoView({ block: "center" }));
  const box = await map(tab, "Data").boundingBox();
  assert.ok(box);
  const middle = { x: box.x + 0.6 * box.width, y: box.y + 0.4 * box.height };
  /** Two fingers beside the middle: how far aside, and moved by how much, step by step. @param {[number, number, number][]} path */
  const fingers = async (...path) => {
    for (const [i, [apart, x, y]] of path.entries()) {
      const touchPoints = [-1, 1].map((side, id) => ({ x: middle.x + side * apart + x, y: middle.y + y, id }));
      await session.send("Input.dispatchTouchEvent", { type: i === 0 ? "touchStart" : "touchMove", touchPoints });
    }
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
  /** Labels of the axis below are drawn: what is in sight is told by a link. */
  const zoom = async () => {
    await tab
      .getByRole("button", { name: "Link", exact: true })
      .evaluate((e) => /** @type {HTMLElement} */ (e).click());
    await tab.waitForTimeout(100);
    return (new URLSearchParams(new URL(tab.url()).hash.slice(1)).get("zoom") ?? "0,0,1").split(",").map(Number);
  };
  const whole = await picture(tab, "Residual");
  const scrolled = await tab.evaluate(() => scrollY);
  await fingers([30, 0, 0], [45, 0, 0], [60, 0, 0], [75, 0, 0]);
  const [x = NaN, y = NaN, close = NaN] = await zoom();
  assert.ok(Math.abs(close - 2.5) < 0.2, `${close} times as large`);
  assert.notEqual(await picture(tab, "Residual"), whole, "the others follow");
  const near = await picture(tab, "Residual");
  await fingers([40, 0, 0], [40, -10, 6], [40, -20, 12], [40, -30, 18]);
  const [toX = NaN, toY = NaN, still = NaN] = await zoom();
  assert.ok(Math.abs(still / close - 1) < 0.02, `${still} as before`);
  // 61 pixels of the plane in the width of the map, less the axes.
  const pixel = 61 / close / (box.width - 38);
  assert.ok(Math.abs(toX - x - 30 * pixel) < 1, `${toX - x} to the right, not ${30 * pixel}`);
  assert.ok(Math.abs(toY - y - 18 * pixel) < 1, `${toY - y} upwards, not ${18 * pixel}`);
  assert.notEqual(await picture(tab, "Residual"), near);
  await fingers([60, 0, 0], [45, 0, 0], [30, 0, 0], [20, 0, 0]);
  assert.deepEqual(await zoom(), [0, 0, 1], "together it is whole again");
  assert.equal(await tab.evaluate(() => scrollY), scrolled);
  assert.deepEqual(complaints, []);
});
