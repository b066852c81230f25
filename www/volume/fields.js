/** What is typed in the dialog “Measurement”, read as numbers; a field that cannot be read says why beside itself. */

import { byId, make } from "../page/dom.js";
import { readNumber, readWholeNumber } from "../page/parse.js";

/** @typedef {import("./protocol.js").Vector} Vector */

/** Something that was typed cannot be used; the fields say why. */
export class Unreadable extends Error {}

/** @param {string} id */
export const input = (id) => byId(id, HTMLInputElement);

/** A number; the fallback where nothing is typed. @template T @param {string} id @param {T} fallback @returns {number | T} */
export function numberIn(id, fallback) {
  const typed = input(id).value;
  if (typed.trim() === "") return accept(id, fallback);
  return taken(id, readNumber(typed));
}

/** A whole number from 1 on. @param {string} id */
export function countIn(id) {
  const typed = input(id).value.trim() || "1";
  const value = taken(id, readWholeNumber(typed));
  return value >= 1 && value <= 1000 ? value : refuse(id, `“${typed}” is not between 1 and 1000`);
}

/** Three numbers. @param {string} id @returns {Vector} */
export function vectorIn(id) {
  const typed = input(id).value;
  const vector = readVector(typed);
  return vector ? accept(id, vector) : refuse(id, `“${typed.trim()}” are no three numbers, such as 1 1 0`);
}

/** “1 −1 0.5”, also with commas or semicolons and in brackets, or null. @param {string} typed @returns {Vector | null} */
export function readVector(typed) {
  const text = typed.trim().replace(/^[[(]|[\])]$/g, "");
  const parts = text.split(/[;\s]+/).filter(Boolean);
  const three = parts.length === 3 ? parts : text.split(/[,\s]+/).filter(Boolean);
  const numbers = three.map((part) => readNumber(part.replace(/,$/, "")));
  const values = numbers.flatMap((reading) => ("value" in reading ? [reading.value] : []));
  return values.length === 3 && three.length === 3 ? /** @type {Vector} */ (values) : null;
}

/** @param {string} id @param {import("../page/parse.js").Reading} reading */
function taken(id, reading) {
  return "value" in reading ? accept(id, reading.value) : refuse(id, reading.problem);
}

/** @template T @param {string} id @param {T} value @returns {T} */
function accept(id, value) {
  mark(id, "");
  return value;
}

/** @param {string} id @param {string} problem @returns {never} */
export function refuse(id, problem) {
  mark(id, problem);
  throw new Unreadable(problem);
}

/** @param {string} id @param {string} problem */
function mark(id, problem) {
  const field = input(id);
  const name = `${id}-problem`;
  document.getElementById(name)?.remove();
  if (problem === "") {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    return;
  }
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", name);
  (field.closest(".field") ?? field).append(make("p", `${problem}.`, { id: name, class: "problem" }));
}
