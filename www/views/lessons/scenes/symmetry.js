/** Scene 2: bonds that symmetry makes copies of each other, and how many numbers are left, by the worker of “Crystal”. */

import { Link } from "../../../engine/link.js";
import { wholePackage } from "../../../engine/packages.js";
import { look } from "../../../draw/theme.js";
import { make } from "../../../page/dom.js";
import { Camera } from "../../crystal/camera.js";
import { mix, rgb } from "../../crystal/colours.js";
import { Painter } from "../../crystal/painter.js";
import { Bench } from "../bench.js";
import { Chance } from "../chance.js";
import { A } from "../jobs.js";
import { choice, numbers, pictured } from "../kit.js";

/** @typedef {import("../../../engine/protocol.js").ToCrystal} ToCrystal */
/** @typedef {import("../../../engine/protocol.js").FromCrystal} FromCrystal */
/** @typedef {import("../../../engine/protocol.js").Job} Job */
/** @typedef {import("../../../engine/protocol.js").PhononsReport["shells"][number]} Kind */

const WORKER = new URL("../../crystal/worker.js", import.meta.url);
/** Atoms of the box whose numbers are counted without symmetry. */
const BOX = 1000;
/** Å: forces reach to the fifth shell of nickel, also where it is stretched, and not to the sixth. */
const CUTOFF = 5.9;
/** eV/Å²: by how much constants differ from those of plain springs. */
const APART = 0.01;
/** Å: what the question calls a nearest neighbour. */
const NEAR = 2.7;
/** Cells of the piece that is drawn. */
const CELLS = /** @type {[number, number, number]} */ ([2, 2, 2]);
/** Pixels that a pointer may move in a click. */
const STILL = 6;

/** c in Å and the atoms of the cell. @type {Record<string, {c: number, atoms: [string, number][]}>} */
const CRYSTALS = {
  cubic: { c: A, atoms: [["Ni", 4]] },
  stretched: { c: 1.05 * A, atoms: [["Ni", 4]] },
  mixed: {
    c: A,
    atoms: [
      ["Al", 1],
      ["Ni", 3],
    ],
  },
};

/** A cell as a file. @param {string} name */
function poscar(name) {
  const { c, atoms } = CRYSTALS[name] ?? { c: A, atoms: [] };
  const axes = [`${A} 0 0`, `0 ${A} 0`, `0 0 ${c}`];
  const lines = [name, "1.0", ...axes, atoms.map(([element]) => element).join(" "), atoms.map(([, n]) => n).join(" ")];
  return new TextEncoder().encode([...lines, "Direct", "0 0 0", "0 0.5 0.5", "0.5 0 0.5", "0.5 0.5 0", ""].join("\n"));
}

