/** “Add a mask”: a form whose fields follow the kind that is chosen. */

import { fillSelect, make } from "../page/dom.js";
import { sentence } from "../page/messages.js";
import { readNumber } from "../page/parse.js";
import { KINDS } from "./kinds.js";

/** @typedef {import("./kinds.js").Kind} Kind */
/** @typedef {import("./kinds.js").Numbers} Numbers */
/** @typedef {import("./shapes.js").Shape} Shape */

/** What belongs to no kind of field: the message about the whole. */
const PROBLEM = "mask-new-problem";

export class MaskForm {
  #add;
  #fields = make("div");
  #name = make("input", "", { id: "mask-name", type: "text", maxlength: "60", spellcheck: "false" });
  #select = make("select", "", { id: "mask-kind" });
  #sets = make("select", "", { id: "mask-set" });
  #setsRow;
  /** Number fields by row. @type {Map<string, HTMLInputElement[]>} */
  #inputs = new Map();

  /**
   * @param {HTMLElement} home
   * @param {(shape: Shape, set: number | null) => Promise<string>} add Says why it was refused, or nothing.
   */
  constructor(home, add) {
    this.#add = add;
    const details = make("details", "", { id: "mask-new" });
    const kind = row(make("label", "Kind", { for: "mask-kind" }), this.#select);
    const name = row(make("label", "Name", { for: "mask-name" }), this.#name);
    this.#setsRow = row(make("label", "Applies to", { for: "mask-set" }), this.#sets);
    const button = make("button", "Add", { type: "button", id: "mask-add" });
    details.append(make("summary", "Add a mask"), kind, this.#fields, name, this.#setsRow, button);
    home.append(details);
    fillSelect(
      this.#select,
      KINDS.map(({ kind, text }) => ({ value: kind, text })),
    );
    this.#select.addEventListener("change", () => this.#show());
    button.addEventListener("click", () => this.#submit());
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
      event.preventDefault();
      this.#submit();
    });
    this.#show();
  }

  /** The measurements that a mask can be for. @param {string[]} names */
  offer(names) {
    this.#setsRow.hidden = names.length < 2;
    const all = { value: "", text: "all data" };
    fillSelect(this.#sets, [all, ...names.map((text, n) => ({ value: String(n), text }))]);
  }

  /** @returns {Kind} */
  get #kind() {
    return KINDS.find(({ kind }) => kind === this.#select.value) ?? /** @type {Kind} */ (KINDS[0]);
  }

  /** Fields for the kind. */
  #show() {
    const { rows, name } = this.#kind;
    this.#inputs.clear();
    this.#complain("");
    this.#name.value = "";
    this.#name.placeholder = name;
    this.#fields.replaceChildren(
      ...rows.map(({ key, label, unit, names, fallback }) => {
        const inputs = names.map((part, i) => {
          const input = make("input", "", {
            type: "text",
            inputmode: "decimal",
            spellcheck: "false",
            "aria-label": part === label.toLowerCase() ? label : `${label}, ${part}`,
            placeholder: part,
          });
          input.value = fallback?.[i] ?? "";
          input.addEventListener("input", () => mark(input, ""));
          return input;
        });
        this.#inputs.set(key, inputs);
        const words = make("span", `${label} `);
        if (unit) words.append(make("small", unit));
        const numbers = make("span", "", { class: "numbers-row" });
        numbers.append(...inputs);
        return row(words, numbers);
      }),
    );
  }

  /** What stands in the fields, those that cannot be read marked; null if there are such. */
  #read() {
    /** @type {Record<string, Numbers>} */
    const given = {};
    let fine = true;
    for (const { key, names, optional, each } of this.#kind.rows) {
      const inputs = this.#inputs.get(key) ?? [];
      const isLeft = optional && inputs.every(({ value }) => value.trim() === "");
      given[key] = inputs.map((input, i) => {
        const isEmpty = input.value.trim() === "";
        const reading = readNumber(input.value);
        const problem = isEmpty
          ? isLeft || each
            ? ""
            : `${names[i]} is empty`
          : "problem" in reading
            ? reading.problem
            : "";
        mark(input, problem);
        if (problem !== "") fine = false;
        return "value" in reading ? reading.value : null;
      });
    }
    return fine ? given : null;
  }

  async #submit() {
    this.#complain("");
    const given = this.#read();
    if (!given) {
      this.#fields.querySelector("input[aria-invalid]")?.scrollIntoView({ block: "nearest" });
      return;
    }
    const { shape, name } = this.#kind;
    const set = this.#sets.value === "" || this.#setsRow.hidden ? null : Number(this.#sets.value);
    const problem = await this.#add({ name: this.#name.value.trim() || name, ...shape(given) }, set);
    this.#complain(problem);
    if (problem === "") this.#show();
  }

  /** Says why the whole was refused, beside it. @param {string} problem */
  #complain(problem) {
    document.getElementById(PROBLEM)?.remove();
    const inputs = [...this.#inputs.values()].flat();
    for (const input of inputs) if (input.getAttribute("aria-describedby") === PROBLEM) unmark(input);
    if (problem === "") return;
    this.#fields.append(make("p", problem, { class: "problem", id: PROBLEM }));
    for (const input of inputs) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", PROBLEM);
    }
  }
}

/** @param {HTMLElement} label @param {HTMLElement} control */
function row(label, control) {
  const row = make("div", "", { class: "mask-field" });
  row.append(label, control);
  return row;
}

/** @param {HTMLInputElement} input */
function unmark(input) {
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
}

/** Why a field cannot be read, beside it; empty if it can. @param {HTMLInputElement} input @param {string} problem */
function mark(input, problem) {
  const name = `mask-problem-${input.getAttribute("aria-label")?.replace(/\W+/g, "-")}`;
  document.getElementById(name)?.remove();
  unmark(input);
  if (problem === "") return;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", name);
  input.closest(".mask-field")?.append(make("p", sentence(problem), { class: "problem", id: name }));
}
