// The texts of the lessons: the same keys and places in every language, English that reads easily, German that is German.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../www/lessons/", import.meta.url);
const LANGUAGES = readdirSync(FOLDER).sort();
const SCENES = ["1", "2", "3", "4", "5", "6", "7"];

/** @param {string} language @param {string} name */
const read = (language, name) => readFileSync(new URL(`${language}/${name}`, FOLDER), "utf8");

/** Texts by key, without their tags. @param {string} html */
function texts(html) {
  const found = new Map();
  for (const [, tag, key] of html.matchAll(/<(\w+)[^>]*\bdata-key="([^"]+)"[^>]*>/g)) {
    const from = html.indexOf(`data-key="${key}"`);
    // Elements of the same kind are not within each other.
    const end = html.indexOf(`</${tag}>`, from);
    assert.ok(!found.has(key), `${key} is there twice`);
    found.set(key, plain(html.slice(html.indexOf(">", from) + 1, end)));
  }
  return found;
}

/** @param {string} html */
const plain = (html) =>
  html
    .replace(/<math[\s\S]*?<\/math>/g, " ")
    .replace(/<\/(p|li|h\d|td|th)>/g, ". ")
    .replace(/<[^>]+>/g, "")
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();

/** Whose vowels do not tell. @type {Record<string, number>} */
const SYLLABLES = {
  cholesky: 3, quantum: 2, crystal: 2, crystals: 2, diffuse: 2, thermal: 2, atoms: 2, idea: 3, being: 2, create: 2, area: 3,
  phonon: 2, nickel: 2, every: 2, different: 2, measured: 2, measure: 2, table: 2, single: 2, angstrom: 2, called: 1, turned: 1,
  ripple: 2, ripples: 2, people: 2, simple: 2, cubic: 2, bragg: 1, aluminium: 5, times: 1, sides: 1, tables: 2, mirror: 2,
}; // biome-ignore format: a list

/** Of an English word. @param {string} word */
function syllables(word) {
  const w = word.toLowerCase().replace(/[^a-z]/g, "");
  const known = SYLLABLES[w];
  if (known !== undefined) return known;
  const stem = w.replace(/(?:[^laeiouyhsxzcg]es|[^td]ed|[^laeiouy]e)$/, (end) => end[0] ?? "");
  return Math.max(1, stem.match(/[aeiouy]+/g)?.length ?? 1);
}

/** Flesch's reading ease: J. Appl. Psychol. 32 (1948) 221. @param {string} text */
function ease(text) {
  const sentences = text.split(/[.!?]+(?:\s|$)/).filter((part) => /[a-z]/i.test(part)).length;
  const words = text.split(/\s+/).filter((word) => /[a-z]/i.test(word));
  const count = words.reduce((sum, word) => sum + syllables(word), 0);
  return 206.835 - 1.015 * (words.length / sentences) - 84.6 * (count / words.length);
}

test("the counter of syllables counts", () => {
  for (const [word, n] of /** @type {[string, number][]} */ ([
    ["spring", 1], ["makes", 1], ["better", 2], ["pages", 2], ["needed", 2], ["pressed", 1], ["temperature", 4], ["table", 2], ["scattering", 3],
  ])) // biome-ignore format: a list
    assert.equal(syllables(word), n, word);
  assert.ok(ease("The cat sat on the mat.") > 110);
  assert.ok(
    ease(
      "Notwithstanding considerable methodological limitations, experimental crystallography characterises vibrational anisotropy.",
    ) < 0,
  );
});

test("all languages have the same files, keys and places to fill in", () => {
  assert.deepEqual(LANGUAGES, ["de", "en"]);
  const names = readdirSync(new URL("en/", FOLDER)).sort();
  assert.deepEqual(names, [...SCENES.map((n) => `${n}.html`), "page.html", "teacher.html", "words.html"].sort());
  for (const language of LANGUAGES) {
    assert.deepEqual(readdirSync(new URL(`${language}/`, FOLDER)).sort(), names, language);
    for (const name of names) {
      const [own, english] = [texts(read(language, name)), texts(read("en", name))];
      assert.deepEqual([...own.keys()].sort(), [...english.keys()].sort(), `${language}/${name}`);
      assert.match(read(language, name), new RegExp(`<(article|ul) lang="${language}"`), `${language}/${name}`);
      for (const [key, text] of own) {
        if (name === "teacher.html") continue;
        const places = (/** @type {string} */ words) => [...words.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
        assert.ok(text.length > 0, `${language}/${name}: ${key} is empty`);
        assert.deepEqual(
          [...new Set(places(text))],
          [...new Set(places(english.get(key)))],
          `${language}/${name}: ${key}`,
        );
      }
    }
  }
});

/** What is a sentence at least, with a number for what is filled in. @param {Iterable<string>} words */
const sentences = (words) =>
  [...words]
    .filter((text) => /[a-z][.!?:]( |$)/.test(text))
    .map((text) => text.replace(/\{\w+\}/g, "5").replace(/[^.!?]$/, "$&."))
    .join(" ");

for (const name of SCENES) {
  test(`scene ${name} reads easily`, () => {
    const all = texts(read("en", `${name}.html`));
    const told = ["text", "try", "question", "right", "hint"].map((key) => all.get(key) ?? "").join(" ");
    // Hints, what the experiment says, and how to read it, by themselves: nothing hides behind the rest.
    const said = [...all]
      .filter(([key]) => !["title", "text", "equations", "sources"].includes(key))
      .map(([, text]) => text);
    for (const [what, text] of Object.entries({ told: told.replace(/\{\w+\}/g, "5"), said: sentences(said) })) {
      const found = ease(text);
      assert.ok(found >= 55, `${what}: Flesch reading ease ${found.toFixed(1)}`);
      console.log(`scene ${name}, ${what}: Flesch reading ease ${found.toFixed(1)}`);
    }
  });
}

test("what stands around the scenes reads easily", () => {
  for (const name of ["page", "teacher", "words"]) {
    const found = ease(sentences(texts(read("en", `${name}.html`)).values()));
    assert.ok(found >= 55, `${name}: Flesch reading ease ${found.toFixed(1)}`);
    console.log(`${name}: Flesch reading ease ${found.toFixed(1)}`);
  }
});

test("the German texts are German", () => {
  for (const name of [...SCENES, "page", "teacher", "words"]) {
    const german = plain(read("de", `${name}.html`).replace(/<!--[\s\S]*?-->/g, ""));
    const words = german.toLowerCase().split(/[^a-zäöüß]+/);
    const share = (/** @type {string[]} */ list) => words.filter((word) => list.includes(word)).length / words.length;
    const [own, foreign] = [
      share(["der", "die", "das", "und", "zu", "ist", "ein", "eine"]),
      share(["the", "and", "of", "is", "to"]),
    ];
    assert.ok(foreign < 0.02, `${name}: ${foreign}`);
    if (name !== "words" && name !== "page") assert.ok(own > 0.06, `${name}: ${own}`);
  }
});
