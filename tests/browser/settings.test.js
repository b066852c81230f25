import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openTab, PAGE } from "./chromium.js";
import {
  coloursOn,
  idle,
  jobOf,
  openPage,
  press,
  problemOf,
  statusOf,
  type,
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

/** Quick to calculate. */
const QUICK = "#order=one-phonon&start=springs";

/** @param {import('playwright-core').Page} tab @param {string} id */
const shown = (tab, id) => tab.locator(`#${id}`).inputValue();

test("a refused field says so beside itself and blocks no other", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await type(tab, "cutoff", "5.5656");
  await waitForStatus(tab, /^Cutoff: 5\.5656 Å falls on the shell of neighbours/);
  assert.equal(await shown(tab, "cutoff"), "5.5656");
  assert.match(await problemOf(tab, "cutoff"), /falls on the shell of neighbours at .* Cutoff stays at 5\.7\.$/);
  await type(tab, "temperature", "-4");
  await waitForStatus(tab, /^Temperature: -4 K, expected a temperature from 0/);
  assert.match(await problemOf(tab, "temperature"), /Temperature stays at 298\.$/);
  // The others go on without them.
  await type(tab, "q-min", "0.25");
  await idle(tab);
  const job = await jobOf(tab);
  assert.deepEqual([job.mask.q_min, job.force_constants.cutoff, job.model.temperature], [0.25, 5.7, 298]);
  assert.match(await problemOf(tab, "cutoff"), /falls on the shell/);
  assert.equal(await problemOf(tab, "q-min"), "");
  // A fit uses what is in force, and says so; so does the link.
  await press(tab, "Play");
  await waitForState(tab, "converged");
  assert.match(
    await statusOf(tab),
    /Cutoff “5\.5656” is not in force, the fit uses 5\.7\. Temperature “-4” is not in force, the fit uses 298\./,
  );
  await press(tab, "Link");
  await waitForStatus(tab, /link/);
  const link = new URLSearchParams(new URL(tab.url()).hash.slice(1));
  assert.deepEqual([link.get("cutoff"), link.get("T"), link.get("qmin")], [null, null, "0.25"]);
  // Mended, each is in force.
  await type(tab, "temperature", "310");
  await type(tab, "cutoff", "4.8");
  await idle(tab);
  const mended = await jobOf(tab);
  assert.deepEqual([mended.force_constants.cutoff, mended.model.temperature], [4.8, 310]);
  for (const id of ["cutoff", "temperature"]) assert.equal(await problemOf(tab, id), "");
  assert.deepEqual(complaints, []);
});

test("numbers are typed with comma or point, and never with separators of thousands", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await type(tab, "cutoff", "5,8");
  await type(tab, "temperature", "298,5");
  await idle(tab);
  assert.deepEqual([await shown(tab, "cutoff"), await shown(tab, "temperature")], ["5.8", "298.5"]);
  const job = await jobOf(tab);
  assert.deepEqual([job.force_constants.cutoff, job.model.temperature], [5.8, 298.5]);
  for (const [text, words] of /** @type {[string, RegExp][]} */ ([
    ["1,234", /can be read in two ways: write 1234 or 1\.234/],
    ["1,234,567", /can be read in two ways: write 1234567/],
    ["1.234,5", /is no number/],
    ["1 234", /is no number/],
    ["3oo", /is no number/],
    ["", /Temperature is empty/],
  ])) {
    await type(tab, "temperature", text);
    assert.match(await problemOf(tab, "temperature"), words, text);
    assert.equal(await shown(tab, "temperature"), text);
  }
  await idle(tab);
  assert.equal((await jobOf(tab)).model.temperature, 298.5);
  await type(tab, "temperature", "0,125e3");
  await idle(tab);
  assert.equal((await jobOf(tab)).model.temperature, 125);
  assert.equal(await problemOf(tab, "temperature"), "");
  assert.deepEqual(complaints, []);
});

test("a crystal is changed step by step: what does not go yet is taken once it does", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await tab.getByLabel("Structure").selectOption({ label: "rock salt" });
  await waitForStatus(tab, /needs two elements and has one; write both into Element, such as “Na Cl”/);
  assert.match(await problemOf(tab, "prototype"), /needs two elements.*Structure stays at fcc\./);
  await type(tab, "lattice-a", "5.64");
  await idle(tab);
  assert.equal((await jobOf(tab)).crystal.a, 5.64);
  await type(tab, "element", "Na Cl");
  await waitForState(tab, "ready");
  await idle(tab);
  assert.deepEqual((await jobOf(tab)).crystal, { prototype: "rocksalt", elements: ["Na", "Cl"], a: 5.64 });
  for (const id of ["prototype", "element", "lattice-a"]) assert.equal(await problemOf(tab, id), "", id);
  assert.deepEqual(complaints, []);
});

