// A random walk of misuses: whatever is opened, typed and pressed in whatever order, fields show what is
// in force or say why not, nothing given is lost, and the page comes back to rest.
//
// MISUSES is the number of steps, SEED the seed; both are printed.

import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, openTab, PAGE } from "./chromium.js";
import { drop, dropPaths, exampleRows, waitForState } from "./page.js";

const STEPS = Number(process.env.MISUSES ?? 120);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** Steps between two looks at what takes longer to look at. */
const STAGE = 25;
/** Longest that a calculation may take before it is stopped, and that the page may take to come to rest, ms. */
const [LONGEST, REST] = [20_000, 60_000];
const START = "#order=one-phonon&start=springs&cells=4";

/** @typedef {import('playwright-core').Page} Tab */

/** Random numbers of a seed (mulberry32). @param {number} seed */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const next = random(SEED);
/** @template T @param {readonly T[]} list @returns {T} */
const oneOf = (list) => /** @type {T} */ (list[Math.floor(next() * list.length)]);

/** @type {import('playwright-core').Browser} */
let browser;
let folder = "";
before(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "tds-"));
  await mkdir(join(folder, "run", "deep"), { recursive: true });
  await writeFile(join(folder, "run", "first.csv"), await rows(7));
  await writeFile(join(folder, "run", "deep", "second.csv"), await rows(8));
  await writeFile(join(folder, "run", "notes.txt"), "A rainy day.\n");
});
after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

/** A small table of its own for each number. @param {number} n */
async function rows(n) {
  const text = await exampleRows(([h = "", k = "", l]) => l === "0" && Number(h) < 1.5 && Number(k) < 1.5);
  const [head = "", ...list] = text.trim().split("\n");
  return `${[head, ...list.slice(n)].join("\n")}\n`;
}

const POSCAR = "Ni\n3.52\n0 .5 .5\n.5 0 .5\n.5 .5 0\nNi\n1\nDirect\n0 0 0\n";
const BAD = [
  { name: "bad.csv", content: "h,k,l,intensity\n1,2,0.5,100\n1,2,x,100\n" },
  { name: "noise.bin", content: Buffer.from([0, 255, 254, 7, 129, 3]) },
  { name: "job.json", content: '{"crystal": 3' },
  { name: "empty.csv", content: "" },
];
const TEXTS = {
  temperature: ["300", "298,5", "77", "-5", "cold", "1,234", "", "1e9", "1e400"],
  cutoff: ["5,8", "4.8", "5.5656", "6.2", "0.1", "", "abc", "-1"],
  "lattice-a": ["3.52", "3,6", "0", "1e3", "x"],
  element: ["Ni", "Cu", "Xx", "Na Cl", "", "Al"],
  spring: ["1.5", "2,5", "0", "-3", "1e300"],
  "bragg-radius": ["0.12", "0,2", "-1", "9"],
  "q-min": ["0", "0.3", "1,5", "1e5", "?"],
  "q-max": ["", "8", "7,5", "-2", "0.001"],
  "scale-value": ["1", "0", "one"],
};
const CHOICES = {
  prototype: ["fcc", "fcc", "bcc", "rocksalt", "diamond"],
  order: ["one-phonon", "one-phonon", "all-order"],
  statistics: ["quantum", "classical"],
  method: ["lm", "lbfgs", "adam"],
  start: ["springs", "ni_676"],
  "scale-mode": ["free", "fixed"],
  example: ["one", "own", "all"],
  colours: ["inferno", "viridis"],
  plane: ["0", "1"],
  unit: ["ev", "nm"],
};
const FLAGS = ["background-constant", "background-q2"];

/** Tables that were given, as text. @type {Set<string>} */
const given = new Set();

/** @param {Tab} tab @param {{name: string, content: string | Buffer}[]} files */
async function give(tab, ...files) {
  for (const { content } of files)
    if (typeof content === "string" && content.startsWith("h,k,l,intensity,sigma")) given.add(content);
  await drop(tab, ...files);
}

/** Whether a control can be reached by a person. @param {Tab} tab @param {string} id */
const reachable = (tab, id) =>
  tab.locator(`#${id}`).evaluate((e) => e.checkVisibility() && !(/** @type {HTMLButtonElement} */ (e).disabled));

