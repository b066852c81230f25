import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, openTab, PAGE } from "./chromium.js";
import {
  constantsOf,
  drop,
  dropPaths,
  exampleRows,
  idle,
  jobOf,
  openPage,
  press,
  save,
  statusOf,
  type,
  waitForState,
  waitForStatus,
} from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const QUICK = "#order=one-phonon&start=springs";

/** Parts of the example that tell themselves apart by their number of rows. */
const plane = (/** @type {string} */ wanted) =>
  exampleRows(([h = "", k = "", l]) => l === wanted && Number(h) < 2 && Number(k) < 2);

/** Numbers of data by file, as they are saved. @param {import('playwright-core').Page} tab */
async function filesOf(tab) {
  return (await jobOf(tab)).data.map((/** @type {{file: string}} */ { file }) => file);
}

test("two files of one name are two, and the same file twice is one", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  const [one, two] = [await plane("0"), await plane("1")];
  await drop(tab, { name: "scan.csv", content: one }, { name: "scan.csv", content: two });
  await waitForStatus(tab, /Another scan\.csv is here already, so this one is “scan \(2\)\.csv”\./);
  assert.deepEqual(await filesOf(tab), ["scan.csv", "scan (2).csv"]);
  const rows = (/** @type {string} */ text) => text.trim().split("\n").length - 1;
  const all = / of ([\d\u202f]+) data/.exec(await tab.locator("#data-facts").innerText())?.[1];
  assert.equal(Number(all?.replace(/\D/g, "")), rows(one) + rows(two));
  await drop(tab, { name: "scan.csv", content: two });
  await waitForStatus(tab, /so this one is “scan \(2\)\.csv”/);
  assert.deepEqual(await filesOf(tab), ["scan (2).csv"]);
  await drop(tab, { name: "a.csv", content: one }, { name: "a.csv", content: one });
  await tab.waitForFunction(() => document.querySelector("#example option[value=own]")?.textContent === "a.csv");
  await idle(tab);
  assert.deepEqual(await filesOf(tab), ["a.csv"]);
  assert.deepEqual(complaints, []);
});

test("the files of a folder are taken, and what was not understood is named without taking the rest down", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  const folder = await mkdtemp(join(tmpdir(), "tds-"));
  try {
    await mkdir(join(folder, "run", "more"), { recursive: true });
    await writeFile(join(folder, "run", "hk0.csv"), await plane("0"));
    await writeFile(join(folder, "run", "more", "hk1.csv"), await plane("1"));
    await writeFile(join(folder, "run", "notes.txt"), "Measured on a rainy day.\n");
    await writeFile(join(folder, "run", "packed.csv.xz"), Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]));
    await writeFile(join(folder, "run", ".hidden"), "1,2,3,4\n");
    await dropPaths(tab, join(folder, "run"));
    await waitForStatus(tab, /notes\.txt was not understood: it holds no table/);
    await idle(tab);
    const said = await statusOf(tab);
    assert.match(said, /packed\.csv\.xz was not understood: [^.]*xz/);
    assert.deepEqual((await filesOf(tab)).sort(), ["hk0.csv", "hk1.csv"]);
  } finally {
    await rm(folder, { recursive: true });
  }
  // A table that the engine cannot use, beside one that it can.
  await drop(
    tab,
    { name: "bad.csv", content: "h,k,l,intensity\n1,2,0.5,100\n1,2,x,100\n" },
    { name: "good.csv", content: await plane("0") },
  );
  await waitForStatus(tab, /^Ready.*bad\.csv: .*bad\.csv was left out\./);
  assert.deepEqual(await filesOf(tab), ["good.csv"]);
  assert.deepEqual(complaints, []);
});

test("a table with one broken line is told with that line, however short it is, and nothing is lost", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon" });
  for (const [content, words] of /** @type {[string, RegExp][]} */ ([
    ["h,k,l,intensity\n1,2,0,abc\n", /broken\.csv:2: column 4 \(intensity\) is abc, expected a finite number/],
    ["h k l intensity sigma\n1 2.1 0 7\n", /broken\.csv:2: 4 fields, expected 5/],
    ["h;k;l;intensity\n", /broken\.csv: there are no rows below the header, expected/],
  ])) {
    await drop(tab, { name: "broken.csv", content });
    await waitForStatus(tab, words);
    assert.match(await statusOf(tab), /previous state is still here/);
    assert.equal(await tab.getByLabel("Measurement").inputValue(), "all");
  }
  assert.deepEqual(complaints, []);
});

