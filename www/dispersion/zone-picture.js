/** A Brillouin zone on a canvas: a convex body whose far side is dashed, with its points and a path through it. */

import { resize } from "../draw/plot.js";
import { home } from "../views/crystal/camera.js";
import { axesOf, drawCompass } from "../views/crystal/compass.js";

/** @typedef {import("../engine/protocol.js").Zone} Zone */
/** @typedef {import("../engine/protocol.js").ZonePoint} ZonePoint */
/** @typedef {import("../engine/protocol.js").Path["points"][number]} PathPlace */
/** @typedef {import("../draw/map-panel.js").Look} Look */
/** @typedef {{x: number, y: number, depth: number}} Seen */

/** CSS pixels around the zone. */
const MARGIN = 30;
/** CSS pixels within which a pointer means a point, and a finger. */
const [REACH, FINGER] = [12, 22];

export class ZonePicture {
  #canvas;
  #camera;
  /** What was drawn last. @type {{point: ZonePoint, seen: Seen, isFront: boolean}[]} */
  #places = [];
  /** @type {ZonePoint | null} */
  #hovered = null;

  /** @param {HTMLCanvasElement} canvas @param {import("../views/crystal/camera.js").Camera} camera */
  constructor(canvas, camera) {
    this.#canvas = canvas;
    this.#camera = camera;
  }

  /** @param {ZonePoint | null} point The one under the pointer. */
  hover(point) {
    this.#hovered = point;
    this.#canvas.style.cursor = point ? "pointer" : "";
  }

  /** The point under a pointer, those in front first. @param {{clientX: number, clientY: number}} event @param {boolean} isFinger */
  at({ clientX, clientY }, isFinger) {
    const box = this.#canvas.getBoundingClientRect();
    const reach = isFinger ? FINGER : REACH;
    let [best, least] = [/** @type {ZonePoint | null} */ (null), Infinity];
    for (const { point, seen, isFront } of this.#places) {
      const away = Math.hypot(seen.x - (clientX - box.left), seen.y - (clientY - box.top));
      // What is behind has to be met well.
      const worth = isFront ? away : away + 0.6 * reach;
      if (away <= reach && worth < least) [best, least] = [point, worth];
    }
    return best;
  }

