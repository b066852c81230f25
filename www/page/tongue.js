/**
 * The words of the page around a view, in the language that the view speaks while it is in sight. What no view has words for is
 * said as the page says it, in English.
 */

/** @typedef {{language: string, say: (key: string, values?: Record<string, string | number>) => string}} Tongue */

/** @type {Tongue | null} */
let tongue = null;

/** What stood in the markup before it was said in another language: text, and attributes by name. @type {Map<Element, Record<string, string>>} */
const before = new Map();

/** Of the markup, by the keys of the texts: whose text, or which of its attributes. @type {[string, string, string?][]} */
const PLACES = [
  ["skip", "#skip"],
  ["views", "#views", "aria-label"],
  ["open-data", "#open-data"],
  ["save-result", "#save-result"],
  ["save-job", "#save-job"],
  ["link", "#link"],
  ["lesson", "#lesson"],
  ["help", "#help"],
  ["drop", "#dropzone p"],
  ["lessons", '[data-part="lessons"]', "aria-label"],
];

/** Something that the page says. @param {string} key @param {string} english @param {Record<string, string | number>} [values] */
export function said(key, english, values) {
  return tongue ? tongue.say(key, values) : english;
}

/** What the page speaks at the moment. */
export const language = () => tongue?.language ?? "en";

/** From now on the page around the view is in this language; null: as it was. @param {Tongue | null} next @param {string} [title] Of the document. */
export function speak(next, title) {
  for (const [element, words] of before) {
    for (const [name, text] of Object.entries(words)) write(element, name, text);
  }
  before.clear();
  tongue = next;
  document.documentElement.lang = next?.language ?? "en";
  if (!next) return;
  for (const link of document.querySelectorAll("#views a[data-view]"))
    put(link, "", next.say(`view-${link.getAttribute("data-view")}`));
  for (const [key, selector, attribute = ""] of PLACES) {
    const element = document.querySelector(selector);
    if (element) put(element, attribute, next.say(key));
  }
  const head = document.querySelector("title");
  if (head && title) put(head, "", title);
}

/** @param {Element} element @param {string} name Of an attribute; empty: the text. @param {string} text */
function put(element, name, text) {
  const was = name === "" ? (element.textContent ?? "") : (element.getAttribute(name) ?? "");
  if (was === text) return;
  before.set(element, { ...before.get(element), [name]: was });
  write(element, name, text);
}

/** @param {Element} element @param {string} name @param {string} text */
function write(element, name, text) {
  if (name === "") element.textContent = text;
  else element.setAttribute(name, text);
}
