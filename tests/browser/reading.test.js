import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { drop, exampleRows, idle, openPage, press, readability, save, type } from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const HASH = "#order=one-phonon&start=ni_676";
const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };
/** |a*| of nickel, Å⁻¹. */
const NICKEL = (2 * Math.PI) / 3.52;

/** @param {Tab} tab @param {string} name */
const map = (tab, name) => tab.getByRole("application", { name: new RegExp(`^${name}:`) });
/** @param {Tab} tab */
const chart = (tab) => tab.locator("#cut-chart canvas");
/** @param {Tab} tab */
const words = (tab) => tab.locator("#tool-words").innerText();
/** @param {Tab} tab @param {string} id @returns {Promise<string>} */
const picture = (tab, id) =>
  tab.locator(`#${id}`).evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ""));
/** @param {Tab} tab */
const pictures = (tab) => Promise.all(["map-data", "map-model", "map-residual"].map((id) => picture(tab, id)));

/** Where h and k of a plane of nickel's example are, by the margins of the plot. @param {Tab} tab @param {string} id @param {[number, number]} hk */
async function placeOf(tab, id, [h, k]) {
  const box = await tab.locator(`#${id}`).boundingBox();
  assert.ok(box);
  const [w, tall] = [box.width - 38, box.height - 34];
  const part = (/** @type {number} */ v) => (v + 5 + 1 / 12) / (10 + 1 / 6);
  return { x: box.x + 30 + part(h) * w, y: box.y + 4 + (1 - part(k)) * tall };
}

/** @param {Tab} tab @param {string} id @param {[number, number]} from @param {[number, number]} to */
async function drag(tab, id, from, to) {
  const [a, b] = [await placeOf(tab, id, from), await placeOf(tab, id, to)];
  await tab.mouse.move(a.x, a.y);
  await tab.mouse.down();
  await tab.mouse.move((a.x + b.x) / 2, (a.y + b.y) / 2, { steps: 3 });
  await tab.mouse.move(b.x, b.y, { steps: 3 });
  await tab.mouse.up();
}

/** What Ctrl+C gives where the focus is, by the names of the columns. @param {Tab} tab */
async function copied(tab) {
  await tab.evaluate(() => navigator.clipboard.writeText("nothing"));
  await tab.keyboard.press("Control+c");
  await tab.waitForFunction(async () => (await navigator.clipboard.readText()) !== "nothing");
  return tableOf(await tab.evaluate(() => navigator.clipboard.readText()), "\t");
}

/** @param {string} text @param {string} separator @returns {Record<string, number>[]} */
function tableOf(text, separator) {
  const [head = "", ...lines] = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const names = head.split(separator);
  return lines.map((line) => {
    const cells = line.split(separator);
    return Object.fromEntries(names.map((name, i) => [name, cells[i] === "" ? NaN : Number(cells[i])]));
  });
}

/** Rows of one plane that take part in the fit: data of the file, model as the page saves it. @param {Tab} tab @param {number} l */
async function rowsAt(tab, l) {
  await press(tab, "Pictures and tables …");
  const rows = tableOf((await save(tab, "All data, CSV")).text, ",");
  await tab.keyboard.press("Escape");
  await tab.locator("#export-dialog").waitFor({ state: "hidden" });
  const file = tableOf(await exampleRows(() => true), ",");
  assert.deepEqual(
    rows.map(({ data, sigma }) => [data, sigma]),
    file.map(({ intensity, sigma }) => [intensity, sigma]),
  );
  return rows.filter((row) => row.l === l && row.used === 1);
}

/** @param {number | undefined} found @param {number | undefined} expected @param {string} what */
function near(found, expected, what) {
  const [a, b] = [found ?? NaN, expected ?? NaN];
  assert.ok(Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b)), `${what}: ${a}, expected ${b}`);
}

