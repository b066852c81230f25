/** The view “Lessons”: seven short scenes, each with a figure that the engine computes, and a question that the experiment answers. */

import { wantsStillness } from "../../draw/theme.js";
import { make } from "../../page/dom.js";
import { embeddedView, stripPage } from "../../page/hiding.js";
import { readNumber } from "../../page/parse.js";
import { speak } from "../../page/tongue.js";
import { action, filled } from "./kit.js";
import { LANGUAGES, languageOf, textsOf } from "./texts.js";

/** @typedef {import("../registry.js").Parts} Parts */
/** @typedef {import("../registry.js").View} View */
/** @typedef {import("./kit.js").Scene} Scene */
/** @typedef {import("./kit.js").Kit} Kit */
/** @typedef {import("./texts.js").Texts} Texts */

/** Where chance begins, as an address says it. */
const SEED = /^[1-9]\d{0,5}$/;

/** The page for teachers, among the numbers of the scenes. */
const TEACHER = "teacher";

/** One file each. @type {(() => Promise<{create: (kit: Kit) => Scene}>)[]} */
const SCENES = [
  () => import("./scenes/snapshots.js"),
  () => import("./scenes/symmetry.js"),
  () => import("./scenes/springs.js"),
  () => import("./scenes/descent.js"),
  () => import("./scenes/cholesky.js"),
  () => import("./scenes/nickel.js"),
  () => import("./scenes/heat.js"),
];

/** @param {Parts} parts */
export const create = (parts) => new LessonsView(parts);

/** @implements {View} */
class LessonsView {
  #store;
  #section;
  #inSight = false;
  /** What is shown: its language and its name. */
  #shown = "";
  /** @type {Scene | null} */
  #scene = null;

  /** @param {Parts} parts */
  constructor({ store, section }) {
    this.#store = store;
    this.#section = section;
    const sheet = make("link", "", { rel: "stylesheet", href: new URL("./lessons.css", import.meta.url).href });
    document.head.append(sheet);
    window.addEventListener("hashchange", () => this.#follow());
  }

  async show() {
    this.#inSight = true;
    await this.#follow();
  }

  hide() {
    this.#inSight = false;
    speak(null);
    document.documentElement.removeAttribute("data-lessons");
    this.#scene?.pause?.();
  }

  async refresh() {}

  redraw() {
    this.#scene?.redraw();
  }

  /** Goes where the address says, or where the page was left. */
  async #follow() {
    const address = new URLSearchParams(location.hash.slice(1));
    const view = embeddedView(location.hash) ?? address.get("view");
    if (!this.#inSight || view !== "lessons") return;
    const { settings } = this.#store;
    const change = Object.fromEntries(
      [
        ["scene", address.get("scene")],
        ["language", address.get("lang")],
        ["seed", SEED.test(address.get("seed") ?? "") ? address.get("seed") : null],
      ].filter(([, value]) => value !== null),
    );
    this.#store.change({ settings: change });
    const scene = String(change.scene ?? settings.scene);
    const name = scene === TEACHER || SCENES[Number(scene) - 1] ? scene : "1";
    const language = languageOf(change.language ?? settings.language);
    const wanted = `${language} ${name} ${this.#seed}`;
    document.documentElement.toggleAttribute("data-lessons", true);
    if (wanted === this.#shown) {
      await this.#speak(language, name);
      return this.redraw();
    }
    const turned = this.#shown !== "";
    this.#shown = wanted;
    this.#scene?.end();
    this.#scene = null;
    const [words, texts] = await Promise.all([textsOf(language, "words"), textsOf(language, name)]);
    if (wanted !== this.#shown || !this.#inSight) return;
    await this.#speak(language, name);
    this.#section.lang = language;
    this.#section.replaceChildren(this.#head(words, name));
    if (name === TEACHER) {
      const sheet = await this.#sheet(words);
      if (wanted !== this.#shown || !this.#inSight) return;
      this.#section.append(filled(make("article", "", { class: "teacher" }), ...texts.content("page"), sheet));
    } else await this.#play(words, texts, Number(name));
    // What the address takes away, locks or shows alone has only now come into being.
    stripPage(location.hash);
    // Who came by keyboard goes on from here.
    const title = this.#section.querySelector("h2");
    title?.setAttribute("tabindex", "-1");
    if (!turned) return;
    title?.focus({ preventScroll: true });
    this.#section.scrollIntoView({ behavior: wantsStillness() ? "auto" : "smooth" });
  }

  /** The page around the lessons in their language. @param {import("./texts.js").Language} language @param {string} name */
  async #speak(language, name) {
    const [words, page] = await Promise.all([textsOf(language, "words"), textsOf(language, "page")]);
    if (!this.#inSight) return;
    const scene = words.say(name === TEACHER ? TEACHER : `scene-${name}`);
    speak(page, page.say("title", { scene }));
  }

  /** A place of the lessons as a link, which keeps what else stands in the address. @param {string} text @param {Record<string, string>} place @param {Record<string, string>} [attributes] */
  #link(text, place, attributes = {}) {
    const href = `#${new URLSearchParams({ view: "lessons", ...place })}`;
    const link = make("a", text, { href, ...attributes });
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#go(place);
    });
    return link;
  }

