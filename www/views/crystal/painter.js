/**
 * A piece of a crystal on a canvas, in two dimensions: balls, sticks and edges are drawn one over the other, the farthest
 * first. What is far away pales.
 */

import { resize } from "../../draw/plot.js";
import { home } from "./camera.js";
import { colourOf, mix, rgb } from "./colours.js";
import { axesOf, drawCompass } from "./compass.js";
import { Raster, rampOf, shadesOf } from "./raster.js";

/** @typedef {import("../../engine/protocol.js").Piece} Piece */
/** @typedef {import("../../engine/protocol.js").PhononsReport} PhononsReport */
/** @typedef {import("./colours.js").Rgb} Rgb */
/** @typedef {import("./compass.js").Mark} Mark */
/** @typedef {import("./raster.js").Ramp} Ramp */
/** @typedef {import("../../draw/map-panel.js").Look} Look */
/** @typedef {{colour: Rgb, width: number, shown: boolean}} Stick  `width` in Å. */
/**
 * @typedef {{
 *   piece: Piece, report: PhononsReport, sticks: Stick[], displacements: Float64Array | null, arrows: boolean,
 *   direction: number[] | null,
 * }} Picture  `displacements`: x, y, z of each atom, Å; `direction`: where the wave runs to.
 */

/** By paleness, plain and with a lit side. @typedef {{plain: Ramp, lit: Ramp}[]} Ramps */

/** Steps of paleness. */
const FOGS = 8;
/** How much of the farthest is paper. */
const PALEST = 0.62;
/** Distance of the eye in radii of the piece. */
const EYE = 8;
/** Of the covalent radius. */
const BALL = 0.42;
/** CSS pixels around the piece, seen as in the beginning. */
const MARGIN = 34;
/** CSS pixels from a spring at which a pointer means it. */
const REACH = 9;
/** Of so many atoms the pixels of a fine screen are drawn together. */
const MANY = 800;
/** Of the radius of a ball: a stick begins a little below its surface. */
const SUNK = 0.9;
/** Wider sticks, pixels, have a lit side. */
const ROUND = 2.5;
const SLOTS = 512;
const SPRITE = 128;

export class Painter {
  #canvas;
  #camera;
  /** @type {Look | null} */
  #look = null;
  #raster = new Raster();
  /** Shades of balls by element and paleness. @type {Int32Array[][]} */
  #balls = [];
  #ballsFor = "";
  /** Screen x, y, depth and size of a unit of each atom, and of each end of an edge. */
  #seen = new Float32Array(0);
  #order = new Uint32Array(0);
  /** Where in depth each item is, and how many are in front of it: made once and not for every frame. */
  #slots = new Uint16Array(0);
  #starts = new Uint32Array(SLOTS + 2);
  /** Of the piece that was drawn last. @type {{piece: Piece, radius: number, reach: number[], lengths: Float32Array} | null} */
  #measured = null;
  /** Ramps of sticks, edges and arrows by colour and paleness. @type {Map<string, Ramps>} */
  #ramps = new Map();
  /** @type {Stick[]} */
  #sticks = [];

  /** @param {HTMLCanvasElement} canvas @param {import("./camera.js").Camera} camera */
  constructor(canvas, camera) {
    this.#canvas = canvas;
    this.#camera = camera;
  }