/** Means over groups of rows, in order. @param {{bin: number, at: number, row: Record<string, number>}[]} members */
function means(members) {
  /** @type {Map<number, {at: number, row: Record<string, number>}[]>} */
  const bins = new Map();
  for (const { bin, ...member } of members) bins.set(bin, [...(bins.get(bin) ?? []), member]);
  return [...bins.values()]
    .map((list) => {
      const mean = (/** @type {(member: {at: number, row: Record<string, number>}) => number} */ of) =>
        list.reduce((sum, member) => sum + of(member), 0) / list.length;
      return {
        at: mean(({ at }) => at),
        data: mean(({ row }) => row.data ?? NaN),
        sigma: Math.sqrt(list.reduce((sum, { row }) => sum + (row.sigma ?? NaN) ** 2, 0)) / list.length,
        model: mean(({ row }) => row.model ?? NaN),
        pixels: list.length,
      };
    })
    .sort((a, b) => a.at - b.at);
}

/** @param {Record<string, number>[]} found @param {ReturnType<typeof means>} expected @param {string} distance Its name. */
function alike(found, expected, distance) {
  assert.equal(found.length, expected.length);
  for (const [i, row] of expected.entries()) {
    near(found[i]?.[distance], row.at, `distance ${i}`);
    for (const name of /** @type {const} */ (["data", "sigma", "model", "pixels"]))
      near(found[i]?.[name], row[name], `${name} ${i}`);
  }
}

test("a cut is dragged over all maps; its ends are moved and typed, and its values are those of the nearest pixels", async () => {
  const { tab, complaints } = await openPage(browser, { hash: `${HASH}&bragg=0.4`, ...CLIPBOARD });
  const tool = tab.getByRole("button", { name: "Cut", exact: true });
  await tool.click();
  assert.equal(await tool.getAttribute("aria-pressed"), "true");
  await tab.mouse.move(2, 2);
  const before = await pictures(tab);
  await drag(tab, "map-model", [-3, 1], [3, 1]);
  assert.match(await words(tab), /^Cut through \d+ pixels\.$/);
  await chart(tab).waitFor();
  await tab.mouse.move(2, 2);
  for (const [i, now] of (await pictures(tab)).entries()) assert.notEqual(now, before[i], "the line is on every map");
  const hkl = async (/** @type {string} */ id) => (await tab.locator(`#${id}`).inputValue()).split(" ").map(Number);
  const [h = NaN, k = NaN, l = NaN] = await hkl("cut-from");
  assert.ok(Math.abs(h + 3) < 0.1 && Math.abs(k - 1) < 0.1 && l === 0, `${h} ${k} ${l}`);

  await tool.click();
  assert.equal(await tool.getAttribute("aria-pressed"), "false");
  // Without the tool an end can still be taken hold of.
  await drag(tab, "map-data", [3, 1], [4, -2]);
  const [h2 = NaN, k2 = NaN] = await hkl("cut-to");
  assert.ok(Math.abs(h2 - 4) < 0.15 && Math.abs(k2 + 2) < 0.15, `${h2} ${k2}`);
  await tab.waitForTimeout(300);
  assert.equal(await tab.locator("#parts").isVisible(), false, "no pixel was pressed");

  const rows = await rowsAt(tab, 0);
  for (const [from, to, steps] of /** @type {[[number, number], [number, number], number][]} */ ([
    [[-4, 2], [4, 2], 48],
    [[-3, -2], [3, 1.5], 36],
    [[1, 4.5], [2, -4.5], 54],
  ])) {
    await type(tab, "cut-from", `${from.join(" ")} 0`);
    await type(tab, "cut-to", `${to.join("; ").replace(".", ",")}; 0`);
    await chart(tab).focus();
    const along = [to[0] - from[0], to[1] - from[1]];
    const length = Math.hypot(...along);
    // As many points as pixels along the axis on which the line runs faster; each the pixel nearest to it.
    const members = Array.from({ length: steps + 1 }, (_, bin) => {
      const [x, y] = from.map((value, axis) => value + ((along[axis] ?? 0) * bin) / steps);
      const isHere = (/** @type {number} */ at, /** @type {number} */ value) =>
        Math.round(6 * at - 1e-5) === Math.round(6 * value);
      const row = rows.find((row) => isHere(x ?? NaN, row.h ?? NaN) && isHere(y ?? NaN, row.k ?? NaN));
      if (!row) return null;
      const on = ((row.h ?? 0) - from[0]) * (along[0] ?? 0) + ((row.k ?? 0) - from[1]) * (along[1] ?? 0);
      return { bin, at: (NICKEL * on) / length, row };
    }).filter((member) => member !== null);
    const found = await copied(tab);
    assert.ok(found.length < steps + 1, "pixels around Bragg peaks are left out");
    alike(found, means(members), "distance (Å⁻¹)");
    for (const [i, row] of found.entries())
      near(row.k, from[1] + ((along[1] ?? 0) * (members[i]?.at ?? 0)) / length / NICKEL, "k on the line");
    assert.match(await words(tab), /^Copied \d+ rows of the cut\.$/);
  }
  assert.deepEqual(complaints, []);
});

