import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { after, before, test } from "node:test";

import { launch, notOfFile, PAGE } from "./chromium.js";
import {
  EXAMPLES,
  constantsOf,
  drop,
  exampleRows,
  idle,
  jobOf,
  openFiles,
  openPage,
  press,
  waitForEnd,
  waitForStatus,
} from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const HASH = "#order=one-phonon&start=ni_676";
const MAIN = "Pictures and tables …";

/** @param {Tab} tab */
async function open(tab) {
  await press(tab, MAIN);
  await tab.locator("#export-dialog").waitFor();
}

/** What a button of the dialog gives. @param {Tab} tab @param {string} name */
async function give(tab, name) {
  const waiting = tab.waitForEvent("download");
  await tab.locator("#export-dialog").getByRole("button", { name, exact: true }).click();
  const download = await waiting;
  const content = await readFile(await download.path());
  const file = download.suggestedFilename();
  await tab.locator("#export-status", { hasText: `Saved ${file}.` }).waitFor();
  return { name: file, content, text: content.toString("utf8") };
}

/** @param {Tab} tab @param {string} what @param {string} [width] */
async function choose(tab, what, width = "one") {
  await tab.getByLabel("Picture", { exact: true }).selectOption(what);
  await tab.getByLabel("Width", { exact: true }).selectOption(width);
}

/** An SVG as XML: its size, texts and how much there is of what. @param {Tab} tab @param {string} text */
const parsed = (tab, text) =>
  tab.evaluate((text) => {
    const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const all = (/** @type {string} */ name) => [...root.getElementsByTagName(name)];
    const box = (root.getAttribute("viewBox") ?? "").split(" ").map(Number);
    return {
      error: all("parsererror").map((e) => e.textContent),
      width: root.getAttribute("width"),
      height: root.getAttribute("height"),
      size: root.getAttribute("font-size"),
      box,
      texts: all("text").map((e) => e.textContent ?? ""),
      images: all("image").map((e) => e.getAttribute("image-rendering")),
      paths: all("path").length,
      circles: all("circle").length,
      patterns: all("pattern").length,
      references: [...text.matchAll(/(?:href|src)="([^"]{0,30})/g)].map(([, target = ""]) => target),
    };
  }, text);

/** Texts of an SVG that reach beyond its rim, or over each other. @param {Tab} tab @param {string} text */
const cut = (tab, text) =>
  tab.evaluate((text) => {
    const home = document.createElement("div");
    home.style.cssText = "position:absolute;left:0;top:0;z-index:99";
    (document.querySelector("dialog[open]") ?? document.body).append(home);
    home.append(new DOMParser().parseFromString(text, "image/svg+xml").documentElement);
    const rim = home.firstElementChild?.getBoundingClientRect() ?? new DOMRect();
    const boxes = [...home.querySelectorAll("text")].map((e) => ({
      text: e.textContent,
      r: e.getBoundingClientRect(),
    }));
    const outside = boxes.filter(
      ({ r }) => r.left < rim.left || r.top < rim.top || r.right > rim.right || r.bottom > rim.bottom,
    );
    const over = boxes.filter(({ r }, i) =>
      boxes.some(
        ({ r: o }, j) =>
          // A line of text is higher than its letters.
          j < i && r.left < o.right && o.left < r.right && r.top + 2.5 < o.bottom && o.top + 2.5 < r.bottom,
      ),
    );
    home.remove();
    return [...outside.map(({ text }) => `outside: ${text}`), ...over.map(({ text }) => `over another: ${text}`)];
  }, text);

/** Rows of a CSV after its notes, by the names in its head. @param {string} text @returns {Record<string, string>[]} */
function rowsOf(text) {
  const [head = "", ...rows] = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const names = head.split(",");
  return rows.map((row) => Object.fromEntries(row.split(",").map((field, i) => [names[i] ?? "", field])));
}

/** An array as NumPy wrote it, read by the rules of its format. @param {Buffer} file */
function array(file) {
  assert.equal(file.subarray(0, 6).toString("latin1"), "\x93NUMPY");
  assert.deepEqual([...file.subarray(6, 8)], [1, 0]);
  const length = file.readUInt16LE(8);
  assert.equal((10 + length) % 64, 0, "the numbers are aligned");
  const words = file.subarray(10, 10 + length).toString("latin1");
  const [, rows = "", columns = ""] =
    /^\{'descr': '<f8', 'fortran_order': False, 'shape': \((\d+), (\d*)\), \} *\n$/.exec(words) ??
    /^\{'descr': '<f8', 'fortran_order': False, 'shape': \((\d+),()\), \} *\n$/.exec(words) ??
    [];
  const shape = [Number(rows), Number(columns || 1)];
  const values = Array.from({ length: (file.length - 10 - length) / 8 }, (_, i) =>
    file.readDoubleLE(10 + length + 8 * i),
  );
  assert.equal(values.length, Number(rows) * Number(columns || 1));
  return { shape, values };
}

