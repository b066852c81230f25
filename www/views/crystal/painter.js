/**
 * A piece of a crystal on a canvas, in two dimensions: balls, sticks and edges are drawn one over the other, the farthest
 * first. What is far away pales.
 */

import { resize } from "../../draw/plot.js";
import { home } from "./camera.js";
import { colourOf, css, mix, rgb } from "./colours.js";
import { axesOf, drawCompass } from "./compass.js";

/** @typedef {import("../../engine/protocol.js").Piece} Piece */
/** @typedef {import("../../engine/protocol.js").PhononsReport} PhononsReport */
/** @typedef {import("./colours.js").Rgb} Rgb */
/** @typedef {import("./compass.js").Mark} Mark */
/** @typedef {import("../../draw/map-panel.js").Look} Look */
/** @typedef {{colour: Rgb, width: number, shown: boolean}} Stick  `width` in Å. */
/**
 * @typedef {{
 *   piece: Piece, report: PhononsReport, sticks: Stick[], displacements: Float64Array | null, arrows: boolean,
 *   direction: number[] | null,
 * }} Picture  `displacements`: x, y, z of each atom, Å; `direction`: where the wave runs to.
 */

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
const SLOTS = 512;
const SPRITE = 128;

export class Painter {
  #canvas;
  #camera;
  /** @type {Look | null} */
  #look = null;
  /** Balls by element and paleness. @type {HTMLCanvasElement[][]} */
  #balls = [];
  #ballsFor = "";
  /** Screen x, y, depth and size of a unit of each atom, and of each end of an edge. */
  #seen = new Float32Array(0);
  #order = new Uint32Array(0);
  /** Of the piece that was drawn last. @type {{piece: Piece, radius: number, reach: number[]} | null} */
  #measured = null;
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
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    resize(canvas, width * ratio, height * ratio);
    const context = canvas.getContext("2d");
    if (!context || width === 0) return;
    this.#look = look;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.#makeBalls(picture.report, look);

    const { piece, sticks, displacements } = picture;
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