test("changes in quick succession are all taken, the last wish wins, and Play waits for them", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await tab.evaluate(() => {
    /** @param {string} id @param {string} value */
    const set = (id, value) => {
      const field = /** @type {HTMLInputElement} */ (document.getElementById(id));
      field.value = value;
      field.dispatchEvent(new Event("change"));
    };
    set("cutoff", "4.8");
    set("temperature", "500");
    set("q-min", "0.3");
    set("temperature", "400");
    set("statistics", "classical");
    document.getElementById("play")?.click();
  });
  await waitForState(tab, "running", "converged");
  await waitForState(tab, "converged");
  const job = await jobOf(tab);
  assert.deepEqual(
    [job.force_constants.cutoff, job.model.temperature, job.mask.q_min, job.model.statistics],
    [4.8, 400, 0.3, "classical"],
  );
  assert.deepEqual(complaints, []);
});

test("what is wished for while the page loads is not lost", async () => {
  const { tab, complaints } = await openTab(browser, { viewport: { width: 1280, height: 900 } });
  await tab.route("**/*.wasm", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue();
  });
  await tab.goto(`${PAGE}${QUICK}`, { waitUntil: "commit" });
  await tab.locator("#play:not([disabled])").waitFor();
  await type(tab, "temperature", "321");
  await press(tab, "Play");
  await waitForState(tab, "converged");
  assert.equal((await jobOf(tab)).model.temperature, 321);
  assert.deepEqual(complaints, []);
});

test("a long calculation is told, is stopped, and gives way to a newer wish", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await press(tab, "Play");
  await waitForState(tab, "converged");
  const found = await tab.locator("#fig-chi2").innerText();
  await type(tab, "cutoff", "23");
  await waitForStatus(tab, /Calculating with Cutoff 23 … It has taken \d+ s; Stop ends it\./);
  await press(tab, "Stop");
  await waitForStatus(tab, /^Stopped; what was there before is still here\./);
  assert.match(await problemOf(tab, "cutoff"), /^Stopped before it was calculated\. Cutoff stays at 5\.7\.$/);
  // The fit is where it was, and can be saved.
  assert.equal(await tab.locator("html").getAttribute("data-state"), "converged");
  assert.equal(await tab.locator("#fig-chi2").innerText(), found);
  assert.equal((await jobOf(tab)).force_constants.cutoff, 5.7);
  // A newer wish ends an older one that nobody waits for any more.
  await tab.locator("#cutoff").press("Enter");
  await waitForStatus(tab, /Calculating/);
  await type(tab, "cutoff", "5.8");
  await waitForState(tab, "ready");
  assert.equal((await jobOf(tab)).force_constants.cutoff, 5.8);
  assert.equal(await problemOf(tab, "cutoff"), "");
  assert.deepEqual(complaints, []);
});

test("the cutoff is lowered below the range of a library start, which is cut to it, and raised again", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon&start=ni_676" });
  const constants = () => tab.getByRole("table", { name: "Force constants" }).locator("tbody tr").count();
  assert.equal(await constants(), 16);
  for (const [cutoff, number] of /** @type {[string, number][]} */ ([
    ["2.6", 3],
    ["4.4", 9],
    ["6.2", 18],
    ["5,7", 16],
  ])) {
    await type(tab, "cutoff", cutoff);
    await idle(tab);
    assert.equal(await problemOf(tab, "cutoff"), "", cutoff);
    assert.equal((await jobOf(tab)).force_constants.cutoff, Number(cutoff.replace(",", ".")));
    assert.equal(await constants(), number, cutoff);
  }
  assert.deepEqual(complaints, []);
});

test("a link cannot lock the page", async () => {
  const { tab, complaints } = await openTab(browser, { viewport: { width: 1280, height: 900 } });
  await tab.goto(`${PAGE}${QUICK}&cutoff=23`);
  await waitForStatus(tab, /It has taken \d+ s; Stop ends it/);
  // What was measured is in sight all the while.
  assert.equal(await tab.locator("html").getAttribute("data-state"), "loading");
  assert.ok((await coloursOn(tab, "Data")) > 50);
  await press(tab, "Stop");
  await waitForState(tab, "ready");
  assert.ok((await coloursOn(tab, "Data")) > 50);
  assert.match(await problemOf(tab, "cutoff"), /Stopped before it was calculated/);
  assert.equal((await jobOf(tab)).force_constants.cutoff, 5.7);
  assert.deepEqual(complaints, []);
});

test("a link to another order brings what that order needs", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=sampled&samples=2" });
  assert.equal(await shown(tab, "supercell"), "6 × 6 × 2");
  assert.deepEqual((await jobOf(tab)).model.supercell, [6, 6, 2]);
  assert.deepEqual(complaints, []);
});

test("Stop ends a fit, and says when there is nothing to stop", async () => {
  const { tab, complaints } = await openPage(browser, { hash: `${QUICK}&speed=0` });
  await press(tab, "Stop");
  await waitForStatus(tab, /^Nothing is being calculated\.$/);
  await press(tab, "Play");
  await waitForStatus(tab, /Iteration 1/);
  await press(tab, "Stop");
  await waitForState(tab, "stopped");
  await press(tab, "Play");
  await waitForState(tab, "running");
  await press(tab, "Reset");
  await waitForState(tab, "ready");
  assert.deepEqual(complaints, []);
});

