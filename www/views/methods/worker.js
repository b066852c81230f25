/**
 * The worker of “Three methods”: fits prepared jobs one after the other, step by step, and yields
 * between the steps through a MessageChannel.
 */

import init, { Engine } from "../../../pkg/tds_inversion.js";
import { isFatal, trouble } from "../../engine/trouble.js";

/** @typedef {import("../../engine/protocol.js").ToContest} ToContest */
/** @typedef {import("../../engine/protocol.js").FromContest} FromContest */
/** @typedef {import("../../engine/protocol.js").Course} Course */

/** @typedef {{addEventListener: typeof self.addEventListener, postMessage: (message: FromContest, transfer?: Transferable[]) => void}} PageEnd */
const page = /** @type {PageEnd} */ (/** @type {unknown} */ (self));

let run = 0;
/** @type {import("../../engine/protocol.js").Prepared[]} */
let jobs = [];
/** @type {Course[]} */
let courses = [];
/** The run under way. @type {Engine | null} */
let engine = null;
let playing = false;
/** Goes up with every change of mind, so that a step under way comes to nothing. */
let ticket = 0;
/** True while the page has a picture to draw. */
let drawing = false;

const yielding = new MessageChannel();
yielding.port1.onmessage = (event) => guarded(() => tick(event.data));

/** One step of the first job that has not ended. @param {number} mine */
function tick(mine) {
  if (mine !== ticket) return;
  const index = courses.findIndex((course) => course.state !== "done");
  const [job, course] = [jobs[index], courses[index]];
  if (!job || !course) playing = false;
  else if (!engine) begin(job, course);
  else advance(engine, course);
  post(!playing);
  if (playing) yielding.port2.postMessage(ticket);
}

/** @param {import("../../engine/protocol.js").Prepared} prepared @param {Course} course */
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
  if (courses.every((c) => c.state === "done")) playing = false;
}

function halt() {
  playing = false;
  ticket += 1;
}

function rewind() {
  halt();
  engine?.free();
  engine = null;
  courses = jobs.map(() => ({ state: "waiting", ended: "", iterations: [], seconds: [], error: [] }));
}

/** @param {boolean} complete Also while the page is still drawing. */
function post(complete) {
  if (drawing && !complete) return;
  drawing = true;
  page.postMessage({ type: "contest", run, contest: { courses, playing } });
}

/** @param {() => void} action */
function guarded(action) {
  try {
    action();
  } catch (error) {
    halt();
    engine = null;
    page.postMessage({ type: "crashed", run, trouble: trouble(error) });
  }
}

/** @param {ToContest} message */
async function receive(message) {
  switch (message.type) {
    case "start":
      await init({ module_or_path: message.module });
      return;
    case "open":
      ({ run, jobs } = message);
      rewind();
      return post(true);
    case "drawn":
      drawing = false;
      return;
    case "play":
      halt();
      if (courses.every((course) => course.state === "done")) rewind();
      playing = true;
      yielding.port2.postMessage(ticket);
      return;
    case "pause":
      halt();
      return post(true);
    case "reset":
      rewind();
      return post(true);
  }
}

// One message after the other: the engine has to be there before it is asked.
let queue = Promise.resolve();
page.addEventListener("message", (event) => {
  const { data } = /** @type {MessageEvent<ToContest>} */ (event);
  queue = queue.then(() => receive(data)).catch((error) => {
    page.postMessage({ type: "crashed", run, trouble: trouble(error) });
  });
});
