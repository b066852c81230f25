/** The page's state and the status line, which is in sight in every view. */

import { ID, any } from "./dom.js";

/** @typedef {"loading" | "ready" | "running" | "converged" | "stopped" | "failed"} State */

export class Voice {
  /** What could not be done; stays beside later sentences until a person does something else. */
  #complaint = "";
  /** What should be known beside them, such as a field that is not in force. */
  #remark = "";
  /** How things stand. */
  #standing = "";
  #home = any(ID.status).parentElement;

  /** @param {State} state @param {string} sentence */
  state(state, sentence) {
    document.documentElement.dataset.state = state;
    this.#standing = sentence;
    this.say(sentence);
  }

  /** @param {string} sentence @param {boolean} [asked] Whether it answers what a person did, in whatever view: in a lesson, how the fit stands is of no concern. */
  say(sentence, asked = false) {
    const failed = document.documentElement.dataset.state === "failed";
    const status = any(ID.status);
    status.toggleAttribute("data-standing", !asked);
    status.classList.toggle("bad", failed || this.#complaint !== "");
    const words = [this.#complaint, this.#remark, sentence].filter(Boolean).join(" ");
    if (status.textContent !== words) status.textContent = words;
  }

  /** Says again how things stand, after a word in passing. @param {string} words */
  restate(words) {
    this.say([words, this.#complaint ? "" : this.#standing].filter(Boolean).join(" "));
  }

  /** @param {string} sentence */
  complain(sentence) {
    this.#complaint = sentence;
    this.say("");
  }

  /** Said beside whatever follows, until a person does something else. @param {string} sentence */
  remark(sentence) {
    this.#remark = sentence;
  }

  forgive() {
    this.#complaint = "";
    this.#remark = "";
  }

  /** The line goes where it is seen. @param {boolean} beside Whether another view than the fit is in sight. */
  follow(beside) {
    const place = beside ? any(ID.elsewhere) : this.#home;
    any(ID.elsewhere).hidden = !beside;
    if (any(ID.status).parentElement !== place) place?.append(any(ID.status));
  }
}
