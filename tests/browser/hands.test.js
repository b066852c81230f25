import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ADDRESS, launch, notOfFile, openTab, PAGE } from "./chromium.js";
import { constantsOf, openPage, press, stateOf, statusOf, waitForEnd, waitForState, waitForStatus } from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const HASH = "#order=one-phonon&start=ni_676";
/** @param {Tab} tab @param {string} label */
const slider = (tab, label) => tab.getByRole("slider", { name: label, exact: true });
/** @param {Tab} tab */
const chi2 = (tab) => tab.locator("#hands-chi2").innerText();
/** @param {Tab} tab @param {string} id */
const picture = (tab, id) =>
  tab.locator(`#${id}`).evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ""));
/** A constant as the table has it. @param {Tab} tab @param {string} label */
const inForce = async (tab, label) => Number((await constantsOf(tab)).get(label)?.[0]?.trim());
/** Waits until the fit stands elsewhere. @param {Tab} tab @param {string} label @param {number} from */
async function moved(tab, label, from) {
  await tab.waitForFunction(
    ([label, from]) => {
      const row = document.querySelector(`#constants-body button[data-label="${label}"]`)?.closest("tr");
      return Math.abs(Number(row?.cells[1]?.textContent?.trim()) - Number(from)) > 1e-4;
    },
    [label, String(from)],
  );
}

test("a spring is dragged by mouse: model, misfit and dispersion follow at once, and the fit goes on from there", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const before = {
    model: await picture(tab, "map-model"),
    chi2: await chi2(tab),
    bands: await picture(tab, "chart-dispersion"),
  };
  const start = await inForce(tab, "1XX");
  const box = await slider(tab, "1XX").boundingBox();
  assert.ok(box);
  await tab.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await tab.mouse.down();
  await tab.mouse.move(box.x + 0.6 * box.width, box.y + box.height / 2, { steps: 5 });
  await tab.waitForFunction((old) => document.querySelector("#hands-chi2")?.textContent !== old, before.chi2);
  // Still under the hand: the table keeps what is in force.
  assert.equal(await inForce(tab, "1XX"), start);
  assert.notEqual(await picture(tab, "map-model"), before.model);
  await tab.waitForFunction(
    (old) => /** @type {HTMLCanvasElement} */ (document.querySelector("#chart-dispersion")).toDataURL() !== old,
    before.bands,
  );
  await tab.mouse.up();
  await moved(tab, "1XX", start);
  const value = Number(await slider(tab, "1XX").inputValue());
  assert.ok(Math.abs((await inForce(tab, "1XX")) - value) < 1e-3);
  assert.match(await tab.locator("#hands-counts").innerText(), /By hand: 1 move, \d+ model/);
  await press(tab, "Play");
  await waitForEnd(tab);
  assert.match(await statusOf(tab), /18 constants|16 constants/);
  assert.match(await tab.locator("#hands-counts").innerText(), /By gradient: \d+ steps/);
  assert.deepEqual(complaints, []);
});

const CHANGED = notOfFile("a module is changed on its way");

test(
  "where bands take long they follow once the hand stands still, while it still holds the slider",
  CHANGED,
  async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const tab = await context.newPage();
    let slow = 0;
    // As on a machine on which everything takes longer than what is called swift.
    await tab.route("**/hands/hands.js", async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      slow += text.split("const SWIFT = 30;").length - 1;
      await route.fulfill({ response, body: text.replace("const SWIFT = 30;", "const SWIFT = -1;") });
    });
    await tab.goto(`${PAGE}${HASH}`);
    await waitForState(tab, "ready");
    assert.equal(slow, 1);
    const [bands, start] = [await picture(tab, "chart-dispersion"), await inForce(tab, "1XX")];
    const box = await slider(tab, "1XX").boundingBox();
    assert.ok(box);
    await tab.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await tab.mouse.down();
    await tab.mouse.move(box.x + 0.6 * box.width, box.y + box.height / 2, { steps: 5 });
    await tab.waitForFunction(
      (old) => /** @type {HTMLCanvasElement} */ (document.querySelector("#chart-dispersion")).toDataURL() !== old,
      bands,
    );
    assert.equal(await tab.locator("#springs input:active").count(), 1, "the slider is held");
    await tab.mouse.up();
    await moved(tab, "1XX", start);
    await context.close();
  },
);

