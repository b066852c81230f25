import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { idle, jobOf, openPage, press, waitForEnd } from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const HASH = "#order=one-phonon&start=ni_676";
/** @param {Tab} tab @param {string} label */
const row = (tab, label) =>
  tab.locator("#constants-body tr").filter({ has: tab.locator(`button[data-label="${label}"]`) });
/** @param {Tab} tab @param {string} label */
async function open(tab, label) {
  await row(tab, label).getByRole("button").click();
  await tab.locator("#constraint-dialog").waitFor();
}
/** Applies the dialog and waits for the job that comes of it. @param {Tab} tab */
async function apply(tab) {
  await tab.getByRole("button", { name: "Apply" }).click();
  await tab.locator("#constraint-dialog").waitFor({ state: "hidden", timeout: 60_000 });
  await idle(tab);
}
/** @param {Tab} tab @param {string} label */
const number = async (tab, label) =>
  Number((await row(tab, label).locator("td").first().innerText()).replace("−", "-").trim());

test("a constant is held from its row, keeps its value through a fit, and is freed again", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await open(tab, "1XX");
  assert.equal(await tab.locator("#constraint-title").innerText(), "1XX");
  await tab.getByLabel("value", { exact: true }).fill("-1,5");
  assert.ok(await tab.getByRole("radio", { name: "held at" }).isChecked(), "who types a number means it");
  await apply(tab);
  assert.match(await row(tab, "1XX").innerText(), /held/);
  assert.deepEqual((await jobOf(tab)).constraints, { fixed: { "1XX": -1.5 } });
  await press(tab, "Play");
  await waitForEnd(tab);
  assert.equal(await number(tab, "1XX"), -1.5);
  assert.match(await row(tab, "1XX").innerText(), /–/, "no σ of what is held");

  // The other unit shows the same choice.
  await tab.getByLabel("Unit of the force constants").selectOption("nm");
  await open(tab, "1XX");
  assert.ok(Math.abs(Number(await tab.getByLabel("value", { exact: true }).inputValue()) - 24.0326) < 1e-3);
  await tab.getByRole("radio", { name: "free" }).check();
  await apply(tab);
  assert.equal((await jobOf(tab)).constraints, undefined);
  assert.doesNotMatch(await row(tab, "1XX").innerText(), /held/);
  assert.deepEqual(complaints, []);
});

test("constants are tied, bounded, known beforehand; what cannot be is said in the dialog", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await open(tab, "3XX");
  await tab.getByLabel("the other constant").selectOption("3YY");
  await tab.getByRole("radio", { name: "equal to" }).check();
  await apply(tab);
  assert.match(await row(tab, "3XX").innerText(), /tied|3XX/);
  await press(tab, "Play");
  await waitForEnd(tab);
  assert.equal(await number(tab, "3XX"), await number(tab, "3YY"));

  await open(tab, "2XX");
  await tab.getByLabel("expected value").fill("0.2");
  await tab.getByLabel("its σ").fill("0");
  await tab.getByRole("button", { name: "Apply" }).click();
  assert.equal(
    await tab.locator("#constraint-dialog .complaint").innerText(),
    "σ is zero, expected a positive number.",
  );
  await tab.getByLabel("its σ").fill("0.01");
  await apply(tab);

  await open(tab, "1ZZ");
  await tab.getByLabel("least value, or nothing").fill("2");
  await tab.getByLabel("largest value, or nothing").fill("1");
  await tab.getByRole("button", { name: "Apply" }).click();
  await tab.locator("#constraint-dialog .complaint:not(:empty)").waitFor();
  assert.match(
    await tab.locator("#constraint-dialog .complaint").innerText(),
    /\[2, 1\], expected a least value below the largest/,
  );
  await tab.getByLabel("largest value, or nothing").fill("");
  await tab.getByLabel("least value, or nothing").fill("0.05");
  await apply(tab);
  assert.deepEqual((await jobOf(tab)).constraints, {
    tied: [{ labels: ["3YY", "3XX"] }],
    prior: { "2XX": [0.2, 0.01] },
    bounds: { "1ZZ": [0.05, null] },
  });

  await tab.getByLabel("axial springs").check();
  await idle(tab);
  assert.equal((await jobOf(tab)).constraints.axially_symmetric, true);
  assert.match(await tab.locator("#constants-body").innerText(), /tied/);
  assert.deepEqual(complaints, []);
});

test("a constant is held by keyboard alone, and focus comes back to it", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await row(tab, "5XX").getByRole("button").focus();
  await tab.keyboard.press("Enter");
  await tab.locator("#constraint-dialog").waitFor();
  await tab.keyboard.press("ArrowDown");
  assert.ok(await tab.getByRole("radio", { name: "held at" }).isChecked());
  await tab.keyboard.press("Enter");
  await tab.locator("#constraint-dialog").waitFor({ state: "hidden", timeout: 60_000 });
  await idle(tab);
  assert.ok("5XX" in (await jobOf(tab)).constraints.fixed);
  await row(tab, "5XX").getByRole("button").focus();
  await tab.keyboard.press("Enter");
  await tab.locator("#constraint-dialog").waitFor();
  await tab.keyboard.press("Escape");
  await tab.waitForFunction(() => document.activeElement?.textContent === "5XX");
  assert.deepEqual(complaints, []);
});
