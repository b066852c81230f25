/** The part of a plane that is in sight, in numbers of pixels; shared by linked maps. */

/** @typedef {{x: number, y: number}} Spot  In numbers of pixels, fractions allowed; a pixel's centre is a whole number. */

/** Pixels across at the closest. */
const CLOSEST = 6;

export class Window {
  /** Pixels of the whole plane. */
  #whole = { nx: 1, ny: 1 };
  /** How many times the plane is enlarged. */
  #zoom = 1;
  /** The corner of what is in sight. */
  #corner = { x: 0, y: 0 };

  /** A plane is shown; one of another size is seen whole. @param {{nx: number, ny: number}} plane */
  over({ nx, ny }) {
    if (nx === this.#whole.nx && ny === this.#whole.ny) return;
    this.#whole = { nx, ny };
    this.home();
  }

  /** Whether only a part is in sight. */
  get isClose() {
    return this.#zoom > 1;
  }

  /** Corner and size of what is in sight, in pixels. */
  get view() {
    const { nx, ny } = this.#whole;
    return { ...this.#corner, w: nx / this.#zoom, h: ny / this.#zoom };
  }

  home() {
    this.#zoom = 1;
    this.#corner = { x: 0, y: 0 };
  }

  /** Corner and enlargement; null where all is in sight. */
  get place() {
    return this.isClose ? [this.#corner.x, this.#corner.y, this.#zoom] : null;
  }

  /** @param {readonly number[]} place Corner and enlargement, as `place` says it. */
  goTo([x = 0, y = 0, zoom = 1]) {
    this.home();
    this.zoom(zoom, { x: 0, y: 0 });
    this.pan(x - this.#corner.x, y - this.#corner.y);
  }

  /** Closer or farther, with one spot kept in its place. @param {number} factor @param {Spot} spot */
  zoom(factor, spot) {
    const { nx, ny } = this.#whole;
    const most = Math.max(1, Math.min(nx, ny) / CLOSEST);
    const next = Math.min(most, Math.max(1, this.#zoom * factor));
    const part = this.#zoom / next;
    const keep = (/** @type {number} */ corner, /** @type {number} */ at) => at + 0.5 - (at + 0.5 - corner) * part;
    this.#corner = { x: keep(this.#corner.x, spot.x), y: keep(this.#corner.y, spot.y) };
    this.#zoom = next;
    this.#settle();
  }

  /** Moves what is in sight by so many pixels. @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.#corner = { x: this.#corner.x + dx, y: this.#corner.y + dy };
    this.#settle();
  }

  /** Brings a pixel in sight. @param {Spot} spot */
  reach({ x, y }) {
    const { w, h } = this.view;
    const into = (/** @type {number} */ corner, /** @type {number} */ at, /** @type {number} */ size) =>
      Math.min(at, Math.max(at + 1 - size, corner));
    this.#corner = { x: into(this.#corner.x, x, w), y: into(this.#corner.y, y, h) };
    this.#settle();
  }

  #settle() {
    const { nx, ny } = this.#whole;
    const { w, h } = this.view;
    const within = (/** @type {number} */ corner, /** @type {number} */ room) =>
      Math.min(Math.max(0, room), Math.max(0, corner));
    this.#corner = { x: within(this.#corner.x, nx - w), y: within(this.#corner.y, ny - h) };
  }
}
