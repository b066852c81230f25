/**
 * What everything else waits for, begun while the rest of the page is still loading: the engine, its worker, and
 * in it the example that the page opens with, unless there is something else to open.
 */

import { FIRST, exampleJob, fetchAhead, fetchOffers } from "../files/examples.js";
import { keptState } from "../files/keep.js";
import { WORKER } from "./engine.js";
import { startAhead } from "./link.js";
import { basicPackage } from "./packages.js";

export const firstPackage = basicPackage();
// Who needs it is told; nobody may yet.
firstPackage.catch(() => {});
const tell = startAhead(WORKER, firstPackage);
fetchOffers();

/** Whether nothing but the first example is to be opened: the address says nothing, and nothing is brought back. */
async function isPlain() {
  if (location.hash.includes("=")) return false;
  const [navigation] = performance.getEntriesByType("navigation");
  if (/** @type {PerformanceNavigationTiming | undefined} */ (navigation)?.type === "reload") return false;
  const kept = await keptState();
  return !kept?.job || kept.source !== null;
}

async function openFirst() {
  if (!(await isPlain())) return;
  const files = { [FIRST.file]: await fetchAhead(FIRST.file) };
  tell([
    { type: "cores", count: navigator.hardwareConcurrency || 1 },
    { type: "open", run: 0, job: exampleJob(FIRST), files, first: true },
  ]);
}

// What cannot be had now is asked for again by the page, which says so.
openFirst().catch(() => {});
