/** The dialog “Copy as lesson”: a link to what is seen, with parts of the page hidden or locked for those who open it. */

import { labelOf } from "../page/controls.js";
import { make } from "../page/dom.js";
import { elementsOf, fieldNames, hiddenNames, lockedNames } from "../page/hiding.js";
import { SETTINGS } from "../page/settings.js";
import { language, said } from "../page/tongue.js";

/** What can be hidden, by the names of a link: key and title of a group, and what is in it. @type {[string, string, [string, string][]][]} */
const GROUPS = [
  [
    "lessons",
    "Lessons",
    [
      ["scenes", "List of scenes"],
      ["teacher", "Page for teachers"],
      ["story", "Text of the scene"],
      ["experiment", "Experiment"],
      ["question", "Question"],
      ["equations", "Equations and sources"],
    ],
  ],
  [
    "results",
    "Results",
    [
      ["truth", "Truth"],
      ["figures", "χ²/n and counts"],
      ["verdict", "Verdict"],
      ["constants", "Force constants"],
      ["elastic", "Elastic constants"],
      ["dispersion", "Dispersion"],
      ["convergence", "χ²/n by iteration"],
      ["map-data", "Map of the data"],
      ["map-model", "Map of the model"],
      ["map-residual", "Map of the residual"],
    ],
  ],
  [
    "actions",
    "What can be done",
    [
      ["views", "Other views"],
      ["examples", "Choice of measurement"],
      ["open", "Open data"],
      ["save", "Save"],
      ["export", "Save for phonopy"],
      ["link", "Link"],
      ["help", "Help"],
      ["play", "Play"],
      ["pause", "Pause"],
      ["stop", "Stop"],
      ["step", "Step"],
      ["reset", "Reset"],
      ["speed", "Speed"],
      ["hands", "Touch the springs"],
    ],
  ],
  [
    "settings",
    "Settings",
    [
      ["given", "All of “Given”"],
      ["crystal", "Crystal"],
      ["model", "Model"],
      ["constraints", "Constraints"],
      ["mask", "Left out"],
      ["background", "Scale and background"],
      ["instrument", "Instrument"],
      ["display", "Display of the maps"],
    ],
  ],
];

/** @typedef {{hide: string, lock: string}} Stripped */

export class LessonDialog {
  /** What it speaks. */
  language = language();
  #dialog = make("dialog", "", { class: "copied-lesson", id: "lesson-dialog", "aria-labelledby": "lesson-title" });
  #told = make("p", "", { class: "told", role: "status" });
  #link = make("input", "", { type: "text", id: "lesson-address", readonly: "", spellcheck: "false" });
  #copy = make("button", said("dialog-copy", "Copy link"), { type: "submit", class: "primary" });
  /** By name. @type {Map<string, HTMLSelectElement>} */
  #choices = new Map();
  #hashOf;
  #share;

  /**
   * @param {(stripped: Stripped) => string} hashOf The part of the link after “#”; throws where it is too long.
   * @param {(hash: string) => Promise<string>} share Puts the link into the clipboard and says so.
   */
  constructor(hashOf, share) {
    this.#hashOf = hashOf;
    this.#share = share;
    const form = make("form", "", { autocomplete: "off", method: "dialog" });
    const head = make("div", "", { class: "dialog-head" });
    const close = make("button", said("dialog-close", "Close"), { type: "button" });
    const title = said("dialog-title", "Copy as lesson");
    head.append(make("h2", title, { id: "lesson-title", tabindex: "-1", autofocus: "" }), close);
    const words =
      "The link opens this page as it stands, springs and maps included. Choose what is not to be seen there, and what is seen but cannot be changed.";
    form.append(make("p", said("dialog-words", words), { class: "facts" }));
    for (const [key, title, parts] of GROUPS) {
      const named = parts.map(([name, label]) => /** @type {[string, string]} */ ([name, said(`part-${name}`, label)]));
      form.append(this.#group(said(`group-${key}`, title), named));
    }
    const fields = fieldNames().flatMap((name) => {
      const setting = SETTINGS.find(({ hash }) => hash === name);
      return setting ? [/** @type {[string, string]} */ ([name, labelOf(setting)])] : [];
    });
    const single = make("details");
    // They are called as they stand in the view “Fit”, which is in English.
    const list = this.#group("", fields);
    for (const label of list.querySelectorAll("label")) label.lang = "en";
    single.append(make("summary", said("dialog-fields", "Single fields")), list);
    const field = make("div", "", { class: "field wide" });
    field.append(make("label", said("dialog-link", "Link to the lesson"), { for: "lesson-address" }), this.#link);
    const buttons = make("div", "", { class: "buttons" });
    buttons.append(this.#copy);
    const foot = make("div", "", { class: "foot" });
    foot.append(field, buttons, this.#told);
    form.append(single, foot);
    form.addEventListener("change", () => this.#follow());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#link.addEventListener("focus", () => this.#link.select());
    close.addEventListener("click", () => this.#dialog.close());
    this.#dialog.append(head, form);
    document.body.append(this.#dialog);
  }

  /** @param {string} title @param {[string, string][]} parts */
  #group(title, parts) {
    const group = make("fieldset");
    const list = make("div", "", { class: "parts-of-page" });
    if (title) group.append(make("legend", title));
    else group.setAttribute("aria-label", said("dialog-fields", "Single fields"));
    for (const [name, label] of parts) {
      const id = `lesson-${name}`;
      const choice = make("select", "", { id });
      choice.append(new Option(said("shown", "shown"), ""), new Option(said("hide", "hidden"), "hide"));
      const controls = elementsOf(name).some(
        (place) => place.matches("input, select, button") || place.querySelector("input, select, button"),
      );
      if (controls) choice.append(new Option(said("lock", "locked"), "lock"));
      const field = make("div", "", { class: "field" });
      field.append(make("label", label, { for: id }), choice);
      list.append(field);
      this.#choices.set(name, choice);
    }
    group.append(list);
    return group;
  }

  open() {
    for (const choice of this.#choices.values()) choice.value = "";
    for (const [what, names] of /** @type {const} */ ([
      ["hide", hiddenNames()],
      ["lock", lockedNames()],
    ])) {
      for (const name of names.split(",")) {
        const choice = this.#choices.get(name);
        if (choice) choice.value = what;
      }
    }
    this.#follow();
    this.#dialog.showModal();
  }

  remove() {
    this.#dialog.remove();
  }

  /** @returns {Stripped} */
  get #stripped() {
    const named = (/** @type {string} */ what) =>
      [...this.#choices].filter(([, { value }]) => value === what).map(([name]) => name);
    return { hide: named("hide").join(","), lock: named("lock").join(",") };
  }

  /** Shows the link that was chosen. */
  #follow() {
    try {
      const hash = this.#hashOf(this.#stripped);
      this.#link.value = new URL(`#${hash}`, location.href).href;
      this.#tell("", false);
    } catch (error) {
      this.#link.value = "";
      this.#tell(error instanceof Error ? `${error.message}.` : String(error), true);
    }
    this.#copy.disabled = this.#link.value === "";
  }

  async #send() {
    try {
      this.#tell(await this.#share(this.#hashOf(this.#stripped)), false);
    } catch (error) {
      this.#tell(error instanceof Error ? `${error.message}.` : String(error), true);
    }
  }

  /** @param {string} words @param {boolean} bad */
  #tell(words, bad) {
    this.#told.textContent = words;
    this.#told.classList.toggle("bad", bad);
  }
}
