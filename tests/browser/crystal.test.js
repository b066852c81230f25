import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { coloursOn, openPage, press } from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** @typedef {import('playwright-core').Page} Tab */

/** The canvas with the atoms. @param {Tab} tab */
const scene = (tab) => tab.locator('canvas[aria-label^="Crystal, "]');

/** The crystal once it is drawn. @param {import('playwright-core').BrowserContextOptions & {hash?: string}} [options] */
async function openCrystal(options = {}) {
  const opened = await openPage(browser, { hash: "#order=one-phonon&view=crystal", ...options });
  await scene(opened.tab).waitFor();
  await opened.tab.waitForFunction(() => {
    const canvas = document.querySelector('canvas[aria-label^="Crystal, "]');
    if (!(canvas instanceof HTMLCanvasElement) || canvas.width < 10) return false;
    const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    return [...data].some((value) => value !== 0);
  });
  return opened;
}

/** A number for what is on a canvas. @param {import('playwright-core').Locator} canvas */
const picture = (canvas) =>
  canvas.evaluate((canvas) => {
    if (!(canvas instanceof HTMLCanvasElement)) return 0;
    const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let hash = 0;
    for (let i = 0; i < data.length; i += 3) hash = (31 * hash + (data[i] ?? 0)) | 0;
    return hash;
  });

/** Pictures after each other. @param {Tab} tab @param {number} milliseconds */
async function twice(tab, milliseconds) {
  const first = await picture(scene(tab));
  await tab.waitForTimeout(milliseconds);
  return [first, await picture(scene(tab))];
}

/** Texts of the rows of the modes. @param {Tab} tab */
const modes = (tab) =>
  tab
    .getByRole("table", { name: "Modes" })
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));

test("the crystal moves, is held, and is turned by mouse and keys", async () => {
  const { tab, complaints } = await openCrystal();
  assert.ok((await coloursOn(tab, "Crystal, ")) > 100, "balls have a light side");
  const [moving, later] = await twice(tab, 300);
  assert.notEqual(moving, later, "the atoms move");
  await press(tab, "Pause");
  await tab.waitForTimeout(100);
  const [held, still] = await twice(tab, 400);
  assert.equal(held, still, "Pause holds them");

  const box = await scene(tab).boundingBox();
  assert.ok(box);
  const turned = async (/** @type {() => Promise<unknown>} */ action, /** @type {string} */ how) => {
    const before = await picture(scene(tab));
    await action();
    await tab.waitForTimeout(120);
    assert.notEqual(await picture(scene(tab)), before, how);
  };
  await turned(async () => {
    await tab.mouse.move(box.x + 200, box.y + 200);
    await tab.mouse.down();
    await tab.mouse.move(box.x + 290, box.y + 240, { steps: 4 });
    await tab.mouse.up();
  }, "dragging turns");
  await turned(() => tab.mouse.wheel(0, 240), "the wheel zooms");
  await scene(tab).focus();
  await turned(() => tab.keyboard.press("ArrowLeft"), "an arrow key turns");
  await turned(() => tab.keyboard.press("+"), "plus zooms");
  await tab.keyboard.press("Home");
  await tab.waitForTimeout(120);
  assert.equal(await picture(scene(tab)), held, "Home goes back to the beginning");
  await tab.keyboard.press("Space");
  const [again, goes] = await twice(tab, 300);
  assert.notEqual(again, goes, "Space goes on");
  assert.deepEqual(complaints, []);
});

test("modes are listed with shares, and one click shows another", async () => {
  const { tab, complaints } = await openCrystal();
  await press(tab, "Pause");
  const rows = await modes(tab);
  assert.equal(rows.length, 3);
  const shares = rows.map(([, , share = ""]) => Number(share.replace("< ", "")));
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 0.3, `${shares} %`);
  const [thz, mev] = (rows[2] ?? []).map((text) => Number(text));
  assert.ok(Math.abs((mev ?? 0) / (thz ?? 1) - 4.13567) < 0.01, `${thz} THz are ${mev} meV`);
  const chosen = tab.getByRole("table", { name: "Modes" }).locator("[aria-pressed=true]");
  assert.match((await chosen.getAttribute("aria-label")) ?? "", /longitudinal acoustic/, "the one that scatters most");

  const before = await picture(scene(tab));
  await tab
    .getByRole("button", { name: /THz, transverse acoustic/ })
    .first()
    .click();
  await tab.getByText(/^The wave at .* THz, transverse acoustic/).waitFor();
  const [moving, later] = await twice(tab, 250);
  assert.notEqual(moving, later, "choosing a mode moves the atoms");
  assert.notEqual(moving, before);
  await press(tab, "Pause");

  const place = tab.getByLabel("Q, as h k l");
  await place.fill("2 0 0");
  await place.press("Enter");
  await tab.getByText("This is a Bragg peak").waitFor();
  assert.deepEqual(
    (await modes(tab)).map(([, , share]) => share),
    ["–", "–", "–"],
  );
  await place.fill("2 zero 0");
  await place.press("Enter");
  await tab.getByText("is no place such as 1.75 1.75 0").waitFor();
  assert.equal(await place.getAttribute("aria-invalid"), "true");
  await place.fill("2,3, 0, 0");
  await place.press("Enter");
  await place.fill("2.3, 0, 0");
  await place.press("Enter");
  await tab.getByText("the first is the one that scatters at this Q").waitFor();
  assert.equal(await place.getAttribute("aria-invalid"), null);
  assert.deepEqual(complaints, []);
});