  /** @param {Record<string, string>} place */
  #go(place) {
    const address = new URLSearchParams(location.hash.slice(1));
    address.set("view", "lessons");
    for (const [name, value] of Object.entries(place)) address.set(name, value);
    location.hash = address.toString();
  }

  /** Where chance begins: whoever follows a link sees the riddles of whoever made it. */
  get #seed() {
    return Number(this.#store.settings.seed) || 1;
  }

  get #answered() {
    return String(this.#store.settings.answered ?? "")
      .split(" ")
      .filter(Boolean);
  }

  /** @param {Texts} words @param {string} name */
  #head(words, name) {
    const list = make("ol");
    for (const [i] of SCENES.entries()) {
      const number = String(i + 1);
      const done = this.#answered.includes(number);
      const title = words.say(`scene-${number}`);
      const link = this.#link("", { scene: number }, name === number ? { "aria-current": "page" } : {});
      const mark = make("span", done ? "✓" : number, { class: done ? "mark done" : "mark", "aria-hidden": "true" });
      // Most show their number alone.
      link.append(mark, make("span", done ? `${title} (${words.say("answered")})` : title, { class: "name" }));
      link.title = title;
      list.append(filled(make("li"), link));
    }
    const teacher = this.#link(
      words.say("teacher"),
      { scene: TEACHER },
      name === TEACHER ? { "aria-current": "page" } : {},
    );
    const select = make("select", "", { id: "lessons-language" });
    for (const [language, own] of LANGUAGES) {
      const option = new Option(own, language);
      option.lang = language;
      select.append(option);
    }
    select.value = words.language;
    select.addEventListener("change", () => this.#go({ scene: name, lang: select.value }));
    const nav = filled(make("nav", "", { "aria-label": words.say("scenes"), class: "scenes" }), list);
    const tools = filled(
      make("div", "", { class: "lesson-tools" }),
      teacher,
      filled(
        make("span", "", { class: "language" }),
        make("label", words.say("language"), { for: "lessons-language" }),
        select,
      ),
    );
    return filled(make("div", "", { class: "lesson-head" }), nav, tools);
  }

  /** The questions of all scenes on paper, with room for answers. @param {Texts} words */
  async #sheet(words) {
    const scenes = await Promise.all(SCENES.map((_, i) => textsOf(words.language, String(i + 1))));
    const lines = (/** @type {string} */ name, /** @type {string} */ kind) =>
      filled(make("p", "", { class: `lines ${kind}` }), make("span", words.say(name)));
    const list = make("ol");
    for (const [i, texts] of scenes.entries()) {
      list.append(
        filled(
          make("li"),
          make("h4", words.say(`scene-${i + 1}`)),
          ...texts.content("question"),
          lines("sheet-answer", "one"),
          lines("sheet-why", "three"),
        ),
      );
    }
    const root = document.documentElement;
    const print = action(words.say("sheet-print"), () => {
      root.toggleAttribute("data-sheet", true);
      window.addEventListener("afterprint", () => root.removeAttribute("data-sheet"), { once: true });
      window.print();
    });
    return filled(
      make("section", "", { class: "sheet", "aria-labelledby": "sheet-title" }),
      filled(make("div", "", { class: "sheet-head" }), make("h3", words.say("sheet"), { id: "sheet-title" }), print),
      filled(make("div", "", { class: "whose" }), lines("sheet-name", "one"), lines("sheet-date", "one")),
      list,
    );
  }

  /** @param {Texts} words @param {Texts} texts @param {number} number */
  async #play(words, texts, number) {
    const place = make("div", "", { class: "experiment", role: "group", "aria-label": words.say("experiment") });
    const status = make("p", words.say("preparing"), { class: "status", role: "status" });
    const figure = filled(make("div", "", { class: "lesson-figure" }), status, place);
    const told = filled(
      make("div", "", { class: "told" }),
      make("p", words.say("step", { n: number, of: SCENES.length }), { class: "facts" }),
      filled(make("h2"), ...texts.content("title")),
      ...texts.content("text"),
      filled(
        make("section", "", { class: "try", "aria-label": words.say("try") }),
        make("h3", words.say("try")),
        ...texts.content("try"),
      ),
    );
    const task = make("div", "", { class: "task" });
    const article = filled(make("article", "", { class: "lesson" }), told, figure, task);
    this.#section.append(article);
    const { create } = await (SCENES[number - 1]?.() ?? Promise.reject(new Error("there is no such scene")));
    if (!article.isConnected) return;
    const scene = create({
      place,
      texts,
      seed: this.#seed,
      say: (said) => {
        status.classList.remove("bad");
        if (status.textContent !== said) status.textContent = said;
      },
      fail: (trouble) => {
        status.classList.add("bad");
        status.textContent = words.say("failed", { trouble });
      },
    });
    this.#scene = scene;
    task.append(this.#question(words, texts, number, scene));
    task.append(
      filled(
        make("details"),
        make("summary", words.say("equations")),
        filled(make("div", "", { class: "equations" }), ...texts.content("equations")),
      ),
      filled(make("p", "", { class: "facts sources" }), ...texts.content("sources")),
    );
    if (!this.#inSight) scene.pause?.();
  }

  /** @param {Texts} words @param {Texts} texts @param {number} number @param {Scene} scene */
  #question(words, texts, number, scene) {
    const form = make("form", "", { class: "question", autocomplete: "off", "aria-label": words.say("question") });
    const reply = make("p", "", { class: "reply", role: "status" });
    const next = make("p", "", { class: "next" });
    const field = make("input", "", {
      type: "text",
      inputmode: "decimal",
      id: "lesson-answer",
      spellcheck: "false",
      "aria-describedby": "lesson-question",
    });
    const row = make("div", "", { class: "answer" });
    if (scene.asks === "number") row.append(make("label", texts.say("answer"), { for: field.id }), field);
    row.append(make("button", words.say("check"), { type: "submit", class: "primary" }));
    const onward = () => {
      const last = number === SCENES.length;
      const link = last
        ? this.#link(words.say("first"), { scene: "1" })
        : this.#link(words.say("next", { title: words.say(`scene-${number + 1}`) }), { scene: String(number + 1) });
      next.replaceChildren(link);
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const reading = scene.asks === "number" ? readNumber(field.value) : { value: 0 };
      if ("problem" in reading) {
        field.setAttribute("aria-invalid", "true");
        this.#reply(reply, false, words.say("no-number"));
        return;
      }
      field.removeAttribute("aria-invalid");
      const { key, values } = await scene.check(reading.value);
      this.#reply(reply, key === "right", texts.say(key, values));
      if (key !== "right") return;
      if (!this.#answered.includes(String(number))) {
        const answered = [...this.#answered, String(number)].sort();
        this.#store.change({ settings: { answered: answered.join(" ") } });
        this.#section.querySelector(".lesson-head")?.replaceWith(this.#head(words, String(number)));
        stripPage(location.hash);
      }
    });
    onward();
    form.append(
      make("h3", words.say("question")),
      filled(make("div", "", { id: "lesson-question" }), ...texts.content("question")),
      row,
      reply,
      next,
    );
    return form;
  }

  /** @param {HTMLElement} reply @param {boolean} right @param {string} words */
  #reply(reply, right, words) {
    reply.dataset.right = String(right);
    // The same words said again are to be heard again.
    reply.textContent = "";
    requestAnimationFrame(() => {
      reply.textContent = words;
    });
  }
}
