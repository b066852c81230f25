/**
 * Balls, sticks and arrow heads put into the pixels of a picture one over the other. Thousands of them in one frame are too many for the
 * strokes of a canvas, which has each drawn with all its care; here a ball is a copy of one that was made before, and a
 * stick a few dozens of pixels. Lengths are pixels of the picture.
 */

import { mix } from "./colours.js";

/** @typedef {import("./colours.js").Rgb} Rgb */
/** Rows of a ball: colours with their opacity, and of each row where it begins and ends, and where it is opaque. */
/** @typedef {{n: number, middle: number, colours: Int32Array, rows: Int16Array}} Sprite */

/** Pixels across a rod, for each place of its middle within a pixel. @typedef {{n: number, middle: number, colours: Int32Array}} Section */

/** Colours from one side of a rod to the other, the lit one first, and its sections that were wanted so far. @typedef {{colours: Int32Array, sections: Section[]}} Ramp */

/** Places of the middle of a rod within a pixel: two to this. */
const BITS = 3;
const WITHIN = 1 << BITS;
/** Slopes of rods that are told apart. */
const SLOPES = 16;
/** Colours from one side of a stick to the other. */
export const RAMP = 16;
/** Shades of a ball from its light to its rim. */
const SHADES = 64;
/** Sizes of balls: so many from one to e times as large. */
const SIZES = 40;
/** Places within a pixel, along each axis: fewer would be seen to jump. */
const PLACES = 4;
/** Balls larger than this stand on whole pixels. */
const LARGE = 24;
/** Pixels of balls that are kept. */
const KEPT = 2e6;

/** As a pixel: with a sign, since numbers beyond 2³¹ are slow. @param {Rgb} colour */
export const packed = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r;

export class Raster {
  /** @type {ImageData | null} */
  #image = null;
  #pixels = new Int32Array(0);
  width = 0;
  height = 0;
  /** @type {Map<number, Sprite>} */
  #sprites = new Map();
  #kept = 0;

  /** An empty picture. @param {number} width @param {number} height */
  begin(width, height) {
    if (!this.#image || this.width !== width || this.height !== height) {
      this.#image = new ImageData(width, height);
      this.#pixels = new Int32Array(this.#image.data.buffer);
      [this.width, this.height] = [width, height];
    } else this.#pixels.fill(0);
  }

  /** @param {CanvasRenderingContext2D} context */
  end(context) {
    if (this.#image) context.putImageData(this.#image, 0, 0);
  }

  /** No ball is as it was. */
  forget() {
    this.#sprites.clear();
    this.#kept = 0;
  }

  /** @param {number} at @param {number} colour Packed. @param {number} opacity 0 to 255. */
  #blend(at, colour, opacity) {
    const pixels = this.#pixels;
    const under = pixels[at] ?? 0;
    const below = under >>> 24;
    if (below === 0) {
      pixels[at] = (colour & 0xffffff) | (opacity << 24);
      return;
    }
    // Over what is half transparent itself the colour above counts for more.
    const all = below === 255 ? 255 : opacity + Math.round((below * (255 - opacity)) / 255);
    const part = below === 255 ? opacity + (opacity >> 7) : Math.round((256 * opacity) / all);
    const ends = under & 0xff00ff;
    const middle = under & 0x00ff00;
    const outer = (ends + (Math.imul((colour & 0xff00ff) - ends, part) >>> 8)) & 0xff00ff;
    const inner = (middle + (Math.imul((colour & 0x00ff00) - middle, part) >> 8)) & 0x00ff00;
    pixels[at] = (all << 24) | outer | inner;
  }

  /**
   * @param {number} x @param {number} y @param {number} radius @param {number} kind A number for its colours, which tells balls apart.
   * @param {Int32Array} shades As `shadesOf` makes them.
   */
  ball(x, y, radius, kind, shades) {
    if (!(x > -radius && y > -radius && x < this.width + radius && y < this.height + radius && radius > 0.3)) return;
    const size = Math.round(SIZES * Math.log(radius));
    const places = radius > LARGE ? 1 : PLACES;
    const px = Math.floor(x * places);
    const py = Math.floor(y * places);
    const left = Math.floor(px / places);
    const top = Math.floor(py / places);
    const key = ((kind * 1024 + size + 256) * PLACES + (px - left * places)) * PLACES + (py - top * places);
    let sprite = this.#sprites.get(key);
    if (!sprite) {
      if (this.#kept > KEPT) this.forget();
      const within = (/** @type {number} */ p, /** @type {number} */ whole) => (p - whole * places + 0.5) / places;
      sprite = ballOf(Math.exp(size / SIZES), within(px, left), within(py, top), shades);
      this.#kept += sprite.colours.length;
      this.#sprites.set(key, sprite);
    }
    this.#copy(sprite, left - sprite.middle, top - sprite.middle);
  }

  /** @param {Sprite} sprite @param {number} left @param {number} top */
  #copy({ n, colours, rows }, left, top) {
    const { width, height } = this;
    const pixels = this.#pixels;
    const to = Math.min(n, height - top);
    for (let row = Math.max(0, -top); row < to; row++) {
      const from = 4 * row;
      const first = Math.max(/** @type {number} */ (rows[from]), -left);
      const last = Math.min(/** @type {number} */ (rows[from + 3]), width - left);
      const opaque = /** @type {number} */ (rows[from + 1]);
      const end = /** @type {number} */ (rows[from + 2]);
      const line = (top + row) * width + left;
      const own = row * n;
      for (let i = first; i < last; i++) {
        const colour = /** @type {number} */ (colours[own + i]);
        if (i >= opaque && i < end) pixels[line + i] = colour;
        else if (colour >>> 24 > 0) this.#blend(line + i, colour, colour >>> 24);
      }
    }
  }

