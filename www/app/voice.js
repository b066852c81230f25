/** The page's state and the status line. */

import { ID, any } from "./dom.js";

/** @typedef {"loading" | "ready" | "running" | "converged" | "stopped" | "failed"} State */

export class Voice {
  /** What could not be done; stays beside later sentences until a person does something else. */
  #complaint = "";

  /** @param {State} state @param {string} sentence */
  state(state, sentence) {
    document.documentElement.dataset.state = state;
    this.say(sentence);
  }

  /** @param {string} sentence */
  say(sentence) {
    const failed = document.documentElement.dataset.state === "failed";
    const status = any(ID.status);
    status.classList.toggle("bad", failed || this.#complaint !== "");
    status.textContent = [this.#complaint, sentence].filter(Boolean).join(" ");
  }

  /** @param {string} sentence */
  complain(sentence) {
    this.#complaint = sentence;
    this.say("");
  }

  forgive() {
    this.#complaint = "";
  }
}