  /** @param {Picture} picture @param {Look} look */
  draw(picture, look) {
    const canvas = this.#canvas;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const { piece, sticks, displacements } = picture;
    const ratio = Math.min(piece.kinds.length > MANY ? 1 : 2, window.devicePixelRatio || 1);
    resize(canvas, width * ratio, height * ratio);
    const context = canvas.getContext("2d");
    if (!context || width === 0) return;
    if (this.#look?.paper !== look.paper) this.#ramps.clear();
    this.#look = look;
    this.#makeBalls(picture.report, look);
    const raster = this.#raster;
    raster.begin(canvas.width, canvas.height);

    this.#sticks = sticks;
    const atoms = piece.kinds.length;
    const ends = piece.edges.length / 3;
    if (this.#measured?.piece !== piece) this.#measured = { piece, ...measured(piece) };
    const { radius, reach } = this.#measured;
    const [across = 1, up = 1] = reach;
    const fits = 0.5 * Math.min((width - 2 * MARGIN) / across, (height - 2 * MARGIN) / up);
    const scale = this.#camera.zoom * Math.max(0, fits);
    if (this.#seen.length < 4 * (atoms + ends)) this.#seen = new Float32Array(4 * (atoms + ends));
    this.#project(piece.places, displacements, 0, scale, radius, width, height);
    this.#project(piece.edges, null, atoms, scale, radius, width, height);
    const shown = this.#sort(piece, sticks, radius);

    const lines = sticks.map(({ colour }) => this.#shades(colour));
    const frame = this.#shades(mix(rgb(look.line), rgb(look.muted), 0.35));
    const arrow = this.#shades(rgb(look.ink));
    const radii = picture.report.elements.map(({ radius }) => BALL * radius);
    for (let n = 0; n < shown; n++) {
      const item = this.#order[n] ?? 0;
      if (item < atoms) {
        this.#ball(piece.kinds[item] ?? 0, radii, item, radius, ratio);
        if (picture.arrows && displacements) this.#arrow(displacements, item, arrow, scale, radius, ratio);
      } else if (item < atoms + ends / 2) {
        const first = atoms + 2 * (item - atoms);
        this.#line(first, first + 1, frame, 1, radius, ratio, 0, 0);
      } else {
        const spring = item - atoms - ends / 2;
        const kind = piece.springs[3 * spring + 2] ?? 0;
        const [stick, colours] = [sticks[kind], lines[kind]];
        if (!stick || !colours) continue;
        const [a, b] = [piece.springs[3 * spring] ?? 0, piece.springs[3 * spring + 1] ?? 0];
        const length = this.#measured.lengths[spring] ?? 1;
        const sunk = (/** @type {number} */ atom) => (SUNK * (radii[piece.kinds[atom] ?? 0] ?? 0)) / length;
        this.#line(a, b, colours, -stick.width, radius, ratio, sunk(a), sunk(b));
      }
    }
    raster.end(context);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#compass(context, picture, look, height);
  }

  /** The kind of the spring that is seen at a place, the nearest to the eye where there are several; null where there is none.
   * @param {number} x CSS pixels of the canvas. @param {number} y @returns {number | null} */
  springAt(x, y) {
    const piece = this.#measured?.piece;
    if (!piece) return null;
    const seen = this.#seen;
    /** @type {{kind: number, depth: number} | null} */
    let found = null;
    for (let at = 0; at < piece.springs.length; at += 3) {
      const kind = piece.springs[at + 2] ?? 0;
      if (!this.#sticks[kind]?.shown) continue;
      const [a, b] = [4 * (piece.springs[at] ?? 0), 4 * (piece.springs[at + 1] ?? 0)];
      const [ax = 0, ay = 0, az = 0] = seen.subarray(a, a + 3);
      const [bx = 0, by = 0, bz = 0] = seen.subarray(b, b + 3);
      const square = (bx - ax) ** 2 + (by - ay) ** 2;
      const t = square > 0 ? Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square)) : 0;
      if (Math.hypot(ax + t * (bx - ax) - x, ay + t * (by - ay) - y) > REACH) continue;
      const depth = az + t * (bz - az);
      if (!found || depth > found.depth) found = { kind, depth };
    }
    return found?.kind ?? null;
  }

  /** @param {Float64Array} places @param {Float64Array | null} moved @param {number} first @param {number} scale @param {number} radius
   * @param {number} width @param {number} height */
  #project(places, moved, first, scale, radius, width, height) {
    const [[rx = 1, ry = 0, rz = 0] = [], [ux = 0, uy = 1, uz = 0] = [], [ex = 0, ey = 0, ez = 1] = []] =
      this.#camera.axes;
    const seen = this.#seen;
    const far = EYE * radius;
    for (let i = 0, at = 4 * first; i < places.length; i += 3, at += 4) {
      const x = (places[i] ?? 0) + (moved?.[i] ?? 0);
      const y = (places[i + 1] ?? 0) + (moved?.[i + 1] ?? 0);
      const z = (places[i + 2] ?? 0) + (moved?.[i + 2] ?? 0);
      const depth = ex * x + ey * y + ez * z;
      const size = (scale * far) / (far - depth);
      seen[at] = width / 2 + size * (rx * x + ry * y + rz * z);
      seen[at + 1] = height / 2 - size * (ux * x + uy * y + uz * z);
      seen[at + 2] = depth;
      seen[at + 3] = size;
    }
  }

  /** Puts what is to be drawn into order: atoms, edges, springs that are shown; how many there are.
   * @param {Piece} piece @param {Stick[]} sticks @param {number} radius */
  #sort(piece, sticks, radius) {
    const atoms = piece.kinds.length;
    const edges = piece.edges.length / 6;
    const springs = piece.springs.length / 3;
    const total = atoms + edges + springs;
    if (this.#order.length !== total) {
      this.#order = new Uint32Array(total);
      this.#slots = new Uint16Array(total);
    }
    const seen = this.#seen;
    const slots = this.#slots;
    const starts = this.#starts.fill(0);
    // Atoms may move beyond the piece.
    const slot = (/** @type {number} */ depth) =>
      1 + Math.max(0, Math.min(SLOTS - 1, Math.floor(((depth / radius + 1.3) / 2.6) * SLOTS)));
    const depth = (/** @type {number} */ i) => seen[4 * i + 2] ?? 0;
    for (let i = 0; i < atoms; i++) slots[i] = slot(depth(i));
    for (let i = 0; i < edges; i++) slots[atoms + i] = slot((depth(atoms + 2 * i) + depth(atoms + 2 * i + 1)) / 2);
    for (let i = 0; i < springs; i++) {
      if (!sticks[piece.springs[3 * i + 2] ?? 0]?.shown) {
        slots[atoms + edges + i] = 0;
        continue;
      }
      const middle = (depth(piece.springs[3 * i] ?? 0) + depth(piece.springs[3 * i + 1] ?? 0)) / 2;
      slots[atoms + edges + i] = slot(middle);
    }
    for (const s of slots) if (s > 0) starts[s + 1] = (starts[s + 1] ?? 0) + 1;
    for (let s = 1; s < starts.length; s++) starts[s] = (starts[s] ?? 0) + (starts[s - 1] ?? 0);
    const shown = starts[SLOTS + 1] ?? 0;
    for (let i = 0; i < total; i++) {
      const s = slots[i] ?? 0;
      if (s === 0) continue;
      this.#order[starts[s] ?? 0] = i;
      starts[s] = (starts[s] ?? 0) + 1;
    }
    return shown;
  }

  /** Step of paleness at a depth. @param {number} depth @param {number} radius */
  #fog(depth, radius) {
    return Math.max(0, Math.min(FOGS - 1, Math.floor((0.5 - depth / radius / 1.7) * FOGS)));
  }

