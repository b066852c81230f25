// Sliding, fitting, scrubbing, looking at pixels and views, for as long as MINUTES says (one without it; `cargo xtask endurance`
// takes an hour): what the page and its workers hold grows by less than a tenth.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { openPage, press, waitForEnd, waitForState } from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */
/** @typedef {import('playwright-core').CDPSession} Session */

const MINUTES = Number(process.env.MINUTES ?? 1);
/** Rounds until everything that is loaded when needed is loaded, and every buffer has its size. */
const WARM = 3;

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Asks the page's workers, which the session does not reach itself. @param {Session} session */
async function workersOf(session) {
  /** @type {Map<string, string>} */
  const alive = new Map();
  /** @type {Map<string, (result: any) => void>} */
  const waiting = new Map();
  let last = 0;
  session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
    if (targetInfo.type === "worker") alive.set(sessionId, targetInfo.url);
  });
  session.on("Target.detachedFromTarget", ({ sessionId }) => alive.delete(sessionId));
  session.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
    const { id, result } = JSON.parse(message);
    waiting.get(`${sessionId} ${id}`)?.(result);
  });
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  return {
    /** @param {string} method @returns {Promise<any[]>} One answer of each worker. */
    ask: (method) =>
      Promise.all(
        [...alive.keys()].map((sessionId) => {
          const id = ++last;
          const answer = new Promise((resolve) => waiting.set(`${sessionId} ${id}`, resolve));
          session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method }) });
          return answer;
        }),
      ),
  };
}

/** What is in use once all garbage is gone, bytes. @param {Session} session @param {Awaited<ReturnType<typeof workersOf>>} workers */
async function heap(session, workers) {
  for (let i = 0; i < 2; i++) {
    await session.send("HeapProfiler.collectGarbage");
    await workers.ask("HeapProfiler.collectGarbage");
  }
  const all = [await session.send("Runtime.getHeapUsage"), ...(await workers.ask("Runtime.getHeapUsage"))];
  const bytes = (/** @type {any} */ { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 }) =>
    usedSize + embedderHeapUsedSize + backingStorageSize;
  return { page: bytes(all[0]), workers: all.slice(1).reduce((sum, one) => sum + bytes(one), 0), n: all.length - 1 };
}

/** One round of what a person does. @param {Tab} tab @param {number} round */
async function play(tab, round) {
  const knobs = tab.locator("#springs input[type=range]");
  const n = await knobs.count();
  for (let i = 0; i < 4; i++) {
    const knob = knobs.nth((round + i) % Math.min(n, 8));
    await knob.scrollIntoViewIfNeeded();
    const box = await knob.boundingBox();
    assert.ok(box);
    const y = box.y + box.height / 2;
    await tab.mouse.move(box.x + box.width / 2, y);
    await tab.mouse.down();
    await tab.mouse.move(box.x + (0.45 + 0.02 * ((round + i) % 6)) * box.width, y, { steps: 15 });
    await tab.mouse.up();
    await tab.waitForTimeout(60);
  }
  await tab.waitForTimeout(600);
  await press(tab, "Play");
  await waitForEnd(tab);
  const course = tab.getByRole("slider", { name: "Course" });
  await course.focus();
  for (const key of ["Home", "ArrowRight", "ArrowRight", "End"]) await tab.keyboard.press(key);
  await tab.getByRole("application", { name: /^Data/ }).focus();
  for (const key of ["Shift+ArrowRight", "Shift+ArrowUp", "Enter", "+", "-", "0"]) await tab.keyboard.press(key);
  await tab.locator("#parts").waitFor();
  await tab.getByRole("button", { name: "Which pixels know 1XX?" }).click();
  await tab.getByRole("button", { name: "Which pixels know 1XX?" }).click();
  await tab.locator("#temperature").fill(String(290 + (round % 10)));
  await tab.keyboard.press("Enter");
  await tab.waitForTimeout(300);
  await waitForState(tab, "ready", "converged", "stopped");
  await tab.getByRole("link", { name: "Crystal", exact: true }).click();
  await tab.waitForTimeout(1000);
  await tab.getByRole("link", { name: "Fit", exact: true }).click();
}

test("hours of play take no more memory than minutes", { timeout: (MINUTES + 10) * 60_000 }, async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon&start=ni_676" });
  const session = await tab.context().newCDPSession(tab);
  const workers = await workersOf(session);
  for (let round = 0; round < WARM; round++) await play(tab, round);
  await tab.waitForTimeout(1000);
  const from = await heap(session, workers);
  assert.ok(from.n > 0 && from.page > 1e6 && from.workers > 1e6, JSON.stringify(from));
  const end = Date.now() + MINUTES * 60_000;
  let round = WARM;
  const course = [from];
  for (; Date.now() < end; round++) {
    await play(tab, round);
    if (round % 20 === 0) course.push(await heap(session, workers));
  }
  await tab.waitForTimeout(1000);
  const to = await heap(session, workers);
  const mb = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(2);
  const told = [...course, to].map(({ page, workers, n }) => `${mb(page)} + ${mb(workers)} in ${n}`).join(", ");
  console.log(`${round} rounds; MB of the page + of its workers, how many these are: ${told}`);
  assert.ok(to.page + to.workers < 1.1 * (from.page + from.workers), told);
  assert.deepEqual(complaints, []);
});
