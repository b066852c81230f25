/**
 * The engine's worker: one job at a time, fitted in steps that are made piece by piece, with helpers where
 * there are cores for them. Between two pieces it hears messages, so that every command is answered at once.
 */

import init, * as basic from "../../../pkg/tds_inversion.js";
import { Crew, begin } from "../../engine/crew.js";
import { Loop } from "../../engine/loop.js";
import { isWhole, scriptOf, wholePackage } from "../../engine/packages.js";
import { isFatal, trouble } from "../../engine/trouble.js";

/** @typedef {import("../../engine/protocol.js").ToWorker} ToWorker */
/** @typedef {import("../../engine/protocol.js").FromWorker} FromWorker */
/** @typedef {import("../../engine/protocol.js").Frame} Frame */
/** @typedef {import("../../engine/protocol.js").Bands} Bands */

/** @typedef {import("../../../pkg/tds_inversion.js").Engine} Engine */

/** Data are shown without a model if that is not there so many ms after them. */
const SOON = 150;
/** Helpers come so many ms after a job was to be opened: one that is in sight by then is there sooner without. */
const LONG = 1000;
/** How long a step under way may take to its end when something else is asked for, ms. */
const GRACE = 60;

/** Number of data sets of the open job. */
let sets = 0;
/** χ²/n after each iteration, the start first. @type {number[]} */
let course = [];
/** Least time from one iteration to the next, ms. */
let pace = 0;
/** Workers for one job, this one among them. */
let cores = 1;
/** The first package. @type {WebAssembly.Module | null} */
let module = null;
/** Those of the open job. @type {Crew | null} */
let crew = null;
/** What is being computed, and a promise of its end. @type {{ended: Promise<boolean>} | null} */
let busy = null;
/** The files of the open job without its data. @type {Record<string, Uint8Array>} */
let kept = {};
/** Where a job has no helpers. */
const ALONE = new Crew(null, 1);
/** Kept once all shares of what is under a hand are there. @type {Promise<unknown>} */
let touching = Promise.resolve();

/** @type {Loop<ToWorker, FromWorker, Engine>} */
const loop = new Loop({
  init: (options) => {
    module = options.module_or_path;
    return init(options);
  },
  started: () => loop.post({ type: "ready", library: basic.library() }),
  messages: {
    open,
    close,
    save,
    pace: ({ milliseconds }) => {
      pace = milliseconds;
    },
    cores: ({ count }) => {
      cores = count;
    },
  },
  commands: {
    async play(engine) {
      if (!(await still(engine))) return;
      if (engine.brief().termination) rewind(engine);
      loop.play();
    },
    async pause(engine) {
      if (!(await still(engine))) return;
      // What can be said at once; the verdict follows.
      post(engine, engine.brief(), false);
      await look(engine);
    },
    async step(engine) {
      if (!(await still(engine))) return;
      if (engine.brief().termination) post(engine, engine.progress(), true);
      else await advance(engine);
    },
    async place(engine, { values }) {
      if (!(await still(engine))) return;
      if (await compute(engine, values)) post(engine, engine.progress(), true);
    },
    async reset(engine) {
      if (!(await still(engine))) return;
      rewind(engine);
      await look(engine);
    },
  },
  async work(engine) {
    const start = performance.now();
    await advance(engine);
    return pace - (performance.now() - start);
  },
});

/** Goes up with every command: what an older one was about to do is not done any more. */
let wishes = 0;

/** Nothing is being computed any more. Says whether no newer command came meanwhile. @param {Engine} engine */
async function still(engine) {
  const mine = ++wishes;
  loop.halt();
  if (busy) await Promise.race([busy.ended, new Promise((resolve) => setTimeout(resolve, GRACE))]);
  if (mine !== wishes || loop.subject !== engine) return false;
  giveUp(engine);
  return true;
}

/** @param {Engine} engine */
function giveUp(engine) {
  if (!busy) return;
  busy = null;
  engine.abandon();
  crew?.abandon();
}

/**
 * Has the engine compute something and puts it in force, with one thing under way at a time. Says whether it
 * came to its end.
 * @param {Engine} engine @param {import("../../engine/crew.js").Beginning} what
 */