    context.lineCap = "round";
    const lines = sticks.map(({ colour }) => this.#shades(colour));
    const frame = this.#shades(mix(rgb(look.line), rgb(look.muted), 0.35));
    const arrow = this.#shades(rgb(look.ink));
    for (let n = 0; n < shown; n++) {
      const item = this.#order[n] ?? 0;
      if (item < atoms) {
        this.#ball(context, picture, item, radius);
        if (picture.arrows && displacements) this.#arrow(context, displacements, item, arrow, scale, radius);
      } else if (item < atoms + ends / 2) {
        const first = atoms + 2 * (item - atoms);
        this.#line(context, first, first + 1, frame, 1, radius);
      } else {
        const at = 3 * (item - atoms - ends / 2);
        const stick = sticks[piece.springs[at + 2] ?? 0];
        const colours = lines[piece.springs[at + 2] ?? 0];
        if (stick && colours)
          this.#line(context, piece.springs[at] ?? 0, piece.springs[at + 1] ?? 0, colours, -stick.width, radius);
      }
    }
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
    if (this.#order.length < total) this.#order = new Uint32Array(total);
    const seen = this.#seen;
    const slots = new Uint16Array(total);
    const starts = new Uint32Array(SLOTS + 2);
    // Atoms may move beyond the piece.
    const slot = (/** @type {number} */ depth) =>
      1 + Math.max(0, Math.min(SLOTS - 1, Math.floor(((depth / radius + 1.3) / 2.6) * SLOTS)));
    const depth = (/** @type {number} */ i) => seen[4 * i + 2] ?? 0;
    for (let i = 0; i < atoms; i++) slots[i] = slot(depth(i));
    for (let i = 0; i < edges; i++) slots[atoms + i] = slot((depth(atoms + 2 * i) + depth(atoms + 2 * i + 1)) / 2);
    for (let i = 0; i < springs; i++) {
      if (!sticks[piece.springs[3 * i + 2] ?? 0]?.shown) continue;
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

  /** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {number} atom @param {number} radius */
  #ball(context, { piece, report }, atom, radius) {
    const kind = piece.kinds[atom] ?? 0;
    const at = 4 * atom;
    const r = BALL * (report.elements[kind]?.radius ?? 1.2) * (this.#seen[at + 3] ?? 1);
    const ball = this.#balls[kind]?.[this.#fog(this.#seen[at + 2] ?? 0, radius)];
    if (ball) context.drawImage(ball, (this.#seen[at] ?? 0) - r, (this.#seen[at + 1] ?? 0) - r, 2 * r, 2 * r);
  }

  /** A line between two points; a width below zero is in Å and has a light side.
   * @param {CanvasRenderingContext2D} context @param {number} a @param {number} b @param {string[][]} colours @param {number} width
   * @param {number} radius */
  #line(context, a, b, colours, width, radius) {
    const seen = this.#seen;
    const depth = ((seen[4 * a + 2] ?? 0) + (seen[4 * b + 2] ?? 0)) / 2;
    const [plain = "", light = ""] = colours[this.#fog(depth, radius)] ?? [];
    const [x, y] = [seen[4 * a] ?? 0, seen[4 * a + 1] ?? 0];
    const [u, v] = [seen[4 * b] ?? 0, seen[4 * b + 1] ?? 0];
    const wide = width > 0 ? width : Math.max(1, -width * (((seen[4 * a + 3] ?? 1) + (seen[4 * b + 3] ?? 1)) / 2));
    context.strokeStyle = plain;
    context.lineWidth = wide;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(u, v);
    context.stroke();
    if (width > 0 || wide < 3) return;
    context.strokeStyle = light;
    context.lineWidth = 0.36 * wide;
    context.beginPath();
    context.moveTo(x - 0.16 * wide, y - 0.16 * wide);
    context.lineTo(u - 0.16 * wide, v - 0.16 * wide);
    context.stroke();
  }

  /** From where the atom belongs to where it is. @param {CanvasRenderingContext2D} context @param {Float64Array} moved
   * @param {number} atom @param {string[][]} colours @param {number} scale @param {number} radius */
  #arrow(context, moved, atom, colours, scale, radius) {
    const [[rx = 1, ry = 0, rz = 0] = [], [ux = 0, uy = 1, uz = 0] = []] = this.#camera.axes;
    const [dx = 0, dy = 0, dz = 0] = moved.subarray(3 * atom, 3 * atom + 3);
    const size = this.#seen[4 * atom + 3] ?? scale;
    const r = BALL * size;
    const [right, up] = [rx * dx + ry * dy + rz * dz, ux * dx + uy * dy + uz * dz];
    const length = Math.hypot(right, up) * size;
    if (length < 2) return;
    const [tipX, tipY] = [this.#seen[4 * atom] ?? 0, this.#seen[4 * atom + 1] ?? 0];
    const [x, y] = [right / Math.hypot(right, up), -up / Math.hypot(right, up)];
    // Seen beyond the ball, twice as far as the atom has moved.
    const [fromX, fromY] = [tipX - length * x, tipY - length * y];
    const [toX, toY] = [tipX + (length + 0.6 * r) * x, tipY + (length + 0.6 * r) * y];
    const head = Math.min(7, 0.35 * length + 2.5);
    const [colour = ""] = colours[this.#fog(this.#seen[4 * atom + 2] ?? 0, radius)] ?? [];
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = 1.6;
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(toX - 0.7 * head * x, toY - 0.7 * head * y);
    context.stroke();
    context.beginPath();
    context.moveTo(toX, toY);
    context.lineTo(toX - head * x - 0.5 * head * y, toY - head * y + 0.5 * head * x);
    context.lineTo(toX - head * x + 0.5 * head * y, toY - head * y - 0.5 * head * x);
    context.fill();
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

  /** A colour and its light side, by paleness. @param {Rgb} colour */
  #shades(colour) {
    const paper = rgb(this.#look?.paper ?? "#ffffff");
    return Array.from({ length: FOGS }, (_, fog) => {
      const pale = (PALEST * fog) / (FOGS - 1);
      return [css(mix(colour, paper, pale)), css(mix(mix(colour, [255, 255, 255], 0.5), paper, pale))];
    });
  }

  /** @param {PhononsReport} report @param {Look} look */
  #makeBalls({ elements }, look) {
    const wanted = `${elements.map(({ symbol }) => symbol)} ${look.paper}`;
    if (wanted === this.#ballsFor) return;
    this.#ballsFor = wanted;
    const paper = rgb(look.paper);
    this.#balls = elements.map(({ symbol }) =>
      Array.from({ length: FOGS }, (_, fog) => ball(colourOf(symbol), paper, (PALEST * fog) / (FOGS - 1))),
    );
  }
}

/** Å: half the longest way through a piece, and how far it reaches across and up as it is seen in the beginning. @param {Piece} piece */
function measured({ places }) {
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
  return { radius, reach: [across, up] };
}

/** @param {Rgb} colour @param {Rgb} paper @param {number} pale */
function ball(colour, paper, pale) {
  const canvas = document.createElement("canvas");
  resize(canvas, SPRITE, SPRITE);
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const half = SPRITE / 2;
  const light = context.createRadialGradient(
    0.72 * half,
    0.62 * half,
    0.04 * half,
    0.92 * half,
    0.88 * half,
    1.08 * half,
  );
  const stops = [
    [0, mix(colour, [255, 255, 255], 0.85)],
    [0.22, mix(colour, [255, 255, 255], 0.35)],
    [0.55, colour],
    [0.86, mix(colour, [0, 0, 0], 0.38)],
    [1, mix(colour, [0, 0, 0], 0.55)],
  ];
  for (const [at, shade] of /** @type {[number, Rgb][]} */ (stops))
    light.addColorStop(at, css(mix(shade, paper, pale)));
  context.fillStyle = light;
  context.beginPath();
  context.arc(half, half, half - 1, 0, 2 * Math.PI);
  context.fill();
  return canvas;
}

/** The ball of an element for a legend. @param {HTMLCanvasElement} canvas @param {string} symbol @param {Look} look */
export function drawBall(canvas, symbol, look) {
  resize(canvas, SPRITE, SPRITE);
  canvas.getContext("2d")?.drawImage(ball(colourOf(symbol), rgb(look.paper), 0), 0, 0);
}
