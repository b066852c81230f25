/** Jobs of interatomic potentials: their parameters are fitted in the page, and no spring moves alone. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { EXAMPLES, drop, jobOf, openPage, press, waitForEnd, waitForStatus } from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const JOB = {
  crystal: { prototype: "fcc", element: "Ni", a: 3.52 },
  force_constants: { cutoff: 5.7 },
  potential: { library: "ni_gupta" },
  model: { order: "one-phonon", temperature: 298 },
  data: [{ file: "ni.csv" }],
  mask: { bragg_radius: 0.12 },
  nuisance: { background: ["constant", "q2"] },
};

/** @param {unknown} job @returns {{name: string, content: string}} */
const written = (job) => ({ name: "job.json", content: JSON.stringify(job) });

test("a potential is fitted, its parameters stand in the table, and its springs do not move one by one", async () => {
  const { tab, complaints } = await openPage(browser);
  const data = await readFile(new URL("ni_298K_one_phonon.csv", EXAMPLES), "utf8");
  await drop(tab, written(JOB), { name: "ni.csv", content: data });
  await waitForStatus(tab, /^Ready.*hold the potential's force constants/s);
  assert.equal(await tab.locator("#springs .spring").count(), 0);
  await tab.getByText("The springs follow from a potential").waitFor();
  const parameter = async (/** @type {string} */ name) =>
    (await tab.locator("#derived tr", { hasText: `potential ${name}` }).innerText()).split(/\s+/).slice(2);
  // Cleri and Rosato's, before anything is fitted.
  assert.deepEqual(await parameter("A"), ["0.0376", "eV"]);
  await press(tab, "Play");
  await waitForEnd(tab);
  const [value = "", plus, sigma = ""] = await parameter("A");
  assert.ok(Number(value) > 0 && value !== "0.0376", value);
  assert.equal(plus, "±");
  assert.ok(Number(sigma) > 0 && Number(sigma) < Number(value), sigma);
  assert.deepEqual((await jobOf(tab)).potential, JOB.potential);
  // Back to constants, the sliders are there again.
  const { potential: _, ...plain } = JOB;
  await drop(tab, written({ ...plain, force_constants: { cutoff: 5.7, start: { springs: { 1: 1.5 } } } }));
  await waitForStatus(tab, /^Ready/);
  await tab.waitForFunction(() => document.querySelectorAll("#springs .spring").length === 16);
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

test("a potential that is none, lacks a number, or whose crystal is not stable, says why and nothing is lost", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon" });
  const data = { name: "ni.csv", content: await readFile(new URL("ni_298K_one_phonon.csv", EXAMPLES), "utf8") };
  const morse = { family: "morse", parameters: { D: 0.4, alpha: 1.3, r0: 2.8 } };
  for (const [potential, words] of /** @type {[object, RegExp][]} */ ([
    [{ library: "unobtainium" }, /^Potential, library: no set 'unobtainium', expected one of ni_gupta/],
    [morse, /^Potential, range: missing, expected a distance in Å/],
    [
      { ...morse, parameters: { ...morse.parameters, r0: 1.6 }, range: 6 },
      /not stable.*The previous state is still here/,
    ],
  ])) {
    await drop(tab, written({ ...JOB, potential }), data);
    await waitForStatus(tab, words);
    assert.equal(await tab.locator("#springs .spring").count(), 16);
  }
  assert.deepEqual(complaints, []);
  await tab.context().close();
});
