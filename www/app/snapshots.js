/** The view “Atoms in motion”: atoms frozen at one instant, and what many such instants scatter. */

import { draw_lines } from "../../pkg/tds_inversion.js";
import { drawAtoms } from "./atoms.js";
import { fitted } from "./charts.js";
import { drawColourBar } from "./colour-bar.js";
import { ID, any, button, canvas } from "./dom.js";
import { Helper } from "./helper.js";
import { MapPanel, resize } from "./map-panel.js";
import { aspectOf } from "./maps.js";
import { count, sentence } from "./messages.js";
import { brief } from "./numbers.js";
import { braggPoints, planesOf } from "./planes.js";
import { inPageWords, placeOf } from "./words.js";
import { chartTheme, look, wantsStillness } from "./theme.js";

/** @typedef {import("../protocol.js").ToSnapshots} ToSnapshots */
/** @typedef {import("../protocol.js").FromSnapshots} FromSnapshots */
/** @typedef {import("../protocol.js").Job} Job */
/** @typedef {import("./settings.js").Values} Values */
/**
 * What the fit is about at the moment.
 * @typedef {{job: Job, files: Record<string, Uint8Array>, description: import("../protocol.js").Description, progress: import("../protocol.js").Progress}} Present
 */

/** Numbers of snapshots whose mean is kept in sight. */
const KEPT = [1, 10, 100, 1000];

export class SnapshotsView {
  /** @type {Helper<ToSnapshots, FromSnapshots>} */
  #helper;
  #present;
  #values;
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
  /** @type {import("../protocol.js").Scene | null} */
  #scene = null;
  /** @type {import("../protocol.js").Description | null} */
  #description = null;
  /** @type {import("./planes.js").Plane | null} */
  #plane = null;
  /** @type {import("../protocol.js").Snapshot | null} */
  #snapshot = null;
  /** @type {import("../protocol.js").Snapshot["picture"]} */
  #picture = null;
  /** Means by number of snapshots. @type {Map<number, Float64Array>} */
  #kept = new Map();
  #mean = new MapPanel(canvas(ID.snapMean));
  #exact = new MapPanel(canvas(ID.snapExact));

