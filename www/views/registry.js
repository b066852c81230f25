/**
 * The views of the page, one row each. A new one is a folder beside this file and a row in here: its
 * module exports `create`, and is loaded when the view is first asked for. A link and an empty section
 * are made for it where the page's markup, which holds what is there from the start, has none.
 */

/**
 * @typedef {{
 *   show: () => Promise<void>, hide: () => void, refresh: () => Promise<void>, redraw: () => void,
 * }} View  `show` and `hide` as it comes into sight and leaves it; `refresh`: what is open changed, or a setting
 *   of the view; `redraw`: colours or sizes changed.
 *
 * @typedef {import("../engine/protocol.js").Job} Job
 * @typedef {import("../engine/protocol.js").Description} Description
 * @typedef {import("../engine/protocol.js").Progress} Progress
 * @typedef {{job: Job, files: Record<string, Uint8Array>, description: Description, progress: Progress}} Present
 *   What the fit is about at the moment.
 *
 * @typedef {{
 *   module: WebAssembly.Module, store: import("../page/store.js").Store, section: HTMLElement,
 *   present: (measured?: boolean) => Promise<Present | null>, mark: (key: string, message: string) => void,
 * }} Parts  What every view gets; `present` gives the files of the data, too, where these are wanted; `mark` says beside a field why it is not in force.
 *
 * @typedef {{id: string, title: string, section: string, load?: (query: string) => Promise<{create: (parts: Parts) => View}>}} Row
 *   `query` goes to the end of its address; `id` is its name in a link, `section` the `data-part` of what is in sight with it. The page brings a
 *   view without `load` along.
 */

/** The one that the page opens with. */
export const HOME = "fit";

/** @type {Row[]} */
export const VIEWS = [
  { id: HOME, title: "Fit", section: "fit" },
  { id: "crystal", title: "Crystal", section: "crystal", load: (query) => import(`./crystal/view.js${query}`) },
  {
    id: "snapshots",
    title: "Atoms in motion",
    section: "snapshots",
    load: (query) => import(`./snapshots/view.js${query}`),
  },
  { id: "methods", title: "Three methods", section: "methods", load: (query) => import(`./methods/view.js${query}`) },
  {
    id: "compare",
    title: "Compare and plan",
    section: "compare",
    load: (query) => import(`./compare/view.js${query}`),
  },
  { id: "lessons", title: "Lessons", section: "lessons", load: (query) => import(`./lessons/view.js${query}`) },
];