test("by keyboard and as a number; undone and done again, settings too", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const start = await inForce(tab, "2XX");
  await slider(tab, "2XX").focus();
  for (let i = 0; i < 5; i++) await tab.keyboard.press("ArrowRight");
  await moved(tab, "2XX", start);
  const byKeys = await inForce(tab, "2XX");
  assert.ok(byKeys > start);
  const first = await inForce(tab, "1XX");
  await tab.getByLabel("1XX, as a number").fill("-1,9");
  await tab.keyboard.press("Enter");
  await moved(tab, "1XX", first);
  assert.equal(await inForce(tab, "1XX"), -1.9);
  await tab.getByLabel("1XX, as a number").fill("a lot");
  await tab.keyboard.press("Enter");
  assert.equal(await tab.getByLabel("1XX, as a number").getAttribute("aria-invalid"), "");
  assert.equal(await inForce(tab, "1XX"), -1.9);
  await slider(tab, "1XX").focus();
  await tab.keyboard.press("Control+z");
  await moved(tab, "1XX", -1.9);
  assert.equal(await inForce(tab, "1XX"), first);
  await press(tab, "Undo");
  await moved(tab, "2XX", byKeys);
  assert.equal(await inForce(tab, "2XX"), start);
  await press(tab, "Redo");
  await moved(tab, "2XX", start);
  assert.equal(await inForce(tab, "2XX"), byKeys);
  // A setting is something that was done, too.
  await tab.locator("#temperature").fill("310");
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => document.querySelector("#undo")?.getAttribute("title")?.includes("Temperature"));
  await press(tab, "Undo");
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#temperature")).value === "298",
  );
  await waitForState(tab, "ready");
  await press(tab, "Redo");
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#temperature")).value === "310",
  );
  assert.deepEqual(complaints, []);
});

test("the arrows lead to the optimum, and the course can be gone back along", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  assert.match(
    (await slider(tab, "1XX").evaluate(
      (e) => document.getElementById(e.getAttribute("aria-describedby") ?? "")?.textContent,
    )) ?? "",
    /The gradient says [+−]\d/,
  );
  await press(tab, "Follow the arrows");
  await waitForStatus(tab, /Paused|iteration 1|Iteration 1/);
  await press(tab, "Play");
  await waitForEnd(tab);
  const end = { chi2: await chi2(tab), model: await picture(tab, "map-residual") };
  const course = tab.getByRole("slider", { name: "Course" });
  await course.focus();
  await tab.keyboard.press("Home");
  await tab.waitForFunction((old) => document.querySelector("#hands-chi2")?.textContent !== old, end.chi2);
  assert.match(await tab.locator("#course-words").innerText(), /^start, χ²\/n/);
  assert.notEqual(await picture(tab, "map-residual"), end.model);
  assert.equal(await stateOf(tab), "converged", "a look back changes nothing");
  await tab.keyboard.press("End");
  await tab.waitForFunction((old) => document.querySelector("#hands-chi2")?.textContent === old, end.chi2);
  await tab.keyboard.press("Home");
  const found = await inForce(tab, "1XX");
  await press(tab, "Start from here");
  await moved(tab, "1XX", found);
  assert.match((await tab.locator("#undo").getAttribute("title")) ?? "", /from start/);
  assert.deepEqual(complaints, []);
});

test("pixels that know a spring are painted, and a pixel says of which springs it speaks", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const residual = await picture(tab, "map-residual");
  const eye = tab.getByRole("button", { name: "Which pixels know 1XX?" });
  await eye.click();
  await tab.waitForFunction(() => document.querySelector("#residual-name")?.textContent === "∂ model / ∂ 1XX");
  assert.equal(await eye.getAttribute("aria-pressed"), "true");
  const slope = await picture(tab, "map-residual");
  assert.notEqual(slope, residual);
  await tab.getByLabel("Eye shows").selectOption("knowledge");
  await tab.waitForFunction(() => document.querySelector("#residual-name")?.textContent === "Who decides 1XX");
  assert.notEqual(await picture(tab, "map-residual"), slope);
  await eye.click();
  await tab.mouse.move(2, 2);
  await tab.waitForFunction(() => document.querySelector("#residual-name")?.textContent === "Residual");
  await tab.getByRole("application", { name: /^Data/ }).focus();
  // Away from the peak in the middle, which is left out.
  for (let i = 0; i < 3; i++) await tab.keyboard.press("Shift+ArrowRight");
  for (let i = 0; i < 2; i++) await tab.keyboard.press("Shift+ArrowUp");
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() =>
    /speaks most of \S+ [\d.]+ σ/.test(document.querySelector("#readout")?.textContent ?? ""),
  );
  assert.deepEqual(complaints, []);
});

/** Waits for what the third map shows. @param {Tab} tab @param {string} name */
const shows = (tab, name) =>
  tab.waitForFunction((name) => document.querySelector("#residual-name")?.textContent === name, name);
