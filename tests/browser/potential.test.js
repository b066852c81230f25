/** Jobs of interatomic potentials: chosen in the page, fitted, drawn as curves, moved by hand, saved for other programs. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { EXAMPLES, drop, idle, jobOf, openPage, press, type, waitForEnd, waitForStatus } from "./page.js";
import { violations } from "./axe.js";

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

/** @param {import('playwright-core').Page} tab @param {string} name A parameter: value, and what follows. */
const parameter = async (tab, name) =>
  (await tab.locator("#derived tr", { hasText: `potential ${name}` }).innerText()).split(/\s+/).slice(2);

/** The curves as they are read out. @param {import('playwright-core').Page} tab */
const curves = (tab) =>
  tab.locator("#potential-curves canvas").evaluateAll((all) => all.map((c) => c.getAttribute("aria-label") ?? ""));

/** Waits until there are so many curves. @param {import('playwright-core').Page} tab @param {number} count */
const waitForCurves = (tab, count) =>
  tab.waitForFunction(
    (count) => document.querySelectorAll("#potential-curves canvas[aria-label]").length === count,
    count,
  );

/** @param {import('playwright-core').Page} tab @param {number} n A canvas of the figure. */
const picture = (tab, n) =>
  tab
    .locator("#potential-curves canvas")
    .nth(n)
    .evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ""));

const SLOW = { timeout: 60_000 };

