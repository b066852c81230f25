// What the page says of fits that are not to be trusted, and of those that are.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import {
  EXAMPLES,
  constantsOf,
  openFiles,
  openPage,
  press,
  statusOf,
  waitForEnd,
  waitForState,
  waitForStatus,
} from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** @typedef {import('playwright-core').Page} Tab */

/** The copper example, row by row. @param {(row: string[], n: number) => string[]} change */
async function copper(change) {
  let n = 0;
  const text = await readFile(new URL("cu_296K.csv", EXAMPLES), "utf8");
  const rows = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(","));
  return rows.map((row) => (row[0] === "h" ? change(row, -1) : change(row, n++)).join(",")).join("\n") + "\n";
}

/** @param {Tab} tab */
async function fitted(tab) {
  await press(tab, "Play");
  await waitForEnd(tab);
  await tab.waitForFunction(() => document.documentElement.dataset.trust !== undefined);
  return {
    trust: await tab.locator("html").getAttribute("data-trust"),
    sentence: await tab.locator("#verdict-sentence").innerText(),
    word: await tab.locator("#verdict-word").innerText(),
    codes: await tab.locator("#verdict-reasons li").evaluateAll((list) => list.map((e) => e.getAttribute("data-code"))),
    reasons: await tab.locator("#verdict-reasons li").allInnerTexts(),
    dot: await tab.locator("#status").evaluate((e) => getComputedStyle(e, "::before").backgroundColor),
  };
}

const GREEN = "rgb(23, 104, 58)";
const AMBER = "rgb(122, 77, 0)";
const RED = "rgb(168, 38, 29)";

test("a fit that describes its data is trusted, and only then the dot is green", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=cu&speed=4" });
  assert.equal(await tab.locator("html").getAttribute("data-trust"), null, "nothing is said of a start");
  assert.equal(await tab.locator("#verdict").isVisible(), false);
  const found = await fitted(tab);
  assert.equal(found.trust, "good");
  assert.equal(found.word, "Trust: good.");
  assert.equal(found.sentence, "The model describes the data within their noise: the constants hold within their σ.");
  assert.deepEqual(found.reasons, []);
  assert.equal(found.dot, GREEN);
  const below = await tab.evaluate(() => {
    const top = (/** @type {string} */ id) => document.getElementById(id)?.getBoundingClientRect().top ?? 0;
    return top("verdict") < top("figures");
  });
  assert.ok(below, "the verdict stands before the figures");
  assert.deepEqual(complaints, []);
});

test("hot pixels: not to be trusted, counted, the worst named, rings on data and residual", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=cu&speed=4" });
  const content = await copper((row, n) => (n % 100 === 50 ? [...row.slice(0, 3), String(3e6 + n), "1732"] : row));
  await openFiles(tab, { name: "hot.csv", content });
  await waitForStatus(tab, /Ready.* over 5.002 data/);
  const found = await fitted(tab);
  assert.equal(found.trust, "none");
  assert.equal(
    found.sentence,
    "Do not trust these constants: 50 of the 5002 data are beyond 5 σ, 50 of them beyond 100 σ.",
  );
  assert.match(found.reasons[found.codes.indexOf("outliers")] ?? "", /the worst is at hkl .* leave them out/);
  assert.equal(found.dot, RED);
  assert.doesNotMatch(await statusOf(tab), /C44/);
  assert.match((await tab.locator("#map-residual").getAttribute("aria-label")) ?? "", /, \d+ ringed$/);
  assert.doesNotMatch((await tab.locator("#map-model").getAttribute("aria-label")) ?? "", /ringed/);
  assert.deepEqual(complaints, []);
});

test("pixels at the end of their counter are no data: left out, and said", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=cu&speed=4" });
  const content = await copper((row, n) => (n % 100 === 50 ? [...row.slice(0, 3), "4294967295", "65536"] : row));
  await openFiles(tab, { name: "full.csv", content });
  await waitForStatus(tab, /over 4.952 data\. full\.csv: 50 rows are left out whose intensity is exactly 4294967295/);
  const found = await fitted(tab);
  // A file says nothing of its instrument: what that may have added is named.
  assert.deepEqual(found.codes, ["systematic"], `${found.reasons}`);
  // Beside σ of every constant stands what the instrument may have done.
  assert.equal(await tab.locator("#head-systematic").innerText(), "± syst.");
  const moved = await tab.locator("#constants-body td.systematic").allInnerTexts();
  assert.equal(moved.length, await tab.locator("#constants-body tr").count());
  assert.ok(moved.every((text) => Number(text) >= 0) && moved.some((text) => Number(text) > 0), `${moved}`);
  assert.match(await tab.locator("#derived-body tr", { hasText: "C11" }).innerText(), /± [\d.]+\s+± [\d.]+ syst\./);
  assert.equal(found.trust, "limited");
  assert.equal(found.dot, AMBER);
  assert.deepEqual(complaints, []);
});

