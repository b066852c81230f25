/** Where σ is decided: σ of an elastic constant or of a sum of constants is a button, and pointing at one paints its pixels. */

import { any, byId, make } from "../page/dom.js";
import { count } from "../page/messages.js";
import { rlu } from "../page/numbers.js";

/** @typedef {import("../engine/protocol.js").Columns} Columns */
/**
 * @typedef {{points: (p: number | null) => void, pressed: (p: number) => void, opened: () => void}} Heard  `points`: somebody points at number p of
 *   what is known, or no more; `opened`: the sums are wanted.
 */

/** Components that are smaller are left out of a sum as it is written. */
const SMALL = 0.15;
/** No more are written. */
const PARTS = 3;
/** Components that a sum is called after. */
const LARGE = 0.3;
/** Of more sums than twice so many, those in the middle are left out: neither known best nor least. */
const ENDS = 5;

/** σ as a button. @param {string} text @param {number} p Its number. @param {string} name */
export function decides(text, p, name) {
  const button = make("button", text, { type: "button", class: "decides", "aria-pressed": "false" });
  button.dataset.decides = String(p);
  button.title = `Where is ${name} decided?`;
  button.setAttribute("aria-label", `σ of ${name}: ${text}. ${button.title}`);
  return button;
}

/** Fills a table whose buttons stand in for those before: who stands on one by keyboard stays there. @param {HTMLElement} body @param {HTMLElement[]} rows */
export function refill(body, rows) {
  const now = document.activeElement;
  const at = now instanceof HTMLElement && body.contains(now) ? now.dataset.decides : undefined;
  const pressed = body.querySelector('[aria-pressed="true"]');
  const was = pressed instanceof HTMLElement ? pressed.dataset.decides : undefined;
  body.replaceChildren(...rows);
  for (const button of buttonsIn(body)) {
    if (was !== undefined && button.dataset.decides === was) button.setAttribute("aria-pressed", "true");
    if (at !== undefined && button.dataset.decides === at) button.focus({ preventScroll: true });
  }
}

/** @param {HTMLElement} body @returns {HTMLElement[]} */
const buttonsIn = (body) => [...body.querySelectorAll("[data-decides]")].filter((b) => b instanceof HTMLElement);

export class Decided {
  #tables = [any("derived-body"), any("combinations-body")];
  /** What each sum is called. @type {string[]} */
  #names = [];
  #details = byId("combinations", HTMLDetailsElement);

  /** @param {Heard} heard */
  constructor(heard) {
    for (const table of this.#tables) {
      const of = (/** @type {Event} */ { target }) => {
        const button = target instanceof Element ? target.closest("[data-decides]") : null;
        return button instanceof HTMLElement ? Number(button.dataset.decides) : null;
      };
      const points = (/** @type {Event} */ event) => {
        const p = of(event);
        if (p !== null) heard.points(p);
      };
      const leaves = (/** @type {Event} */ event) => of(event) !== null && heard.points(null);
      // A finger that only passes points at nothing: a tap is a click.
      table.addEventListener("pointerover", (event) => event.pointerType === "mouse" && points(event));
      table.addEventListener("pointerout", (event) => event.pointerType === "mouse" && leaves(event));
      table.addEventListener("focusin", (event) => {
        if (event.target instanceof Element && event.target.matches(":focus-visible")) points(event);
      });
      table.addEventListener("focusout", leaves);
      table.addEventListener("click", (event) => {
        const p = of(event);
        if (p !== null) heard.pressed(p);
      });
    }
    this.#details.addEventListener("toggle", () => this.#details.open && heard.opened());
  }

  /** Whether the sums are in sight. */
  get isOpen() {
    return this.#details.open && !this.#details.hidden;
  }

  /** @param {boolean} offered Whether there are sums to be asked for. */
  offer(offered) {
    this.#details.hidden = !offered;
    if (offered) return;
    this.#names = [];
    any("combinations-body").replaceChildren();
  }

