// The packages under Node: the same bytes and the same JavaScript as in the browser.

import { readFileSync } from "node:fs";

import * as basic from "../../pkg/tds_inversion.js";
import * as whole from "../../pkg/whole/tds_inversion.js";

/** The package, ready to be called. @param {"basic" | "whole"} [name] */
export function load(name = "basic") {
  const [tds, folder] = name === "whole" ? [whole, "pkg/whole"] : [basic, "pkg"];
  tds.initSync({ module: readFileSync(new URL(`../../${folder}/tds_inversion_bg.wasm`, import.meta.url)) });
  return tds;
}
