/** The view “Crystal”: the springs between the atoms, and the phonons at a place of reciprocal space. */

import { look, onStillnessChange, wantsStillness } from "../../draw/theme.js";
import { jobAtPresent } from "../../engine/at-present.js";
import { Link } from "../../engine/link.js";
import { wholePackage } from "../../engine/packages.js";
import { fillSelect } from "../../page/dom.js";
import { sentence } from "../../page/messages.js";
import { brief, prose, rlu } from "../../page/numbers.js";
import { readNumber } from "../../page/parse.js";
import { inPageWords } from "../../page/words.js";
import { Camera } from "./camera.js";
import { Dispersion } from "./dispersion.js";
import { listElements, listModes, listSprings, sticksOf } from "./lists.js";
import { furnish } from "./markup.js";
import { Painter } from "./painter.js";
import { seenIn, textOf } from "./seen.js";

/** @typedef {import("../../engine/protocol.js").ToCrystal} ToCrystal */
/** @typedef {import("../../engine/protocol.js").FromCrystal} FromCrystal */
/** @typedef {import("../../engine/protocol.js").Crashed} Crashed */
/** @typedef {import("../../engine/protocol.js").Vector} Vector */
/** @typedef {import("../registry.js").Parts} Parts */

const WORKER = new URL("./worker.js", import.meta.url);

/** Where nobody has chosen anything: a wave four cells long. */
const FIRST = /** @type {Vector} */ ([1.75, 1.75, 0]);
/** Milliseconds of one turn of a wave on the screen. */
const TURN = 2200;
/** Milliseconds after which what is looked at is kept: not while it turns. */
const KEPT = 150;
/** The exaggeration in the beginning. */
const TIMES = "4";
/** Å: what stands for the displacement of the atoms where the crystal has none. */
const USUAL = 0.08;

/** @param {Parts} parts */
export const create = (parts) => new CrystalView(parts);

class CrystalView {
  /** @type {Link<ToCrystal, FromCrystal>} */
  #link;
  #store;
  #present;
  #markup;
  #camera;
  #painter;
  #dispersion;
  #run = 0;
  /** The job that is open or being opened, as text. */
  #opened = "";
  #inSight = false;
  /** @type {import("../../engine/protocol.js").PhononsReport | null} */
  #report = null;
  /** @type {import("../../engine/protocol.js").ModesReport | null} */
  #modes = null;
  /** @type {import("../../engine/protocol.js").Piece | null} */
  #piece = null;
  #place = /** @type {number | null} */ (null);
  /** @type {Vector} */
  #hkl = FIRST;
  /** What was last taken from a map. @type {Vector | null} */
  #taken = null;
  /** The mode in sight, and the frequency that is looked for at the next place. */
  #mode = /** @type {number | null} */ (null);
  #wanted = /** @type {number | null} */ (null);
  /** The number of the mode that a link wants at the next place. */
  #numbered = /** @type {number | null} */ (null);
  /** How it is looked at, as it was kept last. */
  #kept = "";
  #keeping = 0;
  /** @type {Float64Array | null} */
  #pattern = null;
  #displacements = new Float64Array(0);
  /** @type {Set<number>} */
  #shown = new Set([0]);
  /** @type {import("./painter.js").Stick[]} */
  #sticks = [];
  #colours = look();
  #playing = !wantsStillness();
  /** Turns of the wave so far. */
  #phase = 0;
  #last = 0;
  #frame = 0;

