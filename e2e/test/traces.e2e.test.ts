import { randomUUID } from 'node:crypto';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { captureFiles } from '../src/media-files.ts';
import { byTestId, clickTestId, meet, nextVisit, signIn } from '../src/people.ts';

/** What a visit must leave nowhere: who was there, and what was said. */
const NAMES = ['Lindqvist', 'Okafor'] as const;
const CANARY = `canary-${randomUUID()}`;

const disposables = new AsyncDisposableStack();
let bedside: Bedside;
const pages: Page[] = [];
/** What browsers complained of: errors and warnings of console and pages. */
const complaints: string[] = [];
const urls: string[] = [];
const titles = new Set<string>();

const watch = async (page: Page): Promise<void> => {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => urls.push(request.url()));
  await page.exposeFunction('tellRejection', (what: string) => complaints.push(what));
  await page.evaluateOnNewDocument(() => {
    addEventListener('unhandledrejection', (event) => {
      const tell = Reflect.get(window, 'tellRejection') as (text: string) => void;
      tell(`rejection ${String(event.reason)}`);
    });
  });
};

beforeAll(async () => {
  bedside = disposables.use(await startBedside({ env: { BEDSIDE_LOG_LEVEL: 'debug' } }));
  for (const person of [0, 1] as const) {
    const page = await disposables.use(await launchBrowser({ capture: await captureFiles(person) })).newPage();
    pages.push(page);
  }
  const [patient, provider] = pages;
  if (patient === undefined || provider === undefined) throw new Error('two pages were opened');
  await signIn(patient, bedside.origin, 'Ruth Lindqvist');
  await signIn(provider, bedside.origin, 'Dr. Amara Okafor');
  for (const page of pages) await watch(page);
  const note = async (): Promise<void> => {
    for (const page of pages) titles.add(await page.title());
  };
  await note();
  await meet({ patient, provider }, { origin: bedside.origin, encounterId: (await nextVisit(patient)).encounterId });
  await note();
  for (const page of pages) await clickTestId(page, 'open-chat');
  await patient.locator(byTestId('chat-input')).fill(CANARY);
  await clickTestId(patient, 'chat-send');
  await provider.waitForSelector(byTestId('chat-text'));
  await note();
  await clickTestId(provider, 'leave');
  await clickTestId(provider, 'end-visit');
  for (const page of pages) await page.waitForSelector(byTestId('after-visit'));
  await note();
});
afterAll(() => disposables.disposeAsync());

const expectNoTrace = (text: string): void => {
  for (const secret of [...NAMES, CANARY]) expect(text).not.toContain(secret);
};

test('a whole visit leaves nothing in the browser', async () => {
  for (const page of pages) {
    const left = await page.evaluate(async () => ({
      localStorage: localStorage.length,
      sessionStorage: sessionStorage.length,
      indexedDb: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      serviceWorkers: (await navigator.serviceWorker.getRegistrations()).length,
      cookies: document.cookie,
    }));
    expect(left).toEqual({
      localStorage: 0,
      sessionStorage: 0,
      indexedDb: 0,
      caches: 0,
      serviceWorkers: 0,
      cookies: '',
    });
  }
});

test('GR7 neither names nor words nor grants stand in an address or a title', () => {
  expect(urls.length).toBeGreaterThan(10);
  expectNoTrace(urls.join('\n'));
  // Compact JWS all begin so.
  expect(urls.join('\n')).not.toContain('eyJ');
  expect(titles.size).toBeGreaterThan(1);
  expectNoTrace([...titles].join('\n'));
});

test('GR7 neither names nor words nor grants stand in the log, at its most talkative, or in the metrics', async () => {
  const log = bedside
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  expect(log.length).toBeGreaterThan(10);
  expectNoTrace(log.join('\n'));
  expect(log.join('\n')).not.toContain('eyJ');
  // Nothing that is logged on the way of a visit is so unlike its field that it had to be kept back.
  expect(log.filter((line) => line.includes('[withheld]'))).toEqual([]);
  const metrics = await (await fetch(`${bedside.origin}/metrics`)).text();
  expect(metrics).toContain('bedside_');
  expectNoTrace(metrics);
  expect(metrics).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
});

test('browsers had nothing to complain of', () => {
  expect(complaints).toEqual([]);
});
