// The rules of axe-core: WCAG 2.2 A and AA, and its best practices.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** @typedef {import('playwright-core').Page} Tab */

const rules = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What the rules complain of, a line each. @param {Tab} tab @returns {Promise<string[]>} */
export async function violations(tab) {
  await tab.evaluate(rules);
  const found = await tab.evaluate(() =>
    /** @type {any} */ (globalThis).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  return found.violations.flatMap((/** @type {any} */ { id, nodes }) =>
    nodes
      .slice(0, 4)
      .map((/** @type {any} */ { target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}
