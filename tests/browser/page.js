// The page as tests use it: by the names that people and assistive tools find.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { openTab, PAGE } from "./chromium.js";

export const FIXTURES = new URL("../fixtures/", import.meta.url);
export const EXAMPLES = new URL("../../www/examples/", import.meta.url);

/** @typedef {import('playwright-core').Page} Tab */

/**
 * The page, once its first picture is there.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions & {hash?: string}} [options]
 */
export async function openPage(browser, { hash = "", ...options } = {}) {
  const opened = await openTab(browser, { viewport: { width: 1280, height: 900 }, ...options });
  await opened.tab.goto(`${PAGE}${hash}`);
  await waitForState(opened.tab, "ready");
  return opened;
}

/** @param {Tab} tab @param {string} name */
export const press = (tab, name) => tab.getByRole("button", { name, exact: true }).click();

/** @param {Tab} tab */
export const stateOf = (tab) => tab.locator("html").getAttribute("data-state");

/** @param {Tab} tab @param {...string} states */
export async function waitForState(tab, ...states) {
  const reached = tab.waitForFunction(
    (wanted) => wanted.includes(document.documentElement.dataset.state ?? ""),
    states,
    { timeout: 20_000 },
  );
  await reached.catch(async () => {
    throw new Error(`the page is ${await stateOf(tab)}, expected ${states.join(" or ")}: ${await statusOf(tab)}`);
  });
}

/** Waits for the end of a fit, which may take a while. @param {Tab} tab */
export async function waitForEnd(tab) {
  await tab.waitForFunction(
    () => ["converged", "stopped", "failed"].includes(document.documentElement.dataset.state ?? ""),
    null,
    { timeout: 120_000 },
  );
}

/** @param {Tab} tab */
export const statusOf = (tab) => tab.getByRole("status").first().innerText();

/** @param {Tab} tab @param {RegExp} pattern */
export async function waitForStatus(tab, pattern) {
  await tab.waitForFunction(
    ([source]) => new RegExp(source ?? "").test(document.querySelector("[role=status]")?.textContent ?? ""),
    [pattern.source],
  );
}

/** Rows of the table of constants: label, then the texts of the other cells. @param {Tab} tab */
export async function constantsOf(tab) {
  const rows = await tab
    .getByRole("table", { name: "Force constants" })
    .locator("tbody tr")
    .evaluateAll((list) => list.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
  return new Map(rows.map(([label = "", ...cells]) => [label, cells]));
}

/** Drops files on the page as a person does. @param {Tab} tab @param {{name: string, content: string | Buffer}[]} files */
export async function drop(tab, ...files) {
  const list = files.map(({ name, content }) => ({ name, base64: Buffer.from(content).toString("base64") }));
  await tab.evaluate((list) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of list) {
      transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    }
    for (const type of ["dragenter", "dragover", "drop"]) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }
  }, list);
}

/** Opens files by the button. @param {Tab} tab @param {{name: string, content: string | Buffer}[]} files */
export async function openFiles(tab, ...files) {
  const chooser = tab.waitForEvent("filechooser");
  await press(tab, "Open data");
  await (await chooser).setFiles(
    files.map(({ name, content }) => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) })),
  );
}

/** What a button saves: name and text. @param {Tab} tab @param {string} name */
export async function save(tab, name) {
  const waiting = tab.waitForEvent("download");
  await press(tab, name);
  const download = await waiting;
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

/** Number of different colours on a canvas. @param {Tab} tab @param {string} label Begin of its name. */
export function coloursOn(tab, label) {
  return tab.locator(`canvas[aria-label^="${label}"]`).evaluate((canvas) => {
    if (!(canvas instanceof HTMLCanvasElement)) return 0;
    const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(new Uint32Array(data?.buffer ?? new ArrayBuffer(0))).size;
  });
}

/** The shipped example with only some of its rows. @param {(row: string[]) => boolean} keep */
export async function exampleRows(keep) {
  const text = await readFile(new URL("ni_298K_hk0_hk0.5_hk1.csv", EXAMPLES), "utf8");
  const [head = "", ...rows] = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return [head, ...rows.filter((row) => keep(row.split(",")))].join("\n") + "\n";
}

/** Types into a field and leaves it. @param {Tab} tab @param {string} id @param {string} text */
export async function type(tab, id, text) {
  await tab.locator(`#${id}`).fill(text);
  await tab.locator(`#${id}`).press("Tab");
}

/** Waits until nothing is being calculated any more. @param {Tab} tab */
export const idle = (tab) => tab.locator("#maps:not([aria-busy])").waitFor({ state: "attached", timeout: 60_000 });

/** The job as the page saves it: what is in force. @param {Tab} tab */
export async function jobOf(tab) {
  return JSON.parse((await save(tab, "Save job")).text);
}

/** Why a field is not in force, as it is read out with it; empty if it is. @param {Tab} tab @param {string} id */
export const problemOf = (tab, id) =>
  tab.locator(`#${id}`).evaluate((field) => {
    if (field.getAttribute("aria-invalid") !== "true") return "";
    return document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent ?? "without a word";
  });

/** Drops files and folders of this machine on the page. @param {Tab} tab @param {string[]} paths */
export async function dropPaths(tab, ...paths) {
  const session = await tab.context().newCDPSession(tab);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of /** @type {const} */ (["dragEnter", "dragOver", "drop"])) {
    await session.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }
  await session.detach();
}

/** Where pictures of what tests saw are kept, such as `target/pictures`; without it, none are. */
const PICTURES = process.env.TDS_PICTURES;

/** Keeps a picture of all of the page, for people to look at. @param {Tab} tab @param {string} name */
export async function keepPicture(tab, name) {
  if (!PICTURES) return;
  await mkdir(PICTURES, { recursive: true });
  // A dialog is as large as the window, whatever is behind it.
  const fullPage = (await tab.locator("dialog[open]").count()) === 0;
  await tab.screenshot({ path: join(PICTURES, `${name.replace(/[^a-z0-9]+/gi, "-")}.png`), fullPage });
}

/** Luminance behind everything, and texts whose contrast is too low. */
export const readability = () => {
  /** @param {string} colour */
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  /** @param {number[]} rgb */
  const luminance = (rgb) => {
    const [r = 0, g = 0, b = 0] = rgb.map((v) =>
      v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  /** @param {Element | null} element @returns {number[]} */
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const [r = 0, g = 0, b = 0, a = 1] = parse(getComputedStyle(element).backgroundColor);
    return a === 0 ? behind(element.parentElement) : [r, g, b];
  };
  /** @type {string[]} */
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent?.trim());
    if (!own || !(element instanceof HTMLElement) || !element.checkVisibility() || element.matches(":disabled, option"))
      continue;
    const [a, b] = [luminance(parse(getComputedStyle(element).color).slice(0, 3)), luminance(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5)
      faint.push(`${element.tagName} “${element.textContent?.trim().slice(0, 30)}”: ${contrast.toFixed(2)}`);
  }
  return /** @type {const} */ ([luminance(behind(document.body)), faint]);
};
