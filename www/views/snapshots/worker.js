/**
 * The worker of “Atoms in motion”: draws snapshots in short stretches and yields between them
 * through a MessageChannel.
 */

import init, { Snapshots } from "../../../pkg/tds_inversion.js";
import { isFatal, trouble } from "../../engine/trouble.js";

/** @typedef {import("../../engine/protocol.js").ToSnapshots} ToSnapshots */
/** @typedef {import("../../engine/protocol.js").FromSnapshots} FromSnapshots */

/** @typedef {{addEventListener: typeof self.addEventListener, postMessage: (message: FromSnapshots, transfer?: Transferable[]) => void}} PageEnd */
const page = /** @type {PageEnd} */ (/** @type {unknown} */ (self));

/** Milliseconds of work between two looks at the messages. */
const STRETCH = 30;
/** The first snapshots come one by one, slowly enough to be seen. */
const SLOW = { count: 10, milliseconds: 160 };
/** Play runs to this many snapshots, and once there to ten times as many. */
const FIRST_GOAL = 1000;

/** @type {Snapshots | null} */
let snapshots = null;
let run = 0;
let playing = false;
let still = false;
let goal = FIRST_GOAL;
/** Goes up with every change of mind, so that a stretch under way comes to nothing. */
let ticket = 0;
/** True while the page has a picture to draw. */
let drawing = false;
let seconds = 0;
/** Milliseconds that one snapshot takes. */
let each = Infinity;
/** @type {{done: number[], error: number[]}} */
let course = { done: [], error: [] };

const yielding = new MessageChannel();
yielding.port1.onmessage = (event) => guarded(() => tick(event.data));

/** @param {number} mine */
function tick(mine) {
  if (mine !== ticket || !snapshots) return;
  const { done } = snapshots;
  const room = Math.min(nextPower(done), goal) - done;
  advance(snapshots, done < SLOW.count ? 1 : Math.max(1, Math.min(room, Math.floor(STRETCH / each))));
  if (snapshots.done >= goal) playing = false;
  post(snapshots, !playing);
  if (!playing) return;
  const next = ticket;
  if (snapshots.done <= SLOW.count && !still) setTimeout(() => guarded(() => tick(next)), SLOW.milliseconds);
  else yielding.port2.postMessage(next);
}

/** The power of ten above a number. @param {number} done */
function nextPower(done) {
  let power = 1;
  while (power <= done) power *= 10;
  return power;
}

/** @param {Snapshots} snapshots @param {number} count */
function advance(snapshots, count) {
  const start = performance.now();
  snapshots.advance(count);
  const took = performance.now() - start;
  seconds += took / 1000;
  each = took / count;
  const last = course.done[course.done.length - 1] ?? 0;
  // Evenly on a logarithmic axis.
  if (isPower(snapshots.done) || snapshots.done >= 1.05 * last) {
    course.done.push(snapshots.done);
    course.error.push(snapshots.error);
  }
}

/** @param {number} n */
const isPower = (n) => 10 * n === nextPower(n);

/**
 * Numbers always, the picture when the page has drawn the one before, and wherever it is to be kept.
 * @param {Snapshots} snapshots @param {boolean} complete
 */
function post(snapshots, complete) {
  const { done, error, expected_error: expected } = snapshots;
  const whole = complete || isPower(done) || (!drawing && !still);
  if (whole) drawing = true;
  const picture = whole ? { mean: snapshots.mean(), displacements: snapshots.displacements() } : null;
  const transfer = picture ? [picture.mean.buffer, picture.displacements.buffer] : [];
  const kept = { done: [...course.done], error: [...course.error] };
  page.postMessage(
    { type: "snapshot", run, snapshot: { done, error, expected, seconds, playing, course: kept, picture } },
    transfer,
  );
}

function halt() {
  playing = false;
  ticket += 1;
}

/** To the first snapshot. @param {Snapshots} snapshots */
function begin(snapshots) {
  halt();
  snapshots.reset();
  course = { done: [], error: [] };
  seconds = 0;
  goal = FIRST_GOAL;
  advance(snapshots, 1);
  post(snapshots, true);
}

/** @param {import("../../engine/protocol.js").OpenSnapshots} message */
function open(message) {
  halt();
  snapshots?.free();
  snapshots = null;
  run = message.run;
  let next;
  try {
    next = new Snapshots(message.job, message.files);
  } catch (error) {
    if (isFatal(error)) throw error;
    page.postMessage({ type: "refused", run, trouble: trouble(error) });
    return;
  }
  snapshots = next;
  const scene = next.scene();
  const { h, k, l, exact, places, layers, kinds, edges } = scene;
  page.postMessage(
    { type: "scene", run, scene },
    [h, k, l, exact, places, layers, kinds, edges].map((array) => array.buffer),
  );
  begin(next);
}

/** @param {Snapshots} snapshots @param {import("../../engine/protocol.js").PlaySnapshots | import("../../engine/protocol.js").CommandSnapshots} command */
function obey(snapshots, command) {
  switch (command.type) {
    case "play":
      halt();
      still = command.still;
      if (snapshots.done >= goal) goal *= 10;
      playing = true;
      drawing = false;
      yielding.port2.postMessage(ticket);
      break;
    case "pause":
      halt();
      post(snapshots, true);
      break;
    case "reset":
      begin(snapshots);
      break;
    case "drawn":
      drawing = false;
      break;
  }
}

/** @param {() => void} action */
function guarded(action) {
  try {
    action();
  } catch (error) {
    halt();
    page.postMessage({ type: "crashed", run, trouble: trouble(error) });
  }
}

/** @param {ToSnapshots} message */
async function receive(message) {
  if (message.type === "start") {
    await init({ module_or_path: message.module });
  } else if (message.type === "open") {
    guarded(() => open(message));
  } else {
    const owner = snapshots;
    if (owner && message.run === run) guarded(() => obey(owner, message));
  }
}

// One message after the other: the engine has to be there before it is asked.
let queue = Promise.resolve();
page.addEventListener("message", (event) => {
  const { data } = /** @type {MessageEvent<ToSnapshots>} */ (event);
  queue = queue.then(() => receive(data)).catch((error) => {
    page.postMessage({ type: "crashed", run, trouble: trouble(error) });
  });
});
