// A large volume in the page: how long to the first slices, how much memory, how long to the end of a fit. Run by
// `cargo xtask large-volume`, which makes the volume, serves the checkout and gives its address.

import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { launch } from "../browser/chromium.js";
import { dropPaths, idle, jobOf, openPage, press, save, waitForState } from "../browser/page.js";

const [path = ""] = process.argv.slice(2);
const MINUTES = 60_000;

const browser = await launch();
const session = await browser.newBrowserCDPSession();
const { processInfo } = await session.send("SystemInfo.getProcessInfo");
const root = processInfo.find(({ type }) => type === "browser")?.id ?? 0;

/** MB that the processes of the browser hold, shared pages in part; NaN where the system does not say. */
function held() {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  try {
    for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, "utf8"))?.[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    }
  } catch {
    // A process may end meanwhile.
  }
  /** @param {number} id @returns {number} */
  const of = (id) => {
    let own = NaN;
    try {
      own = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8"))?.[1]) / 1e3;
    } catch {
      return 0;
    }
    return (children.get(id) ?? []).reduce((sum, child) => sum + of(child), own);
  };
  return of(root);
}

let peak = 0;
const watch = setInterval(() => {
  peak = Math.max(peak, held());
}, 200);

const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon&start=springs&statistics=classical" });
await idle(tab);
const before = held();
peak = before;

let start = performance.now();
const lap = () => {
  const now = performance.now();
  const seconds = (now - start) / 1e3;
  start = now;
  return seconds.toFixed(1);
};
/** @param {string} what */
const tell = (what) => {
  console.log(`${what}; at most ${Math.round(peak)} MB held, ${Math.round(before)} before`);
  peak = held();
};

await dropPaths(tab, path);
await tab.waitForFunction(() => document.querySelector("#volume-readout") !== null, null, { timeout: 10 * MINUTES });
await tab.locator('canvas[aria-label^="Slice three:"]').waitFor({ timeout: 10 * MINUTES });
await tab.locator("#volume-choice:not([hidden])").waitFor({ timeout: 10 * MINUTES });
tell(`${basename(path)}: first slices after ${lap()} s`);

// What the page proposes where it cannot take everything.
console.log(await tab.locator("#volume-count").innerText());
const stride = tab.getByLabel("Every n-th voxel");
for (let n = 2; (await tab.locator("#volume-use").isDisabled()) && n < 20; n++) await stride.fill(String(n));
lap();
await tab.locator("#volume-use:not([disabled])").click();
await tab.waitForFunction(() => !document.querySelector("dialog[open]"), null, { timeout: 10 * MINUTES });
await tab.locator("#maps:not([aria-busy])").waitFor({ state: "attached", timeout: 10 * MINUTES });
await waitForState(tab, "ready");
const [entry] = (await jobOf(tab)).data;
tell(`taken after ${lap()} s: ${JSON.stringify(entry)}`);
lap();
await press(tab, "Play");
await tab.waitForFunction(
  () => ["converged", "stopped", "failed"].includes(document.documentElement.dataset.state ?? ""),
  null,
  { timeout: 30 * MINUTES },
);
const seconds = lap();
const result = JSON.parse((await save(tab, "Save result")).text);
tell(`fitted after ${seconds} s: ${result.n_data} data, ${await tab.locator("html").getAttribute("data-state")}`);
if (complaints.length > 0) console.log(complaints.join("\n"));
clearInterval(watch);
await browser.close();