test("a cut has a width and another unit; what cannot be is said; it is removed", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH, ...CLIPBOARD });
  await press(tab, "Cut");
  await drag(tab, "map-data", [-2, -2], [2, 2]);
  await type(tab, "cut-from", "-3 -2 0");
  await type(tab, "cut-to", "3 1.5 0");
  await type(tab, "cut-width", "1.2");
  const rows = await rowsAt(tab, 0);
  const [length, steps] = [Math.hypot(6, 3.5), 36];
  const step = (NICKEL * length) / steps;
  const members = rows.flatMap((row) => {
    const [x, y] = [(row.h ?? 0) + 3, (row.k ?? 0) + 2];
    const [at, off] = [(NICKEL * (6 * x + 3.5 * y)) / length, (NICKEL * Math.abs(3.5 * x - 6 * y)) / length];
    const bin = Math.round(at / step);
    return bin >= 0 && bin <= steps && off <= 0.6 ? [{ bin, at, row }] : [];
  });
  await chart(tab).focus();
  const expected = means(members);
  assert.ok(expected.some(({ pixels }) => pixels > 3));
  alike(await copied(tab), expected, "distance (Å⁻¹)");
  assert.match(await tab.locator("#cut-chart figcaption").innerText(), /means across 1\.2 Å⁻¹, masked pixels left out/);

  await tab.getByLabel("Distance in").selectOption("r.l.u.");
  await chart(tab).focus();
  alike(
    await copied(tab),
    expected.map((row) => ({ ...row, at: row.at / NICKEL })),
    "distance (r.l.u.)",
  );

  for (const [id, text, says] of /** @type {const} */ ([
    ["cut-to", "1 2", /“1 2” is no h k l/],
    ["cut-to", "-3 -2 0", /The two ends are at one place/],
    ["cut-to", "1 2 0.5", /1 2 0\.5 is not in the plane l = 0/],
    ["cut-to", "1 two 0", /“two” is no number/],
    ["cut-width", "-1", /“-1” is below zero/],
  ])) {
    await type(tab, id, text);
    const field = tab.locator(`#${id}`);
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.match(await tab.locator(`#${id}-problem`).innerText(), says);
    await type(tab, id, id === "cut-to" ? "3 1.5 0" : "");
    assert.equal(await field.getAttribute("aria-invalid"), null);
  }
  assert.match(await tab.locator("#cut-chart figcaption").innerText(), /nearest pixels, masked ones left out/);
  await tab.getByRole("button", { name: "Remove the cut" }).click();
  assert.equal(await chart(tab).isVisible(), false);
  assert.equal(await tab.evaluate(() => document.activeElement?.id), "tool-cut");
  assert.deepEqual(complaints, []);
});

