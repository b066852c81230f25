/** The dialog that gives away what is in sight: pictures for a paper, tables, and a report on one page. */

import { any, byId } from "../page/dom.js";
import { bare, download } from "../files/saving.js";
import { savedSentence, sentence } from "../page/messages.js";
import { isHidden } from "../page/hiding.js";
import { constantRows, constantsCsv, constantsTex, elasticRows } from "./constants.js";
import { furnish } from "./markup.js";
import { QUANTITIES, allArrays, axesOf, bandsCsv, cutArrays, cutCsv, planeArray, rowsIn, tableOf } from "./numbers.js";
import { dataOf, png } from "./png.js";
import { report } from "./report.js";
import { missing, pictureOf } from "./sight.js";

/** @typedef {import("./sight.js").InSight} InSight */
/** @typedef {import("./sight.js").What} What */
/** @typedef {import("../page/store.js").Store} Store */

/** Widths of columns of print, mm. */
const [ONE, TWO] = [86, 178];
/** Of the report: the maps, and what stands three in a row, mm. */
const [WIDE, THIRD] = [164, 59];

/** Pictures that are no maps. @type {What[]} */
const CHARTS = ["dispersion", "course", "potential"];

export class ExportDialog {
  #store;
  #link;
  #sight;
  /** @type {HTMLDialogElement} */
  #dialog;

  /** @param {Store} store @param {import("../engine/engine.js").EngineLink} link @param {() => InSight} sight What the view “Fit” shows. */
  constructor(store, link, sight) {
    this.#store = store;
    this.#link = link;
    this.#sight = sight;
    this.#dialog = furnish();
    for (const field of this.#dialog.querySelectorAll("select, input"))
      field.addEventListener("change", () => this.#show());
    // What comes into sight meanwhile is shown, unless it does so all the time.
    store.subscribe(["open", "frame"], () => {
      if (this.#dialog.open && !store.state.frame?.playing) this.#show();
    });
    this.#dialog.addEventListener("click", (event) => {
      const pressed = event.target instanceof Element ? event.target.closest("button") : null;
      const what = pressed?.dataset.give;
      if (what) void this.#give(what);
    });
  }

  open() {
    this.#say("");
    this.#show();
    this.#dialog.showModal();
    byId("picture-what", HTMLSelectElement).focus();
  }

  /** @param {string} words */
  #say(words, failed = false) {
    const status = any("export-status");
    status.classList.toggle("failed", failed);
    status.textContent = words;
  }

