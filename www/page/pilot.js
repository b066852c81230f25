/** What is being calculated and whether the fit plays: every wish waits for its turn, and none is dropped. */

import { Busy, Waiting } from "./busy.js";
import { labelOf, shownText } from "./controls.js";
import { Overtaken } from "../engine/engine.js";
import * as say from "./messages.js";
import { SETTINGS } from "./settings.js";
import { named } from "./words.js";

/** @typedef {import("../engine/protocol.js").Frame} Frame */
/** @typedef {import("../engine/protocol.js").Command["type"]} Command */

export class Pilot {
  #link;
  #desk;
  #voice;
  #busy;
  /** An iteration that takes long. */
  #iterating;
  #shown;
  /** Calculations begun so far. */
  #turn = 0;
  /** Whether one is under way. */
  #calculating = false;
  #playing = false;
  /** What is to be done once the calculation is over. @type {"play" | "step" | null} */
  #after = null;

  /**
   * @param {import("../engine/engine.js").EngineLink} link @param {import("./desk.js").Desk} desk
   * @param {import("./voice.js").Voice} voice @param {() => void} shown Wishes, marks or what is in force changed.
   */
  constructor(link, desk, voice, shown) {
    this.#link = link;
    this.#desk = desk;
    this.#voice = voice;
    this.#busy = new Busy((sentence) => voice.say(sentence));
    this.#iterating = new Waiting((seconds) => voice.restate(say.iteratingSentence(seconds)), 700);
    this.#shown = shown;
  }

  get calculating() {
    return this.#calculating;
  }

  /** What the job that is being opened turned out to be. @param {string} words */
  doing(words) {
    this.#busy.doing(words);
  }

  /** What is being read before anything can be calculated; nothing once that is over. @param {string} words */
  reading(words) {
    if (this.#calculating) this.#busy.reading(words);
  }

  /** A job was opened: its fit stands at the start. */
  landed() {
    this.#playing = false;
  }

  /** Says how the fit goes on. @param {Frame} frame */
  follow({ progress, playing }) {
    this.#playing = playing;
    // What is being calculated has the word.
    if (this.#calculating) return;
    if (playing) {
      this.#voice.state("running", say.runningSentence(progress));
      return this.#iterating.begin();
    }
    this.#iterating.end();
    if (progress.termination)
      this.#voice.state(progress.termination === "converged" ? "converged" : "stopped", say.endedSentence(progress));
    else if (progress.iteration === 0) this.#voice.state("ready", say.readySentence(progress, []));
    else this.#voice.state("stopped", say.pausedSentence(progress));
  }

  /** A button was pressed. @param {"play" | "pause" | "step" | "reset"} command */
  command(command) {
    if (!this.#desk.base) return this.#keep(command);
    this.#voice.forgive();
    if (this.#calculating || !this.#link.alive) {
      this.#after = command === "play" || command === "step" ? command : null;
      if (!this.#calculating) this.settle();
      else if (command === "play") {
        this.#voice.remark("Play follows.");
        this.#busy.again();
      }
      return;
    }
    if (command === "play" || command === "step") this.#voice.remark(this.#notInForce());
    this.#link.command(command);
    if (command === "play" || command === "step") this.#iterating.begin();
    if (command !== "play") return;
    this.#playing = true;
    this.#voice.state("running", say.SAY.running);
  }

  /** Nothing is there to fit yet: what is opened first is fitted then. @param {"play" | "pause" | "step" | "reset"} command */
  #keep(command) {
    this.#after = command === "play" || command === "step" ? command : null;
    if (document.documentElement.dataset.state === "loading") this.#voice.say(say.SAY.loading(this.#after));
  }

  /** What is new in what is calculated, such as “with Cutoff 57”. */
  #wished() {
    const parts = this.#desk.pending.flatMap(({ key, value }) => {
      const setting = SETTINGS.find((s) => s.key === key);
      return setting ? [`${labelOf(setting)} ${shownText(setting, value)}`] : [];
    });
    return parts.length > 0 ? `with ${parts.join(", ")}` : "";
  }

