import assert from "node:assert/strict";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { ADDRESS, launch, notOfFile, openTab } from "./chromium.js";
import {
  coloursOn,
  drop,
  dropPaths,
  EXAMPLES,
  FIXTURES,
  idle,
  jobOf,
  openPage,
  press,
  save,
  statusOf,
  waitForEnd,
  waitForState,
  waitForStatus,
} from "./page.js";

/** @typedef {import('playwright-core').Page} Tab */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const QUICK = "#order=one-phonon&start=ni_676";

/** With a scale of their own the numbers of the small files, which are no scattering, pass as data. */
const ANYTHING = `${QUICK}&scale=fixed&scaleat=1`;

/** @param {string} name */
const format = async (name) => ({ name, content: await readFile(new URL(`formats/${name}`, FIXTURES)) });

/** @param {Tab} tab */
const dialogOf = (tab) => tab.getByRole("dialog", { name: "Measurement" });

/** @param {Tab} tab */
const use = (tab) => tab.locator("#volume-use:not([disabled])").click();

/** The dialog, once its slices are there. @param {Tab} tab */
async function slices(tab) {
  const dialog = dialogOf(tab);
  await dialog.locator('canvas[aria-label^="Slice one:"]').waitFor();
  await tab.waitForFunction(() => document.querySelector("#volume-readout") !== null);
  return dialog;
}

/** A picture in 32-bit floating point as TIFF: one strip, nothing packed. @param {number} width @param {number} height @param {Float32Array} values */
function tiff(width, height, values) {
  const tags = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 32],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, 4 * values.length],
    [339, 3, 3],
  ];
  const directory = 8 + 4 * values.length;
  const bytes = Buffer.alloc(directory + 2 + 12 * tags.length + 4);
  bytes.write("II*\0", 0, "latin1");
  bytes.writeUInt32LE(directory, 4);
  for (const [i, value] of values.entries()) bytes.writeFloatLE(value, 8 + 4 * i);
  bytes.writeUInt16LE(tags.length, directory);
  tags.forEach(([tag = 0, type = 0, value = 0], i) => {
    const at = directory + 2 + 12 * i;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    if (type === 3) bytes.writeUInt16LE(value, at + 8);
    else bytes.writeUInt32LE(value, at + 8);
  });
  return bytes;
}

/** The plane l = 0 of the shipped example as a picture, k from the top down, with its Bragg peaks. */
async function picture() {
  const text = await readFile(new URL("ni_298K_hk0_hk0.5_hk1.csv", EXAMPLES), "utf8");
  const rows = text.split("\n").map((line) => line.split(",").map(Number));
  const plane = rows.filter(([h, , l]) => h !== undefined && Number.isFinite(h) && l === 0);
  const n = 61;
  const values = new Float32Array(n * n).fill(NaN);
  for (const [h = 0, k = 0, , counts = 0] of plane) {
    values[Math.round((5 - k) * 6) * n + Math.round((h + 5) * 6)] = counts;
  }
  for (let h = -4; h <= 4; h += 2) for (let k = -4; k <= 4; k += 2) values[(5 - k) * 6 * n + (h + 5) * 6] = 1e6;
  return tiff(n, n, values);
}

