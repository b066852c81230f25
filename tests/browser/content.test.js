import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";

import { IS_FILE, launch, notOfFile, openTab, PAGE } from "./chromium.js";
import { openPage, press, statusOf, waitForState, waitForStatus } from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("Help opens at its beginning, says who made it, and its links leave the settings alone", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#cutoff=4.5" });
  await press(tab, "Help");
  const dialog = tab.getByRole("dialog");
  assert.equal(await dialog.evaluate((e) => e.scrollTop), 0);
  assert.ok(await dialog.getByRole("heading", { name: "What you are looking at" }).isVisible());
  assert.ok(await dialog.getByText("Atoms shake.").isVisible());
  await dialog.getByRole("link", { name: "About" }).click();
  await tab.waitForFunction(() => (document.querySelector("dialog")?.scrollTop ?? 0) > 100);
  const about = await dialog.innerText();
  const { version } = JSON.parse(await readFile(new URL("../../pkg/package.json", import.meta.url), "utf8"));
  assert.match(about, new RegExp(`TDS Inversion ${version.replaceAll(".", "\\.")}`));
  assert.match(about, /Suchan, Mohanty, Zhai, Cai \(2026\), arXiv:2603\.28683/);
  assert.match(about, /To cite/);
  assert.match(about, /MIT or Apache-2\.0/);
  assert.equal(new URL(tab.url()).hash, "#cutoff=4.5");
  assert.equal(await tab.getByLabel("Cutoff").inputValue(), "4.5");
  await dialog.getByRole("button", { name: "Close" }).click();
  assert.equal(await dialog.isVisible(), false);
  assert.deepEqual(complaints, []);
});

/** Names that the Help gives for `hide=`. @param {import('playwright-core').Page} tab */
async function names(tab) {
  return tab.locator(".names td code").allTextContents();
}

test("every name that the Help gives hides something, and Link keeps it", async () => {
  const { tab, complaints } = await openPage(browser);
  const all = await names(tab);
  assert.ok(all.length > 40, `${all}`);
  const inSight = () => tab.evaluate(() => document.querySelectorAll(".stripped").length);
  for (const name of all) {
    await tab.evaluate((name) => {
      location.hash = `hide=${name}`;
    }, name);
    await tab.waitForFunction((name) => location.hash === `#hide=${name}`, name);
    await tab.waitForFunction(() => document.querySelectorAll(".stripped").length > 0);
  }
  await tab.evaluate(() => {
    location.hash = "hide=nonsense";
  });
  await tab.waitForFunction(() => document.querySelectorAll(".stripped").length === 0);
  assert.equal(await inSight(), 0);
  await waitForState(tab, "ready");
  await tab.evaluate(() => {
    location.hash = "hide=truth,elastic,save";
  });
  await tab.waitForFunction(() => document.querySelectorAll(".stripped").length > 0);
  await waitForState(tab, "ready");
  await press(tab, "Link");
  await waitForStatus(tab, /link/i);
  assert.equal(new URL(tab.url()).hash, "#hide=truth,elastic,save");
  assert.deepEqual(complaints, []);
});

test("no heading stays without what it heads", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: "#hide=examples,crystal,model,mask,background,constants,elastic,export,figures,verdict,dispersion,convergence,save,open,lede",
  });
  for (const heading of ["Given", "Learned", "Force constants", "Dispersion", "Model", "Crystal"]) {
    assert.equal(
      await tab.getByText(heading, { exact: true }).filter({ visible: true }).count(),
      // A map and a view have these names.
      heading === "Model" || heading === "Crystal" ? 1 : 0,
      heading,
    );
  }
  const box = await tab.locator(".seen").boundingBox();
  assert.ok(box && box.width > 1100, "the maps take the room");
  for (const name of ["Open data", "Save result", "Save job"]) {
    assert.equal(await tab.getByRole("button", { name }).isVisible(), false, name);
  }
  assert.ok(await tab.getByRole("button", { name: "Play", exact: true }).isVisible());

  const fields = await openPage(browser, { hash: "#hide=bragg,qmin,qmax" });
  assert.equal(await fields.tab.getByText("Left out", { exact: true }).isVisible(), false);
  assert.deepEqual([...complaints, ...fields.complaints], []);
});