/** What a person may do, as weight, words and deed; the words come back with what was chosen. @type {[number, (tab: Tab) => Promise<string>][]} */
const DEEDS = [
  [
    14,
    async (tab) => {
      const id = oneOf(Object.keys(TEXTS));
      const text = oneOf(TEXTS[/** @type {keyof typeof TEXTS} */ (id)]);
      if (!(await reachable(tab, id))) return `${id} is out of reach`;
      await tab.locator(`#${id}`).fill(text);
      await tab.locator(`#${id}`).press(oneOf(["Tab", "Enter"]));
      return `types “${text}” into ${id}`;
    },
  ],
  [
    9,
    async (tab) => {
      const id = oneOf(Object.keys(CHOICES));
      const value = oneOf(CHOICES[/** @type {keyof typeof CHOICES} */ (id)]);
      if (!(await reachable(tab, id))) return `${id} is out of reach`;
      const there = await tab.locator(`#${id} option[value="${value}"]`).count();
      if (there > 0) await tab.locator(`#${id}`).selectOption(value);
      return `chooses ${value} of ${id}`;
    },
  ],
  [
    2,
    async (tab) => {
      const id = oneOf(FLAGS);
      if (await reachable(tab, id)) await tab.locator(`#${id}`).click();
      return `ticks ${id}`;
    },
  ],
  [
    12,
    async (tab) => {
      const id = oneOf(["play", "play", "pause", "stop", "step", "reset"]);
      if (await reachable(tab, id)) await tab.locator(`#${id}`).click();
      return `presses ${id}`;
    },
  ],
  [
    5,
    async (tab) => {
      const n = Math.floor(next() * 5);
      await give(tab, { name: `scan${n}.csv`, content: await rows(n) });
      return `drops scan${n}.csv`;
    },
  ],
  [
    2,
    async (tab) => {
      const [a, b] = [Math.floor(next() * 5), Math.floor(next() * 5)];
      await give(tab, { name: "scan.csv", content: await rows(a) }, { name: "scan.csv", content: await rows(b) });
      return `drops two files scan.csv (${a}, ${b})`;
    },
  ],
  [
    3,
    async (tab) => {
      const bad = oneOf(BAD);
      await give(tab, bad);
      return `drops ${bad.name}`;
    },
  ],
  [
    2,
    async (tab) => {
      const bad = oneOf(BAD);
      await give(tab, bad, { name: "beside.csv", content: await rows(6) });
      return `drops ${bad.name} beside a good file`;
    },
  ],
  [
    1,
    async (tab) => {
      given.add(await rows(7)).add(await rows(8));
      await dropPaths(tab, join(folder, "run"));
      return "drops a folder";
    },
  ],
  [
    1,
    async (tab) => {
      await give(tab, { name: "POSCAR", content: POSCAR });
      return "drops a POSCAR";
    },
  ],
  [
    1,
    async (tab) => {
      const job = {
        crystal: { prototype: "fcc", element: "Ni", a: 3.52 },
        force_constants: { start: { springs: { 1: 2 } } },
        model: { order: "one-phonon", temperature: 250 },
        data: [{ file: "somewhere/else/theirs.csv" }],
      };
      const files = [
        { name: "job.json", content: JSON.stringify(job) },
        { name: "theirs.csv", content: await rows(9) },
      ];
      const parts = next() < 0.5 ? files : files.slice(0, 1);
      await give(tab, ...parts);
      return `drops a job ${parts.length > 1 ? "with" : "without"} its file`;
    },
  ],
  [
    4,
    async (tab) => {
      const view = oneOf(["Fit", "Fit", "Atoms in motion", "Three methods"]);
      await tab.getByRole("navigation", { name: "Views" }).getByRole("link", { name: view }).click();
      return `goes to ${view}`;
    },
  ],
  [
    2,
    async (tab) => {
      await tab.evaluate((by) => history.go(by), oneOf([-1, -1, 1]));
      await tab.waitForTimeout(200);
      await comeBack(tab);
      return "goes back or forth";
    },
  ],
  [
    1,
    async (tab) => {
      // No hand is faster; what was dropped is being written.
      await tab.waitForTimeout(300);
      await tab.reload({ waitUntil: "commit" });
      return "reloads";
    },
  ],
  [
    1,
    async (tab) => {
      const hash = oneOf([
        START,
        `${START}&T=350`,
        `${START}&cutoff=5.5656`,
        `${START}&cutoff=x&T=-3`,
        "#content",
        `${START}&example=own`,
      ]);
      await tab.evaluate((hash) => {
        location.hash = hash;
      }, hash);
      return `follows ${hash}`;
    },
  ],
  [
    2,
    async (tab) => {
      const id = oneOf(["link", "save-result", "save-job", "save-fc", "skip"]);
      if (id === "skip") await tab.locator("#skip").evaluate((e) => /** @type {HTMLElement} */ (e).click());
      else if (await reachable(tab, id)) await tab.locator(`#${id}`).click();
      return `presses ${id}`;
    },
  ],
  [
    2,
    async (tab) => {
      if (!(await reachable(tab, "pictures"))) return "pictures is out of reach";
      await tab.locator("#pictures").click();
      await tab.locator("#export-dialog[open]").waitFor();
      const pictures = await tab
        .locator("#picture-what option:enabled")
        .evaluateAll((list) => list.map((option) => /** @type {HTMLOptionElement} */ (option).value));
      if (pictures.length > 0) await tab.locator("#picture-what").selectOption(oneOf(pictures));
      const all = await tab.locator("#export-dialog button[data-give]:enabled").all();
      const chosen = oneOf(all);
      const what = await chosen.getAttribute("data-give");
      await chosen.click();
      await tab.locator("#export-status", { hasText: /\.$/ }).waitFor();
      assert.doesNotMatch(await tab.locator("#export-status").innerText(), /undefined|NaN|\bnull\b/);
      await tab.keyboard.press("Escape");
      return `takes ${what} home`;
    },
  ],
];