test("a file is opened at any moment: while the page loads, calculates or plays, and from another view", async () => {
  const { tab, complaints } = await openTab(browser, { viewport: { width: 1280, height: 900 } });
  await tab.route("**/*.wasm", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue();
  });
  await tab.goto(`${PAGE}${QUICK}&speed=0`, { waitUntil: "commit" });
  await tab.locator("#play:not([disabled])").waitFor();
  const opened = (/** @type {string} */ name) =>
    tab
      .waitForFunction((name) => document.querySelector("#example option[value=own]")?.textContent === name, name)
      .catch(async () => assert.fail(`${name}: ${await statusOf(tab)}`));
  await drop(tab, { name: "loading.csv", content: await plane("0") });
  await opened("loading.csv");
  await idle(tab);
  assert.deepEqual(await filesOf(tab), ["loading.csv"]);

  await type(tab, "cutoff", "23");
  await waitForStatus(tab, /Calculating/);
  await type(tab, "cutoff", "4.8");
  await drop(tab, { name: "calculating.csv", content: await plane("1") });
  await opened("calculating.csv");
  await idle(tab);
  assert.equal((await jobOf(tab)).force_constants.cutoff, 4.8, "nothing is dropped");

  await press(tab, "Play");
  await waitForState(tab, "running");
  await drop(tab, { name: "playing.csv", content: await plane("0") });
  await opened("playing.csv");
  await idle(tab);
  assert.deepEqual(await filesOf(tab), ["playing.csv"]);

  await tab.getByRole("link", { name: "Three methods" }).click();
  await drop(tab, { name: "elsewhere.csv", content: await plane("1") });
  await opened("elsewhere.csv");
  await idle(tab);
  assert.deepEqual(await filesOf(tab), ["elsewhere.csv"]);
  assert.ok(await tab.locator("#status").isVisible());
  assert.deepEqual(complaints, []);
});

test("a job opens with its files by base name, together, one after the other, and out of a result", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  const job = { ...(await jobOf(tab)), data: [{ file: "/home/someone/beamtime/run 7/hk0.csv" }] };
  job.model.temperature = 277;
  const text = JSON.stringify(job);
  await drop(tab, { name: "job.json", content: `\uFEFF${text}` }, { name: "HK0.csv", content: await plane("0") });
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#temperature")).value === "277",
  );
  await idle(tab);
  assert.deepEqual(await filesOf(tab), ["HK0.csv"]);

  job.model.temperature = 278;
  job.data = [{ file: "C:\\data\\later.csv" }];
  delete job.reference;
  await drop(tab, { name: "job.json", content: JSON.stringify({ version: "1", job }) });
  await waitForStatus(tab, /The job also needs “later\.csv”/);
  await drop(tab, { name: "later.csv", content: await plane("1") });
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#temperature")).value === "278",
  );
  await idle(tab);
  assert.deepEqual(await filesOf(tab), ["later.csv"]);

  // What “Save result” saves opens as the job that it came from.
  const result = await save(tab, "Save result");
  await type(tab, "temperature", "290");
  await idle(tab);
  await drop(tab, { name: result.name, content: result.text });
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#temperature")).value === "278",
  );
  await idle(tab);
  assert.deepEqual(await filesOf(tab), ["later.csv"]);

  delete job.model;
  await drop(tab, { name: "bare.json", content: JSON.stringify(job) });
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#temperature")).value === "298",
  );
  await idle(tab);
  assert.equal((await jobOf(tab)).model.order, "one-phonon");
  assert.deepEqual(complaints, []);
});

test("own data and settings survive a reload, until they are forgotten", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await drop(tab, { name: "mine.csv", content: await plane("0") });
  await waitForStatus(tab, /Ready/);
  await tab.getByText("Your files are kept in this browser").waitFor();
  await type(tab, "temperature", "333");
  await waitForState(tab, "ready");
  await idle(tab);
  const [before, constants] = [await jobOf(tab), await constantsOf(tab)];
  await tab.locator("#colours").selectOption("viridis");
  await tab.waitForTimeout(300);
  await tab.reload();
  await waitForStatus(tab, /This is how you left it\./);
  assert.deepEqual(await jobOf(tab), before);
  assert.deepEqual(await constantsOf(tab), constants);
  assert.equal(await tab.locator("#colours").inputValue(), "viridis");
  // A link wins over what is kept, which stays at hand.
  await tab.goto("about:blank");
  await tab.goto(`${PAGE}#order=one-phonon&start=springs&T=299`);
  await waitForState(tab, "ready");
  await idle(tab);
  assert.equal(await tab.getByLabel("Measurement").inputValue(), "all");
  await tab.getByLabel("Measurement").selectOption("own");
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#temperature")).value === "333",
  );
  await idle(tab);
  assert.deepEqual(await filesOf(tab), ["mine.csv"]);
  await press(tab, "Forget my data");
  await waitForStatus(tab, /^Forgotten: this browser keeps nothing of yours/);
  assert.equal(await tab.locator("#kept").isVisible(), false);
  await tab.waitForTimeout(300);
  await tab.reload();
  await waitForState(tab, "ready");
  assert.equal(await tab.locator("#example option[value=own]").count(), 0);
  assert.deepEqual(complaints, []);
});