  /**
   * The sums, what is known best first. @param {Float64Array} mixtures Of each its σ, infinite where the data leave it open, and the weight of every
   * constant. @param {string[]} labels @param {number} first The number of the first. @param {number} factor From eV/Å² to the unit in force. @param {string} unit
   */
  show(mixtures, labels, first, factor, unit) {
    const length = labels.length + 1;
    const all = Array.from({ length: Math.floor(mixtures.length / length) }, (_, k) => {
      const [sigma = NaN, ...weights] = mixtures.subarray(k * length, (k + 1) * length);
      const parts = weights.map((weight, p) => ({ weight, label: (labels[p] ?? "").replace(/ \/ .*/, "") }));
      parts.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
      // A sum and its opposite are one: the largest weight is positive.
      const sign = Math.sign(parts[0]?.weight ?? 1);
      for (const part of parts) part.weight *= sign;
      return { sigma: sigma * factor, parts };
    });
    this.#names = all.map(({ parts: [largest, ...others] }) =>
      [largest, ...others.filter(({ weight }) => Math.abs(weight) > LARGE).slice(0, PARTS - 1)]
        .map((part) => part?.label ?? "")
        .join(" with "),
    );
    const left = all.length - 2 * ENDS;
    const rows = all.map(({ sigma, parts }, k) => {
      const words = Number.isFinite(sigma) ? `± ${Number(sigma.toPrecision(2))}` : "open";
      const row = make("tr");
      row.append(make("th", written(parts), { scope: "row" }), make("td", "", { class: "number sigma" }));
      row.cells[1]?.append(decides(words, first + k, this.#names[k] ?? ""));
      return row;
    });
    if (left > 1) {
      const gap = make("tr");
      gap.append(make("td", `… ${count(left)} between …`, { colspan: "2", class: "between" }));
      rows.splice(ENDS, left, gap);
    }
    refill(any("combinations-body"), rows);
    any("combinations-sigma").textContent = `± σ (${unit})`;
  }

  /** What sum k is called. @param {number} k */
  nameOf(k) {
    return this.#names[k] ?? "the sum";
  }

  /** @param {number | null} p The one that is painted for good. */
  press(p) {
    for (const table of this.#tables) {
      for (const button of buttonsIn(table))
        button.setAttribute("aria-pressed", String(button.dataset.decides === String(p)));
    }
  }

  /** Says where something is decided; nothing where nobody points at it. @param {string} words */
  say(words) {
    any("decided").textContent = words;
  }
}

/** @param {{weight: number, label: string}[]} parts The largest first. */
function written(parts) {
  const shown = parts.filter(({ weight }, i) => i === 0 || (i < PARTS && Math.abs(weight) >= SMALL));
  const terms = shown.map(({ weight, label }, i) => {
    const sign = weight < 0 ? "−" : i > 0 ? "+" : "";
    const size = Math.abs(weight).toFixed(2);
    // A term stays in one line.
    return `${sign}${i > 0 ? "\u00a0" : ""}${size === "1.00" ? "" : `${size}\u00a0·\u00a0`}${label}`;
  });
  const rest = parts.slice(shown.length).some(({ weight }) => Math.abs(weight) >= SMALL);
  return terms.join(" ") + (rest ? "\u00a0+\u00a0…" : "");
}

/**
 * Where something is decided, in words. @param {string} name @param {Float64Array[]} parts Of every datum, whose squares add up. @param {readonly Columns[]} columns
 */
export function whereDecided(name, parts, columns) {
  const squares = parts.flatMap((list, set) =>
    Array.from(list, (x, row) => ({ x: x * x, set, row })).filter(({ x }) => Number.isFinite(x)),
  );
  squares.sort((a, b) => b.x - a.x);
  const total = squares.reduce((sum, { x }) => sum + x, 0);
  const [most] = squares;
  if (!most || !(total > 0)) return `The data say nothing of ${name}.`;
  let half = 0;
  for (let sum = 0; sum < total / 2; half++) sum += squares[half]?.x ?? Infinity;
  const { h, k, l } = columns[most.set] ?? {};
  const at = [h, k, l].map((axis) => rlu(axis?.[most.row] ?? NaN)).join(" ");
  const part = Number(((100 * half) / squares.length).toPrecision(2));
  return (
    `${name}: ${count(half)} of the ${count(squares.length)} data (${part} %) hold half of what is known of it, most of all that at ` +
    `h k l ${at}. The third map shows where.`
  );
}
