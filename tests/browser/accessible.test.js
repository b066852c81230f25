// The rules of axe-core (WCAG 2.2 A and AA, and its best practices) over every view and dialog, light and dark, wide and narrow;
// with TDS_PICTURES, a picture of each in the folder of that name.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { violations } from "./axe.js";
import { launch } from "./chromium.js";
import { keepPicture, openPage, press, waitForEnd } from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** @param {string} name */
const view = (name) => async (/** @type {Tab} */ tab) => {
  await tab.getByRole("link", { name, exact: true }).click();
  // A view has what it draws once it no longer says that it is busy.
  await tab.waitForTimeout(2500);
};

/** @type {[string, (tab: Tab) => Promise<void>][]} */
const STATES = [
  ["fit, before", async () => {}],
  [
    "fit, a pixel pressed",
    async (tab) => {
      await tab.getByRole("application", { name: /^Model/ }).focus();
      await tab.keyboard.press("Shift+ArrowRight");
      await tab.keyboard.press("Shift+ArrowUp");
      await tab.keyboard.press("Enter");
      await tab.locator("#parts").waitFor();
    },
  ],
  [
    "fit, a cut and the colour range",
    async (tab) => {
      for (const key of ["c", "Shift+ArrowRight", "Shift+ArrowUp", "Enter"]) await tab.keyboard.press(key);
      await tab.locator("#cut-to").fill("nowhere");
      await tab.keyboard.press("Tab");
      await tab.locator("#levels summary").click();
      await press(tab, "Polygon");
    },
  ],
  [
    "fit, a profile and one map alone",
    async (tab) => {
      await press(tab, "Profile");
      await tab.getByRole("application", { name: /^Model:/ }).focus();
      await tab.keyboard.press("Enter");
      await press(tab, "Model alone");
      await tab.locator("#profile-centre").waitFor();
    },
  ],
  [
    "fit, after",
    async (tab) => {
      await press(tab, "Model alone");
      await press(tab, "Play");
      await waitForEnd(tab);
    },
  ],
  [
    "path and density of states",
    async (tab) => {
      await press(tab, "Path …");
      await tab.getByText("By name (Γ, X, L, W, K, U)").waitFor();
      await tab.getByRole("checkbox", { name: "Density of states" }).check();
      await tab.getByText(/^Density of states by tetrahedra/).waitFor({ timeout: 60_000 });
    },
  ],
  [
    "constraints",
    async (tab) => {
      await tab.locator("#constants-body button").first().click();
      await tab.getByRole("dialog").waitFor();
    },
  ],
  [
    "known besides",
    async (tab) => {
      await tab.keyboard.press("Escape");
      await press(tab, "Known besides …");
      await tab.getByRole("dialog").waitFor();
    },
  ],
  [
    "pictures and tables",
    async (tab) => {
      await tab.keyboard.press("Escape");
      await press(tab, "Pictures and tables …");
      await tab.locator("#export-dialog").getByRole("button", { name: "Constants, CSV" }).click();
      await tab.locator("#export-status", { hasText: "Saved" }).waitFor();
    },
  ],
  [
    "help",
    async (tab) => {
      await tab.keyboard.press("Escape");
      await press(tab, "Help");
      await tab.getByRole("dialog").waitFor();
    },
  ],
  [
    "crystal",
    async (tab) => {
      await tab.keyboard.press("Escape");
      await view("Crystal")(tab);
    },
  ],
  ["atoms in motion", view("Atoms in motion")],
  ["three methods", view("Three methods")],
  ["compare and plan", view("Compare and plan")],
  ["lessons", view("Lessons")],
];

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1280, 390]) {
    test(`no rule is broken in any view: ${colorScheme}, ${width} px`, async () => {
      const { tab, complaints } = await openPage(browser, {
        hash: "#order=one-phonon&start=ni_676",
        viewport: { width, height: 900 },
        colorScheme,
        reducedMotion: "reduce",
      });
      const broken = [];
      for (const [name, reach] of STATES) {
        await reach(tab);
        broken.push(...(await violations(tab)).map((line) => `${name}: ${line}`));
        await keepPicture(tab, `${name}-${width}-${colorScheme}`);
      }
      assert.deepEqual(broken, []);
      assert.deepEqual(complaints, []);
    });
  }
}
