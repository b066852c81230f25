import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { launch, notOfFile, openTab, PAGE } from "./chromium.js";
import {
  FIXTURES,
  coloursOn,
  constantsOf,
  drop,
  exampleRows,
  idle,
  jobOf,
  openFiles,
  openPage,
  press,
  save,
  stateOf,
  statusOf,
  waitForEnd,
  waitForState,
  waitForStatus,
} from "./page.js";

const N_PER_M = 16.02176634;
const SHELLS = ["110", "200", "211", "220", "310"];

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** What went into the example: value (eV/Å²) and attainable σ by label. */
async function truth() {
  const all = JSON.parse(await readFile(new URL("truth.json", FIXTURES), "utf8"));
  const { shells_N_per_m: shells, fisher_sigma_N_per_m: sigmas } = all["ni_298K_hk0_hk0.5_hk1.csv"];
  return Object.entries(sigmas).map(([name, sigma]) => {
    const [shell = "", component = ""] = name.split(" ");
    const label = `${SHELLS.indexOf(shell) + 1}${component.toUpperCase()}`;
    return { label, value: -shells[shell][component] / N_PER_M, sigma: sigma / N_PER_M };
  });
}

test("it opens with a picture: data, wrong model and residual", async () => {
  const { tab, complaints } = await openPage(browser);
  for (const name of ["Data", "Model", "Residual"]) {
    assert.ok((await coloursOn(tab, name)) > 50, `${name} is drawn`);
  }
  assert.ok((await coloursOn(tab, "Phonon dispersion")) > 5);
  assert.ok(await tab.getByText("The fuzz between Bragg peaks tells how stiff the bonds are.").isVisible());
  assert.match(await statusOf(tab), /χ²\/n is 12\.7/);
  assert.deepEqual(complaints, []);
});

test("one phonon of the model is drawn with the data, and all orders follow", async () => {
  const { tab, complaints } = await openTab(browser, { viewport: { width: 1280, height: 900 } });
  await tab.addInitScript(() => {
    const seen = /** @type {{state: string | undefined, said: boolean, colours: number[]}[]} */ ([]);
    const coloursOn = (/** @type {string} */ id) => {
      const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById(id));
      const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(
        0,
        0,
        canvas.width,
        canvas.height,
      );
      return new Set(new Uint32Array(data.buffer)).size;
    };
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const said = document.querySelector("#model-so-far:not([hidden])") !== null;
      if (seen.at(-1)?.said === said || (!said && seen.length === 0)) return;
      // The maps are painted in the same turn.
      queueMicrotask(() =>
        seen.push({
          state: document.documentElement.dataset.state,
          said,
          colours: [coloursOn("map-data"), coloursOn("map-model")],
        }),
      );
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["hidden"] });
  });
  await tab.goto(PAGE);
  await waitForState(tab, "ready");
  const seen = await tab.evaluate(() => /** @type {any} */ (window).seen);
  assert.deepEqual(
    seen.map((/** @type {any} */ one) => one.said),
    [true, false],
  );
  const [first] = seen;
  assert.notEqual(first.state, "ready");
  assert.ok(
    first.colours.every((/** @type {number} */ n) => n > 50),
    `colours of data and model: ${first.colours}`,
  );
  assert.deepEqual(complaints, []);
});

/** Notes what the page tells workers to open: the run, and the data. @param {Tab} tab */
const noteOpenings = (tab) =>
  tab.addInitScript(() => {
    const opened = /** @type {[number, string][]} */ ([]);
    Object.assign(window, { opened });
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (/** @type {any} */ message, ...rest) {
      if (message.type === "open" && message.job) opened.push([message.run, message.job.data[0].file]);
      return postMessage.call(this, message, .../** @type {[any]} */ (rest));
    };
  });

/** @param {Tab} tab @returns {Promise<[number, string][]>} */
const openingsOf = (tab) => tab.evaluate(() => /** @type {any} */ (window).opened);

const FIRST_FILE = "ni_298K_hk0_hk0.5_hk1.csv";

/** Answers later, ms. @param {Tab} tab @param {string} file @param {number} wait */
const delay = (tab, file, wait) =>
  tab.route(`**/${file}`, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, wait));
    await route.continue();
  });

