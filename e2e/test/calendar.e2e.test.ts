import type { Me, Provider, SlotPage, VisitType } from '@bedside/protocol';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser, type TestBrowser } from '../src/browser.ts';
import { signInByHttp } from '../src/http-person.ts';
import { bookFirst, byTestId, callCore, clickTestId, signIn, VISIT_TYPE } from '../src/people.ts';
import { lookAt } from './support/look-at.ts';
import { resize } from './support/resize.ts';
import { settled } from './support/settled.ts';

const DOCTOR = 'Dr. Amara Okafor';
const DAY_MS = 86_400_000;
const WIDE = { width: 1440, height: 900 };

const disposables = new AsyncDisposableStack();
let bedside: Bedside;
let browser: TestBrowser;
let provider: Page;

beforeAll(async () => {
  bedside = disposables.use(await startBedside());
  browser = disposables.use(await launchBrowser({ viewport: WIDE }));
  provider = await browser.newPage({ ownCookies: true });
  await signIn(provider, bedside.origin, DOCTOR);
});
afterAll(() => disposables.disposeAsync());

const look = async (page: Page, name: string): Promise<void> => {
  expect.soft(await lookAt(page, name), name).toEqual([]);
};

/** The calendar date where the provider is. */
const dateOf = (instant: string | number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(new Date(instant));
const dateAhead = (days: number): string => dateOf(Date.now() + days * DAY_MS);

/** The starts that a patient is offered with the provider on a date of the provider's, as wall clocks. */
const offered = async (date: string): Promise<string[]> => {
  const { call } = await signInByHttp(bedside.origin, 'Priya Raman');
  const { providers } = (await call('GET', '/api/v1/providers')) as { providers: Provider[] };
  const { visitTypes } = (await call('GET', '/api/v1/visit-types')) as { visitTypes: VisitType[] };
  const starts: string[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      providerId: providers.find(({ displayName }) => displayName === DOCTOR)?.id ?? '',
      visitTypeId: visitTypes.find(({ name }) => name === VISIT_TYPE)?.id ?? '',
      from: new Date().toISOString(),
      to: new Date(Date.now() + 20 * DAY_MS).toISOString(),
      zone: 'America/New_York',
      ...(cursor !== undefined && { cursor }),
    });
    const page = (await call('GET', `/api/v1/slots?${query}`)) as SlotPage;
    starts.push(...page.days.flatMap(({ slots }) => slots.map(({ localStartsAt }) => localStartsAt)));
    cursor = page.next;
  } while (cursor !== undefined);
  return starts.filter((start) => start.startsWith(date)).map((start) => start.slice(11, 16));
};

const open = async (page: Page, path: string, ready: string): Promise<void> => {
  await page.goto(`${bedside.origin}${path}`, { waitUntil: 'domcontentloaded' });
  await page.waitForSelector(byTestId(ready));
  // What lies outside the hours is told above them once it is known.
  await settled(page);
};

/** Writes into a control that has no text of its own: a date or a time. */
const fill = (page: Page, id: string, value: string): Promise<void> => page.locator(byTestId(id)).fill(value);

const doneWords = async (page: Page, words: RegExp): Promise<void> => {
  await page.waitForFunction(
    (selector, pattern) => new RegExp(pattern).test(document.querySelector(selector)?.textContent ?? ''),
    {},
    byTestId('done'),
    words.source,
  );
};

