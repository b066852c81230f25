// The package under Node: the same bytes and the same JavaScript as in the browser.

import { readFileSync } from "node:fs";

import * as tds from "../../pkg/tds_inversion.js";

const WASM = new URL("../../pkg/tds_inversion_bg.wasm", import.meta.url);

/** The package, ready to be called. */
export function load() {
  tds.initSync({ module: readFileSync(WASM) });
  return tds;
}