function compute(engine, what) {
  giveUp(engine);
  if (what !== "look") crew?.hire();
  crew?.begin(what, engine.fingerprint());
  begin(engine, what);
  return finished(engine, () => {
    engine.commit();
    crew?.commit();
    if (what !== "look" && what !== "picture") course.push(engine.brief().chi2_reduced);
  });
}

/** Tells the page what the engine is at, as often as that changes. @param {Engine} engine @param {number} run */
function telling(engine, run) {
  let told = "";
  return () => {
    const words = engine.doing();
    if (words === told) return;
    told = words;
    loop.post({ type: "doing", run, words });
  };
}

/**
 * Takes what the engine has begun to its end. Says whether it came there.
 * @param {Engine} engine @param {() => void} [done] What follows at once, before anybody else has the word.
 * @param {() => void} [tells] Called in between.
 */
function finished(engine, done = () => {}, tells = () => {}) {
  const task = { ended: /** @type {Promise<boolean>} */ (Promise.resolve(false)) };
  busy = task;
  const goesOn = () => {
    if (busy !== task) return false;
    tells();
    return true;
  };
  task.ended = (async () => {
    try {
      if (!(await (crew ?? ALONE).drive(engine, goesOn)) || !goesOn()) return false;
      done();
      return true;
    } finally {
      if (busy === task) busy = null;
    }
  })();
  return task.ended;
}

/** One iteration. @param {Engine} engine */
async function advance(engine) {
  const mine = wishes;
  if (!(await compute(engine, "step"))) return;
  const { termination } = engine.brief();
  if (termination) loop.playing = false;
  // A newer command shows where the fit stands.
  if (mine !== wishes) return;
  // Where it stands still it is judged, which a step under way spares.
  if (!loop.playing) return look(engine);
  if (!loop.drawing && !(await compute(engine, "picture"))) return;
  post(engine, engine.brief(), false);
}

/** Shows where the fit stands, judged. @param {Engine} engine */
async function look(engine) {
  // At the end of a fit all is known.
  if (!engine.brief().verdict && !(await compute(engine, "look"))) return;
  post(engine, engine.progress(), true);
}

/**
 * Shows where the fit is. While the page is still drawing only the numbers go, unless `complete`.
 * @param {Engine} engine @param {import("../../engine/protocol.js").Progress} progress @param {boolean} complete
 */
function post(engine, progress, complete) {
  const [frame, transfer] = picture(engine, progress, complete || (loop.playing && loop.shows(false)));
  if (complete) loop.shows(true);
  loop.post({ type: "frame", run: loop.run, frame }, transfer);
}

/**
 * @param {Engine} engine @param {import("../../engine/protocol.js").Progress} progress @param {boolean} whole
 * @returns {[Frame, Transferable[]]}
 */
function picture(engine, progress, whole) {
  /** @type {Float64Array[] | null} */
  const models = whole ? Array.from({ length: sets }, (_, i) => engine.model(i)) : null;
  const bands = whole ? tryBands(() => engine.bands("current")) : null;
  const suspects = progress.verdict ? Array.from({ length: sets }, (_, i) => engine.suspects(i)) : null;
  const frame = { progress, course: [...course], models, bands, suspects, playing: loop.playing };
  return [frame, (models ?? []).map((m) => m.buffer)];
}

/** Dispersion is an extra: what cannot be drawn is left out. @param {() => Bands} make @returns {Bands | null} */
function tryBands(make) {
  try {
    return make();
  } catch (error) {
    if (isFatal(error)) throw error;
    return null;
  }
}

/**
 * Has the page show what there is of a job while it is being opened: the data, and of a model with all orders one phonon.
 * @param {Engine} engine @param {number} run
 */
function showing(engine, run) {
  /** Data whose model may be there soon. @type {ReturnType<Engine["first_look"]>} */
  let waiting = null;
  let since = 0;
  const all = {
    shown: false,
    /** @param {boolean} [last] Nothing more will come. */
    look(last = false) {
      const seen = engine.first_look();
      if (seen) [waiting, since] = [seen, performance.now()];
      if (!waiting || !(last || waiting.models || performance.now() - since > SOON)) return;
      loop.post({ type: "measured", run, ...waiting });
      waiting = null;
      all.shown = true;
    },
  };
  return all;
}

