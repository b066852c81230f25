/** The dialog that says what a constant may be: free, held, within bounds, known beforehand, equal to another. */

import { newtons_per_metre } from "../../pkg/tds_inversion.js";
import { make } from "../page/dom.js";
import { sentence } from "../page/messages.js";
import { readNumber } from "../page/parse.js";
import { choiceOf, fromText, withChoice } from "./text.js";

/** @typedef {import("./text.js").Choice} Choice */
/** @typedef {{label: string, meaning: string | null, labels: readonly string[], value: number, unit: keyof typeof UNITS, text: string}} Asked  `value`: present, as a job has it. */

/** @type {[Choice["kind"], string][]} */
const KINDS = [
  ["free", "free"],
  ["held", "held at"],
  ["between", "between"],
  ["known", "known as"],
  ["equal", "equal to"],
];

/** What the numbers of the form are. */
const UNITS = {
  nm: "Numbers are −Φ in N/m.",
  ev: "Numbers are Φ in eV/Å².",
  gpa: "Numbers are in GPa.",
};

export class ConstraintDialog {
  #dialog = make("dialog", "", { id: "constraint-dialog", lang: "en", "aria-labelledby": "constraint-title" });
  #title = make("h2", "", { id: "constraint-title" });
  #meaning = make("p", "");
  #form = make("form", "", { autocomplete: "off", method: "dialog" });
  #tied = make("p", "", { class: "facts" });
  #complaint = make("p", "", { class: "complaint", role: "alert" });
  #unit = make("p", "", { class: "facts" });
  #fields = {
    held: field("constraint-value", "value"),
    least: field("constraint-least", "least value, or nothing"),
    most: field("constraint-most", "largest value, or nothing"),
    known: field("constraint-known", "expected value"),
    sigma: field("constraint-sigma", "its σ"),
  };
  #other = make("select", "", { id: "constraint-other", "aria-label": "the other constant" });
  /** @type {Map<string, HTMLInputElement>} */
  #radios = new Map();
  #wish;
  /** @type {Asked | null} */
  #asked = null;

  /** @param {(text: string) => Promise<string>} wish Has other constraints calculated; says why they were refused, or nothing. */
  constructor(wish) {
    this.#wish = wish;
    const { held, least, most, known, sigma } = this.#fields;
    /** @type {Record<string, (HTMLElement | string)[]>} */
    const parts = {
      free: [],
      held: [held],
      between: [least, "and", most],
      known: [known, "±", sigma],
      equal: [this.#other],
    };
    const rows = KINDS.map(([kind, words]) => {
      const radio = make("input", "", {
        type: "radio",
        name: "constraint-kind",
        id: `constraint-${kind}`,
        value: kind,
      });
      this.#radios.set(kind, radio);
      const row = make("div", "", { class: "choice" });
      row.append(radio, make("label", words, { for: radio.id }), ...(parts[kind] ?? []));
      // Who types a number means it.
      row.addEventListener("input", () => (radio.checked = true));
      return row;
    });
    const apply = make("button", "Apply", { type: "submit", class: "primary" });
    const cancel = make("button", "Cancel", { type: "button" });
    const buttons = make("div", "", { class: "buttons" });
    buttons.append(apply, cancel);
    this.#form.append(this.#title, this.#meaning, this.#tied, ...rows, this.#unit, this.#complaint, buttons);
    this.#dialog.append(this.#form);
    document.body.append(this.#dialog);
    cancel.addEventListener("click", () => this.#dialog.close());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#apply();
    });
    this.#dialog.addEventListener("close", () => {
      // The table was drawn anew meanwhile: back to the button of the same constant.
      const buttons = document.querySelectorAll("#constants-body button");
      for (const button of buttons) {
        if (button instanceof HTMLElement && button.dataset.label === this.#asked?.label) button.focus();
      }
    });
  }

  /** @param {Asked} asked */
  open(asked) {
    this.#asked = asked;
    const { label, meaning, labels, unit, text, value } = asked;
    const factor = this.#factor;
    const choice = choiceOf(fromText(text), label);
    this.#title.textContent = label;
    this.#meaning.textContent = meaning === null ? "" : `${meaning}.`;
    this.#meaning.hidden = meaning === null;
    this.#complaint.textContent = "";
    this.#unit.textContent = UNITS[unit];
    this.#tied.textContent = choice.kind === "tied" ? `Tied ${choice.words}.` : "";
    this.#tied.hidden = choice.kind !== "tied";
    const { held, least, most, known, sigma } = this.#fields;
    const written = (/** @type {number | null} */ x) => (x === null ? "" : String(Number((x * factor).toPrecision(6))));
    held.value = written(choice.kind === "held" ? choice.value : value);
    known.value = written(choice.kind === "known" ? choice.value : value);
    sigma.value = choice.kind === "known" ? written(choice.sigma * Math.sign(factor)) : "";
    const ends = choice.kind === "between" ? [choice.least, choice.most] : [null, null];
    const [low = null, high = null] = factor < 0 ? ends.toReversed() : ends;
    least.value = written(low);
    most.value = written(high);
    this.#other.replaceChildren(...labels.filter((other) => other !== label).map((other) => make("option", other)));
    if (choice.kind === "equal") this.#other.value = choice.other;
    for (const [kind, radio] of this.#radios) radio.checked = kind === choice.kind;
    this.#dialog.showModal();
    (this.#radios.get(choice.kind) ?? this.#radios.get("free"))?.focus();
  }

  get #factor() {
    return this.#asked?.unit === "nm" ? -newtons_per_metre() : 1;
  }

  async #apply() {
    if (!this.#asked) return;
    const choice = this.#chosen();
    if (typeof choice === "string") {
      this.#complaint.textContent = choice;
      return;
    }
    const { text, label } = this.#asked;
    const complaint = await this.#wish(JSON.stringify(withChoice(fromText(text), label, choice)));
    this.#complaint.textContent = complaint;
    if (complaint === "") this.#dialog.close();
  }

  /** What the form says, or what is wrong with it. @returns {Choice | string} */
  #chosen() {
    const kind = [...this.#radios].find(([, radio]) => radio.checked)?.[0] ?? "tied";
    const factor = this.#factor;
    const { held, least, most, known, sigma } = this.#fields;
    /** @type {string[]} */
    const problems = [];
    const read = (/** @type {HTMLInputElement} */ input) => {
      const reading = readNumber(input.value);
      if ("value" in reading) return reading.value / factor;
      problems.push(sentence(reading.problem));
      return 0;
    };
    const end = (/** @type {HTMLInputElement} */ input) => (input.value.trim() === "" ? null : read(input));
    /** @returns {Choice} */
    const chosen = () => {
      if (kind === "held") return { kind, value: read(held) };
      if (kind === "equal") return { kind, other: this.#other.value };
      if (kind === "known") {
        const width = Math.abs(read(sigma));
        if (width === 0) problems.push("σ is zero, expected a positive number.");
        return { kind, value: read(known), sigma: width };
      }
      if (kind === "between") {
        const [a, b] = [end(least), end(most)];
        if (a === null && b === null) problems.push("Both ends are empty, expected a least or a largest value.");
        return { kind, least: factor < 0 ? b : a, most: factor < 0 ? a : b };
      }
      return kind === "free" ? { kind } : { kind: "tied", words: "" };
    };
    const choice = chosen();
    return problems[0] ?? choice;
  }
}

/** @param {string} id @param {string} label */
function field(id, label) {
  return make("input", "", { id, type: "text", inputmode: "decimal", spellcheck: "false", "aria-label": label });
}