test("a potential is fitted: its parameters stand in the table, and its curves bend and get bands", async () => {
  const { tab, complaints } = await openPage(browser);
  const data = await readFile(new URL("ni_298K_one_phonon.csv", EXAMPLES), "utf8");
  await drop(tab, written(JOB), { name: "ni.csv", content: data });
  await waitForStatus(tab, /^Ready.*hold the potential's force constants/s);
  // Cleri and Rosato's, before anything is fitted.
  assert.deepEqual(await parameter(tab, "A"), ["0.0376", "eV"]);
  await waitForCurves(tab, 3);
  const before = await curves(tab);
  assert.match(before[0] ?? "", /^φ\(r\), energy of a pair by its distance: 0\.0\d+ eV near r \(Å\) = 2\.\d+$/);
  assert.match(before[2] ?? "", /^F\(ρ\), energy of an atom by the density at it: −\d/);
  assert.match(await tab.locator("#potential-reference").innerText(), /Cleri & V\. Rosato/);
  const [drawn] = [await picture(tab, 0)];
  await press(tab, "Play");
  await waitForEnd(tab);
  const [value = "", plus, sigma = ""] = await parameter(tab, "A");
  assert.ok(Number(value) > 0 && value !== "0.0376", value);
  assert.equal(plus, "±");
  assert.ok(Number(sigma) > 0 && Number(sigma) < Number(value), sigma);
  assert.deepEqual((await jobOf(tab)).potential, JOB.potential);
  await tab.waitForFunction(() =>
    /φ.* ± .* eV near/.test(document.querySelector("#potential-curves canvas")?.getAttribute("aria-label") ?? ""),
  );
  assert.notEqual((await curves(tab))[0], before[0]);
  assert.notEqual(await picture(tab, 0), drawn);
  // Back to constants, their sliders are there again and the curves are gone.
  const { potential: _, ...plain } = JOB;
  await drop(tab, written({ ...plain, force_constants: { cutoff: 5.7, start: { springs: { 1: 1.5 } } } }));
  await waitForStatus(tab, /^Ready/);
  await tab.waitForFunction(() => document.querySelectorAll("#springs .spring").length === 16);
  assert.equal(await tab.locator("#figure-potential").isVisible(), false);
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

for (const width of [1280, 390]) {
  test(`a potential is chosen, typed, held and left again, at ${width} px`, async () => {
    const { tab, complaints } = await openPage(browser, {
      hash: "#order=one-phonon",
      viewport: { width, height: 900 },
    });
    const began = (await jobOf(tab)).force_constants;
    const select = tab.getByLabel("Springs from");
    await select.selectOption({ label: "a potential …" });
    await tab.waitForFunction(() => document.querySelectorAll("#potential-set optgroup").length === 3, null, SLOW);
    const texts = await select.locator("option").allInnerTexts();
    assert.ok(texts.some((text) => text.startsWith("Gupta, F. Cleri & V. Rosato")));
    assert.ok(
      texts.every((text) => !text.includes("Stillinger–Weber, ")),
      "silicon's is not for nickel",
    );
    await select.selectOption("set:ni_gupta");
    await tab.waitForFunction(() => document.querySelectorAll("#potential .field").length === 7, null, SLOW);
    await waitForCurves(tab, 3);
    assert.equal(await tab.locator("#potential-p").inputValue(), "16.999");
    assert.equal(await tab.locator("#start").isVisible(), false);
    assert.deepEqual((await jobOf(tab)).potential, { library: "ni_gupta" });
    // A number and a box, by keyboard.
    await tab.locator("#potential-p").focus();
    await tab.keyboard.press("Control+a");
    await tab.keyboard.type("15.5");
    await tab.keyboard.press("Tab");
    await tab.waitForFunction(
      () => /potential p\s*15\.5/.test(document.querySelector("#derived")?.textContent ?? ""),
      null,
      SLOW,
    );
    const box = tab.getByLabel("q is fitted");
    await box.focus();
    await tab.keyboard.press("Space");
    await idle(tab);
    await tab.waitForFunction(
      () => document.querySelector("#springs input[aria-label^='q']")?.hasAttribute("disabled"),
      null,
      SLOW,
    );
    assert.deepEqual((await jobOf(tab)).potential, {
      library: "ni_gupta",
      parameters: { p: 15.5 },
      free: ["A", "xi", "p"],
    });
    await press(tab, "Undo");
    await tab.waitForFunction(
      () => document.querySelector("#springs input[aria-label^='q']:not(:disabled)") !== null,
      null,
      SLOW,
    );
    assert.equal(await box.isChecked(), true);
    assert.deepEqual((await jobOf(tab)).potential, { library: "ni_gupta", parameters: { p: 15.5 } });
    // What makes no crystal is refused in one sentence, and what was there stays.
    await tab.locator("#potential-p").fill("3");
    await tab.locator("#potential-p").press("Tab");
    await waitForStatus(tab, /not stable.*The springs follow from what they did/s);
    await tab.waitForFunction(
      () => /** @type {HTMLInputElement | null} */ (document.querySelector("#potential-p"))?.value === "15.5",
    );
    await tab.locator("#potential-p").fill("many");
    await tab.locator("#potential-p").press("Tab");
    assert.equal(await tab.locator("#potential-p").getAttribute("aria-invalid"), "true");
    // Numbers of one's own: nothing is calculated until all are there.
    await select.selectOption("family:morse");
    await tab.getByText("Type numbers for the range, D, alpha, r0").waitFor();
    for (const [id, text] of [
      ["range", "7.1"],
      ["D", "0.4205"],
      ["alpha", "1.4199"],
      ["r0", "2.78"],
    ])
      await type(tab, `potential-${id}`, text ?? "");
    await waitForCurves(tab, 1);
    const morse = { family: "morse", parameters: { D: 0.4205, alpha: 1.4199, r0: 2.78 }, range: 7.1 };
    assert.deepEqual((await jobOf(tab)).potential, morse);
    assert.deepEqual(await violations(tab), []);
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    assert.equal(wide, false);
    // Back to free constants, and by undo to the potential again.
    await select.selectOption({ label: "free constants" });
    await tab.waitForFunction(() => document.querySelectorAll("#springs .spring").length === 16, null, SLOW);
    const job = await jobOf(tab);
    assert.equal(job.potential, undefined);
    assert.deepEqual(job.force_constants, began);
    await press(tab, "Undo");
    await tab.waitForFunction(() => document.querySelectorAll("#springs .spring").length === 3, null, SLOW);
    assert.deepEqual((await jobOf(tab)).potential, morse);
    assert.equal(await select.inputValue(), "family:morse");
    assert.deepEqual(complaints, []);
    await tab.context().close();
  });
}

test("a parameter is dragged: the map follows, the fit goes on from there, and it is undone", async () => {
  const { tab, complaints } = await openPage(browser);
  const data = await readFile(new URL("ni_298K_one_phonon.csv", EXAMPLES), "utf8");
  await drop(tab, written(JOB), { name: "ni.csv", content: data });
  await waitForStatus(tab, /^Ready.*hold the potential's force constants/s);
  await tab.waitForFunction(() => document.querySelectorAll("#springs .spring").length === 5);
  const map = () =>
    tab.locator("#map-model").evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ""));
  const chi2 = () => tab.locator("#hands-chi2").innerText();
  await waitForCurves(tab, 3);
  const [before, misfit, embedding] = [await map(), await chi2(), (await curves(tab))[2]];
  const knob = tab.getByRole("slider", { name: "xi / eV", exact: true });
  // Where the gradient would put it.
  assert.match(await tab.locator("#spring-1-arrow").innerText(), /^The gradient says [+−]\d\.\d+ ± /);
  assert.equal(await tab.getByRole("slider", { name: "r0 / Å", exact: true }).isDisabled(), true);
  const box = await knob.boundingBox();
  assert.ok(box);
  await tab.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await tab.mouse.down();
  await tab.mouse.move(box.x + 0.56 * box.width, box.y + box.height / 2, { steps: 4 });
  await tab.waitForFunction((old) => document.querySelector("#hands-chi2")?.textContent !== old, misfit);
  assert.notEqual(await map(), before);
  assert.equal((await parameter(tab, "xi"))[0], "1.07");
  // F(ρ) bends along.
  await tab.waitForFunction(
    (old) => document.querySelectorAll("#potential-curves canvas")[2]?.getAttribute("aria-label") !== old,
    embedding,
  );
  await tab.mouse.up();
  await tab.waitForFunction(
    () => !/potential xi\s*1\.07\D/.test(document.querySelector("#derived")?.textContent ?? ""),
  );
  const moved = Number((await parameter(tab, "xi"))[0]);
  assert.ok(moved > 1.075 && moved < 1.3, String(moved));
  // Which pixels know it.
  await tab.getByRole("button", { name: "Which pixels know xi / eV?" }).click();
  await tab.getByText("∂ model / ∂ xi", { exact: true }).first().waitFor();
  await tab.getByRole("button", { name: "Which pixels know xi / eV?" }).click();
  await press(tab, "Undo");
  await tab.waitForFunction(() => /potential xi\s*1\.07\D/.test(document.querySelector("#derived")?.textContent ?? ""));
  assert.equal(await chi2(), misfit);
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

/** Ni₃Al, and points around the Bragg points of its cube where the intensity rises. */
const ALLOY = {
  name: "POSCAR",
  content: "Ni3Al\n3.567\n1 0 0\n0 1 0\n0 0 1\nAl Ni\n1 3\nDirect\n0 0 0\n0 .5 .5\n.5 0 .5\n.5 .5 0\n",
};
const AROUND = Array.from({ length: 225 }, (_, n) => [0.15 + 0.27 * (n % 15), 0.11 + 0.27 * Math.floor(n / 15), 0.3])
  .map((hkl) => [...hkl, (100 / hkl.reduce((sum, x) => sum + (x - Math.round(x)) ** 2, 0)).toFixed(3)].join(","))
  .join("\n");

test("an alloy follows from Gupta's potential: each element as published, what is between them from both", async () => {
  const { tab, complaints } = await openPage(browser);
  const { potential: _, ...job } = JOB;
  const alloy = { ...job, crystal: { file: "POSCAR" }, force_constants: { cutoff: 4, start: { springs: { 1: 2 } } } };
  await drop(tab, written(alloy), ALLOY, { name: "ni.csv", content: `h,k,l,intensity\n${AROUND}\n` });
  await waitForStatus(tab, /^Ready/);
  const select = tab.getByLabel("Springs from");
  await select.selectOption({ label: "a potential …" });
  await tab.waitForFunction(() => document.querySelectorAll("#potential-set optgroup").length === 1, null, SLOW);
  const families = await select.locator("optgroup option").allInnerTexts();
  assert.deepEqual(families, ["Gupta", "Sutton–Chen", "Morse", "Lennard-Jones", "Buckingham"]);
  await select.selectOption("family:gupta");
  // φ and ρ of three pairs, F of two elements.
  await waitForCurves(tab, 8);
  assert.equal(await tab.locator("#potential .field").count(), 2 + 15);
  const value = (/** @type {string} */ name) => tab.locator(`#potential-${name}`).inputValue();
  assert.deepEqual([await value("p-Ni-Ni"), await value("p-Al-Al")], ["16.999", "8.612"]);
  assert.equal(await value("p-Al-Ni"), "12.8055");
  assert.ok(Math.abs(Number(await value("xi-Al-Ni")) - Math.sqrt(1.07 * 1.316)) < 1e-6);
  const chosen = (await jobOf(tab)).potential;
  assert.equal(chosen?.family, "gupta");
  assert.equal(Object.keys(chosen?.parameters ?? {}).length, 10);
  assert.match((await curves(tab)).join(" "), /φ\(r\) Al–Ni/);
  // A number of its own for the pair, and a box.
  await type(tab, "potential-xi-Al-Ni", "1.2349");
  await idle(tab);
  await tab.getByLabel("p Al-Al is fitted").uncheck();
  await idle(tab);
  await tab.waitForFunction(
    () => document.querySelector("#springs input[aria-label^='p Al-Al']")?.hasAttribute("disabled"),
    null,
    SLOW,
  );
  const typed = (await jobOf(tab)).potential;
  assert.equal(typed?.parameters?.["xi Al-Ni"], 1.2349);
  assert.ok(typed?.free?.length === 11 && !typed.free.includes("p Al-Al"), String(typed?.free));
  // Of Sutton and Chen c is of one element, and what is between two has no parameters of its own.
  await select.selectOption("family:sutton-chen");
  await tab.waitForFunction(() => document.querySelectorAll("#potential .field").length === 2 + 14, null, SLOW);
  await waitForCurves(tab, 8);
  await idle(tab);
  assert.equal(await tab.locator("#springs .spring").count(), 10);
  assert.equal(await value("epsilon-Al-Ni"), "");
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

test("silicon's map was made by Stillinger and Weber, and their numbers come back from others", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon" });
  await tab.locator("#example").selectOption("si");
  await tab.waitForFunction(() => /** @type {HTMLInputElement} */ (document.querySelector("#element")).value === "Si");
  await idle(tab);
  const select = tab.getByLabel("Springs from");
  await select.selectOption({ label: "a potential …" });
  await tab.waitForFunction(() => document.querySelectorAll("#potential-set optgroup").length === 3, null, SLOW);
  await select.selectOption("set:si_stillinger_weber");
  await waitForCurves(tab, 2);
  for (const [name, text] of [
    ["epsilon", "2.5"],
    ["lambda", "17"],
  ]) {
    await type(tab, `potential-${name}`, text ?? "");
    await idle(tab);
  }
  await tab.waitForFunction(
    () => /potential lambda\s*17\D/.test(document.querySelector("#derived")?.textContent ?? ""),
    null,
    SLOW,
  );
  await press(tab, "Play");
  await waitForEnd(tab);
  for (const [name, published] of /** @type {[string, number][]} */ ([
    ["epsilon", 2.1683],
    ["sigma", 2.0951],
    ["lambda", 21],
  ])) {
    const [value = "", , sigma = ""] = await parameter(tab, name);
    assert.ok(Math.abs(Number(value) - published) < 3.5 * Number(sigma), `${name} ${value} ± ${sigma}`);
  }
  const labels = await curves(tab);
  assert.match(labels[0] ?? "", /^φ\(r\), energy of a pair by its distance: −2\.\d+/);
  assert.match(
    labels[1] ?? "",
    /^h\(θ\), energy of two shortest bonds by the angle between them: .* near θ \(degrees\) = 109\.5$/,
  );
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

test("a potential is saved for LAMMPS, its curves as a picture and a table; a network says what cannot be", async () => {
  const { tab, complaints } = await openPage(browser);
  const data = await readFile(new URL("ni_298K_one_phonon.csv", EXAMPLES), "utf8");
  await drop(tab, written(JOB), { name: "ni.csv", content: data });
  await waitForStatus(tab, /^Ready.*hold the potential's force constants/s);
  await waitForCurves(tab, 3);
  await press(tab, "Play");
  await waitForEnd(tab);
  await press(tab, "Pictures and tables …");
  const names = /** @type {string[]} */ ([]);
  /** @type {Record<string, string>} */
  const texts = {};
  tab.on("download", async (download) => {
    names.push(download.suggestedFilename());
    texts[download.suggestedFilename()] = await readFile(await download.path(), "utf8");
  });
  await press(tab, "Potential, for LAMMPS");
  await tab.waitForFunction(() => /eam\.alloy/.test(document.querySelector("#export-status")?.textContent ?? ""));
  await press(tab, "Functions of the potential, CSV");
  await tab.getByLabel("Picture", { exact: true }).selectOption("potential");
  await press(tab, "SVG");
  await tab.waitForFunction(() => /svg/.test(document.querySelector("#export-status")?.textContent ?? ""));
  for (let waited = 0; Object.keys(texts).length < 4 && waited < 50; waited++) await tab.waitForTimeout(100);
  assert.deepEqual(names.sort(), ["Ni-potential.svg", "Ni_gupta.eam.alloy", "Ni_gupta.lammps", "Ni_gupta_curves.csv"]);
  assert.match(texts["Ni_gupta.lammps"] ?? "", /# xi = [\d.]+ ± [\d.e-]+ eV\n/);
  assert.match(texts["Ni_gupta.lammps"] ?? "", /pair_style eam\/alloy\npair_coeff \* \* Ni_gupta\.eam\.alloy Ni\n/);
  assert.match(
    texts["Ni_gupta_curves.csv"] ?? "",
    /\ncurve,x,value,sigma,start\nφ\(r\),2\.36[\d.]+,[\de.-]+,[\de.-]+,[\de.-]+\n/,
  );
  const svg = texts["Ni-potential.svg"] ?? "";
  assert.match(svg, /<title>Functions of a potential: φ\(r\), ρ\(r\), F\(ρ\)<\/title>/);
  assert.equal(svg.match(/fill-opacity="0.25"/g)?.length, 3);
  await press(tab, "Close");
  const network = { family: "network", start: { library: "ni_gupta" }, layers: [3, 2] };
  await drop(tab, written({ ...JOB, potential: network }), { name: "ni.csv", content: data });
  await waitForCurves(tab, 1);
  await tab.getByText("A network's weights mean nothing one by one").waitFor();
  await press(tab, "Pictures and tables …");
  await press(tab, "Potential, for LAMMPS");
  await tab.getByText("LAMMPS itself has no pair_style for a network").waitFor();
  await press(tab, "Close");
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

test("a link brings the potential along, and a silly one is passed over", async () => {
  const potential = "('library':'ni_sutton_chen','parameters':('c':38))";
  const { tab, complaints } = await openPage(browser, { hash: `#order=one-phonon&potential=${potential}` });
  await waitForCurves(tab, 3);
  assert.deepEqual((await jobOf(tab)).potential, { library: "ni_sutton_chen", parameters: { c: 38 } });
  assert.equal((await parameter(tab, "c"))[0], "38");
  const silly = await openPage(browser, { hash: "#order=one-phonon&potential=('library'" });
  assert.equal((await jobOf(silly.tab)).potential, undefined);
  assert.deepEqual([...complaints, ...silly.complaints], []);
  await tab.context().close();
  await silly.tab.context().close();
});