/** Before the page there was nothing: a person who went back that far, which may take a while, comes back. @param {Tab} tab */
async function comeBack(tab) {
  if (tab.url() === "about:blank") await tab.goForward({ waitUntil: "commit" });
}

/** @param {Tab} tab */
async function deed(tab) {
  await comeBack(tab);
  let at = next() * DEEDS.reduce((sum, [weight]) => sum + weight, 0);
  const [, action] = DEEDS.find(([weight]) => (at -= weight) < 0) ?? DEEDS[0] ?? assert.fail("there is nothing to do");
  try {
    return await action(tab);
  } catch (error) {
    // The view changed under the hand that was reaching out.
    if (
      /not visible|not stable|intercepts pointer events|waiting for locator|navigation|context was destroyed/i.test(
        String(error),
      )
    )
      return "comes too late";
    throw error;
  }
}

/** Whether the page calculates, how it stands, what its fields show and why they are marked. @param {Tab} tab */
const look = (tab) =>
  tab.evaluate(() => {
    const html = document.documentElement;
    const fields = [...document.querySelectorAll("#settings input, #settings select")].filter(
      (e) => e.id !== "example" && e.closest(".field")?.hasAttribute("hidden") === false,
    );
    return {
      busy: document.querySelector("#maps")?.hasAttribute("aria-busy") ?? true,
      state: html.dataset.state ?? "",
      status: document.querySelector("#status")?.textContent ?? "",
      fields: fields.map((e) => {
        const field = /** @type {HTMLInputElement} */ (e);
        const marked = field.getAttribute("aria-invalid") === "true";
        const why = document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent ?? "";
        return { id: field.id, shows: field.type === "checkbox" ? String(field.checked) : field.value, marked, why };
      }),
    };
  });

/** The job in force, asked of the engine by “Save job”; the download is caught in the page. @param {Tab} tab */
async function jobInForce(tab) {
  const text = await tab.evaluate(async () => {
    const button = /** @type {HTMLButtonElement} */ (document.getElementById("save-job"));
    if (button.disabled) return "";
    const caught = new Promise((resolve) => {
      const create = URL.createObjectURL;
      const click = HTMLAnchorElement.prototype.click;
      const back = () => {
        URL.createObjectURL = create;
        HTMLAnchorElement.prototype.click = click;
      };
      /** @type {Map<string, Blob>} */
      const blobs = new Map();
      URL.createObjectURL = (blob) => {
        const url = create(blob);
        blobs.set(url, /** @type {Blob} */ (blob));
        return url;
      };
      // Something else may be on its way to be saved.
      HTMLAnchorElement.prototype.click = function () {
        if (!this.download.endsWith("-job.json")) return click.call(this);
        back();
        blobs.get(this.href)?.text().then(resolve);
      };
      setTimeout(() => {
        back();
        resolve("");
      }, 10_000);
    });
    button.click();
    return /** @type {Promise<string>} */ (caught);
  });
  return text ? JSON.parse(text) : null;
}

/** What the fields show if they show this job. @param {any} job @returns {Record<string, string>} */
function expected({ crystal, force_constants: constants, model, mask, nuisance, fit }) {
  const number = (/** @type {number | null | undefined} */ value) =>
    value === null || value === undefined ? "" : String(value);
  return {
    prototype: crystal.file ? "file" : crystal.prototype,
    ...(crystal.file ? {} : { element: crystal.element ?? crystal.elements.join(" "), "lattice-a": number(crystal.a) }),
    order: model.order,
    statistics: model.statistics,
    temperature: number(model.temperature),
    cutoff: number(constants.cutoff),
    method: fit.method,
    "bragg-radius": number(mask.bragg_radius),
    "q-min": number(mask.q_min),
    "q-max": number(mask.q_max),
    "scale-mode": typeof nuisance.scale === "number" ? "fixed" : "free",
    "background-constant": String(nuisance.background.includes("constant")),
    "background-q2": String(nuisance.background.includes("q2")),
  };
}

