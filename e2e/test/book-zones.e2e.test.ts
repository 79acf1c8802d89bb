import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { type Database, startDatabase } from '../src/database.ts';
import { byTestId } from '../src/people.ts';
import { enter, tabTo } from './support/keyboard.ts';
import { lookAt } from './support/look-at.ts';
import { setPageClock } from './support/page-clock.ts';

const DAY_MS = 86_400_000;

/** The Sunday in March on which America's clocks go forward, two weeks before Europe's; noon of the Friday before. */
const nextFridayBeforeTheChange = (nowMs: number): number => {
  const of = (year: number): number => {
    const first = new Date(Date.UTC(year, 2, 1, 12));
    const sunday = first.getTime() + (((7 - first.getUTCDay()) % 7) + 7) * DAY_MS;
    return sunday - 2 * DAY_MS;
  };
  const year = new Date(nowMs).getUTCFullYear();
  return of(year) > nowMs ? of(year) : of(year + 1);
};

const disposables = new AsyncDisposableStack();
const friday = nextFridayBeforeTheChange(Date.now());
const aheadMs = friday - Date.now();
const dateAt = (days: number): string => new Date(friday + days * DAY_MS).toISOString().slice(0, 10);
const [saturday, monday, tuesday] = [dateAt(1), dateAt(3), dateAt(4)];

let bedside: Bedside;
let database: Database;
let page: Page;

beforeAll(async () => {
  database = disposables.use(await startDatabase());
  bedside = disposables.use(
    await startBedside({
      env: {
        DATABASE_URL: database.url,
        E2E_CLOCK_AHEAD_MS: String(aheadMs),
        NODE_OPTIONS: `--import=${new URL('./support/clock-ahead.ts', import.meta.url)}`,
      },
    }),
  );
  await database.query("UPDATE people SET time_zone = 'Europe/Berlin' WHERE display_name = 'Ruth Lindqvist'");
  page = await disposables.use(await launchBrowser({ viewport: { width: 390, height: 844 } })).newPage();
  await page.emulateTimezone('Europe/Berlin');
  await setPageClock(page, aheadMs);
});
afterAll(() => disposables.disposeAsync());

const look = async (name: string): Promise<void> => {
  expect.soft(await lookAt(page, name), name).toEqual([]);
};
const textOf = (selector: string): Promise<string> =>
  page.$eval(selector, (element) => (element as HTMLElement).innerText.replaceAll('\u202f', ' '));
const firstTimeOf = (date: string): string => `[data-date="${date}"] ${byTestId('book-slot')}`;
const slotAt = (startsAt: string): string => `${byTestId('book-slot')}[data-starts-at="${startsAt}"]`;

/** The file that the focused link downloads when Enter is pressed. */
const downloadByEnter = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'bedside-download-'));
  const session = await page.createCDPSession();
  try {
    await session.send('Browser.setDownloadBehavior', {
      behavior: 'allowAndName',
      downloadPath: folder,
      eventsEnabled: true,
    });
    const done = Promise.withResolvers<string>();
    session.on('Browser.downloadProgress', ({ state, guid }) => {
      if (state === 'completed') done.resolve(guid);
    });
    await page.keyboard.press('Enter');
    return await readFile(join(folder, await done.promise), 'utf8');
  } finally {
    await session.detach();
    await rm(folder, { recursive: true, force: true });
  }
};

