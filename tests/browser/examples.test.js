import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { EXAMPLES, constantsOf, coloursOn, openPage, press, statusOf, waitForEnd, waitForState } from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** @typedef {{id: string, title: string, job: string, files: string[], source: string}} Entry */

/** @returns {Promise<Entry[]>} */
const index = async () => JSON.parse(await readFile(new URL("index.json", EXAMPLES), "utf8"));

/** @param {import('playwright-core').Page} tab */
const sourceOf = (tab) => tab.locator("#data-source").innerText();

/** A number of the table, with whatever minus sign. @param {string | undefined} text */
const number = (text) => Number((text ?? "").replace("−", "-").replace(/[\s\u2007].*$/, ""));

test("the list names every file that its jobs need, and they are small", async () => {
  for (const { job, files, title } of await index()) {
    const { crystal, data } = JSON.parse(await readFile(new URL(job, EXAMPLES), "utf8"));
    assert.deepEqual(files, [data[0].file, ...(crystal.file ? [crystal.file] : [])], title);
    for (const file of files) assert.ok((await stat(new URL(file, EXAMPLES))).size <= 120_000, file);
    const [first = ""] = (await readFile(new URL(data[0].file, EXAMPLES), "utf8")).split("\n");
    assert.match(first, /^# Simulated, not measured: /, title);
  }
});

for (const id of ["cu", "fe", "si", "mgb2"]) {
  test(`${id}: what was put in comes out, and the page says that it is simulated`, async () => {
    const { tab, complaints } = await openPage(browser, { hash: `#example=${id}&speed=4` });
    const entry = (await index()).find((e) => e.id === id);
    assert.ok(entry);
    assert.equal(await sourceOf(tab), `Simulated, not measured, from ${entry.source}.`);
    assert.equal(await tab.getByLabel("Measurement").locator("option:checked").innerText(), entry.title);
    assert.ok((await coloursOn(tab, "Data")) > 50);
    assert.ok(Number((await tab.locator("#fig-chi2").innerText()).replace("−", "-")) > 5, "the start visibly fails");
    await press(tab, "Play");
    await waitForEnd(tab);
    const rows = [...(await constantsOf(tab))];
    const pulls = rows
      .filter(([, cells]) => cells.length === 3)
      .map(([label, [value, sigma, truth]]) => {
        const pull = (number(value) - number(truth)) / number(sigma);
        assert.ok(Math.abs(pull) < 5, `${label}: ${value} ± ${sigma}, put in ${truth}`);
        return pull;
      });
    assert.ok(pulls.length >= 0.9 * rows.length, "nearly every constant is determined");
    assert.ok(pulls.reduce((sum, p) => sum + p * p, 0) < 2.5 * pulls.length);
    assert.deepEqual(complaints, []);
    await tab.context().close();
  });
}

test("the first example starts from one spring, and the 676 K table is a link away", async () => {
  const { tab, complaints } = await openPage(browser);
  assert.equal(await tab.getByLabel("Start from").inputValue(), "springs");
  assert.match(await statusOf(tab), /χ²\/n is 12\.7/);
  await press(tab, "Play");
  await waitForState(tab, "converged");
  assert.match(await statusOf(tab), /^Converged: 16 constants, χ²\/n = 0\.9\d, C44 = 117\.\d ± 0\.\d GPa\.$/);
  assert.deepEqual(complaints, []);
});

test("Truth can be hidden by its control, by a setting of the link, and for good", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=cu" });
  const head = tab.getByRole("columnheader", { name: "Truth" });
  const legend = tab.locator(".legend .truth");
  assert.ok((await head.isVisible()) && (await legend.isVisible()));
  assert.ok(await tab.getByText("Truth: the constants that the simulation put in.").isVisible());
  await tab.getByLabel("Show truth").uncheck();
  assert.equal((await head.isVisible()) || (await legend.isVisible()), false);
  assert.equal((await constantsOf(tab)).get("1XX")?.length, 2);
  await press(tab, "Link");
  await tab.waitForFunction(() => location.hash.includes("truth=false"));
  await tab.getByLabel("Show truth").check();
  assert.ok((await head.isVisible()) && (await legend.isVisible()));

  const exercise = await openPage(browser, { hash: "#example=cu&hide=truth" });
  assert.equal(await exercise.tab.getByLabel("Show truth").isVisible(), false);
  assert.equal(await exercise.tab.getByRole("columnheader", { name: "Truth" }).isVisible(), false);
  assert.equal(await exercise.tab.locator(".legend .truth").isVisible(), false);
  assert.equal((await constantsOf(exercise.tab)).get("1XX")?.length, 2);
  assert.deepEqual([...complaints, ...exercise.complaints], []);
});

test("another lattice parameter drops constants that are labelled by distance", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=si" });
  await tab.getByLabel("a Å").fill("5.5");
  await tab.getByLabel("a Å").press("Enter");
  await tab.waitForFunction(() => document.querySelector("#constants-body")?.textContent?.includes("2.382"));
  assert.equal(await tab.getByRole("columnheader", { name: /Truth|Reference/ }).isVisible(), false);
  assert.deepEqual(complaints, []);
});