/** Files of an archive, read from its end as programs do it, with the sums that it says. @param {Buffer} file @returns {Map<string, Buffer>} */
function unzipped(file) {
  const end = file.length - 22;
  assert.equal(file.readUInt32LE(end), 0x06054b50);
  let at = file.readUInt32LE(end + 16);
  assert.equal(at + file.readUInt32LE(end + 12), end, "the index lies before its end");
  const found = new Map();
  for (let n = file.readUInt16LE(end + 10); n > 0; n--) {
    assert.equal(file.readUInt32LE(at), 0x02014b50);
    const [sum, packed, size] = [16, 20, 24].map((offset) => file.readUInt32LE(at + offset));
    const length = file.readUInt16LE(at + 28);
    const name = file.subarray(at + 46, at + 46 + length).toString("utf8");
    const local = file.readUInt32LE(at + 42);
    assert.equal(file.readUInt32LE(local), 0x04034b50);
    assert.deepEqual([file.readUInt16LE(local + 8), packed], [0, size], "it is not packed");
    assert.equal(file.subarray(local + 30, local + 30 + length).toString("utf8"), name);
    const from = local + 30 + length + file.readUInt16LE(local + 28);
    const content = file.subarray(from, from + (size ?? 0));
    assert.equal(crc32(content), sum, name);
    assert.equal(file.readUInt32LE(local + 14), sum);
    found.set(name, content);
    at += 46 + length;
  }
  return found;
}

/** “12.35(7)” as its numbers. @param {string} text */
function bracketed(text) {
  const [, number = "", bracket = ""] = /^([−-]?\d+(?:\.\d+)?)\((\d+)\)$/.exec(text) ?? [];
  const decimals = number.split(".")[1]?.length ?? 0;
  return [Number(number.replace("−", "-")), Number(bracket) * 10 ** -decimals, 10 ** -decimals];
}

test("maps and charts are given as SVG of the size of a column, with axes, units and a bar", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await press(tab, "Play");
  await waitForEnd(tab);
  await open(tab);
  for (const [what, name, labels, images] of /** @type {const} */ ([
    [
      "maps",
      "Ni-l0-maps.svg",
      ["Data (l = 0)", "Model", "Residual", "h (r.l.u.)", "k (r.l.u.)", "Intensity (arb. units)", "(data − model)/σ"],
      3,
    ],
    ["data", "Ni-l0-data.svg", ["Data (l = 0)", "h (r.l.u.)", "k (r.l.u.)", "Intensity (arb. units)"], 1],
    ["model", "Ni-l0-model.svg", ["Model (l = 0)", "Intensity (arb. units)"], 1],
    ["residual", "Ni-l0-residual.svg", ["Residual (l = 0)", "(data − model)/σ"], 1],
    [
      "dispersion",
      "Ni-dispersion.svg",
      ["Frequency (THz)", "Wave vector", "Γ", "X", "L", "start", "model", "truth"],
      0,
    ],
    ["course", "Ni-course.svg", ["χ2/n", "Iteration", "0"], 0],
  ])) {
    for (const [width, mm] of /** @type {const} */ ([
      ["one", 86],
      ["two", 178],
    ])) {
      await choose(tab, what, width);
      const file = await give(tab, "SVG");
      assert.equal(file.name, name);
      const svg = await parsed(tab, file.text);
      assert.deepEqual(svg.error, []);
      assert.equal(svg.width, `${mm}mm`, what);
      assert.equal(svg.size, "8");
      // A unit of the picture is a point, so that letters are as large as they say.
      assert.ok(Math.abs((svg.box[2] ?? 0) - (mm / 25.4) * 72) < 0.02, `${svg.box}`);
      assert.ok(Math.abs((svg.box[3] ?? 0) - (Number.parseFloat(svg.height ?? "") / 25.4) * 72) < 0.02);
      for (const label of labels) assert.ok(svg.texts.includes(label), `${what}: ${label} in ${svg.texts.join(" | ")}`);
      assert.deepEqual(svg.images, Array(images).fill("pixelated"), what);
      assert.ok(
        svg.references.every((target) => target.startsWith("data:image/png")),
        `${svg.references}`,
      );
      // Ticks: more than two numbers at either axis.
      assert.ok(svg.texts.filter((text) => /^[−\d.]+$/.test(text)).length >= 5, `${svg.texts}`);
      assert.deepEqual(await cut(tab, file.text), [], `${what}, ${width}`);
    }
  }
  assert.deepEqual(complaints, []);
});

test("a PNG has the pixels of its size on paper, and says so", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await open(tab);
  await choose(tab, "data");
  const mm = Number.parseFloat((await parsed(tab, (await give(tab, "SVG")).text)).height ?? "");
  for (const dpi of [300, 600]) {
    const { name, content } = await give(tab, `PNG, ${dpi} dpi`);
    assert.equal(name, `Ni-l0-data-${dpi}dpi.png`);
    assert.equal(content.subarray(1, 4).toString("latin1"), "PNG");
    assert.equal(content.readUInt32BE(16), Math.round((86 / 25.4) * dpi));
    assert.equal(content.readUInt32BE(20), Math.round((mm / 25.4) * dpi));
    const at = content.indexOf("pHYs");
    assert.deepEqual(
      [content.readUInt32BE(at + 4), content.readUInt32BE(at + 8), content[at + 12]],
      [Math.round(dpi / 0.0254), Math.round(dpi / 0.0254), 1],
    );
    // A reader that checks sums takes it, and it shows the map in its colours on white.
    const colours = await tab.evaluate(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext("2d");
      context?.drawImage(image, 0, 0);
      const pixels = new Uint32Array(context?.getImageData(0, 0, canvas.width, canvas.height).data.buffer ?? []);
      return { many: new Set(pixels).size, corner: pixels[0] };
    }, content.toString("base64"));
    assert.ok(colours.many > 100, `${colours.many} colours`);
    assert.equal(colours.corner, 0xffffffff, "white paper");
  }
  assert.deepEqual(complaints, []);
});