/** Keeps the answer of the next call whose path ends so on its way until it is let go. */
const holdAnswer = async (page: Page, path: string): Promise<() => Promise<void>> => {
  const hold = await page.evaluateHandle((end) => {
    const native = window.fetch;
    const { promise, resolve } = Promise.withResolvers<void>();
    window.fetch = async (input, init) => {
      const answer = await native(input, init);
      if (!String(input).endsWith(end)) return answer;
      const left = new Promise<never>((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
      await Promise.race([promise, left]);
      return answer;
    };
    return { resolve };
  }, path);
  return () => hold.evaluate(({ resolve }) => resolve());
};

describe('a provider keeps their hours', () => {
  test('hours added for one evening are what a patient’s search shows, and nothing more', async () => {
    const date = dateAhead(3);
    expect(await offered(date)).not.toContain('21:00');
    await open(provider, '/hours', 'add-open');
    await look(provider, 'hours');
    await clickTestId(provider, 'add-open');
    await provider.waitForSelector(byTestId('rule-form'));
    await look(provider, 'hours-rule');
    await provider.select(byTestId('rule-repeats'), 'once');
    await fill(provider, 'rule-starts-on', date);
    await fill(provider, 'rule-from', '21:00');
    await fill(provider, 'rule-until', '22:00');
    expect(await provider.$eval(byTestId('rule-sentence'), (line) => line.textContent)).toContain('9:00 PM – 10:00 PM');
    await clickTestId(provider, 'rule-save');
    await doneWords(provider, /^Saved: .*9:00 PM/);
    const starts = await offered(date);
    expect(starts.filter((start) => start >= '21:00')).toEqual(['21:00', '21:20', '21:40']);
    await look(provider, 'hours-saved');
  });

  test('a rule that core cannot read is told at the form, and what was typed stays', async () => {
    await open(provider, '/hours', 'add-open');
    await clickTestId(provider, 'add-open');
    await provider.locator('details.advanced summary ::-p-text(More)').click();
    await fill(provider, 'rule-rrule', 'FREQ=SECONDLY');
    await clickTestId(provider, 'rule-save');
    await provider.waitForSelector('dialog [role="alert"]');
    expect(await provider.$eval(byTestId('rule-rrule'), (input) => (input as HTMLInputElement).value)).toBe(
      'FREQ=SECONDLY',
    );
    await look(provider, 'hours-refused');
    await provider.keyboard.press('Escape');
  });

  test('who saves second is told of the first, and adds to it', async () => {
    const other = await browser.newPage({ ownCookies: true });
    await signIn(other, bedside.origin, DOCTOR);
    await open(other, '/hours', 'add-block');
    await open(provider, '/hours', 'add-block');
    const date = dateAhead(4);
    for (const page of [provider, other]) {
      await clickTestId(page, 'add-block');
      await page.waitForSelector(byTestId('rule-repeats'));
      await page.select(byTestId('rule-repeats'), 'once');
      await fill(page, 'rule-starts-on', date);
      await fill(page, 'rule-from', page === provider ? '10:00' : '15:00');
      await fill(page, 'rule-until', page === provider ? '11:00' : '16:00');
    }
    await clickTestId(provider, 'rule-save');
    await doneWords(provider, /10:00 AM – 11:00 AM/);
    await clickTestId(other, 'rule-save');
    await other.waitForSelector(byTestId('version-conflict'));
    await look(other, 'hours-conflict');
    await clickTestId(other, 'rule-save');
    await doneWords(other, /3:00 PM – 4:00 PM/);
    const starts = await offered(date);
    expect(starts).toContain('09:40');
    expect(starts).toContain('11:00');
    expect(
      starts.filter((start) => (start >= '10:00' && start < '11:00') || (start >= '15:00' && start < '16:00')),
    ).toEqual([]);
    await other.close();
  });

  test('time off takes the times away, lists the visit that lies in it, and gives them back', async () => {
    const { call } = await signInByHttp(bedside.origin, 'Samira Haddad');
    const date = dateOf((await bookFirst(call, DOCTOR, 30)).startsAt);
    await open(provider, '/hours', 'time-off-add');
    await clickTestId(provider, 'time-off-add');
    await provider.waitForSelector(byTestId('time-off-form'));
    await look(provider, 'time-off');
    await fill(provider, 'time-off-from', date);
    await fill(provider, 'time-off-to', date);
    await clickTestId(provider, 'time-off-save');
    await doneWords(provider, /^Time off: /);
    expect(await offered(date)).toEqual([]);
    // At night the visits of the demo's day lie outside the hours too.
    const hers = `${byTestId('outside-visits')} ::-p-text(Samira Haddad)`;
    await provider.waitForSelector(hers);
    await look(provider, 'hours-outside');
    await provider.locator(hers).click();
    await provider.waitForSelector(`dialog[open] ${byTestId('visit-panel')}`);
    await provider.keyboard.press('Escape');
    await clickTestId(provider, 'time-off-remove');
    await doneWords(provider, /^Time off taken back/);
    expect(await offered(date)).not.toEqual([]);
  });
});

describe('a provider’s calendar', () => {
  test('shows the week’s visits; with the keyboard alone one is opened, closed and marked, and the focus comes back', async () => {
    await open(provider, '/calendar', 'calendar-visit');
    await look(provider, 'week');
    await provider.waitForFunction(
      (selector) => document.querySelectorAll(selector).length === 7,
      {},
      byTestId('grid-column'),
    );
    const first = await provider.waitForSelector(byTestId('calendar-visit'));
    await first?.focus();
    await provider.keyboard.press('Enter');
    await provider.waitForSelector(byTestId('visit-panel'));
    await look(provider, 'week-visit');
    await provider.keyboard.press('Escape');
    await provider.waitForSelector(byTestId('visit-panel'), { hidden: true });
    expect(await first?.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  test('cancels a visit with a reason, and the visit leaves the calendar', async () => {
    const { call } = await signInByHttp(bedside.origin, 'Leilani Kahale');
    const visit = await bookFirst(call, DOCTOR, 54);
    await open(provider, '/calendar', 'date-input');
    await fill(provider, 'date-input', dateOf(visit.startsAt));
    const event = `[data-appointment-id="${visit.id}"]`;
    await provider.waitForSelector(event);
    await provider.locator(event).click();
    await clickTestId(provider, 'panel-cancel');
    await look(provider, 'week-cancel');
    await provider.locator(byTestId('cancel-reason')).fill('The provider is ill');
    const letAnswer = await holdAnswer(provider, '/cancel');
    await clickTestId(provider, 'panel-confirm');
    // The calendar hears of it by itself, however late the answer is.
    await provider.waitForSelector(event, { hidden: true });
    await letAnswer();
    await doneWords(provider, /was cancelled/);
    const { appointments } = (await call('GET', '/api/v1/appointments')) as { appointments: { id: string }[] };
    expect(appointments.map(({ id }) => id)).not.toContain(visit.id);
  });

  test('on a phone one day is shown, and another is a press away', async () => {
    await resize(provider, { width: 390, height: 844 });
    await open(provider, '/calendar', 'grid-column');
    await provider.waitForFunction(
      (selector) => document.querySelectorAll(selector).length === 1,
      {},
      byTestId('grid-column'),
    );
    const before = await provider.$eval(byTestId('grid-column'), (column) => column.getAttribute('data-date'));
    await provider.locator(`${byTestId('week-day')}[aria-pressed="false"]`).click();
    await provider.waitForFunction(
      (selector, date) => document.querySelector(selector)?.getAttribute('data-date') !== date,
      {},
      byTestId('grid-column'),
      before,
    );
    await resize(provider, WIDE);
  });

  test('is nobody’s page who has none', async () => {
    const patient = await browser.newPage({ ownCookies: true });
    await signIn(patient, bedside.origin, 'Ruth Lindqvist');
    for (const path of ['/calendar', '/hours', '/desk', '/desk/book', '/desk/waitlist']) {
      await patient.goto(`${bedside.origin}${path}`, { waitUntil: 'domcontentloaded' });
      await patient.waitForSelector('h1 ::-p-text(There is no page)');
    }
    const { person } = (await callCore(provider, 'GET', '/api/v1/me')) as Me;
    await expect(callCore(patient, 'GET', `/api/v1/providers/${person.id}/availability`)).rejects.toThrow();
    await patient.close();
  });
});
