/** What only some need is loaded when it is first asked for, and asked for again where that failed. */

/**
 * @template T @param {(query: string) => Promise<T>} load  `query` goes to the end of a module's address: a browser may never
 *   ask again for one that it did not get, but by another address it does. @returns {() => Promise<T>}
 */
export function whenAsked(load) {
  /** @type {Promise<T> | null} */
  let loaded = null;
  let failures = 0;
  return () => {
    loaded ??= load(failures > 0 ? `?again=${failures}` : "").catch((error) => {
      loaded = null;
      failures += 1;
      throw error;
    });
    return loaded;
  };
}

/**
 * The same for a part of the page, with a sentence for people where it does not come.
 * @template T @param {string} name As in “This view”. @param {(query: string) => Promise<T>} load
 */
export const partWhenAsked = (name, load) =>
  whenAsked((query) =>
    load(query).catch((cause) => {
      const words = `${name} did not load: there is no answer from the server that the page came from. Try again when the network is back`;
      throw new Error(words, { cause });
    }),
  );
