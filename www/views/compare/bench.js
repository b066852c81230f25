/** What the two parts of “Compare and plan” have in common: a calculation in a worker of its own, begun and stopped by a button. */

import { Link } from "../../engine/link.js";
import { wholePackage } from "../../engine/packages.js";
import { make } from "../../page/dom.js";
import { sentence } from "../../page/messages.js";
import { inPageWords } from "../../page/words.js";

/** @typedef {import("../../engine/protocol.js").ToCompare} ToCompare */
/** @typedef {import("../../engine/protocol.js").FromCompare} FromCompare */
/** @typedef {import("../../engine/protocol.js").Crashed} Crashed */
/** @typedef {import("../../engine/protocol.js").AskShells} AskShells */
/** @typedef {import("../../engine/protocol.js").AskPlan} AskPlan */
/** @typedef {import("../../engine/protocol.js").Job} Job */
/** @typedef {import("../registry.js").Present} Present */
/** @typedef {"ready" | "running" | "stopped" | "done" | "failed"} State */

const WORKER = new URL("./worker.js", import.meta.url);

export class Bench {
  element = make("section", "", { class: "bench" });
  /** Where what came out is shown. */
  result = make("div");
  #status = make("p", "", { class: "status", role: "status" });
  #stale = make("p", "The fit or its settings have changed since.", { class: "stale", hidden: "" });
  #start;
  #stop = make("button", "Stop", { type: "button", disabled: "" });
  /** Once it is needed. @type {Link<ToCompare, FromCompare> | null} */
  #link = null;
  #run = 0;
  /** What the result is of, as text. */
  #of = "";
  #parts;

  /**
   * @param {{id: string, title: string, words: string, verb: string, before: HTMLElement[], ready: string,
   *   present: () => Promise<Present | null>, ask: (present: Present) => Omit<AskShells, "run"> | Omit<AskPlan, "run"> | null,
   *   take: (message: FromCompare) => string | null, halted: () => string}} parts
   *   `ask` makes the question of what is open, or null where something typed cannot be read; `take` shows what comes and says what it is,
   *   null where that is no end; `halted` says what there is once it was stopped.
   */
  constructor(parts) {
    this.#parts = parts;
    const title = make("h2", parts.title, { id: `${parts.id}-title` });
    this.element.id = parts.id;
    this.element.setAttribute("aria-labelledby", title.id);
    this.#start = make("button", parts.verb, { type: "button", class: "primary" });
    const intro = make("div", "", { class: "intro" });
    intro.append(title, make("p", parts.words));
    const buttons = make("div", "", { class: "buttons" });
    buttons.append(this.#start, this.#stop);
    const go = make("div", "", { class: "go" });
    go.append(buttons, this.#status);
    this.element.append(intro, ...parts.before, go, this.#stale, this.result);
    this.#start.addEventListener("click", () => void this.#begin());
    this.#stop.addEventListener("click", () => {
      this.#link?.end();
      this.#ended("stopped", parts.halted());
      this.#start.focus();
    });
    this.#state("ready", parts.ready);
  }

  /** @returns {Link<ToCompare, FromCompare>} */
  #connect() {
    return new Link(
      wholePackage(),
      WORKER,
      (message) => this.#receive(message),
      (trouble) => this.#died(trouble),
    );
  }

  /** @param {import("../../engine/protocol.js").Trouble} trouble */
  #died({ message }) {
    this.#link?.end();
    this.#link = null;
    this.#ended("failed", `The calculation stopped unexpectedly (${message}).`);
  }

  async #begin() {
    this.#run += 1;
    const run = this.#run;
    try {
      const present = await this.#parts.present();
      if (!present || run !== this.#run) {
        if (!present) this.#state("failed", "Nothing is open yet, so there is nothing to calculate with.");
        return;
      }
      const asked = this.#parts.ask(present);
      if (!asked) return this.#state("ready", "Something typed cannot be read; it says why beside itself.");
      this.#of = signOf(present);
      this.#stale.hidden = true;
      this.#start.disabled = true;
      this.#stop.disabled = false;
      this.#state("running", "Preparing …");
      this.#link ??= this.#connect();
      this.#link.send({ ...asked, run });
    } catch (error) {
      this.#ended("failed", sentence(error instanceof Error ? error.message : String(error)));
    }
  }

  /** What is open may have changed. */
  async refresh() {
    if (this.#of === "") return;
    const present = await this.#parts.present();
    this.#stale.hidden = this.result.childElementCount === 0 || !present || signOf(present) === this.#of;
  }

  /** @param {Exclude<FromCompare, Crashed>} message */
  #receive(message) {
    if (message.run !== this.#run) return;
    switch (message.type) {
      case "refused":
        return this.#ended("failed", sentence(inPageWords(message.trouble.message)));
      case "failed":
        return this.#died(message.trouble);
      default: {
        const words = this.#parts.take(message);
        if (words !== null) this.#ended("done", words);
        else if ("doing" in message) this.#state("running", `${message.doing} …`);
      }
    }
  }

  /** @param {State} state @param {string} words */
  #ended(state, words) {
    this.#run += 1;
    this.#start.disabled = false;
    this.#stop.disabled = true;
    this.#state(state, words);
  }

  /** @param {State} state @param {string} words */
  #state(state, words) {
    this.element.dataset.state = state;
    if (this.#status.textContent !== words) this.#status.textContent = words;
  }
}

/** Tells whether a result is still that of what is open. @param {Present} present */
const signOf = ({ job, progress }) => JSON.stringify([job, progress.values]);

/** The job with the constants where the fit stands. @param {Present} present @returns {Job} */
export function jobFrom({ job, description, progress }) {
  if (progress.iteration === 0 || !job.force_constants.cutoff) return job;
  const labels = labelsOf({ description, progress });
  return { ...job, force_constants: { ...job.force_constants, start: { labels } } };
}

/** The constants where the fit stands, by label. @param {Pick<Present, "description" | "progress">} present */
export function labelsOf({ description, progress }) {
  return Object.fromEntries(description.parameters.map(({ label }, i) => [label, progress.values[i] ?? 0]));
}

/** A table in a box of its own, which narrow screens move sideways. @param {string} caption @param {string[]} head @param {HTMLElement[][]} rows */
export function tableOf(caption, head, rows) {
  const table = make("table");
  const top = make("tr");
  top.append(...head.map((words) => make("th", words, { scope: "col" })));
  const header = make("thead");
  header.append(top);
  const body = make("tbody");
  body.append(
    ...rows.map((cells) => {
      const tr = make("tr");
      tr.append(...cells);
      return tr;
    }),
  );
  table.append(make("caption", caption), header, body);
  const box = make("div", "", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption });
  box.append(table);
  return box;
}
