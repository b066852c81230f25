/** The three linked maps, or curves for data along a line: data, model, residual, with shared scales, crosshair and read-out. */

import { drawColourBar } from "../../draw/colour-bar.js";
import { MARGIN, MapPanel } from "../../draw/map-panel.js";
import { draws } from "../../draw/pens.js";
import { AXES, aspectOf, braggPoints, pixelsOf, rowAt } from "../../draw/planes.js";
import { ASPECT, SCAN_MARGIN, ScanPanel } from "../../draw/scan-panel.js";
import { look } from "../../draw/theme.js";
import { Window } from "../../draw/window.js";
import { zoomKey, zooms } from "../../draw/zooming.js";
import { ID, any, canvas, write } from "../../page/dom.js";
import { Alone } from "./alone.js";
import { rangeIn } from "./colouring.js";
import { bindCopying, valuesInSight } from "./copying.js";
import { Cuts } from "./cuts.js";
import { Range } from "./range.js";
import { curvesOf, hklAt, nameOf, read, residualOf } from "./reading.js";

/** @typedef {import("../../draw/planes.js").Plane} Plane */
/** @typedef {import("../../draw/map-panel.js").Pixel} Pixel */
/** @typedef {import("../../engine/protocol.js").Columns} Columns */
/** @typedef {import("../../engine/protocol.js").Description} Description */
/** @typedef {import("./colouring.js").View} View */
/** @typedef {import("./reading.js").Shown} Shown */

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
  /** Their pixels. @type {Pixel[]} */
  #rings = [];
  /** @type {Description | null} */
  #description = null;
  /** @type {View} */
  #view = { scale: "log", tail: 0.005, limits: null, colours: "inferno", spread: 5, residual: "linear" };
  /** What the maps or curves were last drawn from, one after the other. @type {import("../../export/sight.js").Sight["contents"] | null} */
  #drawn = null;
  /** What is painted in place of the residual. @type {import("../../hands/hands.js").Painting | null} */
  #painting = null;
  /** Asked what a datum says of the constants. @type {((set: number, row: number) => Promise<string>) | null} */
  #says = null;
  /** Least and largest intensity that is coloured. @type {[number, number]} */
  #range = [0, 1];
  /** The largest residual that is coloured. */
  #half = 1;
  /** Bragg points of the plane in sight. @type {Pixel[]} */
  #bragg = [];
  /** @type {Pixel | null} */
  #crosshair = null;
  /** The pixel that was pressed last. @type {Pixel | null} */
  #marked = null;
  #look = look();
  /** Told of hkl of the pixel that was pressed, and that its phonons are wanted.
   * `levelled`: the ends of the colours are to be others.
   * @type {{pointed: (hkl: [number, number, number]) => void, chosen: () => void, levelled: (limits: [number, number]) => void}} */
  heard = { pointed: () => {}, chosen: () => {}, levelled: () => {} };

  #cuts = new Cuts(any("reading-tools"), any("cuts"), (words) => this.#say(words));
  /** What draws masks, once there is something to leave out. @type {import("../../masks/drawing.js").Drawing | null} */
  #drawing = null;
  /** What draws on the maps. @type {(Cuts | import("../../masks/drawing.js").Drawing)[]} */
  #pens = [];
  #alone = new Alone(PANELS, (name) => {
    if (name) this.#say("One map fills the window; Escape or its button leads back.");
    this.redraw();
  });
  #histogram = new Range({
    levelled: (limits) => this.heard.levelled(limits),
    opened: () => this.redraw(),
    failed: (words) => this.#say(words),
  });

  /** @param {(step: -1 | 1) => void} turnPage Shows the plane before or after. */
  constructor(turnPage) {
    this.#take(this.#cuts);
    this.#cuts.pointed = (pixel) => this.#point(pixel);
    bindCopying({
      inSight: () => this.#shown && valuesInSight(this.#shown, this.#window.view),
      chart: () => this.#cuts.chart,
      isMap: (element) => this.#panels.some(({ canvas }) => canvas === element),
      say: (words) => this.#say(words),
    });
    for (const panel of this.#maps) {
      const { canvas } = panel;
      const isMap = () => this.#plane?.scan === null;
      const isDrawn = draws(panel, this.#pens, isMap);
      zooms(panel, this.#window, {
        free: () => !isDrawn() && isMap(),
        changed: () => this.redraw(),
      });
      const follow = (/** @type {PointerEvent} */ event) => {
        const panel = this.#panels.find((p) => p.canvas === canvas);
        this.#point(panel?.pixelAt(event) ?? null);
      };
      canvas.addEventListener("pointermove", follow);
      canvas.addEventListener("pointerdown", (event) => {
        follow(event);
        if (!isDrawn()) this.#press();
      });
      canvas.addEventListener("pointerup", ({ pointerType, defaultPrevented }) => {
        // On a phone the reading can lie below the buttons.
        if (pointerType === "touch" && !defaultPrevented) any(ID.readout).scrollIntoView({ block: "nearest" });
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
    let seen = "";
    const resized = new ResizeObserver(() => {
      const height = this.#alone.name ? any("map-stage").clientHeight : 0;
      const size = `${any(ID.maps).clientWidth} ${height}`;
      if (size === seen) return;
      seen = size;
      this.redraw();
    });
    for (const id of [ID.maps, "map-stage"]) resized.observe(any(id));
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

  /** What is in sight, for a link. @returns {import("../../links/link.js").Sight} */
  get looking() {
    const [plane, columns, pixel] = [this.#plane, this.#columns, this.#marked];
    const at = plane && columns && pixel ? hklAt(plane, columns, pixel) : null;
    return { zoom: this.#window.place, at };
  }

  /** Shows what a link says; what is not of this plane is left alone. @param {import("../../links/link.js").Sight} sight */
  look({ zoom, at }) {
    const plane = this.#plane;
    if (!plane) return;
    if (zoom && !plane.scan) {
      this.#window.over(plane);
      this.#window.goTo(zoom);
      this.redraw();
    }
    if (!at) return;
    const along = (/** @type {number} */ axis, /** @type {number} */ start, /** @type {number} */ step) =>
      Math.round(((at[axis] ?? NaN) - start) / step);
    const pixel = {
      x: along(plane.xAxis, plane.xStart, plane.xStep),
      y: along(plane.yAxis, plane.yStart, plane.yStep),
    };
    if (!(pixel.x >= 0 && pixel.x < plane.nx && pixel.y >= 0 && pixel.y < plane.ny)) return;
    this.#point(pixel);
    this.#press();
  }

  /** Shows nothing, so that the planes can be freed. */
  forget() {
    this.#plane = null;
    this.#cuts.forget();
  }

  /**
   * @param {Plane} plane @param {Columns} columns @param {Float64Array} model
   * @param {Uint32Array} suspects Rows far from the model.
   * @param {Description} description @param {View} view
   */
  show(plane, columns, model, suspects, description, view) {
    const crosshair = this.#crosshair;
    if (crosshair && (crosshair.x >= plane.nx || crosshair.y >= plane.ny)) this.#crosshair = null;
    if (this.#plane?.name !== plane.name || this.#plane?.dataset !== plane.dataset) this.#marked = null;
    this.#plane = plane;
    this.#drawn = null;
    this.#drawing?.over(plane);
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
    const [shown, contents] = [this.#shown, this.#drawn];
    if (!shown || !contents) return null;
    const { plane, columns, model, description } = shown;
    const residual = this.#painting?.title ?? "Residual";
    const unit = any(ID.residualUnit).textContent ?? "";
    const aspect = aspectOf(plane, description);
    return { plane, columns, model, contents, view: this.#window.view, bragg: this.#bragg, residual, unit, aspect };
  }

  /** The chart of a cut or a profile, for pictures and tables of it. */
  get cut() {
    return this.#cuts.chart?.sight ?? null;
  }

  /** A model under the hand: what does not change with it stays as it is drawn. @param {Float64Array} model */
  under(model) {
    if (!this.#columns) return;
    // A crystal that is not stable has no values: what is hatched is another part.
    const same = isKnown(this.#model) === isKnown(model);
    this.#model = model;
    this.#residual = residualOf(this.#columns, model);
    this.redraw(true, !same);
  }

  /** @param {boolean} [live] Whether only the model is another one. @param {boolean} [whole] Whether that changes what is hatched. */
  redraw(live = false, whole = !live) {
    const shown = this.#shown;
    if (!shown || any(ID.maps).clientWidth === 0) return;
    const { plane, columns, model, description } = shown;
    if (!live) this.#look = look();
    const { used } = columns;
    const { scale, colours, spread } = this.#view;
    if (!live) this.#range = rangeIn(plane, columns, this.#view);
    const [lo, hi] = this.#range;
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
    const residual = {
      lo: least,
      hi: half,
      scale: isPainted ? "linear" : this.#view.residual,
      colours: least === 0 ? "viridis" : "blue-red",
    };
    const intensity = { lo, hi, scale, colours };
    const contents = [
      { values: columns.intensity, used, ...intensity },
      { values: model, used, ...intensity },
      { values: third, used, ...residual },
    ];
    this.#drawn = contents;
    if (!live) this.#rings = pixelsOf(plane, this.#suspects);
    const rings = this.#rings;
    // The model is not to blame for a pixel.
    const ringsOf = (/** @type {number} */ i) => (PANELS[i] === "model" || (i === 2 && isPainted) ? [] : rings);
    if (!live) {
      for (const id of [ID.barIntensity, ID.barResidual]) canvas(id).hidden = plane.scan !== null;
      this.#fit(plane, description);
    }
    if (!live && !plane.scan) this.#bragg = braggPoints(plane, description.crystal);
    if (plane.scan) this.#drawScan(plane.scan, shown, half, ringsOf);
    else {
      const marks = (/** @type {number} */ i) => ({ bragg: this.#bragg, rings: ringsOf(i) });
      const aspect = aspectOf(plane, description);
      for (const [i, panel] of this.#maps.entries()) {
        const content = contents[i];
        if (!content || (live && i === 0) || panel.canvas.clientWidth === 0) continue;
        if (whole) panel.draw(plane, content, this.#look, marks(i), aspect);
        else panel.repaint(content);
      }
    }
    if (!live) {
      write(any("residual-name"), this.#painting?.title ?? "Residual");
      write(any(ID.residualUnit), this.#painting?.unit ?? (counted ? "(data − model) / σ" : "data − model"));
      for (const [i, panel] of this.#panels.entries())
        panel.canvas.setAttribute("aria-label", nameOf(i, plane, PANELS[i] === "model" ? 0 : rings.length));
      drawColourBar(canvas(ID.barIntensity), { ...intensity, caption: "intensity" }, this.#look);
      const caption = !isPainted && counted ? "σ" : "";
      drawColourBar(canvas(ID.barResidual), { ...residual, caption }, this.#look);
      this.#histogram.show(plane, columns, this.#view, this.#range, this.#look);
    }
    const { crystal } = description;
    this.#cuts.show(
      plane.scan ? null : { plane, columns, model, crystal, bragg: this.#bragg, scale, look: this.#look },
    );
    this.#point(this.#crosshair, live);
  }

  /** What is shown, once all of it is there. */
  get #shown() {
    const [plane, columns, model, description] = [this.#plane, this.#columns, this.#model, this.#description];
    if (!plane || !columns || !model || !description) return null;
    return { plane, columns, model, description, residual: this.#residual, suspects: this.#suspects };
  }

  /** The size of a map that stands alone. @param {Plane} plane @param {Description} description */
  #fit(plane, description) {
    const [aspect, { left, right, top, bottom }] = plane.scan
      ? [ASPECT, SCAN_MARGIN]
      : [aspectOf(plane, description), MARGIN];
    for (const { canvas } of this.#maps) this.#alone.fit(canvas, aspect, { w: left + right, h: top + bottom });
  }

  /** @param {NonNullable<Plane["scan"]>} scan @param {Shown} shown @param {number} half The residual's range. @param {(i: number) => Pixel[]} ringsOf */
  #drawScan(scan, shown, half, ringsOf) {
    const line = { at: scan.at, name: AXES[scan.axis] ?? "" };
    const curves = curvesOf(shown, this.#view, half);
    this.#drawn = curves;
    for (const [i, panel] of this.#scans.entries()) {
      const content = curves[i];
      if (content && panel.canvas.clientWidth > 0) panel.draw(line, content, this.#look, ringsOf(i));
    }
  }

  /** Says something in passing. @param {string} words */
  #say(words) {
    any("tool-words").textContent = words;
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
    if (!plane.scan && this.#inOrder.some((pen) => pen.key(event.key, { ...at }))) {
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
      case "f":
        for (const name of PANELS) if (event.target === canvas(`map-${name}`)) this.#alone.toggle(name);
        return event.preventDefault();
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
        if (!this.#alone.name) this.#point(null);
        return;
      default:
        return;
    }
    event.preventDefault();
    const pixel = { x: clamp(at.x, plane.nx), y: clamp(at.y, plane.ny) };
    for (const pen of this.#pens) if (pen.active) pen.move(pixel);
    if (this.#window.isClose) {
      this.#window.reach(pixel);
      this.#crosshair = pixel;
      return this.redraw();
    }
    this.#point(pixel);
  }

  /** Masks can be drawn with a pointer or keys. @param {import("../../masks/drawing.js").Drawing} drawing */
  draws(drawing) {
    this.#drawing = drawing;
    this.#take(drawing);
    if (this.#plane) drawing.over(this.#plane);
  }

  /** Another pen, of which one at a time is taken. @param {Cuts | import("../../masks/drawing.js").Drawing} pen */
  #take(pen) {
    const pens = this.#pens;
    pens.unshift(pen);
    pen.changed = () => {
      any(ID.maps).toggleAttribute(
        "data-tool",
        pens.some(({ active }) => active),
      );
      this.#over();
    };
    pen.taken = () => {
      for (const other of pens) if (other !== pen) other.putDown();
    };
  }

  /** The pens, the one whose tool is taken first. */
  get #inOrder() {
    return this.#pens.toSorted((a, b) => Number(b.active) - Number(a.active));
  }

  /** Shows what is drawn over the maps. @param {boolean} [live] Whether the data are as they were. */
  #over(live = false) {
    // Curves are drawn together, since they share their axes.
    const first = live && !this.#plane?.scan ? 1 : 0;
    for (const panel of this.#panels.slice(first)) panel.showCrosshair(this.#crosshair);
    if (!this.#plane || this.#plane.scan) return;
    const strokes = this.#inOrder.flatMap((pen) => pen.strokes);
    for (const panel of this.#maps.slice(first)) panel.showStrokes(strokes);
  }

  /** @param {Pixel | null} pixel @param {boolean} [live] Whether the data are as they were. */
  #point(pixel, live = false) {
    this.#crosshair = pixel;
    this.#over(live);
    const shown = this.#shown;
    write(any(ID.readout), pixel && shown ? read(shown, pixel) : HINT);
  }

  /** Says what the datum under the crosshair knows. */
  async #ask() {
    const [plane, pixel, says] = [this.#plane, this.#crosshair, this.#says];
    if (!plane || !pixel || !says || this.#pens.some(({ active }) => active)) return;
    const row = rowAt(plane, pixel.x, pixel.y);
    if (row < 0) return;
    const words = await says(plane.dataset, row).catch(() => "");
    const shown = this.#shown;
    if (words && shown && this.#crosshair === pixel) any(ID.readout).textContent = `${read(shown, pixel)} · ${words}`;
  }

  /** Tells where the crosshair is once a person has pressed there: on its way a pointer passes many. */
  #press() {
    const [plane, columns, pixel] = [this.#plane, this.#columns, this.#crosshair];
    this.#marked = pixel;
    if (plane && columns && pixel) this.heard.pointed(hklAt(plane, columns, pixel));
  }
}

/** Whether a model has values. @param {Float64Array | null} model */
const isKnown = (model) => model?.some((value) => Number.isFinite(value)) ?? false;
