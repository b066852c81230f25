import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { drop, exampleRows, idle, jobOf, openPage, press, waitForEnd } from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const HASH = "#order=one-phonon&start=ni_676";
/** Numbers are grouped by a narrow space. @param {string} text */
const number = (text) => Number(text.replaceAll("\u202f", ""));
/** Data that are used, as the line above the masks says. @param {Tab} tab */
const used = async (tab) => number(/([\d\u202f]+) used$/.exec(await tab.locator("#mask-sums").innerText())?.[1] ?? "");
/** The rows of the list. @param {Tab} tab */
const rows = (tab) => tab.locator("#mask-list li");
/** Waits until row `i` says how many data it leaves out. @param {Tab} tab @param {number} [i] */
async function counted(tab, i = 0) {
  await tab.waitForFunction(
    (i) => /^[\d\u202f]+$|^off$/.test(document.querySelectorAll("#mask-list .n")[i]?.textContent ?? ""),
    i,
  );
  await idle(tab);
  return rows(tab).nth(i).locator(".n").innerText();
}
/** @param {Tab} tab */
async function dragOverMap(tab) {
  await tab.getByRole("button", { name: "Rectangle" }).click();
  await tab.locator("#map-data").scrollIntoViewIfNeeded();
  const box = await tab.locator("#map-data").boundingBox();
  assert.ok(box);
  await tab.mouse.move(box.x + 0.4 * box.width, box.y + 0.3 * box.height);
  await tab.mouse.down();
  await tab.mouse.move(box.x + 0.6 * box.width, box.y + 0.5 * box.height, { steps: 4 });
  await tab.mouse.up();
}

test("a rectangle drawn by mouse leaves out its pixels; it is switched off, renamed, saved, reopened and removed", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const all = await used(tab);
  assert.match(await tab.locator("#mask-sums").innerText(), /^[\d\u202f]+ read, [\d\u202f]+ used$/);
  assert.match(await tab.locator("#mask-agreement").innerText(), /^R_int [\d.]+ %, χ²_int \d\.\d\d over /);
  await dragOverMap(tab);
  const n = number(await counted(tab));
  assert.ok(n > 20 && n < all / 3, `${n} left out`);
  assert.equal(await used(tab), all - n);
  const { mask } = await jobOf(tab);
  const [{ polygon }] = mask.shapes;
  assert.deepEqual([polygon.point, polygon.corners.length, polygon.thickness], [[0, 0, 0], 4, 1e-4]);

  await rows(tab).getByRole("checkbox").uncheck();
  assert.equal(await counted(tab), "off");
  assert.equal(await used(tab), all);
  await rows(tab).getByRole("checkbox").check();
  await tab.waitForFunction(() => document.querySelector("#mask-list .n")?.textContent !== "off");
  assert.equal(number(await counted(tab)), n);
  await rows(tab).getByRole("textbox").fill("shadow");
  await rows(tab).getByRole("textbox").press("Enter");
  await tab.waitForFunction(() => /shadow/.test(document.querySelector("#mask-sums")?.textContent ?? ""));
  await idle(tab);

  const saved = await jobOf(tab);
  assert.equal(saved.mask.shapes[0].name, "shadow");
  await tab.getByRole("button", { name: "Remove shadow" }).click();
  await tab.waitForFunction(() => !/shadow/.test(document.querySelector("#mask-sums")?.textContent ?? ""));
  await idle(tab);
  assert.deepEqual([await rows(tab).count(), await used(tab)], [0, all]);
  assert.equal((await jobOf(tab)).mask.shapes, undefined);

  await drop(tab, { name: "job.json", content: JSON.stringify(saved) });
  await tab.waitForFunction(() => /shadow/.test(document.querySelector("#mask-sums")?.textContent ?? ""));
  assert.equal(number(await counted(tab)), n);
  assert.deepEqual(complaints, []);
});

