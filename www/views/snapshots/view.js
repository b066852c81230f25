/** The view “Atoms in motion”: atoms frozen at one instant, and what many such instants scatter. */

import { ID, any, button } from "../../page/dom.js";
import { Link } from "../../engine/link.js";
import { wholePackage } from "../../engine/packages.js";
import { count, sentence } from "../../page/messages.js";
import { brief } from "../../page/numbers.js";
import { inPageWords, placeOf } from "../../page/words.js";
import { Picture, percent } from "./picture.js";
import { wantsStillness } from "../../draw/theme.js";

/** @typedef {import("../../engine/protocol.js").ToSnapshots} ToSnapshots */
/** @typedef {import("../../engine/protocol.js").FromSnapshots} FromSnapshots */
/** @typedef {import("../../engine/protocol.js").Crashed} Crashed */
/** @typedef {import("../../engine/protocol.js").Job} Job */
/** @typedef {import("../../page/settings.js").Values} Values */
/** @typedef {import("../registry.js").Parts} Parts */
/** @typedef {import("../registry.js").Present} Present */

const WORKER = new URL("./worker.js", import.meta.url);

/** @param {Parts} parts */
export const create = (parts) => new SnapshotsView(parts);

class SnapshotsView {
  /** @type {Link<ToSnapshots, FromSnapshots>} */
  #link;
  #present;
  #store;
  #mark;
  #run = 0;
  /** The job that is open or being opened, as text. */
  #opened = "";
  /** True from asking for a scene until it is there. */
  #waiting = false;
  /** Whether to play as soon as there is something. */
  #eager = true;
  /** Whether to go on when the view comes back. */
  #resume = false;
  #inSight = false;
  /** @type {import("../../engine/protocol.js").Scene | null} */
  #scene = null;
  /** @type {import("../../engine/protocol.js").Description | null} */
  #description = null;
  /** @type {import("../../engine/protocol.js").Snapshot | null} */
  #snapshot = null;
  #picture;

  /** @param {Parts} parts */
  constructor({ store, present, mark }) {
    this.#link = new Link(
      wholePackage(),
      WORKER,
      (m) => this.#receive(m),
      (t) => this.#died(t),
    );
    this.#present = present;
    this.#store = store;
    this.#picture = new Picture(store);
    this.#mark = mark;
    button(ID.snapPlay).addEventListener("click", () => this.#play());
    button(ID.snapPause).addEventListener("click", () => this.#command("pause"));
    button(ID.snapReset).addEventListener("click", () => this.#reset());
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (!entry || Math.abs(entry.contentRect.width - width) < 1) return;
      width = entry.contentRect.width;
      this.redraw();
    }).observe(any(ID.snapScene));
  }

  /** The view is in sight. */
  async show() {
    this.#inSight = true;
    await this.refresh();
    if (this.#resume) this.#play();
    this.#resume = false;
  }

  /** The view is left: nobody looks, so nothing runs. */
  hide() {
    this.#inSight = false;
    if (!this.#snapshot?.playing) return;
    this.#resume = true;
    this.#command("pause");
  }

  /** Opens what the fit and the controls ask for, if it is not open already. */
  async refresh() {
    const present = await this.#present();
    if (!present) return;
    const job = jobOf(present, this.#store.settings);
    any(ID.snapFacts).textContent = factsOf(present);
    const text = JSON.stringify(job);
    if (text === this.#opened) return this.redraw();
    this.#opened = text;
    this.#description = present.description;
    this.#run += 1;
    // One that is still busy with an older wish is not worth waiting for.
    if (this.#waiting) this.#link.end();
    this.#eager ||= this.#snapshot?.playing ?? false;
    this.#waiting = true;
    const dense = job.model.sampler === "dense";
    this.#state(
      "loading",
      dense
        ? "Preparing one matrix for all atoms: from 6 × 6 × 6 cells this takes a while …"
        : "Preparing the crystal …",
    );
    this.#link.send({ type: "open", run: this.#run, job, files: present.files });
  }

  /** Colours, exaggeration or sizes changed. */
  redraw() {
    this.#picture.redraw();
  }

  #play() {
    if (!this.#scene) return;
    this.#link.send({ type: "play", run: this.#run, still: wantsStillness() });
    this.#state("running", "Drawing snapshots …");
  }

  #reset() {
    this.#picture.begin();
    this.#command("reset");
  }

  /** @param {"pause" | "reset" | "drawn"} type */
  #command(type) {
    this.#link.send({ type, run: this.#run });
  }

  /** @param {Exclude<FromSnapshots, Crashed>} message */
  #receive(message) {
    if (message.run !== this.#run) return;
    switch (message.type) {
      case "scene":
        this.#stage(message.scene);
        break;
      case "snapshot":
        this.#follow(message.snapshot);
        break;
      case "refused":
        // The last picture stays, but there is nothing behind it any more.
        this.#waiting = false;
        this.#opened = "";
        this.#scene = null;
        this.#picture.leave();
        this.#enable();
        this.#state("failed", sentence(inPageWords(message.trouble.message)));
        if (placeOf(message.trouble.message) === "model.temperature" && this.#store.settings.snapTemperature !== null) {
          this.#mark("snapTemperature", `Nothing can be drawn at ${this.#store.settings.snapTemperature} K.`);
        }
        break;
      case "failed":
        this.#link.end();
        this.#died(message.trouble);
        break;
    }
  }

  /** @param {import("../../engine/protocol.js").Trouble} trouble */
  #died({ message }) {
    this.#waiting = false;
    this.#opened = "";
    this.#scene = null;
    this.#picture.leave();
    this.#enable();
    this.#state("failed", `The calculation stopped unexpectedly (${message}). Change a setting to try again.`);
  }

  /** @param {import("../../engine/protocol.js").Scene} scene */
  #stage(scene) {
    this.#waiting = false;
    this.#scene = scene;
    this.#snapshot = null;
    if (this.#description) this.#picture.stage(scene, this.#description);
    this.#enable();
  }

  #enable() {
    for (const id of [ID.snapPlay, ID.snapPause, ID.snapReset]) button(id).disabled = this.#scene === null;
  }