  /**
   * A straight piece of a rod, cut across the axis along which it runs faster: pixel by pixel along that, each time the same few pixels.
   * @param {number} x @param {number} y @param {number} u @param {number} v Its ends. @param {number} wide @param {Ramp} ramp
   */
  stick(x, y, u, v, wide, ramp) {
    const level = Math.abs(u - x) >= Math.abs(v - y);
    // Along the faster axis, from the lower end to the upper one.
    const turned = level ? u < x : v < y;
    const from = level ? (turned ? u : x) : turned ? v : y;
    const to = level ? (turned ? x : u) : turned ? y : v;
    const low = level ? (turned ? v : y) : turned ? u : x;
    const high = level ? (turned ? y : v) : turned ? x : u;
    if (!(to - from > 0.2)) return;
    const slope = (high - low) / (to - from);
    const section = sectionOf(ramp, wide, Math.abs(slope));
    const { n, middle, colours } = section;
    const { width, height } = this;
    const pixels = this.#pixels;
    const along = level ? 1 : width;
    const across = level ? width : 1;
    const most = level ? height : width;
    const end = Math.min((level ? width : height) - 1, Math.floor(to - 0.5));
    for (let at = Math.max(0, Math.ceil(from - 0.5)); at <= end; at++) {
      const place = Math.floor((low + slope * (at + 0.5 - from)) * WITHIN);
      const first = (place >> BITS) - middle;
      const begin = Math.max(0, -first);
      const stop = Math.min(n, most - first);
      const own = (place & (WITHIN - 1)) * n;
      let pixel = at * along + (first + begin) * across;
      for (let i = own + begin; i < own + stop; i++, pixel += across) {
        const colour = /** @type {number} */ (colours[i]);
        const opacity = colour >>> 24;
        if (opacity === 255) pixels[pixel] = colour;
        else if (opacity > 0) {
          const under = /** @type {number} */ (pixels[pixel]);
          if (under >>> 24 < 255) {
            this.#blend(pixel, colour, opacity);
            continue;
          }
          // As #blend does it over what is opaque, without the way there and back.
          const part = opacity + (opacity >> 7);
          const outer = under & 0xff00ff;
          const inner = under & 0x00ff00;
          pixels[pixel] =
            (255 << 24) |
            ((outer + (Math.imul((colour & 0xff00ff) - outer, part) >>> 8)) & 0xff00ff) |
            ((inner + (Math.imul((colour & 0x00ff00) - inner, part) >> 8)) & 0x00ff00);
        }
      }
    }
  }

  /** @param {number} ax @param {number} ay @param {number} bx @param {number} by @param {number} cx @param {number} cy Corners. @param {number} colour Packed. */
  triangle(ax, ay, bx, by, cx, cy, colour) {
    const turn = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) > 0 ? 1 : -1;
    const [ab, bc, ca] = [Math.hypot(bx - ax, by - ay), Math.hypot(cx - bx, cy - by), Math.hypot(ax - cx, ay - cy)];
    if (!(ab > 1e-6 && bc > 1e-6 && ca > 1e-6)) return;
    const left = Math.max(0, Math.floor(Math.min(ax, bx, cx) - 1));
    const right = Math.min(this.width - 1, Math.ceil(Math.max(ax, bx, cx)));
    const bottom = Math.min(this.height - 1, Math.ceil(Math.max(ay, by, cy)));
    for (let row = Math.max(0, Math.floor(Math.min(ay, by, cy) - 1)); row <= bottom; row++) {
      const y = row + 0.5;
      for (let column = left; column <= right; column++) {
        const x = column + 0.5;
        // Distances from the three sides, inwards.
        const least = Math.min(
          (turn * ((bx - ax) * (y - ay) - (by - ay) * (x - ax))) / ab,
          (turn * ((cx - bx) * (y - by) - (cy - by) * (x - bx))) / bc,
          (turn * ((ax - cx) * (y - cy) - (ay - cy) * (x - cx))) / ca,
        );
        const opacity = Math.round(255 * Math.min(1, least + 0.5));
        if (opacity > 0) this.#blend(row * this.width + column, colour, opacity);
      }
    }
  }
}