test("a cut is made by keys, read by keys, and follows a spring and the plane", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH, ...CLIPBOARD });
  await map(tab, "Data").focus();
  const keys = async (/** @type {string[]} */ ...list) => {
    for (const key of list) await tab.keyboard.press(key);
  };
  await keys("c");
  assert.match(await words(tab), /One end is set/);
  await keys("Escape");
  assert.equal(await tab.locator("#tool-cut").getAttribute("aria-pressed"), "false");
  assert.equal(await tab.locator("#cut-chart").count(), 0);
  await keys("Shift+ArrowUp", "c", "Shift+ArrowRight", "Shift+ArrowRight", "Enter");
  await chart(tab).waitFor();
  assert.equal(
    await tab.locator("#tool-cut").getAttribute("aria-pressed"),
    "false",
    "the key's tool goes with its line",
  );
  assert.deepEqual(
    [await tab.locator("#cut-from").inputValue(), await tab.locator("#cut-to").inputValue()],
    ["0 0.8333 0", "1.6667 0.8333 0"],
  );
  await chart(tab).focus();
  await keys("End", "ArrowLeft");
  const reading = await tab.locator("#cut-reading").innerText();
  assert.match(reading, /^2\.677 Å⁻¹ · data \d.* ± .* · model \d.* · 1 pixel$/);
  assert.match(await tab.locator("#readout").innerText(), /h k l {2}1\.5 {2}0\.833 {2}0/, "the maps show where it is");

  const first = await copied(tab);
  const drawn = await tab
    .locator("#cut-chart canvas")
    .evaluate((c) => /** @type {HTMLCanvasElement} */ (c).toDataURL());
  await tab.getByLabel("1XX, as a number").fill("-1.9");
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(
    (old) => /** @type {HTMLCanvasElement} */ (document.querySelector("#cut-chart canvas")).toDataURL() !== old,
    drawn,
  );
  await tab.waitForFunction(() => {
    const row = document.querySelector('#constants-body button[data-label="1XX"]')?.closest("tr");
    return Number(row?.cells[1]?.textContent?.trim()) === -1.9;
  });
  await chart(tab).focus();
  const second = await copied(tab);
  const rows = await rowsAt(tab, 0);
  for (const [i, row] of second.entries()) {
    assert.equal(row.data, first[i]?.data);
    assert.notEqual(row.model, first[i]?.model);
    const there = rows.find(
      ({ h, k }) => Math.abs((h ?? 9) - (row.h ?? 0)) < 1e-4 && Math.abs((k ?? 9) - 5 / 6) < 1e-4,
    );
    near(row.model, there?.model, `model ${i}`);
  }
  await map(tab, "Data").focus();
  await keys("PageUp");
  await tab.waitForFunction(() =>
    /** @type {HTMLInputElement} */ (document.querySelector("#cut-to")).value.endsWith(" 0.5"),
  );
  await chart(tab).focus();
  const half = await copied(tab);
  assert.ok(half.every(({ l }) => l === 0.5) && half[0]?.data !== first[0]?.data);
  assert.deepEqual(complaints, []);
});

