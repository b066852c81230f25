// What a link holds: the whole state, what is hidden or locked, and one part alone in a frame of another page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { violations } from "./axe.js";
import { launch, openTab, PAGE } from "./chromium.js";
import {
  drop,
  exampleRows,
  idle,
  jobOf,
  openPage,
  press,
  statusOf,
  type,
  waitForEnd,
  waitForState,
  waitForStatus,
} from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Presses “Link”; the part of the address after “#”. @param {Tab} tab */
async function linkOf(tab) {
  await press(tab, "Link");
  await waitForStatus(tab, /link to what you see/);
  return new URL(tab.url()).hash;
}

const MASKS =
  '{"all":[{"ellipsoid":{"centre":[1.5,0.5,0],"radii":[0.3,0.3,0.1]},"name":"it\'s {a} [spot]!"}],"own":[]}';

test("masks, constraints, springs, zoom and pixel come back with a link as they were, bit for bit", async () => {
  const constraints = '{"fixed":{"1XY":-1.2},"bounds":{"2XX":[-0.5,0.5]},"prior":{"3XX":[0.01,0.02]}}';
  const known = '{"elastic_GPa":{"C44":[120,5]}}';
  const swap = (/** @type {string} */ text) =>
    text.replace(/["'{}()[\]!*]/g, (c) => `'"({)}![*]`["\"'{(})[!]*".indexOf(c)] ?? c);
  const hash = [
    "#example=all&order=one-phonon&plane=1&colours=viridis",
    `masks=${encodeURIComponent(swap(MASKS))}`,
    `constraints=${encodeURIComponent(swap(constraints))}`,
    `known=${encodeURIComponent(swap(known))}`,
  ].join("&");
  const { tab, complaints } = await openPage(browser, { hash });
  const job = await jobOf(tab);
  assert.equal(job.mask.shapes[0].name, "it's {a} [spot]!");
  assert.deepEqual(job.constraints.fixed, { "1XY": -1.2 });
  assert.deepEqual(job.pseudo_data, JSON.parse(known));
  await press(tab, "Step");
  await waitForState(tab, "stopped");
  const map = tab.locator("#map-model");
  await map.focus();
  await map.press("ArrowRight");
  await map.press("ArrowUp");
  for (let i = 0; i < 4; i++) await map.press("+");
  const readout = await tab.locator("#readout").innerText();
  await map.press("p");
  await tab.getByRole("link", { name: "Fit", exact: true }).click();
  const link = await linkOf(tab);
  assert.ok(link.length < 1500, `${link.length} characters`);

  const { tab: other, complaints: others } = await openPage(browser, { hash: link });
  await waitForStatus(other, /Ready/);
  await idle(other);
  assert.deepEqual(await jobOf(other), await jobOf(tab));
  assert.equal(await other.locator("#plane").inputValue(), "1");
  assert.equal(await other.locator("#colours").inputValue(), "viridis");
  assert.equal((await other.locator("#readout").innerText()).split("·")[0], readout.split("·")[0]);
  assert.ok(await other.locator("#to-phonons").isVisible());
  // The same again: every bit of the springs, the zoom and the pixel.
  assert.equal(await linkOf(other), link);
  assert.match(link, /&springs=[\w-]{171}&zoom=[\d.,]+&at=[-\d.,]+/);
  assert.deepEqual([...complaints, ...others], []);
});

test("a range of colours by hand comes back with a link", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon&range=hand&limits=900+4000" });
  const bar = (/** @type {Tab} */ tab) =>
    tab.locator("#bar-intensity").evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
  const usual = await openPage(browser, { hash: "#order=one-phonon" });
  assert.notEqual(await bar(tab), await bar(usual.tab));
  const link = await linkOf(tab);
  assert.match(link, /&range=hand&limits=900\+4000/);
  const { tab: other, complaints: others } = await openPage(browser, { hash: link });
  assert.equal(await bar(other), await bar(tab));
  const wrong = await openPage(browser, { hash: "#order=one-phonon&range=hand&limits=900+many" });
  assert.equal(await bar(wrong.tab), await bar(usual.tab));
  assert.deepEqual([...complaints, ...others, ...wrong.complaints], []);
});

test("what is damaged in a link is ignored", async () => {
  const hash =
    "#masks=('all':3)&constraints=('tied':'abc')&known=nonsense&springs=%00&zoom=1,2&at=a,b,c&lock=__proto__&embed=constructor&hide=toString";
  const { tab, complaints } = await openPage(browser, { hash });
  assert.match(await statusOf(tab), /χ²\/n is 12\.\d+ over 11\s057 data/);
  assert.deepEqual((await jobOf(tab)).mask.shapes ?? [], []);
  assert.deepEqual(complaints, []);
});

test("a link about own files names them, takes them when they are dropped, and knows others", async () => {
  const content = await exampleRows(([, , l]) => l === "0");
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon" });
  await drop(tab, { name: "mine, (1).csv", content });
  await waitForStatus(tab, /over 3.\d{3} data/);
  await type(tab, "bragg-radius", "0.3");
  await waitForStatus(tab, /Ready/);
  await idle(tab);
  const job = await jobOf(tab);
  await press(tab, "Step");
  await waitForState(tab, "stopped");
  const link = await linkOf(tab);
  assert.match(await statusOf(tab), /own files do not travel/);
  assert.ok(!link.includes("3579"), "no datum is in it");

  for (const { other, said } of [
    { other: content, said: /^(?!.*something else)/ },
    {
      other: content.replace("3579", "3580"),
      said: /“mine, \(1\)\.csv” holds something else than when the link was made/,
    },
  ]) {
    const { tab: away, complaints: others } = await openPage(browser, { hash: link });
    assert.match(await statusOf(away), /This link is about “mine, \(1\)\.csv”, which stayed with whoever made it/);
    await drop(away, { name: "mine, (1).csv", content: other });
    await waitForStatus(away, /Ready\. .* over 3.\d{3} data/);
    await idle(away);
    assert.match(await statusOf(away), said);
    assert.deepEqual((await jobOf(away)).mask, job.mask);
    // The springs too, bit for bit.
    const springs = (/** @type {string} */ hash) => new URLSearchParams(hash.slice(1)).get("springs");
    assert.ok(springs(link));
    assert.equal(springs(await linkOf(away)), springs(link));
    assert.deepEqual(others, []);
    await away.context().close();
  }
  assert.deepEqual(complaints, []);
});

test("what is too long for a link is to be saved as a job", async () => {
  const shapes = Array.from({ length: 60 }, (_, i) => ({
    ellipsoid: { centre: [i / 7, i / 11, 0], radii: [0.01, 0.01, 0.01] },
    name: `spot ${i}`,
  }));
  const { tab } = await openPage(browser, { hash: "#order=one-phonon" });
  const job = await jobOf(tab);
  job.mask.shapes = shapes;
  await drop(tab, { name: "job.json", content: JSON.stringify(job) });
  await waitForStatus(tab, /Ready/);
  await idle(tab);
  const before = tab.url();
  await press(tab, "Link");
  await waitForStatus(tab, /takes \d+ characters and a link has room for 2000: save the job instead/);
  assert.equal(tab.url(), before);
});

test("locked controls are shown and stay as they are, also those that come later", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: "#order=one-phonon&lock=T,examples,mask,constants,hands",
  });
  for (const id of ["temperature", "example", "bragg-radius"]) {
    const control = tab.locator(`#${id}`);
    assert.ok((await control.isVisible()) && (await control.isDisabled()), id);
  }
  assert.ok(await tab.locator("#lattice-a").isEnabled());
  await type(tab, "lattice-a", "3.53");
  await waitForStatus(tab, /Ready/);
  await idle(tab);
  // The rows of the constants and the sliders were made anew.
  for (const selector of ["#constants-body button", "#springs input", "#besides input", "#follow"]) {
    const all = tab.locator(selector);
    assert.ok((await all.count()) > 0, selector);
    assert.equal(
      await all.evaluateAll((list) => list.every((e) => /** @type {HTMLInputElement} */ (e).disabled)),
      true,
      selector,
    );
  }
  assert.equal((await jobOf(tab)).model.temperature, 298);
  assert.match(await linkOf(tab), /&lock=T,examples,mask,constants,hands$/);
  assert.deepEqual(await violations(tab), []);
  await tab.evaluate(() => {
    location.hash = location.hash.replace(/&lock=.*/, "");
  });
  await tab.locator("#temperature:enabled").waitFor();
  assert.ok(await tab.locator("#springs input").first().isEnabled());
  assert.ok(await tab.locator("#redo").isDisabled(), "what the page has disabled stays so");
  assert.deepEqual(complaints, []);
});

test("Play can be locked, whatever the fit does with it", async () => {
  const { tab } = await openPage(browser, { hash: "#order=one-phonon&lock=play" });
  assert.ok(await tab.locator("#play").isDisabled());
  await press(tab, "Step");
  await waitForState(tab, "stopped");
  assert.ok(await tab.locator("#play").isDisabled());
});

test("a teacher copies a lesson in which parts are hidden or locked", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=cu&order=one-phonon" });
  await tab
    .context()
    .grantPermissions(["clipboard-read", "clipboard-write"])
    .catch(() => {});
  const before = tab.url();
  await press(tab, "Copy as lesson …");
  const dialog = tab.getByRole("dialog", { name: "Copy as lesson" });
  await dialog.getByLabel("Truth", { exact: true }).selectOption("hidden");
  await dialog.getByLabel("Choice of measurement").selectOption("locked");
  await dialog.getByText("Single fields").click();
  await dialog.getByLabel("Temperature", { exact: true }).selectOption("locked");
  assert.deepEqual(
    await dialog.getByLabel("χ²/n and counts").locator("option").allTextContents(),
    ["shown", "hidden"],
    "nothing in it to lock",
  );
  const link = await dialog.getByLabel("Link to the lesson").inputValue();
  assert.match(link, /#example=cu&.*hide=truth&lock=examples,T$/);
  await dialog.getByRole("button", { name: "Copy link" }).click();
  await dialog.getByText("The link to this lesson is in the clipboard.").waitFor();
  assert.equal(await tab.evaluate(() => navigator.clipboard.readText()), link);
  assert.equal(tab.url(), before, "the teacher's page stays as it is");
  assert.deepEqual(await violations(tab), []);
  await tab.keyboard.press("Escape");
  assert.deepEqual(complaints, []);

  const { tab: lesson } = await openPage(browser, { hash: new URL(link).hash });
  assert.equal(await lesson.locator("#head-truth").isVisible(), false);
  assert.ok(await lesson.locator("#example").isDisabled());
  assert.ok(await lesson.locator("#temperature").isDisabled());
});

/** What is in sight. @param {Tab} tab @param {string[]} ids */
const visible = (tab, ids) => Promise.all(ids.map((id) => tab.locator(`#${id}`).isVisible()));

test("one part is shown alone, without header and settings, and leaves what is kept alone", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: "#embed=maps,play,pause&order=one-phonon",
    viewport: { width: 640, height: 480 },
  });
  assert.deepEqual(await visible(tab, ["map-data", "map-model", "map-residual", "play"]), [true, true, true, true]);
  assert.deepEqual(
    await visible(tab, ["open-data", "views", "settings", "constants", "hands", "step", "chart-dispersion", "status"]),
    Array(8).fill(false),
  );
  await press(tab, "Play");
  await waitForEnd(tab);
  const whole = tab.getByRole("link", { name: "Open in TDS Inversion" });
  assert.equal(await whole.getAttribute("href"), `${PAGE}#order=one-phonon`);
  assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  assert.deepEqual(await tab.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)), []);
  assert.deepEqual(await violations(tab), []);
  assert.deepEqual(complaints, []);
});

