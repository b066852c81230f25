/** Colours of the drawing: of elements, and mixtures. */

/**
 * Those that molecular graphics use (Jmol's), by atomic number from hydrogen on, six digits each.
 * http://jmol.sourceforge.net/jscolors/
 */
const ELEMENTS = {
  H: "ffffff",
  D: "ffffc0",
  He: "d9ffff",
  Li: "cc80ff",
  Be: "c2ff00",
  B: "ffb5b5",
  C: "909090",
  N: "3050f8",
  O: "ff0d0d",
  F: "90e050",
  Ne: "b3e3f5",
  Na: "ab5cf2",
  Mg: "8aff00",
  Al: "bfa6a6",
  Si: "f0c8a0",
  P: "ff8000",
  S: "ffff30",
  Cl: "1ff01f",
  Ar: "80d1e3",
  K: "8f40d4",
  Ca: "3dff00",
  Sc: "e6e6e6",
  Ti: "bfc2c7",
  V: "a6a6ab",
  Cr: "8a99c7",
  Mn: "9c7ac7",
  Fe: "e06633",
  Co: "f090a0",
  Ni: "50d050",
  Cu: "c88033",
  Zn: "7d80b0",
  Ga: "c28f8f",
  Ge: "668f8f",
  As: "bd80e3",
  Se: "ffa100",
  Br: "a62929",
  Kr: "5cb8d1",
  Rb: "702eb0",
  Sr: "00ff00",
  Y: "94ffff",
  Zr: "94e0e0",
  Nb: "73c2c9",
  Mo: "54b5b5",
  Tc: "3b9e9e",
  Ru: "248f8f",
  Rh: "0a7d8c",
  Pd: "006985",
  Ag: "c0c0c0",
  Cd: "ffd98f",
  In: "a67573",
  Sn: "668080",
  Sb: "9e63b5",
  Te: "d47a00",
  I: "940094",
  Xe: "429eb0",
  Cs: "57178f",
  Ba: "00c900",
  La: "70d4ff",
  Ce: "ffffc7",
  Pr: "d9ffc7",
  Nd: "c7ffc7",
  Pm: "a3ffc7",
  Sm: "8fffc7",
  Eu: "61ffc7",
  Gd: "45ffc7",
  Tb: "30ffc7",
  Dy: "1fffc7",
  Ho: "00ff9c",
  Er: "00e675",
  Tm: "00d452",
  Yb: "00bf38",
  Lu: "00ab24",
  Hf: "4dc2ff",
  Ta: "4da6ff",
  W: "2194d6",
  Re: "267dab",
  Os: "266696",
  Ir: "175487",
  Pt: "d0d0e0",
  Au: "ffd123",
  Hg: "b8b8d0",
  Tl: "a6544d",
  Pb: "575961",
  Bi: "9e4fb5",
  Po: "ab5c00",
  At: "754f45",
  Rn: "428296",
  Fr: "420066",
  Ra: "007d00",
  Ac: "70abfa",
  Th: "00baff",
  Pa: "00a1ff",
  U: "008fff",
  Np: "0080ff",
  Pu: "006bff",
  Am: "545cf2",
  Cm: "785ce3",
};

/** @typedef {[number, number, number]} Rgb */

/** @param {string} symbol @returns {Rgb} */
export const colourOf = (symbol) => rgb(`#${/** @type {Record<string, string>} */ (ELEMENTS)[symbol] ?? "b0a0c0"}`);

/** @param {string} hex `#rrggbb`. @returns {Rgb} */
export function rgb(hex) {
  const value = Number.parseInt(hex.slice(1, 7), 16);
  return Number.isNaN(value) ? [128, 128, 128] : [value >> 16, (value >> 8) & 255, value & 255];
}

/** So much of the way from one colour to another. @param {Rgb} a @param {Rgb} b @param {number} t @returns {Rgb} */
export const mix = (a, b, t) => [
  Math.round(a[0] + (b[0] - a[0]) * t),
  Math.round(a[1] + (b[1] - a[1]) * t),
  Math.round(a[2] + (b[2] - a[2]) * t),
];

/** @param {Rgb} colour */
export const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;
