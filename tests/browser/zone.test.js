import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { home } from "../../www/views/crystal/camera.js";
import { launch } from "./chromium.js";
import { EXAMPLES, coloursOn, openPage, press, waitForState, waitForStatus } from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** @typedef {import('playwright-core').Page} Tab */

const QUICK = "#order=one-phonon";

/** The path of the chart, as it is read out. @param {Tab} tab */
const pathOf = async (tab) => {
  const label = await tab.locator("#chart-dispersion").getAttribute("aria-label");
  return /along (.*), current/.exec(label ?? "")?.[1] ?? "";
};

/** @param {Tab} tab @param {string} path */
const waitForPath = (tab, path) =>
  tab
    .waitForFunction(
      (path) =>
        document.querySelector("#chart-dispersion")?.getAttribute("aria-label")?.includes(`along ${path}, current`),
      path,
      { timeout: 30_000 },
    )
    .catch(async () => assert.equal(await pathOf(tab), path));

/** The zone, once it is drawn. @param {Tab} tab */
async function openZone(tab) {
  await press(tab, "Path …");
  const zone = tab.locator('canvas[aria-label^="Brillouin zone with 14 faces"]');
  await zone.waitFor({ timeout: 30_000 });
  await zone.scrollIntoViewIfNeeded();
  await tab.waitForFunction(() => {
    const canvas = document.querySelector("#zone canvas");
    return canvas instanceof HTMLCanvasElement && canvas.width > 100;
  });
  await tab.waitForTimeout(100);
  return zone;
}

/** Where a point of the zone of nickel is on the canvas, seen as in the beginning, CSS pixels. @param {Tab} tab @param {number[]} hkl */
const placeOf = (tab, hkl) =>
  tab.evaluate(
    ({ hkl, axes }) => {
      const canvas = document.querySelector("#zone canvas");
      if (!(canvas instanceof HTMLCanvasElement)) throw new Error("no zone");
      const box = canvas.getBoundingClientRect();
      const along = (/** @type {number} */ n, /** @type {number[]} */ place) =>
        (axes[n] ?? []).reduce((sum, x, i) => sum + x * (place[i] ?? 0), 0);
      // Corners W, and the usual path as far as Γ at 1 1 1.
      const all = [[1, 1, 1]];
      for (const i of [0, 1, 2])
        for (const j of [1, 2])
          for (const s of [-1, 1])
            for (const t of [-0.5, 0.5]) {
              const corner = [0, 0, 0];
              corner[i] = s;
              corner[(i + j) % 3] = t;
              all.push(corner);
            }
      const far = [0, 1].map((n) => Math.max(...all.map((place) => Math.abs(along(n, place)))));
      const scale = Math.min((box.width / 2 - 30) / (far[0] ?? 1), (box.height / 2 - 30) / (far[1] ?? 1));
      const [right, up] = [along(0, hkl), along(1, hkl)];
      return { x: box.left + box.width / 2 + scale * right, y: box.top + box.height / 2 - scale * up };
    },
    { hkl, axes: home() },
  );

