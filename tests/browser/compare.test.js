import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { openPage, press, type, waitForEnd } from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const HASH = "#order=one-phonon&start=ni_676";

/** @param {Tab} tab */
const go = (tab) =>
  tab.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Compare and plan" }).click();
/** @param {Tab} tab @param {"shells" | "plan"} part @param {...string} states */
const reached = (tab, part, ...states) =>
  tab
    .locator(states.map((state) => `#compare-${part}[data-state="${state}"]`).join(", "))
    .waitFor({ timeout: 120_000 });
/** @param {Tab} tab @param {"shells" | "plan"} part */
const statusOf = (tab, part) => tab.locator(`#compare-${part} [role=status]`).innerText();
/** Rows of a table as texts. @param {Tab} tab @param {string} caption */
const rowsOf = (tab, caption) =>
  tab
    .getByRole("table", { name: caption })
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));

test("the table of shells grows row by row, says which is best, and can be stopped", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await go(tab);
  await tab.getByLabel("Most shells").fill("six");
  await press(tab, "Compare");
  const most = tab.getByLabel("Most shells");
  assert.equal(await most.getAttribute("aria-invalid"), "true");
  assert.match(await tab.locator("#compare-most-problem").innerText(), /^“six” is no number/);
  await most.fill("41");
  await most.press("Tab");
  await press(tab, "Compare");
  assert.equal(await tab.locator("#compare-most-problem").innerText(), "“41” is not between 1 and 40.");

  await most.fill("4");
  await tab.getByLabel("Parts left out in turn").fill("3");
  await press(tab, "Compare");
  assert.ok(await tab.getByRole("button", { name: "Compare", exact: true }).isDisabled());
  await tab.waitForFunction(() =>
    /^[1-4] of 4 shells, without part [1-3] of 3 …$/.test(
      document.querySelector("#compare-shells [role=status]")?.textContent ?? "",
    ),
  );
  await reached(tab, "shells", "done");
  const rows = await rowsOf(tab, "Shells beside shells");
  assert.deepEqual(
    rows.map(([shells, , constants]) => [shells, constants]),
    [
      ["1", "3"],
      ["2", "5"],
      ["3", "9"],
      ["4", "12"],
    ],
  );
  const chi2 = rows.map((row) => Number(row[3]));
  assert.ok(
    chi2.every((x, i) => i === 0 || x < (chi2[i - 1] ?? 0)),
    `χ²/n falls: ${chi2}`,
  );
  assert.match(rows[3]?.[5] ?? "", /^0\.0 \(lowest\)$/);
  assert.match(await statusOf(tab, "shells"), /^The data bear 4 shells: all criteria agree\. The table ends there/);

  // The fit goes on elsewhere: the table is of what was there.
  assert.ok(await tab.locator("#compare-shells .stale").isHidden());
  await tab.getByRole("link", { name: "Fit", exact: true }).click();
  await press(tab, "Play");
  await waitForEnd(tab);
  await go(tab);
  // It is seen once the page has looked its files up.
  await tab.locator("#compare-shells .stale").waitFor({ state: "visible" });

  await most.fill("9");
  await press(tab, "Compare");
  await tab.getByRole("table", { name: "Shells beside shells" }).locator("tbody tr").nth(1).waitFor();
  await tab.locator("#compare-shells").getByRole("button", { name: "Stop" }).click();
  assert.match(await statusOf(tab, "shells"), /^Stopped after [2-8] rows\. The data bear \d shells/);
  const left = (await rowsOf(tab, "Shells beside shells")).length;
  await tab.waitForTimeout(1500);
  assert.equal((await rowsOf(tab, "Shells beside shells")).length, left, "nothing comes after that");
  assert.ok(
    await tab.getByRole("button", { name: "Compare", exact: true }).evaluate((b) => b === document.activeElement),
  );
  assert.deepEqual(complaints, []);
});

test("a plan puts the candidates in order, and says beside a field what cannot be read", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await go(tab);
  const list = tab.getByRole("region", { name: "Candidates" }).locator("li");
  await list.first().waitFor();
  assert.equal(await list.count(), 5, "simple choices are there from the start");
  for (let i = 0; i < 3; i++) await list.last().getByRole("button", { name: "Remove this candidate" }).click();
  await tab.getByRole("button", { name: "Add a candidate" }).click();
  assert.equal(await list.count(), 3);
  await list.last().getByRole("textbox", { name: "Counting time" }).fill("many");
  await press(tab, "Plan");
  const time = list.last().getByRole("textbox", { name: "Counting time" });
  assert.ok(await time.evaluate((field) => field === document.activeElement));
  assert.match(await list.last().locator(".problem").innerText(), /^“many” is no number/);
  await time.fill("10");
  for (const row of await list.all()) await row.getByRole("textbox", { name: "Points a side" }).fill("12");
  await press(tab, "Plan");
  await reached(tab, "plan", "done");
  const rows = await rowsOf(tab, "Best first, each beside those above it");
  assert.equal(rows.length, 3);
  assert.equal(rows[0]?.[0], "1. l = 0.5 at 298 K, 10 × the time", "ten times the counts tell most");
  const gains = rows.map((row) => Number.parseFloat(row[3] ?? ""));
  assert.ok(
    gains.every((g, i) => g >= 1 && (i === 0 || g <= (gains[i - 1] ?? 0))),
    String(gains),
  );
  assert.match(await statusOf(tab, "plan"), /^First l = 0\.5 at 298 K, 10 × the time: with it 16 of 16 constants/);
  await tab.getByText("Each constant", { exact: true }).click();
  const each = await rowsOf(tab, /** @type {any} */ (/^Expected σ of the constants/));
  assert.equal(each.length, 16);
  for (const [label, ...sigma] of each) {
    const numbers = sigma.map(Number);
    assert.ok(
      numbers.every((s, i) => s > 0 && (i === 0 || s <= (numbers[i - 1] ?? 0))),
      `${label}: ${sigma}`,
    );
  }
  assert.deepEqual(complaints, []);
});

test("what the engine refuses is said in words of the page, and the next try works", async () => {
  const { tab, complaints } = await openPage(browser, { hash: `${HASH}&ridge=0.1` });
  await type(tab, "cutoff", "3.6");
  await tab.locator("#maps:not([aria-busy])").waitFor({ state: "attached", timeout: 60_000 });
  await go(tab);
  await press(tab, "Compare");
  await reached(tab, "shells", "failed");
  assert.match(await statusOf(tab, "shells"), /^Ridge, σ: a pull towards the start/);
  await tab.getByRole("link", { name: "Fit", exact: true }).click();
  await type(tab, "ridge", "");
  await tab.locator("#maps:not([aria-busy])").waitFor({ state: "attached", timeout: 60_000 });
  await go(tab);
  await press(tab, "Compare");
  await reached(tab, "shells", "done");
  assert.match(await statusOf(tab, "shells"), /^The data bear 2 shells/);
  assert.deepEqual(complaints, []);
});

test("on a narrow screen nothing but the tables is wider than it", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: `${HASH}&cutoff=3.6&view=compare`,
    viewport: { width: 390, height: 844 },
    colorScheme: "dark",
  });
  await press(tab, "Compare");
  await reached(tab, "shells", "done");
  for (const field of await tab.getByRole("textbox", { name: "Points a side" }).all()) await field.fill("6");
  await press(tab, "Plan");
  await reached(tab, "plan", "done");
  assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= 390));
  assert.deepEqual(complaints, []);
});
