/** What a person types, read as numbers: with a decimal point or a decimal comma, never with separators of thousands. */

/** @typedef {{value: number} | {problem: string}} Reading */

/** @param {string} typed @returns {Reading} */
export function readNumber(typed) {
  const text = typed.trim().replace("−", "-");
  if (/^[-+]?[1-9]\d{0,2}(,\d{3})+$/.test(text) && !text.includes(".")) {
    const [plain, decimal] = [text.replaceAll(",", ""), text.replace(",", ".")];
    const either = text.indexOf(",") === text.lastIndexOf(",") ? `${plain} or ${decimal}` : plain;
    return { problem: `“${typed.trim()}” can be read in two ways: write ${either}` };
  }
  const decimal = text.replace(",", ".");
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(decimal)) {
    return { problem: `“${typed.trim()}” is no number, such as 5.8 or 5,8` };
  }
  const value = Number(decimal);
  return Number.isFinite(value) ? { value } : { problem: `“${typed.trim()}” is too large for a number` };
}

/** @param {string} typed @returns {Reading} */
export function readWholeNumber(typed) {
  const reading = readNumber(typed);
  if ("problem" in reading || (Number.isSafeInteger(reading.value) && reading.value >= 0)) return reading;
  return { problem: `“${typed.trim()}” is no whole number` };
}

/** “6 × 6 × 2”, also written with x, commas or blanks; in the first form, or null. @param {string} typed */
export function readCells(typed) {
  const parts = typed.trim().split(/\s*[×x*,;\s]\s*/);
  const cells = parts.map(Number);
  return cells.length === 3 && parts.every((p) => /^\d{1,6}$/.test(p)) ? cells : null;
}