test("a path is clicked in the zone, followed, shortened, and survives a reload", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  assert.equal(await pathOf(tab), "Γ–X–K–Γ–L");
  const zone = await openZone(tab);
  assert.ok((await coloursOn(tab, "Brillouin zone")) > 20);
  assert.equal(await tab.getByLabel("Path", { exact: true }).inputValue(), "Γ – X – K 1 0.25 0.25 – Γ 1 1 1 | Γ – L");
  const { x, y } = await placeOf(tab, [1, 0, 0]);
  await tab.mouse.click(x, y);
  await waitForPath(tab, "Γ–X–K–Γ–L–X");
  assert.match(tab.url(), /#order=one-phonon/);
  await zone.focus();
  await tab.keyboard.press("Backspace");
  await waitForPath(tab, "Γ–X–K–Γ–L");

  // A drag turns the zone and adds nothing.
  await tab.mouse.move(x - 40, y);
  await tab.mouse.down();
  await tab.mouse.move(x - 90, y + 20, { steps: 4 });
  await tab.mouse.up();
  assert.equal(await tab.getByLabel("Path", { exact: true }).inputValue(), "Γ – X – K 1 0.25 0.25 – Γ 1 1 1 | Γ – L");

  await press(tab, "Begin anew");
  assert.equal(await pathOf(tab), "Γ–X–K–Γ–L", "a path of no point is none");
  await tab.getByLabel("Next point").selectOption("Γ");
  await press(tab, "Add");
  await tab.getByLabel("Next point").selectOption("W");
  await press(tab, "Add");
  await waitForPath(tab, "Γ–W");
  await tab.waitForTimeout(200);
  await tab.reload();
  await waitForState(tab, "ready");
  await waitForPath(tab, "Γ–W");
  await openZone(tab);
  await press(tab, "Back to the usual path");
  await waitForPath(tab, "Γ–X–K–Γ–L");
  assert.deepEqual(complaints, []);
});

test("a path is typed with the keyboard alone, and a wrong one says why", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await tab.locator("#zone-open").focus();
  await tab.keyboard.press("Enter");
  const field = tab.getByLabel("Path", { exact: true });
  await tab.waitForFunction(() => document.querySelector("#zone-path")?.getAttribute("aria-describedby"));
  await tab.getByText("By name (Γ, X, L, W, K, U)").waitFor({ timeout: 30_000 });
  await field.focus();
  await field.fill("0 0 0 - 0,1,0 - W | L-G");
  await tab.keyboard.press("Enter");
  await waitForPath(tab, "Γ–X–W|L–Γ");
  await tab.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#zone-path")).value === "Γ – X 0 1 0 – W | L – Γ",
  );
  await field.fill("Γ – Y");
  await tab.keyboard.press("Enter");
  await tab.locator("#zone-problem").getByText("is no point of this lattice").waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.equal(await pathOf(tab), "Γ–X–W|L–Γ", "the dispersion stays");
  // While a slider moves the curves keep to the path.
  const slider = tab.locator("#springs input[type=range]").first();
  await slider.focus();
  await tab.keyboard.press("ArrowRight");
  await tab.keyboard.press("ArrowRight");
  await tab.waitForTimeout(700);
  assert.equal(await pathOf(tab), "Γ–X–W|L–Γ");
  assert.deepEqual(complaints, []);
});

test("a link holds the path, another crystal that has it not says so", async () => {
  const path = encodeURIComponent("Γ – W – L");
  const { tab, complaints } = await openPage(browser, { hash: `${QUICK}&path=${path}` });
  await waitForPath(tab, "Γ–W–L");
  await tab.getByLabel("Measurement").selectOption({ label: /** @type {any} */ (await ironOf(tab)) });
  await tab.getByText(/W.* is no point of this lattice.*keeps to the path/).waitFor({ timeout: 60_000 });
  await waitForPath(tab, "Γ–H–P–Γ–N");
  assert.deepEqual(complaints, []);
});

/** The name of the measurement of iron. @param {Tab} tab */
const ironOf = (tab) =>
  tab
    .locator("#example option")
    .evaluateAll((all) => all.map((o) => o.textContent ?? "").find((text) => /iron/i.test(text)));

