// What one pixel takes as WebAssembly, by atoms in the cell: run by `cargo xtask bench atoms`, which gives the folder of the
// package and the shapes of the cells. One JSON object for each on the standard output, seconds for each pixel, of several
// runs the fastest of each block of pixels, in one thread.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const RUNS = 25;
const [, , folder = "", shapes = "[]"] = process.argv;
const benches = await import(pathToFileURL(join(folder, "tds_benches.js")).href);
benches.initSync({ module: readFileSync(join(folder, "tds_benches_bg.wasm")) });

/** @type {[number, number, number][]} */
const all = JSON.parse(shapes);
for (const [x, y, z] of all) {
  /** @type {Record<string, number>} */
  const found = { atoms: x * y * z };
  for (const quantum of [false, true]) {
    const pixels = benches.WasmPolyatomic.pixels(x * y * z);
    const model = new benches.WasmPolyatomic(x, y, z, quantum, pixels);
    // Block by block: short work meets moments in which nothing else runs.
    const fastest = new Array(model.blocks()).fill(Infinity);
    for (let run = 0; run < RUNS; run++) {
      for (let block = 0; block < fastest.length; block++) {
        const start = performance.now();
        if (!Number.isFinite(model.block(block))) throw new Error("the work failed");
        fastest[block] = Math.min(fastest[block], performance.now() - start);
      }
    }
    found[quantum ? "quantum" : "classical"] = fastest.reduce((sum, time) => sum + time, 0) / 1e3 / pixels;
    model.free();
  }
  console.log(JSON.stringify(found));
}