test("a profile around a Bragg point is the mean over rings, in a cubic and in a hexagonal lattice", async () => {
  const hexagonal = (4 * Math.PI) / (Math.sqrt(3) * 3.2);
  for (const [hash, length, cosine, radius] of /** @type {[string, number, number, number][]} */ ([
    [HASH, NICKEL, 0, NICKEL],
    ["#order=one-phonon&structure=hcp&element=Mg&a=3.2&c=5.2", hexagonal, 0.5, hexagonal / 2],
  ])) {
    const { tab, complaints } = await openPage(browser, { hash, ...CLIPBOARD });
    await idle(tab);
    await tab.locator("#map-data").focus();
    await tab.getByRole("button", { name: "Profile", exact: true }).click();
    await tab.locator("#map-data").focus();
    // From the middle to 2 2 0, nearly.
    for (const key of [
      "Shift+ArrowRight",
      "Shift+ArrowRight",
      "Shift+ArrowUp",
      "Shift+ArrowUp",
      "ArrowRight",
      "ArrowUp",
      "Enter",
    ])
      await tab.keyboard.press(key);
    await chart(tab).waitFor();
    assert.match(await words(tab), /^Profile of \d+ rings\.$/);
    assert.equal(await tab.locator("#profile-centre").inputValue(), "2 2 0");
    assert.match(await tab.locator("#cut-chart figcaption").innerText(), /rings of .*, half way to the next peak/);
    const rows = await rowsAt(tab, 0);
    const ringsTo = (/** @type {number} */ end, /** @type {number[]} */ [h0 = 0, k0 = 0]) =>
      means(
        rows.flatMap((row) => {
          const [h, k] = [(row.h ?? 0) - h0, (row.k ?? 0) - k0];
          const at = length * Math.sqrt(h * h + k * k + 2 * cosine * h * k);
          return at < end ? [{ bin: Math.floor((6 * at) / length + 1e-9), at, row }] : [];
        }),
      );
    await chart(tab).focus();
    alike(await copied(tab), ringsTo(radius, [2, 2]), "distance (Å⁻¹)");
    await type(tab, "profile-radius", "1.1");
    await type(tab, "profile-centre", "0 -2 0");
    await chart(tab).focus();
    alike(await copied(tab), ringsTo(1.1, [0, -2]), "distance (Å⁻¹)");
    await tab.keyboard.press("Home");
    assert.match(await tab.locator("#cut-reading").innerText(), /Å⁻¹ · data .* ± .* · \d+ pixels?$/);
    if (cosine === 0) {
      // By mouse: the peak nearest to the pointer, here 0 0 0 and not 1 1 0, which is none of a face-centred lattice.
      const at = await placeOf(tab, "map-residual", [-1.7, 0.3]);
      await tab.mouse.click(at.x, at.y);
      assert.equal(await tab.locator("#profile-centre").inputValue(), "-2 0 0");
      await tab.getByRole("button", { name: "Remove the profile" }).click();
      await tab.locator("#plane").selectOption({ label: "l = ½" });
      await tab.mouse.click(at.x, at.y);
      assert.equal(await words(tab), "This plane has no Bragg point.");
    }
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
});

test("on a phone a finger draws a cut and moves its end, and the page stays where it is", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: HASH,
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const session = await tab.context().newCDPSession(tab);
  const finger = async (/** @type {[number, number][]} */ ...path) => {
    for (const [i, hk] of path.entries()) {
      const type = i === 0 ? "touchStart" : "touchMove";
      await session.send("Input.dispatchTouchEvent", { type, touchPoints: [await placeOf(tab, "map-residual", hk)] });
    }
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
  await tab.getByRole("button", { name: "Cut", exact: true }).tap();
  await tab.locator("#map-residual").evaluate((canvas) => canvas.scrollIntoView({ block: "center" }));
  // The browser makes up for a reading above that grows by a line.
  const scrolled = async () => Math.round((await tab.locator("#map-residual").boundingBox())?.y ?? NaN);
  let before = await scrolled();
  await finger([-2, 3], [0, 2], [2, -1]);
  await chart(tab).waitFor();
  assert.equal(await scrolled(), before);
  await tab.locator("#tool-cut").evaluate((button) => /** @type {HTMLButtonElement} */ (button).click());
  await tab.locator("#map-residual").evaluate((canvas) => canvas.scrollIntoView({ block: "center" }));
  before = await scrolled();
  await finger([2, -1], [2, -2], [2, -4]);
  const [h = NaN, k = NaN] = (await tab.locator("#cut-to").inputValue()).split(" ").map(Number);
  assert.ok(Math.abs(h - 2) < 0.2 && Math.abs(k + 4) < 0.2, `${h} ${k}`);
  assert.equal(await scrolled(), before);
  const small = await tab.evaluate(() =>
    [...document.querySelectorAll(".map-tools button, .reading-fields :is(button, input, select), button.alone")]
      .filter((e) => e.checkVisibility())
      .map((e) => ({ name: e.id || e.textContent, ...e.getBoundingClientRect().toJSON() }))
      .filter(({ width, height }) => width < 24 || height < 24),
  );
  assert.deepEqual(small, []);
  assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  assert.deepEqual(complaints, []);
});

test("the colour range is set by hand on a histogram, by keys and by mouse; scales and colours change the maps", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await tab.locator("#levels summary").click();
  const low = tab.getByRole("slider", { name: "Colours begin at" });
  const high = tab.getByRole("slider", { name: "Colours end at" });
  await tab.waitForFunction(() => document.querySelector("#levels-words")?.textContent?.includes(" to "));
  const before = { map: await picture(tab, "map-model"), low: await low.inputValue() };
  await low.focus();
  for (let i = 0; i < 3; i++) await tab.keyboard.press("PageUp");
  assert.ok(Number(await low.inputValue()) > Number(before.low) + 100);
  assert.equal(await tab.getByLabel("Range", { exact: true }).inputValue(), "hand");
  assert.notEqual(await picture(tab, "map-model"), before.map);
  const limits = await tab.locator("#levels-words").innerText();
  assert.equal((await low.getAttribute("aria-valuetext")) ?? "", limits.split(" to ")[0]);

  // By mouse; one handle does not pass the other.
  const box = await high.boundingBox();
  assert.ok(box);
  const at = (/** @type {number} */ part) => box.x + 12 + part * (box.width - 24);
  await tab.mouse.move(at(Number(await high.inputValue()) / 1000), box.y + box.height / 2);
  await tab.mouse.down();
  await tab.mouse.move(at(0.6), box.y + box.height / 2, { steps: 3 });
  assert.ok(Math.abs(Number(await high.inputValue()) - 600) < 15, await high.inputValue());
  await tab.mouse.move(at(0), box.y + box.height / 2, { steps: 3 });
  await tab.mouse.up();
  assert.equal(Number(await high.inputValue()), Number(await low.inputValue()) + 5);
  assert.notEqual(await tab.locator("#levels-words").innerText(), limits);
  await press(tab, "Link");
  assert.match(tab.url(), /range=hand&limits=\d/);

  const shown = await tab.locator("#levels-words").innerText();
  await tab.getByLabel("Range", { exact: true }).selectOption("0.005");
  assert.equal(await low.inputValue(), before.low);
  assert.notEqual(await tab.locator("#levels-words").innerText(), shown);
  assert.equal(await picture(tab, "map-model"), before.map, "as it was");

  // The choice shows the handles.
  await tab.locator("#levels summary").click();
  await tab.getByLabel("Range", { exact: true }).selectOption("hand");
  assert.ok(await low.isVisible());
  assert.equal(await tab.locator("#levels-words").innerText(), shown, "as the hand left it");
  await tab.getByLabel("Range", { exact: true }).selectOption("0.005");

  const seen = new Set([before.map]);
  for (const scale of ["linear", "sqrt", "symlog"]) {
    await tab.getByLabel("Intensity", { exact: true }).selectOption(scale);
    seen.add(await picture(tab, "map-model"));
  }
  for (const colours of ["magma", "plasma", "viridis"]) {
    await tab.getByLabel("Colours", { exact: true }).selectOption(colours);
    seen.add(await picture(tab, "map-model"));
  }
  assert.equal(seen.size, 7);
  const residual = await picture(tab, "map-residual");
  await tab.getByLabel("Residual", { exact: true }).selectOption("symlog");
  assert.notEqual(await picture(tab, "map-residual"), residual);
  assert.deepEqual(complaints, []);
});

