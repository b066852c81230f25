/** What everything else waits for, asked for while the rest of the page is still loading: the engine and its worker. */

import { WORKER } from "./engine.js";
import { startAhead } from "./link.js";
import { basicPackage } from "./packages.js";

export const firstPackage = basicPackage();
// Who needs it is told; nobody may yet.
firstPackage.catch(() => {});
startAhead(WORKER);
