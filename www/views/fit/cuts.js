/** Cuts and profiles: the pen that draws them on the maps, and the chart that shows them, loaded with the first of them. */

import { circle, cutOf, halfWay, nearest, profileOf, strip } from "../../draw/cut.js";
import { whenAsked } from "../../engine/later.js";
import { make } from "../../page/dom.js";

/** @typedef {import("../../draw/cut.js").Point} Point */
/** @typedef {import("../../draw/pens.js").Pen} Pen */
/** @typedef {import("../../draw/map-panel.js").Pixel} Pixel */
/** @typedef {import("../../draw/map-panel.js").Stroke} Stroke */
/** What is on the maps; `bragg` are the peaks of the plane.
 * @typedef {import("../../draw/cut.js").Seen & {bragg: Point[], scale: string, look: import("../../draw/map-panel.js").Look}} Seen */
/** In planes across one axis. `unit`: what the distance is shown in. @typedef {{kind: "cut", axis: number, from: Point, to: Point, width: number, unit: string}} Cut */
/** `radius` in Å⁻¹; null: half way to the next peak. @typedef {{kind: "profile", axis: number, centre: Point, radius: number | null}} Profile */
/** @typedef {"cut" | "profile"} Tool */

const cutPanel = whenAsked(
  /** @returns {Promise<typeof import("./cut-panel.js")>} */
  (query) => import(`./cut-panel.js${query}`),
);

const HINTS = {
  cut: "Drag a line, or press Enter at its two ends.",
  profile: "Press near a Bragg point, or Enter at one.",
};

/** @implements {Pen} */
export class Cuts {
  /** @type {Tool | null} */
  #tool = null;
  /** @type {Map<Tool, HTMLButtonElement>} */
  #buttons = new Map();
  #home;
  #say;
  /** @type {Seen | null} */
  #seen = null;
  /** @type {Cut | Profile | null} */
  #reading = null;
  /** A line of which one end is set; `waits`: for a second press, and no drag. @type {{from: Pixel, tip: Pixel, waits: boolean} | null} */
  #draft = null;
  /** The end of the line that is being moved. @type {"from" | "to" | null} */
  #moved = null;
  /** The tool goes with the line that a key began. */
  #once = false;
  /** @type {import("./cut-panel.js").CutPanel | null} */
  #panel = null;
  /** Told when the lines over the maps are others. @type {() => void} */
  changed = () => {};
  /** Told when a tool is taken. @type {() => void} */
  taken = () => {};
  /** Told of the pixel that the chart points at. @type {(pixel: Pixel | null) => void} */
  pointed = () => {};

