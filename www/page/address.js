/** The settings in the address bar: what a link says, and how it is written. */

import { readCells } from "./parse.js";
import { SETTINGS, writtenCells } from "./settings.js";

/** @typedef {import("./settings.js").Setting} Setting */
/** @typedef {import("./settings.js").Value} Value */
/** @typedef {import("./settings.js").Values} Values */

/** The part of the address after “#”: what differs from `base`. @param {Values} values @param {Values} base */
export function toHash(values, base) {
  const parts = new URLSearchParams();
  for (const { key, hash, stays } of SETTINGS) {
    const value = values[key];
    if (!stays && value !== base[key]) parts.set(hash, value === null ? "" : String(value));
  }
  return parts.toString();
}

/** The values in an address. Whatever is not of its kind is ignored. @param {string} hash @returns {Values} */
export function fromHash(hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  /** @type {Values} */
  const values = {};
  for (const setting of SETTINGS.filter(({ stays }) => !stays)) {
    const text = parts.get(setting.hash);
    const value = text === null ? undefined : fromText(setting, text);
    if (value !== undefined) values[setting.key] = value;
  }
  return values;
}

/** What a text in an address means; undefined where it is not of the setting's kind. @param {Setting} setting @param {string} text @returns {Value | undefined} */
function fromText({ kind, optional, options }, text) {
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
    default:
      return text;
  }
}

/** Whether an address holds settings; “#content” is a place in the page. @param {string} hash */
export function isSettings(hash) {
  return hash === "" || hash === "#" || hash.includes("=");
}

/** The settings in an address, without the choice of the view and its page, and what is hidden. @param {string} address */
export function settingsIn(address) {
  const settings = new URLSearchParams(new URL(address).hash.slice(1));
  for (const name of ["view", "hide", "scene", "lang"]) settings.delete(name);
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