test("a volume is shown, understood, used and fitted", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await drop(tab, await format("ni_298K_volume_nxdata.nxs"));
  const dialog = await slices(tab);
  assert.match(
    await dialog.locator("#volume-what").innerText(),
    /^ni_298K_volume_nxdata\.nxs: .*voxels of \S+, with σ$/,
  );
  for (const slice of ["Slice one", "Slice two", "Slice three"])
    assert.ok((await coloursOn(tab, slice)) > 20, `${slice} has too few colours`);
  assert.match(await dialog.locator("#volume-facts").innerText(), /Along h\s+−?\d.* in steps of/);
  // Arrow keys move the crosshair, and the other slices with it.
  const first = dialog.locator('canvas[aria-label^="Slice one:"]');
  const third = () => dialog.locator('canvas[aria-label^="Slice three:"]').getAttribute("aria-label");
  const before = await third();
  await first.focus();
  await tab.keyboard.press("ArrowRight");
  await tab.waitForFunction((label) => !!label && !document.querySelector(`canvas[aria-label="${label}"]`), before);
  assert.match(await dialog.locator("#volume-readout").innerText(), /^h k l .* · (intensity \d|nothing)/);
  await use(tab);
  await idle(tab);
  assert.equal(await dialog.isVisible(), false);
  assert.deepEqual((await jobOf(tab)).data, [{ file: "ni_298K_volume_nxdata.nxs" }]);
  await press(tab, "Play");
  await waitForEnd(tab);
  await waitForState(tab, "converged");
  const result = JSON.parse((await save(tab, "Save result")).text);
  assert.ok(result.n_data > 5000, `${result.n_data} data`);
  assert.deepEqual(complaints, []);
});

test("a job takes two parts of one volume, and a packed volume is a volume", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  const name = "ni_298K_volume_nxdata.nxs";
  const job = await jobOf(tab);
  job.data = [
    { file: name, region: { l: [0, 0.5] }, stride: [3, 3, 1] },
    { file: name, region: { l: [0.75, 1] }, stride: 4 },
  ];
  await drop(tab, { name: "job.json", content: JSON.stringify(job) }, await format(name));
  await tab.waitForFunction(() => /2 measurements|ni_298K/.test(document.body.innerText));
  await idle(tab);
  assert.deepEqual((await jobOf(tab)).data, job.data);
  await press(tab, "Play");
  await waitForEnd(tab);
  const result = JSON.parse((await save(tab, "Save result")).text);
  const [first, second] = result.data;
  assert.ok(first.n > second.n && second.n > 0, JSON.stringify(result.data));
  assert.equal(result.files.length, 1, JSON.stringify(result.files));

  const { content } = await format(name);
  await drop(tab, { name: "packed.nxs.gz", content: gzipSync(content) });
  const dialog = await slices(tab);
  assert.match(await dialog.locator("#volume-what").innerText(), /^packed\.nxs\.gz: .*voxels/);
  await use(tab);
  await idle(tab);
  assert.deepEqual((await jobOf(tab)).data, [{ file: "packed.nxs.gz" }]);
  assert.deepEqual(complaints, []);
});

test("limits, a stride and a plane choose voxels, and the job says so", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await drop(tab, await format("ni_298K_volume_nxdata.nxs"));
  const dialog = await slices(tab);
  const all = await dialog.locator("#volume-count").innerText();
  await dialog.getByLabel("h from").fill("0");
  await dialog.getByLabel("Every n-th voxel").fill("2");
  const fewer = await dialog.locator("#volume-count").innerText();
  assert.notEqual(fewer, all);
  await dialog.getByLabel("Part").selectOption({ label: "a plane l =" });
  await dialog.getByLabel("Plane at").fill("0,4");
  await dialog.getByLabel("k to").fill("nonsense");
  assert.match(await dialog.locator("#volume-k-to-problem").innerText(), /“nonsense” is no number/);
  assert.ok(await tab.locator("#volume-use").isDisabled());
  await dialog.getByLabel("k to").fill("");
  const promised = Number(
    /^([\d\u202f]+) voxels/.exec(await dialog.locator("#volume-count").innerText())?.[1]?.replace(/\D/g, ""),
  );
  await use(tab);
  await idle(tab);
  const [entry] = (await jobOf(tab)).data;
  assert.equal(entry.stride, 2);
  assert.equal(entry.region.h[0], 0);
  assert.ok(entry.region.l[0] < 0.4 && entry.region.l[1] > 0.4, JSON.stringify(entry));
  const used = / of ([\d\u202f]+) data/.exec(await tab.locator("#data-facts").innerText())?.[1]?.replace(/\D/g, "");
  assert.ok(Number(used) > 0 && Number(used) <= promised, `${used} of ${promised}`);
  assert.match((await tab.locator("#map-data").getAttribute("aria-label")) ?? "", /plane l = 0\.4/);
  assert.deepEqual(complaints, []);
});

