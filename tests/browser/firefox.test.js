// The page as one file in Firefox, where there is one (`FIREFOX` names it): it loads, fits with workers, and shows every view.

import assert from "node:assert/strict";
import { test } from "node:test";

import puppeteer from "puppeteer-core";

import { SINGLE } from "./site.js";

const executablePath = process.env.FIREFOX;
const skip = executablePath ? false : "there is no Firefox on this machine";

test("in Firefox the one file fits from a disk and shows every view", { skip, timeout: 180_000 }, async () => {
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
  try {
    const tab = await browser.newPage();
    await tab.setViewport({ width: 1280, height: 900 });
    /** @type {string[]} */
    const complaints = [];
    tab.on("pageerror", (error) => complaints.push(`error: ${error instanceof Error ? error.message : error}`));
    tab.on("console", (message) => {
      if (message.type() === "error") complaints.push(`console: ${message.text()}`);
    });
    await tab.goto(SINGLE);
    /** @param {string} state */
    const reaches = (state) =>
      tab.waitForFunction((state) => document.documentElement.dataset.state === state, { timeout: 60_000 }, state);
    await reaches("ready");
    await tab.click("#play");
    await reaches("converged");
    const status = await tab.$eval("#status", (element) => element.textContent ?? "");
    assert.match(status, /^Converged: 16 constants, χ²\/n = 0\.98/);
    const views = await tab.$$eval("#views a", (links) => links.map((link) => link.getAttribute("data-view") ?? ""));
    assert.ok(views.length > 4, `${views}`);
    for (const view of views) {
      await tab.click(`#views a[data-view=${view}]`);
      await tab.waitForSelector(`#views a[data-view=${view}][aria-current=page]`);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const words = await tab.$eval("main", (element) => element.innerText);
      assert.doesNotMatch(words, /did not load|is not in this file|broke down/, view);
    }
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
});
