import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { drop, exampleRows, idle, openPage, press, readability, waitForState } from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** @param {import('playwright-core').Page} tab */
const overflow = (tab) =>
  tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test("nothing scrolls sideways on a phone, and Play is always at hand", async () => {
  for (const width of [390, 360, 320]) {
    const { tab, complaints } = await openPage(browser, { viewport: { width, height: 740 }, hasTouch: true });
    assert.equal(await overflow(tab), 0, `${width} px`);
    await tab.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const box = await tab.getByRole("button", { name: "Play", exact: true }).boundingBox();
    assert.ok(box && box.y > 0 && box.y + box.height <= 740, "Play is on the screen");
    await press(tab, "Play");
    await waitForState(tab, "converged");
    assert.equal(await overflow(tab), 0, `${width} px after the fit`);
    for (const view of ["Crystal", "Atoms in motion", "Three methods"]) {
      await tab.getByRole("link", { name: view }).click();
      await tab.getByRole("heading", { name: view }).waitFor();
      assert.equal(await overflow(tab), 0, `${width} px, ${view}`);
    }
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
});

test("text is readable in both colour schemes", async () => {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    const { tab, complaints } = await openPage(browser, { colorScheme, hash: "#order=one-phonon" });
    await press(tab, "Play");
    await waitForState(tab, "converged");
    const look = async (/** @type {string} */ where) => {
      const [ground, faint] = await tab.evaluate(readability);
      assert.deepEqual(faint, [], `${colorScheme}, ${where}`);
      assert.equal(ground > 0.5, colorScheme === "light");
    };
    await look("fit");
    for (const view of ["Crystal", "Atoms in motion", "Three methods"]) {
      await tab.getByRole("link", { name: view }).click();
      await tab.getByRole("heading", { name: view }).waitFor();
      await look(view);
    }
    assert.deepEqual(complaints, []);
  }
});

test("the maps can be read by keyboard", async () => {
  const { tab, complaints } = await openPage(browser);
  const readout = () => tab.locator("#readout").innerText();
  await tab.locator("#map-data").focus();
  await tab.keyboard.press("ArrowRight");
  const before = await readout();
  assert.match(before, /h k l {2}0\.167 {2}0 {2}0 · \|Q\| 0\.30 Å⁻¹/);
  await tab.keyboard.press("Shift+ArrowUp");
  await tab.keyboard.press("Shift+ArrowUp");
  assert.match(await readout(), /0\.167 {2}1\.667 {2}0 .* data .* ± .* model .* residual .* σ/);
  await tab.keyboard.press("PageUp");
  assert.match(await readout(), /0\.167 {2}1\.667 {2}0\.5/);
  assert.match((await tab.locator("#map-residual").getAttribute("aria-label")) ?? "", /^Residual.*plane l = ½/);
  await tab.keyboard.press("Escape");
  assert.match(await readout(), /Point at a map/);
  assert.deepEqual(complaints, []);
});

test("pointing at one map reads all three", async () => {
  const { tab, complaints } = await openPage(browser);
  const box = await tab.locator("#map-residual").boundingBox();
  assert.ok(box);
  await tab.mouse.move(box.x + 0.7 * box.width, box.y + 0.3 * box.height);
  assert.match(await tab.locator("#readout").innerText(), /data .* model .* residual [+−]?\d+\.\d σ/);
  assert.deepEqual(complaints, []);
});

