/**
 * Several workers at one job. Each has an engine of its own with the same job and takes the same steps, so that
 * a piece of a sum that one of them made serves all: the result is the same to the last bit however many they
 * are. The leader hands out the pieces and makes its share; a helper that is late or dies costs time, no more.
 */

/** @typedef {import("../../pkg/tds_inversion.js").Engine} Engine */
/** @typedef {import("./protocol.js").Job} Job */
/**
 * The leader's package: helpers run the same, or their pieces would be those of another program.
 * @typedef {{name: import("./packages.js").Name, module: WebAssembly.Module}} Package
 */
/** What is begun: an iteration, a picture, a judged picture, or all of that at constants to go on from. @typedef {"step" | "picture" | "look" | number[]} Beginning */
/** @typedef {{type: "part", task: number, serial: number, piece: number, values: Float64Array}} Part */
/** @typedef {import("./protocol.js").Hand} Hand */
/** A share of what is under a hand; null where the helper stands elsewhere. @typedef {{type: "share", touch: number, share: number, values: Float64Array | null}} Share */
/**
 * From the leader. Tasks and sums are counted alike by all.
 * @typedef {{type: "start", package: Package} | {type: "open", job: Job, files: Record<string, Uint8Array>}
 *   | {type: "begin", what: Beginning, from: number} | {type: "commit"} | {type: "abandon", task: number} | {type: "reset"}
 *   | {type: "make", task: number, serial: number, pieces: number[]} | Part
 *   | {type: "touch", touch: number, hand: Hand, share: number, of: number, from: number}} ToHelper
 */

/** Pieces that a helper has before it at a time: the next one is there when it is done with one. */
const AHEAD = 2;
/** How long the leader waits for the last pieces of others before it makes them itself, ms. */
const PATIENCE = 60;
/** A touch that takes one worker less is not worth the messages, ms. */
const WORTH_SHARING = 3;

/** What is computed rests far more often than anybody speaks: messages are heard after so many milliseconds. */
const DEAF = 4;

const turns = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
turns.port1.onmessage = () => {
  heard = performance.now();
  waiting.shift()?.();
};
/** When messages were heard last. */
let heard = 0;

/** Lets messages be heard. @returns {Promise<void>} */
export function breath() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    turns.port2.postMessage(0);
  });
}

/**
 * Takes what an engine has begun to its end. Says whether it came there.
 * @param {Engine} engine @param {() => boolean} goesOn @param {(serial: number, pieces: number) => Promise<void>} sum Has the pieces made.
 */
export async function drive(engine, goesOn, sum) {
  for (;;) {
    const standing = engine.advance();
    if (standing === "done") return true;
    if (standing === "sum") {
      const [serial = 0, pieces = 0] = engine.sum();
      await sum(serial, pieces);
    } else if (performance.now() - heard > DEAF) await breath();
    if (!goesOn()) return false;
  }
}

/** Makes one piece, resting in between. @param {Engine} engine @param {number} piece @param {() => boolean} goesOn */
export async function make(engine, piece, goesOn) {
  for (;;) {
    const values = engine.make(piece);
    if (values) return values;
    if (performance.now() - heard > DEAF) await breath();
    if (!goesOn()) return null;
  }
}

/** @param {Engine} engine @param {Beginning} what */
export function begin(engine, what) {
  if (typeof what === "string") engine.begin(what);
  else engine.begin_at(new Float64Array(what));
}

/** One helper as the leader knows it, with the pieces of this sum that it has before it. @typedef {{worker: Worker, given: number[], done: number}} Helper */

export class Crew {
  /** @type {Helper[]} */
  #helpers = [];
  #pack;
  #wanted;
  /** What helpers have to be told that come later; null once they are here. @type {ToHelper[] | null} */
  #untold = [];
  /** Tasks begun so far. */
  #task = 0;
  /** The sum in which pieces are being made. @type {{engine: Engine, serial: number, queues: number[][]} | null} */
  #sum = null;
  /** Told of every piece that comes. @type {() => void} */
  #arrived = () => {};
  /** Touches so far, and how long the last one would take one worker, ms. */
  #touches = { count: 0, alone: Infinity };
  /** Told of every share of the last touch. @type {(share: Share) => void} */
  #shared = () => {};

