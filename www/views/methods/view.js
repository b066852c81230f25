/** The view “Three methods”: how fast three ways of fitting come to the same constants. */

import { draw_lines } from "../../../pkg/tds_inversion.js";
import { fitted } from "../../draw/charts.js";
import { ID, any, button, canvas, make } from "../../page/dom.js";
import { fetchExample } from "../../files/examples.js";
import { filesOf, parseJob } from "../../files/files.js";
import { Link } from "../../engine/link.js";
import { wholePackage } from "../../engine/packages.js";
import { count, sentence } from "../../page/messages.js";
import { brief, duration } from "../../page/numbers.js";
import { chartTheme } from "../../draw/theme.js";

/** @typedef {import("../../engine/protocol.js").ToContest} ToContest */
/** @typedef {import("../../engine/protocol.js").FromContest} FromContest */
/** @typedef {import("../../engine/protocol.js").Crashed} Crashed */
/** @typedef {import("../../engine/protocol.js").Course} Course */
/** @typedef {import("../registry.js").Parts} Parts */

const WORKER = new URL("./worker.js", import.meta.url);

/** The fastest first, so that there is something to see at once. Jobs lie beside the examples. */
const METHODS = [
  { title: "all orders + Gauss–Newton", file: "nickel/methods_gauss_newton.json", hue: 1 },
  { title: "all orders + L-BFGS", file: "nickel/methods_lbfgs.json", hue: 2 },
  { title: "sampled + Adam", file: "nickel/methods_sampled_adam.json", hue: 3 },
];

/** How a fit ended, in words. @type {Record<string, string>} */
const ENDED = {
  converged: "converged",
  "max-iterations": "at its limit",
  flat: "flat",
  stuck: "stuck",
};

/** More points than this are not seen on a chart. */
const MOST_POINTS = 400;

/** @param {Parts} parts */
export const create = (parts) => new MethodsView(parts);

class MethodsView {
  /** @type {Link<ToContest, FromContest>} */
  #link;
  #store;
  #run = 0;
  /** @type {import("../../engine/protocol.js").Contest | null} */
  #contest = null;
  /** Whether it ran when the view was left. */
  #resume = false;

  /** @param {Parts} parts */
  constructor({ store }) {
    this.#link = new Link(
      wholePackage(),
      WORKER,
      (m) => this.#receive(m),
      (t) => this.#died(t),
    );
    this.#store = store;
    button(ID.methodsPlay).addEventListener("click", () => this.#play());
    button(ID.methodsPause).addEventListener("click", () => this.#command("pause"));
    button(ID.methodsReset).addEventListener("click", () => this.#command("reset"));
    any(ID.methodsLegend).replaceChildren(
      ...METHODS.map(({ title, hue }) => make("li", title, { class: `hue-${hue}` })),
    );
    new ResizeObserver(() => this.redraw()).observe(canvas(ID.methodsChart));
  }

  async show() {
    if (!this.#contest) await this.#open();
    this.redraw();
    if (this.#resume) this.#play();
    this.#resume = false;
  }

  hide() {
    if (!this.#contest?.playing) return;
    this.#resume = true;
    this.#command("pause");
  }

  async refresh() {
    this.redraw();
  }

  async #open() {
    try {
      const jobs = await Promise.all(METHODS.map(({ file }) => prepared(file)));
      this.#run += 1;
      this.#link.send({ type: "open", run: this.#run, jobs });
    } catch (error) {
      this.#state("failed", sentence(error instanceof Error ? error.message : String(error)));
    }
  }

  #play() {
    this.#command("play");
    this.#state("running", "Running …");
  }

  /** @param {import("../../engine/protocol.js").CommandContest["type"]} type */
  #command(type) {
    this.#link.send({ type, run: this.#run });
  }

  /** @param {Exclude<FromContest, Crashed>} message */
  #receive(message) {
    if (message.type === "contest") {
      if (message.run === this.#run) this.#follow(message.contest);
    } else {
      this.#link.end();
      this.#died(message.trouble);
    }
  }

  /** @param {import("../../engine/protocol.js").Trouble} trouble */
  #died({ message }) {
    this.#contest = null;
    this.#state(
      "failed",
      `The calculation stopped unexpectedly (${message}). Leave this view and come back to try again.`,
    );
  }

  /** @param {import("../../engine/protocol.js").Contest} contest */
  #follow(contest) {
    this.#contest = contest;
    for (const id of [ID.methodsPlay, ID.methodsPause, ID.methodsReset]) button(id).disabled = false;
    const { courses, playing } = contest;
    const at = courses.findIndex((course) => course.state === "running");
    const name = METHODS[at]?.title ?? "";
    if (courses.every((course) => course.state === "done")) this.#state("stopped", summary(courses));
    else if (playing) this.#state("running", `Running: ${name} …`);
    else if (at >= 0)
      this.#state("stopped", `Paused at ${name}. Play continues from here, Reset goes back to the start.`);
    else this.#state("ready", "Ready. Press Play to run the three fits, one after the other.");
    this.redraw();
    requestAnimationFrame(() => this.#command("drawn"));
  }

