/** A number under the hand: its slider, and for a constant the arrow of the gradient and what a datum says of it. */

import { make, write } from "../page/dom.js";
import { readNumber } from "../page/parse.js";

/** Half the width of a thumb, px: where a slider's value stands does not reach its ends. */
const THUMB = 8;
/** An arrow that is shorter, as a part of the slider, has no direction worth showing. */
const SHORTEST = 0.01;
/** Steps from one end of a slider to the other. */
const STEPS = 400;

/**
 * @typedef {{value: number, sigma: number | null, step: number | null, fixed: string}} Shown  In the unit in force; `step`: where the
 *   gradient would put it, from here; `fixed`: why it cannot be moved, or empty.
 */

export class Slider {
  #label;
  #value = 0;
  #shown = /** @type {Shown} */ ({ value: 0, sigma: null, step: null, fixed: "" });
  /** Ends of the slider. */
  #range = { from: -1, to: 1 };
  #knob = make("input", "", { type: "range", step: "any" });
  #number = make("input", "", { type: "text", inputmode: "decimal", spellcheck: "false" });
  #arrow = make("span", "", { class: "arrow", hidden: "" });
  #whisker = make("span", "", { class: "whisker", hidden: "" });
  #says = make("span", "", { class: "says" });
  #eye = make("button", "", { type: "button", class: "eye", "aria-pressed": "false" });
  #words = make("span", "", { class: "visually-hidden" });
  #decimals = 4;
  /** Whether what is shown is under the hand. */
  #under = false;
  row = make("div", "", { class: "spring" });

  /**
   * @param {string} label @param {string} id
   * @param {{
   *   moved: (value: number) => void, rested: (typed: boolean) => void, left?: () => void,
   *   points?: (on: boolean) => void, pressed?: () => void,
   * }} heard  `moved`: under way; `rested`: let go, or `typed`; `left`: the keys are elsewhere; with `pressed` there is an eye, and
   *   `points` is told that somebody points at it, or no more.
   */
  constructor(label, id, heard) {
    this.#label = label;
    this.#knob.id = id;
    this.#words.id = `${id}-arrow`;
    this.#knob.setAttribute("aria-describedby", this.#words.id);
    this.#number.setAttribute("aria-label", `${label}, as a number`);
    this.#eye.title = `Which pixels know ${label}?`;
    this.#eye.setAttribute("aria-label", this.#eye.title);
    this.#eye.innerHTML =
      '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 3C4 3 1.500 6 .5 8c1 2 3.500 5 7.500 5s6.500-3 7.500-5c-1-2-3.500-5-7.500-5zm0 8a3 3 0 1 1 0-6 3 3 0 0 1 0 6z"/></svg>';
    const track = make("span", "", { class: "track" });
    track.append(this.#knob, this.#whisker, this.#arrow);
    const name = make("label", label, { for: id });
    name.append(this.#says);
    this.row.append(name, track, this.#number, ...(heard.pressed ? [this.#eye] : []), this.#words);
    const take = (/** @type {number} */ value) => {
      this.#value = value;
      this.#draw(true);
      heard.moved(value);
    };
    this.#knob.addEventListener("input", () => take(this.#knob.valueAsNumber));
    this.#knob.addEventListener("change", () => heard.rested(false));
    this.#knob.addEventListener("keydown", (event) => {
      // The steps of a slider with any value are the browser's: here they are a part of its range.
      const by = STEP_KEYS[event.key];
      if (by === undefined || this.#knob.disabled) return;
      event.preventDefault();
      const { from, to } = this.#range;
      take(Math.min(to, Math.max(from, this.#value + (by * (to - from)) / STEPS)));
    });
    this.#number.addEventListener("change", () => {
      const reading = readNumber(this.#number.value);
      const problem = "problem" in reading ? reading.problem : "";
      this.#number.setCustomValidity(problem);
      this.#number.toggleAttribute("aria-invalid", problem !== "");
      this.#number.title = problem;
      if ("problem" in reading) return;
      this.#spread(reading.value);
      take(reading.value);
      heard.rested(true);
    });
    this.row.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.row.contains(relatedTarget))) heard.left?.();
    });
    this.#eye.addEventListener("click", () => heard.pressed?.());
    this.#eye.addEventListener("pointerenter", () => heard.points?.(true));
    this.#eye.addEventListener("pointerleave", () => heard.points?.(false));
  }

