/** Controls that a link locks (`lock=temperature,examples`): they are shown and cannot be changed, whatever the page does with them. */

import { said } from "./tongue.js";

const CONTROLS = "input, select, textarea, button";
const WHY = "Locked by the link that this page was opened with";

/** What the title of a control says where it says that it is locked. @type {WeakMap<Element, string>} */
const explained = new WeakMap();

/** What is locked at present. @type {Element[]} */
let places = [];
/** Locked controls, and whether the page has them disabled. @type {Map<Element, boolean>} */
const locked = new Map();

/** What comes later, and what the page switches on again. */
const observer = new MutationObserver((changes) => {
  for (const { type, target } of changes) {
    // A control that was just locked by this is disabled; what the page enables is noted and locked again.
    if (type === "attributes" && isControl(target) && locked.has(target) && !target.disabled) locked.set(target, false);
  }
  apply();
});

/** @param {unknown} element @returns {element is HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLButtonElement} */
const isControl = (element) => element instanceof Element && element.matches(CONTROLS);

/** Locks the controls in these places, and unlocks all others. @param {Element[]} elements */
export function lockIn(elements) {
  observer.disconnect();
  places = elements;
  for (const [element, disabled] of locked) {
    if (!isControl(element) || places.some((place) => place.contains(element))) continue;
    locked.delete(element);
    element.disabled = disabled;
    element.removeAttribute("data-locked");
    if (element.title === explained.get(element)) element.removeAttribute("title");
  }
  apply();
}

function apply() {
  observer.disconnect();
  for (const place of places) {
    for (const element of [place, ...place.querySelectorAll(CONTROLS)]) {
      if (!isControl(element)) continue;
      // Said anew where the page speaks another language by now.
      if (!element.title || element.title === explained.get(element)) {
        explained.set(element, said("locked", WHY));
        element.title = said("locked", WHY);
      }
      if (locked.has(element) && element.disabled) continue;
      if (!locked.has(element)) locked.set(element, element.disabled);
      element.disabled = true;
      element.setAttribute("data-locked", "");
    }
    observer.observe(place, { subtree: true, childList: true, attributeFilter: ["disabled"] });
  }
}
