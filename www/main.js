/** Entry: loads the engine once, for this thread's drawing and for the worker. */

import init, { version } from "../pkg/tds_inversion.js";
import { ID, any } from "./app/dom.js";
import { SAY } from "./app/messages.js";
import { furnishHelp } from "./app/help.js";
import { Page } from "./app/page.js";

/** Compiled once; the worker receives the same module. @returns {Promise<WebAssembly.Module>} */
async function compile() {
  const response = await fetch(new URL("../pkg/tds_inversion_bg.wasm", import.meta.url));
  if (!response.ok) throw new Error(`tds_inversion_bg.wasm: the server answered ${response.status}`);
  // Streaming insists on this very type; some servers do not know it or say more than it.
  const streams = response.headers.get("content-type")?.trim().toLowerCase() === "application/wasm";
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

try {
  const module = await compile();
  await init({ module_or_path: module });
  furnishHelp(version());
  await new Page(module).begin();
} catch (error) {
  console.error(error);
  document.documentElement.dataset.state = "failed";
  any(ID.status).textContent = SAY.noEngine;
}
