/** Brings one view into sight, and loads it when it is first asked for. Which there are stands in the registry. */

import { HOME, VIEWS } from "../views/registry.js";
import { partWhenAsked } from "../engine/later.js";
import { isSettings } from "./address.js";
import { ID, any, make } from "./dom.js";
import { SETTINGS } from "./settings.js";

/** @typedef {import("../views/registry.js").View} View */
/** @typedef {import("../views/registry.js").Row} Row */
/** @typedef {Omit<import("../views/registry.js").Parts, "module" | "section">} Parts */

export class Views {
  #module;
  #parts;
  /** @type {Map<string, Promise<View>>} */
  #made = new Map();
  /** Modules of the views, by name. @type {Map<string, ReturnType<typeof moduleOf>>} */
  #modules = new Map(VIEWS.map((row) => [row.id, moduleOf(row)]));
  #current = HOME;
  /** The last address that held settings: it may name a place in the page meanwhile. */
  #settings = isSettings(location.hash) ? location.hash : "";

  /** @param {Promise<WebAssembly.Module>} module @param {View} home The one that is there from the start. @param {Parts} parts What every view gets. */
  constructor(module, home, parts) {
    this.#module = module;
    this.#parts = parts;
    this.#made.set(HOME, Promise.resolve(home));
    window.addEventListener("hashchange", ({ oldURL }) => {
      const { hash } = new URL(oldURL);
      if (isSettings(hash)) this.#settings = hash;
    });
    for (const row of VIEWS) furnish(row);
    for (const link of links()) {
      // The link alone would drop the settings that stand in the address.
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        const settings = new URLSearchParams((isSettings(location.hash) ? location.hash : this.#settings).slice(1));
        settings.delete("view");
        const view = link.dataset.view ?? HOME;
        if (view !== HOME) settings.set("view", view);
        location.hash = settings.toString();
      });
    }
    const ofViews = SETTINGS.filter(({ view }) => view).map(({ key }) => key);
    parts.store.subscribe(["open", ...ofViews], () => this.#refresh());
    parts.store.subscribe(["frame"], () => {
      if (parts.store.state.frame?.progress.termination) this.#refresh();
    });
  }

  /** @param {unknown} name Anything unknown is the first. */
  async go(name) {
    const next = VIEWS.find(({ id }) => id === name)?.id ?? HOME;
    if (next === this.#current) return;
    const before = this.#current;
    this.#bringUp(next);
    (await this.#made.get(before)?.catch(() => null))?.hide();
    try {
      if (this.#current === next) await (await this.#view(next))?.show();
    } catch (error) {
      this.#forget(next);
      throw error;
    }
  }

  /** Back to the first, so that the next choice of the view tries again. @param {string} name */
  #forget(name) {
    this.#made.delete(name);
    if (this.#current !== name) return;
    this.#bringUp(HOME);
    const settings = new URLSearchParams(location.hash.slice(1));
    settings.delete("view");
    history.replaceState(null, "", `${location.pathname}${location.search}${settings.size > 0 ? `#${settings}` : ""}`);
  }

  /** @param {string} next */
  #bringUp(next) {
    this.#current = next;
    for (const link of links()) {
      if (link.dataset.view === next) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const section = VIEWS.find(({ id }) => id === next)?.section;
    for (const part of parts()) part.hidden = part.dataset.part !== section;
  }

  async #refresh() {
    await (await this.#made.get(this.#current))?.refresh();
  }

  /** Colours or sizes changed, or what is in sight. */
  redraw() {
    for (const made of this.#made.values())
      made.then(
        (view) => view.redraw(),
        () => {},
      );
  }

  /** @param {string} name */
  #view(name) {
    const row = VIEWS.find(({ id }) => id === name);
    const made = this.#made.get(name) ?? (row && this.#make(row));
    if (made) this.#made.set(name, made);
    return made;
  }

  /** @param {Row} row */
  async #make({ id, section }) {
    const [loaded, module] = await Promise.all([this.#modules.get(id)?.(), this.#module]);
    if (!loaded) throw new Error(`the view “${id}” has no module`);
    const found = parts().find(({ dataset }) => dataset.part === section);
    if (!found) throw new Error(`there is no section “${section}”`);
    return loaded.create({ ...this.#parts, module, section: found });
  }
}

/** @param {Row} row */
const moduleOf = ({ load }) => partWhenAsked("This view", async (query) => load?.(query));

const links = () => [...any(ID.views).querySelectorAll("a")];

/** What is in sight with one view alone. */
const parts = () => [...document.querySelectorAll("[data-part]")].filter((part) => part instanceof HTMLElement);

/** Makes what the markup lacks of a view. @param {Row} row */
function furnish({ id, title, section }) {
  if (!links().some(({ dataset }) => dataset.view === id)) {
    any(ID.views).append(make("a", title, { href: `#view=${id}`, "data-view": id }));
  }
  if (parts().some(({ dataset }) => dataset.part === section)) return;
  any(ID.content).append(
    make("section", "", { id: section, class: "stage", "data-part": section, "aria-label": title, hidden: "" }),
  );
}
