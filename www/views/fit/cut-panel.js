/** The chart of a cut or a profile, the fields that say where it is, and its numbers as a table. */

import { ScanPanel, rangeOf } from "../../draw/scan-panel.js";
import { AXES } from "../../draw/planes.js";
import { distance, pixelSize } from "../../draw/cut.js";
import { make } from "../../page/dom.js";
import { brief } from "../../page/numbers.js";
import { readNumber } from "../../page/parse.js";
import { copy, table } from "./copying.js";

/** @typedef {import("./cuts.js").Cut} Cut */
/** @typedef {import("./cuts.js").Profile} Profile */
/** @typedef {import("./cuts.js").Seen} Seen */
/** @typedef {import("../../draw/cut.js").Course} Course */
/** @typedef {import("../../draw/cut.js").Point} Point */

/** CSS pixels of the plot. */
const HEIGHT = 190;
/** The fields of each kind: id, label, what an empty one means. @type {Record<"cut" | "profile", [string, string, string][]>} */
const FIELDS = {
  cut: [
    ["cut-from", "From h k l", ""],
    ["cut-to", "To h k l", ""],
    ["cut-width", "Average across, Å⁻¹", "nearest pixels"],
  ],
  profile: [
    ["profile-centre", "Around h k l", ""],
    ["profile-radius", "Out to, Å⁻¹", "half way to the next"],
  ],
};

export class CutPanel {
  #figure = make("figure", "", { class: "chart reading", id: "cut-chart" });
  #title = make("span");
  #facts = make("small");
  #canvas = make("canvas", "", { tabindex: "0", role: "application", "aria-describedby": "cut-reading" });
  #reading = make("p", "", { id: "cut-reading", class: "facts" });
  #fields = make("form", "", { class: "reading-fields", autocomplete: "off" });
  #unit = make("select", "", { id: "cut-unit" });
  #panel = new ScanPanel(this.#canvas);
  #parts;
  /** @type {{seen: Seen, reading: Cut | Profile, course: Course, radius: number | null} | null} */
  #shown = null;
  /** The point that is read. @type {number | null} */
  #at = null;

