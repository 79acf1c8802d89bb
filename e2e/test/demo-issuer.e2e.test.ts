import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from '../src/axe.ts';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { byTestId, clickTestId, signIn } from '../src/people.ts';

let bedside: Bedside;
beforeAll(async () => {
  bedside = await startBedside();
});
afterAll(() => bedside.close());

test.each([
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
  { width: 1440, height: 900, colorScheme: 'light' },
] as const)('the demo people are an accessible choice at $width px, $colorScheme', async (look) => {
  await using browser = await launchBrowser({ viewport: look, colorScheme: look.colorScheme });
  const page = await browser.newPage();
  await page.goto(`${bedside.origin}/auth/login`);
  await page.waitForSelector('button[name="subject"]');
  expect(await axeFindings(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(look.width);
  const dir = process.env.SCREENSHOT_DIR;
  if (dir) await page.screenshot({ path: join(dir, `issuer-${look.width}-${look.colorScheme}.png`), fullPage: true });
});

test('a click signs in; signing out asks nothing and leads to the start', async () => {
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await signIn(page, bedside.origin, 'Ruth Lindqvist');
  await clickTestId(page, 'sign-out');
  await page.waitForSelector(byTestId('sign-in'));
  expect(await page.evaluate(async () => (await fetch('/api/v1/me')).status)).toBe(401);
});
