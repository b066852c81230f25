/** The compiled packages: what everyone needs, and those that are loaded when somebody asks for them. */

/** Compiled once; the workers receive the same module. @param {string} name @returns {Promise<WebAssembly.Module>} */
async function compile(name) {
  const response = await fetch(new URL(`../../pkg/${name}`, import.meta.url));
  if (!response.ok) throw new Error(`${name}: the server answered ${response.status}`);
  // Streaming insists on this very type; some servers do not know it or say more than it.
  const streams = response.headers.get("content-type")?.trim().toLowerCase() === "application/wasm";
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

/** Fetched when first asked for, and again where that failed. @param {string} name @returns {() => Promise<WebAssembly.Module>} */
function whenAsked(name) {
  /** @type {Promise<WebAssembly.Module> | null} */
  let fetched = null;
  return () => {
    fetched ??= compile(name).catch((error) => {
      fetched = null;
      throw error;
    });
    return fetched;
  };
}

export const basicPackage = () => compile("tds_inversion_bg.wasm");

/** Sampled intensities, and jobs that choose parts of reciprocal space. */
export const wholePackage = whenAsked("whole/tds_inversion_bg.wasm");

/** Readers of volumes. */
export const readersPackage = whenAsked("readers/tds_inversion_bg.wasm");

/** The packages that have an engine. @typedef {"basic" | "whole"} Name */

/**
 * The JavaScript of a package, which a worker makes ready with the compiled module.
 * @param {Name} name @returns {Promise<typeof import("../../pkg/tds_inversion.js")>}
 */
export const scriptOf = (name) =>
  name === "whole" ? import("../../pkg/whole/tds_inversion.js") : import("../../pkg/tds_inversion.js");
