/** The texts of the lessons: one file for each scene and language in www/lessons, which a teacher can edit. */

/** @typedef {"en" | "de"} Language */

/** Each in its own words. @type {[Language, string][]} */
export const LANGUAGES = [
  ["en", "English"],
  ["de", "Deutsch"],
];

/** The one that was chosen, or the first that the browser asks for and we have. @param {unknown} chosen @returns {Language} */
export function languageOf(chosen) {
  const wanted = [String(chosen), ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  for (const tag of wanted) {
    const found = LANGUAGES.find(([language]) => language === tag);
    if (found) return found[0];
  }
  return "en";
}

/** @type {Map<string, Promise<Texts>>} */
const read = new Map();

/** The texts of a file. @param {Language} language @param {string} name @returns {Promise<Texts>} */
export function textsOf(language, name) {
  const path = `${language}/${name}.html`;
  const known = read.get(path) ?? fetched(language, path);
  read.set(path, known);
  known.catch(() => read.delete(path));
  return known;
}

/** @param {Language} language @param {string} path */
async function fetched(language, path) {
  const response = await fetch(new URL(`../../lessons/${path}`, import.meta.url)).catch((cause) => {
    const words = `the text ${path} did not load: there is no answer from the server that the page came from. Try again when the network is back`;
    throw new Error(words, { cause });
  });
  if (!response.ok) throw new Error(`the text ${path} did not load: the server answered ${response.status}`);
  return new Texts(language, path, new DOMParser().parseFromString(await response.text(), "text/html"));
}

export class Texts {
  #path;
  #document;

  /** @param {Language} language @param {string} path @param {Document} document */
  constructor(language, path, document) {
    this.language = language;
    this.#path = path;
    this.#document = document;
  }

  /** @param {string} key */
  #element(key) {
    const found = this.#document.querySelector(`[data-key="${key}"]`);
    if (!found) throw new Error(`the text ${this.#path} has no “${key}”`);
    return found;
  }

  /** The words under a key, with values for what stands in braces. @param {string} key @param {Record<string, string | number>} [values] */
  say(key, values = {}) {
    const words = (this.#element(key).textContent ?? "").replace(/\s+/g, " ").trim();
    return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? `{${name}}`));
  }

  /** What stands under a key, to be put into the page. @param {string} key @returns {Node[]} */
  content(key) {
    return [...document.importNode(this.#element(key), true).childNodes];
  }

  /** A number as the language writes it. @param {number} value @param {number} [digits] Decimals. */
  number(value, digits = 2) {
    if (!Number.isFinite(value)) return "–";
    const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    const text = value.toLocaleString(this.language, format).replace("-", "−");
    return /[1-9]/.test(text) ? text : text.replace("−", "");
  }

  /** A number with so many digits that matter. @param {number} value @param {number} [digits] */
  rough(value, digits = 2) {
    if (!Number.isFinite(value)) return "–";
    return value.toLocaleString(this.language, { maximumSignificantDigits: digits }).replace("-", "−");
  }
}
