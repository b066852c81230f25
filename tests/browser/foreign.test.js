/** Crystals and force constants of other programs are taken as they come. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { constantsOf, dropPaths, idle, jobOf, openPage, statusOf, waitForStatus } from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const FORMATS = join(import.meta.dirname, "..", "fixtures", "formats");
const QUICK = "#order=one-phonon&start=springs";

/** @param {import('playwright-core').Page} tab @param {string[]} paths */
const give = (tab, ...paths) => dropPaths(tab, ...paths.map((path) => join(FORMATS, path)));

test("a CIF is a crystal, a packed phonopy file and a file of Quantum ESPRESSO are crystals with constants", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await give(tab, "cif/13_no_occupancy_no_type.cif");
  await tab.waitForFunction(() => /2 atoms/.test(document.querySelector("#crystal-facts")?.textContent ?? ""));
  await idle(tab);
  assert.equal((await jobOf(tab)).crystal.file, "13_no_occupancy_no_type.cif");
  for (const path of ["constants/phonopy_params.yaml.xz", "constants/qe_q2r.fc"]) {
    await give(tab, path);
    const name = path.split("/")[1] ?? "";
    await waitForStatus(tab, /^(?=.*polar)Ready/);
    await tab.waitForTimeout(500);
    await idle(tab);
    assert.equal((await jobOf(tab)).crystal.file, name, await statusOf(tab));
    assert.ok((await constantsOf(tab)).size > 0);
  }
  assert.deepEqual(complaints, []);
});

test("what a CIF cannot be used for is said in its sentence, and what was there stays", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await give(tab, "cif/11_partial_occupancy_REFUSE.cif");
  await waitForStatus(tab, /11_partial_occupancy_REFUSE\.cif was not understood: .*occup/);
  await give(tab, "constants/BORN_number");
  await waitForStatus(tab, /BORN_number was not understood: it holds Born charges/);
  assert.equal((await jobOf(tab)).crystal.prototype, "fcc");
  assert.deepEqual(complaints, []);
});