  /** @param {Package | null} pack Without it there are no helpers. @param {number} size Workers, the leader among them. */
  constructor(pack, size) {
    this.#pack = pack;
    this.#wanted = pack ? size - 1 : 0;
    if (this.#wanted < 1) this.#untold = null;
  }

  /** Has helpers come, who follow with what was made before them. What is done soon is done sooner without. */
  hire() {
    const untold = this.#untold ?? [];
    this.#untold = null;
    for (; this.#pack && this.#wanted > 0; this.#wanted--) {
      try {
        this.#hire(this.#pack);
      } catch {
        // Where workers cannot have workers of their own, this one does it all.
        this.#wanted = 0;
        return;
      }
      for (const message of untold) this.#helpers.at(-1)?.worker.postMessage(message);
    }
  }

  /** Workers, the leader among them. */
  get size() {
    return this.#helpers.length + 1;
  }

  /** @param {Package} pack */
  #hire(pack) {
    const worker = new Worker(new URL("./crew-worker.js", import.meta.url), { type: "module", name: "helper" });
    const helper = { worker, given: [], done: 0 };
    worker.addEventListener("message", ({ data }) => {
      if (data.type === "part") this.#take(helper, data);
      else if (data.type === "share") this.#shared(data);
      else this.#dismiss(helper);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#dismiss(helper);
    });
    worker.postMessage({ type: "start", package: pack });
    this.#helpers.push(helper);
  }

