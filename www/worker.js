/**
 * The engine's worker: one job at a time, fitted in resumable steps. Between two steps it yields
 * through a MessageChannel, so that every command is answered at once.
 */

import init, { Engine, library } from "../pkg/tds_inversion.js";
import { isFatal, trouble } from "./trouble.js";

/** @typedef {import("./protocol.js").ToWorker} ToWorker */
/** @typedef {import("./protocol.js").FromWorker} FromWorker */
/** @typedef {import("./protocol.js").Frame} Frame */
/** @typedef {import("./protocol.js").Bands} Bands */

/** @typedef {{addEventListener: typeof self.addEventListener, postMessage: (message: FromWorker, transfer?: Transferable[]) => void}} PageEnd */
const page = /** @type {PageEnd} */ (/** @type {unknown} */ (self));

/** @type {Engine | null} */
let engine = null;
let run = 0;
/** Number of data sets of the open job. */
let sets = 0;
/** χ²/n after each iteration, the start first. @type {number[]} */
let course = [];

let playing = false;
/** Goes up with every change of mind, so that a tick under way comes to nothing. */
let ticket = 0;
let pace = 0;
let lastStep = 0;
/** True while the page has a picture to draw. */
let drawing = false;

const yielding = new MessageChannel();
yielding.port1.onmessage = (event) => guarded(() => tick(event.data));

/** Does one iteration and arranges for the next. @param {number} mine */
function tick(mine) {
  if (mine !== ticket || !engine) return;
  lastStep = performance.now();
  advance(engine);
  if (playing) later();
}

function later() {
  const mine = ticket;
  const wait = pace - (performance.now() - lastStep);
  if (wait > 1) setTimeout(() => guarded(() => tick(mine)), wait);
  else yielding.port2.postMessage(mine);
}

/** One iteration. @param {Engine} engine */
function advance(engine) {
  const progress = engine.step();
  course.push(progress.chi2_reduced);
  if (progress.termination) playing = false;
  // Where the fit stands still it is judged, which a step under way spares.
  post(engine, playing ? progress : engine.progress(), !playing);
}

function halt() {
  playing = false;
  ticket += 1;
}

/**
 * Shows where the fit is. While the page is still drawing only the numbers go, unless `complete`.
 * @param {Engine} engine @param {import("./protocol.js").Progress} progress @param {boolean} complete
 */
function post(engine, progress, complete) {
  const whole = complete || !drawing;
  if (whole) drawing = true;
  const [frame, transfer] = picture(engine, progress, whole);
  page.postMessage({ type: "frame", run, frame }, transfer);
}

/**
 * @param {Engine} engine @param {import("./protocol.js").Progress} progress @param {boolean} whole
 * @returns {[Frame, Transferable[]]}
 */
function picture(engine, progress, whole) {
  /** @type {Float64Array[] | null} */
  const models = whole ? Array.from({ length: sets }, (_, i) => engine.model(i)) : null;
  const bands = whole ? tryBands(engine, "current") : null;
  const suspects = progress.verdict ? Array.from({ length: sets }, (_, i) => engine.suspects(i)) : null;
  const frame = { progress, course: [...course], models, bands, suspects, playing };
  return [frame, (models ?? []).map((m) => m.buffer)];
}

/**
 * Dispersion is an extra: what cannot be drawn is left out.
 * @param {Engine} engine @param {Parameters<Engine["bands"]>[0]} spec @returns {Bands | null}
 */
function tryBands(engine, spec) {
  try {
    return engine.bands(spec);
  } catch (error) {
    if (isFatal(error)) throw error;
    return null;
  }
}

/**
 * Shows the data before their model is calculated, which can take long: the same data with the model
 * that is there at once. Where that does not work, the picture comes with the model.
 * @param {import("./protocol.js").Open} message
 */
function show({ run, job, files }) {
  if (job.data.some(({ synthetic }) => synthetic)) return;
  const springs = { 1: 1.5, 2: 0.5, 3: 0.2 };
  /** @type {import("./protocol.js").WrittenJob} */
  const quick = {
    crystal: job.crystal, data: job.data.map(({ file }) => ({ file })), mask: job.mask ?? {},
    force_constants: { start: { springs } }, model: { order: "one-phonon" },
  };
  /** @type {Engine | null} */
  let measured = null;
  try {
    const engine = new Engine(quick, files);
    measured = engine;
    const description = measured.describe();
    const columns = description.datasets.map((/** @type {unknown} */ _, /** @type {number} */ i) => engine.data(i));
    page.postMessage({ type: "measured", run, columns, description });
  } catch (error) {
    if (isFatal(error)) throw error;
  }
  measured?.free();
}