test(
  "the first example is opened once, ahead of a page that takes its time, and by the page where its data do",
  notOfFile("all of the page is there at once"),
  async () => {
    for (const { late, run, hash } of [
      { late: "main.js", run: 0, hash: "" },
      { late: "main.js", run: 0, hash: "#figure-dispersion" },
      { late: FIRST_FILE, run: 1, hash: "" },
      { late: "main.js", run: 1, hash: "#speed=7" },
    ]) {
      const { tab, complaints } = await openTab(browser, { viewport: { width: 1280, height: 900 } });
      await noteOpenings(tab);
      await delay(tab, late, 900);
      await tab.goto(`${PAGE}${hash}`);
      await waitForState(tab, "ready");
      assert.deepEqual(await openingsOf(tab), [[run, FIRST_FILE]], `${late} late, ${hash}`);
      assert.equal(tab.workers().filter((worker) => worker.url().endsWith("/views/fit/worker.js")).length, 1);
      assert.ok((await coloursOn(tab, "Model")) > 50);
      await press(tab, "Step");
      await waitForState(tab, "stopped");
      assert.deepEqual(complaints, []);
    }
  },
);

test(
  "what a person gives before the first example stands takes its place, and what was kept is not overtaken by it",
  notOfFile("all of the page is there at once"),
  async () => {
    const { tab, complaints } = await openTab(browser, { viewport: { width: 1280, height: 900 } });
    await noteOpenings(tab);
    await delay(tab, "examples/index.json", 1500);
    await tab.goto(PAGE);
    await openFiles(tab, { name: "mine.csv", content: await exampleRows(([, , l]) => l !== "1") });
    await waitForState(tab, "ready");
    await waitForStatus(tab, /7.\d{3} data/);
    const [ahead, ...others] = await openingsOf(tab);
    assert.deepEqual(ahead, [0, FIRST_FILE]);
    assert.ok(others.length > 0 && others.every(([, file]) => file === "mine.csv"), `${others}`);
    await idle(tab);
    // Until it is kept.
    await tab.waitForTimeout(300);
    // A place in the page says nothing of what is open.
    await tab.goto("about:blank");
    await tab.goto(`${PAGE}#content`);
    await waitForState(tab, "ready");
    assert.match(await tab.locator("#data-facts").innerText(), /of 7.\d{3} data/);
    assert.deepEqual(await openingsOf(tab), [[1, "mine.csv"]]);
    assert.deepEqual(complaints, []);
  },
);

test(
  "a fit goes without what works on an open measurement where that does not load, and the next job brings it",
  notOfFile("all of the page is there at once"),
  async () => {
    const { tab } = await openTab(browser, { viewport: { width: 1280, height: 900 } });
    await tab.route("**/page/tools.js*", (route) => route.abort());
    await tab.goto(PAGE);
    await waitForState(tab, "ready");
    await tab.getByText("What works on an open measurement did not load").waitFor();
    const rectangle = tab.getByRole("button", { name: "Rectangle" });
    assert.equal(await rectangle.count(), 0);
    await press(tab, "Step");
    await waitForState(tab, "stopped");
    await tab.unroute("**/page/tools.js*");
    await tab.getByLabel("Cutoff").fill("4.5");
    await tab.getByLabel("Cutoff").press("Enter");
    await waitForState(tab, "ready");
    await rectangle.click();
    assert.equal(await rectangle.getAttribute("aria-pressed"), "true");
    assert.equal(await tab.getByText("What works on an open measurement").count(), 0);
  },
);

test("Play reads the springs that went into the measurement", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#start=ni_676" });
  await press(tab, "Play");
  await waitForState(tab, "converged");
  assert.match(await statusOf(tab), /^Converged: 16 constants, χ²\/n = 0\.9\d, C44 = 117\.\d ± 0\.\d GPa\.$/);
  assert.match(await tab.locator("#fig-time").innerText(), /^\d+(\.\d+)? m?s$/);
  const rows = await constantsOf(tab);
  const expected = await truth();
  assert.equal(rows.size, expected.length);
  for (const { label, value, sigma } of expected) {
    const [found = "", error = "", known = ""] = rows.get(label) ?? [];
    assert.ok(Math.abs(Number(found) - value) < 4 * sigma, `${label}: ${found}, expected ${value} ± ${sigma}`);
    assert.ok(Math.abs(Number(error) / sigma - 1) < 0.1, `${label}: σ ${error}, expected ${sigma}`);
    assert.ok(Math.abs(Number(known) - value) < 1e-4, `${label}: the truth is shown`);
  }
  await tab.getByRole("combobox", { name: "Unit of the force constants" }).selectOption({ label: "−Φ in N/m" });
  const inNewton = Number((await constantsOf(tab)).get("1XX")?.[0]);
  assert.ok(Math.abs(inNewton + Number(rows.get("1XX")?.[0]) * N_PER_M) < 2e-3);
  assert.deepEqual(complaints, []);
});

