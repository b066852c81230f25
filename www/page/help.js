/** The Help: what in it comes from the program, and its own table of contents. */

import { ID, any, make } from "./dom.js";
import { fieldNames } from "./hiding.js";

/** @param {string} version The engine's. */
export function furnishHelp(version) {
  any(ID.version).textContent = version;
  any(ID.versionCited).textContent = version;
  any(ID.fieldNames).replaceChildren(...fieldNames().flatMap((name) => [make("code", name), " "]));
  for (const link of any(ID.helpDialog).querySelectorAll("nav a")) {
    // The part of the address after “#” belongs to the settings.
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const part = document.getElementById((link.getAttribute("href") ?? "").slice(1));
      part?.scrollIntoView();
      part?.setAttribute("tabindex", "-1");
      part?.focus({ preventScroll: true });
    });
  }
}