  /** @param {number} kind @param {number[]} radii Of the kinds, Å. @param {number} atom @param {number} radius @param {number} ratio Pixels of a CSS pixel. */
  #ball(kind, radii, atom, radius, ratio) {
    const at = 4 * atom;
    const r = (radii[kind] ?? 0.5) * (this.#seen[at + 3] ?? 1);
    const fog = this.#fog(this.#seen[at + 2] ?? 0, radius);
    const shades = this.#balls[kind]?.[fog];
    if (!shades) return;
    const [x, y] = [this.#seen[at] ?? 0, this.#seen[at + 1] ?? 0];
    this.#raster.ball(x * ratio, y * ratio, r * ratio, kind * FOGS + fog, shades);
  }

  /** A line between two points; a width below zero is in Å and has a light side.
   * @param {number} a @param {number} b @param {Ramps} colours @param {number} width @param {number} radius @param {number} ratio
   * @param {number} begin @param {number} end Parts of it that are hidden at either end. */
  #line(a, b, colours, width, radius, ratio, begin, end) {
    const seen = this.#seen;
    const depth = ((seen[4 * a + 2] ?? 0) + (seen[4 * b + 2] ?? 0)) / 2;
    const ramps = colours[this.#fog(depth, radius)];
    if (!ramps || begin + end >= 1) return;
    const [x, y] = [seen[4 * a] ?? 0, seen[4 * a + 1] ?? 0];
    const [u, v] = [(seen[4 * b] ?? 0) - x, (seen[4 * b + 1] ?? 0) - y];
    const wide = width > 0 ? width : Math.max(1, -width * (((seen[4 * a + 3] ?? 1) + (seen[4 * b + 3] ?? 1)) / 2));
    this.#raster.stick(
      (x + begin * u) * ratio,
      (y + begin * v) * ratio,
      (x + (1 - end) * u) * ratio,
      (y + (1 - end) * v) * ratio,
      wide * ratio,
      width > 0 || wide * ratio < ROUND ? ramps.plain : ramps.lit,
    );
  }

  /** From where the atom belongs to where it is. @param {Float64Array} moved @param {number} atom @param {Ramps} colours @param {number} scale
   * @param {number} radius @param {number} ratio */
  #arrow(moved, atom, colours, scale, radius, ratio) {
    const [[rx = 1, ry = 0, rz = 0] = [], [ux = 0, uy = 1, uz = 0] = []] = this.#camera.axes;
    const [dx, dy, dz] = [moved[3 * atom] ?? 0, moved[3 * atom + 1] ?? 0, moved[3 * atom + 2] ?? 0];
    const size = this.#seen[4 * atom + 3] ?? scale;
    const r = BALL * size;
    const [right, up] = [rx * dx + ry * dy + rz * dz, ux * dx + uy * dy + uz * dz];
    const way = Math.hypot(right, up);
    const length = way * size;
    if (length < 2) return;
    const [tipX, tipY] = [this.#seen[4 * atom] ?? 0, this.#seen[4 * atom + 1] ?? 0];
    const [x, y] = [right / way, -up / way];
    // Seen beyond the ball, twice as far as the atom has moved.
    const [fromX, fromY] = [tipX - length * x, tipY - length * y];
    const [toX, toY] = [tipX + (length + 0.6 * r) * x, tipY + (length + 0.6 * r) * y];
    const head = Math.min(7, 0.35 * length + 2.5);
    const ramp = colours[this.#fog(this.#seen[4 * atom + 2] ?? 0, radius)]?.plain;
    if (!ramp) return;
    const [endX, endY] = [toX - 0.7 * head * x, toY - 0.7 * head * y];
    this.#raster.stick(fromX * ratio, fromY * ratio, endX * ratio, endY * ratio, 1.6 * ratio, ramp);
    const [backX, backY] = [toX - head * x, toY - head * y];
    const [asideX, asideY] = [-0.5 * head * y, 0.5 * head * x];
    this.#raster.triangle(
      toX * ratio,
      toY * ratio,
      (backX + asideX) * ratio,
      (backY + asideY) * ratio,
      (backX - asideX) * ratio,
      (backY - asideY) * ratio,
      ramp.colours[0] ?? 0,
    );
  }

