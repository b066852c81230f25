// What a helper is worth, and what it costs: the same job in the page's worker with one core and with two, in turn, so
// that what else the machine does falls on both. Run by `cargo xtask bench`, which serves the checkout and gives its
// address. ROUNDS says how often, 3 times without it.

import { readFileSync, readdirSync } from "node:fs";
import { loadavg } from "node:os";

import { ADDRESS, launch } from "../browser/chromium.js";

/** @param {string} name */
const fixture = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url)).toString("base64");
const text = (/** @type {string} */ content) => Buffer.from(content).toString("base64");

/** A plane as a table. @param {number} n Rows along each axis. @param {number} from @param {number} to */
function table(n, from, to) {
  const at = (/** @type {number} */ i) => from + ((to - from) * (i + 0.31)) / n;
  const rows = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) rows.push(`${at(i).toFixed(5)},${at(j).toFixed(5)},0.4,${80 + ((i * 7 + j * 3) % 41)},9`);
  }
  return `h,k,l,intensity,sigma\n${rows.join("\n")}\n`;
}

const zinc = {
  crystal: { file: "phonopy.yaml" },
  force_constants: { cutoff: 4.5, start: { springs: { 1: 8, 2: 8, 3: 2, 4: 2 } } },
  model: { order: "all-order", temperature: 300 },
  data: [{ file: "a.csv" }],
  fit: { max_iterations: 50 },
};
const nickel = {
  crystal: { prototype: "fcc", element: "Ni", a: 3.52 },
  force_constants: { cutoff: 5.7, start: { springs: { 1: 1.5 } } },
  model: { order: "one-phonon", temperature: 298 },
  data: [
    {
      synthetic: {
        values: { library: "ni_298" },
        // No two of them are equivalent.
        h: [0.1, 4.9, 1000],
        k: [5.03, 9.87, 1000],
        l: [0.4],
        scale: 50,
        background: [20, 0],
        noise: true,
      },
    },
  ],
  nuisance: { background: ["constant", "q2"] },
  fit: { max_iterations: 50 },
};

/** Iterations that are timed. */
const STEPS = 3;
/** Pairs of runs. */
const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** What two cores should make of one where nothing else runs. */
const EXPECTED = 1.7;

/** @type {[string, object, Record<string, string>][]} */
const JOBS = [
  ["ZnO, all orders, 441 points", zinc, { "phonopy.yaml": fixture("ZnO/phonopy.yaml"), "a.csv": text(table(21, 0, 3)) }],
  ["nickel, one phonon, a million pixels", nickel, {}],
];

/** @typedef {{post: (message: any) => void, until: (wanted: (message: any) => boolean) => Promise<void>}} Link */

/**
 * Opens a job in a worker of its own, which stays; seconds.
 * @param {{job: object, files: Record<string, string>, cores: number, address: string}} given
 */
async function open({ job, files, cores, address }) {
  const module = await WebAssembly.compileStreaming(fetch(`${address}/pkg/tds_inversion_bg.wasm`));
  const worker = new Worker(`${address}/www/views/fit/worker.js`, { type: "module" });
  const bytes = Object.fromEntries(
    Object.entries(files).map(([name, base64]) => [name, Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]),
  );
  /** @type {(value: any) => void} */
  let heard = () => {};
  /** @type {Link} */
  const link = {
    post: (message) => worker.postMessage(message),
    until: (wanted) =>
      new Promise((resolve, reject) => {
        heard = (message) => {
          if (["refused", "failed", "crashed"].includes(message.type)) reject(new Error(message.trouble.message));
          if (wanted(message)) resolve();
        };
      }),
  };
  worker.onmessage = ({ data }) => heard(data);
  /** @type {any} */ (self).link = link;
  link.post({ type: "start", module });
  link.post({ type: "cores", count: cores });
  const start = performance.now();
  link.post({ type: "open", run: 1, job, files: bytes, first: false });
  await link.until(({ type }) => type === "opened");
  return (performance.now() - start) / 1e3;
}

/** Makes some iterations; seconds. @param {number} steps */
async function fit(steps) {
  /** @type {Link} */
  const { post, until } = /** @type {any} */ (self).link;
  const start = performance.now();
  post({ type: "play", run: 1 });
  await until(({ type, frame }) => type === "frame" && frame.progress.iteration === steps);
  return (performance.now() - start) / 1e3;
}

/** Goes back to the start. */
async function reset() {
  /** @type {Link} */
  const { post, until } = /** @type {any} */ (self).link;
  post({ type: "reset", run: 1 });
  await until(({ type, frame }) => type === "frame" && frame.progress.iteration === 0);
}

/** The longest that a pause takes in the middle of a step, ms. */
async function pauses() {
  /** @type {Link} */
  const { post, until } = /** @type {any} */ (self).link;
  let longest = 0;
  for (const delay of [200, 450, 700]) {
    post({ type: "play", run: 1 });
    await new Promise((resolve) => setTimeout(resolve, delay));
    const asked = performance.now();
    post({ type: "pause", run: 1 });
    await until(({ type, frame }) => type === "frame" && !frame.playing);
    longest = Math.max(longest, performance.now() - asked);
  }
  return longest;
}