  get label() {
    return this.#label;
  }

  get value() {
    return this.#value;
  }

  /** Whether a person is moving it or typing. */
  get isHeld() {
    return this.#knob.matches(":active") || document.activeElement === this.#number;
  }

  /**
   * Shows what is in force. @param {Shown} shown @param {number} half It can be moved by half as much again at least.
   * @param {number} [least] Never below.
   */
  show(shown, half, least = -Infinity) {
    this.#shown = shown;
    this.#value = shown.value;
    const { from, to } = this.#range;
    const centre = (from + to) / 2;
    // The range stays while it serves: under a hand it must not move.
    if (to - from < half || to - from > 8 * half || Math.abs(shown.value - centre) > 0.4 * (to - from)) {
      this.#range = { from: Math.max(least, shown.value - 1.5 * half), to: shown.value + 1.5 * half };
    }
    this.#decimals = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(this.#range.to - this.#range.from))));
    this.#knob.disabled = shown.fixed !== "";
    this.#number.disabled = shown.fixed !== "";
    this.row.title = shown.fixed;
    this.#draw(false);
  }

  /** Follows a constant that another one moves. @param {number} value */
  follow(value) {
    // Most constants stay where they are while another one is moved.
    if (this.#under && value === this.#value) return;
    this.#value = value;
    this.#draw(true);
  }

  /** @param {boolean} pressed */
  press(pressed) {
    this.#eye.setAttribute("aria-pressed", String(pressed));
  }

  /** What a datum says of it, as a part of what it says most of. @param {number} part */
  says(part) {
    this.#says.style.width = `${Math.round(100 * Math.min(1, part))}%`;
  }

  /** @param {number} value A typed one may lie anywhere. */
  #spread(value) {
    const { from, to } = this.#range;
    this.#range = { from: Math.min(from, value), to: Math.max(to, value) };
  }

  /** @param {boolean} under Whether it is under the hand: the arrow is that of where the fit stands. */
  #draw(under) {
    this.#under = under;
    const { from, to } = this.#range;
    if (this.#knob.min !== String(from)) this.#knob.min = String(from);
    if (this.#knob.max !== String(to)) this.#knob.max = String(to);
    this.#knob.value = String(this.#value);
    const small = this.#decimals === 6 && Math.abs(this.#value) < 1e-2;
    const text = small ? String(Number(this.#value.toPrecision(4))) : this.#value.toFixed(this.#decimals);
    this.#knob.setAttribute("aria-valuetext", text);
    if (document.activeElement !== this.#number || under) this.#number.value = text;
    const { value, sigma, step } = this.#shown;
    this.#arrow.hidden = step === null || under;
    this.#whisker.hidden = this.#arrow.hidden || sigma === null;
    if (step === null) return write(this.#words, "");
    const at = (/** @type {number} */ x) => Math.min(1, Math.max(0, (x - from) / (to - from)));
    const place = (/** @type {number} */ part) => `calc(${THUMB}px + ${part} * (100% - ${2 * THUMB}px))`;
    const [start, end] = [at(value), at(value + step)];
    // Too short to be seen: only how sure it is.
    if (Math.abs(end - start) < SHORTEST) this.#arrow.hidden = true;
    this.#arrow.classList.toggle("left", end < start);
    this.#arrow.style.insetInlineStart = place(Math.min(start, end));
    this.#arrow.style.width = `calc(${Math.abs(end - start)} * (100% - ${2 * THUMB}px))`;
    const sure = sigma === null ? "" : ` ± ${sigma.toPrecision(1)}`;
    write(this.#words, `The gradient says ${step < 0 ? "−" : "+"}${Math.abs(step).toFixed(this.#decimals)}${sure}`);
    if (sigma === null) return;
    const [least, most] = [at(value + step - sigma), at(value + step + sigma)];
    this.#whisker.style.insetInlineStart = place(least);
    this.#whisker.style.width = `calc(${most - least} * (100% - ${2 * THUMB}px))`;
  }
}

/** Keys that move a slider, by so many steps. @type {Record<string, number>} */
const STEP_KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -20, PageUp: 20 };
