// Opens archives with the importer of Chromium's own developer tools, and fails when they show less or other than there is.
// Usage: node har.mjs evidence.har…
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const files = process.argv.slice(2);
assert.ok(files.length > 0, 'no archive is given');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

/** What the network panel has of each exchange. */
async function imported(page, text) {
  return page.evaluate(async (text) => {
    const { HARFormat, Importer } = await import('devtools://devtools/bundled/models/har/har.js');
    const { log } = new HARFormat.HARRoot(JSON.parse(text));
    const pairs = (all) => all.map(({ name, value }) => [name, value]);
    const shown = (all) => all.map((pair) => pair.map((part) => decodeURIComponent(part.replaceAll('+', ' '))));
    return Promise.all(Importer.Importer.requestsFromHARLog(log).map(async (request) => ({
      method: request.requestMethod,
      url: request.url(),
      query: shown(pairs(request.queryParameters ?? [])),
      sent: pairs(request.requestHeaders()),
      posted: (await request.requestFormData()) ?? null,
      form: shown(pairs((await request.formParameters()) ?? [])),
      status: request.statusCode,
      got: pairs(request.responseHeaders),
      body: (await request.requestContentData()).text,
    })));
  }, text);
}

/** The same, of an entry of the archive. */
function entry({ request, response }) {
  const pairs = (all) => all.map(({ name, value }) => [name, value]);
  const { text: posted = null, mimeType } = request.postData ?? {};
  return {
    method: request.method,
    url: request.url,
    query: pairs(request.queryString),
    sent: pairs(request.headers),
    posted,
    form: mimeType === 'application/x-www-form-urlencoded' ? [...new URLSearchParams(posted)] : [],
    status: response.status,
    got: pairs(response.headers),
    body: response.content.text ?? '',
  };
}

try {
  const page = await browser.newPage();
  await page.goto('devtools://devtools/bundled/devtools_app.html');
  const forms = [];
  const authorized = [];
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const { entries } = JSON.parse(text).log;
    const requests = await imported(page, text);
    assert.ok(entries.length > 0, `${file} is empty`);
    // The importer has them in the order of their times.
    const ordered = (all) => all.map((one) => JSON.stringify(one)).sort();
    const [panel, archive] = [ordered(requests), ordered(entries.map(entry))];
    assert.equal(panel.length, archive.length, `${file}: not all exchanges are in the network panel`);
    const other = panel.findIndex((one, place) => one !== archive[place]);
    assert.equal(other, -1, `${file}: the network panel has\n${panel[other]?.slice(0, 900)}\nof\n${archive[other]?.slice(0, 900)}`);
    const shown = requests.flatMap(({ sent }) => sent.filter(([name]) => name.toLowerCase() === 'authorization'));
    assert.ok(shown.every(([, value]) => value === '***'), `${file} tells credentials`);
    authorized.push(...shown);
    forms.push(...requests.filter(({ form }) => form.some(([name, value]) => name && value)));
    console.log(`${file}: the network panel has its ${entries.length} exchanges`);
  }
  assert.ok(forms.length > 0, 'no archive holds a form');
  assert.ok(authorized.length > 0, 'no archive tells of a token');
} finally {
  await browser.close();
}
