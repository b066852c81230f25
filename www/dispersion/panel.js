/** What is shown with the dispersion once it is asked for: the zone with the path, the density of states, published frequencies. */

import { isHidden } from "../page/hiding.js";
import { ID, any, button, canvas, make } from "../page/dom.js";
import { sentence } from "../page/messages.js";
import { inPageWords } from "../page/words.js";
import { Asking } from "./asking.js";
import { drawDensity, wordsOf } from "./density.js";
import { drawPoints, readPoints, textOfFile } from "./points.js";
import { ZonePanel } from "./zone-panel.js";

/** @typedef {import("./tools.js").Parts} Parts */
/** @typedef {import("../engine/protocol.js").Density} Density */
/** @typedef {import("../engine/protocol.js").Published} Published */

/** Of the density of states. */
const INTERVALS = 240;

export class Panel {
  #parts;
  #asking;
  #zone;
  /** The path that the curves follow, as text, and of which engine. */
  #followed = "";
  #engine = /** @type {unknown} */ (null);
  /** @type {Density | null} */
  #density = null;
  #isOld = false;
  /** Number of the last density asked for. */
  #asked = 0;
  /** @type {Published | null} */
  #published = null;
  #reading = 0;
  /** What there is to say, by whom. */
  #words = { path: "", density: "", points: "" };
  #troubles = { path: "", density: "", points: "" };

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    document.head.append(
      make("link", "", { rel: "stylesheet", href: new URL("./dispersion.css", import.meta.url).href }),
    );
    this.#asking = new Asking(parts.present);
    this.#zone = new ZonePanel(any(ID.zone), this.#asking, (text) => this.#typed(text));
    parts.charts.over({
      besides: () => this.#besides(),
      draw: (frame, theme) => {
        drawDensity(canvas(ID.density), this.#shown, this.#isOld, frame, theme);
        if (this.#published) drawPoints(canvas(ID.dispersion), this.#published, frame, theme);
      },
      shown: () => ({ density: this.#isOld ? null : this.#shown, published: this.#published }),
    });
  }

  /** Opens or closes the zone. */
  toggle() {
    this.follow(new Set());
    this.#zone.toggle(button(ID.zoneOpen), this.#pathWanted);
  }

  get #pathWanted() {
    return String(this.#parts.store.settings.path ?? "");
  }

  get #shown() {
    return this.#parts.store.settings.density === true && !isHidden("dispersion") ? this.#density : null;
  }

  #besides() {
    const all = (this.#published?.points ?? []).map(({ frequency, sigma }) => frequency + (sigma ?? 0));
    const density = this.#shown;
    if (density) all.push(density.from, density.from + density.step * density.values.length);
    return Float64Array.from(all);
  }

  /** @param {import("../page/store.js").Changed} changed */
  follow(changed) {
    const { open, frame } = this.#parts.store.state;
    // A continuum has no branches to speak of.
    if (open?.opened.start === null) this.#zone.close(button(ID.zoneOpen));
    if (!open || open.opened.start === null) return;
    const other = open !== this.#engine;
    this.#engine = open;
    if (other) {
      // A new engine knows the usual path alone.
      this.#followed = "";
      this.#zone.refresh(this.#pathWanted);
    }
    if (other || changed.has("path")) this.#followPath();
    if (other || changed.has("points")) this.#readPoints();
    if (other || changed.has("density") || changed.has("frame")) {
      const wasOld = this.#isOld;
      this.#isOld = frame?.playing === true;
      if (!this.#isOld) this.#count();
      else if (!wasOld && this.#shown) this.#parts.charts.bands();
    }
  }

  /** Has the curves follow the path that is wished for. */
  async #followPath() {
    const { store, follow } = this.#parts;
    const wanted = this.#pathWanted;
    const engine = this.#engine;
    if (wanted === this.#followed) return this.#say("path", "");
    let trouble = "";
    let followed = wanted;
    try {
      const path = wanted === "" ? null : await this.#asking.path(wanted);
      if (wanted !== this.#pathWanted || engine !== this.#engine) return;
      const points = path?.points ?? [];
      await follow(
        points.map(({ label }) => label),
        points.map(({ hkl, joined }) => [...hkl, joined ? 1 : 0]),
      );
      this.#zone.show(wanted);
    } catch (error) {
      if (wanted !== this.#pathWanted || engine !== this.#engine) return;
      trouble = `${complaint(error)} The dispersion keeps to the path that it has.`;
      followed = this.#followed;
    }
    this.#followed = followed;
    this.#complain("path", trouble);
    if (store.settings.points !== "") this.#readPoints();
  }

  /** A path was clicked or typed in the zone. @param {string} text @returns {Promise<import("./zone-panel.js").Taken>} */
  async #typed(text) {
    try {
      const path = text === "" ? null : await this.#asking.path(text);
      const zone = await this.#asking.zone();
      const taken = path === null || path.text === zone.usual ? "" : path.text;
      this.#parts.choose({ path: taken });
      return { text: taken, complaint: "" };
    } catch (error) {
      return { text: this.#pathWanted, complaint: complaint(error) };
    }
  }

  /** The density of states where the fit stands, if it is wanted. */
  async #count() {
    const asked = ++this.#asked;
    const wanted = this.#parts.store.settings.density === true;
    any(ID.density).hidden = !wanted;
    if (!wanted) {
      this.#say("density", "");
      this.#complain("density", "");
      return this.#parts.charts.bands();
    }
    try {
      const density = await this.#asking.density(INTERVALS);
      if (asked !== this.#asked) return;
      this.#density = density;
      this.#say("density", wordsOf(density));
      this.#complain("density", "");
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#density = null;
      this.#complain("density", complaint(error));
    }
    this.#parts.charts.bands();
  }

  /** Files with published frequencies. @param {File[]} files */
  async take(files) {
    const [file] = files;
    if (!file) return;
    this.follow(new Set());
    try {
      if (files.length > 1) throw new Error("One table of frequencies at a time, please");
      const text = await textOfFile(file);
      // What cannot be read takes the place of nothing.
      await this.#asking.published(file.name, new TextEncoder().encode(text), this.#followed);
      this.#parts.choose({ points: JSON.stringify({ name: file.name, text }) });
    } catch (error) {
      this.#complain("points", complaint(error));
    }
  }

  /** Finds the published frequencies on the path. */
  async #readPoints() {
    const reading = ++this.#reading;
    const kept = readPoints(String(this.#parts.store.settings.points ?? ""));
    if (!kept) {
      this.#published = null;
      this.#say("points", "");
      this.#complain("points", "");
      return this.#parts.charts.bands();
    }
    const { name, text } = kept;
    try {
      const found = await this.#asking.published(name, new TextEncoder().encode(text), this.#followed);
      if (reading !== this.#reading) return;
      this.#published = found;
      const off = found.total - found.on_path;
      const rest =
        off === 0 ? "" : `; ${off === 1 ? "one does" : `${off} do`} not and ${off === 1 ? "is" : "are"} not drawn`;
      this.#say("points", `${name}: ${found.on_path} of ${found.total} frequencies lie on the path${rest}.`);
      this.#complain("points", "");
    } catch (error) {
      if (reading !== this.#reading) return;
      this.#published = null;
      this.#say("points", "");
      this.#complain("points", complaint(error));
    }
    this.#parts.charts.bands();
  }

  /** @param {"path" | "density" | "points"} of @param {string} words */
  #say(of, words) {
    this.#words[of] = words;
    const all = Object.values(this.#words).filter(Boolean).join(" ");
    if (any(ID.dispersionFacts).textContent !== all) any(ID.dispersionFacts).textContent = all;
  }

  /** @param {"path" | "density" | "points"} of @param {string} words */
  #complain(of, words) {
    this.#troubles[of] = words;
    const all = Object.values(this.#troubles).filter(Boolean).join(" ");
    if (any(ID.dispersionComplaint).textContent !== all) any(ID.dispersionComplaint).textContent = all;
  }
}

/** @param {unknown} error */
const complaint = (error) => sentence(inPageWords(error instanceof Error ? error.message : String(error)));
