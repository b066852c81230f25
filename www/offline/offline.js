/** The page without a network: has it kept where it comes with a service worker, and tells of a new version. */

import { make } from "../page/dom.js";

/** How often an open page asks for a new version, ms. */
const HOUR = 3_600_000;

const NEW = "A new version of this page is there. What is open comes back.";
const OTHERS = "Other tabs or frames show this page, too. Close them first: all of them change together.";

/**
 * @param {{kept: () => void, leave: () => Promise<string>}} parts  `kept`: the whole page is in this browser; `leave` makes ready
 *   for a reload and says what stands against it.
 */
export async function keepOffline({ kept, leave }) {
  const named = document.querySelector("meta[name=offline]");
  if (!(named instanceof HTMLMetaElement) || !("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  const registration = await serviceWorker
    .register(new URL(named.content, document.baseURI), { updateViaCache: "none" })
    // Where storage is blocked the page does without.
    .catch(() => null);
  if (!registration) return;
  const notice = new Notice(async () => {
    const objection = await leave();
    if (objection) return objection;
    const { waiting } = registration;
    if (waiting && (await ask(waiting, "showing")) > 1) return OTHERS;
    if (!waiting) {
      location.reload();
      return "";
    }
    serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    waiting.postMessage("take over");
    return "";
  });
  const follow = (/** @type {ServiceWorker | null} */ worker) =>
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && serviceWorker.controller) notice.show();
    });
  follow(registration.installing);
  registration.addEventListener("updatefound", () => follow(registration.installing));
  if (registration.waiting && serviceWorker.controller) notice.show();

  const { active } = await serviceWorker.ready;
  kept();
  // Out of the browser's own cache this may be an older page than what was kept.
  if (active && (await ask(active, "version")) !== named.dataset.version && !registration.waiting) notice.show();

  let asked = performance.now();
  const update = () => {
    if (document.visibilityState !== "visible" || performance.now() - asked < HOUR) return;
    asked = performance.now();
    registration.update().catch(() => {});
  };
  document.addEventListener("visibilitychange", update);
  setInterval(update, HOUR);
}

/** @param {ServiceWorker} worker @param {string} question @returns {Promise<any>} */
function ask(worker, question) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage(question, [port2]);
  });
}

/** One line at the rim of the page, which nobody has to answer. */
class Notice {
  #box = make("aside", "", { class: "renewal", "aria-label": "New version" });
  #words = make("p", "", { role: "status" });

  /** @param {() => Promise<string>} renew Says what stands against it. */
  constructor(renew) {
    const reload = make("button", "Reload", { type: "button", class: "primary" });
    const later = make("button", "Later", { type: "button" });
    const buttons = make("div", "", { class: "buttons" });
    buttons.append(reload, later);
    this.#box.append(this.#words, buttons);
    reload.addEventListener("click", async () => {
      const objection = await renew();
      if (objection) this.#words.textContent = objection;
    });
    later.addEventListener("click", () => this.#box.remove());
  }

  show() {
    document.body.append(this.#box);
    // What is announced has to come into a place that is there already.
    requestAnimationFrame(() => {
      this.#words.textContent = NEW;
    });
  }
}
