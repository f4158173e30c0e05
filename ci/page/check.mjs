// Uses a report as a person does, in headless Chromium, and fails on the first thing that does not work.
// Usage: node check.mjs report.html FOLDER   (pictures and the printed page go to FOLDER)
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [report, out] = process.argv.slice(2).map((path) => resolve(path));
const address = pathToFileURL(report).href;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

// Opens the page and notes what it should not do: fetch anything, or break.
async function open(options, hash = '') {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('request', (request) => request.url().startsWith(address) || wrong.push(`asked for ${request.url()}`));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  await page.goto(address + hash);
  return { page, done: async () => { assert.deepEqual(wrong, []); await context.close(); } };
}

const shown = (page, selector) => page.locator(selector).evaluateAll((all) => all.filter((one) => !one.hidden && !one.closest('[hidden]')).length);
const all = (page, selector) => page.locator(selector).count();

try {
  const { page, done } = await open({});
  const cases = await all(page, '.cases [data-item]');
  const failed = await all(page, '.cases [data-outcome=fail]');
  assert.ok(cases > 1000 && failed > 0 && failed < cases, `${cases} cases, ${failed} failed: not the report that this needs`);
  console.log(`${cases} cases, ${failed} failed, ${(statSync(report).size / 1e6).toFixed(1)} MB`);

  // Narrowing by outcome, by words, by both, and back.
  await page.selectOption('#cases-outcome', 'fail');
  assert.equal(await shown(page, '.cases [data-item]'), failed);
  assert.equal(await page.textContent('#cases-shown'), `${failed} of ${cases} shown`);
  await page.selectOption('#cases-outcome', '');
  const began = Date.now();
  await page.fill('#cases-find', 'coverage read');
  await page.waitForFunction(() => document.getElementById('cases-shown').textContent.includes(' of '));
  console.log(`a search answered after ${Date.now() - began} ms, 120 of them waiting for the next key`);
  const found = await page.locator('.cases [data-item]:not([hidden])').allTextContents();
  assert.ok(found.length > 0 && found.every((text) => /coverage/i.test(text) && /read/i.test(text)), 'a search shows what it should not');
  await page.locator('.cases [data-item]:not([hidden])').first().waitFor({ state: 'visible' });
  await page.fill('#cases-find', 'nothing has this word');
  await page.waitForFunction(() => document.getElementById('cases-shown').textContent.startsWith('0 of '));
  assert.equal(await shown(page, '.all > details'), 0);
  await page.fill('#cases-find', '');
  await page.waitForFunction((cases) => document.getElementById('cases-shown').textContent === cases, String(cases));
  await page.waitForFunction(() => document.querySelectorAll('.all > details[open]').length === 0);

  // The requirement lists.
  const violated = await all(page, '#rows [data-status=violated]');
  assert.ok(violated > 0, 'no requirement is violated: not the report that this needs');
  await page.selectOption('#rows-status', 'violated');
  assert.equal(await shown(page, '#rows [data-item]'), violated);
  await page.selectOption('#rows-status', '');
  await page.selectOption('#rows-verb', 'SHALL');
  assert.equal(await shown(page, '#rows [data-item]'), await all(page, '#rows [data-verb=SHALL]'));
  await page.selectOption('#rows-verb', '');

  // A requirement leads to the case that broke it, and the case is told in full.
  await page.locator('#rows [data-status=violated] a').first().click();
  await page.waitForFunction(() => location.hash !== '');
  const broken = decodeURIComponent(new URL(page.url()).hash.slice(1));
  await page.locator(`[id="${broken}"]`).waitFor({ state: 'visible' });
  assert.ok((await page.locator(`[id="${broken}"] dl`).count()) > 0, `${broken} says not what was expected`);
  const fold = page.locator(`[id="${broken}"] details`, { has: page.locator('> summary', { hasText: 'Requests' }) }).first();
  if (!(await fold.evaluate((details) => details.open))) await fold.locator('summary').first().click();
  await page.locator(`[id="${broken}"] pre`).first().waitFor({ state: 'visible' });

  // With the keyboard alone: the first stop skips to the cases, and a fold opens.
  await page.goto(address);
  await page.keyboard.press('Tab');
  await page.waitForFunction(() => document.activeElement.textContent === 'To the cases to look at');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash === '#look');
  const group = page.locator('.all > details > summary').first();
  await group.focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('.all > details').open);
  await done();

  // A link from elsewhere to a case that passed, folded into its group.
  const passed = await (async () => {
    const { page: other, done: closed } = await open({});
    const id = await other.locator('.cases [data-outcome=pass][id]').nth(100).getAttribute('id');
    await closed();
    return id;
  })();
  const linked = await open({}, `#${encodeURIComponent(passed)}`);
  await linked.page.locator(`[id="${passed}"]`).waitFor({ state: 'visible' });
  await linked.page.waitForFunction((id) => {
    const { top, bottom } = document.getElementById(id).getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }, passed);
  await linked.done();

  // What axe finds, with everything unfolded, in light and in dark.
  for (const colorScheme of ['light', 'dark']) {
    const { page, done } = await open({ colorScheme });
    await page.screenshot({ path: join(out, `${colorScheme}.png`) });
    await page.evaluate(() => document.querySelectorAll('details').forEach((details, at) => { details.open = !details.closest('.all') || at % 7 === 0; }));
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations
      .map(({ impact, id, nodes }) => `${impact} ${id} ${nodes.length} times: ${nodes[0].html.slice(0, 200)}`));
    assert.deepEqual(violations, [], `axe, ${colorScheme}`);
    await done();
  }

  // Without script everything is there; printed, too.
  const plain = await open({ javaScriptEnabled: false });
  assert.equal(await plain.page.locator('.tools:visible').count(), 0);
  assert.equal(await all(plain.page, '.cases li'), cases);
  await plain.done();
  const printed = await open({});
  await printed.page.emulateMedia({ media: 'print' });
  assert.ok(await printed.page.locator('#rows [data-status=verified] td').first().isVisible(), 'a folded list is not printed');
  await printed.page.pdf({ path: join(out, 'report.pdf'), format: 'Letter' });
  assert.ok(statSync(join(out, 'report.pdf')).size > 50_000);
  await printed.done();
  // At the width of a telephone nothing runs over the side.
  const narrow = await open({ viewport: { width: 360, height: 800 } });
  assert.ok(await narrow.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than its window');
  await narrow.done();

  // The archive of the exchanges is opened by the browser's own tools, and answers as the server did.
  const har = JSON.parse(readFileSync(join(out, 'evidence.har'), 'utf8'));
  const told = har.log.entries.find(({ request, response }) => request.method === 'GET' && response.status === 200 && response.content.text);
  assert.ok(told, 'the archive has no answer');
  const context = await browser.newContext();
  await context.routeFromHAR(join(out, 'evidence.har'), { notFound: 'abort' });
  const replayed = await context.newPage();
  const answer = await replayed.goto(told.request.url);
  assert.equal(answer.status(), 200);
  assert.equal(await answer.text(), told.response.content.text);
  await context.close();
  console.log(`the page works, and an archive of ${har.log.entries.length} exchanges is opened`);
} finally {
  await browser.close();
}
