/** Crystals and force constants of other programs are taken as they come. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./chromium.js";
import { constantsOf, drop, dropPaths, idle, jobOf, openPage, statusOf, waitForStatus } from "./page.js";

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const FORMATS = join(import.meta.dirname, "..", "fixtures", "formats");
const QUICK = "#order=one-phonon&start=springs";

/** @param {import('playwright-core').Page} tab @param {string[]} paths */
const give = (tab, ...paths) => dropPaths(tab, ...paths.map((path) => join(FORMATS, path)));

test("a CIF is a crystal, a packed phonopy file and a file of Quantum ESPRESSO are crystals with constants", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await give(tab, "cif/13_no_occupancy_no_type.cif");
  await tab.waitForFunction(() => /2 atoms/.test(document.querySelector("#crystal-facts")?.textContent ?? ""));
  await idle(tab);
  const { crystal, force_constants } = await jobOf(tab);
  assert.equal(crystal.file, "13_no_occupancy_no_type.cif");
  // Nothing is known of its bonds but where the atoms are.
  assert.deepEqual(force_constants.start, { bonds: 1 });
  assert.equal(await tab.getByLabel("Start from").inputValue(), "bonds");
  for (const path of ["constants/phonopy_params.yaml.xz", "constants/qe_q2r.fc"]) {
    await give(tab, path);
    const name = path.split("/")[1] ?? "";
    for (let tries = 0; tries < 20 && (await jobOf(tab)).crystal.file !== name; tries++) await tab.waitForTimeout(500);
    await idle(tab);
    assert.equal((await jobOf(tab)).crystal.file, name, await statusOf(tab));
    assert.ok((await constantsOf(tab)).size > 0);
  }
  assert.deepEqual(complaints, []);
});

test("Born charges come with their crystal, split its optical branches, and are said to be missing without them", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  const file = (/** @type {string} */ name) => join(FORMATS, "..", "NaCl", name);
  await dropPaths(tab, file("phonopy.yaml"));
  await waitForStatus(tab, /^Ready.*may be polar.*by some percent.*drop a BORN file with the crystal\./s);
  await dropPaths(tab, file("phonopy.yaml"), file("BORN"));
  await waitForStatus(
    tab,
    /^Ready.*long-range part of the force constants is in the model, by the Born charges of BORN\./s,
  );
  assert.deepEqual((await jobOf(tab)).non_analytical, { file: "BORN" });
  // Another crystal has none of them.
  await give(tab, "cif/13_no_occupancy_no_type.cif");
  await waitForStatus(tab, /^Ready.*may be polar/s);
  await idle(tab);
  assert.equal((await jobOf(tab)).non_analytical, undefined);
  assert.deepEqual(complaints, []);
});

test("what a CIF cannot be used for is said in its sentence, and what was there stays", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  await give(tab, "cif/11_partial_occupancy_REFUSE.cif");
  await waitForStatus(tab, /11_partial_occupancy_REFUSE\.cif was not understood: .*occup/);
  await give(tab, "constants/BORN_number");
  await waitForStatus(tab, /BORN_number was not understood: it holds Born charges.*drop with it the crystal/);
  assert.equal((await jobOf(tab)).crystal.prototype, "fcc");
  assert.deepEqual(complaints, []);
});

/** A zip archive of files as they are. @param {[string, Buffer][]} members */
function zip(...members) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, content] of members) {
    const head = Buffer.alloc(30);
    head.write("PK\x03\x04\x14", "latin1");
    head.writeUInt32LE(content.length, 18);
    head.writeUInt32LE(content.length, 22);
    head.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.write("PK\x01\x02\x14\0\x14", "latin1");
    head.copy(entry, 20, 18, 28);
    entry.writeUInt32LE(offset, 42);
    parts.push(head, Buffer.from(name), content);
    directory.push(entry, Buffer.from(name));
    offset += head.length + name.length + content.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listed, end]);
}

test("an archive of several files is named and never half taken", async () => {
  const { tab, complaints } = await openPage(browser, { hash: QUICK });
  const before = await jobOf(tab);
  const npy = await readFile(join(FORMATS, "c_f8.npy"));
  const table = Buffer.from("h,k,l,intensity\n1.5,0.2,0.1,7\n");
  await drop(tab, { name: "run.zip", content: zip(["a.csv", table], ["b.npy", npy]) });
  await waitForStatus(tab, /run\.zip was not understood: this is a zip archive of 2 files: a\.csv, b\.npy/);
  await drop(tab, { name: "two.zip", content: zip(["b.npy", npy], ["a.csv", table]) });
  await waitForStatus(tab, /two\.zip: this is a zip archive of 2 files: b\.npy, a\.csv/);
  await drop(tab, { name: "two.npz", content: zip(["data.npy", npy], ["intensity.npy", npy]) });
  await waitForStatus(tab, /two\.npz: the archive holds .?data.?, .?intensity/);
  assert.deepEqual((await jobOf(tab)).data, before.data);
  assert.deepEqual(complaints, []);
});