/** Waits for the sentence on where something is decided, and gives it. @param {Tab} tab @param {string} name */
async function decided(tab, name) {
  await tab.waitForFunction((name) => document.querySelector("#decided")?.textContent?.startsWith(`${name}: `), name);
  return tab.locator("#decided").innerText();
}
const HOLD =
  /: (\d[\d\s]*) of the (\d[\d\s]*) data \([\d.]+ %\) hold half of what is known of it, most of all that at h k l \S+ \S+ \S+\. The third map/;

test("pointing at σ of an elastic constant or of a sum paints where it is decided, and leaving shows what was", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await press(tab, "Play");
  await waitForEnd(tab);
  const residual = await picture(tab, "map-residual");
  const restored = async () => {
    await shows(tab, "Residual");
    assert.equal(await picture(tab, "map-residual"), residual);
    assert.equal(await tab.locator("#decided").innerText(), "");
  };
  assert.equal(await tab.locator("#decided").getAttribute("aria-live"), "polite");
  // By mouse: as long as it is there.
  const c44 = tab.getByRole("button", { name: /^σ of C44: ± [\d.]+ \(|^σ of C44: ± [\d.]+\./ });
  await c44.hover();
  await shows(tab, "Who decides C44");
  const sentence = await decided(tab, "C44");
  const [, half, all] = (HOLD.exec(sentence) ?? []).map((text) => Number(text.replaceAll(/\s/g, "")));
  assert.ok(half && all && half > 0 && half < all / 2, sentence);
  const painted = await picture(tab, "map-residual");
  assert.notEqual(painted, residual);
  await tab.mouse.move(2, 2);
  await restored();
  // By keyboard: as long as it has the focus.
  await tab.locator("#combinations summary").focus();
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => document.querySelectorAll("#combinations-body .decides").length > 8);
  const sums = tab.locator("#combinations-body .decides");
  const sigmas = (await sums.allInnerTexts()).map((text) => Number(text.replace("± ", "")));
  assert.ok(
    sigmas.every((sigma, i) => sigma > 0 && (i === 0 || sigma >= (sigmas[i - 1] ?? 0))),
    sigmas.join(),
  );
  await tab.keyboard.press("Tab");
  const name = await tab.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
  const [, sum = ""] = /^σ of (.*?): ± /.exec(name) ?? [];
  assert.match(sum, /^\d[XYZ]{2} with /);
  assert.match(await decided(tab, sum), HOLD);
  await shows(tab, `Who decides ${sum.slice(0, 3)} + …`);
  const first = await picture(tab, "map-residual");
  assert.ok(first !== residual && first !== painted);
  await tab.keyboard.press("Shift+Tab");
  await restored();
  // Pressed, it stays until it is pressed again.
  await sums.last().click();
  assert.equal(await sums.last().getAttribute("aria-pressed"), "true");
  await tab.mouse.move(2, 2);
  await tab.locator("#combinations summary").focus();
  await tab.waitForFunction(() => document.querySelector("#decided")?.textContent !== "");
  const last = await picture(tab, "map-residual");
  assert.ok(last !== residual && last !== first);
  await sums.last().click();
  await tab.mouse.move(2, 2);
  await tab.locator("#combinations summary").focus();
  await restored();
  assert.deepEqual(complaints, []);

  const phone = await openPage(browser, { hash: HASH, viewport: { width: 390, height: 844 }, hasTouch: true });
  await press(phone.tab, "Play");
  await waitForEnd(phone.tab);
  const before = await picture(phone.tab, "map-residual");
  const tapped = phone.tab.locator("#derived-body .decides").first();
  await tapped.scrollIntoViewIfNeeded();
  await tapped.tap();
  await shows(phone.tab, "Who decides C11");
  assert.match(await decided(phone.tab, "C11"), HOLD);
  assert.notEqual(await picture(phone.tab, "map-residual"), before);
  await tapped.tap();
  await shows(phone.tab, "Residual");
  assert.equal(await picture(phone.tab, "map-residual"), before);
  const overflow = await phone.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${overflow} px too wide`);
  assert.deepEqual(phone.complaints, []);
});

test(
  "workers share what is under a hand, and one that stands elsewhere has no part in it",
  notOfFile("the test asks a module of the page by its address"),
  async () => {
    const { tab, complaints } = await openTab(browser);
    await tab.goto(`${ADDRESS}/pkg/package.json`);
    const found = await tab.evaluate(async () => {
      const { Crew } = await import("/www/engine/crew.js");
      const api = await import("/pkg/tds_inversion.js");
      const module = await WebAssembly.compileStreaming(fetch("/pkg/tds_inversion_bg.wasm"));
      await api.default({ module_or_path: module });
      const rows = [];
      for (let i = 0; i < 256; i++) {
        for (let j = 0; j < 256; j++)
          rows.push(`${0.031 + i / 64},${0.017 + j / 64},0.4,${80 + ((i * 7 + j * 3) % 41)},9`);
      }
      const files = { "a.csv": new TextEncoder().encode(`h,k,l,intensity,sigma\n${rows.join("\n")}\n`) };
      /** @type {import("../../pkg/tds_inversion.js").Job} */
      const job = {
        crystal: { prototype: "fcc", element: "Ni", a: 3.52 },
        force_constants: { cutoff: 5.7, start: { library: "ni_676" } },
        model: { order: "one-phonon", temperature: 298 },
        data: [{ file: "a.csv", ideal: true }],
      };
      const engine = api.Engine.opening(job, files);
      const crew = new Crew({ name: "basic", module }, 2);
      crew.open(job, files);
      await crew.drive(engine, () => true);
      crew.hire();
      /** Shares that this worker made. @type {string[]} */
      let made = [];
      const spied = Object.assign(Object.create(engine), {
        touch_share: (/** @type {any} */ hand, /** @type {number} */ i, /** @type {number} */ n) => {
          made.push(`${i} of ${n}`);
          return engine.touch_share(hand, i, n);
        },
      });
      const values = [...engine.progress().values].map((value, p) => (p === 0 ? 1.1 * value : value));
      const hand = { values, temperature: 320, stretch: null, held: [] };
      const touch = async () => {
        made = [];
        const shares = await crew.touch(spied, hand);
        const [shared, alone] = [engine.touch(hand, shares), engine.touch(hand)];
        const model = alone.models?.[0] ?? [];
        return {
          made,
          values: model.length,
          same:
            model.every((value, row) => value === shared.models?.[0]?.[row]) &&
            shared.chi2_reduced === alone.chi2_reduced,
        };
      };
      const touched = [];
      const end = performance.now() + 30_000;
      // Until the helper has opened the job.
      do touched.push(await touch());
      while (performance.now() < end && touched.at(-1)?.made.length !== 1);
      engine.step();
      touched.push(await touch());
      crew.close();
      return touched;
    });
    assert.ok(found.every(({ same, values }) => same && values === 256 * 256));
    assert.deepEqual(found.at(-2)?.made, ["0 of 2"], "the helper made the other share");
    assert.deepEqual(found.at(-1)?.made, ["0 of 2", "1 of 2"], "the helper stands where the fit began");
    assert.deepEqual(complaints, []);
  },
);

test("you against the gradient: from the start, without arrows, and both are counted", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const start = await inForce(tab, "1XX");
  await tab.getByLabel("1XX, as a number").fill("-1.3");
  await tab.keyboard.press("Enter");
  await moved(tab, "1XX", start);
  const arrows = tab.locator("#springs .arrow:visible");
  assert.ok((await arrows.count()) > 0);
  await tab.getByLabel("You against the gradient").focus();
  await tab.keyboard.press("Space");
  await moved(tab, "1XX", -1.3);
  assert.equal(await inForce(tab, "1XX"), start, "back to the start");
  await waitForStatus(tab, /Move the springs until χ²\/n is as low as you can get it/);
  assert.equal(await arrows.count(), 0);
  assert.ok(await tab.getByRole("button", { name: "Follow the arrows" }).isDisabled());
  await slider(tab, "1XX").focus();
  for (let n = 0; n < 3; n++) await tab.keyboard.press("ArrowLeft");
  await moved(tab, "1XX", start);
  assert.match(await tab.locator("#hands-counts").innerText(), /^By hand: 1 move, [123] models?\.$/);
  await press(tab, "Play");
  await waitForEnd(tab);
  assert.match(
    await tab.locator("#hands-counts").innerText(),
    /^By hand: 1 move, [123] models?\. By gradient: [1-9]\d* steps?, [1-9]\d* models?\.$/,
  );
  await tab.getByLabel("You against the gradient").uncheck();
  assert.deepEqual(complaints, []);
});

test("all orders follow a hand on the springs; of temperature and size those beyond one phonon wait until it rests", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#start=ni_676" });
  const counts = tab.locator("#hands-counts");
  const start = await inForce(tab, "1XX");
  /** Takes a slider and moves it to a part of its width. @param {string} label @param {number} part */
  const take = async (label, part) => {
    const box = await slider(tab, label).boundingBox();
    assert.ok(box);
    await tab.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await tab.mouse.down();
    await tab.mouse.move(box.x + part * box.width, box.y + box.height / 2, { steps: 3 });
  };
  const before = await chi2(tab);
  await take("1XX", 0.44);
  // The last place is meant, and no one on the way.
  await tab.waitForTimeout(250);
  // Which moves are followed at once depends on the machine; standing still, all are.
  await tab.waitForFunction(
    (before) =>
      document.querySelector("#hands-chi2")?.textContent !== before &&
      !/Orders beyond/.test(document.querySelector("#hands-counts")?.textContent ?? ""),
    before,
  );
  const under = await chi2(tab);
  assert.match(await counts.innerText(), /By hand: [01] moves?, [123] models?\./);
  await tab.mouse.up();
  await moved(tab, "1XX", start);
  // In force it is what it was under the hand.
  assert.equal(await chi2(tab), under);
  assert.match(await counts.innerText(), /By hand: 1 move/);

  await slider(tab, "temperature / K").scrollIntoViewIfNeeded();
  await take("temperature / K", 0.7);
  await tab.waitForFunction(() =>
    /Orders beyond one phonon stay as they were until the hand rests\.$/.test(
      document.querySelector("#hands-counts")?.textContent ?? "",
    ),
  );
  await tab.mouse.up();
  await tab.waitForFunction(() => !/Orders beyond/.test(document.querySelector("#hands-counts")?.textContent ?? ""));
  assert.deepEqual(complaints, []);
});

test("where a hand put the springs they are again after a reload", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const start = await inForce(tab, "1XX");
  await tab.getByLabel("1XX, as a number").fill("-1.3");
  await tab.keyboard.press("Enter");
  await moved(tab, "1XX", start);
  const placed = await chi2(tab);
  // What is to be kept is kept a moment later.
  await tab.waitForTimeout(400);
  await tab.reload();
  await waitForState(tab, "ready");
  await moved(tab, "1XX", start);
  assert.equal(await inForce(tab, "1XX"), -1.3);
  assert.equal(await chi2(tab), placed);
  await press(tab, "Reset");
  await moved(tab, "1XX", -1.3);
  assert.equal(await inForce(tab, "1XX"), start);
  assert.deepEqual(complaints, []);
});

test("an unstable crystal is shown and not put in force", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const start = await inForce(tab, "1XX");
  await tab.getByLabel("1XX, as a number").fill("1.2");
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => document.querySelector("#hands-chi2")?.textContent === "unstable");
  await waitForStatus(tab, /not stable: the branch that goes soft/);
  assert.equal(await inForce(tab, "1XX"), start);
  await tab.getByLabel("1XX, as a number").fill(String(start));
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => document.querySelector("#hands-chi2")?.textContent !== "unstable");
  assert.deepEqual(complaints, []);
});

test("a hand is answered soon, by touch on a phone too", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const times = await tab.evaluate(async () => {
    const knob = /** @type {HTMLInputElement} */ (document.querySelector("#springs input[type=range]"));
    const figure = /** @type {HTMLElement} */ (document.querySelector("#hands-chi2"));
    const [from, to] = [Number(knob.min), Number(knob.max)];
    const times = [];
    for (let i = 0; i < 60; i++) {
      const answered = new Promise((resolve) => {
        new MutationObserver((_, observer) => {
          observer.disconnect();
          resolve(performance.now());
        }).observe(figure, { childList: true, characterData: true, subtree: true });
      });
      const start = performance.now();
      knob.value = String(from + (to - from) * (0.4 + (0.2 * ((i * 7) % 60)) / 60));
      knob.dispatchEvent(new Event("input", { bubbles: true }));
      times.push(/** @type {number} */ (await answered) - start);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return times.sort((a, b) => a - b);
  });
  // The number depends on the machine; it is printed, and only that all are answered is asserted.
  console.log(`input to painted canvas: median ${times[30]?.toFixed(1)} ms, 95 % ${times[57]?.toFixed(1)} ms`);
  assert.equal(times.length, 60);
  assert.deepEqual(complaints, []);

  const phone = await openPage(browser, { hash: HASH, viewport: { width: 390, height: 844 }, hasTouch: true });
  const overflow = await phone.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${overflow} px too wide`);
  const start = await inForce(phone.tab, "1XX");
  const knob = slider(phone.tab, "1XX");
  await knob.scrollIntoViewIfNeeded();
  const box = await knob.boundingBox();
  assert.ok(box);
  await phone.tab.touchscreen.tap(box.x + 0.62 * box.width, box.y + box.height / 2);
  await moved(phone.tab, "1XX", start);
  assert.deepEqual(phone.complaints, []);
});
