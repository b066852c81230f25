// How soon a hand is answered: a spring of the page is dragged to 200 random places by the mouse, one after the other, and each is
// timed from the browser's input event to the maps with the model of that place. TDS_ADDRESS is where the checkout is served,
// CHROMIUM the browser; DRAGS says how often, CASE which crystal alone.

import { readFileSync } from "node:fs";
import { loadavg } from "node:os";

import { launch } from "../browser/chromium.js";
import { openFiles, openPage, waitForState } from "../browser/page.js";

/** @typedef {import('playwright-core').Page} Tab */
/** @typedef {{name: string, content: string | Buffer}} File */

const DRAGS = Number(process.env.DRAGS ?? 200);

/** @param {string} name */
const fixture = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** A plane as a table: n rows along each axis from −4 to 4, the first one off the end by a part of their distance. @param {number} n */
function table(n, off = 0.31) {
  const at = (/** @type {number} */ i) => (8 * (i + off)) / n - 4;
  const rows = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) rows.push(`${at(i).toFixed(5)},${at(j).toFixed(5)},0.4,${80 + ((i * 7 + j * 3) % 41)},9`);
  }
  return `h,k,l,intensity,sigma\n${rows.join("\n")}\n`;
}

const ideal = { file: "a.csv", ideal: true };
const nickel = {
  crystal: { prototype: "fcc", element: "Ni", a: 3.52 },
  force_constants: { cutoff: 5.7, start: { library: "ni_676" } },
  model: { order: "one-phonon", temperature: 298 },
  data: [ideal],
  nuisance: { background: ["constant", "q2"] },
};
const zinc = {
  crystal: { file: "phonopy.yaml" },
  force_constants: { cutoff: 4, start: { springs: { 1: 8, 2: 8, 3: 2, 4: 2 } } },
  model: { order: "one-phonon", temperature: 300 },
  data: [ideal],
};
const job = (/** @type {object} */ content) => ({ name: "job.json", content: JSON.stringify(content) });

/** Links and files of what is opened. @type {Record<string, {hash?: string, files?: File[], rows?: number}>} */
const CASES = {
  "nickel, the example": { hash: "#order=one-phonon&start=ni_676" },
  "nickel, all orders": { hash: "#start=ni_676" },
  "nickel, 256 × 256, all orders": {
    files: [job({ ...nickel, model: { ...nickel.model, order: "all-order" } }), { name: "a.csv", content: table(256, 0) }],
    rows: 256 ** 2,
  },
  "nickel, 256 × 256": { files: [job(nickel), { name: "a.csv", content: table(256) }], rows: 256 ** 2 },
  "ZnO, 100 × 100": {
    rows: 100 ** 2,
    files: [
      job(zinc),
      { name: "a.csv", content: table(100) },
      { name: "phonopy.yaml", content: fixture("ZnO/phonopy.yaml") },
    ],
  },
};

/** Numbers that look random and are the same each time. @param {number} seed */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Milliseconds from the input event: until the maps are drawn, and until the frame with them is done.
 * @param {Tab} tab
 */
async function drag(tab) {
  // The sliders of many constants are folded away.
  await tab.locator("#hands:not([open]) > summary").click({ timeout: 100 }).catch(() => {});
  const largest = await tab.locator("#springs input[type=range]").evaluateAll((all) => {
    const sizes = all.map((knob) => (/** @type {HTMLInputElement} */ (knob).disabled ? 0 : Math.abs(/** @type {HTMLInputElement} */ (knob).valueAsNumber)));
    return sizes.indexOf(Math.max(...sizes));
  });
  const knob = tab.locator("#springs input[type=range]").nth(largest);
  await knob.scrollIntoViewIfNeeded();
  const box = await knob.boundingBox();
  if (!box) throw new Error("no slider is in sight");
  await tab.evaluate(() => {
    const figure = /** @type {HTMLElement} */ (document.querySelector("#hands-chi2"));
    let begun = 0;
    document.addEventListener("input", (event) => {
      begun = event.timeStamp;
    }, true);
    // Written once the maps are drawn.
    new MutationObserver(() => {
      const [from, drawn] = [begun, performance.now()];
      if (from === 0) return;
      begun = 0;
      requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => /** @type {any} */ (window).times.push({ drawn: drawn - from, done: performance.now() - from });
        after.port2.postMessage(0);
      });
    }).observe(figure, { childList: true, characterData: true, subtree: true });
    Object.assign(window, { times: [] });
  });
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await tab.mouse.move(x, y);
  await tab.mouse.down();
  // Once it has stood still the page knows how long all orders take.
  await tab.mouse.move(x + 3, y);
  await tab.waitForTimeout(350);
  await tab.evaluate(() => Object.assign(window, { times: [] }));
  const next = random(7);
  for (let i = 0; i < DRAGS; i++) {
    // Neither of the ends, where a crystal may be unstable, nor the place where it is.
    await tab.mouse.move(x + box.width * 0.2 * (next() - 0.5) + (i % 2 ? 2 : -2), y);
    await tab.waitForFunction((n) => /** @type {any} */ (window).times.length > n, i, { timeout: 5000 });
    await tab.waitForTimeout(5 + 30 * next());
  }
  const times = await tab.evaluate(() => /** @type {any} */ (window).times);
  await tab.mouse.up();
  return /** @type {{drawn: number, done: number}[]} */ (times);
}

/** @param {number[]} values @param {number} part */
const quantile = (values, part) => values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? NaN;
/** @param {number[]} values */
const words = (values) => `${quantile(values, 0.5).toFixed(1)} / ${quantile(values, 0.95).toFixed(1)}`;

const browser = await launch();
for (const [name, { hash = "", files, rows }] of Object.entries(CASES)) {
  if (process.env.CASE && !name.includes(process.env.CASE)) continue;
  const { tab, complaints } = await openPage(browser, { hash });
  if (files) {
    await openFiles(tab, ...files);
    await tab.waitForFunction((n) => document.querySelector("#fig-data")?.textContent?.replaceAll(/\D/g, "") === n, String(rows));
    await waitForState(tab, "ready");
  }
  await tab.waitForTimeout(1500);
  const times = await drag(tab);
  const [drawn, done] = [times.map((t) => t.drawn), times.map((t) => t.done)];
  console.log(
    `${name}: median / 95 % of ${times.length} drags: maps drawn after ${words(drawn)} ms, frame done after ${words(done)} ms; load ${loadavg()[0]?.toFixed(1)}`,
  );
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await tab.context().close();
}
await browser.close();
