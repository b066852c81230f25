// The page as `cargo xtask dist` puts it into a folder: after one visit it needs no network, and a new version is told.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { violations } from "./axe.js";
import { launch, openTab } from "./chromium.js";
import { drop, FIXTURES, idle, openPage, press, statusOf, waitForState } from "./page.js";
import { serve, SITE } from "./site.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
let folder = "";
/** @type {Awaited<ReturnType<typeof serve>>} */
let site;
before(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "tds-site-"));
  await cp(SITE, folder, { recursive: true });
  site = await serve(folder);
});
after(async () => {
  await browser.close();
  site.end();
  await rm(folder, { recursive: true });
});

/** The site in a tab. */
async function open() {
  const opened = await openTab(browser, { viewport: { width: 1280, height: 900 }, home: site.address });
  await opened.tab.goto(site.address);
  await waitForState(opened.tab, "ready");
  return opened;
}

/** Waits until the whole page is in the browser. @param {Tab} tab */
const kept = (tab) => tab.locator("#kept-offline:not([hidden])").waitFor({ state: "attached", timeout: 30_000 });

/** Changes a style of the site, and the list of it. @param {string} by */
async function release(by) {
  const [style, worker] = [join(folder, "www/style.css"), join(folder, "sw.js")];
  const before = await readFile(style);
  const next = Buffer.concat([before, Buffer.from(by)]);
  const digest = (/** @type {Buffer} */ bytes) => createHash("sha256").update(bytes).digest("hex");
  const list = await readFile(worker, "utf8");
  assert.ok(list.includes(digest(before)), "the list has every file");
  await writeFile(style, next);
  await writeFile(worker, list.replace(digest(before), digest(next)));
}

test("after one visit every view, example, dialog and package works without a network", async () => {
  const { tab, complaints } = await open();
  await kept(tab);
  await tab.context().setOffline(true);

  // What was not needed yet: another package, workers, views, dialogs.
  await press(tab, "Step");
  await tab.waitForFunction(() => document.querySelector("#fig-iterations")?.textContent === "1");
  await tab.locator("#constants-body button").first().click();
  await tab.locator("#constraint-dialog[open]").waitFor();
  await tab.keyboard.press("Escape");
  await press(tab, "Known besides …");
  await tab.locator("#known-dialog[open]").waitFor();
  await tab.keyboard.press("Escape");
  await press(tab, "Copy as lesson …");
  await tab.locator("#lesson-dialog[open]").waitFor();
  await tab.keyboard.press("Escape");

  await tab.reload();
  await waitForState(tab, "ready", "stopped", "converged");
  for (const name of await tab.locator("#views a").allTextContents()) {
    await tab.getByRole("link", { name, exact: true }).click();
    await tab.locator(`#views a[aria-current=page]:text-is("${name}")`).waitFor();
    await tab.waitForTimeout(700);
    assert.doesNotMatch(await tab.locator("main").innerText(), /did not load|no answer from the server/, name);
  }
  await tab.getByRole("link", { name: "Atoms in motion", exact: true }).click();
  await tab.waitForFunction(() => Number(document.querySelector("#snap-count")?.textContent) > 0, null, {
    timeout: 60_000,
  });
  await tab.getByRole("link", { name: "Fit", exact: true }).click();
  const examples = await tab
    .locator("#example option")
    .evaluateAll((all) => all.map((o) => /** @type {HTMLOptionElement} */ (o).value));
  assert.ok(examples.length > 10, `${examples.length} examples`);
  for (const id of examples) {
    const response = await tab.evaluate(async (id) => {
      const select = /** @type {HTMLSelectElement} */ (document.querySelector("#example"));
      select.value = id;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      return select.value;
    }, id);
    assert.equal(response, id);
    await tab.waitForTimeout(100);
    await idle(tab);
    assert.doesNotMatch(await statusOf(tab), /no answer|did not load/, id);
  }
  const volume = await readFile(new URL("formats/yell_1.0.h5", FIXTURES));
  await drop(tab, { name: "yell_1.0.h5", content: volume });
  await tab.locator("dialog.volume[open]").waitFor({ timeout: 30_000 });
  await tab.keyboard.press("Escape");
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

test("a new version is told and waits until it is asked for; then it is whole, and the old one gone", async () => {
  const { tab, complaints } = await open();
  await kept(tab);
  await press(tab, "Step");
  await tab.waitForFunction(() => document.querySelector("#fig-iterations")?.textContent === "1");
  await release("\n:root { --released: yes; }\n");
  const released = () =>
    tab.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--released").trim());
  await tab.evaluate(async () => {
    await (await navigator.serviceWorker.ready).update();
  });
  const notice = tab.getByRole("complementary", { name: "New version" });
  await notice.getByText("A new version of this page is there.").waitFor({ timeout: 30_000 });
  assert.deepEqual(await violations(tab), []);
  // Nothing has changed meanwhile: neither what runs, nor what is loaded later.
  assert.equal(await released(), "");
  const style = () => tab.evaluate(async () => (await (await fetch("www/style.css")).text()).includes("--released"));
  assert.equal(await style(), false);

  // Another tab would be changed with it.
  const other = await tab.context().newPage();
  await other.goto(site.address);
  await waitForState(other, "ready");
  await notice.getByRole("button", { name: "Reload" }).click();
  await notice.getByText("Other tabs or frames show this page").waitFor();
  await other.close();

  const loaded = tab.waitForEvent("load");
  await notice.getByRole("button", { name: "Reload" }).click();
  await loaded;
  await tab.waitForFunction(() => document.querySelector("#fig-iterations")?.textContent !== "–");
  assert.equal(await released(), "yes");
  assert.equal(await style(), true);
  const old = await tab.evaluate(async () => {
    const names = await caches.keys();
    const keys = await (await caches.open(names[0] ?? "")).keys();
    return { names: names.length, styles: keys.filter(({ url }) => url.includes("/www/style.css")).length };
  });
  assert.deepEqual(old, { names: 1, styles: 1 });
  await tab.context().setOffline(true);
  await tab.reload();
  await waitForState(tab, "ready", "stopped", "converged");
  assert.deepEqual(complaints, []);
  await tab.context().close();
});

test("a version whose files do not all match is not taken", async () => {
  const { tab } = await open();
  await kept(tab);
  await release("\n/* another */\n");
  await writeFile(join(folder, "www/style.css"), ":root { --broken: yes; }");
  const state = await tab.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const worker = registration.installing;
    if (!worker) return "no worker";
    await new Promise((resolve) => {
      worker.addEventListener("statechange", () => resolve(null));
    });
    return worker.state;
  });
  assert.equal(state, "redundant");
  assert.equal(await tab.getByRole("complementary", { name: "New version" }).count(), 0);
  await tab.reload();
  await waitForState(tab, "ready");
  assert.equal(await tab.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--broken")), "");
  await tab.context().close();
});

test("in the checkout no worker stands between a developer and the files", async () => {
  const { tab, complaints } = await openPage(browser);
  assert.equal(await tab.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  assert.deepEqual(complaints, []);
});