  /** @param {HTMLElement} tools @param {HTMLElement} home Where the chart goes. @param {(words: string) => void} say */
  constructor(tools, home, say) {
    this.#home = home;
    this.#say = say;
    for (const [tool, text, title] of /** @type {[Tool, string, string][]} */ ([
      ["cut", "Cut", "Data and model along a line (c)"],
      ["profile", "Profile", "Data and model around a Bragg point"],
    ])) {
      const button = make("button", text, { type: "button", "aria-pressed": "false", title, id: `tool-${tool}` });
      button.addEventListener("click", () => (this.#tool === tool ? this.putDown() : this.#take(tool)));
      this.#buttons.set(tool, button);
      // The button that copies is the last of them.
      tools.insertBefore(button, tools.lastElementChild);
    }
  }

  get active() {
    return this.#tool !== null;
  }

  /** @param {Tool} tool */
  #take(tool) {
    this.taken();
    this.#draft = null;
    this.#choose(tool);
    this.#say(HINTS[tool]);
  }

  putDown() {
    if (!this.#tool) return;
    this.giveUp();
    this.#choose(null);
    this.#say("");
  }

  /** @param {Tool | null} tool */
  #choose(tool) {
    this.#tool = tool;
    this.#once = false;
    for (const [name, button] of this.#buttons) button.setAttribute("aria-pressed", String(name === tool));
    this.changed();
  }

  giveUp() {
    this.#draft = null;
    this.#moved = null;
    this.changed();
  }

  /** What the maps show now; null where they are curves. @param {Seen | null} seen */
  show(seen) {
    if (seen?.plane !== this.#seen?.plane) this.#draft = null;
    this.#seen = seen;
    for (const button of this.#buttons.values()) button.disabled = seen === null;
    if (!seen) this.putDown();
    if (this.#reading && seen?.plane.axis !== this.#reading.axis) this.#reading = null;
    this.#draw();
  }

  /** Shows nothing, so that the planes can be freed; what is drawn comes again with the next. */
  forget() {
    this.#seen = null;
    this.#draw();
  }

  /** @param {Pixel} at @param {Pixel} reach */
  grabs(at, reach) {
    return this.#endAt(at, reach) !== null;
  }

  /** @param {Pixel} at @param {Pixel} reach @returns {"from" | "to" | null} */
  #endAt(at, reach) {
    const reading = this.#reading;
    if (reading?.kind !== "cut") return null;
    const near = (/** @type {Point} */ end) => {
      const { x, y } = this.#pixelOf(end);
      return Math.abs(x - at.x) <= 2 * reach.x && Math.abs(y - at.y) <= 2 * reach.y;
    };
    return near(reading.to) ? "to" : near(reading.from) ? "from" : null;
  }

  /** @param {Pixel} at @param {Pixel} reach */
  down(at, reach) {
    this.#moved = this.#draft || this.#tool === "profile" ? null : this.#endAt(at, reach);
    if (this.#moved) return;
    if (this.#tool === "profile") this.#around(at);
    else if (this.#draft) this.#draft = { ...this.#draft, tip: at, waits: true };
    else this.#draft = { from: at, tip: at, waits: false };
    this.changed();
  }

  /** @param {Pixel} at */
  move(at) {
    const reading = this.#reading;
    if (this.#moved && reading?.kind === "cut") this.#set({ ...reading, [this.#moved]: this.#pointOf(at) });
    else if (this.#draft) {
      this.#draft.tip = at;
      this.changed();
    }
  }

  /** @param {Pixel} at @param {Pixel} reach */
  up(at, reach) {
    if (this.#moved) {
      this.#moved = null;
      return;
    }
    const draft = this.#draft;
    if (!draft) return;
    const isFar = Math.abs(draft.from.x - at.x) > reach.x || Math.abs(draft.from.y - at.y) > reach.y;
    if (isFar) this.#finish(at);
    else if (draft.waits) this.giveUp();
  }

  /** @param {string} key @param {Pixel} at The crosshair. */
  key(key, at) {
    if (key === "c" && this.#seen) {
      if (this.#tool !== "cut") {
        this.#take("cut");
        this.#once = true;
      }
      this.#begin(at);
      return true;
    }
    if (!this.active) return false;
    if (key === "Escape") {
      if (this.#draft && !this.#once) this.giveUp();
      else this.putDown();
    } else if (key !== "Enter") return false;
    else if (this.#tool === "profile") this.#around(at);
    else if (!this.#draft) this.#begin(at);
    else if (this.#draft.from.x !== at.x || this.#draft.from.y !== at.y) this.#finish(at);
    return true;
  }

  /** @param {Pixel} at */
  #begin(at) {
    this.#draft = { from: at, tip: at, waits: true };
    this.#say("One end is set; Enter sets the other.");
    this.changed();
  }

  /** @param {Pixel} at */
  #finish(at) {
    const [draft, seen, before] = [this.#draft, this.#seen, this.#reading];
    this.#draft = null;
    if (!draft || !seen) return;
    const same = before?.kind === "cut" ? { width: before.width, unit: before.unit } : { width: 0, unit: "Å⁻¹" };
    const ends = { from: this.#pointOf(draft.from), to: this.#pointOf(at) };
    if (this.#once) this.putDown();
    this.#set({ kind: "cut", axis: seen.plane.axis, ...ends, ...same });
    this.#say(`Cut through ${this.#course?.at.length ?? 0} pixels.`);
  }

  /** The peak nearest to a place. @param {Pixel} at */
  #around(at) {
    const seen = this.#seen;
    if (!seen) return;
    const centre = nearest(seen, seen.bragg, this.#pointOf(at));
    if (!centre) return this.#say("This plane has no Bragg point.");
    this.#set({ kind: "profile", axis: seen.plane.axis, centre, radius: null });
    this.#say(`Profile of ${this.#course?.at.length ?? 0} rings.`);
  }

  /** @param {Cut | Profile | null} reading */
  #set(reading) {
    this.#reading = reading;
    if (reading && !this.#panel) this.#load();
    this.#draw();
    this.changed();
  }

  /** How far the profile goes, Å⁻¹. @param {Seen} seen @param {Profile} profile */
  #radiusOf(seen, { centre, radius }) {
    return radius ?? halfWay(seen, seen.bragg, centre) ?? Infinity;
  }

  get #course() {
    const [seen, reading] = [this.#seen, this.#reading];
    if (!seen || !reading) return null;
    if (reading.kind === "cut") return cutOf(seen, reading);
    return profileOf(seen, { centre: reading.centre, radius: this.#radiusOf(seen, reading) });
  }

  #draw() {
    const [seen, reading, course] = [this.#seen, this.#reading, this.#course];
    if (!seen || !reading || !course) {
      this.#panel?.hide();
      return;
    }
    if (!this.#panel) return;
    const radius = reading.kind === "profile" ? this.#radiusOf(seen, reading) : null;
    this.#panel.show(seen, reading, course, radius);
  }

  #loading = false;

  async #load() {
    if (this.#loading) return;
    this.#loading = true;
    try {
      const { CutPanel } = await cutPanel();
      this.#panel = new CutPanel(this.#home, {
        changed: (reading) => this.#set(reading),
        remove: () => {
          const kind = this.#reading?.kind ?? "cut";
          this.#set(null);
          this.#buttons.get(kind)?.focus();
        },
        pointed: (pixel) => this.pointed(pixel),
        say: this.#say,
      });
      this.#draw();
    } catch {
      this.#set(null);
      this.#say("The chart did not load. Draw again when the network is back.");
    } finally {
      this.#loading = false;
    }
  }

  /** What Ctrl+C copies where the chart has the focus. */
  get chart() {
    return this.#panel;
  }

  /** What lies over the maps. @returns {Stroke[]} */
  get strokes() {
    const [seen, reading, draft] = [this.#seen, this.#reading, this.#draft];
    if (draft) return [{ points: [draft.from, draft.tip], knobs: true }];
    if (!seen || !reading) return [];
    const pixels = (/** @type {Point[]} */ points) => points.map((point) => this.#pixelOf(point));
    if (reading.kind === "cut") {
      const { from, to, width } = reading;
      const line = { points: pixels([from, to]), knobs: true };
      return width > 0 ? [{ points: pixels(strip(seen, reading)), closed: true }, line] : [line];
    }
    const { centre } = reading;
    const radius = this.#radiusOf(seen, reading);
    const rim = Number.isFinite(radius) ? [{ points: pixels(circle(seen, centre, radius)), closed: true }] : [];
    return [...rim, { points: pixels([centre]), knobs: true }];
  }

  /** @param {Point} point r.l.u. @returns {Pixel} */
  #pixelOf({ x, y }) {
    const { xStart, xStep, yStart, yStep } = this.#seen?.plane ?? { xStart: 0, xStep: 1, yStart: 0, yStep: 1 };
    return { x: (x - xStart) / xStep, y: (y - yStart) / yStep };
  }

  /** As it is written in the fields. @param {Pixel} pixel @returns {Point} r.l.u. */
  #pointOf({ x, y }) {
    const { xStart, xStep, yStart, yStep } = this.#seen?.plane ?? { xStart: 0, xStep: 1, yStart: 0, yStep: 1 };
    const rounded = (/** @type {number} */ value) => Number(value.toFixed(4)) + 0;
    return { x: rounded(xStart + x * xStep), y: rounded(yStart + y * yStep) };
  }
}