  /** @param {import("../../engine/protocol.js").Snapshot} snapshot */
  #follow(snapshot) {
    const first = this.#snapshot === null;
    this.#snapshot = snapshot;
    const { playing, picture } = snapshot;
    this.#numbers(snapshot);
    this.#picture.follow(snapshot);
    if (picture && playing) requestAnimationFrame(() => this.#command("drawn"));
    if (first && this.#eager) {
      this.#eager = false;
      if (wantsStillness()) return;
      if (this.#inSight) this.#play();
      else this.#resume = true;
    }
  }

  /** @param {import("../../engine/protocol.js").Snapshot} snapshot */
  #numbers({ done, error, expected, seconds, playing }) {
    any(ID.snapCount).textContent = count(done);
    any(ID.snapError).textContent = percent(error);
    any(ID.snapLaw).textContent = percent(1 / Math.sqrt(done));
    any(ID.snapScatter).textContent = percent(expected);
    any(ID.snapSpeed).textContent = brief(Number((done / seconds).toPrecision(2)));
    any(ID.snapTitle).textContent = done === 1 ? "One snapshot" : `Mean of ${count(done)} snapshots`;
    if (playing) return this.#state("running", "Drawing snapshots …");
    const far = `The mean of ${done === 1 ? "one snapshot" : `${count(done)} snapshots`} is off by ${percent(error)}.`;
    this.#state(done === 1 ? "ready" : "stopped", done === 1 ? `${far} Press Play for more.` : far);
  }

  /** The line is for ears too: it changes when the state does, not with every snapshot.
   * @param {"loading" | "ready" | "running" | "stopped" | "failed"} state @param {string} words */
  #state(state, words) {
    any(ID.snapshots).dataset.state = state;
    const line = any(ID.snapStatus);
    if (line.textContent !== words) line.textContent = words;
  }
}

/** Whether the constants have left their start. @param {Present} present */
const isFitted = ({ progress }) => progress.iteration > 0;

/** @param {Present} present */
function factsOf(present) {
  const { title } = present.description.crystal;
  return `${title}, ${present.job.model.statistics} statistics, with the ${isFitted(present) ? "fitted" : "start"} constants.`;
}

/**
 * The supercell of the controls with the constants of the fit. @param {Present} present @param {Values} values
 * @returns {Job}
 */
function jobOf(present, values) {
  const { job, description, progress } = present;
  const { cutoff, start } = job.force_constants;
  const labels = Object.fromEntries(description.parameters.map(({ label }, i) => [label, progress.values[i] ?? 0]));
  const cells = Number(values.cells);
  const { form_factors, anomalous } = job;
  return {
    crystal: job.crystal,
    force_constants: {
      ...(cutoff ? { cutoff } : {}),
      ...(isFitted(present) ? { values: { labels } } : { ...(start ? { start } : {}) }),
    },
    model: {
      order: "sampled",
      statistics: job.model.statistics,
      temperature: Number(values.snapTemperature ?? job.model.temperature),
      supercell: [cells, cells, cells],
      sampler: /** @type {"block" | "dense"} */ (values.sampler),
    },
    data: [],
    ...(form_factors ? { form_factors } : {}),
    ...(anomalous ? { anomalous } : {}),
  };
}