test("a place is taken from the dispersion and from a map", async () => {
  const { tab, complaints } = await openCrystal();
  await press(tab, "Pause");
  const chart = tab.locator('canvas[aria-label^="Dispersion along Γ–X–K–Γ"]').last();
  const box = await chart.boundingBox();
  assert.ok(box);
  await chart.click({ position: { x: 38 + 0.15 * (box.width - 48), y: 0.4 * box.height } });
  await tab.waitForFunction(() => document.querySelector("#crystal-hkl") instanceof HTMLInputElement);
  await tab
    .getByText(/Q is|q = 0\.\d+ {2}0 {2}0 from/)
    .first()
    .waitFor();
  const on = Number((await tab.getByLabel("Q, as h k l").inputValue()).split(/\s+/)[0]);
  assert.ok(on > 0.2 && on < 0.9, `${on} is between Γ and X`);
  await chart.focus();
  await tab.keyboard.press("ArrowRight");
  await tab.waitForFunction(
    (on) => Number.parseFloat(/** @type {HTMLInputElement} */ (document.querySelector("#crystal-hkl")).value) > on,
    on,
  );

  await tab.getByRole("link", { name: "Fit", exact: true }).click();
  await tab.locator("#map-data").focus();
  await tab.keyboard.press("ArrowRight");
  await tab.keyboard.press("Shift+ArrowUp");
  await tab.keyboard.press("p");
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#crystal-hkl"))?.value === "0.166667  0.833333  0",
  );
  assert.match(tab.url(), /view=crystal/);
  assert.ok(await tab.getByRole("button", { name: "Take the pixel last pressed: 0.167 0.833 0" }).isVisible());

  await tab.getByRole("link", { name: "Fit", exact: true }).click();
  await tab.locator("#map-model").click({ position: { x: 120, y: 60 } });
  const at = await tab.locator("#to-phonons-at").innerText();
  await tab.getByRole("link", { name: "See the phonons" }).click();
  await tab.waitForFunction((at) => {
    const value = /** @type {HTMLInputElement} */ (document.querySelector("#crystal-hkl")).value;
    const shown = value.split(/\s+/).map((x) => Number(Number(x).toFixed(3)));
    return `at ${shown.join(" ").replaceAll("-", "−")}` === at.replace(/\s+/g, " ");
  }, at);
  assert.deepEqual(complaints, []);
});

test("springs are listed with their stiffness, and shells come and go", async () => {
  const { tab, complaints } = await openCrystal();
  await press(tab, "Pause");
  const shells = tab.getByRole("group", { name: "Springs" });
  const first = shells.getByRole("checkbox").first();
  assert.ok(await first.isChecked());
  assert.match(await shells.getByRole("listitem").first().innerText(), /1 · Ni–Ni\s+2\.\d+ Å\s+[12]\.\d{4}/);
  await tab.waitForTimeout(150);
  const with1 = await picture(scene(tab));
  await first.click();
  await tab.waitForTimeout(150);
  const without = await picture(scene(tab));
  assert.notEqual(without, with1);
  await shells.getByRole("checkbox").nth(1).click();
  await tab.waitForTimeout(150);
  assert.notEqual(await picture(scene(tab)), without);
  assert.ok(await shells.getByRole("checkbox").nth(1).isChecked());
  assert.deepEqual(complaints, []);
});

test("who asks for less motion sees arrows that stand still, on a phone too", async () => {
  const { tab, complaints } = await openCrystal({
    reducedMotion: "reduce",
    viewport: { width: 390, height: 740 },
    hasTouch: true,
  });
  await tab.getByText("Arrows show where the atoms go").waitFor();
  assert.ok(await tab.getByLabel("Arrows").isChecked());
  await tab.waitForTimeout(200);
  const [held, still] = await twice(tab, 400);
  assert.equal(held, still);
  await tab.getByLabel("Arrows").click();
  await tab.waitForTimeout(150);
  assert.notEqual(await picture(scene(tab)), held, "the arrows go");
  assert.equal(
    await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    0,
  );
  await press(tab, "Play");
  const [moving, later] = await twice(tab, 300);
  assert.notEqual(moving, later, "who presses Play wants it");
  assert.deepEqual(complaints, []);
});