  /**
   * @param {WebAssembly.Module} module @param {() => Promise<Present | null>} present @param {() => Values} values
   * @param {(key: string, message: string) => void} mark Says beside a field why it is not in force.
   */
  constructor(module, present, values, mark) {
    this.#helper = new Helper(module, "snapshots-worker.js", (m) => this.#receive(m), (m) => this.#died(m));
    this.#present = present;
    this.#values = values;
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
    const job = jobOf(present, this.#values());
    any(ID.snapFacts).textContent = factsOf(present);
    const text = JSON.stringify(job);
    if (text === this.#opened) return this.redraw();
    this.#opened = text;
    this.#description = present.description;
    this.#run += 1;
    // One that is still busy with an older wish is not worth waiting for.
    if (this.#waiting) this.#helper.end();
    this.#eager ||= this.#snapshot?.playing ?? false;
    this.#waiting = true;
    const dense = job.model.sampler === "dense";
    this.#state("loading", dense ? "Preparing one matrix for all atoms: from 6 × 6 × 6 cells this takes a while …" : "Preparing the crystal …");
    this.#helper.send({ type: "open", run: this.#run, job, files: present.files });
  }

  /** Colours, exaggeration or sizes changed. */
  redraw() {
    this.#drawScene();
    this.#drawKept();
    this.#drawChart();
  }

  #play() {
    if (!this.#scene) return;
    this.#helper.send({ type: "play", run: this.#run, still: wantsStillness() });
    this.#state("running", "Drawing snapshots …");
  }

  #reset() {
    this.#kept.clear();
    this.#drawKept();
    this.#command("reset");
  }

  /** @param {"pause" | "reset" | "drawn"} type */
  #command(type) {
    this.#helper.send({ type, run: this.#run });
  }

  /** @param {FromSnapshots} message */
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
        this.#enable();
        this.#state("failed", sentence(inPageWords(message.trouble.message)));
        if (placeOf(message.trouble.message) === "model.temperature" && this.#values().snapTemperature !== null) {
          this.#mark("snapTemperature", `Nothing can be drawn at ${this.#values().snapTemperature} K.`);
        }
        break;
      case "crashed":
        this.#died(message.trouble.message);
        break;
    }
  }

  /** @param {string} message */
  #died(message) {
    this.#helper.end();
    this.#waiting = false;
    this.#opened = "";
    this.#scene = null;
    this.#enable();
    this.#state("failed", `The calculation stopped unexpectedly (${message}). Change a setting to try again.`);
  }

  /** @param {import("../protocol.js").Scene} scene */
  #stage(scene) {
    this.#waiting = false;
    this.#scene = scene;
    this.#snapshot = null;
    this.#picture = null;
    this.#kept.clear();
    this.#plane?.wasm.free();
    const all = new Uint8Array(scene.exact.length).fill(1);
    const columns = { h: scene.h, k: scene.k, l: scene.l, intensity: scene.exact, sigma: null, used: all };
    this.#plane = planesOf(columns, 0, 2)[0] ?? null;
    this.#enable();
    this.#drawKept();
  }

  #enable() {
    for (const id of [ID.snapPlay, ID.snapPause, ID.snapReset]) button(id).disabled = this.#scene === null;
  }

  /** @param {import("../protocol.js").Snapshot} snapshot */
  #follow(snapshot) {
    const first = this.#snapshot === null;
    this.#snapshot = snapshot;
    const { done, playing, picture } = snapshot;
    this.#numbers(snapshot);
    if (picture) {
      this.#picture = picture;
      if (KEPT.includes(done)) {
        this.#kept.set(done, picture.mean);
        this.#drawKept();
      }
      this.#drawScene();
      this.#drawChart();
      if (playing) requestAnimationFrame(() => this.#command("drawn"));
    }
    if (first && this.#eager) {
      this.#eager = false;
      if (wantsStillness()) return;
      if (this.#inSight) this.#play();
      else this.#resume = true;
    }
  }

  /** @param {import("../protocol.js").Snapshot} snapshot */
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

  #range() {
    const [plane, scene] = [this.#plane, this.#scene];
    const range = plane && scene ? plane.wasm.robust_range(scene.exact, everywhere(scene), 0.005, true) : [];
    return { lo: range[0] ?? 1, hi: range[1] ?? 10, log: true, colours: String(this.#values().colours) };
  }

  #drawScene() {
    const [scene, plane, description] = [this.#scene, this.#plane, this.#description];
    const mean = this.#picture?.mean;
    if (!scene || !plane || !description || !mean || any(ID.snapScene).clientWidth === 0) return;
    const style = look();
    const range = this.#range();
    const used = everywhere(scene);
    const marks = { bragg: braggPoints(plane, description.crystal), rings: [] };
    const aspect = aspectOf(plane, description);
    this.#mean.draw(plane, { values: mean, used, ...range }, style, marks, aspect);
    this.#exact.draw(plane, { values: scene.exact, used, ...range }, style, marks, aspect);
    drawColourBar(canvas(ID.snapBar), { ...range, caption: "electron² per primitive cell" }, style);
    const factor = Number(this.#values().exaggeration);
    drawAtoms(canvas(ID.snapAtoms), scene, this.#picture?.displacements ?? new Float64Array(0), factor, style);
    canvas(ID.snapAtoms).setAttribute("aria-label", `Atoms: ${scene.layers.length} of ${scene.atoms} in one snapshot, displacements drawn ${factor} times as large`);
    any(ID.snapLayers).textContent = `two layers of ${count(scene.atoms)} atoms, displacements × ${factor}`;
    const size = `${plane.nx} × ${plane.ny} points`;
    canvas(ID.snapMean).setAttribute("aria-label", `Mean: intensity of the snapshots so far, plane l = 0, ${size}`);
    canvas(ID.snapExact).setAttribute("aria-label", `Exact: intensity of all phonon orders of the same supercell, plane l = 0, ${size}`);
  }

  #drawKept() {
    const [plane, scene] = [this.#plane, this.#scene];
    for (const done of KEPT) {
      const target = canvas(`snap-kept-${done}`);
      const mean = this.#kept.get(done);
      target.classList.toggle("empty", !mean);
      target.setAttribute("aria-label", `Mean of ${done} ${done === 1 ? "snapshot" : "snapshots"}${mean ? "" : ", not there yet"}`);
      if (!plane || !scene || !mean) {
        resize(target, 1, 1);
        continue;
      }
      const { lo, hi, log, colours } = this.#range();
      resize(target, plane.nx, plane.ny);
      const image = new ImageData(plane.nx, plane.ny);
      image.data.set(plane.wasm.paint(mean, everywhere(scene), lo, hi, log, colours));
      target.getContext("2d")?.putImageData(image, 0, 0);
    }
  }

  #drawChart() {
    const course = this.#snapshot?.course;
    if (!course || canvas(ID.snapChart).clientWidth === 0) return;
    const target = fitted(ID.snapChart);
    const theme = chartTheme();
    const end = Math.max(1000, course.done[course.done.length - 1] ?? 1);
    draw_lines(target, [
      { x: [1, end], y: [1, 1 / Math.sqrt(end)], colour: theme.start, width: 1.5, dashed: true },
      { x: course.done, y: course.error, colour: theme.accent, width: 2 },
    ], true, theme);
    const last = course.error[course.error.length - 1] ?? NaN;
    target.setAttribute("aria-label", `Relative error by number of snapshots: ${percent(last)} after ${course.done[course.done.length - 1] ?? 0}`);
  }
}

/** @type {WeakMap<import("../protocol.js").Scene, Uint8Array>} */
const masks = new WeakMap();
/** No point is masked. @param {import("../protocol.js").Scene} scene */
function everywhere(scene) {
  const known = masks.get(scene) ?? new Uint8Array(scene.exact.length).fill(1);
  masks.set(scene, known);
  return known;
}

/** @param {number} value */
const percent = (value) => (Number.isFinite(value) ? `${Number((100 * value).toPrecision(2))} %` : "–");

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
    force_constants: { ...(cutoff ? { cutoff } : {}), ...(isFitted(present) ? { values: { labels } } : { ...(start ? { start } : {}) }) },
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