/** Whether Stop came before the first job was calculated: `rest` shows that Play calculates it. @param {string} state @param {string} status */
const stoppedBeforeAnything = (state, status) => state === "stopped" && status.includes("Play calculates it after all");

/** What is wrong at this moment, in one sentence, or "". @param {Tab} tab */
async function wrong(tab) {
  const { busy, state, fields, status } = await look(tab);
  if (state === "loading" || busy) return "";
  for (const { id, marked, why } of fields) if (marked && why.trim() === "") return `${id} is marked without a word`;
  if (/^Calculating/.test(status)) return `nothing is calculated, and the page says “${status}”`;
  const job = await jobInForce(tab);
  if (!job && stoppedBeforeAnything(state, status)) return "";
  if (!job) return `no job is in force in the state ${state}: ${status}`;
  const right = expected(job);
  for (const { id, shows, marked } of fields) {
    if (id in right && !marked && shows !== right[id])
      return `${id} shows “${shows}”, in force is “${right[id]}”: ${status}`;
  }
  return "";
}

/** The same; what is only on its way is given time. @param {Tab} tab */
async function check(tab) {
  let found = "";
  for (let i = 0; i < 12; i++) {
    try {
      found = await wrong(tab);
    } catch (error) {
      // The page is being left for itself.
      if (!/context was destroyed|navigation/i.test(String(error))) throw error;
      found = "the page does not come to rest";
    }
    if (found === "") return;
    await tab.waitForTimeout(250);
  }
  assert.fail(found);
}

/** The page comes to rest by itself, or by Stop; then nothing given is lost, and Play plays. @param {Tab} tab */
async function rest(tab) {
  await comeBack(tab);
  const still = () =>
    tab.waitForFunction(
      () =>
        document.documentElement.dataset.state !== "loading" &&
        !document.querySelector("#maps")?.hasAttribute("aria-busy"),
      undefined,
      { timeout: LONGEST },
    );
  await tab.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Fit", exact: true }).click();
  for (const end = Date.now() + REST; ; ) {
    try {
      await still();
      break;
    } catch {
      assert.ok(Date.now() < end, `the page does not come to rest: ${(await look(tab)).status}`);
      await tab.locator("#stop").click();
    }
  }
  await check(tab);
  const { state, status } = await look(tab);
  await tab.locator("#play").click();
  if (stoppedBeforeAnything(state, status)) {
    await waitForState(tab, "ready", "running", "converged");
    await still();
    assert.ok(await jobInForce(tab), "Play calculates nothing after all");
  }
  await waitForState(tab, "running", "converged", "stopped");
  await tab.locator("#pause").click();
  await waitForState(tab, "converged", "stopped", "ready");
  const kept = await tab.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const database = await new Promise((/** @type {(db: IDBDatabase) => void} */ resolve, reject) => {
      const request = indexedDB.open("tds-inversion");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const files = await new Promise((/** @type {(list: Uint8Array[]) => void} */ resolve) => {
      const request = database.transaction("files").objectStore("files").getAll();
      request.onsuccess = () => resolve(request.result);
    });
    database.close();
    return files.map((bytes) => new TextDecoder().decode(bytes));
  });
  for (const text of given) assert.ok(kept.includes(text), `a table of ${text.split("\n").length - 2} rows is lost`);
}

test(`${STEPS} misuses, seed ${SEED}`, { timeout: 60_000 + STEPS * 20_000 }, async () => {
  console.log(`misuses: ${STEPS}, seed: ${SEED} (MISUSES and SEED in the environment repeat them)`);
  const { tab, complaints } = await openTab(browser, { viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  tab.setDefaultTimeout(5000);
  tab.setDefaultNavigationTimeout(60_000);
  tab.on("dialog", (dialog) => dialog.accept());
  await tab.goto(`${PAGE}${START}`);
  await waitForState(tab, "ready");
  /** @type {string[]} */
  const story = [];
  try {
    for (let step = 1; step <= STEPS; step++) {
      story.push(`${step}. ${await deed(tab)}`);
      await tab.waitForTimeout(Math.floor(next() * 500));
      await check(tab);
      assert.deepEqual(complaints, []);
      if (step % STAGE === 0) await rest(tab);
      if (step % 100 === 0) console.log(`${step} misuses`);
    }
    await rest(tab);
    assert.deepEqual(complaints, []);
  } catch (error) {
    const where = `seed ${SEED}, after:\n${story.slice(-25).join("\n")}\n${complaints.join("\n")}`;
    throw new Error(`${error instanceof Error ? error.message : error}\n${where}`, { cause: error });
  }
});