test("every scale of the page has its bar, whose labels are apart and on the paper", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon&residual=symlog" });
  for (const scale of ["log", "linear", "sqrt", "symlog"]) {
    await tab.locator("#scale").selectOption(scale);
    await open(tab);
    for (const width of ["one", "two"])
      for (const what of ["maps", "data", "residual"]) {
        await choose(tab, what, width);
        const { text } = await give(tab, "SVG");
        const { texts } = await parsed(tab, text);
        if (what !== "data") for (const end of ["−100", "100"]) assert.ok(texts.includes(end), `${end} in ${texts}`);
        assert.deepEqual(await cut(tab, text), [], `${scale}, ${what}, ${width}`);
      }
    await tab.keyboard.press("Escape");
  }
  assert.deepEqual(complaints, []);
});

test("published frequencies and the density of states are in the picture of the dispersion", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#example=cu&order=one-phonon" });
  await tab.locator("#show-density").check();
  await tab.locator("#points-example").click();
  await tab.locator('#chart-density[aria-label*="modes per THz"]').waitFor();
  await tab.getByText(/frequencies lie on the path/).waitFor();
  await open(tab);
  for (const width of ["one", "two"]) {
    await choose(tab, "dispersion", width);
    const { text } = await give(tab, "SVG");
    const { texts, circles } = await parsed(tab, text);
    for (const label of ["published", "g(ν)", "Frequency (THz)"])
      assert.ok(texts.includes(label), `${label} in ${texts}`);
    assert.ok(circles > 20, `${circles} points`);
    assert.deepEqual(await cut(tab, text), [], width);
  }
  assert.deepEqual(complaints, []);
});

test("the part in sight is what is shown, with or without Bragg points and hatch, and white in the dark", async () => {
  const { tab, complaints } = await openPage(browser, { hash: "#order=one-phonon&qmin=3", colorScheme: "dark" });
  await tab.locator("#map-data").focus();
  for (let n = 0; n < 6; n++) await tab.keyboard.press("+");
  await open(tab);
  await choose(tab, "data");
  const close = await parsed(tab, (await give(tab, "SVG")).text);
  const numbers = close.texts.map((text) => Number(text.replace("−", "-"))).filter((x) => Math.abs(x) < 10);
  assert.ok(Math.max(...numbers) <= 2, `${numbers}: the middle of −5 to 5`);
  assert.equal(close.patterns, 1);
  assert.match((await give(tab, "SVG")).text, /<rect width="[\d.]+" height="[\d.]+" fill="#fff"\/>/);
  const paths = close.paths;
  await tab.getByLabel("Hatch what is left out").uncheck();
  const plain = await parsed(tab, (await give(tab, "SVG")).text);
  assert.equal(plain.patterns, 0);
  await tab.getByLabel("Bragg points").uncheck();
  const bare = await parsed(tab, (await give(tab, "SVG")).text);
  assert.equal(bare.paths, plain.paths - 2, `${paths}`);
  // The whole plane is in the tables all the same.
  const { shape } = array((await give(tab, "data.npy")).content);
  assert.deepEqual(shape, [61, 61]);
  assert.deepEqual(complaints, []);
});

