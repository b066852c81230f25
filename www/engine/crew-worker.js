/** A helper: takes the steps that its leader takes, and makes the pieces that the leader asks for. */

import { begin, drive, make } from "./crew.js";
import { scriptOf } from "./packages.js";

/** @typedef {import("../../pkg/tds_inversion.js").Engine} Engine */
/** @typedef {import("./crew.js").ToHelper} ToHelper */
/** @typedef {import("./crew.js").Part} Part */

/** That of the leader. @type {Awaited<ReturnType<typeof scriptOf>> | null} */
let api = null;
/** @type {Engine | null} */
let engine = null;
let task = 0;
/** The last task that was begun, and the last one of an earlier job. */
let begun = 0;
let forgotten = 0;
/** Tasks of this job that were given up; those before them may still have to be followed. @type {Set<number>} */
const abandoned = new Set();
const isWanted = () => task > forgotten && !abandoned.has(task);
/** Pieces to make, and pieces that others made, of this task or of one to come. @type {{task: number, serial: number, piece: number}[]} */
let orders = [];
/** @type {Part[]} */
let parts = [];
/** Told that there is something new to do. @type {() => void} */
let wake = () => {};
/** One thing after the other. @type {Promise<unknown>} */
let work = Promise.resolve();

/** @param {unknown} message @param {Transferable[]} [transfer] */
const tell = (message, transfer = []) => self.postMessage(message, { transfer });

/** Follows the task in hand to its end. @param {Engine} engine */
async function follow(engine) {
  const goesOn = isWanted;
  try {
    await drive(engine, goesOn, (serial) => sum(engine, serial, goesOn));
  } catch (error) {
    // The leader meets the same and says so.
    if (error instanceof WebAssembly.RuntimeError) throw error;
  }
  if (!goesOn()) engine.abandon();
}

/** @param {Engine} engine @param {number} serial @param {() => boolean} goesOn */
async function sum(engine, serial, goesOn) {
  while (goesOn()) {
    const known = parts.filter((part) => part.task === task && part.serial === serial);
    for (const part of known) engine.supply(serial, part.piece, part.values);
    parts = parts.filter((part) => part.task > task || (part.task === task && part.serial > serial));
    if (engine.is_complete()) return;
    orders = orders.filter((order) => order.task > task || (order.task === task && order.serial >= serial));
    const at = orders.findIndex((order) => order.task === task && order.serial === serial);
    const [order] = at < 0 ? [] : orders.splice(at, 1);
    if (!order) {
      await new Promise((resolve) => {
        wake = () => resolve(null);
      });
      continue;
    }
    const values = await make(engine, order.piece, goesOn);
    if (values) tell({ type: "part", ...order, values }, [values.buffer]);
  }
}

/**
 * A share of what is under a hand, at once: between two pieces of whatever is being made the engine stands where it stood.
 * @param {Extract<ToHelper, {type: "touch"}>} asked
 */
function shareOf({ hand, share, of, from }) {
  if (!engine || engine.fingerprint() !== from) return null;
  try {
    return engine.touch_share(hand, share, of);
  } catch (error) {
    // The leader meets the same and says so.
    if (error instanceof WebAssembly.RuntimeError) throw error;
    return null;
  }
}

/** @param {import("./crew.js").Package} given */
async function start({ name, module }) {
  api = await scriptOf(name);
  await api.default({ module_or_path: module });
}

/** Does something once all before it is done. @param {() => unknown} action */
function then(action) {
  work = work.then(action).catch(() => tell({ type: "died" }));
}

/** @param {ToHelper} message */
function receive(message) {
  switch (message.type) {
    case "start":
      then(() => start(message.package));
      break;
    case "open":
      forgotten = begun;
      abandoned.clear();
      begun += 1;
      wake();
      then(() => {
        task += 1;
        engine?.free();
        engine = null;
        try {
          engine = api?.Engine.opening(message.job, message.files) ?? null;
        } catch (error) {
          if (error instanceof WebAssembly.RuntimeError) throw error;
          return;
        }
        return engine && follow(engine);
      });
      break;
    case "begin":
      begun += 1;
      then(() => {
        task += 1;
        if (!engine || !isWanted()) return;
        // From anywhere else its pieces would be those of another sum.
        if (engine.fingerprint() !== message.from) throw new Error("not where the leader is");
        begin(engine, message.what);
        return follow(engine);
      });
      break;
    case "commit":
      then(() => engine?.commit());
      break;
    case "abandon":
      abandoned.add(message.task);
      wake();
      break;
    case "reset":
      then(() => engine?.reset());
      break;
    case "make":
      orders.push(...message.pieces.map((piece) => ({ task: message.task, serial: message.serial, piece })));
      wake();
      break;
    case "part":
      parts.push(message);
      wake();
      break;
    case "touch": {
      const values = shareOf(message);
      tell({ type: "share", touch: message.touch, share: message.share, values }, values ? [values.buffer] : []);
      break;
    }
  }
}

self.addEventListener("message", (event) => receive(/** @type {MessageEvent<ToHelper>} */ (event).data));
