/** The first Brillouin zone with the path through it: points are clicked, chosen from a list, or typed. */

import { look, onLookChange } from "../draw/theme.js";
import { fillSelect, make } from "../page/dom.js";
import { Camera } from "../views/crystal/camera.js";
import { ZonePicture } from "./zone-picture.js";

/** @typedef {import("../engine/protocol.js").Zone} Zone */
/** @typedef {import("../engine/protocol.js").ZonePoint} ZonePoint */
/** @typedef {import("../engine/protocol.js").Path} Path */
/** @typedef {{text: string, complaint: string}} Taken  The path that is in force then, and what is wrong with what was wished for. */

/** CSS pixels: a pointer that moves less between down and up has clicked. */
const STILL = 5;

export class ZonePanel {
  #section;
  #asking;
  #wish;
  /** @type {Zone | null} */
  #zone = null;
  /** The points of the path as it is being made, each as it is written; those after a gap begin with a bar. @type {string[]} */
  #points = [];
  /** @type {Path | null} */
  #path = null;
  /** The path in force, as text. */
  #wanted = "";
  /** Wishes that are not answered yet: until then what was clicked counts. */
  #pending = 0;
  /** Number of the last drawing that was asked for. */
  #asked = 0;
  #canvas = make("canvas", "", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "Brillouin zone in three dimensions",
    "aria-label": "Brillouin zone",
    "aria-describedby": "zone-keys",
  });
  #field = make("input", "", {
    type: "text",
    id: "zone-path",
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": "zone-names zone-problem",
  });
  #names = make("p", "", { class: "facts", id: "zone-names" });
  #problem = make("p", "", { class: "problem", id: "zone-problem", role: "alert" });
  #list = make("select", "", { id: "zone-points" });
  #remove = make("button", "Remove last", { type: "button" });
  #anew = make("button", "Begin anew", { type: "button" });
  #usual = make("button", "Back to the usual path", { type: "button" });
  #told = make("p", "", { class: "visually-hidden", "aria-live": "polite" });
  #picture;
  /** Where a pointer went down. @type {{x: number, y: number} | null} */
  #down = null;
  #frame = 0;

  /**
   * @param {HTMLElement} section @param {import("./asking.js").Asking} asking
   * @param {(text: string) => Promise<Taken>} wish Has the dispersion follow a path, the usual one without text.
   */
  constructor(section, asking, wish) {
    this.#section = section;
    this.#asking = asking;
    this.#wish = wish;
    const camera = new Camera(this.#canvas, () => this.#draw());
    this.#picture = new ZonePicture(this.#canvas, camera);
    this.#furnish(camera);
    this.#listen();
    onLookChange(() => this.#draw());
    let size = "";
    new ResizeObserver(([entry]) => {
      const now = `${entry?.contentRect.width} ${entry?.contentRect.height}`;
      if (now === size) return;
      size = now;
      this.#draw();
    }).observe(this.#canvas);
  }

  /** @param {Camera} camera */
  #furnish(camera) {
    const form = make("form", "", { autocomplete: "off" });
    const label = make("label", "Path", { for: "zone-path" });
    const go = make("div", "", { class: "go" });
    go.append(this.#field, make("button", "Follow", { type: "submit" }));
    form.append(label, go, this.#problem, this.#names);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#typed();
    });
    const add = make("div", "", { class: "go" });
    const append = make("button", "Add", { type: "button" });
    append.addEventListener("click", () => this.#append(this.#list.value));
    add.append(this.#list, append);
    const buttons = make("div", "", { class: "choices" });
    const home = make("button", "Home", { type: "button", title: "The zone as it stood in the beginning" });
    home.addEventListener("click", () => camera.home());
    buttons.append(this.#remove, this.#anew, this.#usual, home);
    const beside = make("div", "", { class: "beside" });
    const keys =
      "A click on a point leads the path there; dragging turns the zone. With the keys: arrows turn it, plus and minus zoom, Home goes back, Backspace takes the last point away; points are added from the list.";
    beside.append(
      form,
      make("label", "Next point", { for: "zone-points" }),
      add,
      buttons,
      make("p", keys, { class: "facts", id: "zone-keys" }),
      this.#told,
    );
    this.#section.replaceChildren(this.#canvas, beside);
  }

  #listen() {
    const canvas = this.#canvas;
    this.#remove.addEventListener("click", () => this.#removeLast());
    this.#anew.addEventListener("click", () => {
      this.#points = [];
      this.#path = null;
      this.#showPath("The next point begins a path.");
    });
    this.#usual.addEventListener("click", () => void this.#set(""));
    canvas.addEventListener("keydown", (event) => {
      if (event.key !== "Backspace") return;
      event.preventDefault();
      this.#removeLast();
    });
    canvas.addEventListener("pointerdown", ({ button, clientX: x, clientY: y, isPrimary }) => {
      this.#down = button === 0 && isPrimary ? { x, y } : null;
    });
    canvas.addEventListener("pointerup", (event) => {
      const down = this.#down;
      this.#down = null;
      if (!down || Math.hypot(event.clientX - down.x, event.clientY - down.y) > STILL) return;
      const point = this.#picture.at(event, event.pointerType === "touch");
      if (point) this.#append(point.written);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch" || event.buttons !== 0) return;
      this.#picture.hover(this.#picture.at(event, false));
      this.#draw();
    });
    canvas.addEventListener("pointerleave", () => {
      this.#picture.hover(null);
      this.#draw();
    });
  }

  /** @param {HTMLElement} opener @param {string} wanted The path in force, as text. */
  toggle(opener, wanted) {
    const opens = this.#section.hidden;
    this.#section.hidden = !opens;
    opener.setAttribute("aria-expanded", String(opens));
    if (opens) this.refresh(wanted);
  }

  /** @param {HTMLElement} opener */
  close(opener) {
    if (!this.#section.hidden) this.toggle(opener, this.#wanted);
  }

  /** Another crystal may be open. @param {string} wanted */
  async refresh(wanted) {
    this.#wanted = wanted;
    if (this.#section.hidden) return;
    try {
      const zone = await this.#asking.zone();
      if (zone !== this.#zone) {
        this.#zone = zone;
        const options = zone.points.map(({ written, label }) => ({
          value: written,
          text: written === label || written.startsWith(label) ? written : `${label} = ${written}`,
        }));
        this.#list.replaceChildren();
        fillSelect(this.#list, options);
        this.#names.textContent = `By name (${zone.names.join(", ")}) or as h k l, with dashes between: ${zone.usual}. A bar begins a piece of its own.`;
      }
      this.show(this.#wanted);
    } catch (error) {
      this.#complain(error instanceof Error ? error.message : String(error));
    }
  }

  /** Shows the path that is in force. @param {string} wanted */
  async show(wanted) {
    this.#wanted = wanted;
    const asked = ++this.#asked;
    if (this.#section.hidden || !this.#zone || this.#pending > 0) return;
    const path = await this.#asking.path(wanted).catch(() => null);
    if (asked !== this.#asked) return;
    // A path that is not one of this crystal is shown as it was typed.
    this.#path = path;
    this.#points = path?.points.map(({ written, joined }, i) => (joined || i === 0 ? written : `| ${written}`)) ?? [];
    this.#showPath("");
    if (!path) this.#field.value = wanted;
  }

  /** @param {string} words What to say besides. */
  #showPath(words) {
    const text = this.#text;
    if (document.activeElement !== this.#field) this.#field.value = text;
    this.#remove.disabled = this.#points.length === 0;
    this.#anew.disabled = this.#points.length === 0;
    this.#usual.disabled = this.#wanted === "" && this.#points.length > 1;
    this.#canvas.setAttribute(
      "aria-label",
      `Brillouin zone with ${this.#zone?.faces.length ?? 0} faces and ${this.#zone?.points.length ?? 0} points; path ${text === "" ? "empty" : text}`,
    );
    this.#told.textContent = words;
    this.#draw();
  }

  get #text() {
    return this.#points
      .reduce((text, point, i) => (i === 0 || point.startsWith("|") ? `${text} ${point}` : `${text} – ${point}`), "")
      .trim();
  }

  /** @param {string} written */
  #append(written) {
    if (written === "" || this.#points[this.#points.length - 1]?.replace(/^\| /, "") === written) return;
    void this.#change([...this.#points, written], `${written} is the ${this.#points.length + 1}. point of the path.`);
  }

  #removeLast() {
    if (this.#points.length === 0) return;
    const left = this.#points.slice(0, -1);
    // A piece of one point leads nowhere.
    if (left.length > 1 && left[left.length - 1]?.startsWith("|")) left.pop();
    void this.#change(left, `${this.#points[this.#points.length - 1]} is taken away.`);
  }

  /** @param {string[]} points @param {string} words */
  async #change(points, words) {
    this.#points = points;
    this.#field.blur();
    this.#complain("");
    // One point is not a path yet: the dispersion keeps to the one that it has.
    if (points.length < 2) {
      this.#path = null;
      return this.#showPath(points.length === 0 ? "The next point begins a path." : words);
    }
    this.#told.textContent = words;
    await this.#set(this.#text);
  }

  async #typed() {
    const complaint = await this.#set(this.#field.value.trim());
    if (complaint === "") this.#field.value = this.#text;
  }

  /** Has the dispersion follow a path; says what is wrong with it. @param {string} text */
  async #set(text) {
    this.#pending += 1;
    const { text: inForce, complaint } = await this.#wish(text).finally(() => {
      this.#pending -= 1;
    });
    this.#complain(complaint);
    // What was typed wrong stands there to be mended.
    if (complaint === "" || document.activeElement !== this.#field) await this.show(inForce);
    return complaint;
  }

  /** @param {string} words */
  #complain(words) {
    this.#problem.textContent = words;
    if (words === "") this.#field.removeAttribute("aria-invalid");
    else this.#field.setAttribute("aria-invalid", "true");
  }

  #draw() {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const zone = this.#zone;
      if (!zone || this.#section.hidden) return;
      const lone = this.#path ? [] : zone.points.filter(({ written }) => this.#points.includes(written));
      this.#picture.draw(zone, this.#path?.points ?? [], lone, look());
    });
  }
}
