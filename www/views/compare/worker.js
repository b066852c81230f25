/** The worker of “Compare and plan”: one table of shells or one plan at a time. Whoever has enough of it ends the worker. */

import init, { compare_shells, plan_measurements } from "../../../pkg/whole/tds_inversion.js";
import { Loop } from "../../engine/loop.js";

/** @typedef {import("../../engine/protocol.js").ToCompare} ToCompare */
/** @typedef {import("../../engine/protocol.js").FromCompare} FromCompare */

/** @type {Loop<ToCompare, FromCompare, null>} */
const loop = new Loop({
  init,
  messages: {
    async shells({ run, job, files, most, folds }) {
      const table = await loop.tried(run, () =>
        compare_shells(job, files, most, folds, (doing, table) => loop.post({ type: "shells", run, doing, table })),
      );
      if (table) loop.post({ type: "shells", run, doing: "", table });
    },
    async plan({ run, job, files }) {
      const list = await loop.tried(run, () =>
        plan_measurements(job, files, (doing) => loop.post({ type: "planning", run, doing })),
      );
      if (list) loop.post({ type: "plan", run, list });
    },
  },
  commands: {},
  work: () => 0,
});
