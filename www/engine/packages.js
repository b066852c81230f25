/** The compiled packages: what everyone needs, and those that are loaded when somebody asks for them. */

import { whenAsked } from "./later.js";

/** Compiled once; the workers receive the same module. @param {string} name @returns {Promise<WebAssembly.Module>} */
async function compile(name) {
  const response = await fetch(new URL(`../../pkg/${name}`, import.meta.url)).catch((cause) => {
    const words = `${name} did not load: there is no answer from the server that the page came from. Try again when the network is back`;
    throw new Error(words, { cause });
  });
  if (!response.ok) throw new Error(`${name}: the server answered ${response.status}`);
  // Streaming insists on this very type; some servers do not know it or say more than it.
  const streams = response.headers.get("content-type")?.trim().toLowerCase() === "application/wasm";
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

export const basicPackage = () => compile("tds_inversion_bg.wasm");

/** Sampled intensities, and jobs that choose parts of reciprocal space. */
export const wholePackage = whenAsked(() => compile("whole/tds_inversion_bg.wasm"));

/** Whether a package is the one that has everything: a page that is one file has no other engine. @param {WebAssembly.Module} module */
export const isWhole = (module) => WebAssembly.Module.exports(module).some(({ name }) => name === "__wbg_phonons_free");

/** Readers of volumes. */
export const readersPackage = whenAsked(() => compile("readers/tds_inversion_bg.wasm"));

/** The packages that have an engine. @typedef {"basic" | "whole"} Name */

/** @typedef {typeof import("../../pkg/tds_inversion.js")} Script */

/** @type {Record<Name, () => Promise<Script>>} */
const SCRIPTS = {
  basic: whenAsked((query) => import(`../../pkg/tds_inversion.js${query}`)),
  whole: whenAsked((query) => import(`../../pkg/whole/tds_inversion.js${query}`)),
};

/** The JavaScript of a package, which a worker makes ready with the compiled module. @param {Name} name */
export const scriptOf = (name) => SCRIPTS[name]();