test("a picture without axes is placed by three Bragg peaks", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await drop(tab, { name: "hk0.tif", content: await picture() });
  const dialog = dialogOf(tab);
  const array = dialog.locator("#volume-array");
  await array.waitFor();
  await tab.waitForFunction(() => (document.querySelector("#volume-array")?.getAttribute("style") ?? "") !== "");
  const click = async (/** @type {number} */ h, /** @type {number} */ k, /** @type {number} */ n) => {
    const box = await array.boundingBox();
    assert.ok(box);
    // The frame of the plot: 34 px on the left, 8 on the right, 4 on top, 30 below.
    const [w, height] = [box.width - 42, box.height - 34];
    const [x, y] = [(h + 5) * 6 + 0.5, (5 - k) * 6 + 0.5];
    await array.click({ position: { x: 34 + (x / 61) * w + 2, y: 4 + (y / 61) * height - 1 } });
    await dialog.locator(`#volume-peak-${n}`).fill(`${h} ${k} 0`);
  };
  await click(-4, -4, 1);
  await click(0, 0, 2);
  await click(4, 4, 3);
  await press(tab, "Place by these peaks");
  assert.match(await dialog.locator("#volume-peaks-problem").innerText(), /The three peaks lie on a line/);
  await press(tab, "Forget peaks");
  await click(-4, -4, 1);
  await click(4, -4, 2);
  await click(-4, 4, 3);
  await press(tab, "Place by these peaks");
  assert.equal(await dialog.locator("#volume-rows-first").inputValue(), "5");
  assert.equal(await dialog.locator("#volume-columns-last").inputValue(), "5");
  await slices(tab);
  await use(tab);
  await idle(tab);
  const [entry] = (await jobOf(tab)).data;
  assert.deepEqual(entry, {
    file: "hk0.tif",
    axes: [
      { along: "k", limits: [5, -5] },
      { along: "h", limits: [-5, 5] },
    ],
    origin: [0, 0, 0],
  });
  await press(tab, "Play");
  await waitForEnd(tab);
  assert.doesNotMatch(await statusOf(tab), /failed/);
  await waitForState(tab, "converged", "stopped");
  assert.deepEqual(complaints, []);
});

test("the second file of a link is asked for and added; both at once are one measurement", async () => {
  const { tab, complaints } = await openPage(browser, { hash: ANYTHING });
  await drop(tab, await format("nxrefine_parent.nxs"));
  const dialog = dialogOf(tab);
  const add = dialog.getByRole("button", { name: "Add “transform.nxs”" });
  await add.waitFor();
  assert.match(await dialog.locator("#volume-status").innerText(), /transform\.nxs/);
  const chooser = tab.waitForEvent("filechooser");
  await add.click();
  const { name, content } = await format("transform.nxs");
  await (await chooser).setFiles([{ name, mimeType: "application/octet-stream", buffer: content }]);
  await slices(tab);
  assert.match(await dialog.locator("#volume-facts").innerText(), /Left out\s+3 are no numbers/);
  assert.match(await dialog.locator("#volume-facts").innerText(), /Unit cell\s+3\.52, 3\.52, 3\.52 Å; 90°, 90°, 90°/);
  await use(tab);
  await idle(tab);
  assert.deepEqual((await jobOf(tab)).data, [{ file: "nxrefine_parent.nxs" }]);

  const again = await openPage(browser, { hash: ANYTHING });
  await drop(again.tab, await format("transform.nxs"), await format("nxrefine_parent.nxs"));
  await slices(again.tab);
  await use(again.tab);
  await idle(again.tab);
  assert.deepEqual((await jobOf(again.tab)).data, [{ file: "nxrefine_parent.nxs" }]);
  assert.deepEqual([...complaints, ...again.complaints], []);
});

