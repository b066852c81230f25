/** One part of the page alone, for a frame in another page (`embed=maps,play`). */

import { ID, any, make } from "./dom.js";
import { said } from "./tongue.js";

/** Whether this page was opened as such a part: it then leaves what is kept in the browser, and the person, alone. */
export const isEmbedded = new URLSearchParams(location.hash.slice(1)).has("embed");

/** Leads to the whole page with the same settings. @type {HTMLAnchorElement | null} */
let whole = null;
/** What the page is called, for those who hear it. */
const title = make("h1", "TDS Inversion", { class: "visually-hidden" });

/** Takes everything out of sight but these. @param {Element[]} parts None of them: everything is shown. @param {string} [view] That they are of. */
export function showAlone(parts, view) {
  document.documentElement.toggleAttribute("data-embedded", parts.length > 0);
  if (parts.length === 0) {
    whole?.remove();
    title.remove();
    return;
  }
  // What goes wrong has to be read somewhere.
  const kept = [...parts, ...document.querySelectorAll("#status, #elsewhere")];
  for (const part of kept) {
    for (let here = part; here.parentElement && here !== document.body; here = here.parentElement) {
      for (const beside of here.parentElement.children) {
        if (
          beside !== whole &&
          beside !== title &&
          !kept.some((other) => beside.contains(other) || other.contains(beside))
        )
          beside.classList.add("stripped");
      }
    }
  }
  whole ??= make("a", "", { class: "whole", target: "_blank", rel: "noopener" });
  whole.textContent = said("whole", "Open in TDS Inversion");
  const settings = new URLSearchParams(location.hash.slice(1));
  settings.delete("embed");
  if (view) settings.set("view", view);
  whole.href = `${location.href.replace(/#.*/, "")}#${settings}`;
  any(ID.content).prepend(title);
  any(ID.content).append(whole);
}
