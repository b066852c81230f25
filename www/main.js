/** Entry: loads the engine once, for this thread's drawing and for the worker. */

import init, { version } from "../pkg/tds_inversion.js";
import { ID, any } from "./page/dom.js";
import { SAY } from "./page/messages.js";
import { furnishHelp } from "./page/help.js";
import { Page } from "./page/page.js";

/** Compiled once; the worker receives the same module. @returns {Promise<WebAssembly.Module>} */
async function compile() {
  const response = await fetch(new URL("../pkg/tds_inversion_bg.wasm", import.meta.url));
  if (!response.ok) throw new Error(`tds_inversion_bg.wasm: the server answered ${response.status}`);
  // Streaming insists on this very type; some servers do not know it or say more than it.
  const streams = response.headers.get("content-type")?.trim().toLowerCase() === "application/wasm";
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

/** The module, once this thread can call the engine as well. */
async function load() {
  const module = await compile();
  await init({ module_or_path: module });
  return module;
}

try {
  // The page takes files and wishes from the first moment on; they wait for the engine.
  const engine = load();
  const page = new Page(engine);
  await engine;
  furnishHelp(version());
  await page.begin();
} catch (error) {
  console.error(error);
  document.documentElement.dataset.state = "failed";
  any(ID.status).textContent = SAY.noEngine;
}
