// What helpers are worth: the same job in the page's worker with one core and with two. Run by
// `cargo xtask bench crew`, which serves the checkout and gives its address.

import { readFileSync } from "node:fs";

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

/** @type {[string, object, Record<string, string>][]} */
const JOBS = [
  ["ZnO, all orders, 441 points", zinc, { "phonopy.yaml": fixture("ZnO/phonopy.yaml"), "a.csv": text(table(21, 0, 3)) }],
  ["nickel, one phonon, a million pixels", nickel, {}],
];

/**
 * Opens and fits a job in a worker of its own; seconds, and the longest that a message was not heard, ms.
 * @param {{job: object, files: Record<string, string>, cores: number, address: string, steps: number}} given
 */
async function run({ job, files, cores, address, steps }) {
  const module = await WebAssembly.compileStreaming(fetch(`${address}/pkg/tds_inversion_bg.wasm`));
  const worker = new Worker(`${address}/www/views/fit/worker.js`, { type: "module" });
  const bytes = Object.fromEntries(
    Object.entries(files).map(([name, base64]) => [name, Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]),
  );
  /** @type {(value: any) => void} */
  let heard = () => {};
  const until = (/** @type {(message: any) => boolean} */ wanted) =>
    new Promise((resolve, reject) => {
      heard = (message) => {
        if (["refused", "failed", "crashed"].includes(message.type)) reject(new Error(message.trouble.message));
        if (wanted(message)) resolve(message);
      };
    });
  worker.onmessage = ({ data }) => heard(data);
  worker.postMessage({ type: "start", module });
  worker.postMessage({ type: "cores", count: cores });
  const start = performance.now();
  worker.postMessage({ type: "open", run: 1, job, files: bytes, first: false });
  await until(({ type }) => type === "opened");
  const opened = performance.now();
  worker.postMessage({ type: "play", run: 1 });
  await until(({ type, frame }) => type === "frame" && frame.progress.iteration === steps);
  const fitted = performance.now();
  worker.postMessage({ type: "reset", run: 1 });
  await until(({ type, frame }) => type === "frame" && frame.progress.iteration === 0);
  // How long a pause takes in the middle of a step.
  const pauses = [];
  for (const delay of [200, 450, 700]) {
    worker.postMessage({ type: "play", run: 1 });
    await new Promise((resolve) => setTimeout(resolve, delay));
    const asked = performance.now();
    worker.postMessage({ type: "pause", run: 1 });
    await until(({ type, frame }) => type === "frame" && !frame.playing);
    pauses.push(performance.now() - asked);
  }
  worker.terminate();
  return { open: (opened - start) / 1e3, fit: (fitted - opened) / 1e3, pause: Math.max(...pauses) };
}

const browser = await launch();
for (const [title, job, files] of JOBS) {
  console.log(title);
  const times = [];
  for (const cores of [1, 2]) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${ADDRESS}/README.md`);
    const found = await page.evaluate(run, { job, files, cores, address: ADDRESS, steps: STEPS });
    await page.context().close();
    times.push(found);
    console.log(
      `  ${cores} cores: open ${found.open.toFixed(1)} s, three iterations ${found.fit.toFixed(1)} s, pause after ${found.pause.toFixed(0)} ms`,
    );
  }
  const [one, two] = times;
  console.log(`  iterations, one core over two: ${((one?.fit ?? NaN) / (two?.fit ?? NaN)).toFixed(2)}`);
}
await browser.close();
