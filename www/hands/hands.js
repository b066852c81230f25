/**
 * The springs under the hand: each constant is a slider that repaints the model while it moves, with the arrow that
 * the gradient computes beside it. Where the hand rests the fit goes on from there.
 */

import { newtons_per_metre } from "../../pkg/tds_inversion.js";
import { any, button, byId, make, write } from "../page/dom.js";
import { count } from "../page/messages.js";
import { reduced } from "../page/numbers.js";
import { Actions } from "./actions.js";
import { Besides } from "./besides.js";
import { Decided, whereDecided } from "./decided.js";
import { heldOf, heldValues, namesOfHeld } from "./held.js";
import { Slider } from "./slider.js";
import { Trail } from "./trail.js";

/** @typedef {import("../engine/protocol.js").Frame} Frame */
/** @typedef {import("../engine/protocol.js").Bands} Bands */
/** @typedef {import("../engine/protocol.js").Touched} Touched */
/** @typedef {import("../page/settings.js").Values} Values */
/**
 * @typedef {{
 *   touched: (touched: Touched, values: number[]) => void, bands: (bands: Bands) => void, restored: () => void, paint: (painting: Painting | null) => void,
 *   command: (command: "pause" | "step") => void, place: (values: number[]) => void, wish: (values: Values) => Promise<void>, say: (words: string) => void,
 * }} Parts  `touched`: shows a model that is not in force, `bands` its dispersion; `restored`: shows what is in force again; `paint`: shows something else than the
 *   residual; `command` and `place` go to the fit; `wish` changes settings.
 * @typedef {{values: Float64Array[], title: string, unit: string, signed: boolean}} Painting  One list for each data set.
 */

/** More constants than this are folded away until somebody wants them. */
const MANY = 40;
/** So long a hand rests before the fit goes on from there, ms. */
const REST = 500;
/** Bands are calculated along with each model where the two take no longer than this, ms. */
const SWIFT = 30;
/** Where they take longer they are calculated once a hand has stood still for so long, ms. */
const PAUSE = 120;
/** Orders beyond one phonon follow every move where the model takes no longer with them, ms, and else once a hand stands still … */
const SMOOTH = 50;
/** … if they take no more operations: more than a moment cannot be broken off when it moves on. */
const MOMENT = 4e8;
/** Of so few operations nobody has to see first how long they take. */
const LITTLE = 8e7;
/** What pointing alone asks for takes no longer than this, ms. */
const PROMPT = 400;
/** No more sliders than these are made. */
const MOST = 400;
/** Half the least range of a slider, as a part of the largest constant. */
const LEAST = 0.08;
/** Half the range of the slider of a potential's parameter, as a part of it. */
const PART = 0.2;

const CHALLENGE =
  "Move the springs until χ²/n is as low as you can get it; then press Play and see what the gradient needs.";

/** Of a model whose higher orders are those of where the fit stands. */
const LATER = "Orders beyond one phonon stay as they were until the hand rests.";

