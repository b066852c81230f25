/**
 * The worker that reads volumes. Files stay where they are: only the parts that are asked for are read, in
 * stretches between which the page is heard.
 */

import init, { Reader, canonical } from "../../pkg/readers/tds_inversion.js";
import { Loop } from "../engine/loop.js";
import { trouble } from "../engine/trouble.js";
import { Blocks } from "./blocks-worker.js";

/** @typedef {import("./protocol.js").ToReader} ToReader */
/** @typedef {import("./protocol.js").FromReader} FromReader */

/** Milliseconds of reading between two looks at the messages. */
const STRETCH = 30;

/** @type {Loop<ToReader, FromReader, Reader>} */
const loop = new Loop({
  init,
  messages: {
    open({ run, files }) {
      loop.halt();
      loop.subject?.free();
      loop.subject = null;
      return answered(run, () => {
        const reader = Reader.open(...parts(files));
        loop.subject = reader;
        return found(reader);
      });
    },
    masks({ run, files }) {
      return answered(run, () => opened().masks(...parts(files)));
    },
    hide({ run, bits }) {
      return answered(run, () => opened().hide(bits));
    },
    async load({ run, options }) {
      loop.halt();
      loop.run = run;
      const begun = await loop.tried(run, () => {
        opened().load(options);
        return true;
      });
      if (begun) loop.play();
    },
    translate({ run, name, bytes, others }) {
      return answered(run, () => {
        const file = canonical(name, bytes, others);
        const translated = { bytes: file.bytes, notes: file.notes };
        file.free();
        return translated;
      });
    },
    slices({ run, at }) {
      return answered(run, () => at.map(({ axis, value }) => opened().slice(axis, value, 0)));
    },
    oblique({ run, plane, width, height }) {
      return answered(run, () => opened().oblique(plane, width, height));
    },
    points({ run }) {
      return answered(run, () => {
        const reader = opened();
        // The whole file is read for this: who waits is told.
        for (let part = 0; part < 1; ) {
          part = reader.fingerprint(STRETCH);
          loop.post({ type: "progress", run, part });
        }
        return reader.points();
      });
    },
  },
  commands: {},
  async work(reader) {
    const { run } = loop;
    const part = await loop.tried(run, () => reader.advance(STRETCH));
    if (part !== null && part < 1) loop.post({ type: "progress", run, part });
    else {
      loop.halt();
      if (part !== null) await answered(run, () => reader.summary());
    }
    return 0;
  },
});

/**
 * Names and sizes of files, and how to read them. @param {import("./protocol.js").Part[]} files
 * @returns {[{name: string, size: number}[], (file: number, offset: number, length: number) => Uint8Array]}
 */
function parts(files) {
  const blocks = new Blocks(files.map(({ file }) => file));
  return [
    files.map(({ name, file }) => ({ name, size: file.size })),
    (number, offset, length) => blocks.read(number, offset, length),
  ];
}

/** @param {Reader} reader @returns {import("./protocol.js").Found} */
function found(reader) {
  try {
    return { summary: reader.summary(), missing: null, trouble: null };
  } catch (error) {
    return { summary: null, missing: reader.missing() ?? null, trouble: trouble(error) };
  }
}

function opened() {
  if (!loop.subject) throw new Error("no file is open");
  return loop.subject;
}

/** Answers a question, or says why not. @param {number} run @param {() => unknown} make */
async function answered(run, make) {
  const value = await loop.tried(run, () => ({ made: make() }));
  if (value) loop.post({ type: "answer", run, value: value.made });
}
