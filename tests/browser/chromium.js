// A Chromium for the tests, on the server that `cargo xtask test` has started.

import { afterEach, beforeEach } from "node:test";

import { chromium } from "playwright-core";

/** Address of the server, without a slash at its end; or of the page as one file, `file:///…/tds-inversion.html`. */
export const ADDRESS = fromXtask("TDS_ADDRESS");

/** Address of the page. */
export const PAGE = ADDRESS.startsWith("file:") ? ADDRESS : `${ADDRESS}/www/index.html`;

const HOME = ADDRESS.startsWith("file:") ? ADDRESS : `${ADDRESS}/`;

/** Whether the page is one file on a disk. */
export const IS_FILE = ADDRESS.startsWith("file:");

/** For a test of what one file on a disk cannot have, and why it cannot. @param {string} why */
export const notOfFile = (why) => ({ skip: IS_FILE && why });

/** @param {string} name */
export function fromXtask(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by \`cargo xtask test browser\``);
  return value;
}

/** A browser; close it when the tests of a file are over. */
export function launch() {
  return chromium.launch({
    executablePath: fromXtask("CHROMIUM"),
    args: [
      "--no-sandbox", // test machines run as root, where the sandbox cannot start
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What the test under way has opened; what a file opens before its tests stays. @type {import('playwright-core').BrowserContext[] | null} */
let opened = null;
beforeEach(() => {
  opened = [];
});
// A page that stays open goes on moving, and the tests after it wait for the processor.
afterEach(async () => {
  for (const context of opened ?? []) await context.close().catch(() => {});
  opened = null;
});

/**
 * A tab that notes whatever should never happen: errors, messages on the console's error channel,
 * violations of the Content-Security-Policy, and requests to anything but what begins with `home`.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions & {home?: string}} [options]
 */
export async function openTab(browser, { home = HOME, ...options } = {}) {
  const context = await browser.newContext(options);
  opened?.push(context);
  const tab = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  tab.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  tab.on("console", (message) => {
    // Browsers ask for an icon of their own accord where there is no page to name one.
    const isIcon = message.location().url === `${ADDRESS}/favicon.ico`;
    if (message.type() === "error" && !isIcon) complaints.push(`console: ${message.text()}`);
  });
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(home) && !/^(data|blob):/.test(url)) complaints.push(`request: ${url}`);
  });
  return { tab, complaints };
}
