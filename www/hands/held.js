/** What a hand holds of a fit: its constants, or the parameters of the potential that they follow from. */

/** @typedef {import("../engine/protocol.js").Progress} Progress */
/** @typedef {import("../engine/protocol.js").Opened} Opened */
/** @typedef {{value: number, sigma: number | null, step: number | null, fixed: string}} Held */

const IMPOSED = { held: "Held by a constraint", tied: "Tied to other constants", bound: "" };

/** Weights have no slider. */
const OF_WEIGHTS =
  "A network's weights mean nothing one by one: the fit moves combinations of them, and no hand one alone.";

/** All numbers, in their own units. @param {Progress} progress @returns {number[]} */
export const heldValues = ({ values, potential }) =>
  potential ? potential.parameters.map(({ value }) => value) : [...values];

/** Names of the sliders, or why there are none. @param {Opened} opened @returns {{labels: string[], none: string}} */
export function namesOfHeld({ description, frame }) {
  const { potential } = frame.progress;
  if (!potential) return { labels: description.parameters.map(({ label }) => label), none: "" };
  if (potential.family === "network") return { labels: [], none: OF_WEIGHTS };
  return { labels: potential.parameters.map(({ name, unit }) => (unit ? `${name} / ${unit}` : name)), none: "" };
}

/** What is known of each. @param {Progress} progress @returns {Held[]} */
export function heldOf({ values, sigma, step, determined, imposed, potential }) {
  if (potential)
    return potential.parameters.map((p) => ({
      value: p.value,
      sigma: p.sigma,
      step: p.free && !p.at_bound && p.determined ? p.step : null,
      fixed: p.free ? "" : "Held: the job does not fit it",
    }));
  return values.map((value, p) => {
    const held = imposed[p];
    return {
      value,
      sigma: sigma[p] ?? null,
      step: determined[p] === false ? null : (step[p] ?? null),
      fixed: held ? IMPOSED[held] : "",
    };
  });
}
