/** The controls of the settings table: filled, read and shown from that table alone. */

import { any, byId, fillSelect } from "./dom.js";
import { SETTINGS } from "./settings.js";

/** @typedef {import("./settings.js").Setting} Setting */
/** @typedef {import("./settings.js").Value} Value */
/** @typedef {import("./settings.js").Values} Values */

/** @param {Setting} setting */
const input = (setting) => byId(setting.id, HTMLInputElement);
/** @param {Setting} setting */
const select = (setting) => byId(setting.id, HTMLSelectElement);

/**
 * Fills the fixed choices and reports every change by a person.
 * @param {(setting: Setting, value: Value) => void} changed
 */
export function bindControls(changed) {
  for (const setting of SETTINGS) {
    if (setting.kind === "place") continue;
    if (setting.options) {
      fillSelect(select(setting), setting.options.map(([value, text]) => ({ value, text })));
    }
    const event = setting.key === "speed" ? "input" : "change";
    any(setting.id).addEventListener(event, () => {
      const value = readControl(setting);
      any(setting.id).toggleAttribute("aria-invalid", value === undefined);
      if (value !== undefined) changed(setting, value);
    });
  }
  for (const form of document.querySelectorAll("form")) {
    if (form.method !== "dialog") form.addEventListener("submit", (event) => event.preventDefault());
  }
}

/** What stands in a control; undefined if it is no number where one is needed. @param {Setting} setting */
function readControl(setting) {
  switch (setting.kind) {
    case "choice":
      return select(setting).value;
    case "place":
      return undefined;
    case "flag":
      return input(setting).checked;
    case "text": {
      const { value, validity } = input(setting);
      if (setting.optional && value.trim() === "") return null;
      return validity.patternMismatch ? undefined : value.trim();
    }
    case "number": {
      const { value, valueAsNumber, validity } = input(setting);
      if (value === "" && !validity.badInput) return setting.optional ? null : undefined;
      return Number.isFinite(valueAsNumber) ? valueAsNumber : undefined;
    }
  }
}

/** Shows the values in the controls. @param {Values} values */
export function showValues(values) {
  for (const setting of SETTINGS) {
    const value = values[setting.key] ?? null;
    if (setting.kind === "place") continue;
    if (setting.kind === "choice") select(setting).value = String(value);
    else if (setting.kind === "flag") input(setting).checked = value === true;
    else input(setting).value = value === null ? "" : String(value);
    any(setting.id).removeAttribute("aria-invalid");
  }
  showApplicable(values);
}

/** Shows the controls that apply, and only those. @param {Values} values */
export function showApplicable(values) {
  for (const { id, when } of SETTINGS) {
    const field = when && any(id).closest(".field");
    if (field instanceof HTMLElement) field.hidden = !when?.(values);
  }
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