test("values that may be marks are left out once a person says so", async () => {
  const { tab, complaints } = await openPage(browser, { hash: ANYTHING });
  await drop(tab, await format("type_int32_be_sentinel.h5"));
  const dialog = await slices(tab);
  const mark = dialog.getByLabel("−1 in 3 voxels: leave them out");
  assert.equal(await mark.isChecked(), false);
  assert.doesNotMatch(await dialog.locator("#volume-facts").innerText(), /Left out/);
  await mark.check();
  await tab.waitForFunction(() =>
    /3 have the value −1/.test(document.querySelector("#volume-facts")?.textContent ?? ""),
  );
  await use(tab);
  await idle(tab);
  assert.deepEqual((await jobOf(tab)).data, [{ file: "type_int32_be_sentinel.h5", sentinels: [-1] }]);
  assert.deepEqual(complaints, []);
});

test("Cancel is answered at once while a large file is read, and leaves all as it was", async () => {
  const { tab, complaints } = await openPage(browser, { hash: ANYTHING });
  const folder = await mkdtemp(join(tmpdir(), "tds-"));
  try {
    const path = join(folder, "large.npy");
    const shape = [520, 520, 200];
    const file = await open(path, "w");
    const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
    const header = Buffer.alloc(128, " ");
    header.write("\x93NUMPY\x01\x00", 0, "latin1");
    header.writeUInt16LE(118, 8);
    header.write(head, 10);
    header.write("\n", 127);
    await file.write(header);
    const page = Buffer.from(Float32Array.from({ length: 520 * 200 }, (_, i) => i % 977).buffer);
    for (let n = 0; n < 520; n++) await file.write(page);
    await file.close();
    const before = await jobOf(tab);
    // What a person does who sees the first progress and presses Cancel; timed in the page.
    await tab.evaluate(() => {
      const look = () => {
        const progress = document.querySelector("#volume-progress");
        if (!(progress instanceof HTMLProgressElement) || progress.hidden) return requestAnimationFrame(look);
        const began = performance.now();
        const dialog = progress.closest("dialog");
        // Told before anything else happens; a frame may be late on a busy machine.
        new MutationObserver(() => {
          if (!dialog?.open) Object.assign(window, { took: performance.now() - began, part: progress.value });
        }).observe(dialog ?? document.body, { attributeFilter: ["open"] });
        document.getElementById("volume-cancel")?.click();
      };
      look();
    });
    await dropPaths(tab, path);
    await tab.waitForFunction(() => "took" in window);
    const { took, part } = await tab.evaluate(() => {
      const { took, part } = /** @type {any} */ (window);
      return { took, part };
    });
    assert.ok(part > 0 && part < 1, `cancelled at ${part}`);
    assert.ok(took < 100, `${took} ms`);
    await waitForState(tab, "ready");
    assert.doesNotMatch(await statusOf(tab), /Opening|Reading/);
    assert.deepEqual(await jobOf(tab), before);
    // The same file again is read to its end, thinned for the eye, and too large for a fit until less is taken.
    await dropPaths(tab, path);
    const dialog = dialogOf(tab);
    await dialog.locator("#volume-pages-first").waitFor();
    for (const name of ["pages", "rows", "columns"]) {
      await dialog.locator(`#volume-${name}-first`).fill("-2");
      await dialog.locator(`#volume-${name}-last`).fill("2");
    }
    await dialog.locator("#volume-columns-last").press("Tab");
    await slices(tab);
    await tab.waitForFunction(() =>
      /54 million voxels, expected at most 3 million/.test(document.querySelector("#volume-count")?.textContent ?? ""),
    );
    assert.ok(await tab.locator("#volume-use").isDisabled());
    await dialog.getByRole("button", { name: /^Every third voxel: 2 million/ }).click();
    await tab.locator("#volume-use:not([disabled])").waitFor();
    await tab.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.deepEqual(await jobOf(tab), before);
    // So large a volume is not kept, and the job goes on once it is dropped again.
    await dropPaths(tab, path);
    for (const name of ["pages", "rows", "columns"]) {
      await dialog.locator(`#volume-${name}-first`).fill("-2");
      await dialog.locator(`#volume-${name}-last`).fill("2");
    }
    await dialog.locator("#volume-columns-last").press("Tab");
    await slices(tab);
    await dialog.getByLabel("Every n-th voxel").fill("20");
    await use(tab);
    await waitForStatus(tab, /large\.npy is larger than 200 MB and is not kept/);
    const { data } = await jobOf(tab);
    assert.equal(data[0].stride, 20);
    await tab.waitForTimeout(300);
    await tab.reload();
    await waitForStatus(tab, /“large\.npy” was not kept in this browser: open or drop it again/);
    await idle(tab);
    await dropPaths(tab, path);
    // Its name stood among the choices before.
    await tab.waitForFunction(() => /** @type {any} */ (document.querySelector("#example"))?.value === "own");
    await idle(tab);
    assert.deepEqual((await jobOf(tab)).data, data);
  } finally {
    await rm(folder, { recursive: true });
  }
  assert.deepEqual(complaints, []);
});

