import type { Appointment } from '@bedside/protocol';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { type HttpPerson, signInByHttp } from '../src/http-person.ts';
import { bookFirst, byTestId, clickTestId, FRONT_DESK, signIn, VISIT_TYPE } from '../src/people.ts';
import { choose } from './support/choose.ts';
import { freeTime, pressTime } from './support/free-time.ts';
import { enter } from './support/keyboard.ts';
import { lookAt } from './support/look-at.ts';

const DOCTOR = 'Dr. Luis Herrera';
const SECOND = 'Mei Tan, NP';
const GROUP = 'Group: living with diabetes';
const WEEK_MS = 7 * 86_400_000;
const WIDE = { width: 1440, height: 900 };

const disposables = new AsyncDisposableStack();
let bedside: Bedside;
let desk: Page;
let doctor: Page;
let patient: HttpPerson;

beforeAll(async () => {
  bedside = disposables.use(await startBedside());
  desk = await disposables.use(await launchBrowser({ viewport: WIDE })).newPage();
  doctor = await disposables.use(await launchBrowser({ viewport: WIDE })).newPage();
  patient = await signInByHttp(bedside.origin, 'Samira Haddad');
  await signIn(desk, bedside.origin, FRONT_DESK);
  await signIn(doctor, bedside.origin, DOCTOR);
});
afterAll(() => disposables.disposeAsync());

const look = async (page: Page, name: string): Promise<void> => {
  expect.soft(await lookAt(page, name), name).toEqual([]);
};

const visits = async (): Promise<Appointment[]> =>
  ((await patient.call('GET', '/api/v1/appointments')) as { appointments: Appointment[] }).appointments;

const doneWords = async (page: Page, words: string): Promise<void> => {
  await page.waitForSelector(`${byTestId('done')} ::-p-text(${words})`);
};

/** Fills the dialog of a group session up to its free times, and sets it up at the first of the day after tomorrow. */
const setUpSession = async (page: Page, name: string): Promise<string> => {
  await clickTestId(page, 'new-session');
  await page.waitForSelector(byTestId('session-form'));
  await look(page, `${name}-session`);
  await choose(page, 'further-person', SECOND);
  await clickTestId(page, 'further-add');
  await clickTestId(page, 'session-find');
  const startsAt = await freeTime(page, 2);
  await look(page, `${name}-session-times`);
  await pressTime(page, startsAt);
  await page.waitForSelector(byTestId('session-save'));
  await look(page, `${name}-session-confirm`);
  await clickTestId(page, 'session-save');
  await doneWords(page, `${GROUP} is set up`);
  return startsAt;
};

describe('visits of several people', () => {
  test('the front desk books a time that suits an interpreter too', async () => {
    const before = new Set((await visits()).map(({ id }) => id));
    await desk.goto(`${bedside.origin}/desk/book`);
    await desk.waitForSelector(byTestId('patient-search'));
    await desk.locator(byTestId('patient-search')).fill('haddad');
    await clickTestId(desk, 'found-patient');
    await choose(desk, 'desk-visit-type', VISIT_TYPE);
    await choose(desk, 'desk-provider', DOCTOR);
    await choose(desk, 'further-person', SECOND);
    await desk.select(byTestId('further-role'), 'interpreter');
    await clickTestId(desk, 'further-add');
    await desk.waitForSelector(`${byTestId('further')} li`);
    await look(desk, 'desk-further');
    await clickTestId(desk, 'desk-find');
    await pressTime(desk, await freeTime(desk, 1));
    await clickTestId(desk, 'book-confirm');
    await desk.waitForSelector(byTestId('booked'));
    const [fresh] = (await visits()).filter(({ id }) => !before.has(id));
    expect(fresh?.provider.displayName).toBe(DOCTOR);
    expect(fresh?.additional).toEqual([expect.objectContaining({ displayName: SECOND, role: 'interpreter' })]);
  });

  test('a provider repeats a visit by the week, by keyboard alone, and all or none are booked', async () => {
    const visit = await bookFirst(patient.call, DOCTOR, 30);
    await doctor.goto(`${bedside.origin}/calendar`);
    await doctor.waitForSelector(byTestId('grid-column'));
    const date = new Intl.DateTimeFormat('en-CA', { timeZone: visit.provider.timeZone }).format(
      Date.parse(visit.startsAt),
    );
    await doctor.locator(byTestId('date-input')).fill(date);
    await enter(doctor, `[data-appointment-id="${visit.id}"]`);
    await enter(doctor, byTestId('panel-repeat'));
    await doctor.waitForSelector(byTestId('repeat-form'));
    await look(doctor, 'calendar-repeat');
    await enter(doctor, byTestId('repeat-save'));
    await doneWords(doctor, '3 more visits booked for Samira Haddad');
    const series = (await visits()).filter(({ seriesId }) => seriesId !== undefined);
    expect(series).toHaveLength(3);
    expect(new Set(series.map(({ seriesId }) => seriesId)).size).toBe(1);
    const days = series.map(({ startsAt }) =>
      Math.round((Date.parse(startsAt) - Date.parse(visit.startsAt)) / WEEK_MS),
    );
    expect(days).toEqual([1, 2, 3]);

    // The same again has no free time: nothing is booked, and the days say why.
    await enter(doctor, `[data-appointment-id="${visit.id}"]`);
    await enter(doctor, byTestId('panel-repeat'));
    await enter(doctor, byTestId('repeat-save'));
    await doctor.waitForSelector('[role="alert"] li');
    await look(doctor, 'calendar-repeat-refused');
    expect(await doctor.$$eval('[role="alert"] li', (items) => items.length)).toBe(3);
    expect((await visits()).filter(({ seriesId }) => seriesId !== undefined)).toHaveLength(3);
    await doctor.keyboard.press('Escape');
  });

  test('a provider and the front desk set up group sessions, and a patient can take a seat', async () => {
    await doctor.goto(`${bedside.origin}/calendar`);
    const own = await setUpSession(doctor, 'calendar');
    await desk.goto(`${bedside.origin}/desk`);
    const theirs = await setUpSession(desk, 'desk');
    const { visitTypes } = (await patient.call('GET', '/api/v1/visit-types')) as {
      visitTypes: { id: string; name: string }[];
    };
    const query = new URLSearchParams({
      visitTypeId: visitTypes.find(({ name }) => name === GROUP)?.id ?? '',
      from: new Date().toISOString(),
      to: new Date(Date.now() + WEEK_MS).toISOString(),
    });
    const { days } = (await patient.call('GET', `/api/v1/slots?${query}`)) as {
      days: { slots: { startsAt: string; group?: { seatsLeft: number } }[] }[];
    };
    const sessions = days.flatMap(({ slots }) => slots);
    expect(sessions.map(({ startsAt }) => startsAt)).toEqual(expect.arrayContaining([own, theirs]));
    expect(sessions.every(({ group }) => group?.seatsLeft === 8)).toBe(true);
  });
});