test("Pause holds, Step goes one further, Reset goes back", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#speed=0&start=springs" });
  const iterations = () => tab.locator("#fig-iterations").innerText().then(Number);
  const start = await constantsOf(tab);
  await press(tab, "Play");
  await waitForStatus(tab, /Iteration 1/);
  await press(tab, "Pause");
  await waitForState(tab, "stopped");
  const held = await iterations();
  await tab.waitForTimeout(1200);
  assert.equal(await iterations(), held);
  await press(tab, "Step");
  await tab.waitForFunction((n) => Number(document.querySelector("#fig-iterations")?.textContent) === n, held + 1);
  assert.equal(await stateOf(tab), "stopped");
  assert.notDeepEqual(await constantsOf(tab), start);
  await press(tab, "Reset");
  await waitForState(tab, "ready");
  assert.deepEqual(await constantsOf(tab), start);
  assert.deepEqual(complaints, []);
});

test("a setting changed while the fit runs: it goes on with the new one, and says so", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#speed=0&order=one-phonon" });
  await press(tab, "Play");
  await waitForStatus(tab, /Iteration 1/);
  await tab.locator("#temperature").fill("676");
  await tab.locator("#temperature").press("Enter");
  await waitForStatus(tab, /The fit begins anew with the new settings\. (Fitting|Iteration)/);
  assert.equal(await stateOf(tab), "running");
  assert.equal(JSON.parse((await save(tab, "Save job")).text).model.temperature, 676);
  assert.deepEqual(complaints, []);
});

test("what cannot be read is named, and everything stays as it was", async () => {
  const { tab, complaints } = await openPage(browser);
  await press(tab, "Play");
  await waitForState(tab, "converged");
  const found = await constantsOf(tab);
  await drop(tab, { name: "bad.csv", content: "h,k,l,intensity\n1,2,0.5,100\n1,2,x,100\n1,2,y,100\n1,2,z,100\n" });
  await waitForStatus(tab, /bad\.csv:3:.*The previous state is still here\./);
  await drop(tab, { name: "noise.bin", content: Buffer.from([0, 255, 254, 7, 129, 3]) });
  await waitForStatus(tab, /noise\.bin/);
  await drop(tab, { name: "job.json", content: '{"crystal": 3' });
  await waitForStatus(tab, /job\.json: not valid JSON/);
  await drop(tab, {
    name: "job.json",
    content: '{"crystal": {}, "force_constants": {}, "model": {}, "data": [{"file": "x.csv"}]}',
  });
  await waitForStatus(tab, /also needs “x\.csv”/);
  await tab.getByLabel("Cutoff").fill("5.5656");
  await tab.getByLabel("Cutoff").press("Enter");
  await waitForStatus(tab, /falls on the shell of neighbours/);
  assert.equal(await stateOf(tab), "converged");
  assert.deepEqual(await constantsOf(tab), found);
  assert.deepEqual(complaints, []);
});

test("one plane does not determine every constant, and the page says which", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#speed=4" });
  await openFiles(tab, { name: "hk0.csv", content: await exampleRows(([, , l]) => l === "0") });
  await waitForStatus(tab, /over 3.660 data/);
  assert.deepEqual(await tab.getByLabel("Plane", { exact: true }).locator("option").allInnerTexts(), ["l = 0"]);
  await press(tab, "Play");
  await waitForState(tab, "converged", "stopped");
  const struck = await tab.getByRole("table", { name: "Force constants" }).locator("s").allInnerTexts();
  assert.ok(struck.length > 0 && struck.length < 16, `${struck}`);
  assert.match((await constantsOf(tab)).get(struck[0] ?? "")?.[0] ?? "", /not fixed by these data/);
  assert.deepEqual(complaints, []);
});