/** @param {import("../kit.js").Kit} kit @returns {import("../kit.js").Scene} */
export function create({ place, texts, say, fail }) {
  const crystal = choice(
    texts.say("crystal"),
    ["cubic", "stretched", "mixed"].map((name) => [name, texts.say(name)]),
    open,
  );
  const kinds = make("div");
  const picture = pictured(texts.say("picture"), "solid");
  const seen = numbers([texts.say("without"), texts.say("kinds"), texts.say("with")]);
  picture.canvas.setAttribute("tabindex", "0");
  picture.canvas.setAttribute("role", "application");
  place.append(crystal.box, picture.figure, kinds, seen.list);

  const camera = new Camera(picture.canvas, ask);
  const painter = new Painter(picture.canvas, camera);
  const bench = new Bench(fail);
  /** @type {Link<ToCrystal, Exclude<FromCrystal, import("../../../engine/protocol.js").Crashed>>} */
  const link = new Link(wholePackage(), WORKER, receive, ({ message }) => fail(message));
  let run = 0;
  let name = "cubic";
  /** @type {import("../../../engine/protocol.js").PhononsReport | null} */
  let report = null;
  /** @type {import("../../../engine/protocol.js").Piece | null} */
  let piece = null;
  let chosen = 0;
  let frame = 0;
  /** How many numbers each crystal has, once that is known. @type {Record<string, number>} */
  const counted = {};
  open("cubic");

  /** @param {string} next */
  async function open(next) {
    name = next;
    run += 1;
    chosen = 0;
    const mine = run;
    report = piece = null;
    // Nothing can be chosen of a crystal that is no longer there.
    kinds.replaceChildren();
    const files = { "cell.vasp": poscar(name) };
    const springs = { 1: 2.3, 2: 0.3 };
    const basis = {
      crystal: { file: "cell.vasp" },
      force_constants: { cutoff: CUTOFF, start: { springs } },
      model: { order: /** @type {const} */ ("one-phonon"), temperature: 298 },
    };
    // More points than any of these crystals has constants.
    /** @type {[number, number, number]} */
    const grid = [0.25, 3.55, 12];
    const data = [{ synthetic: { values: { springs }, h: grid, k: grid, l: [0.3], scale: 1 } }];
    const { description, progress } = await bench.open({ ...basis, data, nuisance: { scale: 1 } }, files);
    if (mine !== run) return;
    counted[name] = description.parameters.length;
    // The engine calls bonds of one kind that are equally long and equally stiff. With constants that have nothing to do with
    // each other, only bonds that symmetry makes copies of each other are equally stiff.
    const chance = new Chance(1);
    const apart = description.parameters.map(({ label }, p) => [
      label,
      (progress.values[p] ?? 0) + APART * (chance.even() - 0.5),
    ]);
    const start = { labels: Object.fromEntries(apart) };
    const job = { ...basis, force_constants: { cutoff: CUTOFF, start }, data: [] };
    link.send({ type: "open", run, job: /** @type {Job} */ (job), files });
    tell();
  }

  /** @param {Exclude<FromCrystal, import("../../../engine/protocol.js").Crashed>} message */
  function receive(message) {
    if (message.run !== run) return;
    if (message.type === "phonons") {
      report = message.report;
      link.send({ type: "look", run, hkl: [0, 0, 0], cells: CELLS });
    } else if (message.type === "modes") {
      piece = message.piece;
      list();
      tell();
      ask();
    } else if (message.type !== "pattern") fail(message.trouble.message);
  }

  function list() {
    const options = (report?.shells ?? []).map(({ distance, elements }, i) => {
      const bond = texts.say("kind", { n: i + 1, elements: elements.join("–"), distance: texts.number(distance) });
      return /** @type {[string, string]} */ ([String(i), bond]);
    });
    kinds.replaceChildren(choice(texts.say("bonds"), options, (value) => choose(Number(value))).box);
  }

  /** @param {number} shell */
  function choose(shell) {
    chosen = shell;
    const inputs = kinds.querySelectorAll("input");
    for (const [i, input] of inputs.entries()) input.checked = i === shell;
    tell();
    ask();
  }

  /** Whether two kinds have the same length and the same elements at their ends. @param {Kind} a @param {Kind} b */
  const alike = (a, b) => a.number === b.number && a.elements.join() === b.elements.join();

  /** Bonds of a kind in the piece. @param {number} shell */
  const copies = (shell) => (piece ? [...piece.springs].filter((at, i) => i % 3 === 2 && at === shell).length : 0);

  function tell() {
    const all = (3 * BOX) ** 2;
    const count = counted[name];
    seen.show([
      texts.number(all, 0),
      report && piece ? texts.number(report.shells.length, 0) : "–",
      report && piece && count !== undefined ? texts.number(count, 0) : "–",
    ]);
    if (!report || !piece || count === undefined) return;
    const shell = report.shells[chosen];
    if (!shell) return;
    const lit = texts.say("lit", { n: chosen + 1, copies: copies(chosen), distance: texts.number(shell.distance) });
    const twin = report.shells.findIndex((other) => other !== shell && alike(other, shell));
    const words = twin < 0 ? lit : `${lit} ${texts.say("twin", { n: chosen + 1, other: twin + 1 })}`;
    say(words);
    picture.tell(`${texts.say("picture")}. ${words} ${texts.say("keys")}`);
  }

  function ask() {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }

  function draw() {
    if (!report || !piece) return;
    const style = look();
    const nearest = Math.min(...report.shells.map(({ distance }) => distance));
    const [quiet, bright] = [mix(rgb(style.line), rgb(style.muted), 0.5), rgb(style.accent)];
    const sticks = report.shells.map(({ distance }, i) => ({
      colour: i === chosen ? bright : quiet,
      width: i === chosen ? 0.17 : 0.05,
      shown: i === chosen || distance < 1.1 * nearest,
    }));
    painter.draw({ piece, report, sticks, displacements: null, arrows: false, direction: null }, style);
  }

  // A bond is chosen by a click that does not turn the crystal.
  let down = { x: 0, y: 0 };
  picture.canvas.addEventListener("pointerdown", ({ clientX: x, clientY: y }) => {
    down = { x, y };
  });
  picture.canvas.addEventListener("click", ({ clientX: x, clientY: y }) => {
    if (Math.hypot(x - down.x, y - down.y) > STILL) return;
    const box = picture.canvas.getBoundingClientRect();
    const spring = painter.springAt(x - box.left, y - box.top);
    if (spring !== null) choose(spring);
  });
  const observer = new ResizeObserver(ask);
  observer.observe(picture.canvas);

  return {
    asks: "number",
    check(answer) {
      const near = (report?.shells ?? []).filter(({ distance }) => distance < NEAR).length;
      if (name !== "stretched" || counted.stretched === undefined || near === 0) return { key: "early" };
      const values = { cubic: String(counted.cubic ?? 16), stretched: String(counted.stretched) };
      return { key: answer === near ? "right" : "hint", values };
    },
    redraw: ask,
    end: () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      link.end();
      bench.end();
    },
  };
}
