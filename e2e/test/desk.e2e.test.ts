import type { Appointment, WaitlistEntry } from '@bedside/protocol';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { type HttpPerson, signInByHttp } from '../src/http-person.ts';
import { bookFirst, byTestId, clickTestId, FRONT_DESK, signIn, VISIT_TYPE } from '../src/people.ts';
import { choose } from './support/choose.ts';
import { freeTime, pressTime } from './support/free-time.ts';
import { lookAt } from './support/look-at.ts';

const DOCTOR = 'Dr. Luis Herrera';
const DAY_MS = 86_400_000;
const WIDE = { width: 1440, height: 900 };

const disposables = new AsyncDisposableStack();
let bedside: Bedside;
let desk: Page;
let patient: HttpPerson;

beforeAll(async () => {
  bedside = disposables.use(await startBedside());
  desk = await disposables.use(await launchBrowser({ viewport: WIDE })).newPage();
  patient = await signInByHttp(bedside.origin, 'Priya Raman');
  await signIn(desk, bedside.origin, FRONT_DESK);
});
afterAll(() => disposables.disposeAsync());

const look = async (name: string): Promise<void> => {
  expect.soft(await lookAt(desk, name), name).toEqual([]);
};

const open = async (path: string, ready: string): Promise<void> => {
  await desk.goto(`${bedside.origin}${path}`, { waitUntil: 'domcontentloaded' });
  await desk.waitForSelector(byTestId(ready));
};

const doneWords = async (words: RegExp): Promise<void> => {
  await desk.waitForFunction(
    (selector, pattern) => new RegExp(pattern).test(document.querySelector(selector)?.textContent ?? ''),
    {},
    byTestId('done'),
    words.source,
  );
};

const findPatient = async (search: string): Promise<void> => {
  await desk.locator(byTestId('patient-search')).fill(search);
  await clickTestId(desk, 'found-patient');
  await desk.waitForSelector(byTestId('picked-patient'));
};

const visitsOf = async ({ call }: HttpPerson): Promise<Appointment[]> =>
  ((await call('GET', '/api/v1/appointments')) as { appointments: Appointment[] }).appointments;

