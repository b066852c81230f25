/**
 * What else is under the hand besides the springs: temperature and size of the crystal, which become settings where the
 * hand rests, and scale and backgrounds, which go back to their best where it lets go.
 */

import { any } from "../page/dom.js";
import { writtenNuisance } from "../page/words.js";
import { Slider } from "./slider.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("../engine/protocol.js").Opened} Opened */
/** @typedef {import("../engine/protocol.js").Progress} Progress */
/** @typedef {import("../page/settings.js").Values} Values */
/**
 * @typedef {{moved: (name: string) => void, rested: (settings: Values) => void, left: () => void}} Heard  `moved`: something is under
 *   the hand; `rested`: settings that it has become; `left`: nothing of it stays.
 * @typedef {{slider: Slider, set: number, at: number}} Nuisance  `at`: its number, the scale first.
 */

/** Half the range of the size of the crystal, as a part of it. */
const STRETCHED = 0.02;
/** Half the range of the temperature at least, K. */
const WARMER = 30;
/** Half the range of the scale, as a part of it. */
const SCALED = 0.2;
/** So many σ a background can be moved at least. */
const SURE = 10;

export class Besides {
  #heard;
  #job = /** @type {Job | null} */ (null);
  /** What was made for what: sliders stay while they serve. */
  #made = "";
  /** @type {Slider | null} */
  #temperature = null;
  /** @type {Slider | null} */
  #size = null;
  /** @type {Nuisance[]} */
  #nuisances = [];
  /** @type {number | null} */
  #warm = null;
  /** @type {number | null} */
  #large = null;
  /** What is held, by data set. @type {(number | null)[][]} */
  #held = [];

  /** @param {Heard} heard */
  constructor(heard) {
    this.#heard = heard;
  }

  /** Whether something is under the hand. */
  get isMoved() {
    return this.#warm !== null || this.#large !== null || this.#held.length > 0;
  }

  /** What the hand holds, for the engine. */
  get hand() {
    const size = this.#job?.crystal.a;
    // What dipoles, a potential or a continuum feel of another size is calculated where the hand rests.
    const stretch = this.#large !== null && size && !feelsSize(this.#job) ? this.#large / size : null;
    return { temperature: this.#warm, stretch, held: this.#held };
  }

  /** A job is in force. @param {Job} job @param {Opened} opened */
  open(job, opened) {
    this.let();
    this.#job = job;
    const { progress } = opened.frame;
    const warm = job.data.some(({ temperature }) => typeof temperature !== "number");
    const sized = typeof job.crystal.a === "number" && !job.crystal.file;
    // Those that share the scale of another measurement follow it.
    const shown = progress.scale.flatMap((_, set) => (job.data[set]?.shares == null ? [set] : []));
    const named = (/** @type {string} */ name, /** @type {number} */ set) =>
      shown.length > 1 ? `${name}, ${opened.description.datasets[set]?.name ?? set + 1}` : name;
    const list = shown.flatMap((set) => [
      { name: named("scale", set), set, at: 0 },
      ...(progress.nuisances[set] ?? []).flatMap(({ name, unit }, k) =>
        name.startsWith("background ") && !name.startsWith("background radial")
          ? [{ name: named(`${writtenNuisance(name)}${unit ? ` / ${unit}` : ""}`, set), set, at: k + 1 }]
          : [],
      ),
    ]);
    const made = JSON.stringify([warm, sized, list]);
    if (made === this.#made) return;
    this.#made = made;
    this.#temperature = warm ? this.#setting("temperature / K", "besides-temperature", "temperature") : null;
    this.#size = sized ? this.#setting("lattice a / Å", "besides-size", "a") : null;
    this.#nuisances = list.map(({ name, set, at }, n) => {
      const slider = new Slider(name, `besides-${n}`, {
        moved: (value) => {
          this.#held = progress.scale.map((_, i) => this.#held[i] ?? []);
          const held = (this.#held[set] ??= []);
          while (held.length <= at) held.push(null);
          held[at] = value;
          this.#heard.moved(name);
        },
        // What was typed stays to be looked at.
        rested: (typed) => typed || this.#release(),
        left: () => this.#release(),
      });
      return { slider, set, at };
    });
    const all = [this.#temperature, this.#size, ...this.#nuisances.map(({ slider }) => slider)];
    any("besides").replaceChildren(...all.flatMap((slider) => (slider ? [slider.row] : [])));
  }

  /** A slider for a setting. @param {string} label @param {string} id @param {"temperature" | "a"} key */
  #setting(label, id, key) {
    const [name = ""] = label.split(" / ");
    return new Slider(label, id, {
      moved: (value) => {
        // As many digits as a setting has.
        if (key === "temperature") this.#warm = Number(value.toFixed(1));
        else this.#large = Number(value.toFixed(4));
        this.#heard.moved(name);
      },
      rested: () => this.rest(),
    });
  }

  /** What of it is a setting is wished for. */
  rest() {
    if (this.#warm === null && this.#large === null) return;
    /** @type {Values} */
    const settings = {};
    if (this.#warm !== null) settings.temperature = this.#warm;
    if (this.#large !== null) {
      settings.a = this.#large;
      const { a, c } = this.#job?.crystal ?? {};
      if (typeof a === "number" && typeof c === "number") settings.c = Number(((c * this.#large) / a).toFixed(4));
    }
    this.#heard.rested(settings);
  }

  #release() {
    if (this.#held.length === 0) return;
    this.#held = [];
    this.#heard.left();
  }

  /** Nothing is under the hand any more. */
  let() {
    this.#warm = null;
    this.#large = null;
    this.#held = [];
  }

  /** Shows what is in force. @param {Progress} progress */
  show({ scale, scale_sigma, nuisances }) {
    const { model, crystal, nuisance } = this.#job ?? {};
    const warmth = model?.temperature ?? 0;
    this.#temperature?.show(plain(warmth), Math.max(0.6 * warmth, WARMER), 0);
    const size = typeof crystal?.a === "number" ? crystal.a : 0;
    this.#size?.show(plain(size), STRETCHED * size);
    for (const { slider, set, at } of this.#nuisances) {
      const own = at > 0 ? nuisances[set]?.[at - 1] : undefined;
      const value = own?.value ?? scale[set] ?? 0;
      const sigma = own ? own.sigma : (scale_sigma[set] ?? null);
      const fixed = at === 0 && (this.#job?.data[set]?.scale ?? nuisance?.scale ?? "free") !== "free";
      const half = at === 0 ? SCALED * Math.abs(value) : Math.max(0.6 * Math.abs(value), SURE * (sigma ?? 0));
      slider.show({ ...plain(value), sigma, fixed: fixed ? "The scale is fixed in the settings" : "" }, half || 1);
    }
  }

  /** Scale and backgrounds follow what is under the hand. @param {number[][]} all */
  follow(all) {
    for (const { slider, set, at } of this.#nuisances) {
      const value = all[set]?.[at];
      if (value !== undefined && !slider.isHeld && this.#held[set]?.[at] == null) slider.follow(value);
    }
  }
}

/** @param {number} value */
const plain = (value) => ({ value, sigma: null, step: null, fixed: "" });

/** @param {Job | null} job */
const feelsSize = (job) => Boolean(job?.non_analytical ?? job?.potential) || job?.model.order === "elastic";