  /** Which fields show something else than what is in force. */
  #notInForce() {
    const parts = [...this.#desk.marks].flatMap(([key, { shown }]) => {
      const setting = SETTINGS.find((s) => s.key === key);
      if (!setting?.write) return [];
      const text = setting.kind === "choice" || setting.kind === "flag" ? "" : ` “${shown}”`;
      return [
        `${labelOf(setting)}${text} is not in force, the fit uses ${shownText(setting, this.#desk.force?.values[key] ?? null)}.`,
      ];
    });
    return parts.join(" ");
  }

  /** Ends what is being calculated, or the fit. */
  async stop() {
    this.#voice.forgive();
    this.#after = null;
    if (this.#calculating) return this.#desk.stop();
    if (!this.#playing) return this.#voice.say("Nothing is being calculated.");
    if (await this.#link.halt()) return;
    this.#playing = false;
    this.#iterating.end();
    this.#voice.state("stopped", say.SAY.calculating);
    await this.settle({ words: "Stopped in the middle of a step, so the fit is back at its start." });
  }

  /**
   * Has everything calculated that is wished for; then the fit goes on if it played.
   * @param {{words?: string, quiet?: boolean}} [how] `words`: what to say of it; `quiet`: the status line keeps what it says.
   */
  async settle({ words = "", quiet = false } = {}) {
    if (!this.#desk.base) {
      // What was wished for waits for what is opened first.
      this.#shown();
      return [];
    }
    const turn = ++this.#turn;
    if (!quiet) this.#voice.forgive();
    if (this.#playing) {
      this.#link.command("pause");
      this.#playing = false;
      this.#after = "play";
    }
    this.#calculating = true;
    this.#iterating.end();
    this.#shown();
    if (!quiet) this.#busy.begin(this.#wished());
    /** @type {import("./desk.js").Outcome} */
    let outcome;
    try {
      outcome = await this.#desk.settle();
    } catch (error) {
      // The newer one says how it went.
      if (error instanceof Overtaken) return [];
      outcome = { opened: null, complaints: [say.sentence(String(error))], notes: [], stopped: false };
    }
    if (turn !== this.#turn) return outcome.complaints;
    this.#calculating = false;
    this.#busy.end();
    this.#shown();
    this.#settled(outcome, words, quiet);
    return outcome.complaints;
  }

  /** @param {import("./desk.js").Outcome} outcome @param {string} words @param {boolean} quiet */
  #settled({ opened, complaints, notes, stopped }, words, quiet) {
    const after = this.#after;
    this.#after = null;
    if (!quiet) this.#voice.forgive();
    const troubled = complaints.join(" ");
    if (!this.#link.alive) {
      if (stopped) return this.#voice.state("stopped", "Stopped. Play calculates it after all.");
      return this.#ended("failed", troubled || say.SAY.noEngine);
    }
    if (troubled) this.#voice.complain(troubled);
    if (opened) {
      const warnings = opened.description.warnings.map(named);
      if (!quiet)
        this.#voice.state(
          "ready",
          [say.readySentence(opened.frame.progress, notes), words, ...warnings.map(say.sentence)]
            .filter(Boolean)
            .join(" "),
        );
    }
    if (after) {
      this.#voice.remark(
        [this.#notInForce(), opened ? "The fit begins anew with the new settings." : ""].filter(Boolean).join(" "),
      );
      this.#playing = after === "play";
      this.#link.command(after);
      this.#iterating.begin();
      if (after === "play") this.#voice.state("running", say.SAY.running);
    } else if (!opened && !quiet) this.#again(stopped ? "Stopped; what was there before is still here." : words);
  }

  /** Nothing new was opened: says again how the fit stands. @param {string} words */
  #again(words) {
    this.#voice.restate(words);
    if (document.documentElement.dataset.state === "running") this.#link.command("pause");
  }

  /** @param {"failed" | "stopped"} state @param {string} sentence */
  #ended(state, sentence) {
    this.#playing = false;
    this.#iterating.end();
    this.#voice.state(state, sentence);
  }

  /** The fit could not go on. @param {string} message */
  failed(message) {
    this.#ended("failed", say.sentence(message));
  }

  /** The engine died with the job in force. @param {string} message */
  crashed(message) {
    this.#ended("failed", say.crashedSentence(message));
    if (!this.#calculating) this.settle({ quiet: true });
  }
}