test("a polygon is drawn by keys, with a corner taken back, and in all planes", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const all = await used(tab);
  await tab.getByRole("button", { name: "Polygon" }).click();
  await tab.getByRole("checkbox", { name: "in all planes" }).check();
  await tab.locator("#map-data").focus();
  const keys = async (/** @type {string[]} */ ...list) => {
    for (const key of list) await tab.keyboard.press(key);
  };
  await keys("Enter", "Shift+ArrowRight", "Enter", "ArrowUp", "Enter", "Backspace", "Shift+ArrowUp", "Enter");
  assert.match(await tab.locator("#mask-tools").innerText(), /3 corners/);
  assert.ok(await tab.getByRole("button", { name: "Close polygon" }).isVisible());
  await keys("Enter");
  const n = number(await counted(tab));
  assert.ok(n > 10 && (await used(tab)) === all - n, `${n}`);
  const [{ polygon }] = (await jobOf(tab)).mask.shapes;
  assert.deepEqual([polygon.corners.length, polygon.thickness], [3, undefined]);
  await tab.locator("#map-data").focus();
  await keys("Enter", "ArrowLeft", "Enter", "Escape");
  assert.doesNotMatch(await tab.locator("#mask-tools").innerText(), /corners?\./);
  assert.equal(await rows(tab).count(), 1);
  assert.deepEqual(complaints, []);
});

test("a ring by the form; what cannot be read or is refused says why, and the rest stays", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const all = await used(tab);
  await tab.getByText("Add a mask").click();
  await tab.locator("#mask-kind").selectOption("q");
  const from = tab.getByRole("textbox", { name: "|Q|, from" });
  const to = tab.getByRole("textbox", { name: "|Q|, to" });
  await from.fill("3");
  await to.fill("two");
  await press(tab, "Add");
  assert.equal(await to.getAttribute("aria-invalid"), "true");
  assert.match(await tab.locator("#mask-new .problem").innerText(), /^“two” is no number/);
  await to.fill("2,5");
  await press(tab, "Add");
  await tab.locator("#mask-new-problem").waitFor();
  assert.match(
    await tab.locator("#mask-new-problem").innerText(),
    /^Masks: from 3 to 2\.5, .*The masks stay as they were\.$/,
  );
  assert.equal(await rows(tab).count(), 0);
  await to.fill("3,5");
  await to.press("Enter");
  const n = number(await counted(tab));
  assert.ok(n > 50 && (await used(tab)) === all - n, `${n}`);
  assert.deepEqual((await jobOf(tab)).mask.shapes, [{ name: "powder ring", q: [3, 3.5] }]);
  assert.deepEqual(complaints, []);
});

test("hot pixels far from their equivalents and data beyond 5 σ are left out by a button each", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  let line = 0;
  const text = (await exampleRows(([, , l]) => l === "0")).split("\n");
  const hot = text.map((row) =>
    row && ++line % 700 === 5 ? row.replace(/^([^,]*,[^,]*,[^,]*),.*$/, "$1,90000,300") : row,
  );
  await drop(tab, { name: "hot.csv", content: hot.join("\n") });
  const button = tab.getByRole("button", { name: /^Leave out \d+ data that disagree with their equivalents$/ });
  await button.waitFor();
  await idle(tab);
  const before = await used(tab);
  const wanted = Number(/\d+/.exec(await button.innerText())?.[0]);
  await button.click();
  assert.equal(number(await counted(tab)), wanted);
  assert.equal(await used(tab), before - wanted);
  assert.equal(await button.isVisible(), false);
  const [shape] = (await jobOf(tab)).mask.shapes;
  assert.deepEqual([shape.name, shape.points.length], ["far from equivalents", wanted]);
  await tab.getByRole("button", { name: "Remove far from equivalents" }).click();
  await button.waitFor();
  await idle(tab);
  await press(tab, "Play");
  await waitForEnd(tab);
  const far = tab.getByRole("button", { name: /beyond 5 σ of the model$/ });
  const beyond = Number(/\d+/.exec(await far.innerText())?.[0]);
  assert.ok(beyond >= wanted, `${beyond}`);
  await far.click();
  assert.equal(number(await counted(tab)), beyond);
  assert.equal(await used(tab), before - beyond);
  assert.deepEqual(complaints, []);
});