  /**
   * @param {HTMLElement} home
   * @param {{changed: (reading: Cut | Profile) => void, remove: () => void, pointed: (pixel: {x: number, y: number} | null) => void,
   *   say: (words: string) => void}} parts
   */
  constructor(home, parts) {
    this.#parts = parts;
    const caption = make("figcaption");
    const legend = make("ul", "", { class: "legend" });
    legend.append(make("li", "data", { class: "points" }), make("li", "model", { class: "current" }));
    caption.append(this.#title, this.#facts, legend);
    for (const unit of ["Å⁻¹", "r.l.u."]) this.#unit.append(new Option(unit));
    this.#unit.addEventListener("change", () => {
      const reading = this.#shown?.reading;
      if (reading?.kind === "cut") parts.changed({ ...reading, unit: this.#unit.value });
    });
    this.#fields.addEventListener("submit", (event) => event.preventDefault());
    this.#figure.append(caption, this.#canvas, this.#reading, this.#fields);
    home.append(this.#figure);
    const { canvas } = this.#panel;
    canvas.addEventListener("pointermove", (event) => this.#point(this.#panel.pixelAt(event)?.x ?? null));
    canvas.addEventListener("pointerdown", (event) => this.#point(this.#panel.pixelAt(event)?.x ?? null));
    canvas.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType !== "touch" && document.activeElement !== canvas) this.#point(null);
    });
    canvas.addEventListener("blur", () => this.#point(null));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (!entry || Math.abs(entry.contentRect.width - width) < 1) return;
      width = entry.contentRect.width;
      if (this.#shown) this.#draw(this.#shown);
    }).observe(this.#figure);
  }

  hide() {
    this.#shown = null;
    this.#figure.hidden = true;
  }

  /** @param {Seen} seen @param {Cut | Profile} reading @param {Course} course @param {number | null} radius Of a profile, Å⁻¹. */
  show(seen, reading, course, radius) {
    const before = this.#shown;
    const shown = { seen, reading, course, radius };
    this.#shown = shown;
    this.#figure.hidden = false;
    if (before?.reading.kind !== reading.kind) this.#furnish(reading.kind);
    this.#write(shown);
    this.#draw(shown);
    if (this.#at !== null && this.#at >= course.at.length) this.#at = null;
    this.#point(this.#at, true);
  }

  /** The fields of one kind. @param {"cut" | "profile"} kind */
  #furnish(kind) {
    this.#fields.replaceChildren();
    for (const [id, text, placeholder] of FIELDS[kind]) {
      const input = make("input", "", { type: "text", id, placeholder, spellcheck: "false" });
      input.addEventListener("change", () => this.#typed(input));
      this.#fields.append(labelled(input, text));
    }
    if (kind === "cut") this.#fields.append(labelled(this.#unit, "Distance in"));
    for (const [text, act] of /** @type {[string, () => void][]} */ ([
      ["Copy", () => this.copy()],
      ["Remove", () => this.#parts.remove()],
    ])) {
      const button = make("button", text, { type: "button", "aria-label": `${text} the ${kind}` });
      button.addEventListener("click", act);
      this.#fields.append(button);
    }
  }

  /** @param {string} id */
  #input(id) {
    const found = this.#fields.querySelector(`#${id}`);
    return found instanceof HTMLInputElement ? found : null;
  }

  /** What is in force stands in the fields, but for one that is being typed in. @param {{seen: Seen, reading: Cut | Profile}} shown */
  #write({ seen, reading }) {
    const number = (/** @type {number | null} */ value) => (value === null || value === 0 ? "" : String(value));
    const values =
      reading.kind === "cut"
        ? {
            "cut-from": written(seen, reading.from),
            "cut-to": written(seen, reading.to),
            "cut-width": number(reading.width),
          }
        : { "profile-centre": written(seen, reading.centre), "profile-radius": number(reading.radius) };
    for (const [id, value] of Object.entries(values)) {
      const input = this.#input(id);
      const isTyped = input && document.activeElement === input && input.value !== input.defaultValue;
      if (!input || isTyped || input.hasAttribute("aria-invalid")) continue;
      input.value = value;
      input.defaultValue = value;
    }
    if (reading.kind === "cut") this.#unit.value = reading.unit;
  }

  /** A person typed something. @param {HTMLInputElement} input */
  #typed(input) {
    const shown = this.#shown;
    if (!shown) return;
    const { seen, reading } = shown;
    const isLength = input.id === "cut-width" || input.id === "profile-radius";
    const read = isLength ? readLength(input.value) : readPoint(seen, input.value);
    const wished = "problem" in read ? null : changedBy(reading, input.id, read.value);
    const same = wished?.kind === "cut" && distance(seen, wished.from, wished.to) < 1e-6;
    const problem = "problem" in read ? read.problem : same ? "The two ends are at one place" : "";
    mark(input, problem);
    if (problem || !wished) return this.#parts.say(problem);
    input.defaultValue = input.value;
    this.#parts.changed(wished);
  }

  /** What the axis shows of a distance in Å⁻¹. @param {Seen} seen @param {Cut | Profile} reading */
  #unitOf(seen, reading) {
    if (reading.kind === "profile") return { factor: 1, name: "distance from the peak, Å⁻¹" };
    const { from, to, unit } = reading;
    const inRlu = Math.hypot(to.x - from.x, to.y - from.y) / distance(seen, from, to);
    return { factor: unit === "r.l.u." ? inRlu : 1, name: `distance from the first end, ${unit}` };
  }

