/** Masks drawn on the maps: rectangles by two corners, polygons by many; by pointer, finger or keys. */

import { make } from "../page/dom.js";
import { AXES } from "../draw/planes.js";

/** @typedef {import("../draw/planes.js").Plane} Plane */
/** @typedef {import("../draw/pens.js").Pen} Pen */
/** @typedef {import("./shapes.js").Shape} Shape */
/** Numbers of a pixel, fractions allowed. @typedef {{x: number, y: number}} Pixel */
/** @typedef {"rectangle" | "polygon"} Tool */

/** @type {[Tool, string][]} */
const TOOLS = [
  ["rectangle", "Rectangle"],
  ["polygon", "Polygon"],
];

const HINTS = {
  rectangle: "Drag over the pixels to leave out, or press Enter at two corners.",
  polygon:
    "A click or Enter sets a corner; a double click or Enter twice closes. Backspace takes the last back, Escape gives up.",
};

/** Planes that were read from numbers are alike to 10⁻⁶ r.l.u.; no neighbour is as near as this. */
const THIN = 1e-4;

/** @implements {Pen} */
export class Drawing {
  /** @type {Tool | null} */
  tool = null;
  /** @type {Map<Tool, HTMLButtonElement>} */
  #buttons = new Map();
  #done;
  /** @type {Plane | null} */
  #plane = null;
  /** @type {Pixel[]} */
  #corners = [];
  /** Where the pointer or the crosshair is. @type {Pixel | null} */
  #tip = null;
  /** The first corner of a rectangle was set some time ago. */
  #waits = false;
  #home;
  #words = make("p", "", { class: "facts", "aria-live": "polite" });
  #steps = make("span", "", { class: "steps" });
  #everywhere = make("input", "", { type: "checkbox", id: "mask-everywhere" });
  #everywhereLabel = make("label", "", { class: "everywhere" });
  /** Told when the outline is another. @type {() => void} */
  changed = () => {};
  /** Told when a tool is taken. @type {() => void} */
  taken = () => {};

