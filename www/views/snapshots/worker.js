/**
 * The worker of “Atoms in motion”: draws snapshots, the first ones slowly and then in short
 * stretches.
 */

import init, { Snapshots } from "../../../pkg/whole/tds_inversion.js";
import { Loop } from "../../engine/loop.js";

/** @typedef {import("../../engine/protocol.js").ToSnapshots} ToSnapshots */
/** @typedef {import("../../engine/protocol.js").FromSnapshots} FromSnapshots */

/** Milliseconds of work between two looks at the messages. */
const STRETCH = 30;
/** The first snapshots come one by one, slowly enough to be seen. */
const SLOW = { count: 10, milliseconds: 160 };
/** Play runs to this many snapshots, and once there to ten times as many. */
const FIRST_GOAL = 1000;

let still = false;
let goal = FIRST_GOAL;
let seconds = 0;
/** Milliseconds that one snapshot takes. */
let each = Infinity;
/** @type {{done: number[], error: number[]}} */
let course = { done: [], error: [] };

/** @type {Loop<ToSnapshots, FromSnapshots, Snapshots>} */
const loop = new Loop({
  init,
  messages: { open },
  commands: {
    play(snapshots, message) {
      still = message.still;
      if (snapshots.done >= goal) goal *= 10;
      loop.drawing = false;
      loop.play();
    },
    pause(snapshots) {
      loop.halt();
      post(snapshots, true);
    },
    reset: begin,
  },
  work(snapshots) {
    const { done } = snapshots;
    const room = Math.min(nextPower(done), goal) - done;
    advance(snapshots, done < SLOW.count ? 1 : Math.max(1, Math.min(room, Math.floor(STRETCH / each))));
    if (snapshots.done >= goal) loop.playing = false;
    post(snapshots, !loop.playing);
    return snapshots.done <= SLOW.count && !still ? SLOW.milliseconds : 0;
  },
});

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
  const must = complete || isPower(done);
  const whole = (must || !still) && loop.shows(must);
  const picture = whole ? { mean: snapshots.mean(), displacements: snapshots.displacements() } : null;
  const transfer = picture ? [picture.mean.buffer, picture.displacements.buffer] : [];
  const kept = { done: [...course.done], error: [...course.error] };
  const { run, playing } = loop;
  loop.post(
    { type: "snapshot", run, snapshot: { done, error, expected, seconds, playing, course: kept, picture } },
    transfer,
  );
}

/** To the first snapshot. @param {Snapshots} snapshots */
function begin(snapshots) {
  loop.halt();
  snapshots.reset();
  course = { done: [], error: [] };
  seconds = 0;
  goal = FIRST_GOAL;
  advance(snapshots, 1);
  post(snapshots, true);
}

/** @param {import("../../engine/protocol.js").OpenSnapshots} message */
async function open(message) {
  loop.halt();
  loop.subject?.free();
  loop.subject = null;
  loop.run = message.run;
  const next = await loop.tried(message.run, () => new Snapshots(message.job, message.files));
  if (!next || loop.run !== message.run) return;
  loop.subject = next;
  const scene = next.scene();
  const { h, k, l, exact, places, layers, kinds, edges } = scene;
  loop.post(
    { type: "scene", run: message.run, scene },
    [h, k, l, exact, places, layers, kinds, edges].map((array) => array.buffer),
  );
  begin(next);
}
