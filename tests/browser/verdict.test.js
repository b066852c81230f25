// What the page says of fits that are not to be trusted, and of those that are.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { launch } from './chromium.js';
import { EXAMPLES, constantsOf, openFiles, openPage, press, statusOf, waitForEnd, waitForState, waitForStatus } from './page.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** @typedef {import('playwright-core').Page} Tab */

/** The copper example, row by row. @param {(row: string[], n: number) => string[]} change */
async function copper(change) {
  let n = 0;
  const text = await readFile(new URL('cu_296K.csv', EXAMPLES), 'utf8');
  const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(','));
  return rows.map((row) => (row[0] === 'h' ? change(row, -1) : change(row, n++)).join(',')).join('\n') + '\n';
}

/** @param {Tab} tab */
async function fitted(tab) {
  await press(tab, 'Play');
  await waitForEnd(tab);
  await tab.waitForFunction(() => document.documentElement.dataset.trust !== undefined);
  return {
    trust: await tab.locator('html').getAttribute('data-trust'),
    sentence: await tab.locator('#verdict-sentence').innerText(),
    word: await tab.locator('#verdict-word').innerText(),
    codes: await tab.locator('#verdict-reasons li').evaluateAll((list) => list.map((e) => e.getAttribute('data-code'))),
    reasons: await tab.locator('#verdict-reasons li').allInnerTexts(),
    dot: await tab.locator('#status').evaluate((e) => getComputedStyle(e, '::before').backgroundColor),
  };
}

const GREEN = 'rgb(23, 104, 58)';
const AMBER = 'rgb(122, 77, 0)';
const RED = 'rgb(168, 38, 29)';

test('a fit that describes its data is trusted, and only then the dot is green', async () => {
  const { tab, complaints } = await openPage(browser, { hash: '#example=cu&speed=4' });
  assert.equal(await tab.locator('html').getAttribute('data-trust'), null, 'nothing is said of a start');
  assert.equal(await tab.locator('#verdict').isVisible(), false);
  const found = await fitted(tab);
  assert.equal(found.trust, 'good');
  assert.equal(found.word, 'Trust: good.');
  assert.equal(found.sentence, 'The model describes the data within their noise: the constants hold within their σ.');
  assert.deepEqual(found.reasons, []);
  assert.equal(found.dot, GREEN);
  const below = await tab.evaluate(() => {
    const top = (/** @type {string} */ id) => document.getElementById(id)?.getBoundingClientRect().top ?? 0;
    return top('verdict') < top('figures');
  });
  assert.ok(below, 'the verdict stands before the figures');
  assert.deepEqual(complaints, []);
});

test('hot pixels: not to be trusted, counted, the worst named, rings on data and residual', async () => {
  const { tab, complaints } = await openPage(browser, { hash: '#example=cu&speed=4' });
  const content = await copper((row, n) => (n % 100 === 50 ? [...row.slice(0, 3), '4294967295', '65536'] : row));
  await openFiles(tab, { name: 'hot.csv', content });
  await waitForStatus(tab, /Ready.*χ²\/n is [\d.]+(·10\S+)? over 5.002 data/);
  const found = await fitted(tab);
  assert.equal(found.trust, 'none');
  assert.equal(found.sentence, 'SENTENCE');
  assert.equal(found.dot, RED);
  assert.doesNotMatch(await statusOf(tab), /C44/);
  assert.match((await tab.locator('#map-residual').getAttribute('aria-label')) ?? '', /, \d+ ringed$/);
  assert.doesNotMatch((await tab.locator('#map-model').getAttribute('aria-label')) ?? '', /ringed/);
  assert.deepEqual(complaints, []);
});