/** Numbers as NumPy stores an array of two indices. @param {number[][]} rows */
function npy(rows) {
  const shape = `(${rows.length}, ${rows[0]?.length})`;
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  const start = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, "latin1");
  return Buffer.concat([start, Buffer.from(Float64Array.from(rows.flat()).buffer)]);
}

for (const kind of ["table", "array of h, k, l, intensity, sigma"]) {
  test(`an own ${kind} takes a mask file of h, k, l from its job`, async () => {
    const { tab, complaints } = await openPage(browser, { hash: HASH });
    const job = await jobOf(tab);
    const { mask: _, ...entry } = job.data[0];
    const text = await exampleRows(([h = "", k = "", l = ""]) => l === "0.5" && Number(h) > 3 && Number(k) > 3);
    const rows = text
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((row) => row.split(",").map(Number));
    const masked = rows.map(([h, k, l], n) => [h, k, l, n % 2].join(","));
    const own = kind === "table" ? { name: "own.csv", content: text } : { name: "own.npy", content: npy(rows) };
    job.data = [{ ...entry, file: own.name, mask: [{ name: "odd rows", file: "folder/odd.csv" }] }];
    await drop(
      tab,
      { name: "job.json", content: JSON.stringify(job) },
      { name: "odd.csv", content: ["h,k,l,mask", ...masked].join("\n") },
      own,
    );
    await tab.waitForFunction(() => /odd rows/.test(document.querySelector("#mask-sums")?.textContent ?? ""));
    const n = Math.floor(rows.length / 2);
    assert.ok(n > 20, `${n}`);
    assert.equal(number(await counted(tab)), n);
    assert.equal(await used(tab), rows.length - n);
    assert.deepEqual((await jobOf(tab)).data[0].mask, [{ name: "odd rows", file: "odd.csv" }]);
    assert.deepEqual(complaints, []);
  });
}

test("what was measured without the crystal is a background of its job", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const job = await jobOf(tab);
  const { mask: _, ...entry } = job.data[0];
  const text = await exampleRows(([, , l = ""]) => l === "0.5");
  const rows = text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((row) => row.split(",").map(Number));
  const empty = (/** @type {number[]} */ [h = 0, k = 0]) => 40 + 20 * Math.sin(1.3 * h - 0.4 * k);
  const over = rows.map(([h = 0, k = 0, l = 0, y = 0, s = 1]) => [h, k, l, y + 0.5 * empty([h, k]), s].join(","));
  const blank = rows.map(([h = 0, k = 0, l = 0]) => [h, k, l, empty([h, k])].join(","));
  job.data = [{ ...entry, file: "own.csv", measured_background: { file: "folder/empty.csv" } }];
  await drop(
    tab,
    { name: "job.json", content: JSON.stringify(job) },
    { name: "own.csv", content: ["h,k,l,intensity,sigma", ...over].join("\n") },
    { name: "empty.csv", content: ["h,k,l,intensity", ...blank].join("\n") },
  );
  await tab.waitForFunction(() => /background measured/.test(document.querySelector("#derived")?.textContent ?? ""));
  await press(tab, "Play");
  await waitForEnd(tab);
  const factor = await tab
    .locator("#derived-body tr", { hasText: "background measured" })
    .locator("td")
    .first()
    .innerText();
  assert.ok(Math.abs(Number(factor) - 0.5) < 0.1, factor);
  assert.deepEqual((await jobOf(tab)).data[0].measured_background, { file: "empty.csv" });
  assert.deepEqual(complaints, []);
});
