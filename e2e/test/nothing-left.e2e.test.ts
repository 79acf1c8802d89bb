import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { captureFiles } from '../src/media-files.ts';
import { byTestId, clickTestId, meet, nextVisit, signIn } from '../src/people.ts';
import { freeTime, pressTime } from './support/free-time.ts';

/** What a shared computer must not tell whoever sits down at it next. */
const ANSWER = `canary-answer-${randomUUID()}`;
const WORDS = `canary-words-${randomUUID()}`;
const SECRETS = [ANSWER, WORDS, 'Lindqvist'] as const;

const RELAY_SECRET = 'a secret of the relay that no child needs';

const disposables = new AsyncDisposableStack();
const profiles: string[] = [];
let bedside: Bedside;
/** By the step after which it was looked. */
const leftInStorage = new Map<string, unknown>();

const lookInto = async (page: Page, step: string): Promise<void> => {
  const left = await page.evaluate(async () => ({
    localStorage: Object.entries(localStorage),
    sessionStorage: Object.entries(sessionStorage),
    indexedDb: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    serviceWorkers: (await navigator.serviceWorker.getRegistrations()).length,
    files: await Array.fromAsync((await navigator.storage.getDirectory()).keys()),
    cookies: document.cookie,
    windowName: window.name,
    historyState: JSON.stringify(history.state),
  }));
  leftInStorage.set(step, left);
};

/**
 * Until the browser has written to the disk what stands in the fields of the page, which it does to have them again after
 * a crash: a field that is none of Bedside's shows when.
 */
const keptByBrowser = async (page: Page, profile: string): Promise<void> => {
  const control = `control-${randomUUID()}`;
  await page.evaluate((value) => {
    const field = document.createElement('input');
    document.body.append(field);
    field.value = value;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }, control);
  const sessions = join(profile, 'Default', 'Sessions');
  await vi.waitUntil(
    async () => {
      const contents = await Promise.all((await readdir(sessions)).map((name) => readFile(join(sessions, name))));
      return contents.some((content) => content.includes(control) || content.includes(Buffer.from(control, 'utf16le')));
    },
    { timeout: 60_000, interval: 200 },
  );
};
const NOTHING = {
  localStorage: [],
  sessionStorage: [],
  indexedDb: [],
  caches: [],
  serviceWorkers: 0,
  files: [],
  cookies: '',
  windowName: '',
};

const openProfile = async (person: 0 | 1): Promise<Page> => {
  const profileDir = await mkdtemp(join(tmpdir(), 'bedside-profile-'));
  profiles.push(profileDir);
  disposables.defer(() => rm(profileDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const browser = disposables.use(await launchBrowser({ profileDir, capture: await captureFiles(person) }));
  const page = await browser.newPage();
  closing.push(() => browser.close());
  return page;
};
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  bedside = disposables.use(await startBedside({ env: { BEDSIDE_TURN_SECRET: RELAY_SECRET } }));
  const patient = await openProfile(0);
  const provider = await openProfile(1);
  await signIn(patient, bedside.origin, 'Ruth Lindqvist');
  await signIn(provider, bedside.origin, 'Dr. Amara Okafor');

  await patient.goto(`${bedside.origin}/book`);
  await patient.waitForSelector(byTestId('book-provider'));
  await patient.locator('label ::-p-text(First visit)').click();
  await clickTestId(patient, 'book-find');
  await pressTime(patient, await freeTime(patient, 1));
  await patient.waitForSelector(byTestId('held'));
  await patient.locator('textarea').fill(ANSWER);
  await patient.locator('label ::-p-text(No)').click();
  await keptByBrowser(patient, profiles[0] ?? '');
  await lookInto(patient, 'while booking');
  await clickTestId(patient, 'book-confirm');
  await patient.waitForSelector(byTestId('booked'));
  await lookInto(patient, 'booked');

  await patient.goto(bedside.origin);
  const { encounterId } = await nextVisit(patient);
  await meet({ patient, provider }, { origin: bedside.origin, encounterId });
  for (const page of [patient, provider]) await clickTestId(page, 'open-chat');
  await patient.locator(byTestId('chat-input')).fill(WORDS);
  await keptByBrowser(patient, profiles[0] ?? '');
  await clickTestId(patient, 'chat-send');
  await provider.waitForSelector(byTestId('chat-text'));
  await lookInto(patient, 'patient in the visit');
  await lookInto(provider, 'provider in the visit');
  await clickTestId(provider, 'leave');
  await clickTestId(provider, 'end-visit');
  for (const page of [patient, provider]) await page.waitForSelector(byTestId('after-visit'));
  await lookInto(patient, 'patient after the visit');
  await lookInto(provider, 'provider after the visit');
  // Browsers write to the disk late; when they have ended, all of it is there.
  for (const close of closing) await close();
});
afterAll(() => disposables.disposeAsync());

test('booking and a visit leave nothing in what pages can store', () => {
  expect(leftInStorage.size).toBe(6);
  for (const [step, left] of leftInStorage) {
    expect(left, step).toMatchObject(NOTHING);
    for (const secret of SECRETS) expect(JSON.stringify(left), step).not.toContain(secret);
  }
});

test('booking and a visit leave nothing on the disk of whoever was there', async () => {
  const places: string[] = [];
  let bytes = 0;
  let sawAssets = false;
  for (const profile of profiles) {
    for (const entry of await readdir(profile, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const content = await readFile(path);
      bytes += content.length;
      sawAssets ||= content.includes('/assets/');
      for (const secret of SECRETS)
        if (content.includes(secret) || content.includes(Buffer.from(secret, 'utf16le')))
          places.push(`${path.slice(profile.length)}: ${secret.slice(0, 13)}`);
    }
  }
  // What may be kept was kept, so this looked where a browser keeps things.
  expect(sawAssets).toBe(true);
  expect(bytes).toBeGreaterThan(100_000);
  expect(places).toEqual([]);
});

test('no child of the process sees a setting or a secret of it', async () => {
  const [own, ...children] = await bedside.processes();
  const environmentOf = async (pid: number | undefined): Promise<string> =>
    readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  expect(await environmentOf(own?.pid)).toContain(RELAY_SECRET);
  const seen = await Promise.all(children.map(({ pid }) => environmentOf(pid)));
  // Media workers and Postgres, its own processes among them.
  expect(seen.filter((environment) => environment !== '').length).toBeGreaterThan(3);
  expect(seen.filter((environment) => /BEDSIDE_|DATABASE_URL|a secret/.test(environment))).toEqual([]);
});
