/** The picture of a plane at any angle through a volume. */

import { SlicePanel, rangeOf } from "../draw/slice-panel.js";
import { look } from "../draw/theme.js";
import { canvas } from "../page/dom.js";
import { nameOf } from "./axes.js";
import { aspectOf } from "./slices.js";

/** Pixels along the longer side. */
const PIXELS = 256;

export class ObliquePlane {
  #panel = new SlicePanel(canvas("volume-plane-map"));

  /**
   * @param {import("./reader.js").VolumeReader} reader @param {import("./protocol.js").PlaneSpec} plane
   * @param {string} scale @param {string} colours
   */
  async show(reader, plane, scale, colours) {
    const slice = await reader.oblique(plane, PIXELS, PIXELS);
    const figure = this.#panel.canvas.closest("figure");
    if (figure) figure.hidden = false;
    const [lo, hi] = rangeOf([slice.values], scale === "log");
    const side = (/** @type {typeof slice.x} */ { direction, centres }) => ({ centres, name: nameOf(direction) });
    const picture = { ...slice, x: side(slice.x), y: side(slice.y) };
    this.#panel.draw(picture, { lo, hi, scale, colours }, look(), aspectOf(slice));
    const label = `The oblique plane through ${Array.from(slice.origin).join(" ")}, along ${picture.x.name} and ${picture.y.name}`;
    this.#panel.canvas.setAttribute("aria-label", label);
  }
}