  /** @param {Parts} parts */
  constructor({ store, present, section }) {
    this.#store = store;
    this.#present = present;
    this.#link = new Link(
      wholePackage(),
      WORKER,
      (m) => this.#receive(m),
      (t) => this.#died(t),
    );
    const markup = furnish(section);
    this.#markup = markup;
    this.#camera = new Camera(markup.canvas, () => {
      this.#keep();
      this.#ask();
    });
    this.#painter = new Painter(markup.canvas, this.#camera);
    this.#dispersion = new Dispersion(markup.chart, (hkl, frequency) => {
      this.#wanted = frequency ?? this.#modes?.modes[this.#mode ?? -1]?.frequency ?? null;
      this.#go(hkl);
    });
    fillSelect(markup.cells, [
      { value: "", text: "as the wave needs" },
      ...[1, 2, 3, 4, 6].map((n) => ({ value: String(n), text: `${n} × ${n} × ${n}` })),
    ]);
    markup.play.addEventListener("click", () => this.#play(true));
    markup.pause.addEventListener("click", () => this.#play(false));
    markup.home.addEventListener("click", () => this.#camera.home());
    markup.canvas.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      this.#play(!this.#playing);
    });
    markup.slider.addEventListener("input", () => {
      this.#tellMotion();
      this.#keep();
      this.#ask();
    });
    markup.arrows.addEventListener("change", () => {
      this.#keep();
      this.#ask();
    });
    markup.cells.addEventListener("change", () => {
      // The wave stays the one that was chosen.
      this.#numbered = this.#mode === null ? null : this.#mode + 1;
      this.#look();
    });
    markup.place.addEventListener("submit", () => this.#typed());
    markup.take.addEventListener("click", () => this.#takePointed());
    onStillnessChange(() => {
      if (wantsStillness()) this.#play(false);
    });
    store.subscribe(["unit"], () => this.#lists());
    this.#restore(String(store.settings.crystal ?? ""));
    store.subscribe(["crystal"], () => {
      const text = String(store.settings.crystal ?? "");
      if (text === this.#kept) return;
      this.#restore(text);
      this.#look();
      this.#ask();
    });
    let size = "";
    new ResizeObserver(([entry]) => {
      const now = `${entry?.contentRect.width} ${entry?.contentRect.height}`;
      if (now === size) return;
      size = now;
      this.#ask();
    }).observe(markup.canvas);
  }

  async show() {
    this.#inSight = true;
    const { pointed } = this.#store.state;
    if (pointed && !isSame(pointed, this.#taken)) {
      this.#taken = pointed;
      this.#hkl = pointed;
      this.#wanted = null;
      if (this.#report && !(await this.#isStale())) this.#look();
    }
    await this.refresh();
    this.#ask();
  }

  hide() {
    this.#inSight = false;
  }

  /** How the crystal is looked at. @returns {import("./seen.js").Seen} */
  get #seen() {
    const { slider, arrows, cells } = this.#markup;
    const strongest = this.#modes ? strongestOf(this.#modes) : null;
    const mode = this.#mode;
    const shells = [...this.#shown].sort((a, b) => a - b);
    return {
      ...(isSame(this.#hkl, FIRST) ? {} : { q: this.#hkl }),
      ...(mode === null || mode === strongest ? {} : { mode: mode + 1 }),
      ...(this.#taken ? { from: this.#taken } : {}),
      ...this.#camera.pose,
      ...(slider.value === TIMES ? {} : { times: Number(slider.value) }),
      ...(arrows.checked === wantsStillness() ? {} : { arrows: arrows.checked }),
      ...(cells.value === "" ? {} : { cells: Number(cells.value) }),
      ...(String(shells) === "0" ? {} : { shells }),
      ...(this.#playing || wantsStillness() ? {} : { still: this.#phase }),
    };
  }

  /** Keeps how the crystal is looked at, once nobody turns it any more. */
  #keep() {
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => {
      // What is to come is not in sight yet.
      if (!this.#modes || this.#numbered !== null) return;
      const text = textOf(this.#seen);
      if (text === this.#kept) return;
      this.#kept = text;
      this.#store.change({ settings: { crystal: text } });
    }, KEPT);
  }

  /** Looks at the crystal as a text says. @param {string} text */
  #restore(text) {
    const seen = seenIn(text);
    const { slider, arrows, cells } = this.#markup;
    this.#kept = text;
    this.#hkl = seen.q ?? FIRST;
    this.#wanted = null;
    this.#numbered = seen.mode ?? null;
    this.#taken = seen.from ?? null;
    this.#camera.pose = seen;
    slider.value = String(seen.times ?? TIMES);
    arrows.checked = seen.arrows ?? wantsStillness();
    cells.value = seen.cells ? String(seen.cells) : "";
    if (cells.selectedIndex < 0) cells.value = "";
    this.#shown = new Set(seen.shells ?? [0]);
    // Who wants stillness gets it, whatever a link says.
    this.#playing = seen.still === undefined && !wantsStillness();
    this.#phase = seen.still ?? 0;
    if (this.#modes) {
      this.#tellMotion();
      this.#lists();
    }
  }

  /** What the fit is about, as text. */
  async #isStale() {
    const present = await this.#present();
    return present !== null && JSON.stringify(jobAtPresent(present)) !== this.#opened;
  }

  /** Opens the crystal with the constants of the fit, if it is not open already. */
  async refresh() {
    const present = await this.#present();
    if (!present) return;
    const job = jobAtPresent(present);
    const text = JSON.stringify(job);
    this.#offer();
    if (text === this.#opened) return this.redraw();
    this.#opened = text;
    this.#run += 1;
    this.#state("loading", "Preparing the crystal …");
    this.#link.send({ type: "open", run: this.#run, job, files: present.files });
  }

  /** Colours or sizes changed. */
  redraw() {
    this.#colours = look();
    this.#lists();
    this.#dispersion.draw();
    this.#ask();
  }

  /** @param {Exclude<FromCrystal, Crashed>} message */
  #receive(message) {
    if (message.run !== this.#run) return;
    switch (message.type) {
      case "phonons":
        this.#report = message.report;
        this.#piece = null;
        this.#modes = null;
        this.#clip(message.report.shells.length);
        this.#dispersion.open(message.bands);
        this.#look();
        break;
      case "modes":
        this.#follow(message);
        break;
      case "pattern":
        if (message.mode !== this.#mode) break;
        this.#pattern = message.pattern;
        this.#ask();
        break;
      case "refused":
        this.#numbered = null;
        if (this.#report && message.trouble.message.startsWith("Q")) {
          this.#complain(message.trouble.message);
          break;
        }
        this.#opened = "";
        this.#empty();
        this.#state("failed", sentence(inPageWords(message.trouble.message)));
        break;
      case "failed":
        this.#link.end();
        this.#died(message.trouble);
        break;
    }
  }

  /** Shells that this crystal has; all may be hidden by hand. @param {number} shells */
  #clip(shells) {
    const before = this.#shown.size;
    this.#shown = new Set([...this.#shown].filter((n) => n < shells));
    if (this.#shown.size === 0 && before > 0) this.#shown.add(0);
  }

  /** @param {import("../../engine/protocol.js").Trouble} trouble */
  #died({ message }) {
    this.#opened = "";
    this.#empty();
    this.#state(
      "failed",
      `The calculation stopped unexpectedly (${message}). Leave this view and come back to try again.`,
    );
  }

  /** Nothing is behind the picture any more. */
  #empty() {
    this.#report = null;
    this.#modes = null;
    this.#pattern = null;
    this.#markup.play.disabled = true;
    this.#markup.pause.disabled = true;
    this.#markup.body.replaceChildren();
  }

  /** Asks for the modes at the place that is chosen. */
  #look() {
    if (!this.#report) return;
    const n = Number(this.#markup.cells.value);
    this.#link.send({ type: "look", run: this.#run, hkl: this.#hkl, cells: n > 0 ? [n, n, n] : null });
  }

  /** @param {Vector} hkl */
  #go(hkl) {
    this.#hkl = hkl;
    this.#numbered = null;
    this.#complain("");
    this.#look();
  }

  /** @param {import("../../engine/protocol.js").ModesMessage} message */
  #follow({ modes, place, piece }) {
    this.#modes = modes;
    this.#place = place;
    this.#piece = piece ?? this.#piece;
    const { field, play, pause } = this.#markup;
    if (document.activeElement !== field || readPlace(field.value) === null) field.value = written(modes.hkl);
    play.disabled = false;
    pause.disabled = false;
    const numbered = this.#numbered !== null && modes.modes[this.#numbered - 1] ? this.#numbered - 1 : null;
    this.#choose(numbered ?? this.#nearest(modes));
    this.#wanted = null;
    this.#numbered = null;
    this.#tellPlace(modes);
  }

  /** The mode at the frequency that is looked for; else the one that scatters most. @param {ModesReport} report */
  #nearest(report) {
    const wanted = this.#wanted;
    if (wanted === null) return strongestOf(report);
    return bestOf(report, ({ frequency }) => -Math.abs(frequency - wanted));
  }

  /** @param {number} mode */
  #choose(mode) {
    this.#mode = mode;
    this.#pattern = null;
    this.#keep();
    this.#link.send({ type: "move", run: this.#run, hkl: this.#hkl, mode });
    this.#lists();
    this.#tellMotion();
    this.#dispersion.mark({
      place: this.#place,
      frequencies: this.#modes?.modes.map(({ frequency }) => frequency) ?? [],
      mode,
    });
  }

  /** A person chose a mode. @param {number} mode */
  #picked(mode) {
    this.#choose(mode);
    if (!wantsStillness()) this.#play(true);
  }

  #lists() {
    const [report, modes] = [this.#report, this.#modes];
    if (!report) return;
    const unit = this.#store.settings.unit === "nm" ? "nm" : "ev";
    this.#sticks = sticksOf(report, this.#shown);
    listSprings(this.#markup, report, this.#sticks, unit, (shell, shown) => {
      if (shown) this.#shown.add(shell);
      else this.#shown.delete(shell);
      this.#keep();
      this.#lists();
      this.#ask();
    });
    listElements(this.#markup.legend, report);
    if (modes) listModes(this.#markup.body, modes, this.#mode, report.elements, (mode) => this.#picked(mode));
    const asides = [
      report.has_more_shells ? "Longer springs are not listed; they are in the modes." : "",
      report.has_dipoles
        ? "The crystal is polar: the fields of its charges act besides these springs, and are in the modes."
        : "",
    ];
    this.#markup.aside.textContent = asides.filter(Boolean).join(" ");
  }

  /** @param {import("../../engine/protocol.js").ModesReport} modes */
  #tellPlace({ reduced, q_norm: length, intensity, note, modes }) {
    const { where, note: line } = this.#markup;
    const from = `q = ${reduced.map(rlu).join("  ")} from the nearest Bragg peak, |Q| ${length.toFixed(2)} Å⁻¹.`;
    where.textContent =
      intensity === null ? from : `${from} One-phonon intensity ${brief(intensity)} electron² per primitive cell.`;
    const shared = modes.some(({ set }, i) => i > 0 && modes[i - 1]?.set === set);
    const sets =
      shared && intensity !== null
        ? "Where waves have equal frequencies, the first is the one that scatters at this Q, and the others are dark."
        : "";
    line.textContent = note ?? sets;
  }

  #tellMotion() {
    const { slider, times, moving } = this.#markup;
    const factor = Number(slider.value);
    times.textContent = `× ${factor.toFixed(1)}`;
    const mode = this.#modes?.modes[this.#mode ?? -1];
    if (!mode || !this.#report) return;
    const frequency = Math.abs(mode.frequency);
    const slowed =
      frequency > 1e-3 ? ` Slowed ${brief(Number(((frequency * TURN) / 1000).toPrecision(2)))} · 10¹² times.` : "";
    const amplitude = `${prose(this.#amplitude(), 2)} Å`;
    const scale =
      this.#report.rms === null
        ? `The largest displacement is drawn as ${amplitude}.`
        : `The largest displacement is drawn as ${amplitude}, ${factor.toFixed(1)} times the rms thermal motion of an atom at ${brief(this.#report.temperature)} K (${prose(this.#report.rms, 3)} Å).`;
    moving.textContent = `${scale}${slowed}`;
    const [a = 0, b = 0, c = 0] = this.#piece?.cells ?? [];
    const atoms = this.#piece?.kinds.length ?? 0;
    const name = `Crystal, ${a} × ${b} × ${c} cells with ${atoms} atoms, moving in the mode at ${prose(frequency, 3)} THz, ${mode.character}; arrow keys turn it, plus and minus zoom, Home goes back, Space holds it`;
    this.#markup.canvas.setAttribute("aria-label", name);
    this.#tellState();
  }

  #tellState() {
    const mode = this.#modes?.modes[this.#mode ?? -1];
    if (!mode) return;
    const share =
      mode.share === null ? "" : ` makes ${(100 * mode.share).toFixed(1)} % of the one-phonon intensity here`;
    const which = `The wave at ${prose(Math.abs(mode.frequency), 2)} THz, ${mode.character}${share === "" ? "." : `,${share}.`}`;
    if (this.#playing) this.#state("running", which);
    else
      this.#state(
        "stopped",
        `${which} ${wantsStillness() ? "Arrows show where the atoms go; Play moves them." : "Paused."}`,
      );
  }

  /** Å: the largest displacement that is drawn. */
  #amplitude() {
    return Number(this.#markup.slider.value) * (this.#report?.rms ?? USUAL);
  }

  /** @param {boolean} playing */
  #play(playing) {
    this.#playing = playing;
    this.#last = 0;
    // As a link can say it.
    if (!playing) this.#phase = Math.round((this.#phase % 1) * 1000) / 1000;
    this.#keep();
    this.#tellState();
    this.#ask();
  }

  /** Draws with the next picture of the screen. */
  #ask() {
    if (this.#frame !== 0 || !this.#inSight) return;
    this.#frame = requestAnimationFrame((now) => {
      this.#frame = 0;
      if (!this.#inSight) return;
      if (this.#playing && this.#pattern) {
        // Not after a while out of sight.
        if (this.#last > 0) this.#phase += Math.min(100, now - this.#last) / TURN;
        this.#last = now;
      }
      this.#draw();
      if (this.#playing && this.#pattern) this.#ask();
    });
  }

  #draw() {
    const [piece, report] = [this.#piece, this.#report];
    if (!piece || !report) return;
    this.#move(piece);
    this.#painter.draw(
      {
        piece,
        report,
        sticks: this.#sticks,
        displacements: this.#pattern ? this.#displacements : null,
        arrows: this.#markup.arrows.checked,
        direction: this.#modes?.direction ?? null,
      },
      this.#colours,
    );
  }

  /** Displacements of the moment: Re{pattern × exp(−iωt)}. @param {import("../../engine/protocol.js").Piece} piece */
  #move({ places }) {
    const pattern = this.#pattern;
    if (!pattern || pattern.length !== 2 * places.length) return;
    if (this.#displacements.length !== places.length) this.#displacements = new Float64Array(places.length);
    const turn = 2 * Math.PI * this.#phase;
    const [c, s] = [Math.cos(turn), Math.sin(turn)].map((x) => x * this.#amplitude());
    for (let i = 0; i < places.length; i++) {
      this.#displacements[i] = (pattern[2 * i] ?? 0) * (c ?? 0) + (pattern[2 * i + 1] ?? 0) * (s ?? 0);
    }
  }

  #typed() {
    const { field } = this.#markup;
    const place = readPlace(field.value);
    if (!place) return this.#complain(`“${field.value.trim()}” is no place such as 1.75 1.75 0: three numbers h k l`);
    this.#wanted = null;
    this.#go(place);
  }

  /** @param {string} words */
  #complain(words) {
    const { field, problem } = this.#markup;
    problem.textContent = words === "" ? "" : sentence(words);
    problem.hidden = words === "";
    if (words === "") field.removeAttribute("aria-invalid");
    else field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", words === "" ? "crystal-where" : "crystal-problem");
  }

  /** Offers what was last pointed at on a map. */
  #offer() {
    const { pointed } = this.#store.state;
    const { take } = this.#markup;
    take.hidden = pointed === null;
    if (pointed) take.textContent = `Take the pixel last pressed: ${pointed.map(rlu).join("  ")}`;
  }

  #takePointed() {
    const { pointed } = this.#store.state;
    if (!pointed) return;
    this.#taken = pointed;
    this.#wanted = null;
    this.#markup.field.value = written(pointed);
    this.#go(pointed);
  }

  /** @param {"loading" | "running" | "stopped" | "failed"} state @param {string} words */
  #state(state, words) {
    this.#markup.section.dataset.state = state;
    const line = this.#markup.status;
    if (line.textContent !== words) line.textContent = words;
  }
}