test("status, errors, Link and Save answer in every view", async () => {
  const { tab, complaints } = await openPage(browser, { hash: `${QUICK}&cells=4` });
  for (const view of ["Crystal", "Atoms in motion", "Three methods", "Fit"]) {
    await tab.getByRole("link", { name: view }).click();
    await press(tab, "Link");
    await waitForStatus(tab, /link/i);
    assert.ok(await tab.locator("#status").isVisible(), view);
    assert.ok((await jobOf(tab)).crystal, view);
    await waitForStatus(tab, /^Saved .*-job\.json\.$/);
    assert.ok(await tab.locator("#status").isVisible(), view);
  }
  assert.deepEqual(complaints, []);
});

test("“Skip to the content” keeps the session", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await type(tab, "temperature", "312");
  await waitForState(tab, "ready");
  await idle(tab);
  await press(tab, "Play");
  await waitForState(tab, "converged");
  await tab.locator("a.skip").focus();
  await tab.keyboard.press("Enter");
  await tab.waitForTimeout(500);
  assert.equal(await tab.evaluate(() => document.activeElement?.id), "content");
  assert.equal(await shown(tab, "temperature"), "312");
  assert.equal(await tab.locator("html").getAttribute("data-state"), "converged");
  assert.ok(tab.url().endsWith(QUICK), tab.url());
  await tab.evaluate(() => {
    location.hash = "content";
  });
  await tab.waitForTimeout(500);
  await tab.goBack();
  await tab.waitForTimeout(500);
  assert.equal(await shown(tab, "temperature"), "312");
  assert.equal(await tab.locator("html").getAttribute("data-state"), "converged");
  assert.deepEqual(complaints, []);
});

test("the instrument is a part of the job, refused in words, and gone when all of it is off", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await type(tab, "energy", "20");
  await tab.locator("#compton").selectOption("absolute");
  await tab.locator("#background-air").check();
  await tab.locator("#likelihood").selectOption("robust");
  await idle(tab);
  const job = await jobOf(tab);
  assert.deepEqual(job.measurement, { energy_kev: 20, compton: "absolute" });
  assert.deepEqual(job.nuisance.background, ["constant", "q2", { exponential: 1.2 }]);
  assert.equal(job.fit.likelihood, "robust");
  await type(tab, "energy", "1");
  await waitForStatus(tab, /^Photon energy: 1, expected 4 to 150/);
  assert.match(await problemOf(tab, "energy"), /Photon energy stays at 20\.$/);
  await type(tab, "energy", "");
  await tab.locator("#compton").selectOption("none");
  await tab.locator("#background-q2").uncheck();
  await idle(tab);
  const bare = await jobOf(tab);
  assert.equal(bare.measurement, undefined);
  assert.deepEqual(bare.nuisance.background, ["constant", { exponential: 1.2 }]);
  assert.deepEqual(complaints, []);
});

test("polarization waits for the photon energy, whose field the refusal names", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await tab.locator("#polarized").selectOption("mean");
  await waitForStatus(tab, /^Polarization: no photon energy, expected “Photon energy” beside it/);
  assert.match(await problemOf(tab, "polarized"), /no photon energy/);
  await type(tab, "energy", "17.48");
  await tab.waitForFunction(() => document.getElementById("polarized")?.getAttribute("aria-invalid") !== "true");
  await idle(tab);
  assert.deepEqual((await jobOf(tab)).measurement, {
    energy_kev: 17.48,
    polarization: { fraction: 0, angle_deg: 0 },
  });
  assert.deepEqual(complaints, []);
});

test("elastic constants are fitted to what lies near the peaks", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await tab.locator("#order").selectOption("elastic");
  await tab.waitForFunction(() => document.getElementById("head-value")?.textContent === "C (GPa)");
  assert.equal(await shown(tab, "bragg-within"), "0.2");
  await type(tab, "bragg-within", "0.3");
  await idle(tab);
  await press(tab, "Play");
  await waitForEnd(tab);
  const names = await tab.locator("#constants-body button").allInnerTexts();
  assert.deepEqual(names, ["C11", "C12", "C44"]);
  assert.equal(await tab.locator("#figure-dispersion").isVisible(), false);
  // Far from long waves, and with a free scale: the page does not call them determined.
  assert.equal(await tab.locator("html").getAttribute("data-trust"), "none");
  const { model, mask } = await jobOf(tab);
  assert.deepEqual([model.order, mask.bragg_within], ["elastic", 0.3]);
  // Back to all branches.
  await tab.locator("#order").selectOption("one-phonon");
  await tab.waitForFunction(() => document.getElementById("head-value")?.textContent === "Φ (eV/Å²)");
  assert.deepEqual(complaints, []);
});
