/** A link holds the whole state of the page, short of the data: settings, springs, what is in sight, and which files it is about. */

import { LONGEST, part, swapped, toHash } from "../page/address.js";
import { embeddedNames, hiddenNames, lockedNames } from "../page/hiding.js";
import { filesOf, parseJob } from "../files/files.js";
import { SAY } from "../page/messages.js";
import { defaults, readJob } from "../page/settings.js";
import { said } from "../page/tongue.js";

/** @typedef {import("../engine/protocol.js").Job} Job */
/** @typedef {import("../page/settings.js").Values} Values */
/** Own files by name, each with what tells its contents from others. @typedef {Record<string, string>} Prints */
/**
 * What is in sight of the maps: corner (pixels) and enlargement where it is not all, and hkl under the crosshair.
 * @typedef {{zoom: number[] | null, at: number[] | null}} Sight
 *
 * What a link says beside the settings. `job`: about own files, which stay where they are; `springs`: where the fit stands, eV/Å².
 * @typedef {{job: Job | null, prints: Prints, springs: number[] | null, sight: Sight}} Carried
 */

/**
 * The part of the address after “#”.
 * @param {{values: Readonly<Values>, job: Job, source: import("../files/examples.js").Source | undefined, springs: readonly number[] | null, sight: Sight}} state
 * @param {(name: string) => string | null} printOf Of an own file; null for others.
 * @param {{hide: string, lock: string}} [stripped] For whom it is opened; as here unless told otherwise.
 */
export function hashOf({ values, job, source, springs, sight }, printOf, stripped) {
  const base = defaults();
  readJob(base, source?.job ?? job);
  const parts = [toHash({ ...values, example: source?.id ?? "own" }, base)];
  if (!source) {
    const prints = [...new Set(filesOf(job))].flatMap((name) => {
      const print = printOf(name);
      return print === null ? [] : [[name, print]];
    });
    parts.push(part("job", swapped(JSON.stringify(job))));
    parts.push(part("files", swapped(JSON.stringify(Object.fromEntries(prints)))));
  }
  if (springs) parts.push(`springs=${written(springs)}`);
  for (const [name, numbers] of Object.entries(sight)) {
    if (numbers) parts.push(`${name}=${numbers.map((value) => Number(value.toFixed(4))).join(",")}`);
  }
  const { hide, lock } = stripped ?? { hide: hiddenNames(), lock: lockedNames() };
  if (hide) parts.push(part("hide", hide));
  if (lock) parts.push(part("lock", lock));
  if (embeddedNames()) parts.push(part("embed", embeddedNames()));
  const hash = parts.filter(Boolean).join("&");
  if (hash.length > LONGEST) {
    const values = { length: hash.length, most: LONGEST };
    throw new Error(said("link-too-long", SAY.linkTooLong(hash.length, LONGEST), values));
  }
  return hash;
}

/** What a link says beside the settings; what cannot be read is not there. @param {string} hash @returns {Carried} */
export function carriedBy(hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const text = (/** @type {string} */ name) => swapped(parts.get(name) ?? "");
  const sight = { zoom: threeIn(parts.get("zoom")), at: threeIn(parts.get("at")) };
  const springs = springsIn(parts.get("springs") ?? "");
  return { job: jobIn(text("job")), prints: printsIn(text("files")), springs, sight };
}

/** Three numbers with commas between them. @param {string | null} text */
function threeIn(text) {
  const numbers = (text ?? "").split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return numbers.length === 3 && numbers.every(Number.isFinite) ? numbers : null;
}

/** @param {string} text @returns {Job | null} */
function jobIn(text) {
  if (text === "") return null;
  try {
    return parseJob({ name: "the link", kind: "job", bytes: new TextEncoder().encode(text) });
  } catch {
    return null;
  }
}

/** @param {string} text @returns {Prints} */
function printsIn(text) {
  try {
    const found = Object.entries(JSON.parse(text));
    return Object.fromEntries(found.map(([name, print]) => [name, String(print)]));
  } catch {
    return {};
  }
}

/** Every bit of the numbers, in two thirds of the room that digits take. @param {readonly number[]} numbers */
function written(numbers) {
  const bytes = new Uint8Array(Float64Array.from(numbers).buffer);
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text @returns {number[] | null} */
function springsIn(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const numbers = [...new Float64Array(bytes.buffer)];
    return numbers.length > 0 && numbers.every(Number.isFinite) ? numbers : null;
  } catch {
    return null;
  }
}

/**
 * Puts a link into the address bar, or only into the clipboard; says what happened.
 * @param {string} hash @param {{own: boolean, stays?: boolean}} about  `own`: it is about own files; `stays`: the address stays as it is.
 */
export async function share(hash, { own, stays = false }) {
  const here = `${location.pathname}${location.search}`;
  if (!stays) history.replaceState(null, "", hash ? `#${hash}` : here);
  const beside = own ? ` ${said("link-own-files", SAY.linkOwnFiles)}` : "";
  const link = stays ? new URL(`${here}#${hash}`, location.href).href : location.href;
  try {
    await navigator.clipboard.writeText(link);
    return (stays ? said("lesson-copied", SAY.lessonCopied) : said("link-copied", SAY.linkCopied)) + beside;
  } catch {
    if (stays) throw new Error(said("lesson-not-copied", SAY.lessonNotCopied));
    return said("link-shown", SAY.linkShown) + beside;
  }
}