test("what is kept belongs to its address: a reload right after another link follows that link", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await type(tab, "temperature", "333");
  await waitForState(tab, "ready");
  await idle(tab);
  // What this link asks for takes long, so that something else is in force all the while.
  await tab.evaluate(() => {
    location.hash = "order=one-phonon&start=springs&T=320&cutoff=23";
  });
  await waitForStatus(tab, /Calculating/);
  await tab.waitForTimeout(300);
  await tab.reload();
  await waitForStatus(tab, /Calculating/);
  assert.equal(await tab.locator("#temperature").inputValue(), "320");
  await press(tab, "Stop");
  await waitForState(tab, "ready");
  assert.notEqual(await tab.locator("#temperature").inputValue(), "333");
  assert.deepEqual(complaints, []);
});

test("a browser that keeps nothing says so, and the page works", async () => {
  const { tab, complaints } = await openTab(browser, { viewport: { width: 1280, height: 900 } });
  await tab.addInitScript(() => {
    Object.defineProperty(window, "indexedDB", {
      get: () => {
        throw new DOMException("denied", "SecurityError");
      },
    });
  });
  await tab.goto(`${PAGE}${QUICK}`);
  await waitForState(tab, "ready");
  await drop(tab, { name: "mine.csv", content: await plane("0") });
  await waitForStatus(tab, /This browser does not keep your files for the next time/);
  await idle(tab);
  assert.deepEqual(await filesOf(tab), ["mine.csv"]);
  assert.equal(await tab.locator("#kept").isVisible(), false);
  assert.deepEqual(complaints, []);
});

test("leaving with results of own data that were not saved asks, and only then", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  /** @type {string[]} */
  const asked = [];
  tab.on("dialog", (dialog) => {
    asked.push(dialog.type());
    dialog.accept();
  });
  await press(tab, "Play");
  await waitForState(tab, "converged");
  await tab.reload();
  await waitForState(tab, "ready");
  assert.deepEqual(asked, [], "an example can be fitted again");
  await drop(tab, { name: "mine.csv", content: await plane("0") });
  await waitForStatus(tab, /Ready/);
  await idle(tab);
  await press(tab, "Play");
  await waitForState(tab, "converged", "stopped");
  await tab.reload();
  await waitForState(tab, "ready");
  assert.deepEqual(asked, ["beforeunload"]);
  await press(tab, "Play");
  await waitForState(tab, "converged", "stopped");
  await save(tab, "Save result");
  await tab.reload();
  await waitForState(tab, "ready");
  assert.deepEqual(asked, ["beforeunload"]);
  assert.deepEqual(complaints, []);
});

test("model, residual and mask of every data set can be saved, and FORCE_CONSTANTS under that name", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  const content = await plane("0");
  await drop(tab, { name: "mine.csv", content });
  await waitForStatus(tab, /Ready/);
  await idle(tab);
  await press(tab, "Pictures and tables …");
  const table = await save(tab, "All data, CSV");
  await tab.keyboard.press("Escape");
  assert.equal(table.name, "mine-maps.csv");
  const [note, head, ...rows] = table.text.trim().split("\n");
  assert.equal(note, "# residual: (data − model) / sigma; used: 1 where the row takes part in the fit");
  assert.equal(head, "h,k,l,data,sigma,model,residual,used");
  const given = content
    .trim()
    .split("\n")
    .slice(1)
    .map((row) => row.split(",").map(Number));
  assert.equal(rows.length, given.length);
  let [sum, used] = [0, 0];
  for (const [i, row] of rows.entries()) {
    const [h, k, l, data, sigma = NaN, model = "", residual, mask] = row
      .split(",")
      .map((field) => (field === "" ? NaN : Number(field)));
    assert.deepEqual([h, k, l, data, sigma], given[i]);
    if (Number.isNaN(model)) assert.equal(mask, 0, "no model on a Bragg point");
    else assert.ok(Math.abs(Number(residual) - (Number(data) - Number(model)) / sigma) < 1e-9);
    if (mask === 1) [sum, used] = [sum + Number(residual) ** 2, used + 1];
  }
  assert.equal(Number((await tab.locator("#fig-data").innerText()).replace(/\D/g, "")), used);
  const chi2 = Number((await tab.locator("#fig-chi2").innerText()).replace("·10", "e"));
  assert.ok(Math.abs(sum / used / chi2 - 1) < 0.02, `${sum / used} and ${chi2}`);
  assert.equal((await save(tab, "FORCE_CONSTANTS")).name, "FORCE_CONSTANTS");
  assert.deepEqual(complaints, []);
});
