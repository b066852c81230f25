/**
 * The form of a potential: which one, how far it reaches, where its parameters start and which of them are fitted. The engine says
 * what there is to choose from; what is typed is a job's `potential`, and whether that can be is the engine's to say.
 */

import { make } from "../page/dom.js";
import { readNumber } from "../page/parse.js";
import { fromText, written } from "./text.js";

/** @typedef {import("../../pkg/whole/tds_inversion.js").PotentialChoice} Choice */
/** @typedef {import("../page/store.js").Store} Store */
/** @typedef {import("./text.js").Potential} Potential */
/** @typedef {{name: string, unit: string, free: boolean}} Kind */

/** A list with more parameters than this is that of tables or weights, which nobody types. */
const MOST = 40;
/** So many digits of a number are shown. */
const DIGITS = 7;
/** What stands in the list until something is chosen of it. */
const NOTHING = "nothing";

export class PotentialForm {
  #store;
  #choice;
  #select;
  #home;
  #wish;
  /** What is shown, of which something may be missing yet. @type {Potential | null} */
  #draft = null;
  /** What was wanted when the draft began. */
  #wanted = "";
  /** What the fields were made for. */
  #made = "";
  #words = make("p", "", { class: "facts", "aria-live": "polite" });
  /** Fields by what they are for, “range” or the name of a parameter. @type {Map<string, HTMLInputElement>} */
  #fields = new Map();
  /** @type {Map<string, HTMLInputElement>} */
  #free = new Map();

  /**
   * @param {Store} store @param {Choice} choice @param {HTMLSelectElement} select @param {HTMLElement} home
   * @param {(text: string) => Promise<string[]>} wish
   */
  constructor(store, choice, select, home, wish) {
    this.#store = store;
    this.#choice = choice;
    this.#select = select;
    this.#home = home;
    this.#wish = wish;
    if (!document.querySelector('link[href$="potential/potential.css"]')) {
      const href = new URL("potential.css", import.meta.url).href;
      document.head.append(make("link", "", { rel: "stylesheet", href }));
    }
  }

  /** Shows what is in force or wished for, unless a person is still filling in another one. @param {string} wanted */
  show(wanted) {
    if (this.#draft && wanted === this.#wanted && wanted !== written(this.#draft)) return this.#fill();
    this.#wanted = wanted;
    this.#draft = fromText(wanted);
    this.#fill();
  }

  /** A person wants a potential: the list is open to be chosen from. */
  choose() {
    this.#draft = null;
    this.#fill(NOTHING);
    this.#select.focus();
  }

  /** Nobody wants one any more. */
  leave() {
    this.#draft = null;
    this.#fill();
  }

  /** One of the list was chosen. @param {string} value */
  take(value) {
    const [kind, id = ""] = value.split(":");
    if (kind === "set") this.#draft = { library: id };
    else if (kind === "network") this.#draft = { family: "network", start: { library: id } };
    else if (kind === "family") this.#draft = this.#begun(/** @type {NonNullable<Potential["family"]>} */ (id));
    else this.#draft = fromText(this.#wanted);
    this.#fill();
    this.#apply();
  }

  /** A family with numbers of one's own; in an alloy each element begins with what is published for it. @param {NonNullable<Potential["family"]>} word @returns {Potential} */
  #begun(word) {
    const elements = this.#elements;
    /** @type {Potential & {parameters: Record<string, number>}} */
    const draft = { family: word, parameters: {} };
    if (elements.length < 2 || !this.#choice.families.some(({ family, mixes }) => mixes && family === word))
      return draft;
    for (const element of elements) {
      const set = this.#choice.published.find((set) => set.family === word && set.element === element);
      if (!set) continue;
      draft.range = Math.max(draft.range ?? 0, set.range);
      for (const [name, value] of Object.entries(set.parameters))
        draft.parameters[`${name} ${element}-${element}`] = value;
    }
    return draft;
  }

  get #elements() {
    return this.#store.state.open?.opened.description.crystal.elements ?? [];
  }

  /** The set that a potential names, and its family. @param {Potential | null} potential */
  #of(potential) {
    const set = this.#choice.published.find(({ id }) => id === potential?.library);
    const word = potential?.family ?? set?.family;
    return { set, family: this.#choice.families.find(({ family }) => family === word) };
  }