test("data along a line are drawn as points with error bars and a curve, which can be read", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon&cells=4" });
  await drop(tab, { name: "scan.csv", content: await exampleRows(([h, k, l]) => h === k && l === "0") });
  await tab.locator('#map-data[aria-label*="along a line from (−5, −5, 0) to (5, 5, 0)"]').waitFor();
  await idle(tab);
  assert.equal(await tab.locator("#bar-intensity").isVisible(), false, "curves have no colours");
  await tab.locator("#map-data").focus();
  const first = await tab.locator("#readout").innerText();
  await tab.keyboard.press("ArrowRight");
  const [here, next] = [first, await tab.locator("#readout").innerText()].map((text) =>
    Number(/h k l {2}(\S+)/.exec(text)?.[1]),
  );
  assert.ok(Number(next) > Number(here), `${next} after ${here}`);
  assert.match(await tab.locator("#readout").innerText(), /data \d.* ± .* model \d.* residual .* σ/);
  // The pointer reads the point that is nearest to it.
  const box = await tab.locator("#map-residual").boundingBox();
  assert.ok(box);
  await tab.mouse.move(box.x + 48, box.y + 0.4 * box.height);
  assert.match(await tab.locator("#readout").innerText(), /h k l {2}−5 {2}−5 {2}0/);
  await tab.getByLabel("Measurement").selectOption("one");
  await tab.locator('#map-data[aria-label*="plane l = 0"]').waitFor();
  assert.equal(await tab.locator("#bar-intensity").isVisible(), true);
  assert.deepEqual(complaints, []);
});

test("a tap on a map reads it, in sight above the buttons", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: "#order=one-phonon",
    viewport: { width: 390, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  // The reading is below the maps, and with the first of them at the foot of the screen out of sight.
  for (const [name, align] of /** @type {const} */ ([
    ["data", "end"],
    ["residual", "end"],
    ["model", "start"],
  ])) {
    const map = tab.locator(`#map-${name}`);
    await map.evaluate((canvas, block) => canvas.scrollIntoView({ block }), align);
    const box = await map.boundingBox();
    assert.ok(box);
    await tab.touchscreen.tap(box.x + 0.6 * box.width, box.y + 0.3 * box.height);
    await tab.locator("#readout", { hasText: /data .* model .* residual [+−]?\d+\.\d σ/ }).waitFor();
    await tab.waitForFunction(() => {
      const readout = document.querySelector("#readout")?.getBoundingClientRect();
      const dock = document.querySelector(".dock")?.getBoundingClientRect();
      return readout && dock && readout.top >= 0 && readout.bottom <= dock.top;
    });
  }
  assert.deepEqual(complaints, []);
});

test("every control has a name, and Tab reaches all of them", async () => {
  const { tab } = await openPage(browser);
  const nameless = await tab.evaluate(() =>
    [...document.querySelectorAll("button, input:not([hidden]), select, canvas")]
      .filter((e) => {
        const labels = "labels" in e ? /** @type {HTMLInputElement} */ (e).labels : null;
        return !(e.textContent?.trim() || e.getAttribute("aria-label") || (labels && labels.length > 0));
      })
      .map((e) => e.id),
  );
  assert.deepEqual(nameless, []);
  const wanted = await tab.evaluate(() =>
    [...document.querySelectorAll("button, input:not([hidden]), select, canvas[tabindex]")]
      .filter((e) => e.checkVisibility() && !e.closest("dialog") && !e.matches(":disabled"))
      .map((e) => e.id),
  );
  // Links and what unfolds are on the way.
  const others = await tab.locator("a[href]:visible, summary:visible, [tabindex='0']:not(canvas):visible").count();
  const reached = new Set();
  for (let i = 0; i < wanted.length + others; i++) {
    await tab.keyboard.press("Tab");
    reached.add(await tab.evaluate(() => document.activeElement?.id));
  }
  assert.deepEqual(
    wanted.filter((id) => !reached.has(id)),
    [],
  );
});

test("who asks for less motion gets the end without the film", async () => {
  const { tab, complaints } = await openPage(browser, { reducedMotion: "reduce", hash: "#start=ni_676" });
  await tab.evaluate(() => {
    const map = document.querySelector("#map-model");
    const counts = { drawn: 0 };
    Object.assign(window, { counts });
    // A map that is drawn anew is made its size again.
    new MutationObserver(() => counts.drawn++).observe(map ?? document.body, { attributeFilter: ["aria-label"] });
  });
  await press(tab, "Play");
  await waitForState(tab, "converged");
  const drawn = await tab.evaluate(() => /** @type {any} */ (window).counts.drawn);
  assert.ok(drawn <= 2, `${drawn} pictures`);
  assert.equal(await tab.locator("#speed-words").innerText(), "without animation");
  assert.deepEqual(complaints, []);
});
