/** What a person did, so that it can be undone and done again. */

/** @typedef {{name: string, undo: () => void, redo: () => void}} Action  `name`: in words, such as “1XX by hand”. */

/** How many are kept. */
const KEPT = 100;

export class Actions {
  /** @type {Action[]} */
  #all = [];
  /** How many of them are done. */
  #done = 0;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** What undo would take back, and what redo would do again. */
  get next() {
    return { undo: this.#all[this.#done - 1] ?? null, redo: this.#all[this.#done] ?? null };
  }

  /** What was done, the last one first. */
  get done() {
    return this.#all.slice(0, this.#done).reverse();
  }

  /** Something was done: what had been undone is gone. @param {Action} action */
  add(action) {
    this.#all = [...this.#all.slice(0, this.#done), action].slice(-KEPT);
    this.#done = this.#all.length;
    this.#changed();
  }

  undo() {
    const { undo } = this.next;
    if (!undo) return;
    this.#done -= 1;
    undo.undo();
    this.#changed();
  }

  redo() {
    const { redo } = this.next;
    if (!redo) return;
    this.#done += 1;
    redo.redo();
    this.#changed();
  }

  /** Nothing of it applies to what is open now. */
  forget() {
    this.#all = [];
    this.#done = 0;
    this.#changed();
  }
}
