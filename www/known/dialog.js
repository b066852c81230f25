/** The dialog that says what is known of the constants besides the data: rows of what was measured elsewhere. */

import { make } from "../page/dom.js";
import { readNumber } from "../page/parse.js";
import { Rows } from "../page/rows.js";
import { readVector } from "../volume/fields.js";
import { fromText, textOf } from "./text.js";

/** @typedef {import("../page/rows.js").Reading} Reading */
/** @typedef {import("../page/rows.js").Column} Column */
/** @typedef {import("./text.js").Known} Known */

/** @param {string} typed @returns {Reading} */
function readPositive(typed) {
  const reading = readNumber(typed);
  return "problem" in reading || reading.value > 0 ? reading : { problem: `“${typed}” is not positive` };
}

/** @param {string} typed @returns {Reading} */
function readElastic(typed) {
  const found = /^c\s*([1-6])\s*([1-6])$/i.exec(typed);
  return found
    ? { value: `C${found[1]}${found[2]}` }
    : { problem: `“${typed}” is no elastic constant, such as C11 or C44` };
}

/** @param {string} typed @returns {Reading} */
function readWave(typed) {
  const value = readVector(typed);
  return value ? { value } : { problem: `“${typed}” are no three numbers, such as 0.5 0 0` };
}

/** @param {string} unit @returns {Column} */
const sigma = (unit) => ({ key: "sigma", label: "± σ", unit, read: readPositive });

/** @param {number} x */
const written = (x) => String(x);

