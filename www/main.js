/** Entry: loads the engine once, for this thread's drawing and for the worker. */

import init from "../pkg/tds_inversion.js";
import { firstPackage } from "./engine/ahead.js";
import { ID, any } from "./page/dom.js";
import { SAY } from "./page/messages.js";
import { Page } from "./page/page.js";

/** The module, once this thread can call the engine as well. */
async function load() {
  const module = await firstPackage;
  await init({ module_or_path: module });
  return module;
}

try {
  // The page takes files and wishes from the first moment on; they wait for the engine.
  const engine = load();
  const page = new Page(engine);
  await engine;
  await page.begin();
  page.keepOffline();
} catch (error) {
  console.error(error);
  document.documentElement.dataset.state = "failed";
  any(ID.status).textContent = SAY.noEngine;
}
