/**
 * A value with its standard uncertainty in brackets, as journals of crystallography print it: 12.35(7). As many digits are
 * given as leave the uncertainty between 2 and 19 of its last ones (rule 19 of the IUCr).
 */

/** The largest uncertainty in units of the last digit. */
const MOST = 19;

/** Beyond these powers of ten a number is written with one. */
const [LEAST, GREATEST] = [-5, 7];

/** `digits`: of value and uncertainty, to be followed by ·10^`exponent` unless that is zero. @typedef {{digits: string, exponent: number}} Short */

/**
 * @param {number} value @param {number | null} [sigma] @param {number | null} [decimals] Where there is no positive σ; without them four significant digits.
 * @returns {Short}
 */
export function short(value, sigma = null, decimals = null) {
  if (!Number.isFinite(value)) return { digits: "–", exponent: 0 };
  const known = sigma !== null && sigma > 0 && Number.isFinite(sigma);
  if (!known && decimals !== null) return { digits: fixed(value, decimals), exponent: 0 };
  // The last digit that is written stands at this power of ten.
  const last = known ? lastOf(sigma) : powerOf(value) - 3;
  const size = value === 0 ? 0 : Math.max(powerOf(value), last);
  const exponent = size > LEAST && size < GREATEST ? 0 : size;
  const places = exponent - last;
  const scaled = fixed(value / 10 ** exponent, places);
  const plain = known || !scaled.includes(".") ? scaled : scaled.replace(/\.?0+$/, "");
  // An uncertainty beyond the decimal point is written in full: 1230(60).
  const bracket = known ? `(${fixed(sigma / 10 ** last, 0)}${"0".repeat(Math.max(0, -places))})` : "";
  return { digits: plain + bracket, exponent };
}

/** Power of ten of the last digit. @param {number} sigma */
function lastOf(sigma) {
  const first = powerOf(sigma);
  return Math.round(Number((sigma / 10 ** (first - 1)).toPrecision(12))) <= MOST ? first - 1 : first;
}

/** @param {number} value */
const powerOf = (value) => (value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)) + 1e-12));

/** Rounded to `decimals`, which may be negative; never −0. @param {number} value @param {number} decimals */
function fixed(value, decimals) {
  const unit = 10 ** Math.max(0, -decimals);
  const rounded = decimals > 0 ? value.toFixed(Math.min(20, decimals)) : (Math.round(value / unit) * unit).toFixed(0);
  return Number(rounded) === 0 ? rounded.replace("-", "") : rounded;
}

/** @param {number} exponent */
const superscript = (exponent) =>
  [...String(exponent)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");

/** As text: with a true minus sign and, far from one, a power of ten. @param {number} value @param {number | null} [sigma] @param {number | null} [decimals] */
export function written(value, sigma = null, decimals = null) {
  const { digits, exponent } = short(value, sigma, decimals);
  return `${digits.replace("-", "−")}${exponent === 0 ? "" : `·10${superscript(exponent)}`}`;
}

/** For the math mode of LaTeX, what stands before the decimal point and what after it. @param {number} value @param {number | null} [sigma] @param {number | null} [decimals] @returns {[string, string]} */
export function mathematical(value, sigma = null, decimals = null) {
  const { digits, exponent } = short(value, sigma, decimals);
  if (digits === "–") return ["\\mbox{--}", ""];
  const [, before = "", after = ""] = /^(-?\d+)(.*)$/.exec(digits) ?? [];
  return [before, `${after}${exponent === 0 ? "" : `\\times10^{${exponent}}`}`];
}
