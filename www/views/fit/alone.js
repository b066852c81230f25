/** One map alone, as large as the window allows: in full screen where there is one, else over the page. */

import { any, button } from "../../page/dom.js";

/** @typedef {"data" | "model" | "residual"} Name */

/** What need not be in sight together with the map, or is it. */
const SCROLLED = ["maps", "parts", "cuts"];

/** CSS pixels that are left free under the map. */
const ROOM = 12;

export class Alone {
  #stage = any("map-stage");
  /** @type {Name | null} */
  #name = null;
  /** What cannot be reached while the stage lies over it. @type {HTMLElement[]} */
  #behind = [];
  #changed;

  /** @param {readonly Name[]} names @param {(name: Name | null) => void} changed Draws the maps again. */
  constructor(names, changed) {
    this.#changed = changed;
    for (const name of names) button(`alone-${name}`).addEventListener("click", () => this.toggle(name));
    document.addEventListener("fullscreenchange", () => {
      if (document.fullscreenElement !== this.#stage && this.#name && this.#behind.length === 0) this.#show(null);
    });
    this.#stage.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || !this.#name) return;
      event.preventDefault();
      this.leave();
    });
  }

  get name() {
    return this.#name;
  }

  /** @param {Name} name */
  toggle(name) {
    if (this.#name === name) return this.leave();
    const isNew = this.#name === null;
    this.#show(name);
    if (isNew) this.#enter();
  }

  async #enter() {
    try {
      if (!this.#stage.requestFullscreen) throw new Error("no full screen");
      await this.#stage.requestFullscreen();
    } catch {
      // The stage lies over the page, which is then out of reach.
      for (let inner = this.#stage; inner !== document.body; ) {
        const outer = inner.parentElement;
        if (!outer) break;
        for (const sibling of outer.children) {
          if (sibling === inner || !(sibling instanceof HTMLElement) || sibling.inert) continue;
          sibling.inert = true;
          this.#behind.push(sibling);
        }
        inner = outer;
      }
    }
    this.#changed(this.#name);
  }

  leave() {
    for (const element of this.#behind.splice(0)) element.inert = false;
    if (document.fullscreenElement === this.#stage) document.exitFullscreen().catch(() => {});
    this.#show(null);
  }

  /** @param {Name | null} name */
  #show(name) {
    const before = this.#name;
    this.#name = name;
    if (name) this.#stage.dataset.alone = name;
    else delete this.#stage.dataset.alone;
    for (const each of /** @type {Name[]} */ (["data", "model", "residual"]))
      button(`alone-${each}`).setAttribute("aria-pressed", String(each === name));
    this.#changed(name);
    any(`map-${name ?? before ?? "data"}`).focus({ preventScroll: name !== null });
  }

  /**
   * Makes a map as wide as leaves room for all of its height, or as wide as its place.
   * @param {HTMLCanvasElement} canvas @param {number} aspect Height of the plot over its width.
   * @param {{w: number, h: number}} margin CSS pixels around the plot.
   */
  fit(canvas, aspect, margin) {
    canvas.style.width = "";
    if (!this.#name) return;
    const figure = canvas.parentElement;
    const style = getComputedStyle(this.#stage);
    const taken = [...this.#stage.children]
      .filter((child) => !SCROLLED.includes(child.id))
      .reduce((sum, child) => sum + child.getBoundingClientRect().height, 0);
    const maps = any("maps");
    const beside = [...maps.children]
      .filter((child) => child !== figure)
      .reduce((sum, child) => sum + child.getBoundingClientRect().height, 0);
    const head = canvas.getBoundingClientRect().top - (figure?.getBoundingClientRect().top ?? 0);
    const height =
      this.#stage.clientHeight -
      Number.parseFloat(style.paddingTop) -
      Number.parseFloat(style.paddingBottom) -
      taken -
      beside -
      head -
      margin.h -
      ROOM;
    const width = Math.max(160, height / aspect + margin.w);
    canvas.style.width = `${Math.floor(Math.min(maps.clientWidth, width))}px`;
  }
}