  /** @param {Zone} zone @param {PathPlace[]} path @param {ZonePoint[]} lone Points that are no path yet. @param {Look} look */
  draw(zone, path, lone, look) {
    const canvas = this.#canvas;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    resize(canvas, width * ratio, height * ratio);
    const context = canvas.getContext("2d");
    if (!context || width === 0) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    // Seen as in the beginning it fills the place, with the path that may lead out of it.
    const all = [...zone.corners, ...path.map(({ place }) => place)];
    const [across, up] = home().map((axis) => Math.max(...all.map((place) => Math.abs(along(axis, place)))));
    const fits = Math.min((width / 2 - MARGIN) / (across ?? 1), (height / 2 - MARGIN) / (up ?? 1));
    const scale = this.#camera.zoom * Math.max(1, fits);
    const see = (/** @type {number[]} */ place) => {
      const [right = 0, up = 0, depth = 0] = this.#camera.axes.map((axis) => along(axis, place));
      return { x: width / 2 + scale * right, y: height / 2 - scale * up, depth };
    };
    const corners = zone.corners.map(see);
    const fronts = zone.faces.map((face) => isFront(face, corners));
    const edges = edgesOf(zone.faces, fronts);
    context.lineJoin = "round";
    context.lineCap = "round";

    this.#edges(context, corners, edges.behind, look.hatch, 1, [3, 4]);
    this.#places = zone.points.map((point) => {
      const seen = see(point.place);
      return { point, seen, isFront: !isHiddenBy(seen, zone.faces, corners, fronts) };
    });
    for (const place of this.#places) if (!place.isFront) dot(context, place.seen, 2, look.hatch, look.paper);
    this.#path(
      context,
      path.map((point) => ({ ...point, seen: see(point.place) })),
      look,
    );
    context.fillStyle = look.accent;
    context.globalAlpha = 0.07;
    zone.faces.forEach((face, i) => {
      if (!fronts[i]) return;
      outline(context, face, corners);
      context.fill();
    });
    context.globalAlpha = 1;
    this.#edges(context, corners, edges.front, look.muted, 1.4, []);
    for (const place of this.#places) if (place.isFront) dot(context, place.seen, 3, look.muted, look.paper);
    for (const { place } of lone) dot(context, see(place), 4.5, look.accent, look.accent);
    this.#labels(context, path, see, look);
    const names = ["a*", "b*", "c*"];
    drawCompass(context, this.#camera, axesOf(zone.axes, names, look), look, height);
  }

  /** @param {CanvasRenderingContext2D} context @param {Seen[]} corners @param {[number, number][]} edges @param {string} colour
   * @param {number} width @param {number[]} dash */
  #edges(context, corners, edges, colour, width, dash) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    for (const [a, b] of edges) {
      context.moveTo(corners[a]?.x ?? 0, corners[a]?.y ?? 0);
      context.lineTo(corners[b]?.x ?? 0, corners[b]?.y ?? 0);
    }
    context.stroke();
    context.setLineDash([]);
  }

  /** @param {CanvasRenderingContext2D} context @param {(PathPlace & {seen: Seen})[]} path @param {Look} look */
  #path(context, path, look) {
    context.strokeStyle = look.accent;
    context.lineWidth = 2.6;
    context.beginPath();
    for (const { seen, joined } of path) {
      if (joined) context.lineTo(seen.x, seen.y);
      else context.moveTo(seen.x, seen.y);
    }
    context.stroke();
    for (const { seen } of path) dot(context, seen, 4, look.accent, look.accent);
  }

  /** Names of the points where they are usually written, of those of the path, and of the one under the pointer.
   * @param {CanvasRenderingContext2D} context @param {PathPlace[]} path @param {(place: number[]) => Seen} see @param {Look} look */
  #labels(context, path, see, look) {
    /** @type {{text: string, seen: Seen, colour: string}[]} */
    const labels = path.map(({ label, place }) => ({ text: label, seen: see(place), colour: look.accent }));
    const named = this.#places.filter(({ point: { label, written } }) => label === written && !/\d/.test(label));
    for (const { point, seen } of named) labels.push({ text: point.label, seen, colour: look.ink });
    if (this.#hovered)
      labels.unshift({ text: this.#hovered.written, seen: see(this.#hovered.place), colour: look.ink });
    context.font = `600 13px ${look.font}`;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.strokeStyle = look.paper;
    context.lineWidth = 3.5;
    /** @type {Seen[]} */
    const taken = [];
    for (const { text, seen, colour } of labels) {
      if (taken.some(({ x, y }) => Math.abs(x - seen.x) < 14 && Math.abs(y - seen.y) < 12)) continue;
      taken.push(seen);
      context.strokeText(text, seen.x + 7, seen.y - 6);
      context.fillStyle = colour;
      context.fillText(text, seen.x + 7, seen.y - 6);
    }
  }
}

/** @param {number[]} axis @param {number[]} place */
const along = ([a = 0, b = 0, c = 0], [x = 0, y = 0, z = 0]) => a * x + b * y + c * z;

/** Counter-clockwise on the screen, whose y runs downwards. @param {number[]} face @param {Seen[]} corners */
function isFront(face, corners) {
  let area = 0;
  face.forEach((a, i) => {
    const [p, q] = [corners[a], corners[face[(i + 1) % face.length] ?? 0]];
    area += (p?.x ?? 0) * (q?.y ?? 0) - (q?.x ?? 0) * (p?.y ?? 0);
  });
  return area < 0;
}

/** Edges of faces in front, and the others. @param {number[][]} faces @param {boolean[]} fronts */
function edgesOf(faces, fronts) {
  /** @type {Map<string, {edge: [number, number], isFront: boolean}>} */
  const all = new Map();
  faces.forEach((face, n) => {
    face.forEach((a, i) => {
      const b = face[(i + 1) % face.length] ?? 0;
      const key = a < b ? `${a} ${b}` : `${b} ${a}`;
      const known = all.get(key);
      if (known) known.isFront ||= fronts[n] ?? false;
      else all.set(key, { edge: [a, b], isFront: fronts[n] ?? false });
    });
  });
  const edges = [...all.values()];
  return {
    front: edges.filter((e) => e.isFront).map(({ edge }) => edge),
    behind: edges.filter((e) => !e.isFront).map(({ edge }) => edge),
  };
}

/** Whether a face in front lies before a point. @param {Seen} seen @param {number[][]} faces @param {Seen[]} corners @param {boolean[]} fronts */
function isHiddenBy(seen, faces, corners, fronts) {
  return faces.some((face, n) => {
    if (!fronts[n]) return false;
    const [a, b, c] = [corners[face[0] ?? 0], corners[face[1] ?? 0], corners[face[2] ?? 0]];
    if (!a || !b || !c) return false;
    const inside = face.every((from, i) => {
      const [p, q] = [corners[from], corners[face[(i + 1) % face.length] ?? 0]];
      if (!p || !q) return false;
      return (q.x - p.x) * (seen.y - p.y) - (q.y - p.y) * (seen.x - p.x) <= 0.5;
    });
    if (!inside) return false;
    // The depth of the plane there.
    const det = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
    const s = ((seen.x - a.x) * (c.y - a.y) - (c.x - a.x) * (seen.y - a.y)) / det;
    const t = ((b.x - a.x) * (seen.y - a.y) - (seen.x - a.x) * (b.y - a.y)) / det;
    return a.depth + s * (b.depth - a.depth) + t * (c.depth - a.depth) > seen.depth + 1e-3;
  });
}

/** @param {CanvasRenderingContext2D} context @param {number[]} face @param {Seen[]} corners */
function outline(context, face, corners) {
  context.beginPath();
  for (const n of face) context.lineTo(corners[n]?.x ?? 0, corners[n]?.y ?? 0);
  context.closePath();
}

/** @param {CanvasRenderingContext2D} context @param {Seen} seen @param {number} radius @param {string} line @param {string} fill */
function dot(context, { x, y }, radius, line, fill) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.strokeStyle = line;
  context.lineWidth = 1.4;
  context.fill();
  context.stroke();
}