for (const [name, id, others] of /** @type {[string, string, string[]][]} */ ([
  ["map-model", "map-model", ["map-data", "map-residual", "play"]],
  ["dispersion", "chart-dispersion", ["map-data", "chart-convergence", "settings"]],
  ["crystal", "crystal", ["map-data", "views", "settings"]],
  ["snapshots", "snapshots", ["map-data", "views", "settings"]],
  ["lessons", "lessons", ["map-data", "views", "settings"]],
])) {
  test(`embed=${name} shows that alone`, async () => {
    for (const width of [390, 800]) {
      const { tab, complaints } = await openTab(browser, { viewport: { width, height: 600 } });
      await tab.goto(`${PAGE}#embed=${name}&order=one-phonon`);
      await tab.locator(`#${id}`).waitFor();
      await waitForState(tab, "ready");
      await tab.waitForTimeout(500);
      assert.deepEqual(await visible(tab, others), [false, false, false], name);
      // The whole page opens where the frame is.
      const whole = (await tab.locator("a.whole").getAttribute("href")) ?? "";
      const view = await tab.locator("#views a[aria-current]").getAttribute("data-view");
      assert.equal(new URLSearchParams(whole.split("#")[1]).get("view") ?? "fit", view);
      const box = await tab.locator(`#${id}`).boundingBox();
      assert.ok(box && box.width > 0.75 * width && box.y < 150, `${name}: ${JSON.stringify(box)}`);
      assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      assert.deepEqual(await violations(tab), []);
      assert.deepEqual(complaints, []);
      await tab.context().close();
    }
  });
}

