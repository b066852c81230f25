/** Scene 1: from one snapshot of the atoms to a pattern, by the worker of “Atoms in motion”. */

import { Link } from "../../../engine/link.js";
import { wholePackage } from "../../../engine/packages.js";
import { look, wantsStillness } from "../../../draw/theme.js";
import { make } from "../../../page/dom.js";
import { drawAtoms } from "../../snapshots/atoms.js";
import { NICKEL } from "../jobs.js";
import { action, drawLines, filled, numbers, pictured, Planes } from "../kit.js";

/** @typedef {import("../../../engine/protocol.js").ToSnapshots} ToSnapshots */
/** @typedef {import("../../../engine/protocol.js").FromSnapshots} FromSnapshots */
/** @typedef {import("../../../engine/protocol.js").Snapshot} Snapshot */
/** @typedef {import("../../../engine/protocol.js").Crashed} Crashed */

const WORKER = new URL("../../snapshots/worker.js", import.meta.url);
/** Displacements are drawn so many times as large. */
const TIMES = 5;
/** The answer may be off by this factor. */
const NEAR = 2.2;

/** @param {import("../kit.js").Kit} kit @returns {import("../kit.js").Scene} */
export function create({ place, texts, say, fail }) {
  const atoms = pictured(texts.say("atoms"), "atoms");
  const mean = pictured(texts.say("mean"), "plane");
  const exact = pictured(texts.say("exact"), "plane");
  const chart = pictured(texts.say("chart"), "course");
  const seen = numbers([texts.say("count"), texts.say("error")]);
  const play = action(texts.say("play"), () => (snapshot?.playing ? send("pause") : run()), true);
  const reset = action(texts.say("reset"), () => send("reset"));
  place.append(
    filled(make("div", "", { class: "panels three" }), atoms.figure, mean.figure, exact.figure),
    filled(make("div", "", { class: "tools" }), play, reset, seen.list),
    chart.figure,
  );

  /** @type {Link<ToSnapshots, Exclude<FromSnapshots, Crashed>>} */
  const link = new Link(wholePackage(), WORKER, receive, ({ message }) => fail(message));
  /** @type {import("../../../engine/protocol.js").Scene | null} */
  let scene = null;
  /** @type {Planes | null} */
  let planes = null;
  /** @type {Snapshot | null} */
  let snapshot = null;
  /** The last that came with a picture. @type {Snapshot["picture"]} */
  let picture = null;
  const job = {
    ...NICKEL,
    model: { order: /** @type {const} */ ("sampled"), temperature: 298, supercell: [6, 6, 6] },
    data: [],
  };
  play.disabled = reset.disabled = true;
  link.send({
    type: "open",
    run: 1,
    job: /** @type {import("../../../engine/protocol.js").Job} */ (/** @type {unknown} */ (job)),
    files: {},
  });

  /** @param {"pause" | "reset" | "drawn"} type */
  function send(type) {
    link.send({ type, run: 1 });
  }

  function run() {
    link.send({ type: "play", run: 1, still: wantsStillness() });
  }

  /** @param {Exclude<FromSnapshots, import("../../../engine/protocol.js").Crashed>} message */
  function receive(message) {
    if (message.type === "scene") {
      scene = message.scene;
      const { h, k, l, exact: intensity } = scene;
      const used = new Uint8Array(h.length).fill(1);
      planes = new Planes({ h, k, l, intensity, sigma: null, used }, { crystal: CRYSTAL });
      play.disabled = reset.disabled = false;
    } else if (message.type === "snapshot") {
      const before = snapshot?.playing;
      snapshot = message.snapshot;
      picture = snapshot.picture ?? picture;
      draw();
      if (snapshot.picture && snapshot.playing) requestAnimationFrame(() => send("drawn"));
      const { done, error, playing } = snapshot;
      play.textContent = texts.say(playing ? "pause" : "play");
      if (!playing || !before) {
        say(playing ? texts.say("drawing") : texts.say("stands", { n: texts.number(done, 0), error: percent(error) }));
      }
    } else fail(message.trouble.message);
  }

  /** @param {number} part */
  const percent = (part) => `${texts.rough(100 * part)} %`;

  function draw() {
    if (!scene || !snapshot || !planes || !picture) return;
    const scale = planes.range(scene.exact);
    drawAtoms(atoms.canvas, scene, picture.displacements, TIMES, look());
    planes.draw(mean.canvas, picture.mean, scale);
    planes.draw(exact.canvas, scene.exact, scale);
    seen.show([texts.number(snapshot.done, 0), percent(snapshot.error)]);
    const { done, error } = snapshot.course;
    const end = Math.max(1000, snapshot.done);
    drawLines(
      chart.canvas,
      (theme) => [
        { x: [1, end], y: [1, 1 / Math.sqrt(end)], colour: theme.start, width: 1.5, dashed: true },
        { x: done, y: error, colour: theme.accent, width: 2 },
      ],
      true,
    );
  }

  return {
    asks: "number",
    check(answer) {
      const course = snapshot?.course;
      const at = (/** @type {number} */ n) => course?.error[course.done.findIndex((done) => done >= n)];
      const [few, many] = [at(10), at(1000)];
      if (!course || few === undefined || many === undefined) return { key: "early" };
      const goal = few / 10;
      // Where the course of this experiment came to a tenth, or comes to by its law.
      const last = course.done.length - 1;
      const found = course.error.findIndex((error, i) => (course.done[i] ?? 0) >= 10 && error <= goal);
      const needed =
        found >= 0 ? (course.done[found] ?? 0) : (course.done[last] ?? 0) * ((course.error[last] ?? 0) / goal) ** 2;
      const right = answer >= Math.min(1000, needed) / NEAR && answer <= Math.max(1000, needed) * NEAR;
      return { key: right ? "right" : "hint", values: { few: percent(few), many: percent(many) } };
    },
    redraw: draw,
    pause: () => {
      if (snapshot?.playing) send("pause");
    },
    end: () => {
      link.end();
      planes?.free();
    },
  };
}

/** What maps of the cubic crystal need to know of it. */
const CRYSTAL = /** @type {import("../../../engine/protocol.js").Description["crystal"]} */ (
  /** @type {unknown} */ ({
    primitive: [
      [0, 0.5, 0.5],
      [0.5, 0, 0.5],
      [0.5, 0.5, 0],
    ],
    reciprocal: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  })
);
