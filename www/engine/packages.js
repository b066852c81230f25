/** The compiled packages: what everyone needs, and the one with sampled intensities, loaded when it is asked for. */

/** Compiled once; the workers receive the same module. @param {string} name @returns {Promise<WebAssembly.Module>} */
async function compile(name) {
  const response = await fetch(new URL(`../../pkg/${name}`, import.meta.url));
  if (!response.ok) throw new Error(`${name}: the server answered ${response.status}`);
  // Streaming insists on this very type; some servers do not know it or say more than it.
  const streams = response.headers.get("content-type")?.trim().toLowerCase() === "application/wasm";
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

export const basicPackage = () => compile("tds_inversion_bg.wasm");

/** @type {Promise<WebAssembly.Module> | null} */
let sampled = null;

/** Fetched again where that failed. */
export function sampledPackage() {
  sampled ??= compile("sampled/tds_inversion_bg.wasm").catch((error) => {
    sampled = null;
    throw error;
  });
  return sampled;
}
