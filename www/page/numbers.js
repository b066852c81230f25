/** Numbers as people write them. */

/** Stands for a digit in tabular figures, so that decimal points stay in line. */
const FIGURE_SPACE = "\u2007";

/** Decimals that show `sigma` with two significant digits. @param {number} sigma */
export function decimalsFor(sigma) {
  if (!(sigma > 0) || !Number.isFinite(sigma)) return 4;
  const first = Math.floor(Math.log10(sigma));
  // 0.0996 rounds up to 0.10: one digit fewer.
  const rounded = Number(sigma.toPrecision(2));
  return Math.min(8, Math.max(0, 1 - Math.max(first, Math.floor(Math.log10(rounded) + 1e-12))));
}

/** With a true minus sign, for running text. @param {number} value @param {number} decimals */
export function prose(value, decimals) {
  return value.toFixed(decimals).replace("-", "−");
}

/**
 * For tables: the sign stays an ASCII hyphen, so that cells can be pasted into other programs.
 * Figure spaces stand in for the decimals missing from `width`.
 * @param {number} value @param {number} decimals @param {number} width
 */
export function cell(value, decimals, width) {
  let text = value.toFixed(decimals);
  if (Number(text) === 0) text = text.replace("-", "");
  const missing = width - decimals + (decimals === 0 && width > 0 ? 1 : 0);
  return text + FIGURE_SPACE.repeat(Math.max(0, missing));
}

/** “117 ± 1”. @param {number} value @param {number | null} sigma */
export function withSigma(value, sigma) {
  if (sigma === null || !(sigma > 0)) return brief(value);
  const first = Math.floor(Math.log10(Number(sigma.toPrecision(1))));
  const decimals = Math.min(8, Math.max(0, -first));
  return `${prose(value, decimals)} ± ${sigma.toFixed(decimals)}`;
}

/** Four significant digits. @param {number} value */
export function brief(value) {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-3 ? power(value) : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}

/** @param {number} value */
function power(value) {
  const [head, exponent] = value.toExponential(2).split("e");
  const raised = [...String(Number(exponent))].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");
  return `${Number(head)}·10${raised}`;
}

/** χ²/n: three decimals near one, fewer far away. Rounding can leave less than nothing. @param {number} value */
export function reduced(value) {
  return value < 10 ? Math.max(0, value).toFixed(3) : brief(value);
}

/** @param {number} seconds */
export function duration(seconds) {
  return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
}

/** A reciprocal-lattice coordinate: −1.333, 0.5, 2. @param {number} value */
export function rlu(value) {
  return String(Number(value.toFixed(3)) + 0).replace("-", "−");
}

/** Simple fractions for names of planes: ½, 1½, ⅓. @param {number} value */
export function fraction(value) {
  const marks = [
    [0, ""],
    [1 / 4, "¼"],
    [1 / 3, "⅓"],
    [1 / 2, "½"],
    [2 / 3, "⅔"],
    [3 / 4, "¾"],
  ];
  const size = Math.abs(value);
  for (const [part, mark] of /** @type {[number, string][]} */ (marks)) {
    const whole = Math.round(size - part);
    if (Math.abs(whole + part - size) < 1e-6 && whole >= 0) {
      const text = whole === 0 && mark ? mark : `${whole}${mark}`;
      return value < 0 && text !== "0" ? `−${text}` : text;
    }
  }
  return rlu(value);
}
