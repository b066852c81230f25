// The lessons: every scene answered wrong and right from its experiment, wide and narrow, by keyboard alone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { launch, openTab, PAGE } from "./chromium.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
let rules = "";
before(async () => {
  browser = await launch();
  rules = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
});
after(() => browser.close());

/** A scene, once its experiment stands. @param {number | string} scene @param {import('playwright-core').BrowserContextOptions & {lang?: string, hash?: string}} [options] */
async function openScene(scene, { lang = "en", hash = "", ...options } = {}) {
  const opened = await openTab(browser, {
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  await opened.tab.goto(`${PAGE}#view=lessons&scene=${scene}&lang=${lang}${hash}`);
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

/** What the page for teachers promises, by its name there. @param {string} name @param {string} [lang] */
async function factOf(name, lang = "en") {
  const page = await readFile(new URL(`../../www/lessons/${lang}/teacher.html`, import.meta.url), "utf8");
  const [, fact] = new RegExp(`data-fact="${name}">([^<]*)<`).exec(page) ?? [];
  assert.ok(fact, `${lang}: ${name}`);
  return fact;
}

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
    await tab.waitForFunction(() => /41$/.test(document.querySelector(".numbers-in-sight")?.textContent ?? ""));
    await choose(tab, /^2:/);
    assert.match(await status(tab), /copies of bond 2/);
    assert.ok(!(await answer(tab, "1")).right);
    const right = await answer(tab, "2");
    assert.ok(right.right);
    assert.match(right.words, /from 16 to 41/);
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
    assert.ok(Math.abs(slope) > 0.05, `the slope of the first draw is well above its rounding: ${slope}`);
    assert.equal(await factOf("slope"), (slope / 10).toFixed(4).replace("-", "−"));
    assert.equal(await factOf("slope", "de"), (slope / 10).toFixed(4).replace("-", "−").replace(".", ","));
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
    // What is open are mixtures, in words: in the plane, bonds with one shadow; and light against stiffness.
    const mixtures = await tab.locator(".mixtures li").allInnerTexts();
    assert.equal(mixtures.length, 2);
    for (const mixture of mixtures) {
      assert.match(mixture, /x–y spring of shell 1/);
      assert.match(mixture, /y–z spring of shell 3/);
      assert.match(mixture, /z–z spring of shell 4/);
      assert.match(mixture, /y–y spring of shell 2/);
    }
    assert.match(mixtures[1] ?? "", /brightness of the whole pattern/);
    // The page for teachers says which, and why.
    const open = async () =>
      (await tab.locator(".constants-found .unknown th").allInnerTexts()).join(", ").replaceAll("\u00a0", " ");
    assert.equal(await open(), await factOf("open-plane"));
    await choose(tab, /small window/);
    await says(tab, /wrong model/);
    await press(tab, "Fit");
    await says(tab, /leave \d+ of 16 constants open/);
    assert.equal(await open(), await factOf("open-window"));
    await choose(tab, /three planes/);
    await says(tab, /wrong model/);
    assert.equal(await tab.locator(".mixtures li").count(), 0);
    const rows = await tab.locator(".constants-found tbody tr").allInnerTexts();
    assert.match(rows[0] ?? "", /^1 xx\s+½ ½ 0\s/);
    assert.match(rows[15] ?? "", /^5 xy\s+1½ ½ 0\s/);
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
  await tab.locator(".teacher .times").waitFor();
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

/** @param {Tab} tab */
async function choosesTwo(tab) {
  await choose(tab, /stretched/);
  await tab.waitForFunction(() => /41$/.test(document.querySelector(".numbers-in-sight")?.textContent ?? ""));
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
  await tab.goto(`${PAGE}#view=lessons`);
  await tab.getByRole("heading", { name: "Woher kommt der Schleier?" }).waitFor();
  await tab.context().close();
});

/** The kinds of bonds of a crystal of scene 2, as the list has them. @param {Tab} tab @param {RegExp} crystal @param {string} count */
async function kindsOf(tab, crystal, count) {
  await choose(tab, crystal);
  await tab.waitForFunction(
    (count) => document.querySelector(".numbers-in-sight div:last-child dd")?.textContent === count,
    count,
  );
  await tab.waitForFunction(
    () =>
      document.querySelector(".numbers-in-sight div:nth-child(2) dd")?.textContent ===
      String(document.querySelectorAll(".experiment > div:nth-of-type(2) input").length),
  );
  return tab.locator(".experiment > div:nth-of-type(2) label").allInnerTexts();
}

test("kinds of bonds are those of symmetry: bonds of one length that are no copies are two, and none is cut off", async () => {
  const { tab, complaints } = await openScene(2);
  const copies = async () => {
    const found = [];
    for (const radio of await tab.locator(".experiment > div:nth-of-type(2) input").all()) {
      await radio.check();
      found.push(Number(/^(\d+) copies/.exec(await status(tab))?.[1]));
    }
    return found;
  };
  const cubic = await kindsOf(tab, /cubic nickel/, "16");
  assert.equal(cubic.length, 5);
  const shells = await copies();
  // Of each of five shells there are as many as before, on more kinds: none is beyond the reach.
  const stretched = await kindsOf(tab, /stretched/, "41");
  assert.deepEqual(
    stretched.map((words) => words.replace(/^.*, /, "")),
    ["2.49 Å", "2.55 Å", "3.52 Å", "3.70 Å", "4.35 Å", "4.46 Å", "4.98 Å", "5.10 Å", "5.57 Å", "5.59 Å", "5.82 Å"],
  );
  const two = await copies();
  assert.deepEqual(
    [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9, 10]].map((kinds) => kinds.reduce((sum, i) => sum + (two[i] ?? 0), 0)),
    shells,
  ); // biome-ignore format: a list
  const mixed = await kindsOf(tab, /aluminium/, "45");
  assert.equal(mixed.length, 12);
  // Nickel to nickel over an edge of the cube: along the axis of its site, or across.
  assert.deepEqual(mixed.slice(3, 5), ["4: Ni–Ni, 3.52 Å", "5: Ni–Ni, 3.52 Å"]);
  await choose(tab, /^5:/);
  assert.match(await status(tab), /Bond 4 is as long, but no turn or mirror makes bond 5 of it/);
  await choose(tab, /^6:/);
  assert.doesNotMatch(await status(tab), /as long/);
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

/** Which shell a riddle of scene 3 is about: the page says so to the right answer alone. @param {Tab} tab */
async function solve(tab) {
  const [names, hints] = [["nearest", "second", "third", "fourth"], /** @type {string[]} */ ([])];
  const slider = tab.getByRole("slider", { name: /Softer/ });
  assert.equal(await slider.inputValue(), "0", "a riddle begins with nothing moved");
  for (const name of names) {
    await tab.getByRole("radio", { name }).check();
    await slider.fill("0.05");
    await says(tab, /changes by up to/);
    const { right, words } = await answer(tab);
    if (right) return { shell: name, hints };
    hints.push(words);
  }
  throw new Error("none of the shells is right");
}

test("riddles come in the order of the seed, each with the hint of its shell and from a fresh start", async () => {
  const orders = [];
  for (const seed of [1, 1, 2]) {
    const { tab, complaints } = await openScene(3, { hash: seed === 1 ? "" : `&seed=${seed}` });
    const order = [];
    for (let i = 0; i < 8; i++) {
      const { shell, hints } = await solve(tab);
      order.push(shell);
      const hint = {
        nearest: /fades alike/,
        second: /thin dark marks/,
        third: /Count the ripples/,
        fourth: /Count the ripples/,
      };
      for (const words of hints) assert.match(words, hint[/** @type {keyof typeof hint} */ (shell)]);
      await tab.getByRole("button", { name: "Another riddle" }).click();
      await says(tab, /Nothing is changed yet/);
    }
    assert.ok(
      order.every((shell, i) => shell !== order[i - 1]),
      `never one twice in a row: ${order}`,
    );
    orders.push(order);
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
  assert.deepEqual(orders[0], orders[1]);
  assert.notDeepEqual(orders[0], orders[2]);
  for (const order of orders) {
    for (const from of [0, 4]) assert.equal(new Set(order.slice(from, from + 4)).size, 4, `all shells come: ${order}`);
  }
  assert.equal(orders[0]?.join(", "), await factOf("riddles"));
  const german = { nearest: "nächste", second: "zweite", third: "dritte", fourth: "vierte" };
  const told = orders[0]?.map((shell) => german[/** @type {keyof typeof german} */ (shell)]).join(", ");
  assert.equal(told, await factOf("riddles", "de"));
});

test("chance repeats itself with the seed, and a link carries it", async () => {
  const walks = [];
  for (const seed of ["", "&seed=7", "&seed=7"]) {
    const { tab, complaints } = await openScene(4, { hash: seed });
    await press(tab, "Try by chance");
    await says(tab, /so far: 50/);
    walks.push(await status(tab));
    if (walks.length === 3) {
      await press(tab, "From the start");
      await press(tab, "Try by chance");
      await says(tab, /so far: 50/);
      assert.notEqual(await status(tab), walks[2], "another start has other luck");
      await tab.evaluate(() => document.querySelector("#link")?.dispatchEvent(new MouseEvent("click")));
      await tab.waitForFunction(() => /seed=7/.test(location.hash) && /scene=4/.test(location.hash));
    }
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
  assert.equal(walks[1], walks[2]);
  assert.notEqual(walks[0], walks[1]);
});

test("every map of scene 3 has a scale of its own below it", async () => {
  for (const width of [1280, 390]) {
    const { tab } = await openScene(3, { viewport: { width, height: 900 } });
    const boxes = await tab.locator(".experiment figure").evaluateAll((figures) =>
      figures.map((figure) => {
        const [map, bar] = [...figure.querySelectorAll("canvas")].map((canvas) => canvas.getBoundingClientRect());
        return { below: (bar?.top ?? 0) >= (map?.bottom ?? Infinity) - 1, wide: bar?.width === map?.width };
      }),
    );
    assert.deepEqual(boxes, Array(3).fill({ below: true, wide: true }));
    await tab.context().close();
  }
});

/** Where a canvas has a colour, as parts of its width and height. @param {import('playwright-core').Locator} canvas @param {string} property */
const placesOf = (canvas, property) =>
  canvas.evaluate((element, property) => {
    if (!(element instanceof HTMLCanvasElement)) return [];
    const probe = document.createElement("canvas").getContext("2d");
    const context = element.getContext("2d");
    if (!probe || !context) return [];
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(property).trim();
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
    const { data, width, height } = context.getImageData(0, 0, element.width, element.height);
    const found = [];
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] !== r || data[i + 1] !== g || data[i + 2] !== b || data[i + 3] !== 255) continue;
      found.push([((i / 4) % width) / width, Math.floor(i / 4 / width) / height]);
    }
    return found;
  }, property);

test("the shares of scene 7 stand on an even scale, with the place of the question marked", async () => {
  for (const width of [1280, 390]) {
    const { tab, complaints } = await openScene(7, { viewport: { width, height: 900 } });
    const canvas = tab.locator(".experiment figure:last-of-type canvas");
    const size = (await canvas.boundingBox()) ?? { width: 0, height: 0 };
    const height = 150;
    const box = { left: 40, top: 8, width: size.width - 52 };
    assert.ok(Math.abs(size.height - height - 40) < 1);
    const shares = [...((await canvas.getAttribute("aria-label")) ?? "").matchAll(/(\d+) %/g)].map(([, n]) =>
      Number(n),
    );
    assert.equal(shares.length, 16);
    const line = await placesOf(canvas, "--accent");
    assert.ok(line.length > 60, "a line stands upright");
    for (const [x = 0] of line) assert.ok(Math.abs(x * size.width - box.left - (4.5 / 8) * box.width) < 2.5);
    // The curve has every share at its height: of 100 % above and 0 % below.
    const curve = await placesOf(canvas, "--hue-3");
    for (const [i, share] of shares.entries()) {
      const [x, y] = [box.left + ((i + 1) / 16) * box.width, box.top + height * (1 - share / 100)];
      const near = curve.some(
        ([a = 0, b = 0]) => Math.abs(a * size.width - x) < 2 && Math.abs(b * size.height - y) < 2.5,
      );
      assert.ok(near, `${share} % at h = ${(i + 1) / 2}`);
    }
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
});

/** Words of a file of texts by key. @param {string} lang @param {string} name */
async function wordsOf(lang, name) {
  const text = await readFile(new URL(`../../www/lessons/${lang}/${name}.html`, import.meta.url), "utf8");
  const plain = text.replace(/<\/?(p|b)>/g, "").replace(/\s+/g, " ");
  return Object.fromEntries(
    [...plain.matchAll(/data-key="([^"]+)">([^<]*)</g)].map(([, key = "", words = ""]) => [key, words]),
  );
}

test("the page for teachers has a glossary, times that add up, and a sheet with all questions for the printer", async () => {
  for (const lang of ["en", "de"]) {
    for (const width of [1280, 390]) {
      const { tab, complaints } = await openScene("teacher", { lang, viewport: { width, height: 900 } });
      assert.ok((await tab.locator(".teacher .glossary dt").count()) >= 12);
      for (const [column, total] of [
        [2, 45],
        [3, 90],
      ]) {
        const minutes = await tab.locator(`.times tbody td:nth-child(${column})`).allInnerTexts();
        assert.equal(
          minutes.reduce((sum, words) => sum + Number.parseInt(words, 10), 0),
          total,
        );
        assert.ok(Number.parseInt(minutes.at(-1) ?? "", 10) >= 5, "some of it is left over");
      }
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `the page is ${wide} px wider than the screen`);
      const questions = await tab.locator(".sheet li").allInnerTexts();
      assert.equal(questions.length, 7);
      const words = await wordsOf(lang, "words");
      for (const [i, question] of questions.entries()) {
        assert.ok(question.includes(words[`scene-${i + 1}`] ?? "–"));
        const asked = (await wordsOf(lang, String(i + 1))).question ?? "";
        assert.ok(asked && question.replace(/\s+/g, " ").includes(asked.trim()), `${i + 1}: ${asked}`);
      }
      // By keyboard: the sheet alone goes to the printer, and the screen is as it was afterwards.
      await tab.evaluate(() => {
        window.print = () => document.body.setAttribute("data-printed", "");
      });
      await reach(tab, { role: "button", name: words["sheet-print"] ?? "" });
      await tab.keyboard.press("Enter");
      await tab.locator("body[data-printed]").waitFor();
      await tab.emulateMedia({ media: "print" });
      const seen = (/** @type {string} */ selector) => tab.locator(selector).first().isVisible();
      assert.deepEqual(
        [await seen(".sheet li"), await seen(".teacher h2"), await seen(".sheet button"), await seen(".top")],
        [true, false, false, false],
      );
      const room = await tab.locator(".sheet .three").evaluateAll((all) => all.map((p) => p.clientHeight));
      assert.equal(room.length, 7);
      assert.ok(Math.min(...room) > 90, "there is room to write");
      await tab.emulateMedia({ media: null });
      // Chromium tells the page of printing as it does for a person: afterwards all of it is printed.
      const pages = async () =>
        ((await tab.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length;
      assert.equal(await pages(), 2, "on both sides of one sheet");
      assert.deepEqual([await seen(".teacher h2"), await seen(".glossary")], [true, true]);
      assert.ok((await pages()) > 3);
      assert.deepEqual(complaints, []);
      await tab.context().close();
    }
  }
});

/** What the head of the page says. @param {Tab} tab */
const headOf = (tab) =>
  tab.evaluate(() => ({
    language: document.documentElement.lang,
    title: document.title,
    tabs: [...document.querySelectorAll("#views a")].map((link) => link.textContent),
    buttons: [...document.querySelectorAll(".actions button")]
      .filter((button) => button.checkVisibility())
      .map((button) => button.textContent),
    skip: document.querySelector("#skip")?.textContent,
    views: document.querySelector("#views")?.getAttribute("aria-label"),
  }));

test("the page around a lesson speaks its language, and English again beside the other views", async () => {
  const english = await wordsOf("en", "page");
  const german = await wordsOf("de", "page");
  const head = (
    /** @type {Record<string, string>} */ words,
    /** @type {string} */ language,
    /** @type {string} */ scene,
  ) => ({
    language,
    title: `${scene} · TDS Inversion`,
    tabs: ["fit", "crystal", "snapshots", "methods", "compare", "lessons"].map((view) => words[`view-${view}`]),
    buttons: ["open-data", "save-result", "save-job", "link", "lesson", "help"].map((key) => words[key]),
    skip: words.skip,
    views: words.views,
  });
  const { tab, complaints } = await openScene(3, { lang: "de" });
  await tab.waitForFunction(() => document.documentElement.dataset.state === "ready");
  assert.deepEqual(await headOf(tab), head(german, "de", "Federn zeichnen das Muster"));
  for (const [key, words] of Object.entries(german)) {
    if (/^(title|link|view-fit|part-(experiment|dispersion|link|pause|instrument))$/.test(key)) continue;
    assert.notEqual(words, english[key], `${key} is not translated`);
  }
  // How the fit stands is English and of no concern here.
  assert.equal(await tab.locator("#status").isVisible(), false);
  // What a person asks for is answered in German.
  await tab.locator("#link").press("Enter");
  await tab.locator("#status").waitFor();
  assert.ok(Object.values(german).includes(await tab.locator("#status").innerText()), "the link is told of");
  // Nothing in sight is in another language than it says.
  const foreign = await tab.evaluate(() =>
    [...document.querySelectorAll("header *, main *")]
      .filter((element) => element.checkVisibility() && element.closest("[lang]")?.getAttribute("lang") !== "de")
      .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()))
      .map((element) => element.textContent)
      .filter((text) => text !== "English"),
  );
  assert.deepEqual(foreign, []);

  await tab.getByRole("button", { name: "Als Lektion kopieren …" }).press("Enter");
  const dialog = tab.locator("#lesson-dialog[open]");
  await dialog.waitFor();
  assert.match(
    await dialog.innerText(),
    /Wähle, was dort nicht zu sehen ist[\s\S]*Seite für Lehrkräfte[\s\S]*Link kopieren/,
  );
  assert.deepEqual(await dialog.locator("#lesson-question option").allInnerTexts(), [
    "sichtbar",
    "verborgen",
    "gesperrt",
  ]);
  await dialog.locator("#lesson-teacher").selectOption("hide");
  await dialog.locator("#lesson-question").selectOption("lock");
  const link = await dialog.locator("#lesson-address").inputValue();
  assert.match(link, /hide=teacher&lock=question$/);
  assert.match(link, /scene=3&lang=de/);
  assert.ok(link.length <= 2048, `${link.length} characters`);
  await tab.keyboard.press("Escape");

  await tab.getByRole("link", { name: "Kristall", exact: true }).click();
  await tab.getByRole("heading", { name: "Crystal" }).waitFor();
  const after = await headOf(tab);
  assert.deepEqual(
    { ...after, title: "" },
    { ...head(english, "en", ""), title: "" },
    "what the English file says is what the page says of itself",
  );
  assert.equal(after.title, "TDS Inversion: force constants from diffuse scattering");
  await tab.getByRole("button", { name: "Copy as lesson …" }).click();
  assert.match(await dialog.innerText(), /Choose what is not to be seen there[\s\S]*Page for teachers[\s\S]*Copy link/);
  for (const [key, words] of Object.entries(english)) {
    if (/^(dialog|group|part)-/.test(key))
      assert.ok((await dialog.innerText()).toLowerCase().includes(words.toLowerCase()), `${key}: ${words}`);
  }
  await tab.keyboard.press("Escape");
  await tab.getByRole("link", { name: "Lessons", exact: true }).click();
  await tab.waitForFunction(() => document.documentElement.lang === "de");
  assert.deepEqual(await headOf(tab), head(german, "de", "Federn zeichnen das Muster"));
  assert.deepEqual(complaints, []);

  const { tab: other, complaints: others } = await openTab(browser, { viewport: { width: 390, height: 900 } });
  await other.goto(link);
  await stands(other);
  assert.equal(await other.getByRole("link", { name: "Für Lehrkräfte" }).count(), 0);
  const check = other.getByRole("button", { name: "Prüfen" });
  assert.ok(await check.isDisabled());
  assert.match((await check.getAttribute("title")) ?? "", /^Gesperrt/);
  assert.ok(await other.getByRole("slider").first().isEnabled());
  assert.deepEqual(others, []);
  for (const each of [tab, other]) await each.context().close();
});

test("a figure of a scene stands alone in a frame, in its language, and works", async () => {
  for (const width of [1280, 390]) {
    const { tab, complaints } = await openTab(browser, { viewport: { width, height: 900 } });
    await tab.goto(`${PAGE}#embed=experiment&scene=3&lang=de`);
    await stands(tab);
    assert.ok(await tab.locator(".lesson-figure").isVisible());
    for (const gone of ["#views", ".actions", ".lesson-head", ".told", ".question"])
      assert.equal(await tab.locator(gone).first().isVisible(), false, gone);
    await tab.getByRole("slider").press("ArrowRight");
    await says(tab, /Das Muster ändert sich um bis zu/);
    const whole = tab.getByRole("link", { name: "In TDS Inversion öffnen" });
    const address = (await whole.getAttribute("href")) ?? "";
    assert.doesNotMatch(address, /embed/);
    assert.match(address, /view=lessons/);
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `the frame is ${wide} px wider than the screen`);
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
});

test("parts of a scene are hidden, and come back", async () => {
  const { tab, complaints } = await openScene(2, { hash: "&hide=story,equations,scenes&lock=experiment" });
  for (const gone of [".told", ".lesson details", ".sources", ".lesson-head"])
    assert.equal(await tab.locator(gone).isVisible(), false, gone);
  assert.ok(await tab.locator(".question").isVisible());
  assert.ok(await tab.getByRole("radio").first().isDisabled());
  await tab.evaluate(() => {
    location.hash = "#view=lessons&scene=2&lang=en";
  });
  await tab.locator(".told").waitFor();
  assert.ok(await tab.getByRole("radio").first().isEnabled());
  assert.deepEqual(complaints, []);
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