test("constants that a one-phonon model takes from all orders are not to be trusted", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#start=ni_676" });
  const facts = await tab.locator("#data-facts").innerText();
  await tab.getByLabel("Phonons").selectOption({ label: "one phonon" });
  await waitForStatus(tab, /χ²\/n is 7\.5/);
  assert.equal(await tab.locator("#data-facts").innerText(), facts);
  await press(tab, "Play");
  await waitForState(tab, "converged");
  assert.match(await statusOf(tab), /^Converged after .*Do not trust these constants/);
  const reason = tab.locator('#verdict-reasons li[data-code="one-phonon"]');
  assert.match(
    await reason.innerText(),
    /^The model has one phonon only, a measurement all orders: .*Choose all orders\.$/,
  );
  await tab.getByLabel("Measurement").selectOption({ label: "Nickel 298 K, first order" });
  await waitForStatus(tab, /χ²\/n is 17\.9/);
  await press(tab, "Play");
  await waitForState(tab, "converged");
  assert.match(await statusOf(tab), /^Converged: 16 constants, χ²\/n = 0\.9\d, C44 = 117/);
  assert.equal(await tab.locator("html").getAttribute("data-trust"), "good");
  assert.deepEqual(complaints, []);
});

test("sampled intensities bring what they need, and the engine says what does not go together", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#start=ni_676" });
  const field = (/** @type {string} */ name) => tab.locator("#settings").getByLabel(name);
  for (const name of ["Supercell", "Snapshots", "Iterations"]) assert.equal(await field(name).isVisible(), false, name);
  assert.ok(await field("Pairs up to").isVisible());
  await field("Phonons").selectOption({ label: "sampled" });
  await waitForStatus(tab, /χ²\/n is 4\.66/);
  assert.equal(await field("Fit by").locator("option:checked").innerText(), "Adam");
  assert.equal(await field("Supercell").inputValue(), "6 × 6 × 2");
  assert.equal(await field("Pairs up to").isVisible(), false);
  await press(tab, "Step");
  await waitForState(tab, "stopped");
  assert.equal(await tab.locator("#fig-iterations").innerText(), "1");
  await field("Fit by").selectOption({ label: "Gauss–Newton" });
  await waitForStatus(tab, /Fit by: Gauss–Newton with sampled intensities.*Fit by stays at Adam\./);
  await field("Fit by").selectOption({ label: "L-BFGS" });
  await waitForState(tab, "ready");
  await field("Supercell").fill("5x5x2");
  await field("Supercell").press("Enter");
  await waitForStatus(tab, /not commensurate with the supercell of 5 × 5 × 2 cells/);
  await field("Phonons").selectOption({ label: "all orders" });
  await waitForStatus(tab, /χ²\/n is 4\.56/);
  assert.equal(await field("Supercell").isVisible(), false);
  assert.deepEqual(complaints, []);
});

test("a saved job opens again and gives the same result", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#start=springs&speed=4&T=300" });
  await press(tab, "Play");
  await waitForState(tab, "converged");
  const found = await constantsOf(tab);
  const job = await save(tab, "Save job");
  assert.equal(job.name, "ni_298K_hk0_hk0.5_hk1-job.json");
  const result = JSON.parse((await save(tab, "Save result")).text);
  assert.equal(result.termination, "converged");
  assert.equal(result.parameters.length, 16);
  assert.ok(Math.abs(result.parameters[0].value - Number(found.get("1XX")?.[0])) < 1e-3);
  assert.match((await save(tab, "FORCE_CONSTANTS")).text, /^\s*\d+\s+\d+\n/);
  assert.match((await save(tab, "POSCAR")).text, /Ni/);
  assert.match((await save(tab, "phonopy.yaml")).text, /force_constants:/);

  await tab.locator("#temperature").fill("50");
  await tab.locator("#temperature").press("Enter");
  await waitForState(tab, "ready");
  await drop(tab, { name: job.name, content: job.text });
  await tab.waitForFunction(
    () =>
      document.querySelector("#temperature") instanceof HTMLInputElement &&
      /** @type {HTMLInputElement} */ (document.querySelector("#temperature")).value === "300",
  );
  await press(tab, "Play");
  await waitForState(tab, "converged");
  assert.deepEqual(await constantsOf(tab), found);
  assert.deepEqual(complaints, []);
});

