import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { constantsOf, openPage, press } from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const HASH = "#order=one-phonon&start=ni_676";
/** @param {Tab} tab @param {string} name */
const slider = (tab, name) => tab.getByRole("slider", { name, exact: true });
/** @param {Tab} tab */
const chi2 = async (tab) => Number((await tab.locator("#hands-chi2").innerText()).replace("χ²/n ", ""));
/** @param {Tab} tab @param {number} than */
const other = (tab, than) =>
  tab.waitForFunction(
    (than) => !(document.querySelector("#hands-chi2")?.textContent ?? "").endsWith(` ${than}`),
    than.toFixed(3),
  );
/** @param {Tab} tab */
const model = (tab) =>
  tab.locator("#map-model").evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ""));
/** @param {Tab} tab @param {string} name @param {number} to As a part of its length. */
async function drag(tab, name, to) {
  await slider(tab, name).scrollIntoViewIfNeeded();
  const box = await slider(tab, name).boundingBox();
  assert.ok(box);
  await tab.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await tab.mouse.down();
  await tab.mouse.move(box.x + to * box.width, box.y + box.height / 2, { steps: 4 });
}
/** @param {Tab} tab @param {string} id */
const field = (tab, id) =>
  tab.locator(`#${id}`).evaluate((input) => (input instanceof HTMLInputElement ? input.value : ""));

test("temperature and lattice are sliders that become settings, and springs and undo go along", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await tab.getByLabel("1XX, as a number").fill("-1.05");
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => document.querySelector("#undo")?.getAttribute("title")?.includes("1XX"));
  const before = { chi2: await chi2(tab), model: await model(tab) };
  await drag(tab, "temperature / K", 0.7);
  await other(tab, before.chi2);
  assert.notEqual(await model(tab), before.model);
  assert.equal(await field(tab, "temperature"), "298", "under the hand nothing is put in force");
  const under = await chi2(tab);
  await tab.mouse.up();
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#temperature")).value !== "298",
  );
  await tab.waitForFunction(() => document.querySelector("#undo")?.getAttribute("title") === "Undo: Temperature");
  const warm = Number(await field(tab, "temperature"));
  assert.ok(warm > 350 && warm < 560, String(warm));
  // One phonon: what was seen under the hand is what is in force, on other meshes; the springs stayed.
  await tab.waitForFunction(
    (under) => Math.abs(Number(document.querySelector("#fig-chi2")?.textContent) / Number(under) - 1) < 2e-3,
    under,
  );
  assert.equal(Number((await constantsOf(tab)).get("1XX")?.[0]), -1.05);
  await press(tab, "Undo");
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#temperature")).value === "298",
  );
  await tab.waitForFunction(
    (chi2) => Number(document.querySelector("#fig-chi2")?.textContent) === Number(chi2),
    before.chi2,
  );

  // By keyboard.
  await slider(tab, "lattice a / Å").focus();
  for (let i = 0; i < 20; i++) await tab.keyboard.press("ArrowRight");
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#lattice-a")).value !== "3.52",
  );
  const a = Number(await field(tab, "lattice-a"));
  assert.ok(a > 3.52 && a < 3.6, String(a));
  assert.deepEqual(complaints, []);
});

test("scale and backgrounds move the model under the hand and go back to their best", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const before = await chi2(tab);
  const value = await slider(tab, "scale").inputValue();
  for (const name of ["scale", "background"]) {
    await drag(tab, name, 0.8);
    await other(tab, before);
    assert.ok((await chi2(tab)) > before, `${name}: the best is where it was`);
    await tab.waitForTimeout(700);
    assert.ok((await chi2(tab)) > before, `${name} stays while it is held`);
    await tab.mouse.up();
    await tab.waitForFunction(
      (before) => document.querySelector("#hands-chi2")?.textContent === `χ²/n ${before}`,
      before.toFixed(3),
    );
  }
  assert.equal(await slider(tab, "scale").inputValue(), value);
  // A typed one stays to be looked at until the keys are elsewhere.
  await tab.getByLabel("scale, as a number").fill(String(1.2 * Number(value)));
  await tab.keyboard.press("Enter");
  await other(tab, before);
  await tab.locator("#play").focus();
  await tab.waitForFunction(
    (before) => document.querySelector("#hands-chi2")?.textContent === `χ²/n ${before}`,
    before.toFixed(3),
  );
  assert.equal(await tab.locator("#undo").isDisabled(), true, "nothing was done that could be undone");
  assert.deepEqual(complaints, []);
});

for (const [name, hash] of [
  ["one phonon", HASH],
  ["all orders", "#start=ni_676"],
]) {
  test(`a pressed pixel is taken apart by branch and order: ${name}`, async () => {
    const { tab, complaints } = await openPage(browser, { hash });
    await tab.getByRole("application", { name: /^Model/ }).focus();
    for (let i = 0; i < 2; i++) await tab.keyboard.press("Shift+ArrowRight");
    await tab.keyboard.press("Shift+ArrowUp");
    await tab.keyboard.press("Enter");
    await tab.locator("#parts").waitFor();
    const read = Number((await tab.locator("#readout").innerText()).match(/model (\d+)/)?.[1]);
    const rows = await tab
      .locator("#parts-body tr")
      .evaluateAll((rows) =>
        rows.map((row) => [
          row.querySelector("th")?.textContent ?? "",
          row.querySelectorAll("td.number")[0]?.textContent ?? "",
        ]),
      );
    const names = rows.map(([name]) => name ?? "");
    assert.equal(names.filter((name) => /(transverse|longitudinal|acoustic).* THz$/.test(name)).length, 3);
    assert.equal(names.includes("two phonons"), name === "all orders");
    assert.equal(names.at(-1), "background");
    const sum = rows.reduce((sum, [, value]) => sum + Number(value?.replace(/·10.*/, "e-9")), 0);
    assert.ok(Math.abs(sum / read - 1) < 2e-3, `${sum} ${read}`);
    // It was of the model that was in force.
    await press(tab, "Step");
    await tab.locator("#parts").waitFor({ state: "hidden" });
    assert.deepEqual(complaints, []);
  });
}