  /** @param {Helper} helper */
  #dismiss(helper) {
    helper.worker.terminate();
    const at = this.#helpers.indexOf(helper);
    if (at < 0) return;
    this.#helpers.splice(at, 1);
    // What it had before it is left for the others.
    const [left = []] = this.#sum?.queues.splice(at + 1, 1) ?? [];
    this.#sum?.queues[0]?.push(...left);
    this.#arrived();
  }

  /** @param {ToHelper} message */
  #tell(message) {
    this.#untold?.push(message);
    for (const { worker } of this.#helpers) worker.postMessage(message);
  }

  /** A piece for all but the one who made it; the last of them gets it without a copy. @param {Part} part @param {Helper | null} maker */
  #pass(part, maker) {
    if (this.#untold) {
      this.#untold.push(part);
      return;
    }
    const others = this.#helpers.filter((helper) => helper !== maker);
    for (const [i, { worker }] of others.entries()) {
      worker.postMessage(part, i === others.length - 1 ? [part.values.buffer] : []);
    }
  }

  /** The engine opens this job. @param {Job} job @param {Record<string, Uint8Array>} files */
  open(job, files) {
    this.#task += 1;
    this.#tell({ type: "open", job, files });
  }

  /** The engine begins this. @param {Beginning} what @param {number} from The fingerprint of where it stands. */
  begin(what, from) {
    this.#task += 1;
    this.#tell({ type: "begin", what, from });
  }

  /** What was begun is done and in force. */
  commit() {
    this.#tell({ type: "commit" });
  }

  /** What was begun last is given up. */
  abandon() {
    this.#tell({ type: "abandon", task: this.#task });
  }

  reset() {
    this.#tell({ type: "reset" });
  }

  /** Lets all helpers go. */
  close() {
    this.#sum = null;
    [this.#untold, this.#wanted] = [null, 0];
    for (const { worker } of this.#helpers.splice(0)) worker.terminate();
  }

  /**
   * What takes long of a touch, each worker making a share of it. What a helper does not have in time is made here.
   * @param {Engine} engine @param {Hand} hand @returns {Promise<Float64Array[]>}
   */
  async touch(engine, hand) {
    const n = this.#touches.alone < WORTH_SHARING ? 1 : this.size;
    const touch = ++this.#touches.count;
    /** @type {(Float64Array | null)[]} */
    const shares = new Array(n).fill(null);
    const all = new Promise((resolve) => {
      let missing = n - 1;
      this.#shared = (share) => {
        if (share.touch !== touch) return;
        shares[share.share] = share.values;
        missing -= 1;
        if (missing === 0) resolve(null);
      };
      if (missing === 0) resolve(null);
    });
    const from = engine.fingerprint();
    for (const [i, { worker }] of this.#helpers.slice(0, n - 1).entries()) {
      worker.postMessage({ type: "touch", touch, hand, share: i + 1, of: n, from });
    }
    const start = performance.now();
    shares[0] = engine.touch_share(hand, 0, n);
    const own = performance.now() - start;
    this.#touches.alone = own * n;
    if (n > 1) await Promise.race([all, new Promise((resolve) => setTimeout(resolve, own + PATIENCE))]);
    this.#shared = () => {};
    return shares.map((share, i) => share ?? engine.touch_share(hand, i, n));
  }

  /** Takes what the engine has begun to its end. @param {Engine} engine @param {() => boolean} goesOn */
  drive(engine, goesOn) {
    return drive(engine, goesOn, (serial, pieces) => this.#make(engine, serial, pieces, goesOn));
  }

  /** @param {Engine} engine @param {number} serial @param {number} pieces @param {() => boolean} goesOn */
  async #make(engine, serial, pieces, goesOn) {
    const n = this.size;
    // Neighbouring pieces go to one worker, the same ones each time: it may have kept tables for them.
    const queues = Array.from({ length: n }, (_, w) => {
      const [from, to] = [Math.floor((w * pieces) / n), Math.floor(((w + 1) * pieces) / n)];
      return Array.from({ length: to - from }, (_, i) => from + i);
    });
    const sum = { engine, serial, queues };
    this.#sum = sum;
    for (const helper of this.#helpers) {
      [helper.given, helper.done] = [[], 0];
      this.#give(helper);
    }
    // What goes on no more may have been freed: it is asked first.
    while (goesOn() && !engine.is_complete()) {
      const piece = this.#next(queues);
      if (piece === undefined) {
        if (!(await this.#others()) && goesOn()) {
          for (let i = 0; i < pieces; i++) if (!engine.has(i)) queues[0]?.push(i);
        }
        continue;
      }
      if (!engine.has(piece)) {
        const values = await make(engine, piece, goesOn);
        if (values) this.#pass({ type: "part", task: this.#task, serial, piece, values }, null);
      }
      await breath();
    }
    if (this.#sum === sum) this.#sum = null;
  }

  /**
   * The next piece for the leader: of its own share, then from the end of the longest other one, then what lies
   * before helpers that have not come to this sum yet.
   * @param {number[][]} queues
   */
  #next(queues) {
    const own = queues[0]?.shift();
    if (own !== undefined) return own;
    const longest = queues.reduce((a, b) => (b.length > a.length ? b : a), []);
    return longest.pop() ?? this.#helpers.find(({ done, given }) => done === 0 && given.length > 0)?.given.shift();
  }

  /** Waits for a piece that others have before them. Says whether one came in time. @returns {Promise<boolean>} */
  #others() {
    return Promise.race([
      new Promise((resolve) => {
        this.#arrived = () => resolve(true);
      }),
      new Promise((resolve) => setTimeout(() => resolve(false), PATIENCE)),
    ]);
  }

  /** @param {Helper} helper */
  #give(helper) {
    if (!this.#sum) return;
    const { queues, serial, engine } = this.#sum;
    const queue = queues[this.#helpers.indexOf(helper) + 1] ?? [];
    /** @type {number[]} */
    const pieces = [];
    while (helper.given.length + pieces.length < AHEAD) {
      const piece = queue.shift() ?? queues.reduce((a, b) => (b.length > a.length ? b : a), []).pop();
      if (piece === undefined) break;
      if (!engine.has(piece)) pieces.push(piece);
    }
    helper.given.push(...pieces);
    if (pieces.length > 0) helper.worker.postMessage({ type: "make", task: this.#task, serial, pieces });
  }

  /** @param {Helper} helper @param {Part} part */
  #take(helper, part) {
    if (!this.#sum || part.task !== this.#task || part.serial !== this.#sum.serial) return;
    this.#sum.engine.supply(part.serial, part.piece, part.values);
    this.#pass(part, helper);
    helper.done += 1;
    helper.given = helper.given.filter((piece) => piece !== part.piece);
    this.#give(helper);
    this.#arrived();
  }
}