test("copper data with the nickel crystal: not to be trusted", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#start=ni_676&speed=4" });
  await openFiles(tab, { name: "copper.csv", content: await copper((row) => row) });
  await waitForStatus(tab, /over 5.002 data/);
  const found = await fitted(tab);
  assert.equal(found.trust, "none", `${found.reasons}`);
  assert.equal(
    found.sentence,
    "Do not trust these constants: the model does not describe the data (χ²/n = 1.08, expected 1.00 ± 0.020).",
  );
  assert.equal(found.dot, RED);
  assert.deepEqual(complaints, []);
});

test("both backgrounds unticked: the one that is missing is named, with the mend", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#start=ni_676&speed=4&bg0=false&bg2=false" });
  const found = await fitted(tab);
  assert.equal(found.trust, "none");
  assert.equal(
    found.sentence,
    "Do not trust these constants: a background that grows with |Q|² is missing from the model.",
  );
  assert.equal(found.codes[0], "missing-background");
  assert.match(found.reasons[0] ?? "", /^A background that grows with \|Q\|² is missing: .*Add it under background/);
  assert.match(
    await statusOf(tab),
    /^Converged after \d+ iterations: 16 constants, χ²\/n = 2\.43\. Do not trust these constants: /,
  );
  assert.equal(found.dot, RED);
  assert.match(await tab.locator("#verdict-outliers").innerText(), /^Rings on the maps mark them\.$/);
  assert.deepEqual(complaints, []);
});

test("without σ counts are taken for counts, and the σ of the constants are those of the same data with σ", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=cu&speed=4" });
  await press(tab, "Play");
  await waitForEnd(tab);
  const withSigma = await constantsOf(tab);
  await openFiles(tab, { name: "counts.csv", content: await copper((row) => row.slice(0, 4)) });
  await waitForStatus(tab, /Ready.*over 5.002 data/);
  const found = await fitted(tab);
  // A file says nothing of its instrument.
  assert.equal(found.trust, "limited");
  assert.deepEqual(found.codes, ["systematic", "no-sigma"]);
  assert.match(
    found.reasons[1] ?? "",
    /^counts\.csv has no σ\. Its intensities are counts .* and are weighed as such\.$/,
  );
  const without = await constantsOf(tab);
  for (const [label, [, sigma]] of withSigma) {
    const ratio = Number(without.get(label)?.[1]?.replace(/\u2007/g, "")) / Number(sigma?.replace(/\u2007/g, ""));
    assert.ok(Math.abs(ratio - 1) < 0.1, `${label}: σ ${without.get(label)?.[1]} without a column, ${sigma} with one`);
  }
  assert.deepEqual(complaints, []);
});

test("a paused fit says how far it still is, in the panel and in the status, and is not green", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=cu&speed=0" });
  await press(tab, "Step");
  await waitForState(tab, "stopped");
  await tab.waitForFunction(() => document.documentElement.dataset.trust === "none");
  const paused = tab.locator('#verdict-reasons li[data-code="paused"]');
  assert.match(
    await paused.innerText(),
    /^The fit is paused, .* σ \(rms\) from the best constants: the σ do not cover that\. Play goes on\.$/,
  );
  assert.match(
    await statusOf(tab),
    /^Iteration 1: χ²\/n = [\d.]+\. The fit is paused, .* Play goes on\. Reset goes back to the start\.$/,
  );
  await press(tab, "Play");
  await waitForState(tab, "running");
  await tab.getByText("The fit is judged when it stops.").waitFor();
  assert.equal(await tab.locator("html").getAttribute("data-trust"), null);
  await press(tab, "Reset");
  await waitForState(tab, "ready");
  assert.equal(await tab.locator("#verdict").isVisible(), false);
  assert.deepEqual(complaints, []);
});

test("what the data leave open is limited: amber, struck out, and named", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=partial_window.json&speed=4" });
  const found = await fitted(tab);
  assert.equal(found.trust, "limited", `${found.reasons}`);
  assert.equal(found.dot, AMBER);
  const struck = await tab.getByRole("table", { name: "Force constants" }).locator("s").allInnerTexts();
  assert.ok(struck.length > 0 && struck.length < 16);
  const reason = found.reasons.find((text) => text.startsWith("The data do not determine")) ?? "";
  for (const label of struck.slice(0, 6)) assert.ok(reason.includes(label), `${label} in “${reason}”`);
  assert.deepEqual(complaints, []);
});