  get #open() {
    const { open, frame } = this.#store.state;
    if (!open || !frame) throw new Error("Nothing is calculated yet, so there is nothing to save.");
    return { ...open, frame };
  }

  get #what() {
    return /** @type {What} */ (byId("picture-what", HTMLSelectElement).value);
  }

  get #options() {
    const checked = (/** @type {string} */ id) => byId(id, HTMLInputElement).checked;
    return {
      millimetres: byId("picture-width", HTMLSelectElement).value === "two" ? TWO : ONE,
      bragg: checked("picture-bragg"),
      hatch: checked("picture-hatch"),
    };
  }

  /** Begin of the names of files: the crystal. */
  get #stem() {
    const { title } = this.#open.opened.description.crystal;
    return slug(title) || "crystal";
  }

  /** And of those of what is in the plane in sight. */
  get #place() {
    const { map } = this.#sight();
    const { datasets } = this.#open.opened.description;
    if (!map) return this.#stem;
    const { plane } = map;
    const set = datasets.length > 1 ? `-${slug(bare(datasets[plane.dataset]?.name ?? ""))}` : "";
    const where = plane.scan ? "line" : `${"hkl"[plane.axis]}${Number(plane.value.toFixed(3))}`;
    const layer = plane.wasm.layer > 0 ? `-layer${plane.wasm.layer + 1}` : "";
    return `${this.#stem}${set}-${where}${layer}`;
  }

  /** Shows what would be saved, and what cannot be. */
  #show() {
    const sight = this.#sight();
    const select = byId("picture-what", HTMLSelectElement);
    for (const option of select.options) {
      const why = isHidden(option.value === "course" ? "convergence" : option.value)
        ? "hidden by the link"
        : missing(sight, /** @type {What} */ (option.value));
      option.disabled = why !== "";
      option.text = `${option.dataset.name}${why ? ` (${why})` : ""}`;
    }
    if (select.selectedOptions[0]?.disabled)
      select.value = [...select.options].find(({ disabled }) => !disabled)?.value ?? "";
    const { map, cut } = sight;
    const isMap = this.#what !== "cut" && !CHARTS.includes(this.#what) && !map?.plane.scan;
    for (const id of ["picture-bragg", "picture-hatch"]) byId(id, HTMLInputElement).disabled = !isMap;
    const preview = byId("picture-preview", HTMLImageElement);
    preview.hidden = select.value === "";
    if (select.value !== "") {
      const svg = pictureOf(sight, this.#what, this.#options);
      preview.src = dataOf(svg);
      preview.alt = `Preview: ${/<title>(.*)<\/title>/.exec(svg)?.[1] ?? ""}`;
    }
    const { columns, description } = this.#open.opened;
    any("export-plane").textContent = map ? map.plane.name : "no map is in sight";
    any("export-sets").textContent = columns.length > 1 ? `All ${columns.length} data sets` : "The whole data set";
    this.#can(["svg", "png300", "png600"], select.value !== "", "There is no picture");
    any("export-cut").textContent = cut?.title ?? "Cut or profile";
    this.#can(["plane-csv", "plane-npz", "axes", ...QUANTITIES], map !== null, "No map is in sight");
    this.#can(["cut-csv", "cut-npz"], cut !== null, "No cut and no profile is drawn");
    if (map) this.#can(["sigma"], map.columns.sigma !== null, "The file gives no σ");
    this.#can(["bands"], missing(sight, "dispersion") === "" && !isHidden("dispersion"), "There are no branches");
    this.#can(["lammps", "curves-csv"], sight.potential.length > 0, "The springs are free constants");
    this.#can(
      ["constants-csv", "constants-tex"],
      !isHidden("constants") && description.parameters.length > 0,
      "Hidden by the link",
    );
    this.#can(["report"], !isHidden("constants"), "Hidden by the link");
  }

  /** @param {readonly string[]} names @param {boolean} can @param {string} why Not. */
  #can(names, can, why) {
    for (const name of names) {
      const button = this.#dialog.querySelector(`button[data-give="${name}"]`);
      if (!(button instanceof HTMLButtonElement)) continue;
      button.disabled = !can;
      button.title = can ? "" : why;
    }
  }

  /** @param {string} what */
  async #give(what) {
    try {
      this.#say("");
      const files = await this.#files(what);
      for (const [name, parts] of files) download(name, parts);
      this.#say(savedSentence(files.map(([name]) => name).join(", ")));
    } catch (error) {
      this.#say(sentence(error instanceof Error ? error.message : String(error)), true);
    }
  }

  /** @param {string} what @returns {Promise<[string, BlobPart[]][]>} */
  async #files(what) {
    const sight = this.#sight();
    const { map, cut, charts } = sight;
    const { opened, frame } = this.#open;
    const { description } = opened;
    const stem = this.#stem;
    const [constants, elastic] = [constantRows(description, frame.progress), elasticRows(frame.progress)];
    const caption = `Force constants of ${description.crystal.title} at ${description.model.temperature_k} K`;
    switch (what) {
      case "svg":
      case "png300":
      case "png600": {
        const svg = pictureOf(sight, this.#what, this.#options);
        const name = `${CHARTS.includes(this.#what) ? stem : this.#place}-${this.#what === "cut" ? cut?.kind : this.#what}`;
        if (what === "svg") return [[`${name}.svg`, [svg]]];
        const dpi = what === "png300" ? 300 : 600;
        return [[`${name}-${dpi}dpi.png`, await png(svg, dpi)]];
      }
      case "all-csv":
      case "all-npz": {
        /** @type {Float64Array[]} */
        const models = await this.#link.save("models");
        return opened.columns.map((columns, i) => {
          const name = `${bare(description.datasets[i]?.name ?? "data")}-maps`;
          const model = models[i] ?? new Float64Array();
          if (what === "all-csv") return [`${name}.csv`, tableOf(columns, model)];
          return [
            `${name}.npz`,
            allArrays(
              columns,
              model,
              columns.h.map((_, row) => row),
              [columns.h.length],
            ),
          ];
        });
      }
      case "cut-csv":
      case "cut-npz":
        if (!cut) break;
        return [
          what === "cut-csv"
            ? [`${this.#place}-${cut.kind}.csv`, [cutCsv(cut)]]
            : [`${this.#place}-${cut.kind}.npz`, cutArrays(cut)],
        ];
      case "bands":
        if (!charts.current) break;
        return [[`${stem}-dispersion.csv`, [bandsCsv(charts.current)]]];
      case "lammps":
      case "curves-csv": {
        /** @type {import("../../pkg/whole/tds_inversion.js").PotentialFiles} */
        const { lammps, without, curves } = await this.#link.save("potential");
        const files = what === "lammps" ? lammps : [curves];
        if (files.length === 0) throw new Error(without);
        return files.map(({ name, text }) => [name, [text]]);
      }
      case "constants-csv":
        return [[`${stem}-constants.csv`, [constantsCsv([...constants, ...elastic], caption)]]];
      case "constants-tex":
        return [[`${stem}-constants.tex`, [constantsTex(constants, elastic, { caption, label: `tab:${stem}` })]]];
      case "report":
        return [[`${stem}-report.html`, [await this.#report()]]];
    }
    if (!map) throw new Error("No map is in sight, so there is nothing to save.");
    const { plane, columns, model } = map;
    if (what === "plane-csv") return [[`${this.#place}.csv`, tableOf(columns, model, rowsIn(plane))]];
    if (what === "plane-npz")
      return [[`${this.#place}.npz`, allArrays(columns, model, plane.index, [plane.ny, plane.nx])]];
    if (what === "axes")
      return [[`${this.#place}-axes.json`, [`${JSON.stringify(axesOf(plane, columns), null, 2)}\n`]]];
    const quantity = QUANTITIES.find((name) => name === what);
    if (!quantity) throw new Error("There is no such chart to save.");
    return [[`${this.#place}-${quantity}.npy`, planeArray(quantity, plane, columns, model)]];
  }

  async #report() {
    const sight = this.#sight();
    const { opened, frame, source } = this.#open;
    const [job, result] = await Promise.all([this.#link.save("job"), this.#link.save("result")]);
    const { description } = opened;
    const charts = /** @type {const} */ ([
      [
        "dispersion",
        frame.progress.iteration > 0 ? "Phonon dispersion; the band is one σ." : "Phonon dispersion at the start.",
        THIRD,
      ],
      ["course", "Course of χ²/n.", THIRD],
    ]).filter(([what]) => missing(sight, what) === "" && !isHidden(what === "course" ? "convergence" : what));
    const options = { ...this.#options, bragg: true, hatch: true };
    const picture = (/** @type {What} */ what, /** @type {number} */ millimetres) =>
      pictureOf(sight, what, { ...options, millimetres });
    return report({
      stem: this.#stem,
      date: new Date(),
      source: source?.source ?? null,
      job,
      result,
      progress: frame.progress,
      playing: frame.playing,
      description,
      values: this.#store.state.settings,
      constants: constantRows(description, frame.progress),
      elastic: isHidden("elastic") ? [] : elasticRows(frame.progress),
      maps: sight.map && { svg: picture("maps", WIDE), caption: captionOf(sight.map) },
      charts: charts.map(([what, caption, width]) => ({ svg: picture(what, width), caption })),
    });
  }
}

/** @param {import("./sight.js").Sight} sight */
function captionOf({ plane, columns, residual, unit }) {
  const what = `Data, model and ${residual.toLowerCase()}, ${unit}, ${plane.scan ? "along" : "at"} ${plane.name}`;
  const hatched = !plane.scan && rowsIn(plane).some((row) => columns.used[row] === 0);
  return hatched ? `${what}; what is left out of the fit is hatched.` : `${what}.`;
}

/** What a name of a file may hold on any system. @param {string} text */
const slug = (text) =>
  text
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9._]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
