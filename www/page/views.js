/** The views of the page: one is in sight; those beside the fit are loaded when first asked for. */

import { ID, any } from "./dom.js";
import { isSettings } from "./settings.js";

/** @typedef {import("./settings.js").Values} Values */
/**
 * @typedef {{
 *   show: () => Promise<void>, hide: () => void, refresh: () => Promise<void>, redraw: () => void,
 * }} View  `refresh`: a setting of the view changed.
 */

/** @type {Record<string, (module: Promise<WebAssembly.Module>, present: () => Promise<import("../views/snapshots/view.js").Present | null>, values: () => Values, mark: (key: string, message: string) => void) => Promise<View>>} */
const MAKERS = {
  snapshots: async (module, ...parts) => new (await import("../views/snapshots/view.js")).SnapshotsView(await module, ...parts),
  methods: async (module, present, values) => new (await import("../views/methods/view.js")).MethodsView(await module, present, values),
};

export class Views {
  #parts;
  /** @type {Map<string, Promise<View>>} */
  #made = new Map();
  #current = "fit";
  /** The last address that held settings: it may name a place in the page meanwhile. */
  #settings = isSettings(location.hash) ? location.hash : "";

  /** @param {Parameters<NonNullable<typeof MAKERS[string]>>} parts What every view gets. */
  constructor(...parts) {
    this.#parts = parts;
    window.addEventListener("hashchange", ({ oldURL }) => {
      const { hash } = new URL(oldURL);
      if (isSettings(hash)) this.#settings = hash;
    });
    for (const link of this.#links()) {
      // The link alone would drop the settings that stand in the address.
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        const settings = new URLSearchParams((isSettings(location.hash) ? location.hash : this.#settings).slice(1));
        settings.delete("view");
        const view = link.dataset.view ?? "fit";
        if (view !== "fit") settings.set("view", view);
        location.hash = settings.toString();
      });
    }
  }

  #links() {
    return [...any(ID.views).querySelectorAll("a")];
  }

  /** @param {unknown} name Anything unknown is the fit. */
  async go(name) {
    const next = typeof name === "string" && name in MAKERS ? name : "fit";
    if (next === this.#current) return;
    const before = this.#current;
    this.#bringUp(next);
    (await this.#made.get(before)?.catch(() => null))?.hide();
    try {
      if (this.#current === next) await (await this.#view(next))?.show();
    } catch {
      this.#forget(next);
      throw new Error("This view did not load: there is no answer from the server that the page came from. Choose it again when the network is back");
    }
  }

  /** Back to the fit, so that the next choice of the view tries again. @param {string} name */
  #forget(name) {
    this.#made.delete(name);
    if (this.#current !== name) return;
    this.#bringUp("fit");
    const settings = new URLSearchParams(location.hash.slice(1));
    settings.delete("view");
    history.replaceState(null, "", `${location.pathname}${location.search}${settings.size > 0 ? `#${settings}` : ""}`);
  }

  /** @param {string} next */
  #bringUp(next) {
    this.#current = next;
    for (const link of this.#links()) {
      if (link.dataset.view === next) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const part of document.querySelectorAll("[data-part]")) {
      if (part instanceof HTMLElement) part.hidden = part.dataset.part !== next;
    }
  }

  /** What the fit is about changed, or a setting of a view. */
  async refresh() {
    await (await this.#made.get(this.#current))?.refresh();
  }

  async redraw() {
    (await this.#made.get(this.#current))?.redraw();
  }

  /** @param {string} name */
  #view(name) {
    const maker = MAKERS[name];
    const made = this.#made.get(name) ?? maker?.(...this.#parts);
    if (made) this.#made.set(name, made);
    return made;
  }
}

/** The settings in an address, without the choice of the view and what is hidden. @param {string} address */
export function settingsIn(address) {
  const settings = new URLSearchParams(new URL(address).hash.slice(1));
  settings.delete("view");
  settings.delete("hide");
  return settings.toString();
}
