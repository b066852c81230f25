/** The three linked maps, or curves for data along a line: data, model, residual, with shared scales, crosshair and read-out. */

import { drawColourBar } from "../../draw/colour-bar.js";
import { ID, any, canvas } from "../../page/dom.js";
import { MapPanel } from "../../draw/map-panel.js";
import { brief, prose, rlu } from "../../page/numbers.js";
import { braggPoints, pixelsOf, qLength, rowAt } from "../../draw/planes.js";
import { ScanPanel, rangeOf } from "../../draw/scan-panel.js";
import { look } from "../../draw/theme.js";
import { Window } from "../../draw/window.js";
import { zoomKey, zooms } from "../../draw/zooming.js";

/** @typedef {import("../../draw/planes.js").Plane} Plane */
/** @typedef {import("../../draw/map-panel.js").Pixel} Pixel */
/** @typedef {import("../../engine/protocol.js").Columns} Columns */
/** @typedef {import("../../engine/protocol.js").Description} Description */
/** @typedef {{log: boolean, tail: number, colours: string, spread: number | null}} View */

const HINT = "Point at a map, or focus one and use the arrow keys, to read values.";
const PANELS = /** @type {const} */ (["data", "model", "residual"]);

export class Maps {
  #window = new Window();
  #maps = PANELS.map((name) => new MapPanel(canvas(`map-${name}`), this.#window));
  #scans = PANELS.map((name) => new ScanPanel(canvas(`map-${name}`)));
  /** @type {Plane | null} */
  #plane = null;
  /** @type {Columns | null} */
  #columns = null;
  /** @type {Float64Array | null} */
  #model = null;
  #residual = new Float64Array(0);
  /** Rows to look at. @type {Uint32Array} */
  #suspects = new Uint32Array();
  /** @type {Description | null} */
  #description = null;
  /** @type {View} */
  #view = { log: true, tail: 0.005, colours: "inferno", spread: 5 };
  /** What the maps or curves were last drawn from, one after the other. @type {import("../../export/sight.js").Sight["contents"] | null} */
  #drawn = null;
  /** What is painted in place of the residual. @type {import("../../hands/hands.js").Painting | null} */
  #painting = null;
  /** Asked what a datum says of the constants. @type {((set: number, row: number) => Promise<string>) | null} */
  #says = null;
  /** Least and largest intensity that is coloured; empty without any. @type {Float64Array} */
  #range = new Float64Array();
  /** The largest residual that is coloured. */
  #half = 1;
  /** Bragg points of the plane in sight. @type {Pixel[]} */
  #bragg = [];
  /** Pixels with a ring in the plane in sight. */
  #ringed = 0;
  /** @type {Pixel | null} */
  #crosshair = null;
  #look = look();
  /** Told of hkl of the pixel that was pressed, and that its phonons are wanted.
   * @type {{pointed: (hkl: [number, number, number]) => void, chosen: () => void}} */
  heard = { pointed: () => {}, chosen: () => {} };

  #drawing;