test("what is no volume is refused in one sentence, and nothing is lost", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  const before = await jobOf(tab);
  for (const name of ["rgb_REFUSE.tif", "complex_REFUSE.npy", "BROKEN_truncated.h5", "yell_1.0_pdf_direct_space.h5"]) {
    await drop(tab, await format(name));
    await waitForStatus(tab, new RegExp(`${name.replaceAll(".", "\\.")}: [^.]*, expected [^.]*`));
    assert.equal(await dialogOf(tab).isVisible(), false, name);
  }
  assert.deepEqual(await jobOf(tab), before);
  assert.deepEqual(complaints, []);
});

test("a job finds its volume beside it, and both are there after a reload", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  const job = await jobOf(tab);
  job.data = [{ file: "runs/ni_298K_volume_nxdata.nxs" }];
  const content = JSON.stringify(job);
  await drop(tab, { name: "job.json", content }, await format("ni_298K_volume_nxdata.nxs"));
  await waitForStatus(tab, /^Ready\. .* over/);
  await tab.waitForFunction(
    () => document.querySelector("#example option[value=own]")?.textContent === "ni_298K_volume_nxdata.nxs",
  );
  await idle(tab);
  assert.equal(await tab.locator("#volume-dialog").count(), 0, "nothing is asked");
  const facts = await tab.locator("#data-facts").innerText();
  await tab.waitForTimeout(300);
  await tab.reload();
  await waitForStatus(tab, /This is how you left it/);
  assert.equal(await tab.locator("#data-facts").innerText(), facts);
  assert.deepEqual((await jobOf(tab)).data, [{ file: "ni_298K_volume_nxdata.nxs" }]);
  assert.deepEqual(complaints, []);
});

const OF_MODULES = notOfFile("the test asks modules of the page by their addresses, and one file has none");