  /** The list. @param {string} [chosen] */
  #list(chosen) {
    const elements = this.#elements;
    const [element = ""] = elements;
    const named = new Map(this.#choice.families.map(({ family, name }) => [family, name]));
    const sets = elements.length === 1 ? this.#choice.published.filter((set) => set.element === element) : [];
    const families = this.#choice.families.filter(({ of_pairs }) => of_pairs || elements.length === 1);
    /** @type {[string, [string, string][]][]} */
    const groups = [
      [
        `Published for ${element}`,
        sets.map(({ id, family, reference }) => [`set:${id}`, `${named.get(family)}, ${reference}`]),
      ],
      ["With numbers of your own", families.map(({ family, name }) => [`family:${family}`, name])],
      [
        "A neural network that begins as",
        sets.map(({ id, family, reference }) => [`network:${id}`, `${named.get(family)}, ${reference}`]),
      ],
    ];
    const value = chosen ?? this.#valueOf(this.#draft);
    const known = groups.some(([, list]) => list.some(([name]) => name === value));
    const options = [make("option", "free constants", { value: "" })];
    if (value === NOTHING) options.push(make("option", "choose a potential …", { value: NOTHING, disabled: "" }));
    else if (value !== "" && !known) options.push(make("option", "as in the job", { value }));
    const homes = groups.flatMap(([label, list]) => {
      if (list.length === 0) return [];
      const home = make("optgroup", "", { label });
      home.append(...list.map(([value, text]) => make("option", text, { value })));
      return [home];
    });
    const made = JSON.stringify([value === NOTHING || !known ? value : "", groups]);
    if (made !== this.#select.dataset.made) {
      this.#select.dataset.made = made;
      this.#select.replaceChildren(...options, ...homes);
    }
    this.#select.value = value;
  }