  /** The line and the curves on it. @param {{seen: Seen, reading: Cut | Profile, course: Course, radius: number | null}} shown */
  #drawn({ seen, reading, course, radius }) {
    const { factor, name } = this.#unitOf(seen, reading);
    const { data, sigma, model } = course;
    const curves = { points: data, sigma, curve: model, used: null };
    const [lo, hi] = rangeOf(curves, seen.scale);
    const last = course.at[course.at.length - 1] ?? 1;
    const end =
      reading.kind === "cut" ? distance(seen, reading.from, reading.to) : Math.min(radius ?? last, last + course.step);
    /** @type {[number, number]} */
    const ends = [0, end * factor];
    const line = { at: course.at.map((at) => at * factor), name, step: course.step * factor, ends };
    return { line, curves: { ...curves, lo, hi, scale: seen.scale, zero: false } };
  }

  /** @param {{seen: Seen, reading: Cut | Profile, course: Course, radius: number | null}} shown */
  #draw(shown) {
    const { seen, reading, course, radius } = shown;
    const { line, curves } = this.#drawn(shown);
    this.#panel.draw(line, curves, seen.look, [], HEIGHT);
    this.#title.textContent = reading.kind === "cut" ? "Cut" : "Profile";
    this.#facts.textContent = factsOf(seen, reading, radius);
    const n = course.at.length;
    this.#canvas.setAttribute("aria-label", `${titleOf(seen, reading)}: data and model at ${n} distances`);
    if (n === 0) this.#reading.textContent = "No data here that take part in the fit.";
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const n = this.#shown?.course.at.length ?? 0;
    if (n === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const by = event.shiftKey ? 5 : 1;
    const to = { ArrowLeft: (this.#at ?? 0) - by, ArrowRight: (this.#at ?? -1) + by, Home: 0, End: n - 1 }[event.key];
    if (event.key === "Escape") this.#point(null);
    if (to === undefined) return;
    event.preventDefault();
    this.#point(Math.min(n - 1, Math.max(0, to)));
  }

  /** Reads a point, here and on the maps. @param {number | null} at @param {boolean} [still] Whether the maps know. */
  #point(at, still = false) {
    const shown = this.#shown;
    if (!shown || shown.course.at.length === 0) return;
    const wasAt = this.#at;
    this.#at = at;
    this.#panel.showCrosshair(at === null ? null : { x: at, y: 0 });
    if (!still && (at !== null || wasAt !== null))
      this.#parts.pointed(at === null ? null : (shown.course.pixels[at] ?? null));
    if (at === null) {
      this.#reading.textContent = "Point at the chart, or focus it and use the arrow keys, to read values.";
      return;
    }
    const { course, seen, reading } = shown;
    const { factor } = this.#unitOf(seen, reading);
    const unit = reading.kind === "cut" ? reading.unit : "Å⁻¹";
    const sigma = course.sigma?.[at];
    const counted = sigma === undefined ? "" : ` ± ${Number(sigma.toPrecision(2))}`;
    const n = course.count[at] ?? 0;
    this.#reading.textContent = [
      `${((course.at[at] ?? NaN) * factor).toFixed(3)} ${unit}`,
      `data ${brief(course.data[at] ?? NaN)}${counted}`,
      `model ${brief(course.model[at] ?? NaN)}`,
      `${n} ${n === 1 ? "pixel" : "pixels"}`,
    ].join(" · ");
  }

  /** The values, tab separated, and how many. */
  get values() {
    const shown = this.#shown;
    if (!shown) return null;
    const { reading, course } = shown;
    const columns = this.#columns(shown);
    const unit = reading.kind === "cut" ? reading.unit : "Å⁻¹";
    const head = columns.map(([name]) => (name === "distance" ? `distance (${unit})` : name));
    const rows = Array.from(course.at, (_, i) => columns.map(([, values]) => values[i]));
    return { text: table(head, rows), count: rows.length, what: reading.kind === "cut" ? "the cut" : "the profile" };
  }

  /** The numbers by name; NaN where the file gives no σ. @param {{seen: Seen, reading: Cut | Profile, course: Course}} shown @returns {[string, Float64Array][]} */
  #columns({ seen, reading, course }) {
    const { factor } = this.#unitOf(seen, reading);
    /** @type {[string, Float64Array][]} */
    const columns = [["distance", course.at.map((at) => at * factor)]];
    if (reading.kind === "cut") {
      const { from, to } = reading;
      const length = distance(seen, from, to);
      const points = Array.from(course.at, (at) => {
        const part = at / length;
        return hklOf(seen, { x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) });
      });
      for (const [i, axis] of AXES.entries()) columns.push([axis, Float64Array.from(points, (hkl) => hkl[i] ?? NaN)]);
    }
    const none = new Float64Array(course.at.length).fill(NaN);
    columns.push(["data", course.data], ["sigma", course.sigma ?? none], ["model", course.model]);
    columns.push(["pixels", Float64Array.from(course.count)]);
    return columns;
  }

  /** What is shown, for pictures and tables; null where nothing is. @returns {import("../../export/sight.js").CutSight | null} */
  get sight() {
    const shown = this.#shown;
    if (!shown || shown.course.at.length === 0) return null;
    const { seen, reading, radius } = shown;
    const [title, facts] = [titleOf(seen, reading), factsOf(seen, reading, radius)];
    return { kind: reading.kind, title, facts, ...this.#drawn(shown), columns: this.#columns(shown) };
  }

  /** Whether keys are the chart's. */
  get hasFocus() {
    return document.activeElement === this.#canvas;
  }

  copy() {
    const { values } = this;
    if (values) copy(values, this.#parts.say);
  }
}

/** With what was typed into one field. @param {Cut | Profile} reading @param {string} id @param {any} value @returns {Cut | Profile} */
function changedBy(reading, id, value) {
  if (reading.kind === "profile") return { ...reading, [id === "profile-radius" ? "radius" : "centre"]: value };
  if (id === "cut-width") return { ...reading, width: value ?? 0 };
  return { ...reading, [id === "cut-from" ? "from" : "to"]: value };
}

/** @param {HTMLElement & {id: string}} control @param {string} text */
function labelled(control, text) {
  const field = make("div", "", { class: "field" });
  field.append(make("label", text, { for: control.id }), control);
  return field;
}

/** @param {HTMLInputElement} input @param {string} problem */
function mark(input, problem) {
  const id = `${input.id}-problem`;
  document.getElementById(id)?.remove();
  input.toggleAttribute("aria-invalid", problem !== "");
  if (!problem) return input.removeAttribute("aria-describedby");
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
  input.closest(".field")?.append(make("p", problem, { id, class: "problem" }));
}

/** h, k, l of a point of the plane. @param {Seen} seen @param {Point} point */
function hklOf({ plane }, { x, y }) {
  const hkl = [0, 0, 0];
  hkl[plane.axis] = plane.value;
  hkl[plane.xAxis] = x;
  hkl[plane.yAxis] = y;
  return hkl;
}

/** @param {Seen} seen @param {Point} point */
const written = (seen, point) =>
  hklOf(seen, point)
    .map((value) => Number(value.toFixed(4)) + 0)
    .join(" ");

/** @param {string} typed @returns {{value: number | null} | {problem: string}} */
function readLength(typed) {
  if (typed.trim() === "") return { value: null };
  const reading = readNumber(typed);
  if ("value" in reading && reading.value < 0) return { problem: `“${typed.trim()}” is below zero` };
  return "value" in reading && reading.value === 0 ? { value: null } : reading;
}

/** @param {Seen} seen @param {string} typed @returns {{value: Point} | {problem: string}} */
function readPoint({ plane }, typed) {
  const parts = typed.trim().split(/[\s;]+/);
  if (parts.length !== 3) return { problem: `“${typed.trim()}” is no h k l, such as 2 0.5 0` };
  const hkl = [];
  for (const part of parts) {
    const reading = readNumber(part);
    if ("problem" in reading) return reading;
    hkl.push(reading.value);
  }
  const off = Math.abs((hkl[plane.axis] ?? NaN) - plane.value);
  if (off > 0.5 * plane.wasm.thickness + 1e-3)
    return { problem: `${hkl.join(" ")} is not in the plane ${AXES[plane.axis]} = ${Number(plane.value.toFixed(4))}` };
  return { value: { x: hkl[plane.xAxis] ?? 0, y: hkl[plane.yAxis] ?? 0 } };
}

/** Where it is. @param {Seen} seen @param {Cut | Profile} reading */
const titleOf = (seen, reading) =>
  reading.kind === "cut"
    ? `Cut from ${written(seen, reading.from)} to ${written(seen, reading.to)}`
    : `Profile around ${written(seen, reading.centre)}`;

/** What the points are. @param {Seen} seen @param {Cut | Profile} reading @param {number | null} radius */
function factsOf(seen, reading, radius) {
  if (reading.kind === "cut")
    return reading.width > 0
      ? `means across ${reading.width} Å⁻¹, masked pixels left out`
      : "nearest pixels, masked ones left out";
  const ring = `rings of ${pixelSize(seen).toFixed(2)} Å⁻¹`;
  if (!Number.isFinite(radius)) return `${ring}, all of the plane`;
  const end = reading.radius === null ? ", half way to the next peak" : "";
  return `${ring}, out to ${(radius ?? 0).toFixed(2)} Å⁻¹${end}`;
}