  /** @param {"loading" | "ready" | "running" | "stopped" | "failed"} state @param {string} words */
  #state(state, words) {
    any(ID.methods).dataset.state = state;
    const line = any(ID.methodsStatus);
    if (line.textContent !== words) line.textContent = words;
  }

  redraw() {
    const courses = this.#contest?.courses ?? [];
    this.#drawTable(courses);
    this.#drawChart(courses);
  }

  /** @param {Course[]} courses */
  #drawTable(courses) {
    any(ID.methodsBody).replaceChildren(
      ...METHODS.map(({ title, hue }, i) => {
        const course = courses[i];
        const last = (/** @type {number[] | undefined} */ list) => list?.[list.length - 1];
        const [error, iteration, seconds] = [last(course?.error), last(course?.iterations), last(course?.seconds)];
        const row = make("tr");
        row.append(
          make("th", title, { scope: "row", class: `hue-${hue}` }),
          make("td", error === undefined ? "–" : brief(Number(error.toPrecision(3))), { class: "number" }),
          make("td", iteration === undefined ? "–" : count(iteration), { class: "number" }),
          make("td", seconds === undefined ? "–" : seconds.toFixed(seconds < 10 ? 2 : 1), { class: "number" }),
          make("td", this.#stateOf(course), { class: "number roomy" }),
        );
        return row;
      }),
    );
  }

  /** @param {Course | undefined} course */
  #stateOf(course) {
    if (course?.state === "done") return ENDED[course.ended] ?? course.ended;
    if (course?.state === "running") return this.#contest?.playing ? "running" : "paused";
    return "waiting";
  }

  /** @param {Course[]} courses */
  #drawChart(courses) {
    const begun = courses.some((course) => course.error.length > 1);
    any(ID.methodsWaiting).hidden = begun;
    canvas(ID.methodsChart).hidden = !begun;
    if (!begun || canvas(ID.methodsChart).clientWidth === 0) return;
    const against = this.#store.settings.against === "seconds" ? "seconds" : "iterations";
    any(ID.methodsUnit).textContent = against;
    const theme = chartTheme();
    const lines = courses.map((course, i) => {
      const step = Math.ceil(course.error.length / MOST_POINTS);
      const kept = (/** @type {number[]} */ list) => list.filter((_, n) => n % step === 0 || n === list.length - 1);
      const hue = theme.hues[(METHODS[i]?.hue ?? 1) - 1] ?? theme.accent;
      return {
        x: kept(course[against]),
        y: kept(course.error),
        colour: hue,
        width: 2,
        dots: course.error.length <= 20,
      };
    });
    const ends = lines.flatMap(({ x }) => x.filter((v) => v > 0));
    const [from, to] = ends.length > 0 ? [Math.min(...ends), Math.max(...ends)] : [1, 100];
    const start = courses.find((course) => course.error.length > 0)?.error[0] ?? 0.1;
    const target = fitted(ID.methodsChart);
    draw_lines(
      target,
      [{ x: [from, to], y: [start, start], colour: theme.start, width: 1, dashed: true }, ...lines],
      true,
      theme,
    );
    const words = METHODS.map(({ title }, i) => {
      const error = courses[i]?.error;
      return `${title} ${error && error.length > 0 ? brief(error[error.length - 1] ?? NaN) : "not yet run"}`;
    });
    target.setAttribute("aria-label", `Error of the constants in eV/Å² by ${against}: ${words.join(", ")}`);
  }
}

/** A job and the files that it names. @param {string} file @returns {Promise<import("../../engine/protocol.js").Prepared>} */
async function prepared(file) {
  const job = parseJob({ name: file, bytes: await fetchExample(file), kind: "job" });
  const folder = file.slice(0, file.lastIndexOf("/") + 1);
  const names = [...filesOf(job)];
  const contents = await Promise.all(names.map((name) => fetchExample(folder + name)));
  return { job, files: Object.fromEntries(names.map((name, i) => [name, contents[i] ?? new Uint8Array()])) };
}

/** What came out, in one sentence. @param {Course[]} courses */
function summary(courses) {
  const parts = courses.map(({ error, seconds }, i) => {
    const [e, s] = [error[error.length - 1] ?? NaN, seconds[seconds.length - 1] ?? NaN];
    return `${METHODS[i]?.title} ${brief(Number(e.toPrecision(2)))} eV/Å² in ${duration(s)}`;
  });
  return `Done: ${parts.join("; ")}.`;
}