test("one map fills the window by button and by key, with zoom and crosshair; Escape leads back", async () => {
  for (const api of [true, false]) {
    const { tab, complaints } = await openPage(browser, { hash: HASH });
    if (!api) await tab.evaluate(() => Object.assign(Element.prototype, { requestFullscreen: undefined }));
    const width = (/** @type {string} */ name) => map(tab, name).evaluate((canvas) => canvas.clientWidth);
    const small = await width("Model");
    await tab.getByRole("button", { name: "Model alone" }).click();
    await tab.waitForFunction((small) => (document.querySelector("#map-model")?.clientWidth ?? 0) > 2 * small, small);
    assert.equal(await tab.evaluate(() => document.fullscreenElement !== null), api);
    const box = await map(tab, "Model").boundingBox();
    assert.ok(box && box.y >= 0 && box.y + box.height <= 900 && box.width > 600, JSON.stringify(box));
    assert.deepEqual(
      [await map(tab, "Data").isVisible(), await tab.locator("#bar-residual").isVisible()],
      [false, false],
    );
    assert.equal(await tab.locator("#bar-intensity").isVisible(), true);
    if (!api) assert.equal(await tab.locator("header.top").evaluate((e) => /** @type {HTMLElement} */ (e).inert), true);

    assert.equal(await tab.evaluate(() => document.activeElement?.id), "map-model");
    const whole = await picture(tab, "map-model");
    for (let i = 0; i < 4; i++) await tab.keyboard.press("+");
    for (let i = 0; i < 2; i++) await tab.keyboard.press("Shift+ArrowRight");
    assert.notEqual(await picture(tab, "map-model"), whole);
    assert.match(await tab.locator("#readout").innerText(), /h k l .* model /);
    assert.ok(await tab.locator("#readout").isVisible());
    // What is being drawn is given up first.
    await tab.keyboard.press("c");
    await tab.keyboard.press("Escape");
    assert.equal(await tab.locator("#map-stage").getAttribute("data-alone"), "model");
    await tab.keyboard.press("Escape");
    await tab.waitForFunction((small) => document.querySelector("#map-model")?.clientWidth === small, small);
    assert.equal(await tab.evaluate(() => document.fullscreenElement), null);
    assert.equal(await tab.locator("header.top").evaluate((e) => /** @type {HTMLElement} */ (e).inert), false);
    assert.ok(await map(tab, "Data").isVisible());

    await map(tab, "Residual").focus();
    await tab.keyboard.press("f");
    await tab.waitForFunction(() => document.querySelector("#map-stage")?.getAttribute("data-alone") === "residual");
    await tab.keyboard.press("f");
    await tab.waitForFunction((small) => document.querySelector("#map-residual")?.clientWidth === small, small);
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
});

test("the values in sight are copied, by button and by Ctrl+C; marked text goes before", async () => {
  const { tab, complaints } = await openPage(browser, { hash: `${HASH}&bragg=0.4`, ...CLIPBOARD });
  const rows = await rowsAt(tab, 0);
  await map(tab, "Residual").focus();
  const whole = await copied(tab);
  assert.equal(whole.length, rows.length);
  assert.match(await words(tab), /^Copied [\d\u202f]+ rows of the plane l = 0\.$/);
  // By rows of the map, from its lower edge.
  rows.sort((a, b) => (a.k ?? 0) - (b.k ?? 0) || (a.h ?? 0) - (b.h ?? 0));
  for (const [i, row] of whole.entries())
    for (const name of ["h", "k", "l", "data", "sigma", "model", "residual"]) near(row[name], rows[i]?.[name], name);

  for (let i = 0; i < 8; i++) await tab.keyboard.press("+");
  const part = await copied(tab);
  assert.ok(part.length > 20 && part.length < whole.length / 10, `${part.length}`);
  const extent = Math.max(...part.map(({ h }) => Math.abs(h ?? 9)));
  const inside = rows.filter(({ h, k }) => Math.abs(h ?? 9) <= extent + 1e-6 && Math.abs(k ?? 9) <= extent + 1e-6);
  assert.equal(part.length, inside.length);
  await press(tab, "Copy values");
  await tab.waitForFunction(
    (n) => document.querySelector("#tool-words")?.textContent?.startsWith(`Copied ${n} rows`),
    part.length,
  );
  assert.equal(tableOf(await tab.evaluate(() => navigator.clipboard.readText()), "\t").length, part.length);

  await map(tab, "Data").focus();
  await tab.evaluate(() =>
    getSelection()?.selectAllChildren(/** @type {Element} */ (document.querySelector("#title-data"))),
  );
  await tab.keyboard.press("Control+c");
  await tab.waitForFunction(async () => /^Data\s*$/.test(await navigator.clipboard.readText()));
  assert.deepEqual(complaints, []);
});

test("one tool at a time; data along a line have none of a plane; the text is readable", async () => {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    const { tab, complaints } = await openPage(browser, { hash: HASH, colorScheme });
    const pressed = () => tab.locator(".map-tools [aria-pressed=true]").allInnerTexts();
    for (const name of ["Cut", "Rectangle", "Profile", "Polygon", "Cut"]) {
      await press(tab, name);
      assert.deepEqual(await pressed(), [name]);
    }
    await drag(tab, "map-data", [-2, -2], [2, 3]);
    await type(tab, "cut-to", "nowhere");
    await tab.locator("#levels summary").click();
    await chart(tab).waitFor();
    assert.deepEqual((await tab.evaluate(readability))[1], []);
    const nameless = await tab.evaluate(() =>
      [...document.querySelectorAll("#map-stage :is(button, input, select, canvas), #levels :is(input, canvas)")]
        .filter((e) => {
          const labels = "labels" in e ? /** @type {HTMLInputElement} */ (e).labels : null;
          return !(e.textContent?.trim() || e.getAttribute("aria-label") || (labels && labels.length > 0));
        })
        .map((e) => e.id),
    );
    assert.deepEqual(nameless, []);
    await drop(tab, { name: "scan.csv", content: await exampleRows(([h, k, l]) => h === k && l === "0") });
    await tab.locator('#map-data[aria-label*="along a line"]').waitFor();
    await idle(tab);
    assert.deepEqual(await pressed(), []);
    assert.ok(await tab.getByRole("button", { name: "Cut", exact: true }).isDisabled());
    assert.equal(await chart(tab).isVisible(), false);
    assert.equal(await tab.locator("#levels").isVisible(), false);
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
});