test("a link carries the settings, a bad one still shows the example", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: "#plane=1&colours=viridis&start=springs&cutoff=4.5&bg2=false&hide=statistics",
  });
  assert.equal(await tab.getByLabel("Plane", { exact: true }).locator("option:checked").innerText(), "l = ½");
  assert.equal(await tab.getByLabel("Cutoff").inputValue(), "4.5");
  assert.equal(await tab.getByLabel("∝ |Q|²").isChecked(), false);
  assert.equal(await tab.getByLabel("Statistics").isVisible(), false);
  assert.equal((await constantsOf(tab)).size, 9);
  await press(tab, "Link");
  await waitForStatus(tab, /link/);
  assert.equal(new URL(tab.url()).hash, "#cutoff=4.5&bg2=false&plane=1&colours=viridis&hide=statistics");

  const broken = await openPage(browser, { hash: "#T=-5&plane=99&cutoff=x&colours=rainbow" });
  await waitForStatus(broken.tab, /temperature/);
  assert.ok((await coloursOn(broken.tab, "Data")) > 50);
  assert.deepEqual([...complaints, ...broken.complaints], []);
});

test("after a panic a fresh engine goes on with the same data", async () => {
  const { tab } = await openPage(browser);
  await openFiles(tab, { name: "mine.csv", content: await exampleRows(([, , l]) => l !== "1") });
  await waitForStatus(tab, /7.\d{3} data/);
  await press(tab, "Step");
  await waitForState(tab, "stopped");
  // One of them holds the job, the other stands by; their helpers end with them.
  for (const worker of tab.workers().filter((worker) => worker.url().endsWith("/views/fit/worker.js"))) {
    await worker.evaluate(() => {
      setTimeout(() => {
        throw new WebAssembly.RuntimeError("unreachable");
      });
    });
  }
  await waitForState(tab, "failed");
  assert.match(await statusOf(tab), /A fresh one has been started with your data/);
  await tab.waitForFunction(() => document.querySelector("#fig-iterations")?.textContent === "0");
  assert.match(await tab.locator("#data-facts").innerText(), /of 7.\d{3} data/);
  assert.ok((await coloursOn(tab, "Data")) > 50);
  await press(tab, "Play");
  await waitForState(tab, "converged");
});

/** @typedef {import("playwright-core").Page} Tab */

/** The result of the fit in force, without what differs from run to run. @param {Tab} tab */
async function resultOf(tab) {
  const { seconds, date, trace, ...result } = JSON.parse((await save(tab, "Save result")).text);
  return JSON.stringify(result);
}

/** @param {Tab} tab */
const helpersOf = (tab) => tab.workers().filter((worker) => worker.url().endsWith("/engine/crew-worker.js"));

/** The same once there are so many: they come when a job has taken a second. @param {import('playwright-core').Page} tab @param {number} count */
async function helpersCome(tab, count) {
  for (let i = 0; i < 100 && helpersOf(tab).length < count; i++) await tab.waitForTimeout(50);
  assert.equal(helpersOf(tab).length, count);
  return helpersOf(tab);
}

