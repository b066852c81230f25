// Values with their uncertainty in brackets, as pictures and tables that leave the page write them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { mathematical, short, written } from "../../www/export/uncertain.js";

/** @param {number} value @param {number | null} [sigma] @param {number | null} [decimals] */
const digits = (value, sigma, decimals) => short(value, sigma, decimals).digits;

test("as many digits are given as leave the uncertainty between 2 and 19 of its last ones", () => {
  for (const [value, sigma, expected] of /** @type {[number, number, string][]} */ ([
    [12.345, 0.067, "12.35(7)"],
    [1234, 56, "1230(60)"],
    [1234, 15, "1234(15)"],
    [123456, 1500, "123500(1500)"],
    [12.345, 0.012, "12.345(12)"],
    [12.345, 0.0194, "12.345(19)"],
    [12.345, 0.0196, "12.35(2)"],
    [12.345, 0.96, "12.3(10)"],
    [12.345, 0.096, "12.35(10)"],
    [12.345, 1, "12.3(10)"],
    [12.345, 2, "12(2)"],
    [9.996, 0.02, "10.00(2)"],
    [-1.5357, 0.0055, "-1.536(6)"],
    [22.062305822533638, 0.06393438418776792, "22.06(6)"],
    [117, 1.4, "117.0(14)"],
  ]))
    assert.equal(digits(value, sigma), expected, `${value} ± ${sigma}`);
});

test("an uncertainty larger than the value, and a value that rounds to nothing, are written as they are", () => {
  for (const [value, sigma, expected] of /** @type {[number, number, string][]} */ ([
    [0.3, 0.5, "0.3(5)"],
    [0.003, 0.5, "0.0(5)"],
    [-0.01, 0.5, "0.0(5)"],
    [-0.0018, 0.0125, "-0.002(13)"],
    [0, 0.031, "0.00(3)"],
    [4, 56, "0(60)"],
    [-1e-9, 1e-3, "0.0000(10)"],
  ]))
    assert.equal(digits(value, sigma), expected, `${value} ± ${sigma}`);
});

test("what is tiny or huge has a power of ten, the same for the uncertainty", () => {
  assert.deepEqual(short(1.2e-7, 3e-9), { digits: "1.20(3)", exponent: -7 });
  assert.deepEqual(short(-1.2346e9, 6.7e6), { digits: "-1.235(7)", exponent: 9 });
  assert.deepEqual(short(4e-8, 2e-7), { digits: "0(2)", exponent: -7 });
  assert.equal(written(1.2e-7, 3e-9), "1.20(3)·10⁻⁷");
  assert.deepEqual(mathematical(-1.2e-7, 3e-9), ["-1", ".20(3)\\times10^{-7}"]);
  assert.deepEqual(mathematical(1234, 56), ["1230", "(60)"]);
});

test("without an uncertainty there are no brackets", () => {
  assert.equal(digits(12.3456), "12.35");
  assert.equal(digits(12), "12");
  assert.equal(digits(1500), "1500");
  assert.equal(digits(0), "0");
  assert.equal(digits(12.3456, null, 3), "12.346");
  assert.equal(digits(-1e-15, 0, 3), "0.000");
  assert.equal(digits(2.5, NaN, 1), "2.5");
  assert.equal(digits(Number.NaN, 1), "–");
  assert.equal(written(-2.5, 0.3), "−2.5(3)");
});

test("value and uncertainty read back are those that went in, to half of the last digit", () => {
  let state = 1;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  for (let n = 0; n < 5000; n++) {
    const value = (random() - 0.5) * 10 ** (12 * random() - 6);
    const sigma = Math.abs(value) * 10 ** (6 * random() - 5);
    const { digits: text, exponent } = short(value, sigma);
    const [, number = "", bracket = ""] = /^(-?\d+(?:\.\d+)?)\((\d+)\)$/.exec(text) ?? [];
    assert.notEqual(number, "", `${value} ± ${sigma}: ${text}`);
    const decimals = number.split(".")[1]?.length ?? 0;
    const zeros = decimals === 0 ? (/0*$/.exec(bracket)?.[0].length ?? 0) : 0;
    const written = Number(bracket) * 10 ** (exponent - decimals);
    // In units of the digit that is written last; zeros may stand for it where nothing is behind the point.
    const units = [...Array(zeros + 1).keys()].map((n) => 10 ** (exponent - decimals + n));
    const fits = units.some(
      (unit) =>
        Math.abs(Number(number) * 10 ** exponent - value) <= 0.5001 * unit &&
        Math.abs(written - sigma) <= 0.5001 * unit &&
        written / unit >= 1.99 &&
        written / unit <= 19.01,
    );
    assert.ok(fits, `${value} ± ${sigma}: ${text}·10^${exponent}`);
  }
});
