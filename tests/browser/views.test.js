import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { coloursOn, openPage, press, problemOf, statusOf, waitForState } from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** @typedef {import('playwright-core').Page} Tab */

/** @param {Tab} tab @param {string} name */
const go = (tab, name) => tab.getByRole("navigation", { name: "Views" }).getByRole("link", { name }).click();

/** Number of snapshots so far. @param {Tab} tab */
const drawn = async (tab) => Number((await tab.locator("#snap-count").innerText()).replace(/\D/g, ""));

/** The error of the mean, percent. @param {Tab} tab */
const errorOf = async (tab) => Number.parseFloat(await tab.locator("#snap-error").innerText());

/** @param {Tab} tab @param {number} n */
const waitForSnapshots = (tab, n) =>
  tab.waitForFunction((n) => Number(document.querySelector("#snap-count")?.textContent?.replace(/\D/g, "")) >= n, n);

test("snapshots come nearer to the exact pattern, and the page stays free", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#cells=4" });
  await go(tab, "Atoms in motion");
  await waitForSnapshots(tab, 1);
  assert.equal(await tab.getByRole("heading", { name: "Atoms in motion" }).isVisible(), true);
  const longest = tab.evaluate(async () => {
    let [longest, last] = [0, performance.now()];
    for (let i = 0; i < 60; i++) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
    return longest;
  });
  await waitForSnapshots(tab, 1000);
  assert.ok((await longest) < 500, `${await longest} ms without a frame`);
  const error = await errorOf(tab);
  assert.ok(error > 2.2 && error < 4.5, `${error} % after 1000 snapshots`);
  assert.match(await tab.locator("#snap-status").innerText(), /The mean of 1.000 snapshots is off by \d/);
  for (const n of [1, 10, 100, 1000]) {
    assert.ok(await tab.locator(`canvas[aria-label^="Mean of ${n} snapshot"]:not(.empty)`).isVisible(), `${n} is kept`);
  }
  assert.deepEqual(complaints, []);
});

test("Pause holds the snapshots, Reset begins anew, and settings are followed", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#view=snapshots&cells=8" });
  await waitForSnapshots(tab, 3);
  await press(tab, "Pause");
  await tab.waitForTimeout(300);
  const held = await drawn(tab);
  await tab.waitForTimeout(600);
  assert.equal(await drawn(tab), held);
  await press(tab, "Reset");
  await tab.waitForFunction(() => document.querySelector("#snap-count")?.textContent === "1");
  await tab.getByLabel("Cells", { exact: true }).selectOption({ label: "4 × 4 × 4" });
  await tab.getByText("two layers of 256 atoms").waitFor();
  const cold = tab.locator("#snap-temperature");
  await cold.fill("-3");
  await cold.press("Enter");
  await tab.getByText("expected a temperature from 0 to 100000 K").waitFor();
  assert.equal(await problemOf(tab, "snap-temperature"), "Nothing can be drawn at -3 K.");
  assert.ok(await tab.getByRole("button", { name: "Play", exact: true }).isDisabled());
  await cold.fill("20");
  await cold.press("Enter");
  await tab.getByText("is off by").waitFor();
  assert.equal(await problemOf(tab, "snap-temperature"), "");
  await press(tab, "Play");
  await waitForSnapshots(tab, 20);
  assert.deepEqual(complaints, []);
});

test("the fit goes on while another view is in sight, and its constants are taken over", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon&speed=1" });
  await press(tab, "Play");
  await go(tab, "Atoms in motion");
  await tab.getByText("with the start constants").or(tab.getByText("with the fitted constants")).waitFor();
  await waitForState(tab, "converged");
  await go(tab, "Fit");
  await tab.getByRole("table", { name: "Force constants" }).waitFor();
  assert.match(await statusOf(tab), /^Converged/);
  await tab.goBack();
  await tab.getByText("with the fitted constants").waitFor();
  assert.match(tab.url(), /#order=one-phonon&speed=1&view=snapshots$/);
  assert.equal(await tab.locator("html").getAttribute("data-state"), "converged", "the fit was not opened anew");
  assert.deepEqual(complaints, []);
});

test("who asks for less motion starts the snapshots by hand, on a phone too", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: "#view=snapshots&cells=4",
    reducedMotion: "reduce",
    viewport: { width: 390, height: 740 },
  });
  await tab.getByText("Press Play for more").waitFor();
  await tab.waitForTimeout(400);
  assert.equal(await drawn(tab), 1);
  assert.equal(
    await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    0,
  );
  await press(tab, "Play");
  await waitForSnapshots(tab, 100);
  assert.deepEqual(complaints, []);
});

test("the three methods run one after the other, and Pause holds them", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon&view=methods&against=seconds" });
  const cells = (/** @type {string} */ method) =>
    tab.getByRole("row", { name: method }).getByRole("cell").allInnerTexts();
  await tab.getByText("Ready. Press Play to run the three fits").waitFor();
  await press(tab, "Play");
  await tab.getByText("Running: sampled + Adam").waitFor();
  const [error = "", iterations, , state] = await cells("Gauss–Newton");
  assert.match(error, /·10⁻/, "Gauss–Newton comes to rounding");
  assert.ok(Number(iterations) < 10);
  assert.equal(state, "converged");
  assert.equal((await cells("L-BFGS"))[3], "converged");
  await tab.waitForFunction(
    () => Number(document.querySelector("#methods-body tr:last-child td:nth-child(3)")?.textContent) > 3,
  );
  await press(tab, "Pause");
  await tab.getByText("Paused at sampled + Adam").waitFor();
  const held = await cells("Adam");
  await tab.waitForTimeout(500);
  assert.deepEqual(await cells("Adam"), held);
  assert.ok((await coloursOn(tab, "Error of the constants in eV/Å² by seconds")) > 5);
  await press(tab, "Reset");
  await tab.getByText("Ready. Press Play to run the three fits").waitFor();
  assert.equal((await cells("Adam"))[0], "–");
  assert.deepEqual(complaints, []);
});
