/**
 * What a person can do with an open measurement beside starting and stopping its fit. It comes while the first one is
 * being calculated.
 */

import { version } from "../../pkg/tds_inversion.js";
import { DispersionTools } from "../dispersion/tools.js";
import { partWhenAsked } from "../engine/later.js";
import { bindSaving } from "../files/saving.js";
import { Hands } from "../hands/hands.js";
import { KnownPanel } from "../known/panel.js";
import { MaskPanel } from "../masks/masks.js";
import { PotentialPanel } from "../potential/panel.js";
import { Parts } from "../views/fit/parts.js";
import { ID, any, button } from "./dom.js";
import { explainTerms } from "./explain.js";
import { furnishHelp } from "./help.js";
import { isLockedKey } from "./hiding.js";
import { sentence } from "./messages.js";
import { SETTINGS } from "./settings.js";

/** @typedef {import("./settings.js").Value} Value */
/** @typedef {import("./settings.js").Values} Values */
/**
 * @typedef {{
 *   store: import("./store.js").Store, link: import("../engine/engine.js").EngineLink, fit: import("../views/fit/view.js").FitView,
 *   desk: import("./desk.js").Desk, pilot: import("./pilot.js").Pilot, voice: import("./voice.js").Voice,
 *   present: () => Promise<import("../views/registry.js").Present | null>,
 *   wish: (key: string, value: Value) => Promise<string[]>, attempt: (action: () => Promise<string>) => void, saved: () => void,
 * }} Parts_  `wish` has a setting calculated and says what was refused; `attempt` does something that may fail and says how
 *   it went; `saved`: the result is in safety.
 */

const constraintDialog = partWhenAsked(
  "The dialog of a constant",
  /** @returns {Promise<typeof import("../constraints/dialog.js")>} */
  (query) => import(`../constraints/dialog.js${query}`),
);

const exportDialog = partWhenAsked(
  "The dialog of pictures and tables",
  /** @returns {Promise<typeof import("../export/dialog.js")>} */
  (query) => import(`../export/dialog.js${query}`),
);

/** The end of a refusal of a setting. @param {string} key */
const staysOf = (key) => SETTINGS.find((setting) => setting.key === key)?.stays ?? "";

export class Tools {
  #parts;
  #masks;
  #known;
  #potential;
  /** @type {import("../constraints/dialog.js").ConstraintDialog | undefined} */
  #constraints;
  /** @type {import("../export/dialog.js").ExportDialog | undefined} */
  #pictures;
  hands;
  dispersion;

  /** @param {Parts_} parts */
  constructor(parts) {
    this.#parts = parts;
    const { store, link, fit, pilot, voice, wish } = parts;
    const failed = (/** @type {Error} */ { message }) => voice.complain(sentence(message));
    const wishAll = (/** @type {Values} */ values) => this.#wishAll(values);
    /** @param {"masks" | "known"} key */
    const ofText = (key) => ({
      wanted: () => this.#wanted(key),
      wish: (/** @type {string} */ text) => wish(key, text),
      stays: staysOf(key),
      failed,
    });
    this.#masks = new MaskPanel(store, ofText("masks"));
    fit.draws(this.#masks.drawing);
    this.#known = new KnownPanel(store, ofText("known"));
    this.#potential = new PotentialPanel(store, {
      wanted: () => this.#wanted("potential"),
      wish: wishAll,
      choice: () => link.save("choice"),
      failed,
    });
    this.hands = new Hands(store, link, {
      touched: (touched, values) => fit.touched(touched, values),
      bands: (bands) => fit.touchedBands(bands),
      restored: () => fit.restored(),
      paint: (painting) => fit.paint(painting),
      command: (command) => pilot.command(command),
      place: (values) => link.place(values),
      wish: async (values) => void (await wishAll(values)),
      say: (words) => voice.say(words),
    });
    const scattered = new Parts(store, (set, row) => link.save({ scattered: { set, row } }));
    fit.asks((set, row) => {
      scattered.ask(set, row);
      return this.hands.says(set, row);
    });
    this.dispersion = new DispersionTools({
      store,
      charts: fit.charts,
      present: parts.present,
      follow: async (labels, points) => fit.followed(await link.save({ follow: { labels, points } })),
      choose: (settings) => store.change({ settings }),
    });
    bindSaving(link, () => store.state.open?.job ?? null, parts.attempt, parts.saved);
    button(ID.pictures).addEventListener("click", () => this.#picture().catch(failed));
    any(ID.constantsBody).addEventListener("click", (event) => {
      const label = event.target instanceof Element && event.target.closest("button")?.dataset.label;
      if (label) this.#constrain(label).catch(failed);
    });
    explainTerms();
    furnishHelp(version());
    this.show();
  }

  /** Shows what is in force or wished for. */
  show() {
    this.#masks.show();
    this.#known.show();
    this.#potential.show();
  }

  /** What will be in force once all wishes are. @param {string} key */
  #wanted(key) {
    const { desk, store } = this.#parts;
    return String(desk.wanted[key] ?? store.settings[key]);
  }

  /** @param {Values} values */
  #wishAll(values) {
    const { desk, pilot } = this.#parts;
    for (const [key, value] of Object.entries(values)) if (!isLockedKey(key)) desk.wish(key, value);
    return pilot.settle();
  }

  /** Asks what a constant may be. @param {string} label */
  async #constrain(label) {
    const { store, wish } = this.#parts;
    const { ConstraintDialog } = await constraintDialog();
    this.#constraints ??= new ConstraintDialog(async (text) => {
      const complaints = await wish("constraints", text);
      return complaints.find((complaint) => complaint.endsWith(staysOf("constraints"))) ?? "";
    });
    const { open, frame, settings } = store.state;
    const parameters = open?.opened.description.parameters ?? [];
    const labels = parameters.map((parameter) => parameter.label);
    this.#constraints.open({
      label,
      meaning: parameters[labels.indexOf(label)]?.meaning ?? null,
      labels,
      value: frame?.progress.values[labels.indexOf(label)] ?? 0,
      unit: parameters[0]?.unit === "GPa" ? "gpa" : settings.unit === "nm" ? "nm" : "ev",
      text: this.#wanted("constraints"),
    });
  }

  /** Offers what is in sight as pictures and tables. */
  async #picture() {
    const { store, link, fit } = this.#parts;
    const { ExportDialog } = await exportDialog();
    this.#pictures ??= new ExportDialog(store, link, () => fit.sight);
    this.#pictures.open();
  }
}
