/** What is to be opened: what was kept, what a link asks for, an example or files. The newest choice counts. */

import { FIRST, fetchOffers, sourceById } from "../files/examples.js";
import { HOME } from "../views/registry.js";
import { fromHash, isSettings, ofJob, settingsIn, viewOf } from "./address.js";
import { carriedBy } from "../links/link.js";
import { embeddedView, stripPage } from "./hiding.js";
import {
  SAY,
  linkLacksSentence,
  notKeptSentence,
  otherContentsSentence,
  refusedSentence,
  sentence,
} from "./messages.js";

/** @typedef {import("./settings.js").Values} Values */
/**
 * @typedef {{
 *   store: import("./store.js").Store, desk: import("./desk.js").Desk, pilot: import("./pilot.js").Pilot,
 *   voice: import("./voice.js").Voice, views: import("./views.js").Views,
 *   gifts: import("../files/gifts.js").Gifts, remember: import("./remember.js").Remember, stood: (springs: number[]) => void, look: (sight: import("../links/link.js").Sight) => void, show: () => void,
 * }} Parts  `stood` puts the fit back where it was, `look` has the maps show what a link says; `show` puts what is in force or wished for into the controls again, and keeps it for the next time.
 */

/** The values in an address; a view that it shows alone is the one in sight. @param {string} hash @returns {Values} */
function valuesIn(hash) {
  const alone = embeddedView(hash);
  return alone ? { ...fromHash(hash), view: alone } : fromHash(hash);
}