export class Hands {
  #store;
  #link;
  #parts;
  /** @type {Slider[]} */
  #sliders = [];
  /** Labels of what the sliders are for. */
  #labels = "";
  /** What is under the hand, eV/Å². @type {number[] | null} */
  #hand = null;
  /** Where the hand took hold. @type {number[] | null} */
  #before = null;
  /** The name of what it moves. */
  #moved = "";
  /** Whether the crystal under the hand is stable. */
  #stable = true;
  #busy = false;
  #waiting = false;
  /** How long the last touch took, the bands after it, and the last touch with all orders, ms. */
  #took = { model: 0, bands: 0, whole: Infinity };
  /** Until the bands of what takes long, and until higher orders that do. */
  #pause = { bands: 0, orders: 0 };
  /** Operations that higher orders would take to follow, where the model in sight has those of elsewhere. */
  #behind = 0;
  #timer = 0;
  /** Models that the hand made, and where it rested. */
  #counts = { models: 0, moves: 0, steps: 0, tried: 0 };
  /** Where the fit stood before it was played. @type {number[] | null} */
  #played = null;
  /** Whether a person is to be told what there is to beat, once the fit is back at its start. */
  #challenged = false;
  /** Whether settings are being put back: that is nothing new. */
  #undoing = false;
  /** The constant, or what is known beyond them, whose pixels are painted for good. @type {number | null} */
  #pressed = null;
  #asked = 0;
  /** How long the last answer to what pixels know took, ms. */
  #knew = 0;
  #trail;
  #besides;
  #decided;
  actions = new Actions(() => this.#showActions());

  /** @param {import("../page/store.js").Store} store @param {import("../engine/engine.js").EngineLink} link @param {Parts} parts */
  constructor(store, link, parts) {
    this.#store = store;
    this.#link = link;
    this.#parts = parts;
    this.#trail = new Trail({
      look: (values) => this.#look(values),
      leave: () => this.#leave(),
      take: (values, name) => this.#act(name, values),
    });
    this.#besides = new Besides({
      moved: (name) => this.#hold(name),
      rested: (settings) => this.#settle(settings),
      left: () => this.#leave(),
    });
    this.#decided = new Decided({
      points: (p) => this.#point(p),
      pressed: (p) => this.#press(p),
      opened: () => this.#askMixtures(),
    });
    store.subscribe(["open", "frame", "unit"], (changed) => this.#follow(changed));
    button("undo").addEventListener("click", () => this.actions.undo());
    button("redo").addEventListener("click", () => this.actions.redo());
    button("follow").addEventListener("click", () => parts.command("step"));
    byId("duel", HTMLInputElement).addEventListener("change", () => this.#duel());
    byId("knows", HTMLSelectElement).addEventListener("change", () => this.#paint(this.#pressed));
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#showActions();
  }

  /** Settings were changed by a person. @param {string} name @param {Values} before @param {Values} after */
  settingsChanged(name, before, after) {
    if (this.#undoing) return;
    const wish = async (/** @type {Values} */ values) => {
      this.#undoing = true;
      await this.#keeping(values);
      this.#undoing = false;
    };
    this.actions.add({ name, undo: () => wish(before), redo: () => wish(after) });
  }

  /** Changes settings; the springs stay where they are. @param {Values} settings @param {number[]} [springs] */
  async #keeping(settings, springs = this.#values) {
    const labels = this.#labels;
    await this.#parts.wish(settings);
    const now = this.#values;
    if (!springs || !now || labels !== this.#labels || springs.every((value, p) => value === now[p])) return;
    this.#moved = "springs kept";
    this.#parts.place(springs);
  }

  /** What a datum says, in words, once that is known. @param {number} set @param {number} row @returns {Promise<string>} */
  async says(set, row) {
    const asked = ++this.#asked;
    /** @type {Float64Array} */
    const says = await this.#link.save({ says: { set, row } });
    if (asked !== this.#asked) return "";
    const size = says.map((x) => (Number.isFinite(x) ? Math.abs(x) : 0));
    const most = Math.max(...size);
    for (const [p, slider] of this.#sliders.entries()) slider.says(most > 0 ? (size[p] ?? 0) / most : 0);
    if (!(most > 0)) return "";
    const order = [...size.keys()].sort((a, b) => (size[b] ?? 0) - (size[a] ?? 0)).slice(0, 3);
    const parts = order.map((p) => `${this.#sliders[p]?.label ?? ""} ${Number((size[p] ?? 0).toPrecision(2))} σ`);
    return `speaks most of ${parts.join(", ")}`;
  }

  /** @param {import("../page/store.js").Changed} changed */
  #follow(changed) {
    const { open, frame } = this.#store.state;
    if (!open || !frame) return;
    if (changed.has("open")) {
      const { labels, none } = namesOfHeld(open.opened);
      this.#open(labels, none);
      this.#besides.open(open.opened.job, open.opened);
    }
    if (changed.has("frame")) this.#advance(frame);
    this.#show(frame);
    if (!frame.playing) this.#askMixtures();
  }

  /** Sums of constants that the data know best and least, where somebody looks at them. */
  async #askMixtures() {
    const { open, frame } = this.#store.state;
    if (!open || !frame || !this.#decided.isOpen) return;
    /** @type {Float64Array | null} */
    const mixtures = await this.#link.save({ mixtures: true }).catch(() => null);
    if (!mixtures || this.#store.state.open !== open) return;
    const { parameters } = open.opened.description;
    const factor = Math.abs(this.#factor);
    const own = parameters[0]?.unit ?? "eV/Å²";
    const labels = parameters.map(({ label }) => label);
    this.#decided.show(
      mixtures,
      labels,
      this.#first + frame.progress.elastic.length,
      factor,
      factor === 1 ? own : "N/m",
    );
    this.#decided.press(this.#pressed);
  }

  /** The number of what is known after the constants. */
  get #first() {
    return this.#values?.length ?? 0;
  }

  /** What something that is known is called. @param {number} p */
  #nameOf(p) {
    const beyond = p - this.#first;
    if (beyond < 0) return (this.#sliders[p]?.label ?? "").replace(/ \/ .*/, "");
    const elastic = this.#store.state.frame?.progress.elastic ?? [];
    return elastic[beyond]?.name ?? this.#decided.nameOf(beyond - elastic.length);
  }

  /** @param {string[]} labels @param {string} none Why there are no sliders, or empty. */
  #open(labels, none) {
    this.#let();
    this.#played = null;
    this.#took.whole = Infinity;
    this.#behind = 0;
    this.#counts = { models: 0, moves: 0, steps: 0, tried: 0 };
    this.#trail.begin();
    this.#pressed = null;
    this.#paint(null);
    this.#decided.press(null);
    const n = labels.length;
    this.#decided.offer(!this.#isOfPotential && n > 1 && n <= MOST);
    byId("duel", HTMLInputElement).disabled = none !== "";
    if (labels.join() + none === this.#labels) return;
    this.#labels = labels.join() + none;
    byId("hands", HTMLDetailsElement).open = labels.length <= MANY;
    const tooMany =
      labels.length > MOST && `${count(labels.length)} constants are too many for sliders: ${MOST} at most.`;
    any("hands-none").textContent = none || tooMany || "";
    any("hands-none").hidden = !none && !tooMany;
    this.#sliders = (tooMany ? [] : labels).map(
      (label, p) =>
        new Slider(label, `spring-${p}`, {
          moved: (value) => this.#move(p, value),
          rested: () => this.#rest(),
          points: (on) => this.#point(on ? p : null),
          pressed: () => this.#press(p),
        }),
    );
    any("springs").replaceChildren(...this.#sliders.map(({ row }) => row));
  }

  /** The fit moved on. @param {Frame} frame */
  #advance(frame) {
    const { progress, playing } = frame;
    const values = heldValues(progress);
    const last = this.#trail.last;
    const same = last?.values.every((v, p) => v === values[p]);
    if (!same) {
      const name = progress.iteration > 0 ? `iteration ${progress.iteration}` : this.#moved || "start";
      this.#trail.add({ values, chi2: progress.chi2_reduced, name });
      if (progress.iteration === 0 && this.#moved === "" && last) this.#remember("reset", last.values, values);
      this.#moved = "";
      if (progress.iteration > 0) {
        this.#counts.steps += 1;
        this.#counts.tried += 1 + progress.rejected_steps;
        this.#played ??= last?.values ?? null;
      }
    }
    if (this.#challenged && !playing) {
      this.#challenged = false;
      // After what is said of where the fit stands now.
      queueMicrotask(() => this.#parts.say(CHALLENGE));
    }
    if (!playing && this.#played) {
      const [before, name] = [this.#played, progress.iteration > 1 ? "fit" : "step"];
      this.#played = null;
      if (progress.iteration > 0) this.#remember(name, before, values);
    }
  }

  /** Something that can be undone by going back to where it began. @param {string} name @param {number[]} before @param {number[]} after */
  #remember(name, before, after) {
    const put = (/** @type {number[]} */ values, /** @type {string} */ words) => {
      this.#moved = words;
      this.#parts.place(values);
    };
    this.actions.add({ name, undo: () => put(before, `before ${name}`), redo: () => put(after, name) });
  }

  /** A slider is under the hand. @param {number} p @param {number} value In the unit in force. */
  #move(p, value) {
    const hand = this.#take();
    if (!hand) return;
    hand[p] = value / this.#factor;
    this.#moved = `${this.#sliders[p]?.label ?? ""} by hand`;
    this.#touch();
  }

  /** Something else than a spring is under the hand. @param {string} name */
  #hold(name) {
    if (!this.#take()) return;
    this.#moved = `${name} by hand`;
    this.#touch();
  }

  /** All springs, to be moved; none before there is anything. */
  #take() {
    const { frame } = this.#store.state;
    if (!frame) return null;
    if (frame.playing) this.#parts.command("pause");
    this.#trail.end();
    this.#before ??= heldValues(frame.progress);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest(), REST);
    return (this.#hand ??= heldValues(frame.progress));
  }

  /** Temperature or size become settings, and the springs stay. @param {Values} settings */
  #settle(settings) {
    const springs = this.#hand ?? undefined;
    this.#let();
    return this.#keeping(settings, springs);
  }

  /**
   * Shows the model under the hand; while one is being made the next waits.
   * @param {boolean} [still] Once more with all orders, since the hand stands still.
   */
  async #touch(still = false) {
    if (this.#busy) {
      this.#waiting = true;
      return;
    }
    if (!this.#hand) return;
    this.#busy = true;
    const start = performance.now();
    const { whole: known } = this.#took;
    const untried = known === Infinity && this.#behind > 0 && this.#behind < LITTLE;
    const whole = still || known < SMOOTH || untried;
    clearTimeout(this.#pause.bands);
    clearTimeout(this.#pause.orders);
    try {
      const hand = { values: this.#hand, ...this.#besides.hand, all_orders: whole };
      const answer = this.#link.touch(hand);
      // Asked at once, and calculated while the page draws the maps.
      const { model, bands } = this.#took;
      if ((whole ? this.#took.whole : model) + bands < SWIFT) this.#askBands(hand.values, answer);
      else this.#pause.bands = setTimeout(() => this.#hand && this.#askBands(this.#hand, answer), PAUSE + model);
      const touched = await answer;
      this.#behind = touched.beyond;
      this.#took[whole && this.#behind === 0 ? "whole" : "model"] = performance.now() - start;
      if (this.#behind > 0 && this.#behind < MOMENT) {
        this.#pause.orders = setTimeout(() => this.#hand && this.#touch(true), PAUSE);
      }
      if (!still) this.#counts.models += 1;
      // What the hand let go is in force or gone.
      if (this.#hand || this.#trail.looking) this.#seen(touched, hand.values);
    } catch {
      // Another job came, or the engine ended, which is told elsewhere: this hand moves nothing any more.
      this.#let();
    } finally {
      this.#busy = false;
      if (this.#waiting) {
        this.#waiting = false;
        this.#touch();
      }
    }
  }

  /** The dispersion of what is under the hand follows its maps. @param {number[]} values @param {Promise<unknown>} before What the engine does first. */
  async #askBands(values, before) {
    // Where the model cannot be made, nobody draws its bands.
    const asked = this.#link.bands(values).catch(() => null);
    await before.catch(() => {});
    const start = performance.now();
    const bands = await asked;
    this.#took.bands = performance.now() - start;
    if (bands && (this.#hand || this.#trail.looking)) this.#parts.bands(bands);
  }

  /** @param {Touched} touched @param {number[]} values What was touched. */
  #seen(touched, values) {
    this.#stable = touched.models !== null;
    this.#parts.touched(touched, values);
    // Those of a potential do not move each other.
    const follow = this.#isOfPotential ? [] : touched.values;
    follow.forEach((value, p) => {
      const slider = this.#sliders[p];
      if (slider && !slider.isHeld) slider.follow(value * this.#factor);
    });
    this.#besides.follow(touched.nuisances);
    const chi2 = touched.chi2_reduced;
    any("hands-chi2").textContent = this.#stable ? `χ²/n ${chi2 === null ? "–" : reduced(chi2)}` : "unstable";
    any("hands").toggleAttribute("data-unstable", !this.#stable);
    this.#showCounts();
  }

  /** The hand rests: the fit goes on from there. */
  async #rest() {
    clearTimeout(this.#timer);
    if (!this.#hand || !this.#before) return;
    if (this.#busy) {
      // What the hand holds last is seen first.
      this.#timer = setTimeout(() => this.#rest(), 30);
      return;
    }
    if (!this.#stable) {
      this.#parts.say(
        "With these springs the crystal is not stable: the branch that goes soft lies below zero in the dispersion. The fit stays where it was.",
      );
      return;
    }
    const [values, before] = [this.#hand, this.#before];
    if (this.#besides.isMoved) {
      // A finger that is still down has not let go.
      if (!any("besides").matches(":active")) this.#besides.rest();
      if (this.#hand !== values || values.every((value, p) => value === before[p])) return;
    }
    this.#let();
    this.#counts.moves += 1;
    this.#remember(this.#moved, before, values);
    this.#parts.place(values);
  }

  /** Goes to other constants, which can be undone. @param {string} name @param {number[]} values */
  #act(name, values) {
    const { frame } = this.#store.state;
    if (!frame) return;
    this.#moved = name;
    this.#remember(name, heldValues(frame.progress), values);
    this.#parts.place(values);
  }

  #let() {
    clearTimeout(this.#timer);
    clearTimeout(this.#pause.bands);
    clearTimeout(this.#pause.orders);
    this.#hand = null;
    this.#before = null;
    this.#besides.let();
    this.#stable = true;
    any("hands").removeAttribute("data-unstable");
  }

  /** Shows where the fit was. @param {number[]} values */
  #look(values) {
    this.#hand = values;
    this.#touch();
  }

  /** Nobody looks back any more. */
  #leave() {
    this.#let();
    this.#parts.restored();
    const { frame } = this.#store.state;
    if (frame) this.#show(frame);
  }

  /** @param {Frame} frame */
  #show({ progress }) {
    if (this.#hand) return;
    const factor = this.#factor;
    const fitted = progress.iteration > 0;
    const hidden = byId("duel", HTMLInputElement).checked;
    const held = heldOf(progress);
    const largest = Math.max(...progress.values.map(Math.abs)) * Math.abs(factor);
    this.#sliders.forEach((slider, p) => {
      const { value, sigma, step, fixed } = held[p] ?? { value: 0, sigma: null, step: null, fixed: "" };
      // Parameters of a potential have units of their own.
      const half = progress.potential ? PART * Math.abs(value) || 1 : LEAST * largest;
      slider.show(
        {
          value: value * factor,
          sigma: sigma === null ? null : Math.abs(sigma * factor),
          step: step === null || hidden ? null : step * factor,
          fixed,
        },
        progress.potential ? half : Math.max(0.6 * Math.abs(value * factor), half),
      );
    });
    this.#besides.show(progress);
    any("hands-chi2").textContent = `χ²/n ${reduced(progress.chi2_reduced)}`;
    button("follow").disabled = hidden || (fitted && progress.termination !== null);
    this.#showCounts();
  }

  #showCounts() {
    const { models, moves, steps, tried } = this.#counts;
    const named = (/** @type {number} */ n, /** @type {string} */ what) => `${count(n)} ${what}${n === 1 ? "" : "s"}`;
    const parts = [];
    if (models > 0) parts.push(`By hand: ${named(moves, "move")}, ${named(models, "model")}.`);
    if (steps > 0) parts.push(`By gradient: ${named(steps, "step")}, ${named(tried, "model")}.`);
    // What follows only later is said where it is counted what was done.
    if (this.#hand && this.#behind > 0) parts.push(LATER);
    write(any("hands-counts"), parts.join(" "));
  }

  #showActions() {
    const { undo, redo } = this.actions.next;
    button("undo").disabled = undo === null;
    button("redo").disabled = redo === null;
    button("undo").title = undo ? `Undo: ${undo.name}` : "";
    button("redo").title = redo ? `Redo: ${redo.name}` : "";
    const list = this.actions.done.slice(0, 8).map(({ name }) => make("li", name));
    any("done").replaceChildren(...list);
    any("history").hidden = list.length === 0;
  }

  /** You against the gradient: from the start, without arrows. */
  #duel() {
    const { frame, open } = this.#store.state;
    this.#counts = { models: 0, moves: 0, steps: 0, tried: 0 };
    if (byId("duel", HTMLInputElement).checked && frame && open) {
      const start = this.#trail.first?.values;
      this.#challenged = start !== undefined;
      if (start) this.#act("back to the start", start);
    }
    if (frame) this.#show(frame);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const redo = key === "y" || (key === "z" && event.shiftKey);
    if (!redo && key !== "z") return;
    // Where something is typed the browser undoes it.
    const { activeElement } = document;
    if (activeElement instanceof HTMLInputElement && activeElement.type === "text") return;
    if (activeElement?.closest("dialog")) return;
    event.preventDefault();
    if (redo) this.actions.redo();
    else this.actions.undo();
  }

  /** @param {number} p */
  #press(p) {
    this.#pressed = this.#pressed === p ? null : p;
    for (const [i, slider] of this.#sliders.entries()) slider.press(i === this.#pressed);
    this.#decided.press(this.#pressed);
    this.#paint(this.#pressed);
  }

  /** @param {number | null} p */
  #point(p) {
    // Where the answer takes long, it is given to who presses.
    if (this.#knew < PROMPT) this.#paint(p ?? this.#pressed);
  }

  /** Paints which pixels know a constant, or where what is known beyond them is decided. @param {number | null} p */
  async #paint(p) {
    const asked = ++this.#asked;
    if (p === null) {
      this.#decided.say("");
      return this.#parts.paint(null);
    }
    const beyond = p >= this.#first;
    const what = !beyond && byId("knows", HTMLSelectElement).value === "slope" ? "slope" : "knowledge";
    const start = performance.now();
    /** @type {Float64Array[] | null} What another job overtook is not painted. */
    const values = await this.#link.save({ knows: { constant: p, what } }).catch(() => null);
    this.#knew = performance.now() - start;
    if (asked !== this.#asked || !values) return;
    const label = this.#nameOf(p);
    if (what === "slope") {
      this.#parts.paint({
        values,
        title: `∂ model / ∂ ${label}`,
        unit: this.#isOfPotential ? "σ per unit" : "σ per eV/Å²",
        signed: true,
      });
    } else {
      const shares = values.map((list) => list.map((x) => 1e3 * x * x));
      // Over a map there is little room.
      const title = `Who decides ${label.replace(/ with .*/, " + …")}`;
      this.#parts.paint({ values: shares, title, unit: "‰ of the knowledge", signed: false });
    }
    const { columns } = this.#store.state.open?.opened ?? { columns: [] };
    this.#decided.say(beyond ? whereDecided(label, values, columns) : "");
  }

  /** All numbers that a hand holds, where the fit stands. */
  get #values() {
    const { frame } = this.#store.state;
    return frame ? heldValues(frame.progress) : undefined;
  }

  get #isOfPotential() {
    return Boolean(this.#store.state.open?.opened.job.potential);
  }

  /** From eV/Å² to the unit in force. */
  get #factor() {
    const { open, settings } = this.#store.state;
    if (this.#isOfPotential) return 1;
    const own = open?.opened.description.parameters[0]?.unit;
    return settings.unit === "nm" && own !== "GPa" ? -newtons_per_metre() : 1;
  }
}
