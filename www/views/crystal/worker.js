/** The worker of “Crystal”: the modes at a Q, and the piece of the crystal that shows them. */

import init, { Phonons } from "../../../pkg/whole/tds_inversion.js";
import { Loop } from "../../engine/loop.js";

/** @typedef {import("../../engine/protocol.js").ToCrystal} ToCrystal */
/** @typedef {import("../../engine/protocol.js").FromCrystal} FromCrystal */

/** @type {Loop<ToCrystal, FromCrystal, Phonons>} */
const loop = new Loop({
  init,
  messages: {
    async open({ run, job, files }) {
      loop.subject?.free();
      loop.subject = null;
      loop.run = run;
      const next = await loop.tried(run, () => new Phonons(job, files));
      if (!next) return;
      loop.subject = next;
      loop.post({ type: "phonons", run, report: next.report(), bands: next.bands() });
    },
  },
  commands: {
    async look(phonons, { run, hkl, cells }) {
      const modes = await loop.tried(run, () => phonons.modes(Float64Array.from(hkl)));
      if (!modes) return;
      const at = Float64Array.from(hkl);
      const piece = phonons.stage(at, Uint32Array.from(cells ?? [])) ? phonons.piece() : null;
      loop.post({ type: "modes", run, modes, place: phonons.on_path(at) ?? null, piece });
    },
    move(phonons, { run, hkl, mode }) {
      const pattern = phonons.pattern(Float64Array.from(hkl), mode);
      loop.post({ type: "pattern", run, mode, pattern }, [pattern.buffer]);
    },
  },
  work: () => 0,
});