/** @param {import("./protocol.js").Open} message */
function open(message) {
  if (message.first) show(message);
  let next;
  try {
    next = new Engine(message.job, message.files);
  } catch (error) {
    if (isFatal(error)) throw error;
    page.postMessage({ type: "refused", run: message.run, trouble: trouble(error) });
    return;
  }
  halt();
  engine?.free();
  engine = next;
  run = message.run;
  const description = next.describe();
  sets = description.datasets.length;
  const columns = Array.from({ length: sets }, (_, i) => next.data(i));
  const progress = next.progress();
  course = [progress.chi2_reduced];
  drawing = true;
  const [frame, transfer] = picture(next, progress, true);
  for (const c of columns) {
    transfer.push(c.h.buffer, c.k.buffer, c.l.buffer, c.intensity.buffer, c.used.buffer);
    if (c.sigma) transfer.push(c.sigma.buffer);
  }
  const start = tryBands(next, "start");
  const truth = message.job.reference ? tryBands(next, message.job.reference) : null;
  page.postMessage({ type: "opened", run, job: /** @type {import("./protocol.js").Job} */ (next.job()), description, columns, start, truth, frame }, transfer);
}

/** @param {Engine} engine @param {import("./protocol.js").Command["type"]} command */
function obey(engine, command) {
  switch (command) {
    case "play":
      halt();
      if (engine.progress().termination) rewind(engine);
      playing = true;
      lastStep = 0;
      later();
      break;
    case "pause":
      halt();
      post(engine, engine.progress(), true);
      break;
    case "step":
      halt();
      if (engine.progress().termination) post(engine, engine.progress(), true);
      else advance(engine);
      break;
    case "reset":
      halt();
      rewind(engine);
      post(engine, engine.progress(), true);
      break;
    case "drawn":
      drawing = false;
      break;
  }
}

/** @param {Engine} engine */
function rewind(engine) {
  engine.reset();
  course = [engine.progress().chi2_reduced];
}

/** @param {Engine} engine @param {import("./protocol.js").Saveable} what */
function saveable(engine, what) {
  switch (what) {
    case "result":
      return engine.result();
    case "job":
      return engine.job();
    case "constants":
      return engine.export_force_constants();
    case "models":
      return Array.from({ length: sets }, (_, i) => engine.model(i));
  }
}

/** Nothing that goes wrong in here passes in silence. @param {() => void} action */
function guarded(action) {
  try {
    action();
  } catch (error) {
    halt();
    if (isFatal(error)) engine = null;
    page.postMessage({ type: isFatal(error) ? "crashed" : "failed", run, trouble: trouble(error) });
  }
}

/** @param {import("./protocol.js").Save} message */
function save({ run: asked, what, ticket }) {
  try {
    if (!engine || asked !== run) throw new Error("the job is no more in force");
    page.postMessage({ type: "saved", run, ticket, value: saveable(engine, what) });
  } catch (error) {
    if (isFatal(error)) throw error;
    page.postMessage({ type: "unsaved", run, ticket, trouble: trouble(error) });
  }
}

function close() {
  halt();
  engine?.free();
  engine = null;
  page.postMessage({ type: "closed" });
}

/** @param {ToWorker} message */
function receive(message) {
  switch (message.type) {
    case "start":
      page.postMessage({ type: "ready", library: library() });
      break;
    case "open":
      open(message);
      break;
    case "pace":
      pace = message.milliseconds;
      break;
    case "close":
      close();
      break;
    case "save":
      save(message);
      break;
    default:
      if (engine && message.run === run) obey(engine, message.type);
  }
}

/** Kept once the engine is there; what comes earlier waits. @type {Promise<unknown>} */
let started = Promise.resolve();

page.addEventListener("message", (event) => {
  const { data } = /** @type {MessageEvent<ToWorker>} */ (event);
  if (data.type === "start") started = init({ module_or_path: data.module });
  started.then(() => guarded(() => receive(data))).catch((error) => {
    page.postMessage({ type: "crashed", run, trouble: trouble(error) });
  });
});