export class KnownDialog {
  #dialog = make("dialog", "", { id: "known-dialog", lang: "en", "aria-labelledby": "known-title" });
  #complaint = make("p", "", { class: "complaint", role: "alert" });
  #file = make("p", "", { class: "facts" });
  #forget = make("button", "Without the file", { type: "button" });
  #wish;
  /** The table that a job names instead of a list of frequencies. @type {string | null} */
  #table = null;
  #atom = "Cu1";
  #elastic = new Rows({
    caption: "Elastic constants",
    what: "elastic constant",
    columns: [
      { key: "name", label: "Constant", placeholder: "C11", read: readElastic },
      { key: "value", label: "Value", unit: "GPa", read: readNumber },
      sigma("GPa"),
    ],
  });
  #frequencies = new Rows({
    caption: "Phonon frequencies",
    what: "frequency",
    columns: [
      { key: "q", label: "h k l", unit: "r.l.u.", placeholder: "0.5 0 0", wide: true, read: readWave },
      { key: "THz", label: "ν", unit: "THz", read: readPositive },
      sigma("THz"),
    ],
  });
  #displacements = new Rows({
    caption: "Mean-square displacements",
    what: "displacement",
    columns: [
      { key: "name", label: "Atom", read: (typed) => ({ value: typed }) },
      { key: "value", label: "U", unit: "Å²", read: readPositive },
      sigma("Å²"),
    ],
    fresh: () => ({ name: this.#atom }),
  });

  /** @param {(text: string) => Promise<string>} wish Has it calculated; says why it was refused, or nothing. */
  constructor(wish) {
    this.#wish = wish;
    const form = make("form", "", { autocomplete: "off", method: "dialog" });
    const words =
      "Results of other measurements. Each counts as a datum does, with its σ; the verdict says where they contradict the scattering. Frequencies at one wave vector belong to different branches, the lowest first; U is that along one direction, at the temperature of the measurement.";
    const buttons = make("div", "", { class: "buttons" });
    const cancel = make("button", "Cancel", { type: "button" });
    buttons.append(make("button", "Apply", { type: "submit", class: "primary" }), cancel);
    const file = make("div", "", { class: "file" });
    file.append(this.#file, this.#forget);
    form.append(
      make("h2", "Known besides the data", { id: "known-title", tabindex: "-1" }),
      make("p", words, { class: "facts" }),
      this.#elastic.element,
      this.#frequencies.element,
      file,
      this.#displacements.element,
      this.#complaint,
      buttons,
    );
    this.#dialog.append(form);
    document.body.append(this.#dialog);
    this.#forget.addEventListener("click", () => this.#setTable(null));
    cancel.addEventListener("click", () => this.#dialog.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#apply();
    });
  }

  /** @param {string} text What is in force or wished for. @param {string} atom One of the crystal, such as “Cu1”. */
  open(text, atom) {
    this.#atom = atom;
    const { elastic_GPa: elastic = {}, frequencies = [], U_A2: displacements = {} } = fromText(text);
    const pairs = (/** @type {Record<string, [number, number]>} */ all) =>
      Object.entries(all).map(([name, [value, s]]) => ({ name, value: written(value), sigma: written(s) }));
    this.#elastic.show(pairs(elastic));
    this.#displacements.show(pairs(displacements));
    this.#setTable(typeof frequencies === "string" ? frequencies : null);
    const list = typeof frequencies === "string" ? [] : (frequencies ?? []);
    this.#frequencies.show(
      list.map(({ q, THz, sigma: s }) => ({ q: q.map(written).join(" "), THz: written(THz), sigma: written(s) })),
    );
    this.#complaint.textContent = "";
    this.#dialog.showModal();
    const first = this.#dialog.querySelector("li input") ?? this.#dialog.querySelector("button.add");
    if (first instanceof HTMLElement) first.focus();
  }

  /** @param {string | null} name */
  #setTable(name) {
    this.#table = name;
    const home = this.#file.parentElement;
    if (home) home.hidden = name === null;
    this.#frequencies.element.hidden = name !== null;
    this.#file.textContent = name === null ? "" : `Phonon frequencies: those of ${name}.`;
  }

  async #apply() {
    this.#complaint.textContent = "";
    const known = this.#known();
    if (known === null) return;
    const complaint = await this.#wish(known);
    if (complaint === "") this.#dialog.close();
    else if (!this.#placed(complaint)) this.#complaint.textContent = complaint;
  }

  /** What the rows say, as the settings hold it; null where something cannot be read. */
  #known() {
    const groups = [this.#elastic, this.#frequencies, this.#displacements];
    const [elastic, frequencies, displacements] = groups.map((rows) => (rows.element.hidden ? [] : rows.read()));
    if (!elastic || !frequencies || !displacements) {
      groups.some((rows) => rows.goToProblem());
      return null;
    }
    for (const [rows, list] of /** @type {const} */ ([
      [this.#elastic, elastic],
      [this.#displacements, displacements],
    ])) {
      const twice = list.findIndex(({ name }, i) => list.findIndex((other) => other.name === name) < i);
      if (twice >= 0) {
        rows.complain(twice, "name", `${list[twice]?.name} is there twice`);
        return null;
      }
    }
    const pairs = (/** @type {Record<string, any>[]} */ list) =>
      Object.fromEntries(list.map(({ name, value, sigma: s }) => [name, [value, s]]));
    return textOf(
      /** @type {import("../engine/protocol.js").Job} */ ({
        pseudo_data: {
          elastic_GPa: pairs(elastic),
          frequencies: this.#table ?? frequencies.map(({ q, THz, sigma: s }) => ({ q, THz, sigma: s })),
          U_A2: pairs(displacements),
        },
      }),
    );
  }

  /** Puts what the engine says of one row beside it; false where it is of none. @param {string} complaint */
  #placed(complaint) {
    const [, number, name = "", problem = ""] =
      /^Known besides, (?:frequency (\d+)|([^:]+)): (.*)$/.exec(complaint) ?? [];
    if (problem === "") return false;
    if (number !== undefined) return this.#frequencies.complain(Number(number) - 1, "THz", problem);
    const rows = name.startsWith("C") && this.#at(this.#elastic, name) >= 0 ? this.#elastic : this.#displacements;
    const at = this.#at(rows, name);
    return at >= 0 && rows.complain(at, "name", problem);
  }

  /** @param {Rows} rows @param {string} name */
  #at(rows, name) {
    return rows.typed().findIndex((row) => row.name?.trim().replace(/\s/g, "").toUpperCase() === name.toUpperCase());
  }
}
