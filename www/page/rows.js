/** Rows that a person types, adds and takes away: a list of forms of one kind. What cannot be read is said beside its field. */

import { fillSelect, make } from "./dom.js";
import { sentence } from "./messages.js";

/** @typedef {Record<string, string>} Typed  By column. */
/** @typedef {{value: any} | {problem: string}} Reading */
/**
 * @typedef {{key: string, label: string, unit?: string, placeholder?: string, wide?: boolean,
 *   options?: [string, string][], read: (typed: string) => Reading}} Column  One with `options` is a choice.
 */

let named = 0;

export class Rows {
  /** The list with its caption and the button that adds to it. */
  element = make("section", "", { class: "rows" });
  #list = make("ul");
  #columns;
  #what;
  #fresh;
  #changed;

  /**
   * @param {{caption: string, what: string, columns: Column[], fresh?: () => Typed, changed?: () => void}} parts
   *   `what` is one row in words, such as “elastic constant”; `fresh` what an added one holds.
   */
  constructor({ caption, what, columns, fresh = () => ({}), changed = () => {} }) {
    this.#columns = columns;
    this.#what = what;
    this.#fresh = fresh;
    this.#changed = changed;
    const title = make("h3", caption, { id: `rows-${++named}` });
    this.element.setAttribute("aria-labelledby", title.id);
    const add = make("button", `Add ${/^[aeiou]/.test(what) ? "an" : "a"} ${what}`, { type: "button", class: "add" });
    add.addEventListener("click", () => {
      this.#append(this.#fresh());
      this.#changed();
      this.#inputs(this.#items.length - 1)[0]?.focus();
    });
    this.element.append(title, this.#list, add);
  }

  get #items() {
    return [...this.#list.children];
  }

  get length() {
    return this.#items.length;
  }

  /** @param {number} row */
  #inputs(row) {
    const fields = [...(this.#items[row]?.querySelectorAll("input, select") ?? [])];
    return fields.filter((field) => field instanceof HTMLInputElement || field instanceof HTMLSelectElement);
  }

  /** Other choices for a column, for the rows to come. @param {string} key @param {[string, string][]} options */
  offer(key, options) {
    for (const column of this.#columns) if (column.key === key) column.options = options;
  }

  /** @param {Typed[]} rows */
  show(rows) {
    this.#list.replaceChildren();
    for (const row of rows) this.#append(row);
  }

  /** @param {Typed} typed */
  #append(typed) {
    const item = make("li");
    item.append(...this.#columns.map((column) => field(column, typed[column.key] ?? "", this.#changed)));
    const remove = make("button", "×", { type: "button", class: "remove", "aria-label": `Remove this ${this.#what}` });
    remove.addEventListener("click", () => {
      const at = this.#items.indexOf(item);
      item.remove();
      this.#changed();
      // Who works by keyboard stays in the list.
      const next = this.#inputs(Math.min(at, this.#items.length - 1))[0];
      (next ?? this.element.querySelector("button.add"))?.focus();
    });
    item.append(remove);
    this.#list.append(item);
  }

  /** What stands in the rows, as typed. @returns {Typed[]} */
  typed() {
    return this.#items.map((_, row) =>
      Object.fromEntries(this.#inputs(row).map(({ value }, i) => [this.#columns[i]?.key ?? "", value])),
    );
  }

  /** What stands in the rows, read; those that cannot be are marked, and the answer is null. @returns {Record<string, any>[] | null} */
  read() {
    let fine = true;
    const all = this.#items.map((_, row) => {
      /** @type {Record<string, any>} */
      const values = {};
      for (const [i, input] of this.#inputs(row).entries()) {
        const column = this.#columns[i];
        if (!column) continue;
        const reading =
          input.value.trim() === "" ? { problem: `${column.label} is empty` } : column.read(input.value.trim());
        mark(input, "problem" in reading ? reading.problem : "");
        if ("problem" in reading) fine = false;
        else values[column.key] = reading.value;
      }
      return values;
    });
    return fine ? all : null;
  }

  /** Says beside a field why it was refused, and goes there. @param {number} row @param {string} key @param {string} problem */
  complain(row, key, problem) {
    const input = this.#inputs(row)[this.#columns.findIndex((column) => column.key === key)];
    if (!input) return false;
    mark(input, problem);
    input.focus();
    return true;
  }

  /** Goes to the first field that is marked; says whether there is one. */
  goToProblem() {
    const marked = this.element.querySelector("[aria-invalid]");
    if (marked instanceof HTMLElement) marked.focus();
    return marked !== null;
  }
}

/** @param {Column} column @param {string} typed @param {() => void} changed */
function field({ label, unit, placeholder, options, wide }, typed, changed) {
  const id = `row-field-${++named}`;
  const input = options
    ? make("select", "", { id })
    : make("input", "", { id, type: "text", spellcheck: "false", placeholder: placeholder ?? "" });
  if (input instanceof HTMLSelectElement) {
    fillSelect(
      input,
      (options ?? []).map(([value, text]) => ({ value, text })),
    );
    if (typed !== "") input.value = typed;
  } else input.value = typed;
  input.addEventListener("input", () => {
    mark(input, "");
    changed();
  });
  const words = make("label", label, { for: id });
  if (unit) words.append(" ", make("small", unit));
  const cell = make("div", "", { class: wide ? "cell wide" : "cell" });
  cell.append(words, input);
  return cell;
}

/** Why a field is not taken, beside it; empty if it is. @param {HTMLElement} input @param {string} problem */
export function mark(input, problem) {
  const name = `${input.id}-problem`;
  document.getElementById(name)?.remove();
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
  if (problem === "") return;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", name);
  input.parentElement?.append(make("p", sentence(problem), { id: name, class: "problem" }));
}