export class Chooser {
  #parts;
  /** The settings of the address that were followed last. @type {string | null} */
  #followed = null;
  /** Choices so far. */
  #choice = 0;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    window.addEventListener("hashchange", () => this.#followAddress());
  }

  /** The address that what is chosen belongs to. */
  get address() {
    return this.#followed ?? settingsIn(location.href);
  }

  /** The address was made for what is open. */
  moved() {
    this.#followed = settingsIn(location.href);
    this.#parts.desk.move();
  }

  /** Opens what was open last time, what the link asks for, or the first example. @param {Promise<unknown>} ready Kept once the engine answers. */
  async begin(ready) {
    const { store, desk, pilot, remember, gifts } = this.#parts;
    const [offers, kept] = await Promise.all([fetchOffers(), remember.load(), ready]);
    store.change({ offers, ownJob: store.state.ownJob ?? kept?.ownJob ?? null });
    const values = valuesIn(location.hash);
    stripPage(location.hash);
    if (!kept?.current) return this.#followLink("", true);
    this.#followed = settingsIn(location.href);
    store.change({ settings: { ...kept.values, ...viewOf(values) } });
    this.#goTo(values);
    const source = kept.source ? await sourceById(kept.source).catch(() => undefined) : undefined;
    // What a person gave meanwhile wins.
    const lacking = !desk.base && kept.job ? gifts.expect(kept.job) : [];
    if (!desk.base && kept.job && lacking.length === 0) desk.replace(kept.job, source);
    await pilot.settle({ words: remember.sentence });
    if (kept.springs && desk.force && JSON.stringify(desk.force.job) === JSON.stringify(kept.job))
      this.#parts.stood(kept.springs);
    // What cannot be opened any more does not leave an empty page.
    if (!desk.force && !pilot.calculating)
      await this.#followLink(lacking.length > 0 ? notKeptSentence(lacking) : "", true);
  }

  /** The address changed. */
  #followAddress() {
    if (!isSettings(location.hash)) return;
    stripPage(location.hash);
    this.#parts.views.redraw();
    if (settingsIn(location.href) === this.#followed) this.#goTo(valuesIn(location.hash));
    else this.#followLink();
  }

  /** @param {string} [words] What to say besides. @param {boolean} [first] Nothing was followed before. */
  async #followLink(words = "", first = false) {
    const { store, desk, pilot, gifts, show } = this.#parts;
    const followed = settingsIn(location.href);
    this.#followed = followed;
    const values = valuesIn(location.hash);
    stripPage(location.hash);
    store.change({ settings: viewOf(values) });
    this.#goTo(values);
    const carried = carriedBy(location.hash);
    const { prints } = carried;
    let waits = false;
    await this.#begun(async () => {
      const isOwn = values.example === "own";
      const source = isOwn ? undefined : await sourceById(String(values.example));
      const lacking =
        isOwn && carried.job
          ? gifts.expect(carried.job, { prints, opened: (others) => this.#arrive(carried, others) })
          : [];
      waits = lacking.length > 0;
      const own = waits ? null : (carried.job ?? store.state.ownJob);
      const job = isOwn ? own : source?.job;
      if (waits) words = linkLacksSentence(lacking);
      const behind = source ?? (await sourceById(FIRST.id));
      return () => {
        // Files that came before there was anything to follow stay, with what the link says of them.
        if (desk.base && (first || !desk.force)) {
          if (behind) desk.behind(behind.job, behind);
          desk.suggest(ofJob(values));
        } else if (job) desk.replace(job, source, ofJob(values));
        else {
          if (behind) desk.replace(behind.job, behind, isOwn ? {} : ofJob(values));
          if (isOwn && !words)
            return "This link is about files that are not kept in this browser, so the first example is shown.";
        }
        return words;
      };
    });
    // Where it led nowhere, what is still there is what this address shows.
    if (followed !== this.#followed || pilot.calculating) return;
    desk.stay();
    show();
    if (!waits) this.#arrive(carried, gifts.differing(prints));
  }

  /**
   * Puts springs and maps where a link says that they were.
   * @param {import("../links/link.js").Carried} carried @param {string[]} others Files that hold something else than it says.
   */
  #arrive({ springs, sight }, others) {
    const { desk, voice, stood, look } = this.#parts;
    if (!desk.force) return;
    look(sight);
    if (springs) stood(springs);
    if (others.length > 0) voice.complain(otherContentsSentence(others));
  }

  /** @param {Values} values Those of a link. */
  #goTo({ view }) {
    const { store, voice, views } = this.#parts;
    const to = (/** @type {NonNullable<Values[string]>} */ name) => {
      store.change({ settings: { view: name } });
      voice.follow(name !== HOME);
    };
    const name = view ?? HOME;
    to(name);
    views.go(name).catch((error) => {
      to(HOME);
      voice.complain(sentence(error instanceof Error ? error.message : String(error)));
    });
  }

  /** @param {string} id */
  example(id) {
    return this.#begun(async () => {
      const source = await sourceById(id);
      const job = source?.job ?? this.#parts.store.state.ownJob;
      return () => {
        if (job) this.#parts.desk.replace(job, source);
      };
    });
  }

  /** @param {Promise<File[]>} files */
  files(files) {
    const { gifts, pilot, voice, show } = this.#parts;
    this.#choice += 1;
    voice.forgive();
    voice.say(SAY.opening, true);
    return gifts
      .take(files, (words) => pilot.settle({ words }))
      .then((taken) => {
        if (!taken) voice.restate("");
      })
      .catch((error) => {
        show();
        voice.complain(this.#refused(error));
      });
  }

  /**
   * Chooses what to open, which may fail, and opens it. What comes back puts the choice on the desk,
   * unless something newer was chosen meanwhile.
   * @param {() => Promise<() => string | void>} choose
   */
  async #begun(choose) {
    const { desk, pilot, voice, show } = this.#parts;
    const choice = ++this.#choice;
    try {
      const decide = await choose();
      if (choice === this.#choice) await pilot.settle({ words: decide() ?? "" });
    } catch (error) {
      show();
      voice.complain(this.#refused(error));
      if (!desk.force) voice.state("failed", "");
    }
  }

  /** @param {unknown} error */
  #refused(error) {
    const message = error instanceof Error ? error.message : String(error);
    return this.#parts.desk.force ? refusedSentence(message) : sentence(message);
  }
}