  /** @param {Potential | null} potential */
  #valueOf(potential) {
    if (!potential) return "";
    const { family, library, start, file } = potential;
    if (family === "network" && start?.library) return `network:${start.library}`;
    if (library) return `set:${library}`;
    return family && !file && family !== "network" ? `family:${family}` : "job";
  }

  /** Parameters of the draft, as they are called in this crystal. @returns {Kind[]} */
  #kinds() {
    const { family } = this.#of(this.#draft);
    const elements = this.#elements;
    if (family && elements.length > 1) {
      const pairs = elements.flatMap((high, h) => elements.slice(0, h + 1).map((low) => [low, high]));
      return pairs.flatMap(([low, high]) =>
        family.parameters
          .filter(({ alone }) => !alone || low === high)
          .map((kind) => ({ ...kind, name: `${kind.name} ${low}-${high}` })),
      );
    }
    if (family) return family.parameters;
    // Values of tables are called as the engine does.
    const inForce = this.#draft?.family === "eam" && written(this.#draft) === this.#wanted;
    const found = inForce ? (this.#store.state.frame?.progress.potential?.parameters ?? []) : [];
    return found.length > MOST ? [] : found;
  }

  /** What a parameter starts from, where that is known. @param {string} name */
  #startOf(name) {
    const { set, family } = this.#of(this.#draft);
    const swapped = name.replace(/ (\w+)-(\w+)$/, " $2-$1");
    const given = this.#draft?.parameters ?? {};
    const found = this.#store.state.frame?.progress.potential?.parameters ?? [];
    // Tables have their values themselves, and what nobody said of two elements the engine makes of those of each.
    const isTold = this.#draft?.family === "eam" || (family?.mixes && written(this.#draft) === this.#wanted);
    const own = isTold ? found.find((p) => p.name === name || p.name === swapped)?.start : undefined;
    return given[name] ?? given[swapped] ?? set?.parameters[name] ?? own ?? null;
  }

  /** @param {string} [chosen] Of the list, instead of the draft. */
  #fill(chosen) {
    this.#list(chosen);
    const draft = this.#draft;
    this.#home.hidden = draft === null;
    if (!draft) {
      this.#made = "";
      this.#home.replaceChildren();
      return;
    }
    const kinds = this.#kinds();
    const { set } = this.#of(draft);
    const made = JSON.stringify([kinds, draft.library, draft.file, draft.family]);
    if (made !== this.#made) this.#make(kinds);
    this.#made = made;
    const write = (/** @type {string} */ key, /** @type {number | null | undefined} */ value) => {
      const field = this.#fields.get(key);
      if (field && document.activeElement !== field)
        field.value = value == null ? "" : String(Number(value.toPrecision(DIGITS)));
    };
    write("range", draft.range ?? set?.range);
    write("smoothing", draft.smoothing ?? 0);
    for (const { name, free } of kinds) {
      write(name, this.#startOf(name));
      const box = this.#free.get(name);
      if (box) box.checked = draft.free ? draft.free.includes(name) : free;
    }
  }

  /** @param {Kind[]} kinds */
  #make(kinds) {
    this.#fields.clear();
    this.#free.clear();
    const rows = [];
    const draft = this.#draft;
    if (draft?.family !== "eam" && draft?.family !== "network") {
      rows.push(this.#field("range", "Range", "Å"), this.#field("smoothing", "Switched off over", "Å"));
    }
    for (const { name, unit } of kinds) rows.push(this.#field(name, name, unit, true));
    const facts = make("p", "", { class: "facts" });
    const between = this.#of(draft).family?.mixes && this.#elements.length > 1;
    facts.textContent =
      kinds.length > 0
        ? `The fit begins with these numbers and moves those that are free.${between ? " What is not typed between two elements follows from those of each." : ""}`
        : draft?.family === "network"
          ? "Its weights are first fitted to that potential; the fit moves the combinations of them that the springs feel."
          : "";
    this.#home.replaceChildren(...rows, facts, this.#words);
  }

  /** @param {string} key @param {string} label @param {string} unit @param {boolean} [isParameter] */
  #field(key, label, unit, isParameter = false) {
    const id = `potential-${key.replace(/[^A-Za-z0-9]+/g, "-")}`;
    const home = make("div", "", { class: "field" });
    const name = make("label", `${label} `, { for: id });
    if (unit) name.append(make("small", unit));
    const input = make("input", "", { id, type: "text", inputmode: "decimal", spellcheck: "false" });
    input.addEventListener("change", () => this.#typed(key, input, home));
    this.#fields.set(key, input);
    home.append(name);
    if (isParameter) {
      const pair = make("span", "", { class: "start" });
      const check = make("label", "", { class: "check" });
      const box = make("input", "", { type: "checkbox", "aria-label": `${label} is fitted` });
      box.addEventListener("change", () => this.#freed());
      this.#free.set(key, box);
      check.append(box, " free");
      pair.append(input, check);
      home.append(pair);
    } else home.append(input);
    return home;
  }

  /** A number was typed. @param {string} key @param {HTMLInputElement} input @param {HTMLElement} home */
  #typed(key, input, home) {
    const draft = this.#draft;
    if (!draft) return;
    const text = input.value.trim();
    const reading = text === "" ? { value: null } : readNumber(text);
    home.querySelector(".problem")?.remove();
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    if ("problem" in reading) {
      const problem = make("p", reading.problem, { class: "problem", id: `${input.id}-problem` });
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", problem.id);
      home.append(problem);
      return;
    }
    const { value } = reading;
    const { set } = this.#of(draft);
    if (key === "range" || key === "smoothing") {
      if (value === null || (key === "smoothing" && value === 0)) delete draft[key];
      else draft[key] = value;
    } else {
      const parameters = { ...draft.parameters };
      delete parameters[key.replace(/ (\w+)-(\w+)$/, " $2-$1")];
      if (value === null || set?.parameters[key] === value) delete parameters[key];
      else parameters[key] = value;
      draft.parameters = parameters;
      if (Object.keys(parameters).length === 0 && draft.library) delete draft.parameters;
    }
    this.#apply();
  }

  /** A parameter is to be fitted, or no more. */
  #freed() {
    const draft = this.#draft;
    if (!draft) return;
    const kinds = this.#kinds().filter(({ name }) => this.#startOf(name) !== null);
    const free = kinds.filter(({ name }) => this.#free.get(name)?.checked);
    if (kinds.every((kind) => kind.free === free.includes(kind))) delete draft.free;
    else draft.free = free.map(({ name }) => name);
    this.#apply();
  }

  /** Has the draft calculated once nothing is missing. */
  #apply() {
    const draft = this.#draft;
    if (!draft) return;
    const missing = this.#missing(draft);
    this.#words.textContent = missing;
    if (missing !== "" || written(draft) === this.#wanted) return;
    // What is refused goes, and the fields show what is in force again.
    const text = written(draft);
    this.#wish(text).then(() => {
      if (this.#draft === draft && written(draft) === text) {
        this.#draft = fromText(this.#wanted);
        this.#fill();
      }
    });
  }

  /** What is still to be typed, in words. @param {Potential} draft */
  #missing(draft) {
    const { set, family } = this.#of(draft);
    if (!family || set) return "";
    const kinds = this.#kinds();
    const pairs = [...new Set(kinds.map(({ name }) => name.split(" ")[1] ?? ""))];
    const all = pairs.map((pair) => kinds.filter(({ name }) => (name.split(" ")[1] ?? "") === pair));
    // Between several elements a pair without numbers has no forces, or those that follow from each of the two.
    const begun = all.filter((list) => list.some(({ name }) => this.#startOf(name) !== null));
    const alike = all.filter(([kind]) => / (\w+)-\1$/.test(kind?.name ?? ""));
    const wanted = family.mixes && alike.length > 0 ? alike.flat() : begun.length > 0 ? begun.flat() : (all[0] ?? []);
    const names = wanted.filter(({ name }) => this.#startOf(name) === null).map(({ name }) => name);
    if (draft.range === undefined && family.family !== "stillinger-weber") names.unshift("the range");
    return names.length > 0 ? `Type numbers for ${names.join(", ")}: the fit begins there.` : "";
  }
}