test("nothing but the page itself can be asked or run", async () => {
  const { tab } = await openTab(browser);
  await tab.goto(PAGE);
  await waitForState(tab, "ready");
  /** @type {string[]} */
  const asked = [];
  tab.context().on("requestfailed", (request) => asked.push(request.failure()?.errorText ?? ""));
  // Parts of the page itself may still come.
  tab.context().on("requestfinished", (request) => {
    if (!request.url().startsWith(new URL("/", PAGE).href)) asked.push(request.url());
  });
  const refused = await tab.evaluate(async () => {
    const outcome = async (/** @type {() => unknown} */ action) => {
      try {
        await action();
        return "done";
      } catch {
        return "refused";
      }
    };
    const image = () =>
      new Promise((resolve, reject) => {
        const picture = new Image();
        picture.onload = resolve;
        picture.onerror = reject;
        picture.src = "http://127.0.0.1:9/x.png";
      });
    return [
      await outcome(() => fetch("http://127.0.0.1:9/")),
      // Out of the hands of the browser's tools, which may do more than a page.
      await outcome(
        () =>
          new Promise((resolve, reject) => {
            setTimeout(() => {
              try {
                resolve(new Function("return 1")());
              } catch (error) {
                reject(error);
              }
            });
          }),
      ),
      await outcome(() => import("data:text/javascript,1")),
      await outcome(image),
    ];
  });
  assert.deepEqual(refused, Array(4).fill("refused"));
  assert.deepEqual(asked, ["csp"], "the picture, which the browser did not ask for");
});