/** Colours of a ball from its light to its rim. @param {Rgb} colour @param {Rgb} paper @param {number} pale How much of it is paper. */
export function shadesOf(colour, paper, pale) {
  const stops = /** @type {[number, Rgb][]} */ ([
    [0, mix(colour, [255, 255, 255], 0.85)],
    [0.22, mix(colour, [255, 255, 255], 0.35)],
    [0.55, colour],
    [0.86, mix(colour, [0, 0, 0], 0.38)],
    [1, mix(colour, [0, 0, 0], 0.55)],
  ]);
  return Int32Array.from({ length: SHADES }, (_, i) => {
    const t = i / (SHADES - 1);
    const next = Math.max(
      1,
      stops.findIndex(([at]) => at >= t),
    );
    const [[from, a], [to, b]] = /** @type {[[number, Rgb], [number, Rgb]]} */ ([stops[next - 1], stops[next]]);
    return packed(mix(mix(a, b, (t - from) / (to - from)), paper, pale));
  });
}

/** The same colours as a ramp of a stick: lit on one side, or plain. @param {Rgb} colour @param {Rgb} paper @param {number} pale @param {boolean} lit @returns {Ramp} */
export function rampOf(colour, paper, pale, lit) {
  const colours = Int32Array.from({ length: RAMP }, (_, i) => {
    const across = (2 * (i + 0.5)) / RAMP - 1;
    const light = lit ? 0.55 * Math.exp(-(((across + 0.32) / 0.34) ** 2)) : 0;
    const dark = lit ? 0.3 * Math.max(0, across) ** 2 : 0;
    return packed(mix(mix(mix(colour, [255, 255, 255], light), [0, 0, 0], dark), paper, pale));
  });
  return { colours, sections: [] };
}

/** The pixels across a rod. @param {Ramp} ramp @param {number} wide @param {number} slope 0 to 1. */
function sectionOf({ colours, sections }, wide, slope) {
  const steps = Math.round(8 * wide);
  const steep = Math.round(SLOPES * slope);
  return (sections[steps * (SLOPES + 1) + steep] ??= cutThrough(steps / 8, steep / SLOPES, colours));
}

/** @param {number} wide @param {number} slope @param {Int32Array} ramp @returns {Section} */
function cutThrough(wide, slope, ramp) {
  // Aslant it is wider as seen along the axes.
  const stretch = Math.sqrt(1 + slope * slope);
  // Thinner than a pixel is paler, not thinner.
  const half = Math.max(0.5, 0.5 * wide);
  const strength = 255 * Math.min(1, wide);
  const middle = Math.ceil((half + 0.5) * stretch);
  const n = 2 * middle + 1;
  const colours = new Int32Array(WITHIN * n);
  for (let place = 0; place < WITHIN; place++) {
    for (let i = 0; i < n; i++) {
      const across = (i + 0.5 - middle - (place + 0.5) / WITHIN) / stretch;
      const opacity = Math.round(strength * Math.max(0, Math.min(1, half + 0.5 - Math.abs(across))));
      const part = Math.floor((0.5 + (0.5 * across) / half) * RAMP);
      const colour = ramp[Math.max(0, Math.min(RAMP - 1, part))] ?? 0;
      if (opacity > 0) colours[place * n + i] = (colour & 0xffffff) | (opacity << 24);
    }
  }
  return { n, middle, colours };
}

/**
 * A ball whose middle is within a pixel, lit from the upper left.
 * @param {number} radius @param {number} x @param {number} y 0 to 1. @param {Int32Array} shades @returns {Sprite}
 */
function ballOf(radius, x, y, shades) {
  const middle = Math.ceil(radius + 0.5);
  const n = 2 * middle + 1;
  const colours = new Int32Array(n * n);
  const rows = new Int16Array(4 * n);
  // Circles that grow from a point of light to the rim, their middles on the way to that of the ball.
  const [lx, ly, lr] = [-0.28, -0.38, 0.04];
  const [gx, gy, gr] = [0.2, 0.26, 1.04];
  const a = gx * gx + gy * gy - gr * gr;
  for (let row = 0; row < n; row++) {
    let [first, last, opaque, end] = [n, 0, n, 0];
    for (let i = 0; i < n; i++) {
      const [px, py] = [i + 0.5 - middle - x, row + 0.5 - middle - y];
      const cover = Math.min(1, radius + 0.5 - Math.hypot(px, py));
      if (cover <= 0) continue;
      const [dx, dy] = [px / radius - lx, py / radius - ly];
      const b = dx * gx + dy * gy + lr * gr;
      const t = (b - Math.sqrt(Math.max(0, b * b - a * (dx * dx + dy * dy - lr * lr)))) / a;
      const shade = shades[Math.max(0, Math.min(SHADES - 1, Math.round(t * (SHADES - 1))))] ?? 0;
      const opacity = Math.round(255 * cover);
      colours[row * n + i] = (shade & 0xffffff) | (opacity << 24);
      first = Math.min(first, i);
      last = i + 1;
      if (opacity < 255) continue;
      opaque = Math.min(opaque, i);
      end = i + 1;
    }
    rows.set([first, opaque, end, last], 4 * row);
  }
  return { n, middle, colours, rows };
}
