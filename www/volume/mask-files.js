/** The part of the dialog that lists mask files: on or off, which way round, how many voxels each leaves out. */

import { any, button, make } from "../page/dom.js";
import { many } from "./facts.js";
import { input } from "./fields.js";

/** @typedef {import("./protocol.js").Entry} Entry */
/** @typedef {import("./protocol.js").Part} Part */
/** @typedef {{name: string, file: Blob, on: boolean, keep: boolean}} MaskFile  `keep`: what is not zero is kept. */

export class MaskFiles {
  /** @type {MaskFile[]} */
  #files = [];
  /** How many voxels each leaves out, by the text of {@link options} with which they were read. */
  #counted = "";
  /** @type {number[]} */
  #counts = [];
  #acts;

  /** @param {{give: (files: File[]) => void, shown: () => void, read: () => void}} acts `shown`: others are on; `read`: others are to be read. */
  constructor(acts) {
    this.#acts = acts;
    button("volume-mask-add").addEventListener("click", () => input("volume-mask-file").click());
    input("volume-mask-file").addEventListener("change", () => {
      const files = [...(input("volume-mask-file").files ?? [])];
      input("volume-mask-file").value = "";
      if (files.length > 0) acts.give(files);
    });
  }

  /** Begins anew. */
  clear() {
    this.#files = [];
    this.complain("");
    this.#draw();
  }

  /** @param {Part[]} parts */
  add(parts) {
    const known = this.#files.filter(({ name }) => !parts.some((part) => part.name === name));
    this.#files = [...known, ...parts.map((part) => ({ ...part, on: true, keep: false }))];
    this.complain("");
    this.#draw();
  }

  /** Takes away the file that a complaint begins with, and says why. @param {string} complaint */
  refuse(complaint) {
    const bad = this.#files.find(({ name }) => complaint.startsWith(`${name}:`));
    if (!bad) return false;
    this.#files = this.#files.filter((file) => file !== bad);
    this.complain(complaint);
    this.#draw();
    return true;
  }

  /** @param {string} problem */
  complain(problem) {
    any("volume-mask-problem").textContent = problem;
  }

  /** @returns {Part[]} */
  get parts() {
    return this.#files.map(({ name, file }) => ({ name, file }));
  }

  /** The bits of those that are on. */
  get bits() {
    return this.#files.reduce((bits, { on }, n) => (on ? bits | (1 << n) : bits), 0);
  }

  /** What the readers need. @returns {Partial<Entry>} */
  get options() {
    const mask = this.#files.map(({ name, keep }) => ({ file: name, ...(keep ? { keep } : {}) }));
    return mask.length > 0 ? { mask } : {};
  }

  /** What a job says of it. @returns {Partial<Entry>} */
  get entry() {
    const off = this.#files.map(({ on }) => (on ? {} : { off: true }));
    const { mask = [] } = this.options;
    return mask.length > 0 ? { mask: mask.map((shape, n) => ({ ...shape, ...off[n] })) } : {};
  }

  /** They were read. @param {Partial<Entry>} options With which. @param {import("./protocol.js").Summary} read */
  count(options, { masks }) {
    this.#counted = JSON.stringify(options.mask);
    this.#counts = masks.map(({ n }) => n);
    this.#draw();
  }

  #draw() {
    const isCounted = JSON.stringify(this.options.mask) === this.#counted;
    any("volume-mask-list").replaceChildren(
      ...this.#files.map((file, n) => this.#row(file, isCounted ? this.#counts[n] : undefined)),
    );
  }

  /** @param {MaskFile} file @param {number | undefined} n */
  #row(file, n) {
    const check = (/** @type {"on" | "keep"} */ key, /** @type {string} */ words, /** @type {() => void} */ then) => {
      const label = make("label");
      const box = make("input", "", { type: "checkbox" });
      box.checked = file[key];
      box.addEventListener("change", () => {
        file[key] = box.checked;
        this.#draw();
        then();
      });
      label.append(box, ` ${words}`);
      return label;
    };
    const left = !file.on ? "off" : n === undefined ? "…" : `${many(n)} ${n === 1 ? "voxel" : "voxels"} left out`;
    const remove = make("button", "×", { type: "button", "aria-label": `Remove ${file.name}` });
    remove.addEventListener("click", () => {
      this.#files = this.#files.filter((other) => other !== file);
      this.#draw();
      this.#acts.read();
    });
    const row = make("li");
    row.append(
      check("on", file.name, () => this.#acts.shown()),
      make("span", left, { class: "n" }),
      check("keep", "not zero is kept", () => this.#acts.read()),
      remove,
    );
    return row;
  }
}