describe('with the keyboard alone, from Berlin, in the weeks between two clock changes', () => {
  test('a patient signs in and finds the free times of a provider in New York', async () => {
    await page.goto(bedside.origin);
    await enter(page, byTestId('sign-in'));
    await page.waitForSelector('button[name="subject"]');
    await enter(page, 'button[value="demo-ruth-lindqvist"]');
    await enter(page, byTestId('book-open'));
    await page.waitForSelector(byTestId('book-provider'));
    await look('book-find');
    await tabTo(page, `${byTestId('book-visit-type')}:checked`);
    expect(await page.$eval(':focus', (input) => input.closest('label')?.innerText)).toContain('First visit');
    await tabTo(page, `${byTestId('book-anybody')}:checked`);
    await page.keyboard.press('ArrowDown');
    expect(await page.$eval(':focus', (input) => input.closest('label')?.innerText)).toContain('Dr. Amara Okafor');
    await enter(page, byTestId('book-find'));
    await page.waitForSelector(firstTimeOf(tuesday));
    await look('book-times');
    expect(await textOf('.times-step > .soft')).toBe('Times are in Central European Time.');
  });

  test('SCH12 eight in the morning there is another hour here before and after the change', async () => {
    expect(await textOf(slotAt(`${saturday}T13:00:00.000Z`))).toContain('2:00 PM');
    expect(await textOf(slotAt(`${monday}T12:00:00.000Z`))).toContain('1:00 PM');
    // The evening there is the next day here already, and its hour moves too.
    expect(await textOf(`[data-date="${saturday}"] p`)).toMatch(
      /^12:00 AM for you is 6:00 PM on Friday, March \d+ there.$/,
    );
    expect(await textOf(`[data-date="${monday}"] p`)).toMatch(
      /^12:00 AM for you is 7:00 PM on Sunday, March \d+ there.$/,
    );
  });

  test('picks one, answers, books, and both clocks are named', async () => {
    await enter(page, slotAt(`${monday}T13:00:00.000Z`));
    await page.waitForSelector(byTestId('held'));
    await look('book-held');
    expect(await textOf('h1')).toMatch(/^This time is held for you until \d+:\d\d (A|P)M$/);
    expect(await textOf(byTestId('when'))).toMatch(
      /^Monday, March \d+\n+2:00 PM – 2:40 PM\n+Central European Time\n+9:00 AM Eastern Time where Dr. Amara Okafor is$/,
    );
    // The focus goes to what is missing.
    await enter(page, byTestId('book-confirm'));
    await page.waitForSelector(byTestId('intake-missing'));
    await look('book-missing');
    expect(await page.$eval(':focus', ({ tagName }) => tagName)).toBe('TEXTAREA');
    await page.keyboard.type('A cough');
    await tabTo(page, 'input[name="intake-medicines"]');
    await page.keyboard.press('Space');
    await enter(page, byTestId('book-confirm'));
    await page.waitForSelector(byTestId('booked'));
    await look('book-booked');
    expect(await textOf(byTestId('change-policy'))).toContain('You can move or cancel it here until');
  });

  test('takes it along as a calendar file that tells when and nothing else', async () => {
    await tabTo(page, byTestId('add-to-calendar'));
    const ics = await downloadByEnter();
    expect(ics).toContain(`DTSTART:${monday.replaceAll('-', '')}T130000Z\r\n`);
    expect(ics).not.toMatch(/Okafor|Lindqvist|First visit|cough/);
  });

  test('SCH6 moves it to another hour', async () => {
    await enter(page, byTestId('booked-home'));
    await enter(page, `${byTestId('later-visit')} ${byTestId('move-visit')}`);
    await page.waitForSelector(firstTimeOf(tuesday));
    await look('move-times');
    await enter(page, slotAt(`${tuesday}T12:00:00.000Z`));
    await page.waitForSelector(byTestId('move-confirm'));
    await look('move-dialog');
    if (!(await page.$eval(byTestId('move-confirm'), (button) => button === document.activeElement)))
      await tabTo(page, byTestId('move-confirm'));
    await page.keyboard.press('Enter');
    await page.waitForSelector(byTestId('booked'));
    await look('move-moved');
    expect(await textOf(byTestId('when'))).toContain('1:00 PM – 1:40 PM');
    const rows = await database.query<{ status: string; at: Date }>(
      'SELECT status, starts_at AS at FROM appointments WHERE intake_answers IS NOT NULL ORDER BY starts_at',
    );
    expect(rows.map(({ status, at }) => [status, at.toISOString()])).toEqual([
      ['rescheduled', `${monday}T13:00:00.000Z`],
      ['booked', `${tuesday}T12:00:00.000Z`],
    ]);
  });

  test('cancels it, with the reason', async () => {
    await enter(page, byTestId('booked-home'));
    await enter(page, `${byTestId('later-visit')} ${byTestId('cancel-visit')}`);
    await page.waitForSelector(byTestId('cancel-confirm'));
    await look('cancel-with-reason');
    await tabTo(page, byTestId('cancel-reason'));
    await page.keyboard.type('Better already');
    await tabTo(page, byTestId('cancel-confirm'));
    await page.keyboard.press('Enter');
    await page.waitForSelector(byTestId('later-visit'), { hidden: true });
    // What it says is sealed; that there is one is not.
    const rows = await database.query<{ isGiven: boolean }>(
      `SELECT sealed_cancel_reason IS NOT NULL AS "isGiven" FROM appointments WHERE status = 'cancelled'`,
    );
    expect(rows).toEqual([{ isGiven: true }]);
  });
});