  /** The axes of the cell, and where the wave runs to. @param {CanvasRenderingContext2D} context @param {Picture} picture
   * @param {Look} look @param {number} height */
  #compass(context, { piece, direction }, look, height) {
    /** @type {Mark[]} */
    const marks = axesOf(
      [0, 3, 6].map((i) => [...piece.axes.subarray(i, i + 3)]),
      ["a", "b", "c"],
      look,
    );
    const long = direction ? Math.hypot(...direction) : 0;
    if (direction && long > 1e-6)
      marks.push({ name: "q", vector: direction.map((x) => x / long), colour: look.accent, length: 38, width: 2.4 });
    drawCompass(context, this.#camera, marks, look, height);
  }

  /** Ramps of a colour, by paleness. @param {Rgb} colour @returns {Ramps} */
  #shades(colour) {
    const known = this.#ramps.get(String(colour));
    if (known) return known;
    const paper = rgb(this.#look?.paper ?? "#ffffff");
    const ramps = Array.from({ length: FOGS }, (_, fog) => {
      const pale = (PALEST * fog) / (FOGS - 1);
      return { plain: rampOf(colour, paper, pale, false), lit: rampOf(colour, paper, pale, true) };
    });
    this.#ramps.set(String(colour), ramps);
    return ramps;
  }

  /** @param {PhononsReport} report @param {Look} look */
  #makeBalls({ elements }, look) {
    const wanted = `${elements.map(({ symbol }) => symbol)} ${look.paper}`;
    if (wanted === this.#ballsFor) return;
    this.#ballsFor = wanted;
    const paper = rgb(look.paper);
    this.#raster.forget();
    this.#balls = elements.map(({ symbol }) =>
      Array.from({ length: FOGS }, (_, fog) => shadesOf(colourOf(symbol), paper, (PALEST * fog) / (FOGS - 1))),
    );
  }
}

/** Å: half the longest way through a piece, how far it reaches across and up as it is seen in the beginning, and how long its springs are. @param {Piece} piece */
function measured({ places, springs }) {
  const [[rx = 1, ry = 0, rz = 0] = [], [ux = 0, uy = 1, uz = 0] = [], [ex = 0, ey = 0, ez = 1] = []] = home();
  let radius = 1;
  for (let i = 0; i < places.length; i += 3) {
    radius = Math.max(radius, Math.hypot(places[i] ?? 0, places[i + 1] ?? 0, places[i + 2] ?? 0));
  }
  let [across, up] = [1, 1];
  for (let i = 0; i < places.length; i += 3) {
    const [x, y, z] = [places[i] ?? 0, places[i + 1] ?? 0, places[i + 2] ?? 0];
    const near = (EYE * radius) / (EYE * radius - (ex * x + ey * y + ez * z));
    across = Math.max(across, near * Math.abs(rx * x + ry * y + rz * z));
    up = Math.max(up, near * Math.abs(ux * x + uy * y + uz * z));
  }
  const place = (/** @type {number | undefined} */ atom, /** @type {number} */ i) => places[3 * (atom ?? 0) + i] ?? 0;
  const lengths = Float32Array.from({ length: springs.length / 3 }, (_, n) => {
    const [a, b] = [springs[3 * n], springs[3 * n + 1]];
    return Math.hypot(...[0, 1, 2].map((i) => place(b, i) - place(a, i)));
  });
  return { radius, reach: [across, up], lengths };
}

/** The ball of an element for a legend. @param {HTMLCanvasElement} canvas @param {string} symbol @param {Look} look */
export function drawBall(canvas, symbol, look) {
  resize(canvas, SPRITE, SPRITE);
  const context = canvas.getContext("2d");
  if (!context) return;
  const raster = new Raster();
  raster.begin(SPRITE, SPRITE);
  raster.ball(SPRITE / 2, SPRITE / 2, SPRITE / 2 - 1, 0, shadesOf(colourOf(symbol), rgb(look.paper), 0));
  raster.end(context);
}