test("tables and arrays hold the numbers of the page", async () => {
  const { tab, complaints } = await openPage(browser, { hash: `${HASH}&plane=1` });
  await press(tab, "Play");
  await waitForEnd(tab);
  await open(tab);
  const plane = await give(tab, "Plane, CSV");
  assert.equal(plane.name, "Ni-l0.5.csv");
  const rows = rowsOf(plane.text);
  const given = (await exampleRows(([, , l]) => l === "0.5")).trim().split("\n").slice(1);
  assert.equal(rows.length, given.length);
  const found = new Map(rows.map(({ h, k, l, data, sigma }) => [`${h},${k},${l}`, [Number(data), Number(sigma)]]));
  for (const row of given) {
    const [h = "", k = "", l = "", data, sigma] = row.split(",");
    assert.deepEqual(found.get([h, k, l].map(Number).join(",")), [Number(data), Number(sigma)]);
  }
  const axes = JSON.parse((await give(tab, "axes.json")).text);
  assert.deepEqual([axes.rows.axis, axes.columns.axis, axes.normal.axis, axes.normal.value], ["k", "h", "l", 0.5]);
  /** @type {Map<string, Record<string, string>>} */
  const byPlace = new Map(rows.map((row) => [`${Number(row.h).toFixed(3)},${Number(row.k).toFixed(3)}`, row]));
  for (const [button, column] of [
    ["data.npy", "data"],
    ["σ.npy", "sigma"],
    ["model.npy", "model"],
    ["residual.npy", "residual"],
    ["used.npy", "used"],
  ]) {
    const file = await give(tab, button ?? "");
    assert.equal(file.name, `Ni-l0.5-${column}.npy`);
    const { shape, values } = array(file.content);
    assert.deepEqual(shape, axes.shape);
    let compared = 0;
    for (const [i, value] of values.entries()) {
      const [y, x] = [Math.floor(i / shape[1]), i % shape[1]];
      const place = [axes.columns.first + x * axes.columns.step, axes.rows.first + y * axes.rows.step];
      const row = byPlace.get(place.map((v) => (Number(v.toFixed(3)) + 0).toFixed(3)).join(","));
      const text = row?.[column ?? ""] ?? "";
      if (text === "") assert.ok(Number.isNaN(value), `${button} ${place}`);
      else assert.equal(value, Number(text), `${button} ${place}`);
      compared += Number(text !== "");
    }
    assert.equal(compared, rows.length, column);
  }
  const bands = await give(tab, "Dispersion, CSV");
  assert.equal(bands.name, "Ni-dispersion.csv");
  const points = rowsOf(bands.text);
  const named = points.map(({ label }) => label).filter(Boolean);
  // Where a leg begins anew its first point is there twice.
  assert.deepEqual(
    named.filter((label, i) => label !== named[i - 1]),
    ["Γ", "X", "K", "Γ", "L"],
  );
  const x = points.find(({ label }) => label === "X");
  const l = points.findLast(({ label }) => label === "L");
  assert.deepEqual([x?.h, x?.k, x?.l].map(Number).toSorted(), [0, 0, 1].toSorted(), "X is 1 0 0");
  assert.deepEqual([l?.h, l?.k, l?.l].map(Number), [0.5, 0.5, 0.5]);
  assert.ok(Number(x?.nu3) > 7 && Number(x?.nu3) < 10.5 && Number(x?.sigma3) > 0, JSON.stringify(x));
  assert.deepEqual(complaints, []);
});

test("NPZ holds all arrays of the plane and of the data set, each as it is alone", async () => {
  const { tab, complaints } = await openPage(browser, { hash: `${HASH}&plane=1` });
  await open(tab);
  const plane = await give(tab, "Plane, NPZ");
  assert.equal(plane.name, "Ni-l0.5.npz");
  const files = unzipped(plane.content);
  assert.deepEqual(
    [...files.keys()],
    ["h", "k", "l", "data", "sigma", "model", "residual", "used"].map((name) => `${name}.npy`),
  );
  for (const name of ["data", "sigma", "model", "residual", "used"]) {
    const alone = await give(tab, name === "sigma" ? "σ.npy" : `${name}.npy`);
    assert.ok(files.get(`${name}.npy`)?.equals(alone.content), name);
  }
  const of = (/** @type {Map<string, Buffer>} */ files, /** @type {string} */ name) =>
    array(files.get(`${name}.npy`) ?? Buffer.of());
  const { shape, columns, rows } = JSON.parse((await give(tab, "axes.json")).text);
  for (const [name, { first, step }, along] of [
    ["h", columns, 1],
    ["k", rows, 0],
  ]) {
    const found = of(files, name);
    assert.deepEqual(found.shape, shape);
    const measured = found.values.filter(Number.isFinite);
    assert.ok(measured.length > 3000);
    for (const [i, value] of found.values.entries()) {
      const place = along === 1 ? i % shape[1] : Math.floor(i / shape[1]);
      assert.ok(Number.isNaN(value) || Math.abs(value - first - place * step) < 1e-6, `${name} ${i}`);
    }
  }

  const all = await give(tab, "All data, NPZ");
  assert.equal(all.name, "ni_298K_hk0_hk0.5_hk1-maps.npz");
  const columnsOf = unzipped(all.content);
  const table = rowsOf((await give(tab, "All data, CSV")).text);
  assert.equal(table.length, 11_057);
  for (const name of ["h", "k", "l", "data", "sigma", "model", "residual", "used"]) {
    const { values } = of(columnsOf, name);
    assert.deepEqual(
      values.map((value) => (Number.isNaN(value) ? "" : String(value))),
      table.map((row) => row[name]),
      name,
    );
  }
  // An archive of h, k, l and intensities with their σ is a measurement: the one that it was made of.
  const misfit = await tab.locator("#fig-chi2").innerText();
  await tab.keyboard.press("Escape");
  await openFiles(tab, { name: "again.npz", content: all.content });
  await tab.locator("#example option:checked", { hasText: "again.npz" }).waitFor({ state: "attached" });
  await idle(tab);
  assert.equal(await tab.locator("#fig-chi2").innerText(), misfit);
  assert.match(await tab.locator("#data-facts").innerText(), /^11.057 of 11.057 data used/);
  assert.deepEqual(complaints, []);
});

