/** What the model of the datum that was pressed consists of: a bar for each branch, order and background. */

import { any, make } from "../../page/dom.js";
import { brief, rlu } from "../../page/numbers.js";

/** @typedef {import("../../engine/protocol.js").Scattered} Scattered */

/** More branches than these are added up. */
const MOST = 9;

export class Parts {
  #store;
  #of;
  #asked = 0;

  /** @param {import("../../page/store.js").Store} store @param {(set: number, row: number) => Promise<Scattered>} of Asks the engine. */
  constructor(store, of) {
    this.#store = store;
    this.#of = of;
    store.subscribe(["frame", "open"], () => this.#hide());
  }

  /** A datum was pressed. @param {number} set @param {number} row */
  async ask(set, row) {
    const asked = ++this.#asked;
    // A datum without a model, such as a Bragg peak, has no parts.
    const parts = await this.#of(set, row).catch(() => null);
    if (asked !== this.#asked) return;
    const columns = this.#store.state.open?.opened.columns[set];
    if (!parts || !columns) return this.#hide();
    const hkl = [columns.h, columns.k, columns.l].map((axis) => rlu(axis[row] ?? 0));
    this.#show(parts, hkl.join("  "));
  }

  #hide() {
    this.#asked += 1;
    any("parts").hidden = true;
  }

  /** @param {Scattered} parts @param {string} hkl */
  #show({ branches, two, more, rest }, hkl) {
    /** @type {[string, string, number][]} */
    const rows = strongest(branches).map(({ name, intensity }) => [name, "one", intensity]);
    if (two !== 0 || more !== 0) rows.push(["two phonons", "two", two], ["three and more", "more", more]);
    rows.push(["background", "rest", rest]);
    const total = rows.reduce((sum, [, , value]) => sum + value, 0);
    const largest = Math.max(...rows.map(([, , value]) => Math.abs(value)));
    any("parts-of").textContent = `Model ${brief(total)} at ${hkl}, by branch and order`;
    any("parts-body").replaceChildren(
      ...rows.map(([name, kind, value]) => {
        const tr = make("tr");
        const bar = make("span", "", { class: `bar-of ${kind}` });
        bar.style.width = `${(100 * Math.abs(value)) / largest}%`;
        const drawn = make("td", "", { class: "drawn", "aria-hidden": "true" });
        drawn.append(bar);
        const share = `${((100 * value) / total).toFixed(1)} %`.replace("-", "−");
        tr.append(
          make("th", name, { scope: "row" }),
          drawn,
          // A branch that symmetry forbids scatters by rounding alone.
          make("td", brief(Math.abs(value) < 1e-12 * total ? 0 : value), { class: "number" }),
          make("td", share, { class: "number" }),
        );
        return tr;
      }),
    );
    any("parts").hidden = false;
  }
}

/** Branches by frequency, the weakest of many together. @param {Scattered["branches"]} branches */
function strongest(branches) {
  const order = [...branches.keys()].sort((a, b) => (branches[b]?.intensity ?? 0) - (branches[a]?.intensity ?? 0));
  const kept = new Set(order.slice(0, branches.length > MOST ? MOST - 1 : MOST));
  const named = branches.flatMap(({ character, frequency, intensity }, j) =>
    kept.has(j) ? [{ name: `${character}, ${frequency.toFixed(2)} THz`, intensity }] : [],
  );
  const others = branches.filter((_, j) => !kept.has(j));
  if (others.length === 0) return named;
  const intensity = others.reduce((sum, branch) => sum + branch.intensity, 0);
  return [...named, { name: `${others.length} other branches`, intensity }];
}