test("on paper nothing is fixed, cut or left out", async () => {
  for (const options of /** @type {const} */ ([
    {},
    { viewport: { width: 390, height: 740 } },
    { colorScheme: "dark" },
  ])) {
    const { tab, complaints } = await openPage(browser, { ...options, hash: "#order=one-phonon" });
    await press(tab, "Play");
    await waitForState(tab, "converged", "stopped");
    // Chromium tells the page of printing as it does for a person.
    const pages = (await tab.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g) ?? [];
    assert.ok(pages.length >= 1 && pages.length <= 4, `${pages.length} pages`);
    await tab.emulateMedia({ media: "print" });
    await tab.setViewportSize({ width: 680, height: 960 });
    const found = await tab.evaluate(() => {
      const shown = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility());
      const fixed = shown
        .filter((e) => ["fixed", "sticky"].includes(getComputedStyle(e).position))
        .map((e) => e.className);
      const wide = shown.filter((e) => e.getBoundingClientRect().right > 681).map((e) => `${e.tagName} ${e.id}`);
      const rows = [...document.querySelectorAll("#constants-body tr")].filter((e) => e.checkVisibility()).length;
      const maps = [...document.querySelectorAll(".maps .map canvas")].map((e) => {
        const canvas = /** @type {HTMLCanvasElement} */ (e);
        const box = canvas.getBoundingClientRect();
        return box.height / box.width / (canvas.height / canvas.width);
      });
      const scrolls = shown
        .filter(
          (e) => e.scrollHeight > e.clientHeight + 2 && ["auto", "scroll"].includes(getComputedStyle(e).overflowY),
        )
        .map((e) => e.className);
      return {
        fixed,
        wide,
        rows,
        maps,
        scrolls,
        paper: getComputedStyle(document.documentElement).getPropertyValue("--ink").trim(),
      };
    });
    assert.deepEqual(found.fixed, []);
    assert.deepEqual(found.wide, []);
    assert.deepEqual(found.scrolls, []);
    assert.equal(found.rows, 16);
    for (const ratio of found.maps) assert.ok(Math.abs(ratio - 1) < 0.03, `a map is drawn ${ratio} times too high`);
    assert.equal(found.paper, "#1b1d20", "ink is dark on paper");
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
});

test("a server that says more of wasm than its type does not stop the page", async () => {
  for (const type of ["application/wasm; charset=utf-8", "application/octet-stream", "Application/WASM"]) {
    const { tab, complaints } = await openTab(browser);
    await tab.route("**/*.wasm", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), "content-type": type } });
    });
    await tab.goto(PAGE);
    await waitForState(tab, "ready");
    assert.deepEqual(complaints, [], type);
    await tab.context().close();
  }
});

test("opened from a disk the page says what to do instead of loading for ever", async () => {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.goto(`file://${fileURLToPath(new URL("../../www/index.html", import.meta.url))}`);
  await waitForState(tab, "failed");
  assert.match(await statusOf(tab), /opened from a disk.*cargo xtask serve/);
  await context.close();
});

test("without scripts, and without a module, the page says so where it is seen", async () => {
  const without = await browser.newContext({ javaScriptEnabled: false });
  const still = await without.newPage();
  await still.goto(PAGE);
  const box = await still.locator("noscript p").boundingBox();
  assert.ok(box && box.y < 200, "above the fold");
  await without.close();

  // One file comes whole or not at all; single-file.test.js damages it.
  if (IS_FILE) return;
  const { tab } = await openTab(browser);
  await tab.route("**/page/page.js", (route) => route.abort());
  await tab.goto(PAGE);
  await waitForState(tab, "failed");
  assert.match(await statusOf(tab), /part of the page did not load/);
});