test("the chart of a cut or a profile is given as a picture, and its numbers are those of the picture", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await open(tab);
  const option = tab.locator('#picture-what option[value="cut"]');
  assert.deepEqual([await option.innerText(), await option.isDisabled()], ["Cut or profile (none is drawn)", true]);
  for (const name of ["Cut, CSV", "Cut, NPZ"])
    assert.equal(await tab.getByRole("button", { name, exact: true }).isDisabled(), true, name);
  await tab.keyboard.press("Escape");

  // By keyboard: from the middle to the upper right.
  await tab.locator("#map-data").focus();
  await tab.keyboard.press("c");
  for (let n = 0; n < 4; n++) await tab.keyboard.press("Shift+ArrowRight");
  for (let n = 0; n < 3; n++) await tab.keyboard.press("Shift+ArrowUp");
  await tab.keyboard.press("Enter");
  await tab.locator("#cut-chart canvas").waitFor();
  await check("cut", "Cut from 0 0 0 to 3.3333 2.5 0", "Distance from the first end (Å−1)");

  // A profile by mouse, on a linear scale.
  await tab.locator("#scale").selectOption("linear");
  await press(tab, "Profile");
  const box = await tab.locator("#map-data").boundingBox();
  assert.ok(box);
  await tab.mouse.click(box.x + 0.62 * box.width, box.y + 0.3 * box.height);
  await tab.locator("#cut-chart canvas[aria-label^=Profile]").waitFor();
  const [title = ""] =
    /^Profile around [^:]*/.exec((await tab.locator("#cut-chart canvas").getAttribute("aria-label")) ?? "") ?? [];
  await check("profile", title, "Distance from the peak (Å−1)");
  assert.deepEqual(complaints, []);

  /** @param {"cut" | "profile"} kind @param {string} title @param {string} below */
  async function check(kind, title, below) {
    // What the chart reads out, point by point.
    const chart = tab.locator("#cut-chart canvas");
    await chart.focus();
    await tab.keyboard.press("Home");
    const readings = [];
    for (let last = ""; ; ) {
      const reading = await tab.locator("#cut-reading").innerText();
      if (reading === last) break;
      readings.push(reading);
      last = reading;
      await tab.keyboard.press("ArrowRight");
    }
    await open(tab);
    const csv = await give(tab, "Cut, CSV");
    assert.equal(csv.name, `Ni-l0-${kind}.csv`);
    assert.ok(csv.text.startsWith(`# ${title}: `), csv.text.slice(0, 200));
    const rows = rowsOf(csv.text);
    assert.equal(rows.length, readings.length);
    for (const [i, row] of rows.entries()) {
      const words = readings[i]?.replaceAll("\u202f", "").replaceAll(" ", "") ?? "";
      const [, distance, data, model] = /^([\d.]+)[^·]*·data([\d.]+)[^·]*·model([\d.–-]+)/.exec(words) ?? [];
      assert.equal(Number(row.distance).toFixed(3), distance, words);
      assert.ok(Math.abs(Number(row.data) / Number(data) - 1) < 2e-3, `${row.data}: ${words}`);
      if (row.model) assert.ok(Math.abs(Number(row.model) / Number(model) - 1) < 2e-3, `${row.model}: ${words}`);
    }
    const archive = await give(tab, "Cut, NPZ");
    const arrays = unzipped(archive.content);
    const names = Object.keys(rows[0] ?? {});
    assert.deepEqual(
      [...arrays.keys()],
      names.map((name) => `${name}.npy`),
    );
    for (const name of names) {
      const { values } = array(arrays.get(`${name}.npy`) ?? Buffer.of());
      assert.deepEqual(
        values.map((value) => (Number.isNaN(value) ? "" : String(value))),
        rows.map((row) => row[name]),
        name,
      );
    }
    const scale = await tab.locator("#scale").inputValue();
    const height = (/** @type {string | undefined} */ value) =>
      scale === "log" ? Math.log(Number(value)) : Number(value);
    for (const width of ["one", "two"]) {
      await choose(tab, "cut", width);
      const { name, text } = await give(tab, "SVG");
      assert.equal(name, `Ni-l0-${kind}.svg`);
      const svg = await parsed(tab, text);
      assert.deepEqual(svg.error, []);
      for (const label of [title, below, "Intensity (arb. units)", "data", "model"])
        assert.ok(svg.texts.includes(label), `${label} in ${svg.texts}`);
      assert.deepEqual(await cut(tab, text), [], `${kind}, ${width}`);
      // The legend has one more point, outside of the plot.
      const spots = [...text.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="1\.2"/g)].map(([, x, y]) => [
        Number(x),
        Number(y),
      ]);
      const drawn = rows.filter(({ data }) => scale !== "log" || Number(data) > 0);
      assert.equal(spots.length, drawn.length);
      straight(
        drawn.map(({ distance }) => Number(distance)),
        spots.map(([x = NaN]) => x),
      );
      const up = straight(
        drawn.map(({ data }) => height(data)),
        spots.map(([, y = NaN]) => y),
      );
      // Of the lines the model is the one with a corner for each point that has one.
      const modelled = rows.filter(({ model }) => model);
      const curve = [...text.matchAll(/<path d="(M[^"]*)" fill="none" stroke="#0a5fb4"/g)].map(([, d = ""]) =>
        [...d.matchAll(/[ML]([\d.]+) ([\d.-]+)/g)].map(([, , y]) => Number(y)),
      );
      const corners = curve.find(({ length }) => length === modelled.length);
      assert.ok(corners, `${curve.map(({ length }) => length)} corners of ${modelled.length}`);
      for (const [i, { model }] of modelled.entries())
        assert.ok(Math.abs((corners[i] ?? NaN) - up(height(model))) < 0.03, `model ${i}`);
    }
    const { name, content } = await give(tab, "PNG, 300 dpi");
    assert.equal(name, `Ni-l0-${kind}-300dpi.png`);
    assert.equal(content.readUInt32BE(16), Math.round((178 / 25.4) * 300));
    await tab.keyboard.press("Escape");
  }

  /** Asserts that the places of values are on a straight line, and gives it. @param {number[]} values @param {number[]} places */
  function straight(values, places) {
    const [least, most] = [values.indexOf(Math.min(...values)), values.indexOf(Math.max(...values))];
    const slope = ((places[most] ?? NaN) - (places[least] ?? NaN)) / ((values[most] ?? NaN) - (values[least] ?? NaN));
    const line = (/** @type {number} */ value) => (places[least] ?? NaN) + slope * (value - (values[least] ?? NaN));
    for (const [i, value] of values.entries())
      assert.ok(Math.abs((places[i] ?? NaN) - line(value)) < 0.03, `point ${i} of ${values.length}`);
    return line;
  }
});

