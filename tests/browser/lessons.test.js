// The lessons: every scene answered wrong and right from its experiment, wide and narrow, by keyboard alone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { ADDRESS, launch, openTab } from "./chromium.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
let rules = "";
before(async () => {
  browser = await launch();
  rules = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
});
after(() => browser.close());

/** A scene, once its experiment stands. @param {number | string} scene @param {import('playwright-core').BrowserContextOptions & {lang?: string}} [options] */
async function openScene(scene, { lang = "en", ...options } = {}) {
  const opened = await openTab(browser, {
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  await opened.tab.goto(`${ADDRESS}/www/index.html#view=lessons&scene=${scene}&lang=${lang}`);
  await stands(opened.tab);
  return opened;
}

/** @param {Tab} tab */
const stands = (tab) =>
  tab.waitForFunction(
    () => {
      const words = document.querySelector(".lesson-figure .status")?.textContent ?? "";
      return (
        document.querySelector(".teacher") !== null || (words !== "" && !/^(Getting ready|Gleich geht)/.test(words))
      );
    },
    null,
    { timeout: 30_000 },
  );

/** Tabs to a control, as one without a mouse does. @param {Tab} tab @param {{role: string, name: RegExp | string}} wanted */
async function reach(tab, { role, name }) {
  const target = tab.getByRole(/** @type {"button"} */ (role), { name, exact: typeof name === "string" }).first();
  await target.waitFor();
  // From the scene's title on, as a page turned leaves it.
  await tab.locator("#lessons h2").focus();
  for (let i = 0; i < 60; i++) {
    await tab.keyboard.press("Tab");
    if (await target.evaluate((element) => element === document.activeElement)) return target;
    // One radio button of a group has the focus; arrows lead to the others.
    const inGroup = await target.evaluate(
      (element) =>
        element instanceof HTMLInputElement &&
        element.type === "radio" &&
        document.activeElement instanceof HTMLInputElement &&
        document.activeElement.name === element.name,
    );
    for (let n = 0; inGroup && n < 12; n++) {
      if (await target.evaluate((element) => element === document.activeElement)) return target;
      await tab.keyboard.press("ArrowDown");
    }
  }
  throw new Error(`no way by keyboard to ${role} ${name}`);
}

/** @param {Tab} tab @param {RegExp | string} name */
async function press(tab, name) {
  await reach(tab, { role: "button", name });
  await tab.keyboard.press("Enter");
}

/** @param {Tab} tab @param {RegExp} name */
async function choose(tab, name) {
  const radio = await reach(tab, { role: "radio", name });
  if (!(await radio.isChecked())) await tab.keyboard.press("Space");
  assert.ok(await radio.isChecked());
}

/** @param {Tab} tab */
const status = (tab) => tab.locator(".lesson-figure .status").innerText();

/** Waits for the line over the figure. @param {Tab} tab @param {RegExp} pattern */
const says = (tab, pattern) =>
  tab.waitForFunction(
    ([source]) => new RegExp(source ?? "").test(document.querySelector(".lesson-figure .status")?.textContent ?? ""),
    [pattern.source],
    { timeout: 30_000 },
  );

/** What the page replies to an answer, and whether it is right. @param {Tab} tab @param {string} [typed] */
async function answer(tab, typed) {
  if (typed !== undefined) {
    await reach(tab, { role: "textbox", name: /./ });
    await tab.keyboard.press("ControlOrMeta+a");
    await tab.keyboard.type(typed);
  }
  const reply = tab.locator(".reply");
  await reply.evaluate((element) => {
    element.textContent = "";
  });
  if (typed === undefined) await press(tab, "Check");
  else await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => document.querySelector(".reply")?.textContent !== "", null, { timeout: 30_000 });
  assert.equal(await reply.getAttribute("role"), "status", "it is read out");
  return { right: (await reply.getAttribute("data-right")) === "true", words: await reply.innerText() };
}

/** Numbers of a flat or square table of scene 5, by its letter. @param {Tab} tab @param {string} letter */
const numbersOf = (tab, letter) =>
  tab
    .locator(`.matrix:has(caption b:text-is("${letter}")) td`)
    .evaluateAll((cells) => cells.map((cell) => Number((cell.textContent ?? "").replace("−", "-"))));

/** Each scene answered too early or wrong, and then right. @type {Record<number, (tab: Tab) => Promise<void>>} */
const PLAYED = {
  async 1(tab) {
    assert.match((await answer(tab, "1000")).words, /at least 1000/);
    await press(tab, "Draw snapshots");
    await says(tab, /The mean of 1,000 is off/);
    const wrong = await answer(tab, "100");
    assert.ok(!wrong.right);
    assert.match(wrong.words, /after 1000 it is \d/);
    assert.match((await answer(tab, "many")).words, /type a number/);
    assert.ok((await answer(tab, "1000")).right);
  },
  async 2(tab) {
    assert.match(await tab.locator(".numbers-in-sight").innerText(), /9,000,000[\s\S]*16$/);
    assert.match((await answer(tab, "2")).words, /stretched crystal first/);
    await choose(tab, /stretched/);
    await tab.waitForFunction(() => /37$/.test(document.querySelector(".numbers-in-sight")?.textContent ?? ""));
    await choose(tab, /^2:/);
    assert.match(await status(tab), /copies of bond 2/);
    assert.ok(!(await answer(tab, "1")).right);
    const right = await answer(tab, "2");
    assert.ok(right.right);
    assert.match(right.words, /from 16 to 37/);
  },
  async 3(tab) {
    assert.match((await answer(tab)).words, /Move a spring first/);
    await reach(tab, { role: "slider", name: /Softer/ });
    for (let i = 0; i < 6; i++) await tab.keyboard.press("ArrowLeft");
    await says(tab, /changes by up to/);
    let right = false;
    const replies = [];
    for (const name of [/nearest/, /second/, /third/, /fourth/]) {
      await choose(tab, name);
      const said = (await answer(tab)).words;
      replies.push(said);
      if (!/^The right shell/.test(said)) continue;
      await reach(tab, { role: "slider", name: /Softer/ });
      for (let i = 0; i < 12; i++) await tab.keyboard.press("ArrowRight");
      right = (await answer(tab)).right;
      break;
    }
    assert.ok(right, replies.join("\n"));
  },
  async 4(tab) {
    assert.match((await answer(tab, "5")).words, /16 springs first/);
    const start = Number(/of ([\d.]*\d)/.exec(await status(tab))?.[1]);
    await press(tab, "Follow the arrow");
    await says(tab, /^The arrow is at/);
    assert.ok(Number(/at ([\d.]*\d)/.exec(await status(tab))?.[1]) < start, "downhill");
    await choose(tab, /16 springs/);
    await says(tab, /^Both ways start/);
    assert.match((await answer(tab, "5")).words, /by chance/);
    for (const n of [50, 100]) {
      await press(tab, "Try by chance");
      await says(tab, new RegExp(`so far: ${n}`));
    }
    assert.match((await answer(tab, "5")).words, /further/);
    let models = 0;
    for (let i = 0; i < 30; i++) {
      const before = await status(tab);
      await press(tab, "Follow the arrow");
      await tab.waitForFunction((old) => document.querySelector(".lesson-figure .status")?.textContent !== old, before);
      const [, misfit = "", n = ""] = /(?:at|bottom:) ([\d.,]+)\. Models so far: (\d+)/.exec(await status(tab)) ?? [];
      models = Number(n);
      if (Number(misfit) < 2) break;
    }
    assert.ok(!(await answer(tab, String(models + 40))).right);
    assert.ok((await answer(tab, String(models))).right);
  },
  async 5(tab) {
    assert.match((await answer(tab, "1")).words, /to its end first/);
    await reach(tab, { role: "slider", name: "Film" });
    await tab.keyboard.press("End");
    await says(tab, /^I = /);
    const [H, L] = [await numbersOf(tab, "H"), await numbersOf(tab, "L")];
    const at = (/** @type {number[]} */ m, /** @type {number} */ i, /** @type {number} */ j) => m[6 * i + j] ?? 0;
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 6; j++) {
        const product = [0, 1, 2, 3, 4, 5].reduce((sum, n) => sum + at(L, i, n) * at(L, j, n), 0);
        assert.ok(Math.abs(product - at(H, i, j)) < 0.06, `L Lᵀ is H at ${i}, ${j}: ${product}`);
      }
    const [slope = 0] = await numbersOf(tab, "k̄");
    assert.notEqual(slope, 0);
    assert.ok(!(await answer(tab, String(slope))).right);
    const turned = await answer(tab, String(-slope / 10));
    assert.match(turned.words, /the sign is not/);
    assert.ok((await answer(tab, (slope / 10).toFixed(4))).right);
  },
  async 6(tab) {
    assert.match((await answer(tab, "2")).words, /First fit both/);
    await press(tab, "Fit");
    await says(tab, /know all 16/);
    await choose(tab, /a quarter/);
    await says(tab, /wrong model/);
    await press(tab, "Fit");
    await says(tab, /know all 16/);
    assert.ok(!(await answer(tab, "4")).right);
    assert.ok((await answer(tab, "2")).right);
    await choose(tab, /one plane/);
    await says(tab, /wrong model/);
    await press(tab, "Fit");
    await says(tab, /leave \d+ of 16 constants open/);
    assert.ok((await tab.locator(".constants-found .unknown").count()) > 0);
  },
  async 7(tab) {
    await choose(tab, /classical/);
    await says(tab, /, classical:/);
    assert.match((await answer(tab)).words, /quantum rules first/);
    await choose(tab, /quantum/);
    await says(tab, /, quantum:/);
    assert.match((await answer(tab)).words, /Which way/);
    await reach(tab, { role: "slider", name: "Temperature" });
    for (let i = 0; i < 14; i++) await tab.keyboard.press("ArrowRight");
    await says(tab, /^440 K/);
    assert.ok((await answer(tab)).right);
    await reach(tab, { role: "slider", name: "Temperature" });
    await tab.keyboard.press("End");
    await says(tab, /^900 K/);
    assert.match((await answer(tab)).words, /more than a quarter/);
  },
};

