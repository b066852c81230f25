/** The worker of the dispersion: the zone, paths, densities of states, places of published frequencies. */

import init, { Dispersion } from "../../pkg/whole/tds_inversion.js";
import { Loop } from "../engine/loop.js";
import { isFatal, trouble } from "../engine/trouble.js";

/** @typedef {import("../engine/protocol.js").ToDispersion} ToDispersion */
/** @typedef {import("../engine/protocol.js").FromDispersion} FromDispersion */
/** @typedef {import("../engine/protocol.js").DispersionQuestion} DispersionQuestion */

/** @type {Loop<ToDispersion, FromDispersion, Dispersion>} */
const loop = new Loop({
  init,
  messages: {
    async open({ run, job, files }) {
      loop.subject?.free();
      loop.subject = null;
      loop.run = run;
      const next = await loop.tried(run, () => new Dispersion(job, files));
      if (!next) return;
      loop.subject = next;
      loop.post({ type: "zone", run, zone: next.zone() });
    },
  },
  commands: {
    ask(dispersion, { run, ticket, what }) {
      try {
        loop.post({ type: "answer", run, ticket, value: answer(dispersion, what) });
      } catch (error) {
        if (isFatal(error)) throw error;
        loop.post({ type: "unanswered", run, ticket, trouble: trouble(error) });
      }
    },
  },
  work: () => 0,
});

/** @param {Dispersion} dispersion @param {DispersionQuestion} what */
function answer(dispersion, what) {
  if ("density" in what) return dispersion.density(what.density);
  if ("published" in what) {
    const { name, bytes, path } = what.published;
    return dispersion.published(name, bytes, path);
  }
  return dispersion.path(what.path);
}
