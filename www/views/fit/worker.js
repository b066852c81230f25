/**
 * The engine's worker: one job at a time, fitted in resumable steps. Between two steps it yields
 * through a MessageChannel, so that every command is answered at once.
 */

import { Engine, library } from "../../../pkg/tds_inversion.js";
import { Loop } from "../../engine/loop.js";
import { isFatal, trouble } from "../../engine/trouble.js";

/** @typedef {import("../../engine/protocol.js").ToWorker} ToWorker */
/** @typedef {import("../../engine/protocol.js").FromWorker} FromWorker */
/** @typedef {import("../../engine/protocol.js").Frame} Frame */
/** @typedef {import("../../engine/protocol.js").Bands} Bands */

/** Number of data sets of the open job. */
let sets = 0;
/** χ²/n after each iteration, the start first. @type {number[]} */
let course = [];
/** Least time from one iteration to the next, ms. */
let pace = 0;

/** @type {Loop<ToWorker, FromWorker, Engine>} */
const loop = new Loop({
  started: () => loop.post({ type: "ready", library: library() }),
  messages: {
    open,
    close,
    save,
    pace: ({ milliseconds }) => {
      pace = milliseconds;
    },
  },
  commands: {
    play(engine) {
      loop.halt();
      if (engine.progress().termination) rewind(engine);
      loop.play();
    },
    pause(engine) {
      loop.halt();
      post(engine, engine.progress(), true);
    },
    step(engine) {
      loop.halt();
      if (engine.progress().termination) post(engine, engine.progress(), true);
      else advance(engine);
    },
    reset(engine) {
      loop.halt();
      rewind(engine);
      post(engine, engine.progress(), true);
    },
  },
  work(engine) {
    const start = performance.now();
    advance(engine);
    return pace - (performance.now() - start);
  },
});

/** One iteration. @param {Engine} engine */
function advance(engine) {
  const progress = engine.step();
  course.push(progress.chi2_reduced);
  if (progress.termination) loop.playing = false;
  // Where the fit stands still it is judged, which a step under way spares.
  post(engine, loop.playing ? progress : engine.progress(), !loop.playing);
}

/**
 * Shows where the fit is. While the page is still drawing only the numbers go, unless `complete`.
 * @param {Engine} engine @param {import("../../engine/protocol.js").Progress} progress @param {boolean} complete
 */
function post(engine, progress, complete) {
  const [frame, transfer] = picture(engine, progress, loop.shows(complete));
  loop.post({ type: "frame", run: loop.run, frame }, transfer);
}

/**
 * @param {Engine} engine @param {import("../../engine/protocol.js").Progress} progress @param {boolean} whole
 * @returns {[Frame, Transferable[]]}
 */
function picture(engine, progress, whole) {
  /** @type {Float64Array[] | null} */
  const models = whole ? Array.from({ length: sets }, (_, i) => engine.model(i)) : null;
  const bands = whole ? tryBands(engine, "current") : null;
  const suspects = progress.verdict ? Array.from({ length: sets }, (_, i) => engine.suspects(i)) : null;
  const frame = { progress, course: [...course], models, bands, suspects, playing: loop.playing };
  return [frame, (models ?? []).map((m) => m.buffer)];
}

/**
 * Dispersion is an extra: what cannot be drawn is left out.
 * @param {Engine} engine @param {unknown} spec @returns {Bands | null}
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
 * @param {import("../../engine/protocol.js").Open} message
 */
function show({ run, job, files }) {
  if (job.data.some(({ synthetic }) => synthetic)) return;
  const springs = { 1: 1.5, 2: 0.5, 3: 0.2 };
  const quick = {
    crystal: job.crystal,
    data: job.data.map(({ file }) => ({ file })),
    mask: job.mask ?? {},
    force_constants: { start: { springs } },
    model: { order: "one-phonon" },
  };
  /** @type {Engine | null} */
  let measured = null;
  try {
    const engine = new Engine(quick, files);
    measured = engine;
    const description = measured.describe();
    const columns = description.datasets.map((/** @type {unknown} */ _, /** @type {number} */ i) => engine.data(i));
    loop.post({ type: "measured", run, columns, description });
  } catch (error) {
    if (isFatal(error)) throw error;
  }
  measured?.free();
}

/** @param {import("../../engine/protocol.js").Open} message */
function open(message) {
  if (message.first) show(message);
  const next = loop.tried(message.run, () => new Engine(message.job, message.files));
  if (!next) return;
  loop.halt();
  loop.subject?.free();
  loop.subject = next;
  loop.run = message.run;
  const description = next.describe();
  sets = description.datasets.length;
  const columns = Array.from({ length: sets }, (_, i) => next.data(i));
  const progress = next.progress();
  course = [progress.chi2_reduced];
  loop.drawing = true;
  const [frame, transfer] = picture(next, progress, true);
  for (const c of columns) {
    transfer.push(c.h.buffer, c.k.buffer, c.l.buffer, c.intensity.buffer, c.used.buffer);
    if (c.sigma) transfer.push(c.sigma.buffer);
  }
  const start = tryBands(next, "start");
  const truth = message.job.reference ? tryBands(next, message.job.reference) : null;
  loop.post({ type: "opened", run: loop.run, job: next.job(), description, columns, start, truth, frame }, transfer);
}

/** @param {Engine} engine */
function rewind(engine) {
  engine.reset();
  course = [engine.progress().chi2_reduced];
}

/** @param {Engine} engine @param {import("../../engine/protocol.js").Saveable} what */
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

/** @param {import("../../engine/protocol.js").Save} message */
function save({ run: asked, what, ticket }) {
  const { subject: engine, run } = loop;
  try {
    if (!engine || asked !== run) throw new Error("the job is no more in force");
    loop.post({ type: "saved", run, ticket, value: saveable(engine, what) });
  } catch (error) {
    if (isFatal(error)) throw error;
    loop.post({ type: "unsaved", run, ticket, trouble: trouble(error) });
  }
}

function close() {
  loop.halt();
  loop.subject?.free();
  loop.subject = null;
  loop.post({ type: "closed" });
}