/** The clinic's calendar date of an instant. */
const dateOf = (instant: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(new Date(instant));

const showVisit = async ({ id, startsAt }: Appointment): Promise<void> => {
  await open('/desk', 'date-input');
  await desk.locator(byTestId('date-input')).fill(dateOf(startsAt));
  await desk.locator(`[data-appointment-id="${id}"]`).click();
  await desk.waitForSelector(byTestId('visit-panel'));
};

describe('the front desk', () => {
  let booked: Appointment;

  test('books for a patient who called, and the patient has the visit', async () => {
    const before = new Set((await visitsOf(patient)).map(({ id }) => id));
    await open('/desk', 'desk-book');
    await clickTestId(desk, 'desk-book');
    await desk.waitForSelector(byTestId('patient-search'));
    await look('desk-book');
    await clickTestId(desk, 'desk-find');
    await desk.waitForSelector('[role="alert"] ::-p-text(Choose the patient)');
    await desk.locator(byTestId('patient-search')).fill('raman');
    await desk.waitForSelector(byTestId('found-patient'));
    await look('desk-found');
    // Whoever was found for other words is not to be had any more.
    await desk.locator(byTestId('patient-search')).fill('ramanx');
    expect(await desk.$(byTestId('found-patient'))).toBeNull();
    await findPatient('raman');
    await choose(desk, 'desk-visit-type', VISIT_TYPE);
    await choose(desk, 'desk-provider', DOCTOR);
    await look('desk-wish');
    await clickTestId(desk, 'desk-find');
    const startsAt = await freeTime(desk, 2);
    await look('desk-times');
    await pressTime(desk, startsAt);
    await desk.waitForSelector(byTestId('held'));
    await look('desk-held');
    await clickTestId(desk, 'book-confirm');
    await desk.waitForSelector(byTestId('booked'));
    expect(await desk.$eval('h1', (title) => title.textContent)).toContain('Priya Raman');
    await look('desk-booked');
    const fresh = (await visitsOf(patient)).filter(({ id }) => !before.has(id));
    expect(fresh).toHaveLength(1);
    expect(fresh[0]).toMatchObject({ startsAt, provider: { displayName: DOCTOR } });
    if (fresh[0]) booked = fresh[0];
  });

  test('what one patient answered is not shown when another is chosen, and a time let go is free again', async () => {
    const wish = async (): Promise<string> => {
      await clickTestId(desk, 'desk-find');
      const startsAt = await freeTime(desk, 4);
      await pressTime(desk, startsAt);
      await desk.waitForSelector(`${byTestId('held')} textarea`);
      return startsAt;
    };
    const letGo = async (): Promise<void> => {
      const isFree = desk.waitForResponse((answer) => answer.url().endsWith('/release') && answer.ok());
      await clickTestId(desk, 'hold-release');
      await isFree;
    };
    await open('/desk/book', 'patient-search');
    await findPatient('raman');
    await choose(desk, 'desk-visit-type', 'First visit');
    const first = await wish();
    await desk.locator(`${byTestId('held')} textarea`).fill('The knee, since Tuesday');
    await letGo();
    await clickTestId(desk, 'book-change');
    await desk.locator(`${byTestId('picked-patient')} button`).click();
    await findPatient('brooks');
    expect(await wish()).toBe(first);
    expect(await desk.$eval('h1', (title) => title.textContent)).toContain('Darnell Brooks');
    expect(await desk.$eval(`${byTestId('held')} textarea`, (area) => (area as HTMLTextAreaElement).value)).toBe('');
    await letGo();
    await desk.waitForSelector(byTestId('book-slot'));
  });

  test('shows the day of everybody, by specialty and by name, and sees a new visit by itself', async () => {
    await open('/desk', 'grid-column');
    await look('desk-day');
    await desk.waitForFunction(
      (selector) => document.querySelectorAll(selector).length === 3,
      {},
      byTestId('grid-column'),
    );
    await choose(desk, 'desk-specialty', 'Cardiology');
    await desk.waitForFunction(
      (selector) => document.querySelectorAll(selector).length === 1,
      {},
      byTestId('grid-column'),
    );
    await desk.select(byTestId('desk-specialty'), '');
    await desk.waitForFunction(
      (selector) => document.querySelectorAll(selector).length === 3,
      {},
      byTestId('grid-column'),
    );
    await desk.locator(byTestId('desk-name')).fill('tan');
    await desk.waitForFunction(
      (selector) => document.querySelectorAll(selector).length === 1,
      {},
      byTestId('grid-column'),
    );
    await desk.locator(byTestId('desk-name')).click({ count: 3 });
    await desk.keyboard.press('Backspace');
    await desk.waitForFunction(
      (selector) => document.querySelectorAll(selector).length === 3,
      {},
      byTestId('grid-column'),
    );
    await desk.locator(byTestId('date-input')).fill(dateOf(booked.startsAt));
    await desk.waitForSelector(`[data-appointment-id="${booked.id}"]`);
    const visit = await bookFirst(patient.call, DOCTOR, 26);
    await desk.locator(byTestId('date-input')).fill(dateOf(visit.startsAt));
    await desk.waitForSelector(`[data-appointment-id="${visit.id}"]`);
  });

  test('moves it, and the patient has the new time', async () => {
    await showVisit(booked);
    await clickTestId(desk, 'panel-move');
    await desk.waitForSelector(`dialog ${byTestId('book-slot')}`);
    await look('desk-move');
    const startsAt = await freeTime(desk, 3);
    await pressTime(desk, startsAt);
    await desk.waitForSelector(byTestId('panel-confirm'));
    await look('desk-move-confirm');
    await clickTestId(desk, 'panel-confirm');
    await doneWords(/is now/);
    const visits = await visitsOf(patient);
    expect(visits.map(({ id }) => id)).not.toContain(booked.id);
    const moved = visits.find((visit) => visit.startsAt === startsAt);
    expect(moved?.provider.displayName).toBe(DOCTOR);
    if (moved) booked = moved;
  });

  test('cancels it with a reason, and the patient has it no more', async () => {
    await showVisit(booked);
    await clickTestId(desk, 'panel-cancel');
    await desk.locator(byTestId('cancel-reason')).fill('The patient called');
    await clickTestId(desk, 'panel-confirm');
    await doneWords(/was cancelled/);
    await desk.waitForSelector(`[data-appointment-id="${booked.id}"]`, { hidden: true });
    expect((await visitsOf(patient)).map(({ id }) => id)).not.toContain(booked.id);
  });

  test('puts a patient in the line, sees the offer of a freed time, and takes them off again', async () => {
    const other = await signInByHttp(bedside.origin, 'Tomasz Zieliński');
    await open('/desk/waitlist', 'line-add');
    await look('desk-line-empty');
    await clickTestId(desk, 'line-add');
    await findPatient('ziel');
    await choose(desk, 'desk-visit-type', VISIT_TYPE);
    await choose(desk, 'desk-provider', DOCTOR);
    await look('desk-line-add');
    await clickTestId(desk, 'line-save');
    await doneWords(/^Tomasz Zieliński waits/);
    await desk.waitForSelector(byTestId('line-entry'));
    await look('desk-line');

    const visit = await bookFirst(patient.call, DOCTOR, 50);
    expect(Date.parse(visit.startsAt)).toBeLessThan(Date.now() + 14 * DAY_MS);
    await patient.call('POST', `/api/v1/appointments/${visit.id}/cancel`, { version: visit.version });
    const offered = async (): Promise<string[]> =>
      ((await other.call('GET', '/api/v1/waitlist')) as { entries: WaitlistEntry[] }).entries.map(
        ({ status }) => status,
      );
    await expect.poll(offered).toEqual(['offered']);
    await desk.reload({ waitUntil: 'domcontentloaded' });
    await desk.waitForSelector(byTestId('line-offer'));
    // Minutes by day; what is offered in the night can be answered in the morning.
    expect(await desk.$eval(byTestId('line-offer'), (line) => line.textContent)).toMatch(
      /\d+(:\d\d| min| h) left to answer/,
    );
    await look('desk-line-offer');

    await clickTestId(desk, 'line-withdraw');
    await desk.waitForSelector(byTestId('line-withdraw-confirm'));
    await look('desk-line-withdraw');
    await clickTestId(desk, 'line-withdraw-confirm');
    await doneWords(/waits no more/);
    await desk.waitForSelector(byTestId('line-entry'), { hidden: true });
    const { entries } = (await other.call('GET', '/api/v1/waitlist')) as { entries: WaitlistEntry[] };
    expect(entries.filter(({ status }) => status === 'waiting' || status === 'offered')).toEqual([]);
  });

  test('keeps the hours of a provider', async () => {
    await open('/desk', 'grid-column');
    await desk.locator(`[aria-label="Hours of ${DOCTOR}"]`).click();
    await desk.waitForSelector(byTestId('add-open'));
    await desk.waitForSelector(`h1 ::-p-text(Hours of ${DOCTOR})`);
    await look('desk-hours');
  });
});