test("the geometry of a picture: three peaks, wherever they are, give the map that made them", OF_MODULES, async () => {
  const { tab, complaints } = await openTab(browser);
  await tab.goto(`${ADDRESS}/pkg/package.json`);
  const found = await tab.evaluate(async () => {
    const { solve, formsOf, peakNear } = await import("/www/volume/axes.js");
    const map = { origin: [-2.5, 1, 0.5], across: [0.02, 0.02, 0], down: [0.01, -0.01, 0] };
    const hkl = (/** @type {{x: number, y: number}} */ { x, y }) =>
      map.origin.map((o, n) => o + x * (map.across[n] ?? 0) + y * (map.down[n] ?? 0));
    const pixels = [
      { x: 10, y: 20 },
      { x: 210.5, y: 33 },
      { x: 40, y: 150.25 },
    ];
    const solved = solve(pixels.map((pixel) => ({ pixel, hkl: hkl(pixel) })));
    const said = (/** @type {any[]} */ peaks) => {
      try {
        solve(peaks);
        return "";
      } catch (error) {
        return String(error);
      }
    };
    const line = [0, 1, 2].map((n) => ({ pixel: { x: n, y: 2 * n }, hkl: [n, 0, 0] }));
    const flat = pixels.map((pixel, n) => ({ pixel, hkl: [n, n, 0] }));
    const values = new Float32Array(400).fill(1);
    values[7 * 20 + 5] = 100;
    values[7 * 20 + 6] = 100;
    return {
      solved,
      forms: formsOf(solved, 101, 51),
      line: said(line),
      flat: said(flat),
      peak: peakNear({ width: 20, height: 20, values }, { x: 6.4, y: 6.1 }, 3),
    };
  });
  assert.deepEqual(found.solved, { origin: [-2.5, 1, 0.5], across: [0.02, 0.02, 0], down: [0.01, -0.01, 0] });
  assert.deepEqual(found.forms.columns, { direction: [1, 1, 0], first: 0, last: 1, count: 51 });
  assert.deepEqual(found.forms.rows, { direction: [1, -1, 0], first: 0, last: 1, count: 101 });
  assert.deepEqual(found.forms.origin, [-2.5, 1, 0.5]);
  assert.match(found.line, /lie on a line: choose one beside it/);
  assert.match(found.flat, /hkl of the three peaks lie on a line/);
  assert.deepEqual(found.peak, { x: 5.5, y: 7 });
  assert.deepEqual(complaints, []);
});

test("the number of voxels is that of the readers", OF_MODULES, async () => {
  const { tab, complaints } = await openTab(browser);
  await tab.goto(`${ADDRESS}/pkg/package.json`);
  const counts = await tab.evaluate(async () => {
    const { voxels, chosen, strideFor, middleFor, MOST_POINTS } = await import("/www/volume/selection.js");
    const axis = (/** @type {number} */ n, /** @type {number} */ count) => ({
      direction: [0, 1, 2].map((m) => Number(m === n)),
      count,
      first: -2,
      step: 4 / (count - 1),
      even: true,
    });
    /** @type {any} */
    const grid = { origin: [0, 0, 0], axes: [axis(2, 401), axis(1, 401), axis(0, 401)] };
    /** @type {any} */
    const all = { limits: [null, null, null], stride: 1, plane: null };
    const plane = { ...all, plane: { letter: 2, value: 0.503, thickness: null } };
    const thick = { ...all, plane: { letter: 2, value: 0.5, thickness: 0.04 } };
    const part = { ...all, limits: [[0, 1], null, [-0.005, 0.005]], stride: 3 };
    const middle = middleFor(grid, all, MOST_POINTS);
    return {
      all: voxels(grid, all).count,
      stride: strideFor(grid, all, MOST_POINTS),
      plane: voxels(grid, plane).count,
      region: chosen(grid, plane).region,
      thick: voxels(grid, thick).count,
      part: voxels(grid, part).count,
      middle: voxels(grid, middle).count <= MOST_POINTS && middle.limits[0],
    };
  });
  assert.equal(counts.all, 401 ** 3);
  assert.equal(counts.stride, 3);
  assert.equal(counts.plane, 401 ** 2);
  assert.deepEqual(counts.region, { l: [0.4975, 0.5025] });
  assert.equal(counts.thick, 5 * 401 ** 2);
  assert.equal(counts.part, Math.ceil(101 / 3) * Math.ceil(401 / 3));
  assert.deepEqual(counts.middle, [-0.667, 0.667]);
  assert.deepEqual(complaints, []);
});

