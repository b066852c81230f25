/** What a mask of each kind is given by, in the words of the form; the engine says what is out of range. */

/** @typedef {import("./shapes.js").Shape} Shape */
/** @typedef {[number, number, number]} Vector */
/** `null`: left empty. @typedef {(number | null)[]} Numbers */
/**
 * A row of number fields. `names` is what each is called, `optional` whether all may be left empty together, `each`
 * whether every one may.
 * @typedef {{key: string, label: string, unit?: string, names: string[], optional?: boolean, each?: boolean, fallback?: string[]}} Row
 */
/** @typedef {{kind: string, text: string, name: string, rows: Row[], shape: (given: Record<string, Numbers>) => Shape}} Kind */

const HKL = ["h", "k", "l"];
const RANGE = ["from", "to"];

/** @param {Numbers | undefined} numbers @returns {Vector} */
const vector = (numbers) => [numbers?.[0] ?? 0, numbers?.[1] ?? 0, numbers?.[2] ?? 0];
/** @param {Numbers | undefined} numbers @returns {[number, number]} */
const pair = (numbers) => [numbers?.[0] ?? 0, numbers?.[1] ?? 0];
/** @param {Numbers | undefined} numbers */
const isGiven = (numbers) => numbers?.some((value) => value !== null) ?? false;

/** @type {Kind[]} */
export const KINDS = [
  {
    kind: "bragg",
    text: "Around Bragg points",
    name: "around Bragg points",
    rows: [{ key: "radii", label: "Half axes", unit: "r.l.u.", names: HKL }],
    shape: ({ radii }) => ({ bragg: vector(radii) }),
  },
  {
    kind: "ellipsoid",
    text: "Ellipsoid",
    name: "ellipsoid",
    rows: [
      { key: "centre", label: "Centre", unit: "r.l.u.", names: HKL },
      { key: "radii", label: "Half axes", unit: "r.l.u.", names: HKL },
    ],
    shape: ({ centre, radii }) => ({ ellipsoid: { centre: vector(centre), radii: vector(radii) } }),
  },
  {
    kind: "box",
    text: "Box in h, k, l",
    name: "box",
    rows: HKL.map((axis) => ({ key: axis, label: axis, unit: "r.l.u.", names: RANGE, optional: true })),
    shape: ({ h, k, l }) => {
      /** @type {NonNullable<Shape["box"]>} */
      const box = {};
      if (isGiven(h)) box.h = pair(h);
      if (isGiven(k)) box.k = pair(k);
      if (isGiven(l)) box.l = pair(l);
      return { box };
    },
  },
  {
    kind: "q",
    text: "Range of |Q|, powder ring",
    name: "powder ring",
    rows: [{ key: "q", label: "|Q|", unit: "Å⁻¹", names: RANGE }],
    shape: ({ q }) => ({ q: pair(q) }),
  },
  {
    kind: "intensity",
    text: "Intensity out of range",
    name: "intensity out of range",
    rows: [{ key: "range", label: "Left out", unit: "as the data", names: ["below", "above"], each: true }],
    shape: ({ range }) => {
      const [below = null, above = null] = range ?? [];
      return { intensity: { ...(below === null ? {} : { below }), ...(above === null ? {} : { above }) } };
    },
  },
  {
    kind: "cylinder",
    text: "Cylinder, beam stop",
    name: "beam stop",
    rows: [
      { key: "axis", label: "Along", unit: "hkl", names: HKL, fallback: ["0", "0", "1"] },
      { key: "radius", label: "Radius", unit: "Å⁻¹", names: ["radius"] },
      { key: "through", label: "Through", unit: "hkl, or the origin", names: HKL, optional: true },
    ],
    shape: ({ axis, radius, through }) => ({
      cylinder: {
        axis: vector(axis),
        radius: radius?.[0] ?? 0,
        ...(isGiven(through) ? { through: vector(through) } : {}),
      },
    }),
  },
];
