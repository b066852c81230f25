/** Which of several wishes a refusal is about. */

import { placeOf, suspects } from "./words.js";

/** @typedef {import("./desk.js").Wish} Wish */

/** Tells whether the same happens again. @param {string} code @param {string} message */
export const signOf = (code, message) => `${code} ${placeOf(message)}`;

/**
 * The wish that an error is about: one that failed like this before, or one whose place in the job the
 * error names; else one that failed at all, or what is newest.
 * @param {string} code @param {string} message @param {Wish[]} trying @param {ReadonlyMap<string, {sign: string}>} refused By key.
 */
export function culpritOf(code, message, trying, refused) {
  const sign = signOf(code, message);
  const newest = [...trying].reverse();
  const keys = suspects(code, message);
  return (
    newest.find(({ key }) => refused.get(key)?.sign === sign) ??
    newest.find(({ key }) => keys.includes(key)) ??
    newest.find(({ key }) => refused.has(key)) ??
    newest[0]
  );
}