test("the density of states stands beside the dispersion, where the fit is", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  assert.ok(await tab.locator("#chart-density").isHidden());
  await tab.getByRole("checkbox", { name: "Density of states" }).check();
  await tab
    .getByText(/tetrahedra on 36 × 36 × 36 wave vectors \(on a mesh half as fine, \d\.\d %/)
    .waitFor({ timeout: 60_000 });
  const density = tab.locator("#chart-density");
  assert.ok(await density.isVisible());
  assert.ok((await coloursOn(tab, "Density of states, highest")) > 5);
  const before = await density.getAttribute("aria-label");
  await press(tab, "Step");
  await tab.waitForFunction(
    (before) => document.querySelector("#chart-density")?.getAttribute("aria-label") !== before,
    before,
    { timeout: 60_000 },
  );
  await tab.waitForTimeout(200);
  await tab.reload();
  await waitForState(tab, "ready", "stopped", "converged");
  await tab.locator('#chart-density[aria-label^="Density of states, highest"]').waitFor({ timeout: 60_000 });
  await tab.getByRole("checkbox", { name: "Density of states" }).uncheck();
  assert.ok(await density.isHidden());
  assert.deepEqual(complaints, []);
});

test("published frequencies are drawn where they belong, and a wrong file says what is wrong", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=cu&order=one-phonon" });
  const before = await coloursOn(tab, "Phonon dispersion");
  await press(tab, "Neutrons: copper, Nicklow et al. 1967");
  await tab.getByText("66 of 71 frequencies lie on the path; 5 do not and are not drawn.").waitFor({ timeout: 60_000 });
  assert.notEqual(await coloursOn(tab, "Phonon dispersion"), before);
  await tab.waitForTimeout(200);
  await tab.reload();
  await waitForState(tab, "ready");
  await tab.getByText("66 of 71 frequencies lie on the path").waitFor({ timeout: 60_000 });
  // A table is too long for a link.
  await press(tab, "Link");
  await waitForStatus(tab, /link to what you see/);
  assert.doesNotMatch(tab.url(), /points=/);

  const give = (/** @type {string} */ name, /** @type {string | Buffer} */ content) =>
    tab.locator("#points-input").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(content) });
  await give("intensities.csv", "h,k,l,intensity\n0,0,1,5\n");
  await tab.locator("#dispersion-complaint").getByText("intensities.csv").waitFor();
  assert.match(await tab.locator("#dispersion-complaint").innerText(), /no column of frequencies.*THz/);
  assert.ok(await tab.getByText("66 of 71").isVisible(), "what was there stays");
  await give("picture.png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]));
  await tab.locator("#dispersion-complaint").getByText("picture.png").waitFor();
  await give("one.csv", "path,zeta,meV\nΓ–X,0.5,22\n[0 0.3 0.4],0,20\n");
  await tab.getByText("one.csv: 1 of 2 frequencies lie on the path; one does not and is not drawn.").waitFor();
  assert.equal(await tab.locator("#dispersion-complaint").innerText(), "");

  // Dropped on the chart, a table is not taken for a measurement.
  const text = await readFile(new URL("cu_dispersion_298K.csv", EXAMPLES), "utf8");
  await tab.locator("#chart-dispersion").scrollIntoViewIfNeeded();
  await tab.evaluate((text) => {
    const box = document.querySelector("#chart-dispersion")?.getBoundingClientRect();
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "dropped.csv"));
    const at = { clientX: (box?.left ?? 0) + 50, clientY: (box?.top ?? 0) + 50 };
    for (const type of ["dragenter", "dragover", "drop"]) {
      document.body.dispatchEvent(
        new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true, ...at }),
      );
    }
  }, text);
  await tab.getByText("dropped.csv: 66 of 71").waitFor();
  await press(tab, "Without points");
  await tab.getByText("dropped.csv").waitFor({ state: "detached" });
  assert.deepEqual(complaints, []);
});

test("on a phone a finger adds a point, and nothing scrolls sideways", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: QUICK,
    viewport: { width: 390, height: 800 },
    hasTouch: true,
    isMobile: true,
    colorScheme: "dark",
  });
  await openZone(tab);
  const { x, y } = await placeOf(tab, [1, 0, 0]);
  await tab.touchscreen.tap(x, y);
  await waitForPath(tab, "Γ–X–K–Γ–L–X");
  assert.equal(
    await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    0,
  );
  assert.deepEqual(complaints, []);
});