test("a fit is the same with one core and with three, and goes on when a helper breaks down", async () => {
  /** @type {string[]} */
  const results = [];
  for (const cores of ["1", "3"]) {
    const { tab, complaints } = await openPage(browser, { hash: `#cores=${cores}&example=one&start=springs` });
    assert.equal(await tab.getByLabel("Cores").inputValue(), cores);
    await helpersCome(tab, Number(cores) - 1);
    await press(tab, "Step");
    await waitForState(tab, "stopped");
    await helpersOf(tab)[0]?.evaluate(() => {
      setTimeout(() => {
        throw new Error("broken");
      });
    });
    await press(tab, "Play");
    await waitForState(tab, "converged");
    results.push(await resultOf(tab));
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
  assert.equal(results[0], results[1]);
});

test("a masked job is shared among workers of the package that has everything, and is the same with 1, 2 and 3", async () => {
  /** @type {string[]} */
  const results = [];
  for (const cores of ["1", "2", "3"]) {
    const { tab, complaints } = await openPage(browser, { hash: `#cores=${cores}` });
    const job = await jobOf(tab);
    job.mask = { ...job.mask, shapes: [{ name: "ring", q: [4, 4.5] }] };
    // Sums that are long enough for everybody to take part.
    job.model.real_space_range = 34;
    await drop(tab, { name: "job.json", content: JSON.stringify(job) });
    await tab.waitForFunction(() => /ring/.test(document.querySelector("#mask-sums")?.textContent ?? ""));
    await idle(tab);
    const helpers = await helpersCome(tab, Number(cores) - 1);
    for (const helper of helpers) {
      await helper.evaluate(() => {
        const [scope, post] = [/** @type {any} */ (self), self.postMessage.bind(self)];
        scope.made = 0;
        scope.postMessage = (/** @type {any} */ message, /** @type {any} */ options) => {
          if (message.type === "part") scope.made += 1;
          post(message, options);
        };
        scope.packages = performance.getEntriesByType("resource").map(({ name }) => name);
      });
    }
    await press(tab, "Play");
    await waitForEnd(tab);
    assert.equal(await stateOf(tab), "converged");
    results.push(await resultOf(tab));
    assert.deepEqual(helpersOf(tab), helpers, "nobody left");
    let together = 0;
    for (const helper of helpers) {
      const { made, packages } = await helper.evaluate(() => /** @type {any} */ (self));
      // How they share is up to the machine: of three workers on two cores one has made 9.
      assert.ok(made > 0, `${made} pieces`);
      together += made;
      const isWhole = packages.some((/** @type {string} */ name) => name.endsWith("/pkg/whole/tds_inversion.js"));
      // The page as one file has no other.
      assert.ok(isWhole || PAGE.startsWith("file:"));
    }
    assert.ok(together > 10 || helpers.length === 0, `${together} pieces together`);
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
  assert.deepEqual(new Set(results).size, 1);
});

test("commands in the middle of steps leave leader and helpers at one place", async () => {
  /** @type {string[]} */
  const results = [];
  for (const cores of ["1", "2"]) {
    const { tab, complaints } = await openPage(browser, { hash: `#cores=${cores}&start=springs&speed=4` });
    if (cores === "2") {
      const words = [
        "play",
        "pause",
        "play",
        "step",
        "play",
        "reset",
        "play",
        "play",
        "pause",
        "step",
        "step",
        "pause",
      ];
      for (const [i, word] of words.entries()) {
        await tab.evaluate((id) => document.getElementById(id)?.click(), word);
        await tab.waitForTimeout((i * 67) % 190);
      }
      await press(tab, "Reset");
      await waitForState(tab, "ready");
      // It is where its leader is: one that is not leaves.
      await helpersCome(tab, 1);
    }
    await press(tab, "Play");
    await waitForState(tab, "converged");
    results.push(await resultOf(tab));
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
  assert.equal(results[0], results[1]);
});

test("the jobs of the nickel benchmark can be chosen, and tell what they leave open", async () => {
  const { tab, complaints } = await openPage(browser);
  await tab.getByLabel("Measurement").selectOption({ label: "Partial data: one plane" });
  await tab.waitForFunction(() => document.body.textContent?.includes("hk0 alone."));
  await waitForState(tab, "ready");
  await press(tab, "Play");
  await waitForState(tab, "stopped");
  const rows = await constantsOf(tab);
  assert.equal(rows.size, 16);
  assert.match(rows.get("1XY")?.[0] ?? "", /not fixed/);
  // The truth of the job stands beside every constant.
  const truth = [...rows.values()].map((cells) => Number(cells.at(-1)?.replace("−", "-")));
  assert.ok(Math.abs((truth[0] ?? 0) + 1.5531) < 1e-4, String(truth[0]));
  // Back to the first one, which keeps its own truth.
  await tab.getByLabel("Measurement").selectOption("all");
  await waitForState(tab, "ready");
  assert.equal(Number((await constantsOf(tab)).get("1XX")?.at(-1)?.replace("−", "-")), -1.081);
  assert.deepEqual(complaints, []);
  await tab.context().close();
});
