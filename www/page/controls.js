/**
 * The controls of the settings table: filled, read and shown from that table alone. A field shows
 * what is in force or wished for, or it is marked and says beside itself why not.
 */

import { any, byId, fillSelect, make } from "./dom.js";
import { readCells, readNumber, readWholeNumber } from "./parse.js";
import { SETTINGS, writtenCells } from "./settings.js";

/** @typedef {import("./settings.js").Setting} Setting */
/** @typedef {import("./settings.js").Value} Value */
/** @typedef {import("./settings.js").Values} Values */
/** @typedef {{shown: string | boolean, message: string}} Mark  What stands in the field, and why it is not in force. */

/** @param {Setting} setting */
const input = (setting) => byId(setting.id, HTMLInputElement);
/** @param {Setting} setting */
const select = (setting) => byId(setting.id, HTMLSelectElement);
/** @param {Setting} setting */
const isTyped = ({ kind }) => kind === "text" || kind === "number" || kind === "whole" || kind === "cells";

/** What the page wrote last into each field: anything else is being typed. @type {Map<string, string>} */
const written = new Map();

/**
 * Fills the fixed choices and reports every change by a person.
 * @param {(setting: Setting, value: Value) => void} changed
 * @param {(setting: Setting, mark: Mark) => void} unreadable
 */
export function bindControls(changed, unreadable) {
  for (const setting of SETTINGS) {
    if (setting.kind === "place") continue;
    if (setting.options) {
      fillSelect(
        select(setting),
        setting.options.map(([value, text]) => ({ value, text })),
      );
    }
    const report = () => {
      if (isTyped(setting)) written.set(setting.id, input(setting).value);
      const reading = readControl(setting);
      if ("problem" in reading) unreadable(setting, { shown: input(setting).value, message: reading.problem });
      else changed(setting, reading.value);
    };
    const control = any(setting.id);
    control.addEventListener(setting.key === "speed" ? "input" : "change", report);
    // Enter tries again what was not taken, although nothing was changed.
    if (isTyped(setting)) {
      control.addEventListener("keydown", (event) => {
        const unchanged = written.get(setting.id) === input(setting).value;
        if (event.key === "Enter" && unchanged && control.hasAttribute("aria-invalid")) report();
      });
    }
  }
  for (const form of document.querySelectorAll("form")) {
    if (form.method !== "dialog") form.addEventListener("submit", (event) => event.preventDefault());
  }
}

/** What stands in a control, or why it cannot be read. @param {Setting} setting @returns {{value: Value} | {problem: string}} */
function readControl(setting) {
  if (setting.kind === "choice") return { value: select(setting).value };
  if (setting.kind === "flag") return { value: input(setting).checked };
  const typed = input(setting).value;
  if (typed.trim() === "") {
    return setting.optional ? { value: null } : { problem: `${labelOf(setting)} is empty` };
  }
  switch (setting.kind) {
    case "number":
      return readNumber(typed);
    case "whole":
      return readWholeNumber(typed);
    case "cells": {
      const cells = readCells(typed);
      return cells
        ? { value: writtenCells(cells) }
        : { problem: `“${typed.trim()}” is no supercell, such as 6 × 6 × 2` };
    }
    default:
      return { value: typed.trim() };
  }
}

/**
 * Shows the values in the controls, and beside those that are marked why. A field that a person is
 * typing in is left alone.
 * @param {Values} values @param {ReadonlyMap<string, Mark>} marks By key.
 */
export function showValues(values, marks) {
  for (const setting of SETTINGS) {
    if (setting.kind === "place") continue;
    const mark = marks.get(setting.key);
    const value = mark ? mark.shown : (values[setting.key] ?? null);
    if (setting.kind === "choice") select(setting).value = String(value);
    else if (setting.kind === "flag") input(setting).checked = value === true;
    else write(input(setting), value === null ? "" : String(value));
    showMark(setting.id, mark?.message);
  }
  showApplicable(values);
}

/** @param {HTMLInputElement} field @param {string} text */
function write(field, text) {
  const known = written.get(field.id) ?? field.defaultValue;
  if (document.activeElement === field && field.value !== known) return;
  written.set(field.id, text);
  if (field.value !== text) field.value = text;
}

/** Marks a field as one whose content is not in force, with the reason beside it; or unmarks it. @param {string} id @param {string | undefined} message */
function showMark(id, message) {
  const control = any(id);
  const name = `${id}-problem`;
  const note = document.getElementById(name);
  if (message === undefined) {
    note?.remove();
    control.removeAttribute("aria-invalid");
    if (control.getAttribute("aria-describedby") === name) control.removeAttribute("aria-describedby");
    return;
  }
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", name);
  if (note) {
    if (note.textContent !== message) note.textContent = message;
  } else {
    (control.closest(".field") ?? control).append(make("p", message, { id: name, class: "problem" }));
  }
}

/** Shows the controls that apply, and only those. @param {Values} values */
export function showApplicable(values) {
  for (const { id, when } of SETTINGS) {
    const field = when && any(id).closest(".field");
    // A marked field stays in sight: its message is the only place that says what is wrong.
    if (field instanceof HTMLElement) field.hidden = !when?.(values) && !any(id).hasAttribute("aria-invalid");
  }
}

/** The name of a setting as the page shows it, without its unit. @param {Setting} setting */
export function labelOf({ id, key, label: known }) {
  if (known) return known;
  const label = document.querySelector(`label[for="${id}"]`) ?? any(id).closest("label");
  const words = [...(label?.childNodes ?? [])]
    .filter((node) => node instanceof Text)
    .map((node) => node.textContent ?? "");
  const name = words.join(" ").trim();
  const group = any(id).closest("[role=group]")?.getAttribute("aria-labelledby");
  const over = group ? document.getElementById(group)?.textContent?.trim() : undefined;
  return [over, name].filter(Boolean).join(" ") || key;
}

/** A value as its control would show it. @param {Setting} setting @param {Value} value */
export function shownText(setting, value) {
  if (setting.say) return setting.say(value);
  if (setting.kind === "choice") {
    return [...select(setting).options].find((option) => option.value === value)?.text ?? String(value);
  }
  if (setting.kind === "flag") return value === true ? "on" : "off";
  return value === null ? input(setting).placeholder || "empty" : String(value);
}

/** @param {string} key @param {{value: string, text: string, group?: string}[]} options */
export function setOptions(key, options) {
  const setting = SETTINGS.find((s) => s.key === key);
  if (setting) fillSelect(select(setting), options);
}

/** Whether a choice offers a value. @param {string} key @param {Value} value */
export function offers(key, value) {
  const setting = SETTINGS.find((s) => s.key === key);
  return setting !== undefined && [...select(setting).options].some((o) => o.value === value);
}