for (const width of [1280, 390]) {
  for (const [scene, play] of Object.entries(PLAYED)) {
    test(`scene ${scene} is answered by keyboard, wrong and right: ${width} px`, async () => {
      const { tab, complaints } = await openScene(scene, { viewport: { width, height: 900 }, hasTouch: width < 600 });
      await play(tab);
      const mark = tab.locator(`.scenes li:nth-child(${scene}) .mark`);
      assert.equal(await mark.innerText(), "✓", "what is answered is ticked");
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `the page is ${wide} px wider than the screen`);
      assert.deepEqual(complaints, []);
      await tab.context().close();
    });
  }
}

test("links lead from scene to scene, the language is kept, and so is what was answered", async () => {
  const { tab, complaints } = await openScene(2);
  await choosesTwo(tab);
  await tab.getByRole("link", { name: "Next: Springs draw the pattern" }).click();
  await tab.getByRole("heading", { name: "Springs draw the pattern" }).waitFor();
  assert.match(tab.url(), /scene=3/);
  await tab.getByLabel("Language").selectOption("de");
  await tab.getByRole("heading", { name: "Federn zeichnen das Muster" }).waitFor();
  assert.equal(await tab.locator("#lessons").getAttribute("lang"), "de");
  assert.match(tab.url(), /lang=de/);
  await stands(tab);
  await tab.waitForTimeout(500);
  await tab.reload();
  await tab.getByRole("heading", { name: "Federn zeichnen das Muster" }).waitFor();
  await tab.locator(".scenes .done").waitFor();
  assert.equal(await tab.locator(".scenes .done").count(), 1);
  await tab.goBack();
  await tab.getByRole("link", { name: /teachers|Lehrkräfte/ }).click();
  await tab.locator(".teacher table").waitFor();
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

/** @param {Tab} tab */
async function choosesTwo(tab) {
  await choose(tab, /stretched/);
  await tab.waitForFunction(() => /37$/.test(document.querySelector(".numbers-in-sight")?.textContent ?? ""));
  assert.ok((await answer(tab, "2")).right);
}

test("a press on a bond chooses its kind", async () => {
  const { tab, complaints } = await openScene(2);
  await choose(tab, /^2:/);
  const canvas = tab.getByRole("application", { name: /^The crystal/ });
  const box = await canvas.boundingBox();
  assert.ok(box);
  // Nearest neighbours are seen beside what is chosen: somewhere in the middle is one of them.
  for (let i = 0; i < 40 && !/bond 1,/.test(await status(tab)); i++)
    await tab.mouse.click(box.x + box.width / 2 - 60 + 3 * i, box.y + box.height / 2 + 7);
  assert.match(await status(tab), /bond 1,/);
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

test("the browser's language is taken where none is chosen", async () => {
  const { tab } = await openTab(browser, { locale: "de-DE", viewport: { width: 1280, height: 900 } });
  await tab.goto(`${ADDRESS}/www/index.html#view=lessons`);
  await tab.getByRole("heading", { name: "Woher kommt der Schleier?" }).waitFor();
  await tab.context().close();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1280, 390]) {
    test(`no rule of axe is broken: ${colorScheme}, ${width} px`, async () => {
      const { tab, complaints } = await openScene(1, { colorScheme, viewport: { width, height: 900 } });
      const broken = [];
      for (const lang of ["en", "de"]) {
        for (const scene of [...Object.keys(PLAYED), "teacher"]) {
          await tab.evaluate((hash) => {
            location.hash = hash;
          }, `#view=lessons&scene=${scene}&lang=${lang}`);
          await tab.waitForFunction(
            ([language, name]) =>
              document.getElementById("lessons")?.lang === language &&
              (name === "teacher"
                ? document.querySelector(".teacher")
                : document.querySelector(`.scenes li:nth-child(${name}) a[aria-current]`) &&
                  document.querySelector(".question")),
            [lang, scene],
          );
          await stands(tab);
          if (width === 1280 && scene !== "teacher") {
            const figure = await tab.locator(".lesson-figure").boundingBox();
            assert.ok((figure?.width ?? 0) > 0.55 * width, `scene ${scene}: the figure takes its half of the screen`);
          }
          for (const details of await tab.locator(".lesson details").all()) await details.locator("summary").click();
          await tab.evaluate(rules);
          const found = await tab.evaluate(() =>
            /** @type {any} */ (globalThis).axe.run(document, {
              runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            }),
          );
          for (const { id, nodes } of found.violations)
            for (const { target, failureSummary } of nodes.slice(0, 3))
              broken.push(`${lang} ${scene}: ${id}: ${target.join(" ")}: ${failureSummary.split("\n")[1]}`);
        }
      }
      assert.deepEqual(broken, []);
      assert.deepEqual(complaints, []);
      await tab.context().close();
    });
  }
}
