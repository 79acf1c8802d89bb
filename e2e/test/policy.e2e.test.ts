import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { ADMIN, COMPLIANCE, type DemoPerson, FRONT_DESK, signIn } from '../src/people.ts';

let bedside: Bedside;
beforeAll(async () => {
  bedside = await startBedside();
});
afterAll(() => bedside.close());

const RULES = ['visit-types', 'licenses', 'payers', 'holidays', 'compacts', 'daily-caps'].map((one) => `/rules/${one}`);
const DESK = ['/desk', '/desk/book', '/desk/waitlist', '/proxies', '/care-teams', '/cover'];
const OVERSIGHT = ['/audit', '/corrections', '/agreements', '/access-reviews'];
const PATIENT = ['/book', '/privacy', '/privacy/who', '/privacy/copy', '/privacy/corrections', '/privacy/people'];

describe('every page keeps to the content security policy and makes no text into markup', () => {
  test.each<[DemoPerson, string[]]>([
    ['Ruth Lindqvist', [...PATIENT, '/calendar-link', '/account', `/for/${randomUUID()}`, '/nowhere']],
    ['Dr. Amara Okafor', ['/calendar', '/hours', '/cover', '/calendar-link', `/emergency/${randomUUID()}`]],
    [FRONT_DESK, DESK],
    [COMPLIANCE, OVERSIGHT],
    [ADMIN, [...RULES, '/machines']],
  ])('%s', async (person, paths) => {
    // Closing it throws of what was refused.
    await using browser = await launchBrowser();
    const page = await browser.newPage();
    await signIn(page, bedside.origin, person);
    for (const path of paths) {
      const answer = await page.goto(`${bedside.origin}${path}`, { waitUntil: 'networkidle2' });
      expect(answer?.headers()['content-security-policy'], path).toMatch(/script-src 'self';.*trusted-types 'none'/);
      await page.waitForSelector('h1');
    }
  });
});

test.each([
  ['markup', () => void document.body.insertAdjacentHTML('beforeend', '<b>x</b>'), /require-trusted-types-for/],
  [
    'script',
    () => document.head.append(Object.assign(document.createElement('script'), { text: '1' })),
    /require-trusted-types-for/,
  ],
  [
    'a picture of elsewhere',
    () => document.body.append(Object.assign(new Image(), { src: 'https://elsewhere.example/x.png' })),
    /img-src.*elsewhere\.example/,
  ],
])('what puts %s into a page is told of when the browser ends', async (_what, tamper, told) => {
  const browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(bedside.origin);
  await page.waitForSelector('h1');
  await page.evaluate(tamper).catch(() => undefined);
  await expect(browser.close()).rejects.toThrow(told);
});
