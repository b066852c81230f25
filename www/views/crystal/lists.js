/** What stands beside the crystal: its modes, its springs, its elements. */

import { newtons_per_metre } from "../../../pkg/tds_inversion.js";
import { look } from "../../draw/theme.js";
import { make } from "../../page/dom.js";
import { cell, prose } from "../../page/numbers.js";
import { css, mix, rgb } from "./colours.js";
import { drawBall } from "./painter.js";

/** @typedef {import("../../engine/protocol.js").PhononsReport} PhononsReport */
/** @typedef {import("../../engine/protocol.js").ModesReport} ModesReport */
/** @typedef {import("./painter.js").Stick} Stick */

/** Å: the thinnest stick and the thickest. */
const WIDTHS = [0.05, 0.2];

/** Sticks of each shell. @param {PhononsReport} report @param {ReadonlySet<number>} shown @returns {Stick[]} */
export function sticksOf({ shells }, shown) {
  const { muted, line } = look();
  const style = getComputedStyle(document.documentElement);
  const [stiff, negative] = ["--accent", "--hue-3"].map((name) => rgb(style.getPropertyValue(name).trim()));
  const soft = mix(rgb(line), rgb(muted), 0.45);
  const most = Math.max(...shells.map(({ stiffness }) => Math.abs(stiffness)), 1e-12);
  return shells.map(({ stiffness }, i) => {
    // Weak springs next to strong ones are to be seen, too.
    const part = Math.sqrt(Math.abs(stiffness) / most);
    const end = stiffness < 0 ? negative : stiff;
    return {
      colour: mix(soft, end ?? soft, stiffness < 0 ? 0.55 + 0.45 * part : part),
      width: (WIDTHS[0] ?? 0) + ((WIDTHS[1] ?? 0) - (WIDTHS[0] ?? 0)) * part,
      shown: shown.has(i),
    };
  });
}

/**
 * @param {import("./markup.js").Markup} markup @param {PhononsReport} report @param {Stick[]} sticks @param {"ev" | "nm"} unit
 * @param {(shell: number, shown: boolean) => void} changed
 */
export function listSprings({ springs, unit: head, scale }, { shells }, sticks, unit, changed) {
  const factor = unit === "nm" ? newtons_per_metre() : 1;
  const decimals = unit === "nm" ? 2 : 4;
  head.textContent = `stiffness along the bond, ${unit === "nm" ? "N/m" : "eV/Å²"}`;
  const kept = document.activeElement instanceof HTMLInputElement ? document.activeElement.dataset.shell : undefined;
  springs.replaceChildren(
    ...shells.map(({ number, elements, distance, stiffness }, i) => {
      const box = make("input", "", { type: "checkbox", "data-shell": String(i) });
      box.checked = sticks[i]?.shown ?? false;
      box.addEventListener("change", () => changed(i, box.checked));
      const swatch = make("span", "", { class: "stick", "aria-hidden": "true" });
      swatch.style.background = css(sticks[i]?.colour ?? [128, 128, 128]);
      swatch.style.height = `${Math.max(2, Math.round(45 * (sticks[i]?.width ?? 0.1)))}px`;
      const label = make("label");
      const name = make("span", `${number} · ${elements.join("–")} `, { class: "bond" });
      name.append(make("small", `${distance.toFixed(3)} Å`));
      label.append(box, swatch, name, make("span", cell(factor * stiffness, decimals, decimals), { class: "number" }));
      const item = make("li");
      item.append(label);
      return item;
    }),
  );
  if (kept !== undefined) {
    const again = springs.querySelector(`[data-shell="${kept}"]`);
    if (again instanceof HTMLElement) again.focus();
  }
  const negative = shells.some(({ stiffness }) => stiffness < 0);
  const marks = [make("span", "soft", { class: "soft" }), make("span", "stiff", { class: "stiff" })];
  if (negative) marks.push(make("span", "negative", { class: "negative" }));
  scale.replaceChildren(...marks);
}

/** @param {HTMLElement} legend @param {PhononsReport} report */
export function listElements(legend, { elements }) {
  legend.replaceChildren(
    ...elements.map(({ symbol }) => {
      const item = make("li");
      const canvas = make("canvas", "", { "aria-hidden": "true" });
      drawBall(canvas, symbol, look());
      item.append(canvas, symbol);
      return item;
    }),
  );
}

/**
 * @param {HTMLElement} body @param {ModesReport} report @param {number | null} chosen @param {PhononsReport["elements"]} elements
 * @param {(mode: number) => void} choose
 */
export function listModes(body, { modes }, chosen, elements, choose) {
  const had = body.contains(document.activeElement);
  const sizes = new Map();
  for (const { set } of modes) sizes.set(set, (sizes.get(set) ?? 0) + 1);
  body.replaceChildren(
    ...modes.map(({ frequency, energy, share, set, character, elements: parts }, i) => {
      const row = make("tr", "", i === chosen ? { class: "chosen" } : {});
      if (i > 0 && modes[i - 1]?.set === set) row.classList.add("same");
      const imaginary = frequency < 0;
      const button = make("button", prose(Math.abs(frequency), 3) + (imaginary ? " i" : ""), {
        type: "button",
        "aria-pressed": String(i === chosen),
        "aria-label": `${prose(Math.abs(frequency), 3)}${imaginary ? " i" : ""} THz, ${character}`,
      });
      const first = make("th", "", { scope: "row", class: "number" });
      first.append(button);
      const percent = make("td", share === null ? "–" : percentOf(share), { class: "number share" });
      if (share !== null) {
        const bar = make("span", "", { class: "bar", "aria-hidden": "true" });
        bar.style.width = `${(100 * share).toFixed(1)}%`;
        percent.append(bar);
      }
      const words = make("td", character);
      if (elements.length > 1) {
        const told = elements.map(({ symbol }, e) => `${symbol} ${Math.round(100 * (parts[e] ?? 0))}`).join(" · ");
        words.append(make("small", ` ${told} %`));
      }
      row.append(
        first,
        make("td", prose(Math.abs(energy), 2) + (imaginary ? " i" : ""), { class: "number" }),
        percent,
        words,
      );
      row.addEventListener("click", () => choose(i));
      return row;
    }),
  );
  if (had) {
    const again = body.querySelector("[aria-pressed=true]");
    if (again instanceof HTMLElement) again.focus();
  }
}

/** @param {number} share */
const percentOf = (share) => (share < 0.0005 ? (share < 1e-9 ? "0" : "< 0.1") : (100 * share).toFixed(1));