/** Shows the data of a job that cannot be opened, if they can be read. @param {import("../../engine/protocol.js").Open} message @param {typeof basic} api */
function showData({ run, job, files }, api) {
  if (job.data.some(({ synthetic }) => synthetic)) return;
  const springs = { 1: 1.5, 2: 0.5, 3: 0.2 };
  /** @type {Engine | null} */
  let engine = null;
  try {
    engine = new api.Engine(
      {
        crystal: job.crystal,
        data: job.data.map(({ file, mask }) => ({ file, ...(mask ? { mask } : {}) })),
        mask: job.mask ?? {},
        force_constants: { start: { springs } },
        model: { order: "one-phonon" },
      },
      files,
    );
    const description = engine.describe();
    const columns = description.datasets.map((_, i) => /** @type {Engine} */ (engine).data(i));
    loop.post({ type: "measured", run, columns, description, models: null });
  } catch (error) {
    if (isFatal(error)) throw error;
  }
  engine?.free();
}

/**
 * Workers for a job. Every one would draw all the snapshots of sampled intensities for itself: there, one does it.
 * @param {import("../../engine/protocol.js").Open["job"]} job
 */
const workersFor = ({ model }) => (model?.order === "sampled" ? 1 : cores);

/**
 * The engine with a job, in the package that has what it needs.
 * @param {import("../../engine/protocol.js").Open} message @param {typeof basic} api
 * @param {import("../../engine/crew.js").Package | null} pack The same, as helpers take it. @returns {Promise<Engine>}
 */
async function opened(message, api, pack) {
  crew?.close();
  crew = null;
  // What an instrument may have added to a measurement is looked for by the package that has everything.
  if (api === basic && isMeasured(message.job)) return inWhole(message);
  /** @type {Engine | null} */
  let engine = null;
  /** @type {ReturnType<typeof showing> | null} */
  let seen = null;
  try {
    engine = api.Engine.opening(message.job, message.files);
    const own = new Crew(pack, workersFor(message.job));
    crew = own;
    setTimeout(() => own.hire(), LONG);
    own.open(message.job, message.files);
    if (message.first) seen = showing(engine, message.run);
    const says = telling(engine, message.run);
    const tells = () => {
      seen?.look();
      says();
    };
    if (!(await finished(engine, undefined, tells)) || !(await compute(engine, "look")))
      throw new Error("the job was given up");
    return engine;
  } catch (error) {
    if (isFatal(error)) throw error;
    seen?.look(true);
    // Nobody comes to help with what is refused.
    crew?.close();
    crew = null;
    engine?.free();
    const first = message.first && !seen?.shown;
    // The package that has everything is loaded when a job needs it, which may turn out after the data were shown.
    if (api === basic && trouble(error).code === "needs-whole") return inWhole({ ...message, first });
    // The data can be seen, though the job is refused.
    if (first) showData(message, api);
    throw error;
  }
}

/** Whether there are data that are not known to be ideal. @param {import("../../engine/protocol.js").Open["job"]} job */
const isMeasured = ({ data }) => data.some(({ file, ideal }) => file && ideal !== true);

/** @param {import("../../engine/protocol.js").Open} message @returns {Promise<Engine>} */
async function inWhole(message) {
  const { script, everything } = await whole();
  return opened(message, script, { name: "whole", module: everything });
}

/** The package that has everything, ready. */
async function whole() {
  const known = module && isWhole(module) ? module : wholePackage();
  const [script, everything] = await Promise.all([scriptOf("whole"), known]);
  await script.default({ module_or_path: everything });
  return { script, everything };
}

/** @param {import("../../engine/protocol.js").Open} message */
async function open(message) {
  const next = await loop.tried(message.run, () => opened(message, basic, module && { name: "basic", module }));
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
  const data = message.job.data.map(({ file }) => file);
  kept = Object.fromEntries(Object.entries(message.files).filter(([name]) => !data.includes(name)));
  const { start, truth } = reference(next);
  loop.post(
    {
      type: "opened",
      run: loop.run,
      job: /** @type {import("../../engine/protocol.js").Job} */ (next.job()),
      description,
      columns,
      disagreeing: columns.map((_, i) => next.disagreeing(i)),
      start,
      truth,
      frame,
    },
    transfer,
  );
}

/** The dispersion of what does not move. @param {Engine} engine */
function reference(engine) {
  return { start: tryBands(() => engine.bands("start")), truth: tryBands(() => engine.bands("reference")) };
}

