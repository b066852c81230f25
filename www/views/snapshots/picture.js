/** What is drawn of “Atoms in motion”: the atoms, the means of their snapshots, and how these come nearer to the exact. */

import { draw_lines } from "../../../pkg/tds_inversion.js";
import { fitted } from "../../draw/charts.js";
import { drawColourBar } from "../../draw/colour-bar.js";
import { MapPanel } from "../../draw/map-panel.js";
import { resize } from "../../draw/plot.js";
import { aspectOf, braggPoints, planesOf } from "../../draw/planes.js";
import { chartTheme, look } from "../../draw/theme.js";
import { ID, any, canvas } from "../../page/dom.js";
import { count } from "../../page/messages.js";
import { drawAtoms } from "./atoms.js";

/** @typedef {import("../../engine/protocol.js").Scene} Scene */
/** @typedef {import("../../engine/protocol.js").Description} Description */
/** @typedef {import("../../engine/protocol.js").Snapshot} Snapshot */

/** Numbers of snapshots whose mean is kept in sight. */
const KEPT = [1, 10, 100, 1000];

export class Picture {
  #store;
  /** @type {Scene | null} */
  #scene = null;
  /** @type {Description | null} */
  #description = null;
  /** @type {import("../../draw/planes.js").Plane | null} */
  #plane = null;
  /** How the error went. @type {Snapshot["course"] | null} */
  #course = null;
  /** The last one that came. @type {Snapshot["picture"]} */
  #picture = null;
  /** Means by number of snapshots. @type {Map<number, Float64Array>} */
  #kept = new Map();
  #mean = new MapPanel(canvas(ID.snapMean));
  #exact = new MapPanel(canvas(ID.snapExact));

  /** @param {import("../../page/store.js").Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** Another crystal is to be drawn. @param {Scene} scene @param {Description} description */
  stage(scene, description) {
    this.#scene = scene;
    this.#description = description;
    this.#course = null;
    this.#picture = null;
    this.#plane?.wasm.free();
    const columns = {
      h: scene.h,
      k: scene.k,
      l: scene.l,
      intensity: scene.exact,
      sigma: null,
      used: everywhere(scene),
    };
    this.#plane = planesOf(columns, 0, 2)[0] ?? null;
    this.begin();
  }

  /** There is nothing behind the last picture any more, which stays. */
  leave() {
    this.#scene = null;
  }

  /** Back to the first snapshot. */
  begin() {
    this.#kept.clear();
    this.#drawKept();
  }

  /** @param {Snapshot} snapshot */
  follow({ done, course, picture }) {
    this.#course = course;
    if (!picture) return;
    this.#picture = picture;
    if (KEPT.includes(done)) {
      this.#kept.set(done, picture.mean);
      this.#drawKept();
    }
    this.#drawScene();
    this.#drawChart();
  }

  /** Colours, exaggeration or sizes changed. */
  redraw() {
    this.#drawScene();
    this.#drawKept();
    this.#drawChart();
  }

  #range() {
    const [plane, scene] = [this.#plane, this.#scene];
    const range = plane && scene ? plane.wasm.robust_range(scene.exact, everywhere(scene), 0.005, true) : [];
    return { lo: range[0] ?? 1, hi: range[1] ?? 10, scale: "log", colours: String(this.#store.settings.colours) };
  }

  #drawScene() {
    const [scene, plane, description] = [this.#scene, this.#plane, this.#description];
    const mean = this.#picture?.mean;
    if (!scene || !plane || !description || !mean || any(ID.snapScene).clientWidth === 0) return;
    const style = look();
    const range = this.#range();
    const used = everywhere(scene);
    const marks = { bragg: braggPoints(plane, description.crystal), rings: [] };
    const aspect = aspectOf(plane, description);
    this.#mean.draw(plane, { values: mean, used, ...range }, style, marks, aspect);
    this.#exact.draw(plane, { values: scene.exact, used, ...range }, style, marks, aspect);
    drawColourBar(canvas(ID.snapBar), { ...range, caption: "electron² per primitive cell" }, style);
    const factor = Number(this.#store.settings.exaggeration);
    drawAtoms(canvas(ID.snapAtoms), scene, this.#picture?.displacements ?? new Float64Array(0), factor, style);
    canvas(ID.snapAtoms).setAttribute(
      "aria-label",
      `Atoms: ${scene.layers.length} of ${scene.atoms} in one snapshot, displacements drawn ${factor} times as large`,
    );
    any(ID.snapLayers).textContent = `two layers of ${count(scene.atoms)} atoms, displacements × ${factor}`;
    const size = `${plane.nx} × ${plane.ny} points`;
    canvas(ID.snapMean).setAttribute("aria-label", `Mean: intensity of the snapshots so far, plane l = 0, ${size}`);
    canvas(ID.snapExact).setAttribute(
      "aria-label",
      `Exact: intensity of all phonon orders of the same supercell, plane l = 0, ${size}`,
    );
  }

  #drawKept() {
    const [plane, scene] = [this.#plane, this.#scene];
    for (const done of KEPT) {
      const target = canvas(`snap-kept-${done}`);
      const mean = this.#kept.get(done);
      target.classList.toggle("empty", !mean);
      target.setAttribute(
        "aria-label",
        `Mean of ${done} ${done === 1 ? "snapshot" : "snapshots"}${mean ? "" : ", not there yet"}`,
      );
      if (!plane || !scene || !mean) {
        resize(target, 1, 1);
        continue;
      }
      const { lo, hi, scale, colours } = this.#range();
      resize(target, plane.nx, plane.ny);
      const image = new ImageData(plane.nx, plane.ny);
      image.data.set(plane.wasm.paint(mean, everywhere(scene), lo, hi, scale, colours));
      target.getContext("2d")?.putImageData(image, 0, 0);
    }
  }

  #drawChart() {
    const course = this.#course;
    if (!course || canvas(ID.snapChart).clientWidth === 0) return;
    const target = fitted(ID.snapChart);
    const theme = chartTheme();
    const end = Math.max(1000, course.done[course.done.length - 1] ?? 1);
    draw_lines(
      target,
      [
        { x: [1, end], y: [1, 1 / Math.sqrt(end)], colour: theme.start, width: 1.5, dashed: true },
        { x: course.done, y: course.error, colour: theme.accent, width: 2 },
      ],
      true,
      theme,
    );
    const last = course.error[course.error.length - 1] ?? NaN;
    target.setAttribute(
      "aria-label",
      `Relative error by number of snapshots: ${percent(last)} after ${course.done[course.done.length - 1] ?? 0}`,
    );
  }
}

/** @type {WeakMap<import("../../engine/protocol.js").Scene, Uint8Array>} */
const masks = new WeakMap();
/** No point is masked. @param {import("../../engine/protocol.js").Scene} scene */
function everywhere(scene) {
  const known = masks.get(scene) ?? new Uint8Array(scene.exact.length).fill(1);
  masks.set(scene, known);
  return known;
}

/** @param {number} value */
export const percent = (value) => (Number.isFinite(value) ? `${Number((100 * value).toPrecision(2))} %` : "–");
