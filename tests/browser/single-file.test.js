// The page as one file, opened from a disk: everything works, nothing is asked of any host.

import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";

import { launch, openTab } from "./chromium.js";
import {
  coloursOn,
  constantsOf,
  drop,
  exampleRows,
  FIXTURES,
  openFiles,
  press,
  save,
  statusOf,
  waitForEnd,
  waitForState,
  waitForStatus,
} from "./page.js";
import { SINGLE } from "./site.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** The file in a tab that notes every word on its console, and whatever is requested but the file and what lies in it. */
async function open(hash = "") {
  const { tab, complaints } = await openTab(browser, { viewport: { width: 1280, height: 900 }, home: SINGLE });
  tab.on("console", (message) => {
    if (message.type() !== "error") complaints.push(`${message.type()}: ${message.text()}`);
  });
  await tab.goto(`${SINGLE}${hash}`);
  await waitForState(tab, "ready");
  return { tab, complaints };
}

test("it is under 3 MB and names no other host in its policy", async () => {
  assert.ok((await stat(fileURLToPath(SINGLE))).size < 3_000_000);
  const text = await readFile(new URL(SINGLE), "utf8");
  const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
  assert.match(policy, /^default-src 'none'; script-src ('sha256-[^ ]+' ){3}'wasm-unsafe-eval'; /);
  assert.match(policy, /; worker-src blob:; connect-src blob:; /);
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'? |https?:|\*|'self'/);
});

test("it fits with several workers, follows a hand, saves and opens files", async () => {
  const { tab, complaints } = await open("#cores=2");
  await press(tab, "Play");
  await waitForEnd(tab);
  assert.match(await statusOf(tab), /Converged: 16 constants/);
  assert.ok((await coloursOn(tab, "Model")) > 50);
  const [value = ""] = (await constantsOf(tab)).get("1XX") ?? [];
  assert.match(value, /-1\.0\d/);

  const slider = tab.locator("#springs input[type=range]").first();
  const before = await tab.locator("#hands-chi2").innerText();
  await slider.press("PageUp");
  await tab.waitForFunction((before) => document.querySelector("#hands-chi2")?.textContent !== before, before);
  await press(tab, "Undo");

  const { name, text } = await save(tab, "Save job");
  assert.match(name, /-job\.json$/);
  assert.equal(JSON.parse(text).model.order, "all-order");
  const table = await exampleRows(([, , l]) => l === "0");
  await openFiles(tab, { name: "mine.csv", content: table });
  await waitForStatus(tab, /over 3\u202f\d\d\d data/);
  assert.match((await save(tab, "Save job")).text, /mine\.csv/);
  assert.deepEqual(complaints, []);
});

test("every view and dialog is in it, with packages, workers and styles", async () => {
  const { tab, complaints } = await open();
  for (const name of await tab.locator("#views a").allTextContents()) {
    await tab.getByRole("link", { name, exact: true }).click();
    await tab.locator(`#views a[aria-current=page]:text-is("${name}")`).waitFor();
    await tab.waitForTimeout(1500);
    assert.doesNotMatch(await tab.locator("main").innerText(), /did not load|is not in this file|broke down/, name);
  }
  await tab.getByRole("link", { name: "Atoms in motion", exact: true }).click();
  await tab.waitForFunction(() => Number(document.querySelector("#snap-count")?.textContent) > 0, null, {
    timeout: 60_000,
  });
  await tab.getByRole("link", { name: "Three methods", exact: true }).click();
  await tab.locator("#methods-play:not([disabled])").waitFor();
  await tab.getByRole("link", { name: "Fit", exact: true }).click();
  for (const [button, dialog] of [
    ["Known besides …", "#known-dialog"],
    ["Copy as lesson …", "#lesson-dialog"],
    ["Help", "#help-dialog"],
  ]) {
    await press(tab, button ?? "");
    await tab.locator(`${dialog}[open]`).waitFor();
    await tab.keyboard.press("Escape");
  }
  await drop(tab, { name: "yell_1.0.h5", content: await readFile(new URL("formats/yell_1.0.h5", FIXTURES)) });
  await tab.locator("dialog.volume[open]").waitFor({ timeout: 30_000 });
  await tab.keyboard.press("Escape");
  assert.deepEqual(complaints, []);
});

test("every example opens", async () => {
  const { tab, complaints } = await open();
  const examples = await tab
    .locator("#example option")
    .evaluateAll((all) => all.map((o) => /** @type {HTMLOptionElement} */ (o).value));
  assert.ok(examples.length > 10, `${examples.length} examples`);
  for (const id of examples) {
    await tab.locator("#example").selectOption(id);
    await tab.waitForFunction(
      (id) =>
        /** @type {HTMLSelectElement | null} */ (document.querySelector("#example"))?.value === id &&
        !document.querySelector("#maps[aria-busy]") &&
        document.documentElement.dataset.state === "ready",
      id,
      { timeout: 60_000 },
    );
    assert.match(await statusOf(tab), /^(Ready|This is how)/, id);
  }
  assert.deepEqual(complaints, []);
});

test("a damaged file says so", async () => {
  const text = (await readFile(new URL(SINGLE), "utf8")).replace(
    /(id="packed" data-length="\d+">.{1000})...../,
    "$1#####",
  );
  const { tab } = await openTab(browser);
  await tab.setContent(text);
  await waitForState(tab, "failed");
  assert.match(await statusOf(tab), /could not be unpacked: it is damaged/);
});
