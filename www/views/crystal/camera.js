/** From where a thing is looked at: turned by dragging, keys and fingers, nearer by wheel, pinch and keys. */

import { quaternionOf, rowsOf } from "./seen.js";

/** Degrees of a key, radians. */
const KEY_TURN = Math.PI / 36;
const NEAREST = 12;
const FARTHEST = 0.4;

export class Camera {
  /** Rows: the axes of the screen (right, up, to the eye) in the crystal. */
  axes = home();
  zoom = 1;
  /** Pointers that are down, by their number. @type {Map<number, {x: number, y: number}>} */
  #down = new Map();
  #changed;

  /** @param {HTMLElement} place @param {() => void} changed */
  constructor(place, changed) {
    this.#changed = changed;
    place.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.#down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      place.setPointerCapture(event.pointerId);
    });
    place.addEventListener("pointermove", (event) => this.#move(event, place.clientWidth));
    for (const end of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
      place.addEventListener(end, ({ pointerId }) => this.#down.delete(pointerId));
    }
    place.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const pixels = event.deltaMode === 1 ? 16 * event.deltaY : event.deltaY;
        this.#nearer(Math.exp(-Math.max(-200, Math.min(200, pixels)) / 500));
      },
      { passive: false },
    );
    place.addEventListener("keydown", (event) => this.#key(event));
  }

  home() {
    this.axes = home();
    this.zoom = 1;
    this.#changed();
  }

  /** From where it looks: how the axes are turned, and how near; empty where that is as in the beginning. @returns {{turn?: number[], zoom?: number}} */
  get pose() {
    const apart = Math.max(...home().flatMap((axis, i) => axis.map((x, k) => Math.abs(x - (this.axes[i]?.[k] ?? 0)))));
    return {
      ...(apart > 1e-6 ? { turn: quaternionOf(this.axes) } : {}),
      ...(Math.abs(this.zoom - 1) > 1e-6 ? { zoom: this.zoom } : {}),
    };
  }

  set pose({ turn, zoom }) {
    this.axes = turn ? rowsOf(turn) : home();
    this.zoom = Math.min(NEAREST, Math.max(FARTHEST, zoom ?? 1));
  }

  /** About the vertical and the horizontal of the screen, radians. @param {number} across @param {number} up */
  turn(across, up) {
    const [right, top, eye] = this.axes;
    const [c, s] = [Math.cos(across), Math.sin(across)];
    const turned = [combine(right, c, eye, s), top, combine(eye, c, right, -s)];
    const [d, t] = [Math.cos(up), Math.sin(up)];
    const [r, u, e] = /** @type {[number[], number[], number[]]} */ (turned);
    this.axes = upright([r, combine(u, d, e, -t), combine(e, d, u, t)]);
    this.#changed();
  }

  /** @param {number} factor */
  #nearer(factor) {
    this.zoom = Math.min(NEAREST, Math.max(FARTHEST, this.zoom * factor));
    this.#changed();
  }

  /** @param {PointerEvent} event @param {number} width */
  #move({ pointerId, clientX: x, clientY: y }, width) {
    const before = this.#down.get(pointerId);
    if (!before) return;
    const other = [...this.#down].find(([id]) => id !== pointerId)?.[1];
    this.#down.set(pointerId, { x, y });
    if (other) {
      const apart = Math.hypot(x - other.x, y - other.y);
      const was = Math.hypot(before.x - other.x, before.y - other.y);
      if (was > 1 && apart > 1) this.#nearer(apart / was);
      return;
    }
    // From one side to the other is a little more than half a turn.
    const angle = 4 / Math.max(200, width);
    this.turn(-(x - before.x) * angle, -(y - before.y) * angle);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    switch (event.key) {
      case "ArrowLeft":
        this.turn(KEY_TURN, 0);
        break;
      case "ArrowRight":
        this.turn(-KEY_TURN, 0);
        break;
      case "ArrowUp":
        this.turn(0, KEY_TURN);
        break;
      case "ArrowDown":
        this.turn(0, -KEY_TURN);
        break;
      case "+":
      case "=":
        this.#nearer(1.2);
        break;
      case "-":
        this.#nearer(1 / 1.2);
        break;
      case "Home":
        this.home();
        break;
      default:
        return;
    }
    event.preventDefault();
  }
}

/** z upwards, seen a little from above and from the side. @returns {number[][]} */
export function home() {
  const [a, b] = [0.42, 0.26];
  const right = [Math.cos(a), Math.sin(a), 0];
  const eye = [Math.sin(a) * Math.cos(b), -Math.cos(a) * Math.cos(b), Math.sin(b)];
  return [right, cross(eye, right), eye];
}

/** @param {number[] | undefined} a @param {number} s @param {number[] | undefined} b @param {number} t */
const combine = (a = [], s, b = [], t) => [0, 1, 2].map((i) => s * (a[i] ?? 0) + t * (b[i] ?? 0));

/** @param {number[]} a @param {number[]} b */
function cross([ax = 0, ay = 0, az = 0], [bx = 0, by = 0, bz = 0]) {
  return [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
}

/** Takes out what many small turns have added up to. @param {number[][]} axes */
function upright([right = [], up = []]) {
  const unit = (/** @type {number[]} */ v) => combine(v, 1 / Math.hypot(...v), v, 0);
  const r = unit(right);
  const along = r.reduce((sum, x, i) => sum + x * (up[i] ?? 0), 0);
  const u = unit(combine(up, 1, r, -along));
  return [r, u, cross(r, u)];
}
