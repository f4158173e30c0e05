// A member at the browser: goes to the address, signs in, consents, and waits until the app has the member back.
// Usage: node sign_in.mjs URL USER SCREENSHOT.png
import { chromium } from 'playwright-core';

const [url, user, screenshot] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage();
  await page.goto(url);
  await page.fill('input[name=login]', user);
  await page.fill('input[name=password]', 'any');
  await page.screenshot({ path: screenshot });
  await page.click('button[type=submit]');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('You can close this page').waitFor();
  console.log(await page.title());
} finally {
  await browser.close();
}