/** @param {Engine} engine */
function rewind(engine) {
  engine.reset();
  crew?.reset();
  course = course.slice(0, 1);
}

/** What is under a hand, made by all workers. @param {Engine} engine @param {import("../../engine/protocol.js").Hand} hand */
async function touched(engine, hand) {
  const shares = (crew ?? ALONE).touch(engine, hand);
  touching = shares.catch(() => {});
  const all = await shares;
  if (loop.subject !== engine) throw new Error("the job is no more in force");
  return engine.touch(hand, all);
}

/** @param {Engine} engine @param {import("../../engine/protocol.js").Question} question */
function answer(engine, question) {
  if ("touch" in question) return touched(engine, question.touch);
  if ("bands" in question) {
    const values = new Float64Array(question.bands);
    return tryBands(() => engine.touched_bands(values));
  }
  if ("follow" in question) {
    const { labels, points } = question.follow;
    engine.follow(labels.join("\n"), Float64Array.from(points.flat()));
    return { ...reference(engine), current: tryBands(() => engine.bands("current")) };
  }
  if ("scattered" in question) return engine.scattered(question.scattered.set, question.scattered.row);
  if ("says" in question) return engine.row_says(question.says.set, question.says.row);
  if ("bent" in question) return ofPotential(engine).potential_curves(Float64Array.from(question.bent));
  if ("mixtures" in question) return engine.mixtures();
  const { constant, what } = question.knows;
  return Array.from({ length: sets }, (_, i) => engine.shares(i, constant, what));
}

/** @param {Engine} engine @param {import("../../engine/protocol.js").Saveable | import("../../engine/protocol.js").Question} what */
function saveable(engine, what) {
  if (typeof what === "object") return answer(engine, what);
  switch (what) {
    case "result":
      return engine.result();
    case "job":
      return engine.job();
    case "constants":
      return forOthers(engine);
    case "curves":
      return ofPotential(engine).potential_curves();
    case "potential":
      return ofPotential(engine).potential_files();
    case "choice":
      return choice();
    case "models":
      return Array.from({ length: sets }, (_, i) => engine.model(i));
  }
}

/** Long lists of numbers in an answer, which the engine made for it alone: they are handed over, not copied. @param {any} value @returns {Transferable[]} */
function listsOf(value) {
  const lists = Array.isArray(value) ? value : (value?.models ?? []);
  return lists.flatMap((/** @type {unknown} */ list) => (list instanceof Float64Array ? [list.buffer] : []));
}

/** An engine whose job has a potential is of the package that has everything. @param {Engine} engine */
const ofPotential = (engine) =>
  /** @type {import("../../../pkg/whole/tds_inversion.js").Engine} */ (/** @type {unknown} */ (engine));

/** The constants as other programs read them, which the package that has everything writes. @param {Engine} engine */
async function forOthers(engine) {
  const own = ofPotential(engine);
  if ("export_force_constants" in own) return own.export_force_constants();
  const values = Float64Array.from(engine.brief().values);
  const job = engine.job();
  const { script } = await whole();
  return /** @type {typeof import("../../../pkg/whole/tds_inversion.js")} */ (script).force_constants_of(
    job,
    kept,
    values,
  );
}

/** The potentials that there are to choose from. */
async function choice() {
  const { script } = await whole();
  return /** @type {typeof import("../../../pkg/whole/tds_inversion.js")} */ (script).potential_choice();
}

/** @param {import("../../engine/protocol.js").Save} message */
async function save({ run: asked, what, ticket }) {
  const { subject: engine, run } = loop;
  try {
    if (!engine || asked !== run) throw new Error("the job is no more in force");
    // The maps come first: while a share of theirs is awaited nothing else begins.
    if (typeof what === "object" && "bands" in what) {
      await touching;
      if (loop.subject !== engine) throw new Error("the job is no more in force");
    }
    const value = await saveable(engine, what);
    loop.post({ type: "saved", run, ticket, value }, listsOf(value));
  } catch (error) {
    if (isFatal(error)) throw error;
    loop.post({ type: "unsaved", run, ticket, trouble: trouble(error) });
  }
}

function close() {
  loop.halt();
  wishes += 1;
  busy = null;
  crew?.close();
  crew = null;
  loop.subject?.free();
  loop.subject = null;
  loop.post({ type: "closed" });
}
