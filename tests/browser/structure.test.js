import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ADDRESS, launch, notOfFile, openTab, PAGE } from "./chromium.js";
import { waitForState } from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const OF_FOLDERS = notOfFile(
  "the test asks modules of the page by their addresses and serves others, and one file has none",
);

test("the store tells each subscriber once what changed, in order, and nothing that stayed", OF_FOLDERS, async () => {
  const { tab, complaints } = await openTab(browser);
  await tab.goto(`${ADDRESS}/pkg/package.json`);
  const heard = await tab.evaluate(async () => {
    const { Store } = await import("/www/page/store.js");
    const store = new Store();
    /** @type {string[]} */
    const heard = [];
    store.subscribe(["T", "temperature", "plane"], (/** @type {Set<string>} */ changed) => {
      heard.push(`first ${[...changed].join()}`);
      if (changed.has("temperature")) store.change({ settings: { plane: "7" } });
    });
    const end = store.subscribe(["temperature", "plane", "open"], (/** @type {Set<string>} */ changed) => {
      heard.push(`second ${[...changed].join()}`);
    });
    store.change({ settings: { temperature: 298, plane: "0" } });
    store.change({ settings: { temperature: 300, colours: "viridis" }, ownJob: null });
    store.touch("open");
    end();
    store.change({ settings: { temperature: 301 } });
    return [...heard, store.settings.plane, store.settings.temperature];
  });
  assert.deepEqual(heard, [
    "first temperature,colours,ownJob",
    "second temperature,colours,ownJob",
    "first plane",
    "second plane",
    "second open",
    "first temperature",
    "7",
    301,
  ]);
  assert.deepEqual(complaints, []);
});

test("a view is a folder and a row in the registry", OF_FOLDERS, async () => {
  const { tab, complaints } = await openTab(browser, { viewport: { width: 1280, height: 900 } });
  const row = '{ id: "extra", title: "Extra", section: "extra", load: () => import("./extra/view.js") }';
  await tab.route("**/views/registry.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/\n\];/, `\n  ${row},\n];`) });
  });
  const view = `export const create = ({ section, store }) => ({
    show: async () => section.append(store.state.open.opened.description.crystal.title),
    hide: () => section.replaceChildren(), refresh: async () => {}, redraw: () => {},
  });`;
  await tab.route("**/views/extra/view.js", (route) => route.fulfill({ contentType: "text/javascript", body: view }));
  await tab.goto(`${PAGE}#order=one-phonon`);
  await waitForState(tab, "ready");
  await tab.getByRole("link", { name: "Extra" }).click();
  await tab.waitForFunction(() => document.getElementById("extra")?.textContent === "Ni");
  assert.ok(await tab.locator("#extra").isVisible());
  assert.equal(await tab.locator(".desk").isVisible(), false);
  assert.equal(new URL(tab.url()).hash, "#order=one-phonon&view=extra");
  await tab.getByRole("link", { name: "Fit", exact: true }).click();
  await tab.locator(".desk").waitFor();
  assert.equal(await tab.locator("#extra").isVisible(), false);
  assert.deepEqual(complaints, []);
});
