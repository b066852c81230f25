/** Opens a job whose springs may be too few or too many for its crystal. */

import { Refusal } from "../engine/engine.js";
import { withBonds, withFewerSprings } from "../files/intake.js";
import { BONDS_INSTEAD } from "./messages.js";
import { placeOf } from "./words.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("../engine/protocol.js").Opened} Opened */

/**
 * Opens the job, or that with the springs it lacks or without those it cannot have; says which it was.
 * @param {Job} job @param {(job: Job) => Promise<Opened>} open
 */
export async function openMended(job, open) {
  /** @type {Refusal | null} */
  let unstable = null;
  /** @type {string[]} */
  let notes = [];
  for (let next = job; ; ) {
    try {
      return { opened: await open(next), job: next, notes };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const mended =
        error.code === "unstable" ? withBonds(next) : unstable ? null : withFewerSprings(next, placeOf(error.message));
      // Springs beyond the cutoff do not help: what stands is that the crystal is unstable.
      if (!mended) throw unstable ?? error;
      if (error.code === "unstable") unstable = error;
      next = mended;
      notes = [unstable ? BONDS_INSTEAD : "Springs beyond the cutoff were left out of the start."];
    }
  }
}