/** Memory of the engine in a helper, bytes: of the instance of the one package that it has. */
async function memory() {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const { default: init } = await import(loaded.find((name) => name.endsWith("/tds_inversion.js")) ?? "");
  return (await init()).memory.buffer.byteLength;
}

/** Processes of the browser that show pages. */
async function renderers() {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

/** Memory that no other process has, of all that shows pages, bytes; NaN where the system does not say. */
async function memoryOfPages() {
  let total = 0;
  for (const id of await renderers()) {
    try {
      const text = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
      for (const [, kilobytes] of text.matchAll(/^Private_\w+: +(\d+) kB$/gm)) total += 1024 * Number(kilobytes);
    } catch {
      return Number.NaN;
    }
  }
  return total;
}

/** Seconds that each worker of the pages has computed, by its thread; none where the system does not say. */
async function computed() {
  /** @type {Map<string, number>} */
  const seconds = new Map();
  for (const id of await renderers()) {
    try {
      for (const thread of readdirSync(`/proc/${id}/task`)) {
        const at = `/proc/${id}/task/${thread}`;
        if (!readFileSync(`${at}/comm`, "utf8").startsWith("DedicatedWorker")) continue;
        seconds.set(thread, Number(readFileSync(`${at}/schedstat`, "utf8").split(" ")[0]) / 1e9);
      }
    } catch {
      // Not this system, or gone meanwhile.
    }
  }
  return seconds;
}

/**
 * What they have computed once they stand still: a helper that came late opens the job for a while after its leader, and
 * is no help meanwhile.
 * @param {import('playwright-core').Page} page
 */
async function settled(page) {
  for (let before = await computed(); ; ) {
    await page.waitForTimeout(500);
    const now = await computed();
    if ([...now].every(([thread, seconds]) => seconds - (before.get(thread) ?? 0) < 0.02)) return now;
    before = now;
  }
}

/** @param {number[]} list */
const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2;
};
/** @param {number} bytes */
const megabytes = (bytes) => (Number.isFinite(bytes) ? `${(bytes / 1e6).toFixed(0)} MB` : "not known");

/** @param {object} job @param {Record<string, string>} files @param {number} cores */
async function run(job, files, cores) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${ADDRESS}/README.md`);
  const opened = await page.evaluate(open, { job, files, cores, address: ADDRESS });
  const before = await settled(page);
  const fitted = await page.evaluate(fit, STEPS);
  const busy = [...(await computed())].map(([thread, seconds]) => seconds - (before.get(thread) ?? 0));
  await page.evaluate(reset);
  const helper = page.workers().find((worker) => worker.url().endsWith("/crew-worker.js"));
  const engine = helper ? await helper.evaluate(memory) : 0;
  const pages = await memoryOfPages();
  const pause = await page.evaluate(pauses);
  await context.close();
  return { open: opened, fit: fitted, busiest: Math.max(...busy), busy, pause, engine, pages };
}

const browser = await launch();
for (const [title, job, files] of JOBS) {
  console.log(`${title} (load of the machine ${loadavg()[0]?.toFixed(1)})`);
  /** @type {Record<1 | 2, Awaited<ReturnType<typeof run>>[]>} */
  const found = { 1: [], 2: [] };
  for (let round = 0; round < ROUNDS; round++) {
    // Each is the first in turn.
    for (const cores of /** @type {(1 | 2)[]} */ (round % 2 ? [2, 1] : [1, 2])) found[cores].push(await run(job, files, cores));
  }
  for (const cores of /** @type {(1 | 2)[]} */ ([1, 2])) {
    const least = (/** @type {"open" | "fit"} */ what) => Math.min(...found[cores].map((run) => run[what])).toFixed(1);
    const pause = Math.max(...found[cores].map((run) => run.pause)).toFixed(0);
    console.log(`  ${cores} cores: open ${least("open")} s, three iterations ${least("fit")} s, pause after ${pause} ms at most`);
  }
  const ratios = found[1].map((one, i) => one.fit / (found[2][i]?.fit ?? NaN));
  const ratio = (/** @type {"fit" | "busiest"} */ what) =>
    Math.min(...found[1].map((run) => run[what])) / Math.min(...found[2].map((run) => run[what]));
  console.log(
    `  iterations, one core over two: ${ratio("fit").toFixed(2)} of the fastest, ${median(ratios).toFixed(2)} in the median of ${ROUNDS} pairs (${EXPECTED} expected of an idle machine)`,
  );
  // Where others have a part of the cores, this is what two would do if nobody waited.
  console.log(`  computing time of the busiest worker, one core over two: ${ratio("busiest").toFixed(2)}`);
  const more = median(found[2].map(({ pages }) => pages)) - median(found[1].map(({ pages }) => pages));
  console.log(
    `  memory of a further worker: engine ${megabytes(Math.max(...found[2].map(({ engine }) => engine)))}, all in all ${megabytes(more)}`,
  );
}
await browser.close();
