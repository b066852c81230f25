/** The worker of “Three methods”: fits prepared jobs one after the other, step by step. */

import init, { Engine } from "../../../pkg/whole/tds_inversion.js";
import { Loop } from "../../engine/loop.js";
import { isFatal, trouble } from "../../engine/trouble.js";

/** @typedef {import("../../engine/protocol.js").ToContest} ToContest */
/** @typedef {import("../../engine/protocol.js").FromContest} FromContest */
/** @typedef {import("../../engine/protocol.js").Course} Course */
/** @typedef {import("../../engine/protocol.js").Prepared} Prepared */

/** @type {Course[]} */
let courses = [];
/** The run under way. @type {Engine | null} */
let engine = null;

/** @type {Loop<ToContest, FromContest, Prepared[]>} */
const loop = new Loop({
  init,
  messages: {
    open({ run, jobs }) {
      loop.run = run;
      loop.subject = jobs;
      rewind(jobs);
      post(true);
    },
  },
  commands: {
    play(jobs) {
      if (isOver()) rewind(jobs);
      loop.play();
    },
    pause() {
      loop.halt();
      post(true);
    },
    reset(jobs) {
      rewind(jobs);
      post(true);
    },
  },
  // One step of the first job that has not ended.
  work(jobs) {
    const index = courses.findIndex((course) => course.state !== "done");
    const [job, course] = [jobs[index], courses[index]];
    if (!job || !course) loop.playing = false;
    else if (!engine) begin(job, course);
    else advance(engine, course);
    post(!loop.playing);
    return 0;
  },
});

const isOver = () => courses.every((course) => course.state === "done");

/** @param {Prepared} prepared @param {Course} course */
function begin({ job, files }, course) {
  course.state = "running";
  try {
    engine = new Engine(job, files);
    note(course, engine.progress());
  } catch (error) {
    if (isFatal(error)) throw error;
    end(course, trouble(error).message);
  }
}

/** @param {Engine} engine @param {Course} course */
function advance(engine, course) {
  const progress = engine.step();
  note(course, progress);
  if (progress.termination) end(course, progress.termination);
}

/** @param {Course} course @param {import("../../engine/protocol.js").Progress} progress */
function note(course, { iteration, seconds, error }) {
  course.iterations.push(iteration);
  course.seconds.push(seconds);
  course.error.push(error ?? NaN);
}

/** @param {Course} course @param {string} why */
function end(course, why) {
  course.state = "done";
  course.ended = why;
  engine?.free();
  engine = null;
  if (isOver()) loop.playing = false;
}

/** @param {Prepared[]} jobs */
function rewind(jobs) {
  loop.halt();
  engine?.free();
  engine = null;
  courses = jobs.map(() => ({ state: "waiting", ended: "", iterations: [], seconds: [], error: [] }));
}

/** @param {boolean} complete Also while the page is still drawing. */
function post(complete) {
  const { run, playing } = loop;
  if (loop.shows(complete)) loop.post({ type: "contest", run, contest: { courses, playing } });
}
