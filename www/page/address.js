/** The settings in the address bar: what a link says, and how it is written. */

import { readCells } from "./parse.js";
import { SETTINGS, writtenCells } from "./settings.js";

/** @typedef {import("./settings.js").Setting} Setting */
/** @typedef {import("./settings.js").Value} Value */
/** @typedef {import("./settings.js").Values} Values */

/** Longest that a link may be after “#”, characters: longer ones are cut where they pass through. */
export const LONGEST = 2000;

/**
 * JSON without the characters that an address writes in three; the other way, the same.
 * @param {string} text
 */
export const swapped = (text) => text.replace(/["'{}()[\]!*]/g, (c) => PAIRS[c] ?? c);
const PAIRS = Object.fromEntries(
  ["\"'", "{(", "})", "[!", "]*"].flatMap(([a = "", b = ""]) => [
    [a, b],
    [b, a],
  ]),
);

/** One part of an address. @param {string} name @param {string} text */
export function part(name, text) {
  const plain = /** @type {Record<string, string>} */ ({ "%20": "+", "%2C": ",", "%3A": ":", "%2F": "/" });
  return `${name}=${encodeURIComponent(text).replace(/%(20|2C|3A|2F)/g, (code) => plain[code] ?? code)}`;
}

/** The part of the address after “#”: what differs from `base`. @param {Values} values @param {Values} base */
export function toHash(values, base) {
  const parts = [];
  for (const { key, hash, kind, isLocal } of SETTINGS) {
    const value = values[key] ?? null;
    if (isLocal || value === (base[key] ?? null)) continue;
    const text = value === null ? "" : String(value);
    parts.push(part(hash, kind === "place" ? swapped(text) : text));
  }
  return parts.join("&");
}

/** The values in an address. Whatever is not of its kind is ignored. @param {string} hash @returns {Values} */
export function fromHash(hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  /** @type {Values} */
  const values = {};
  for (const setting of SETTINGS.filter(({ isLocal }) => !isLocal)) {
    const text = parts.get(setting.hash);
    const value = text === null ? undefined : fromText(setting, text);
    if (value !== undefined) values[setting.key] = value;
  }
  return values;
}

/** What a text in an address means; undefined where it is not of the setting's kind. @param {Setting} setting @param {string} text @returns {Value | undefined} */
function fromText({ kind, optional, options, valid }, text) {
  if (options) return options.some(([value]) => value === text) ? text : undefined;
  if (text === "" && optional) return null;
  switch (kind) {
    case "flag":
      return text === "true";
    case "number":
    case "whole":
      return text !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case "cells": {
      const cells = readCells(text);
      return cells ? writtenCells(cells) : undefined;
    }
    case "place": {
      const value = swapped(text);
      return valid?.(value) ? value : undefined;
    }
    default:
      return text;
  }
}

/** Whether an address holds settings; “#content” is a place in the page. @param {string} hash */
export function isSettings(hash) {
  return hash === "" || hash === "#" || hash.includes("=");
}

/** The settings in an address, without the choice of the view and its page, and what is hidden, locked or shown alone. @param {string} address */
export function settingsIn(address) {
  const settings = new URLSearchParams(new URL(address).hash.slice(1));
  for (const name of ["view", "hide", "lock", "embed", "scene", "lang", "seed"]) settings.delete(name);
  return settings.toString();
}

/** What a link says of the views. @param {Values} values @returns {Values} */
export function viewOf(values) {
  return only(values, ({ key, write }) => !write && key !== "example");
}

/** What a link says of the job. @param {Values} values @returns {Values} */
export function ofJob(values) {
  return only(values, ({ write }) => write !== undefined);
}

/** @param {Values} values @param {(setting: Setting) => boolean} wanted @returns {Values} */
function only(values, wanted) {
  const keys = SETTINGS.filter((setting) => setting.key in values && wanted(setting)).map(({ key }) => key);
  return Object.fromEntries(keys.map((key) => [key, values[key] ?? null]));
}