/** @typedef {import("../../engine/protocol.js").ModesReport} ModesReport */

/** @param {ModesReport} report @param {(mode: ModesReport["modes"][number]) => number} worth */
const bestOf = ({ modes }, worth) =>
  modes.reduce((best, mode, i) => (worth(mode) > worth(modes[best] ?? mode) ? i : best), 0);

/** The mode that scatters most. @param {ModesReport} report */
const strongestOf = (report) => bestOf(report, ({ intensity }) => intensity ?? 0);

/** Whether two places are one, as far as a link tells them apart. @param {number[]} a @param {number[] | null} b */
const isSame = (a, b) => b !== null && a.every((x, i) => Math.abs(x - (b[i] ?? NaN)) < 1e-5);

/** h, k and l with blanks, commas or semicolons between them, or null. @param {string} text @returns {Vector | null} */
function readPlace(text) {
  const parts = text.trim().split(/\s*;\s*|\s+/);
  const numbers = (parts.length === 3 ? parts : text.trim().split(/\s*,\s*/)).map((part) =>
    readNumber(part.replace(/,$/, "")),
  );
  const [h, k, l] = numbers.map((reading) => ("value" in reading ? reading.value : NaN));
  if (numbers.length !== 3 || ![h, k, l].every(Number.isFinite)) return null;
  return [h ?? 0, k ?? 0, l ?? 0];
}

/** @param {number[]} hkl */
const written = (hkl) => hkl.map((x) => String(Number(x.toFixed(6)) + 0)).join("  ");