test("constants in N/m are those of the page, with digits that their σ leaves", async () => {
  const { tab, complaints } = await openPage(browser, { hash: `${HASH}&unit=nm` });
  await press(tab, "Play");
  await waitForEnd(tab);
  await open(tab);
  const csv = rowsOf((await give(tab, "Constants, CSV")).text);
  const shown = await constantsOf(tab);
  assert.deepEqual(
    csv.filter(({ unit }) => unit === "N/m").map(({ name }) => name),
    [...shown.keys()],
  );
  for (const { name = "", value, sigma } of csv.slice(0, shown.size)) {
    const [onPage = "", spread = ""] = shown.get(name) ?? [];
    const decimals = onPage.trim().split(".")[1]?.length ?? 0;
    assert.equal(
      Number(value)
        .toFixed(decimals)
        .replace(/^-(0\.?0*)$/, "$1"),
      onPage.trim(),
      name,
    );
    assert.equal(Number(sigma).toFixed(decimals), spread.trim(), name);
  }
  assert.deepEqual(
    csv.slice(shown.size).map(({ name, unit }) => `${name} ${unit}`),
    ["C11 GPa", "C12 GPa", "C44 GPa"],
  );

  const { name, text } = await give(tab, "Constants, LaTeX");
  assert.equal(name, "Ni-constants.tex");
  const bare = text.replace(/\\[{}$&%#_]/g, "").replace(/^%.*$/gm, "");
  let depth = 0;
  for (const c of bare) {
    depth += c === "{" ? 1 : c === "}" ? -1 : 0;
    assert.ok(depth >= 0, "a brace is closed that was not opened");
  }
  assert.equal(depth, 0);
  assert.equal((bare.match(/\$/g) ?? []).length % 2, 0);
  const begun = [...text.matchAll(/\\begin\{(\w+)\}/g)].map(([, word]) => word);
  assert.deepEqual(begun, [...text.matchAll(/\\end\{(\w+)\}/g)].map(([, word]) => word).toReversed());
  for (const rule of ["toprule", "midrule", "bottomrule"]) assert.ok(text.includes(`\\${rule}`));
  const lines = text.split("\n").filter((line) => line.endsWith("\\\\"));
  for (const line of lines) {
    const spanned = line.includes("\\multicolumn{2}") ? 1 : 0;
    assert.equal((line.match(/&/g)?.length ?? 0) + spanned, 3, line);
  }
  for (const { name = "", value, sigma } of csv) {
    const word = name.startsWith("C") ? `$C_{${name.slice(1)}}$` : name;
    const line = lines.find((l) => l.trim().startsWith(`${word} &`)) ?? "";
    const [, before, after] = /& \$(-?\d+)\$ & (?:\$([^$]*)\$)? /.exec(line) ?? [];
    const [number = NaN, spread = NaN, unit = NaN] = bracketed(`${before}${after}`);
    assert.ok(Math.abs(number - Number(value)) <= 0.5001 * unit, `${line}: ${value}`);
    assert.ok(Math.abs(spread - Number(sigma)) <= 0.5001 * unit, `${line}: ${sigma}`);
    assert.ok(Math.round(spread / unit) >= 2 && Math.round(spread / unit) <= 19, line);
  }
  assert.deepEqual(complaints, []);
});

test("constants that are held or not determined are said to be so", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  const job = await jobOf(tab);
  job.constraints = { fixed: { "5XX": 0.01 } };
  const content = await exampleRows(([h, k, l]) => l === "0" && Math.abs(Number(h)) < 3.5 && Number(k) === 0);
  job.data = [{ file: "few.csv" }];
  await drop(tab, { name: "few.csv", content }, { name: "held-job.json", content: JSON.stringify(job) });
  await tab.locator('#map-data[aria-label*="along a line"]').waitFor();
  await idle(tab);
  await press(tab, "Play");
  await waitForEnd(tab);
  await open(tab);
  const csv = rowsOf((await give(tab, "Constants, CSV")).text);
  const { text } = await give(tab, "Constants, LaTeX");
  const held = csv.find(({ name }) => name === "5XX");
  assert.deepEqual([held?.state, held?.sigma], ["held", ""]);
  assert.match(text, /5XX & \$-0\$ & \$\.160\$( &)? +& held/);
  const open_ = csv.filter(({ state }) => state === "not determined");
  assert.ok(open_.length > 3, JSON.stringify(csv));
  assert.ok(open_.every(({ value }) => value === ""));
  assert.equal((text.match(/\\multicolumn\{2\}\{c\}\{not determined\}/g) ?? []).length, open_.length);
  const report = (await give(tab, "Report, HTML")).text;
  assert.ok((report.match(/not determined/g) ?? []).length >= open_.length);
  assert.deepEqual(complaints, []);
});

test("the report stands alone, says what is on the screen, and its job gives the same settings", async () => {
  const { tab, complaints } = await openPage(browser, { hash: `${HASH}&cutoff=4.4&unit=nm` });
  await open(tab);
  const before = (await give(tab, "Report, HTML")).text;
  assert.match(before, /Nothing is fitted yet/);
  assert.doesNotMatch(before, /\d\(\d+\)<\/td>/, "nothing is known of σ at the start");
  await tab.keyboard.press("Escape");
  await press(tab, "Step");
  await tab.locator("#fig-iterations", { hasText: "1" }).waitFor();
  await idle(tab);
  await open(tab);
  assert.match((await give(tab, "Report, HTML")).text, /The fit has not ended: this is iteration 1\./);
  await tab.keyboard.press("Escape");
  await press(tab, "Play");
  await waitForEnd(tab);
  await open(tab);
  const csv = rowsOf((await give(tab, "Constants, CSV")).text);
  const { name, text } = await give(tab, "Report, HTML");
  assert.equal(name, "Ni-report.html");

  // Without a network and without scripts, as a file.
  const context = await browser.newContext({
    javaScriptEnabled: true,
    offline: true,
    viewport: { width: 800, height: 1100 },
  });
  const paper = await context.newPage();
  /** @type {string[]} */
  const asked = [];
  paper.on("request", (request) => asked.push(request.url()));
  paper.on("console", (message) => asked.push(message.text()));
  await paper.setContent(text);
  assert.deepEqual(
    asked.filter((url) => !url.startsWith("data:")),
    [],
  );
  assert.doesNotMatch(text, /<script|(?:src|href)="(?!data:)/);
  assert.doesNotMatch(text, /https?:/);
  assert.equal(await paper.locator("svg").count(), 3, "maps, dispersion, course");
  assert.equal(await paper.locator("svg image").count(), 3);
  const cells = await paper
    .locator("table tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
  assert.deepEqual(cells.map(([label]) => label).toSorted(), csv.map((row) => row.name).toSorted());
  for (const [label, shown = ""] of cells) {
    const row = csv.find((row) => row.name === label);
    const [value = NaN, sigma = NaN, unit = NaN] = bracketed(shown);
    assert.ok(Math.abs(value - Number(row?.value)) <= 0.5001 * unit, `${label} ${shown}`);
    assert.ok(Math.abs(sigma - Number(row?.sigma)) <= 0.5001 * unit, `${label} ${shown}`);
  }
  const words = await paper.locator("body").innerText();
  const verdict = await tab.locator("#verdict-sentence").textContent();
  assert.ok(words.includes(verdict ?? "nothing"), `${verdict} in ${words}`);
  assert.match(words, /ni_298K_hk0_hk0\.5_hk1\.csv: .* of .* data used/);
  const file = await readFile(new URL("ni_298K_hk0_hk0.5_hk1.csv", EXAMPLES));
  const sum = await tab.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }, file.toString("base64"));
  assert.ok(text.includes(sum), "the fingerprint of the data");
  assert.match(words, /tds fit Ni-job\.json --out Ni-result\.json/);
  assert.match(words, /Cutoff\s+4\.4 Å/);

  // One page of A4.
  await paper.emulateMedia({ media: "print" });
  const pdf = (await paper.pdf({ preferCSSPageSize: true, printBackground: true })).toString("latin1");
  assert.equal((pdf.match(/\/Type \/Page\b/g) ?? []).length, 1);

  // The job in it, opened in the page.
  const inside = (await paper.locator("#job").textContent()) ?? "";
  const link = (await paper.getByRole("link").getAttribute("href")) ?? "";
  assert.equal(decodeURIComponent(link.replace(/^data:application\/json;charset=utf-8,/, "")), inside);
  await tab.keyboard.press("Escape");
  const job = await jobOf(tab);
  assert.deepEqual(JSON.parse(inside), job);
  await tab.getByLabel("Cutoff").fill("3.6");
  await tab.getByLabel("Cutoff").press("Enter");
  await idle(tab);
  assert.notDeepEqual(await jobOf(tab), job);
  await drop(tab, { name: "Ni-job.json", content: inside }, { name: "ni_298K_hk0_hk0.5_hk1.csv", content: file });
  await waitForStatus(tab, /Ready/);
  await idle(tab);
  assert.deepEqual(await jobOf(tab), job);
  await context.close();
  assert.deepEqual(complaints, []);
});

test("data along a line are curves over their residual", async () => {
  const { tab, complaints } = await openPage(browser, { hash: HASH });
  await drop(tab, { name: "scan.csv", content: await exampleRows(([h, k, l]) => h === k && l === "0") });
  await tab.locator('#map-data[aria-label*="along a line from (−5, −5, 0) to (5, 5, 0)"]').waitFor();
  await idle(tab);
  await open(tab);
  for (const scale of ["log", "linear", "sqrt", "symlog"]) {
    if (scale !== "log") {
      await tab.keyboard.press("Escape");
      await tab.locator("#scale").selectOption(scale);
      await open(tab);
    }
    for (const width of ["one", "two"]) {
      await choose(tab, "maps", width);
      const { name, text } = await give(tab, "SVG");
      assert.equal(name, "Ni-line-maps.svg");
      const svg = await parsed(tab, text);
      assert.deepEqual([svg.error, svg.images], [[], []]);
      for (const label of [
        "(−5, −5, 0) to (5, 5, 0)",
        "data",
        "model",
        "h (r.l.u.)",
        "Intensity (arb. units)",
        "(data − model)/σ",
      ])
        assert.ok(svg.texts.includes(label), `${label} in ${svg.texts}`);
      // Points of the data and of the residual, one in the legend.
      assert.equal(svg.circles, 2 * 52 + 1);
      assert.deepEqual(await cut(tab, text), [], `${scale}, ${width}`);
    }
  }
  assert.equal(await tab.getByLabel("Bragg points").isDisabled(), true, "a line has none");
  const { shape, values } = array((await give(tab, "data.npy")).content);
  assert.deepEqual(shape, [1, 52]);
  const axes = JSON.parse((await give(tab, "axes.json")).text);
  assert.deepEqual([axes.columns.h.length, axes.columns.h[0], axes.columns.k[51]], [52, -5, 5]);
  assert.ok(values.every((value) => value > 0));
  assert.deepEqual(complaints, []);
});

test("everything is reached by keyboard, on a narrow screen too, and what cannot be had says why", async () => {
  const { tab, complaints } = await openPage(browser, {
    hash: "#order=one-phonon&hide=dispersion",
    viewport: { width: 390, height: 844 },
  });
  await tab.locator("#pictures").focus();
  await tab.keyboard.press("Enter");
  await tab.locator("#export-dialog").waitFor();
  assert.equal(await tab.evaluate(() => document.activeElement?.id), "picture-what");
  await tab.keyboard.press("ArrowDown");
  assert.match((await tab.locator("#picture-preview").getAttribute("alt")) ?? "", /^Preview: Data, l = 0$/);
  // Width, two marks, then the buttons.
  for (let n = 0; n < 4; n++) await tab.keyboard.press("Tab");
  const waiting = tab.waitForEvent("download");
  await tab.keyboard.press("Enter");
  assert.equal((await waiting).suggestedFilename(), "Ni-l0-data.svg");
  assert.equal(await tab.locator("#export-status").innerText(), "Saved Ni-l0-data.svg.");
  const reach = await tab.locator("#export-dialog").evaluate((dialog) => [dialog.scrollWidth, dialog.clientWidth]);
  assert.ok((reach[0] ?? 0) <= (reach[1] ?? 0), `${reach}`);
  const overflowing = await tab
    .locator("#export-dialog button")
    .evaluateAll((list) => list.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent));
  assert.deepEqual(overflowing, []);
  const option = tab.locator('#picture-what option[value="dispersion"]');
  assert.deepEqual([await option.innerText(), await option.isDisabled()], ["Dispersion (hidden by the link)", true]);
  assert.equal(await tab.getByRole("button", { name: "Dispersion, CSV" }).isDisabled(), true);
  await tab.keyboard.press("Escape");
  assert.equal(await tab.evaluate(() => document.activeElement?.id), "pictures");

  // Elastic constants alone have no branches.
  await tab.locator("#order").selectOption("elastic");
  await idle(tab);
  await tab.waitForFunction(() => /GPa/.test(document.querySelector("#head-value")?.textContent ?? ""));
  await press(tab, MAIN);
  const constants = rowsOf((await give(tab, "Constants, CSV")).text);
  assert.ok(constants.every(({ unit }) => unit === "GPa"));
  assert.match((await give(tab, "Report, HTML")).text, /<h1>Elastic constants of Ni/);
  assert.deepEqual(complaints, []);
});

const COMES_WHOLE = notOfFile("the example lies in the one file and cannot be missing");

test("before there are data nothing can be given, and the button is off", COMES_WHOLE, async () => {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.route("**/*.csv", (route) => route.abort());
  await tab.goto(PAGE);
  await tab.waitForFunction(() => document.documentElement.dataset.state === "failed");
  assert.equal(await tab.getByRole("button", { name: MAIN }).isDisabled(), true);
  assert.match((await tab.locator("#pictures").getAttribute("title")) ?? "", /Nothing is calculated yet/);
  await context.close();
});