  /**
   * @param {(step: -1 | 1) => void} turnPage Shows the plane before or after.
   * @param {import("../../masks/drawing.js").Drawing} drawing What is drawn with a pointer or keys.
   */
  constructor(turnPage, drawing) {
    this.#drawing = drawing;
    drawing.changed = () => {
      any(ID.maps).toggleAttribute("data-tool", drawing.active);
      this.#outline();
    };
    for (const panel of this.#maps) {
      const { canvas } = panel;
      this.#draws(panel);
      zooms(panel, this.#window, {
        free: () => !this.#drawing.active && this.#plane?.scan === null,
        changed: () => this.redraw(),
      });
      const follow = (/** @type {PointerEvent} */ event) => {
        const panel = this.#panels.find((p) => p.canvas === canvas);
        this.#point(panel?.pixelAt(event) ?? null);
      };
      canvas.addEventListener("pointermove", follow);
      canvas.addEventListener("pointerdown", (event) => {
        follow(event);
        this.#press();
      });
      canvas.addEventListener("pointerup", ({ pointerType }) => {
        // On a phone the reading can lie below the buttons.
        if (pointerType === "touch" && !drawing.active) any(ID.readout).scrollIntoView({ block: "nearest" });
      });
      canvas.addEventListener("click", () => this.#ask());
      canvas.addEventListener("pointerleave", ({ pointerType }) => {
        // A finger leaves with every tap, and what it read stays.
        if (pointerType !== "touch" && document.activeElement !== canvas) this.#point(null);
      });
      canvas.addEventListener("focus", () => {
        if (canvas.matches(":focus-visible")) this.#point(this.#crosshair ?? this.#middle());
      });
      canvas.addEventListener("keydown", (event) => this.#key(event, turnPage));
    }
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (!entry || Math.abs(entry.contentRect.width - width) < 1) return;
      width = entry.contentRect.width;
      this.redraw();
    }).observe(any(ID.maps));
  }

  /** What draws the plane in sight. */
  get #panels() {
    return this.#plane?.scan ? this.#scans : this.#maps;
  }

  /** Paints something in place of the residual; null ends it. @param {import("../../hands/hands.js").Painting | null} painting */
  paint(painting) {
    this.#painting = painting;
    this.redraw();
  }

  /** @param {(set: number, row: number) => Promise<string>} says Asked where a pixel is pressed. */
  asks(says) {
    this.#says = says;
  }

  /** Shows nothing, so that the planes can be freed. */
  forget() {
    this.#plane = null;
  }

  /**
   * @param {Plane} plane @param {Columns} columns @param {Float64Array} model
   * @param {Uint32Array} suspects Rows far from the model.
   * @param {Description} description @param {View} view
   */
  show(plane, columns, model, suspects, description, view) {
    const crosshair = this.#crosshair;
    if (crosshair && (crosshair.x >= plane.nx || crosshair.y >= plane.ny)) this.#crosshair = null;
    this.#plane = plane;
    this.#drawn = null;
    this.#drawing.over(plane);
    this.#columns = columns;
    this.#description = description;
    this.#model = model;
    this.#residual = residualOf(columns, model);
    this.#suspects = suspects;
    this.#view = view;
    this.redraw();
  }

  /** What is in sight, for pictures and tables of it; null where nothing is. @returns {import("../../export/sight.js").Sight | null} */
  get sight() {
    const [plane, columns, model, description] = [this.#plane, this.#columns, this.#model, this.#description];
    if (!plane || !columns || !model || !description || !this.#drawn) return null;
    const contents = this.#drawn;
    const residual = this.#painting?.title ?? "Residual";
    const unit = any(ID.residualUnit).textContent ?? "";
    const aspect = aspectOf(plane, description);
    return { plane, columns, model, contents, view: this.#window.view, bragg: this.#bragg, residual, unit, aspect };
  }

  /** A model under the hand: what does not change with it stays as it is drawn. @param {Float64Array} model */
  under(model) {
    if (!this.#columns) return;
    this.#model = model;
    this.#residual = residualOf(this.#columns, model);
    this.redraw(true);
  }

  /** @param {boolean} [live] Whether only the model is another one. */
  redraw(live = false) {
    const [plane, columns, model, description] = [this.#plane, this.#columns, this.#model, this.#description];
    if (!plane || !columns || !model || !description || any(ID.maps).clientWidth === 0) return;
    if (!live) this.#look = look();
    const { used } = columns;
    const { log, tail, colours, spread } = this.#view;
    if (!live) this.#range = plane.wasm.robust_range(columns.intensity, used, tail, log);
    const range = this.#range;
    const [lo = log ? 1 : 0, hi = 1] = range.length === 2 ? widen(range, log) : [];
    const counted = columns.sigma !== null;
    const widest = spread ?? 0;
    const painted = this.#painting?.values[plane.dataset] ?? null;
    const isPainted = this.#painting !== null && painted !== null;
    const third = isPainted ? painted : this.#residual;
    // Under a hand the scale stays, so that what changes is the pattern.
    if (!live)
      this.#half = !isPainted && widest > 0 && counted ? widest : plane.wasm.robust_spread(third, used, 0.01) || 1;
    const half = this.#half;
    const least = this.#painting?.signed === false ? 0 : -half;
    const thirdColours = least === 0 ? "viridis" : "blue-red";
    const intensity = { used, lo, hi, log, colours };
    const contents = [
      { values: columns.intensity, ...intensity },
      { values: model, ...intensity },
      { values: third, used, lo: least, hi: half, log: false, colours: thirdColours },
    ];
    this.#drawn = contents;
    const rings = pixelsOf(plane, this.#suspects);
    // The model is not to blame for a pixel.
    const ringsOf = (/** @type {number} */ i) => (PANELS[i] === "model" || (i === 2 && isPainted) ? [] : rings);
    for (const id of [ID.barIntensity, ID.barResidual]) canvas(id).hidden = plane.scan !== null;
    if (plane.scan) this.#drawScan(plane, columns, model, counted ? Math.max(2, 1.1 * half) : 1.1 * half, ringsOf);
    else {
      if (!live) this.#bragg = braggPoints(plane, description.crystal);
      const bragg = this.#bragg;
      const aspect = aspectOf(plane, description);
      for (const [i, panel] of this.#maps.entries()) {
        const content = contents[i];
        if (content && (i > 0 || !live)) panel.draw(plane, content, this.#look, { bragg, rings: ringsOf(i) }, aspect);
      }
    }
    this.#ringed = rings.length;
    any("residual-name").textContent = this.#painting?.title ?? "Residual";
    any(ID.residualUnit).textContent = this.#painting?.unit ?? (counted ? "(data − model) / σ" : "data − model");
    const caption = isPainted ? "" : counted ? "σ" : "";
    const bar = { lo: least, hi: half, log: false, colours: thirdColours, caption };
    if (!live) {
      drawColourBar(canvas(ID.barIntensity), { lo, hi, log, colours, caption: "intensity" }, this.#look);
      drawColourBar(canvas(ID.barResidual), bar, this.#look);
    }
    this.#name(plane);
    this.#point(this.#crosshair);
  }

  /**
   * @param {Plane} plane @param {Columns} columns @param {Float64Array} model @param {number} half The residual's range.
   * @param {(i: number) => Pixel[]} ringsOf
   */
  #drawScan(plane, columns, model, half, ringsOf) {
    const { used, intensity, sigma } = columns;
    const { log } = this.#view;
    const [lo, hi] = rangeOf(plane, columns, model, log);
    const common = { sigma, used, lo, hi, log, zero: false };
    const curves = [
      { ...common, points: intensity, curve: model },
      { ...common, points: null, curve: model },
      { ...common, points: this.#residual, curve: null, lo: -half, hi: half, log: false, zero: true },
    ];
    this.#drawn = curves;
    for (const [i, panel] of this.#scans.entries()) {
      const content = curves[i];
      if (content) panel.draw(plane, content, this.#look, ringsOf(i));
    }
  }

  /** @param {Plane} plane */
  #name(plane) {
    const labels = ["Data: measured intensity", "Model: calculated intensity", "Residual: data minus model"];
    const where = plane.scan
      ? `along a line from ${plane.name}, ${plane.nx} points`
      : `plane ${plane.name}, ${plane.nx} × ${plane.ny} pixels`;
    for (const [i, panel] of this.#panels.entries()) {
      const ringed = this.#ringed > 0 && PANELS[i] !== "model" ? `, ${this.#ringed} ringed` : "";
      panel.canvas.setAttribute("aria-label", `${labels[i]}, ${where}${ringed}`);
    }
  }

  /** @returns {Pixel | null} */
  #middle() {
    return this.#plane && { x: this.#plane.nx >> 1, y: this.#plane.ny >> 1 };
  }

  /** @param {KeyboardEvent} event @param {(step: -1 | 1) => void} turnPage */
  #key(event, turnPage) {
    const plane = this.#plane;
    const at = this.#crosshair ?? this.#middle();
    if (!plane || !at || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!plane.scan && this.#drawing.key(event.key, { ...at })) {
      event.preventDefault();
      return this.#point(at);
    }
    if (!plane.scan && zoomKey(event.key, this.#window, at)) {
      event.preventDefault();
      return this.redraw();
    }
    const by = event.shiftKey ? 5 : 1;
    const clamp = (/** @type {number} */ v, /** @type {number} */ n) => Math.min(n - 1, Math.max(0, v));
    switch (event.key) {
      case "ArrowLeft":
        at.x -= by;
        break;
      case "ArrowRight":
        at.x += by;
        break;
      case "ArrowUp":
        at.y += by;
        break;
      case "ArrowDown":
        at.y -= by;
        break;
      case "PageUp":
        turnPage(1);
        break;
      case "PageDown":
        turnPage(-1);
        break;
      case "p":
        this.#point(at);
        this.#press();
        this.heard.chosen();
        return;
      case "Enter":
        this.#ask();
        return;
      case "Escape":
        this.#point(null);
        return;
      default:
        return;
    }
    event.preventDefault();
    const pixel = { x: clamp(at.x, plane.nx), y: clamp(at.y, plane.ny) };
    this.#drawing.move(pixel);
    if (this.#window.isClose) {
      this.#window.reach(pixel);
      this.#crosshair = pixel;
      return this.redraw();
    }
    this.#point(pixel);
  }

  /** Lets a mask be drawn on a map. @param {MapPanel} panel */
  #draws(panel) {
    const { canvas } = panel;
    const drawing = this.#drawing;
    const at = (/** @type {PointerEvent} */ event) =>
      drawing.active && !this.#plane?.scan ? panel.placeAt(event) : null;
    canvas.addEventListener("pointerdown", (event) => {
      const place = panel.pixelAt(event) && at(event);
      if (!place || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      drawing.down(place, panel.reach);
    });
    canvas.addEventListener("pointermove", (event) => {
      const place = at(event);
      if (place) drawing.move(place);
    });
    canvas.addEventListener("pointerup", (event) => {
      const place = at(event);
      if (place) drawing.up(place, panel.reach);
    });
    canvas.addEventListener("pointercancel", () => drawing.giveUp());
  }

  /** Shows the mask that is being drawn over the maps. */
  #outline() {
    if (!this.#plane || this.#plane.scan) return;
    for (const panel of this.#maps) {
      panel.showCrosshair(this.#crosshair);
      panel.showOutline(this.#drawing.outline);
    }
  }

  /** @param {Pixel | null} pixel */
  #point(pixel) {
    this.#crosshair = pixel;
    for (const panel of this.#panels) panel.showCrosshair(pixel);
    if (this.#drawing.active) this.#outline();
    any(ID.readout).textContent = pixel ? this.#read(pixel) : HINT;
  }

  /** Says what the datum under the crosshair knows. */
  async #ask() {
    const [plane, pixel, says] = [this.#plane, this.#crosshair, this.#says];
    if (!plane || !pixel || !says || this.#drawing.active) return;
    const row = rowAt(plane, pixel.x, pixel.y);
    if (row < 0) return;
    const words = await says(plane.dataset, row).catch(() => "");
    if (words && this.#crosshair === pixel) any(ID.readout).textContent = `${this.#read(pixel)} · ${words}`;
  }

  /** Tells where the crosshair is once a person has pressed there: on its way a pointer passes many. */
  #press() {
    const [plane, columns, pixel] = [this.#plane, this.#columns, this.#crosshair];
    if (plane && columns && pixel) this.heard.pointed(this.#hklAt(plane, columns, pixel));
  }

  /** @param {Plane} plane @param {Columns} columns @param {Pixel} pixel */
  #hklAt(plane, columns, pixel) {
    const row = rowAt(plane, pixel.x, pixel.y);
    /** @type {[number, number, number]} */
    const hkl = [0, 0, 0];
    hkl[plane.axis] = plane.value;
    hkl[plane.xAxis] = plane.xStart + pixel.x * plane.xStep;
    hkl[plane.yAxis] = plane.yStart + pixel.y * plane.yStep;
    if (row >= 0) {
      hkl[0] = columns.h[row] ?? 0;
      hkl[1] = columns.k[row] ?? 0;
      hkl[2] = columns.l[row] ?? 0;
    }
    return hkl;
  }

  /** @param {Pixel} pixel */
  #read(pixel) {
    const [plane, columns, model] = [this.#plane, this.#columns, this.#model];
    if (!plane || !columns || !model || !this.#description) return "";
    const row = rowAt(plane, pixel.x, pixel.y);
    const hkl = this.#hklAt(plane, columns, pixel);
    const q = qLength(this.#description.crystal, hkl);
    const place = `h k l  ${hkl.map(rlu).join("  ")} · |Q| ${q.toFixed(2)} Å⁻¹`;
    if (row < 0) return `${place} · no data here`;
    const sigma = columns.sigma?.[row];
    const counted = sigma === undefined ? "" : ` ± ${Number(sigma.toPrecision(2))}`;
    const parts = [
      place,
      `data ${brief(columns.intensity[row] ?? NaN)}${counted}`,
      `model ${brief(model[row] ?? NaN)}`,
    ];
    const residual = this.#residual[row] ?? NaN;
    if (columns.used[row] === 0 || Number.isNaN(residual)) parts.push("left out of the fit");
    else parts.push(`residual ${sigma === undefined ? brief(residual) : `${signed(residual)} σ`}`);
    if (this.#suspects.includes(row)) parts.push("beyond 5 σ");
    return parts.join(" · ");
  }
}

/** @param {number} value */
const signed = (value) => (value > 0 ? "+" : "") + prose(value, 1);

/** In units of σ where there is one. @param {Columns} columns @param {Float64Array} model */
function residualOf({ intensity, sigma }, model) {
  return intensity.map((value, i) => (value - (model[i] ?? NaN)) / (sigma?.[i] ?? 1));
}

/** Keeps a range usable: no zero width, nothing below zero on a logarithmic scale.
 * @param {Float64Array} range @param {boolean} log */
function widen([lo = 0, hi = 1], log) {
  if (log) return hi / lo > 1.001 ? [Math.max(lo, hi * 1e-12), hi] : [lo / 1.5, hi * 1.5];
  return hi - lo > 1e-9 * Math.abs(hi) ? [lo, hi] : [lo - 0.5 * Math.abs(lo || 1), hi + 0.5 * Math.abs(hi || 1)];
}

/** Height over width that shows lengths in reciprocal space alike. @param {Plane} plane @param {Description} description */
export function aspectOf(plane, { crystal }) {
  const unit = (/** @type {number} */ axis) =>
    qLength(
      crystal,
      [0, 1, 2].map((i) => Number(i === axis)),
    );
  const x = plane.nx * plane.xStep * unit(plane.xAxis);
  const y = plane.ny * plane.yStep * unit(plane.yAxis);
  const aspect = y / x;
  return Number.isFinite(aspect) ? Math.min(1.5, Math.max(0.18, aspect)) : 1;
}