const NOTHING_LATER = notOfFile("one file loads nothing later");

test(
  "what failed to load offline is told in words, and works again when the network is back",
  NOTHING_LATER,
  async () => {
    const { tab } = await openPage(browser, { hash: "#order=one-phonon" });
    await tab.context().setOffline(true);
    await tab.getByRole("link", { name: "Atoms in motion" }).click();
    await waitForStatus(tab, /This view did not load: there is no answer from the server/);
    assert.ok(await tab.getByRole("table", { name: "Force constants" }).isVisible(), "the fit is still there");
    await tab.getByLabel("Measurement").selectOption("cu");
    await waitForStatus(tab, /cu\.json: no answer from the server.*try again when the network is back/);
    assert.equal(await tab.getByLabel("Measurement").inputValue(), "all");
    await tab.context().setOffline(false);
    await tab.getByRole("link", { name: "Atoms in motion" }).click();
    await tab.getByRole("heading", { name: "Atoms in motion" }).waitFor();
    await tab.waitForFunction(() => Number(document.querySelector("#snap-count")?.textContent) > 0);
    await tab.getByRole("link", { name: "Fit", exact: true }).click();
    await tab.getByLabel("Measurement").selectOption("cu");
    await waitForStatus(tab, /over 5.002 data/);
  },
);

test("every field says in one sentence what it is, on hover and on focus, inside the window, and Escape ends it", async () => {
  for (const viewport of [
    { width: 1280, height: 900 },
    { width: 390, height: 844 },
  ]) {
    const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon", viewport });
    const mute = await tab.$$eval(
      "#settings .field input:not([type=checkbox]), #settings .field select, #view .field select",
      (fields) =>
        fields
          .filter((field) => field.checkVisibility() && !field.getAttribute("aria-description"))
          .map((field) => field.id),
    );
    assert.deepEqual(mute, []);
    const sentence = tab.getByRole("tooltip");
    assert.equal(await sentence.count(), 0);
    const inside = async () => {
      const box = await sentence.boundingBox();
      assert.ok(box && box.x >= 0 && box.y >= 0, JSON.stringify(box));
      assert.ok(box.x + box.width <= viewport.width && box.y + box.height <= viewport.height, JSON.stringify(box));
    };
    for (const [label, words] of [
      ["Cutoff Å", /Bonds longer than this/],
      ["Noise", /robust/],
    ]) {
      await tab.getByLabel(String(label), { exact: true }).focus();
      await tab.keyboard.press("Shift+Tab");
      await tab.keyboard.press("Tab");
      await sentence.waitFor();
      assert.match(await sentence.innerText(), /** @type {RegExp} */ (words));
      await inside();
      // What scrolls takes its sentence along, as the focus itself does that brings a field into the window.
      const scrolled = (/** @type {number} */ by) =>
        tab.evaluate((by) => {
          for (let e = document.activeElement; e; e = e.parentElement) e.scrollBy({ top: by, behavior: "instant" });
          return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        }, by);
      for (const by of [12, -12]) {
        await scrolled(by);
        await inside();
        const [field, beside] = [await tab.locator(":focus").boundingBox(), await sentence.boundingBox()];
        assert.ok(field && beside && beside.y < field.y + field.height + 40 && beside.y + beside.height > field.y - 60);
      }
      await tab.keyboard.press("Escape");
      assert.equal(await sentence.count(), 0);
    }
    if (viewport.width > 1000) {
      await tab.getByLabel("Cutoff Å", { exact: true }).click();
      assert.equal(await sentence.count(), 0, "a mouse that presses is not told");
      await tab.getByText("χ²/n", { exact: true }).first().hover();
      await sentence.waitFor();
      assert.match(await sentence.innerText(), /Mean square of the residual/);
      await inside();
      await tab.getByRole("heading", { name: "TDS Inversion" }).hover();
      await sentence.waitFor({ state: "hidden" });
    }
    assert.deepEqual(complaints, []);
    await tab.context().close();
  }
});