test("a mask file is dropped beside its volume, counted, turned round, switched off, saved and opened again", async () => {
  const { tab, complaints } = await openPage(browser, { hash: ANYTHING });
  await drop(tab, await format("yell_1.0.h5"));
  const dialog = await slices(tab);
  const row = dialog.locator("#volume-mask-list li");
  const says = (/** @type {string} */ words) => row.locator(".n", { hasText: words }).waitFor();
  await drop(tab, await format("bool_mask.npy"));
  await says("3 voxels left out");
  await row.getByLabel("not zero is kept").check();
  await says("137 voxels left out");
  await row.getByLabel("not zero is kept").uncheck();
  await says("3 voxels left out");
  await row.getByLabel("bool_mask.npy", { exact: true }).uncheck();
  await says("off");
  await row.getByLabel("bool_mask.npy", { exact: true }).check();
  await says("3 voxels left out");

  const chooser = tab.waitForEvent("filechooser");
  await dialog.getByRole("button", { name: "opened" }).click();
  const { name, content } = await format("plane_nan.npy");
  await (await chooser).setFiles([{ name, mimeType: "application/octet-stream", buffer: content }]);
  const problem = dialog.locator("#volume-mask-problem");
  await problem.filter({ hasText: "plane_nan.npy" }).waitFor();
  assert.match(await problem.innerText(), /has 7 × 5 voxels, expected 7 × 5 × 4 voxels, as yell_1\.0\.h5 has them/);
  await says("3 voxels left out");
  assert.equal(await row.count(), 1);
  await dialog.locator("#volume-l-to").fill("0.5");
  await use(tab);
  await idle(tab);
  const job = await jobOf(tab);
  assert.deepEqual(job.data, [{ file: "yell_1.0.h5", region: { l: [0, 0.5] }, mask: [{ file: "bool_mask.npy" }] }]);

  const item = tab.locator("#mask-list li");
  assert.deepEqual([await item.count(), await item.getByRole("textbox").inputValue()], [1, "bool_mask.npy"]);
  await item.locator(".n", { hasText: /^2$/ }).waitFor();
  const sums = () => tab.locator("#mask-sums").innerText();
  assert.match(await sums(), /105 read, .*2 bool_mask\.npy/);
  await item.getByRole("checkbox").uncheck();
  await tab.waitForFunction(() => document.querySelector("#mask-list .n")?.textContent === "off");
  await idle(tab);
  assert.doesNotMatch(await sums(), /bool_mask/);
  assert.deepEqual((await jobOf(tab)).data[0].mask, [{ file: "bool_mask.npy", off: true }]);

  const again = await openPage(browser, { hash: ANYTHING });
  await drop(again.tab, { name: "job.json", content: JSON.stringify(job) }, await format("yell_1.0.h5"));
  await waitForStatus(again.tab, /bool_mask\.npy/);
  await drop(again.tab, await format("bool_mask.npy"));
  await again.tab.waitForFunction(() => document.querySelector("#mask-list .n")?.textContent === "2");
  await press(again.tab, "Play");
  await waitForEnd(again.tab);
  const { files } = JSON.parse((await save(again.tab, "Save result")).text);
  assert.deepEqual(
    files.map((/** @type {{name: string}} */ { name }) => name),
    ["yell_1.0.h5", "bool_mask.npy"],
  );
  assert.deepEqual([...complaints, ...again.complaints], []);
});

test("a mask of truth values that comes with a volume belongs to it", async () => {
  const { tab, complaints } = await openPage(browser, { hash: ANYTHING });
  await drop(tab, await format("yell_1.0.h5"), await format("bool_mask.npy"));
  const dialog = await slices(tab);
  await dialog.locator("#volume-mask-list .n", { hasText: "3 voxels left out" }).waitFor();
  await dialog.getByRole("button", { name: "Remove bool_mask.npy" }).click();
  await dialog.locator("#volume-mask-list li").waitFor({ state: "detached" });
  await use(tab);
  await idle(tab);
  assert.deepEqual((await jobOf(tab)).data, [{ file: "yell_1.0.h5" }]);
  assert.deepEqual(complaints, []);
});
