// How fast the kernels are as WebAssembly, in one thread: run by `cargo xtask bench`, which builds the
// package of the benchmarks and gives its folder. The same work as in benches/kernels.rs.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const PIXELS = 32_768;
const BLOCKS = 10_000;
const SAMPLES = 50;
/** As many as the example has after folding. */
const POINTS = 1466;
/** Seconds that a dense PyTorch version of the same amount of work takes. */
const REFERENCE = 0.55;

const folder = process.argv[2];
const benches = await import(pathToFileURL(join(folder, "tds_benches.js")).href);
benches.initSync({ module: readFileSync(join(folder, "tds_benches_bg.wasm")) });

/**
 * Seconds that a call takes, the median of many after a few for the compiler to warm up.
 *
 * @param {() => number} work
 * @param {number} [count]
 */
function seconds(work, count = SAMPLES) {
  const samples = [];
  for (let n = -5; n < count; n++) {
    const start = performance.now();
    const result = work();
    if (!Number.isFinite(result)) throw new Error("the work failed");
    if (n >= 0) samples.push((performance.now() - start) / 1e3);
  }
  return samples.sort((a, b) => a - b)[Math.floor(count / 2)];
}

const perPixel = [];
for (const quantum of [false, true]) {
  const pass = new benches.WasmPass(quantum, PIXELS);
  const name = quantum ? "quantum" : "classical";
  const time = seconds(() => pass.run());
  perPixel.push(time / PIXELS);
  console.log(`${name}, intensity + Jacobian + normal matrix: ${(PIXELS / time / 1e6).toFixed(2)} million pixels/s`);
  console.log(`${name}, U and its derivatives: ${(1e6 * seconds(() => pass.mean_square())).toFixed(0)} µs`);
  pass.free();
}
const multiplyAdd = seconds(() => benches.multiply_adds(BLOCKS)) / (BLOCKS * 256);
const [classical, quantum] = perPixel;
console.log(`multiply-adds, to compare with: ${(1e-9 / multiplyAdd).toFixed(2)} thousand million/s`);
console.log(`quantum / classical: ${(quantum / classical).toFixed(2)}`);
for (const dense of [false, true]) {
  const sampling = new benches.WasmSampling(dense);
  const time = seconds(() => sampling.run());
  const name = dense ? "dense" : "block";
  console.log(
    `sampled, ${name}, value + gradient: ${(1e3 * time).toFixed(1)} ms, ${(REFERENCE / time).toFixed(1)} times as fast as dense PyTorch`,
  );
  sampling.free();
}
const all = new benches.WasmAllOrders(POINTS);
for (const name of /** @type {const} */ (["values", "gradient", "jacobian"])) {
  const time = seconds(() => all[name](), 10);
  console.log(`all orders, ${POINTS} pixels, correlations and ${name}: ${(1e3 * time).toFixed(0)} ms`);
}
all.free();
console.log(`one classical pixel costs as much as ${(classical / multiplyAdd).toFixed(0)} multiply-adds`);
