import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { constantsOf, idle, jobOf, openPage, press, waitForEnd } from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const HASH = "#order=one-phonon&start=ni_676";

/** @param {Tab} tab */
async function open(tab) {
  await tab.getByRole("button", { name: "Known besides …" }).click();
  await tab.locator("#known-dialog").waitFor();
}
/** @param {Tab} tab */
async function apply(tab) {
  await tab.getByRole("button", { name: "Apply" }).click();
  await tab.locator("#known-dialog").waitFor({ state: "hidden", timeout: 60_000 });
  await idle(tab);
}
/** The fields of the last row of a group. @param {Tab} tab @param {string} group */
const last = (tab, group) => tab.getByRole("region", { name: group }).locator("li").last();
/** Adds a row and types into it. @param {Tab} tab @param {string} group @param {string} add @param {Record<string, string>} fields */
async function add(tab, group, add, fields) {
  await tab.getByRole("button", { name: add }).click();
  for (const [label, text] of Object.entries(fields))
    await last(tab, group).getByRole("textbox", { name: label }).fill(text);
}
/** Why a field is not taken, as it is read out with it. @param {import('playwright-core').Locator} field */
const problem = (field) =>
  field.evaluate((input) => document.getElementById(input.getAttribute("aria-describedby") ?? "")?.textContent ?? "");

test("what was measured elsewhere is typed as rows, counts in the fit and goes with the job", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  assert.equal(await tab.locator("#known-facts").innerText(), "Known besides: nothing.");
  await open(tab);
  await add(tab, "Elastic constants", "Add an elastic constant", { Constant: "c44", Value: "110", "± σ": "0,02" });
  await add(tab, "Phonon frequencies", "Add a frequency", { "h k l": "0.5 0 0", ν: "4.9", "± σ": "0.05" });
  await add(tab, "Mean-square displacements", "Add a displacement", { U: "0.005", "± σ": "0.001" });
  assert.equal(await last(tab, "Mean-square displacements").getByRole("textbox", { name: "Atom" }).inputValue(), "Ni1");
  await apply(tab);
  assert.equal(await tab.locator("#known-facts").innerText(), "Known besides: C44, 1 frequency, U of Ni1.");
  const known = {
    elastic_GPa: { C44: [110, 0.02] },
    frequencies: [{ q: [0.5, 0, 0], THz: 4.9, sigma: 0.05 }],
    U_A2: { Ni1: [0.005, 0.001] },
  };
  assert.deepEqual((await jobOf(tab)).pseudo_data, known);
  await press(tab, "Play");
  await waitForEnd(tab);
  const elastic = await tab.locator("#derived tr").filter({ hasText: "C44" }).innerText();
  assert.match(elastic, /C44\s+110\./, "a small σ pulls it there");
  assert.match(await tab.locator("#verdict").innerText(), /C44/, "and the verdict says that the scattering says other");

  // It is there when the dialog opens again, and goes when it is taken away; the rest stays.
  await open(tab);
  assert.equal(await last(tab, "Elastic constants").getByRole("textbox", { name: "Constant" }).inputValue(), "C44");
  await last(tab, "Elastic constants").getByRole("button", { name: "Remove this elastic constant" }).click();
  await apply(tab);
  assert.deepEqual((await jobOf(tab)).pseudo_data, { frequencies: known.frequencies, U_A2: known.U_A2 });
  assert.equal((await constantsOf(tab)).size, 16);
  assert.deepEqual(complaints, []);
});

test("what cannot be read or used is said beside its field", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await open(tab);
  await add(tab, "Elastic constants", "Add an elastic constant", { Constant: "C77", Value: "12 GPa", "± σ": "0" });
  await tab.getByRole("button", { name: "Apply" }).click();
  const row = last(tab, "Elastic constants");
  assert.equal(
    await problem(row.getByRole("textbox", { name: "Constant" })),
    "“C77” is no elastic constant, such as C11 or C44.",
  );
  assert.match(await problem(row.getByRole("textbox", { name: "Value" })), /^“12 GPa” is no number/);
  assert.equal(await problem(row.getByRole("textbox", { name: "± σ" })), "“0” is not positive.");
  assert.ok(await row.getByRole("textbox", { name: "Constant" }).evaluate((field) => field === document.activeElement));
  await row.getByRole("textbox", { name: "Constant" }).fill("C11");
  assert.equal(
    await problem(row.getByRole("textbox", { name: "Constant" })),
    "",
    "who types again is not blamed for what was there",
  );
  await row.getByRole("textbox", { name: "Value" }).fill("250");
  await row.getByRole("textbox", { name: "± σ" }).fill("3");

  // What the engine alone can tell comes back to its row.
  await add(tab, "Mean-square displacements", "Add a displacement", { Atom: "Cu1", U: "0.005", "± σ": "0.001" });
  await tab.getByRole("button", { name: "Apply" }).click();
  const atom = last(tab, "Mean-square displacements").getByRole("textbox", { name: "Atom" });
  await tab.waitForFunction((field) => field?.getAttribute("aria-invalid") === "true", await atom.elementHandle());
  assert.match(await problem(atom), /^no atom of the primitive cell, expected one of Ni1\./);
  await atom.fill("Ni1");
  for (const nu of ["4", "5", "6", "7"]) {
    await add(tab, "Phonon frequencies", "Add a frequency", { "h k l": "½, 0, 0", ν: nu, "± σ": "0.1" });
    await last(tab, "Phonon frequencies").getByRole("textbox", { name: "h k l" }).fill("0.5, 0, 0");
  }
  await tab.getByRole("button", { name: "Apply" }).click();
  const fourth = last(tab, "Phonon frequencies").getByRole("textbox", { name: "ν" });
  await tab.waitForFunction((field) => field?.getAttribute("aria-invalid") === "true", await fourth.elementHandle());
  assert.match(await problem(fourth), /than there are branches/);
  assert.equal((await tab.locator("#known-facts").textContent()) ?? "", "Known besides: nothing.");
  await last(tab, "Phonon frequencies").getByRole("button", { name: "Remove this frequency" }).click();
  await apply(tab);
  assert.equal((await jobOf(tab)).pseudo_data.frequencies.length, 3);
  assert.deepEqual(complaints, []);
});

test("rows are added, typed and applied by keyboard alone, on a narrow screen too", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH, viewport: { width: 390, height: 844 } });
  await tab.getByRole("button", { name: "Known besides …" }).focus();
  await tab.keyboard.press("Enter");
  await tab.locator("#known-dialog").waitFor();
  await tab.keyboard.press("Enter");
  await tab.keyboard.type("C12");
  await tab.keyboard.press("Tab");
  await tab.keyboard.type("150");
  await tab.keyboard.press("Tab");
  await tab.keyboard.type("2");
  const box = await tab.locator("#known-dialog").boundingBox();
  assert.ok(box && box.x >= 0 && box.x + box.width <= 390, "the dialog is in sight");
  assert.ok(await tab.locator("#known-dialog").evaluate((dialog) => dialog.scrollWidth <= dialog.clientWidth));
  await tab.keyboard.press("Enter");
  await tab.locator("#known-dialog").waitFor({ state: "hidden", timeout: 60_000 });
  await tab.waitForFunction(() => document.activeElement?.id === "known-open");
  await idle(tab);
  assert.deepEqual((await jobOf(tab)).pseudo_data, { elastic_GPa: { C12: [150, 2] } });
  assert.deepEqual(complaints, []);
});