  /** @param {HTMLElement} home @param {(shape: Shape, set: number) => void} done */
  constructor(home, done) {
    this.#home = home;
    this.#done = done;
    home.append(make("span", "Leave out", { class: "name", id: "mask-tools-name" }));
    for (const [tool, text] of TOOLS) {
      const title = `Leave out the pixels of a ${tool}`;
      const button = make("button", text, { type: "button", "aria-pressed": "false", title });
      button.addEventListener("click", () => (this.tool === tool ? this.putDown() : this.#choose(tool)));
      this.#buttons.set(tool, button);
      home.append(button);
    }
    this.#everywhereLabel.append(this.#everywhere, " in all planes");
    for (const [text, act] of /** @type {[string, () => void][]} */ ([
      ["Close polygon", () => this.#close()],
      ["Take corner back", () => this.#back()],
      ["Give up", () => this.giveUp()],
    ])) {
      const button = make("button", text, { type: "button" });
      button.addEventListener("click", act);
      this.#steps.append(button);
    }
    home.append(this.#everywhereLabel, this.#words, this.#steps);
    this.#tell();
  }

  get active() {
    return this.tool !== null;
  }

  /** What is finished is no more this pen's. */
  grabs() {
    return false;
  }

  /** What the maps show now. @param {Plane} plane */
  over(plane) {
    const before = this.#plane;
    this.#plane = plane;
    this.#home.hidden = plane.scan !== null;
    if (plane.scan) this.putDown();
    if (before && placeOf(before) !== placeOf(plane)) this.giveUp();
  }

  /** @param {Tool | null} tool */
  #choose(tool) {
    if (tool) this.taken();
    this.tool = tool;
    this.giveUp();
  }

  putDown() {
    if (this.tool) this.#choose(null);
  }

  giveUp() {
    this.#corners = [];
    this.#tip = null;
    this.#waits = false;
    this.#tell();
  }

  /** @param {Pixel} at @param {Pixel} reach How far two places are apart that a pointer can tell. */
  down(at, reach) {
    if (this.tool === "polygon") this.#corner(at, reach);
    else {
      this.#waits = this.#corners.length > 0;
      if (!this.#waits) this.#corners = [at];
    }
    this.#tip = at;
    this.#tell();
  }

  /** @param {Pixel} at */
  move(at) {
    if (this.#corners.length === 0) return;
    this.#tip = at;
    this.changed();
  }

  /** @param {Pixel} at @param {Pixel} reach */
  up(at, reach) {
    const [first] = this.#corners;
    if (this.tool !== "rectangle" || !first) return;
    if (this.#waits || !isNear(first, at, reach)) this.#finish(frame(first, at));
  }

  /** Whether a key is about what is drawn. @param {string} key @param {Pixel} at The crosshair. */
  key(key, at) {
    const [first] = this.#corners;
    if (!this.active || (key !== "Enter" && key !== "Escape" && !first)) return false;
    switch (key) {
      case "Enter":
        if (this.tool === "polygon") this.#corner(at, { x: 0.25, y: 0.25 });
        else if (first) this.#finish(frame(first, at));
        else this.#corners = [at];
        break;
      case "Backspace":
        this.#back();
        break;
      case "Escape":
        if (first) this.giveUp();
        else this.putDown();
        break;
      default:
        return false;
    }
    this.#tip = this.#corners.length > 0 ? at : null;
    this.#tell();
    return true;
  }

  /** Sets a corner; on the last one again, or on the first, it closes. @param {Pixel} at @param {Pixel} reach */
  #corner(at, reach) {
    const [first, last] = [this.#corners[0], this.#corners.at(-1)];
    const isOld = (first && isNear(first, at, reach)) || (last && isNear(last, at, reach));
    if (!isOld) this.#corners.push(at);
    else this.#close();
  }

  #back() {
    this.#corners.pop();
    this.#waits = false;
    this.#tell();
  }

  #close() {
    if (this.#corners.length >= 3) this.#finish(this.#corners);
  }

  /** @param {Pixel[]} corners */
  #finish(corners) {
    const plane = this.#plane;
    const { tool } = this;
    this.giveUp();
    if (!plane) return;
    /** @type {[number, number, number]} */
    const point = [0, 0, 0];
    point[plane.axis] = plane.value;
    const along = (/** @type {number} */ axis) =>
      /** @type {[number, number, number]} */ ([0, 1, 2].map((i) => Number(i === axis)));
    const everywhere = this.#everywhere.checked;
    const name = `${tool}, ${everywhere ? `along ${AXES[plane.axis] ?? "l"}` : plane.name}`;
    this.#done(
      {
        name,
        polygon: {
          point,
          vectors: [along(plane.xAxis), along(plane.yAxis)],
          corners: corners.map(({ x, y }) => [
            rounded(plane.xStart + x * plane.xStep),
            rounded(plane.yStart + y * plane.yStep),
          ]),
          ...(everywhere ? {} : { thickness: Math.max(THIN, plane.wasm.thickness) }),
        },
      },
      plane.dataset,
    );
  }

  /** What is drawn so far. @returns {import("../draw/map-panel.js").Stroke[]} */
  get strokes() {
    const [first] = this.#corners;
    const tip = this.#tip;
    if (!first) return [];
    const open = tip ? [...this.#corners, tip] : this.#corners;
    return [{ points: this.tool === "rectangle" ? frame(first, tip ?? first) : open, closed: true, knobs: true }];
  }

  #tell() {
    const n = this.#corners.length;
    const words = n > 0 && this.tool === "polygon" ? `${n} ${n === 1 ? "corner" : "corners"}. ` : "";
    const said = words + (this.tool ? HINTS[this.tool] : "");
    for (const [tool, button] of this.#buttons) button.setAttribute("aria-pressed", String(tool === this.tool));
    this.#everywhereLabel.hidden = !this.active;
    if (this.#words.textContent !== said) this.#words.textContent = said;
    this.#steps.hidden = n === 0;
    const [close] = this.#steps.children;
    if (close instanceof HTMLElement) close.hidden = this.tool !== "polygon" || n < 3;
    this.changed();
  }
}

/** @param {Plane} plane */
const placeOf = ({ dataset, name, nx, ny, xStart, yStart }) => [dataset, name, nx, ny, xStart, yStart].join();

/** @param {number} value r.l.u. */
const rounded = (value) => Number(value.toFixed(6));

/** @param {Pixel} a @param {Pixel} b @param {Pixel} reach */
const isNear = (a, b, reach) => Math.abs(a.x - b.x) <= reach.x && Math.abs(a.y - b.y) <= reach.y;

/** The outer edges of all pixels between two corners. @param {Pixel} a @param {Pixel} b @returns {Pixel[]} */
function frame(a, b) {
  const ends = (/** @type {number} */ p, /** @type {number} */ q) => [
    Math.round(Math.min(p, q)) - 0.5,
    Math.round(Math.max(p, q)) + 0.5,
  ];
  const [[left = 0, right = 0], [low = 0, high = 0]] = [ends(a.x, b.x), ends(a.y, b.y)];
  return [
    { x: left, y: low },
    { x: right, y: low },
    { x: right, y: high },
    { x: left, y: high },
  ];
}
