import type { Appointment, Provider, SlotPage, VisitType } from '@bedside/protocol';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { type HttpPerson, signInByHttp } from '../src/http-person.ts';
import { bookFirst, byTestId, clickTestId, FRONT_DESK, signIn, VISIT_TYPE } from '../src/people.ts';
import { freeTime, pressTime } from './support/free-time.ts';
import { enter, tabTo } from './support/keyboard.ts';
import { lookAt } from './support/look-at.ts';

const ACTOR = 'Darnell Brooks';
const FOR_WHOM = 'Samira Haddad';
const SEEN_ONLY = 'Priya Raman';
const DOCTOR = 'Mei Tan, NP';
const DAY_HOURS = 24;
const GROUP = 'Group: living with diabetes';
const HOUR_MS = 3_600_000;

const disposables = new AsyncDisposableStack();
let bedside: Bedside;
let page: Page;
/** The proxy, the patient, and somebody with whom neither has to do. */
let actor: HttpPerson;
let patient: HttpPerson;
let seen: HttpPerson;
let stranger: HttpPerson;
let desk: HttpPerson;

beforeAll(async () => {
  bedside = disposables.use(await startBedside());
  const byHttp = (person: Parameters<typeof signInByHttp>[1]) => signInByHttp(bedside.origin, person);
  desk = await byHttp(FRONT_DESK);
  [actor, patient, seen, stranger] = [
    await byHttp(ACTOR),
    await byHttp(FOR_WHOM),
    await byHttp(SEEN_ONLY),
    await byHttp('Leilani Kahale'),
  ];
  const proxyId = actor.me.person.id;
  const of = (one: HttpPerson, scopes: string[]) =>
    desk.call('POST', '/api/v1/proxies', { patientId: one.me.person.id, proxyId, kind: 'proxy', scopes });
  await of(patient, ['read', 'schedule']);
  await of(seen, ['read']);
  page = await disposables.use(await launchBrowser({ viewport: { width: 1440, height: 900 } })).newPage();
  await signIn(page, bedside.origin, ACTOR);
});
afterAll(() => disposables.disposeAsync());

const look = async (name: string): Promise<void> => {
  expect.soft(await lookAt(page, name), name).toEqual([]);
};
const open = async (path: string, ready: string): Promise<void> => {
  await page.goto(`${bedside.origin}${path}`);
  await page.waitForSelector(byTestId(ready));
};
const homeOf = (one: HttpPerson): string => `/for/${one.me.person.id}`;
const textOf = (selector: string): Promise<string> =>
  page.$eval(selector, (element) => (element as HTMLElement).innerText.replaceAll(' ', ' '));
/** For whom the page says that it is. */
const chosen = (): Promise<string> => textOf(`${byTestId('whom-choice')}[aria-current]`);
const visitsOf = async (one: HttpPerson): Promise<Appointment[]> =>
  ((await one.call('GET', '/api/v1/appointments')) as { appointments: Appointment[] }).appointments;
const idsOf = async (one: HttpPerson): Promise<string[]> => (await visitsOf(one)).map(({ id }) => id);
const shownIds = (): Promise<(string | null)[]> =>
  page.$$eval('[data-appointment-id]', (items) => items.map((item) => item.getAttribute('data-appointment-id')));
/** Up to the free times of one provider, on the pages of whom they are for. */
const findTimes = async (type = VISIT_TYPE): Promise<void> => {
  await clickTestId(page, 'book-open');
  await page.waitForSelector(byTestId('book-provider'));
  await page.locator(`label ::-p-text(${type})`).click();
  await page.locator(`label ::-p-text(${DOCTOR})`).click();
  await clickTestId(page, 'book-find');
  await page.waitForSelector(byTestId('book-slot'));
};

/** A session of the provider's that the desk sets up, some days ahead, in which the stranger sits. */
const makeSession = async (): Promise<Appointment & { seat: object }> => {
  const { providers } = (await desk.call('GET', '/api/v1/providers')) as { providers: Provider[] };
  const { visitTypes } = (await desk.call('GET', '/api/v1/visit-types')) as { visitTypes: VisitType[] };
  const of = {
    providerId: providers.find(({ displayName }) => displayName === DOCTOR)?.id ?? '',
    visitTypeId: visitTypes.find(({ name }) => name === GROUP)?.id ?? '',
  };
  const span = [5, 9].map((days) => new Date(Date.now() + days * DAY_HOURS * HOUR_MS).toISOString()) as [
    string,
    string,
  ];
  const query = new URLSearchParams({ ...of, from: span[0], to: span[1], newSession: 'yes' });
  const { days } = (await desk.call('GET', `/api/v1/slots?${query}`)) as SlotPage;
  const startsAt = days[0]?.slots[0]?.startsAt;
  const session = (await desk.call('POST', '/api/v1/group-sessions', { ...of, startsAt })) as Appointment;
  const seat = { ...of, startsAt, groupAppointmentId: session.id };
  await stranger.call('POST', '/api/v1/appointments', seat);
  return { ...session, seat };
};
const seatedIn = async ({ id }: Appointment): Promise<string[]> => {
  const { group } = (await desk.call('GET', `/api/v1/appointments/${id}`)) as Appointment;
  return (group?.patients ?? []).map(({ displayName }) => displayName).sort();
};

describe('somebody who acts for a patient', () => {
  test('RGT5 finds, holds and books a time for them by keyboard, and it is theirs alone', async () => {
    const own = await idsOf(actor);
    const theirs = await idsOf(patient);
    await open('/', 'whom');
    expect(await chosen()).toBe('For you');
    await look('acting-own-home');
    await enter(page, `${byTestId('whom-choice')}[href="${homeOf(patient)}"]`);
    await page.waitForSelector(byTestId('acting-for'));
    await page.waitForSelector(byTestId('book-open'));
    expect(await chosen()).toBe(`For ${FOR_WHOM}`);
    expect(await textOf(byTestId('join-theirs'))).toContain(FOR_WHOM);
    expect(await page.$(byTestId('join-visit'))).toBeNull();
    await look('acting-home');

    await enter(page, byTestId('book-open'));
    await page.waitForSelector(byTestId('book-provider'));
    expect(await textOf('h1')).toBe(`Book a visit for ${FOR_WHOM}`);
    await look('acting-find');
    await tabTo(page, `${byTestId('book-visit-type')}:checked`);
    while (!(await textOf('label:has(:focus)')).includes(VISIT_TYPE)) await page.keyboard.press('ArrowDown');
    await enter(page, byTestId('book-find'));
    await page.waitForSelector(byTestId('book-slot'));
    await look('acting-times');
    // After the visit that they have today, which the demo gives them.
    await enter(page, `${byTestId('book-slot')}[data-starts-at="${await freeTime(page, 1)}"]`);
    await page.waitForSelector(byTestId('held'));
    expect(await textOf('h1')).toContain(`held for ${FOR_WHOM} until`);
    await look('acting-held');

    // Held for the one, it shows on nobody else's page.
    const second = await page.browser().newPage();
    await second.goto(bedside.origin);
    await second.waitForSelector(byTestId('calendar-open'));
    expect(await second.$(byTestId('hold-resume'))).toBeNull();
    await second.goto(`${bedside.origin}${homeOf(patient)}`);
    await second.waitForSelector(byTestId('hold-resume'));
    await second.close();
    await page.bringToFront();

    await enter(page, byTestId('book-confirm'));
    await page.waitForSelector(byTestId('booked'));
    expect(await textOf('h1')).toBe(`${FOR_WHOM} is booked.`);
    await look('acting-booked');
    expect(await idsOf(actor)).toEqual(own);
    const booked = (await idsOf(patient)).filter((id) => !theirs.includes(id));
    expect(booked).toHaveLength(1);
    await enter(page, byTestId('booked-home'));
    await page.waitForSelector(byTestId('later-visit'));
    expect(await shownIds()).toEqual(booked);
    await clickTestId(page, 'whom-choice');
    await page.waitForSelector(byTestId('calendar-open'));
    expect(await chosen()).toBe('For you');
    expect(await shownIds()).not.toContain(booked[0]);
  });

  test('RGT5 moves and cancels a visit of theirs', async () => {
    const visit = await bookFirst(patient.call, DOCTOR, 2 * DAY_HOURS);
    await open(homeOf(patient), 'later-visit');
    await clickTestId(page, 'whom-choice');
    await page.waitForSelector(byTestId('calendar-open'));
    await open(`${homeOf(patient)}/move/${visit.id}`, 'book-slot');
    expect(await textOf('h1')).toBe(`Move the visit of ${FOR_WHOM}`);
    await look('acting-move');
    await pressTime(page, await freeTime(page, 3));
    await page.waitForSelector(byTestId('move-confirm'));
    await look('acting-move-confirm');
    await clickTestId(page, 'move-confirm');
    await page.waitForSelector(byTestId('booked'));
    expect(await textOf('h1')).toBe(`The visit of ${FOR_WHOM} is moved.`);
    const [moved] = (await visitsOf(patient)).filter(({ id }) => id !== visit.id).slice(-1);
    expect(await idsOf(patient)).not.toContain(visit.id);

    await open(homeOf(patient), 'later-visit');
    const before = await idsOf(patient);
    expect(before).toContain(moved?.id);
    await clickTestId(page, 'cancel-visit');
    await page.waitForSelector(byTestId('cancel-confirm'));
    expect(await textOf('dialog')).toContain(`For ${FOR_WHOM}: `);
    await look('acting-cancel');
    await clickTestId(page, 'cancel-confirm');
    await page.waitForSelector(byTestId('cancel-confirm'), { hidden: true });
    expect(await idsOf(patient)).toHaveLength(before.length - 1);
  });

  test('SCH9 waits in line for them, and takes for them what somebody gives back', async () => {
    const given = await bookFirst(stranger.call, DOCTOR, 3 * DAY_HOURS);
    await open(homeOf(patient), 'book-open');
    await findTimes();
    await clickTestId(page, 'wait-open');
    await clickTestId(page, 'wait-join');
    await page.waitForSelector(byTestId('waiting-joined'));
    expect(await textOf('h1')).toBe(`${FOR_WHOM} is on the waitlist.`);
    await look('acting-wait-joined');
    await clickTestId(page, 'waiting-home');
    await page.waitForSelector(byTestId('waitlist-entry'));
    await look('acting-waiting');
    expect(await actor.call('GET', '/api/v1/waitlist')).toEqual({ entries: [] });
    await stranger.call('POST', `/api/v1/appointments/${given.id}/cancel`, { version: given.version });
    await page.waitForSelector(byTestId('offer-card'));
    expect(await textOf(byTestId('offer-card'))).toContain(`A time is free for ${FOR_WHOM}.`);
    await look('acting-offer-card');
    await clickTestId(page, 'offer-open');
    await page.waitForSelector(byTestId('offer'));
    await look('acting-offer');
    await clickTestId(page, 'offer-accept');
    await page.waitForSelector(byTestId('booked'));
    expect((await visitsOf(patient)).map(({ startsAt }) => startsAt)).toContain(given.startsAt);
    expect((await visitsOf(actor)).map(({ startsAt }) => startsAt)).not.toContain(given.startsAt);
  });

  test('RGT5 is offered what they may do and no more', async () => {
    await open(homeOf(seen), 'acting-for');
    await page.waitForSelector(byTestId('join-theirs'));
    expect(await textOf(byTestId('acting-for'))).toBe(`For ${SEEN_ONLY} you may see the record.`);
    for (const offered of ['book-open', 'move-visit', 'cancel-visit', 'privacy-open', 'calendar-open'])
      expect(await page.$(byTestId(offered)), offered).toBeNull();
    await look('acting-seen-only');
    await open(`${homeOf(seen)}/book`, 'sees-only');
    await look('acting-sees-only');
    await open(homeOf(stranger), 'acts-not');
    expect(await textOf('main')).not.toContain('Leilani');
    await look('acting-not');
    // To whom nobody entrusted anything, nothing is offered.
    const other = await disposables.use(await launchBrowser()).newPage();
    await signIn(other, bedside.origin, SEEN_ONLY);
    await other.waitForSelector(byTestId('privacy-open'));
    await other.waitForNetworkIdle();
    expect(await other.$(byTestId('whom'))).toBeNull();
  });

  test('SCH8 takes a seat among others for them and gives it back, and the desk takes one patient out', async () => {
    const session = await makeSession();
    const other = 'Leilani Kahale';
    const item = `${byTestId('later-visit')}[data-appointment-id="${session.id}"]`;
    await open(homeOf(patient), 'book-open');
    await findTimes(GROUP);
    expect(await textOf(byTestId('book-slot'))).toContain('7 seats left');
    await look('acting-seats');
    await pressTime(page, session.startsAt);
    await page.waitForSelector(byTestId('held'));
    expect(await textOf('h1')).toContain(`A seat is held for ${FOR_WHOM} until`);
    await clickTestId(page, 'book-confirm');
    await page.waitForSelector(byTestId('booked'));
    expect(await seatedIn(session)).toEqual([other, FOR_WHOM]);
    expect(await idsOf(actor)).not.toContain(session.id);
    await clickTestId(page, 'booked-home');
    await page.waitForSelector(item);
    await look('acting-seat');
    expect(await textOf('main')).not.toContain(other);
    await page.locator(`${item} ${byTestId('cancel-visit')}`).click();
    await page.waitForSelector(byTestId('cancel-confirm'));
    expect(await textOf('dialog')).toContain('Give the seat back?');
    await look('acting-seat-back');
    await clickTestId(page, 'cancel-confirm');
    await page.waitForSelector(item, { hidden: true });
    expect(await seatedIn(session)).toEqual([other]);

    // Again, and the desk is told by phone that they cannot come.
    await actor.call('POST', '/api/v1/appointments', { ...session.seat, patientId: patient.me.person.id });
    page = await disposables.use(await launchBrowser({ viewport: { width: 1440, height: 900 } })).newPage();
    await signIn(page, bedside.origin, FRONT_DESK);
    await open('/desk', 'date-input');
    const date = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(
      Date.parse(session.startsAt),
    );
    await page.locator(byTestId('date-input')).fill(date);
    await enter(page, `[data-appointment-id="${session.id}"]`);
    await page.waitForSelector(byTestId('seat'));
    expect(await page.$$eval(byTestId('seat'), (seats) => seats.length)).toBe(2);
    await look('desk-seats');
    await enter(page, byTestId('panel-cancel'));
    expect(await textOf(byTestId('cancel-whom'))).toContain('2 patients have a seat in it');
    await look('desk-session-cancel');
    await page.locator('dialog button ::-p-text(Keep it)').click();
    await enter(page, `[data-patient-id="${patient.me.person.id}"] ${byTestId('seat-give-back')}`);
    await page.waitForSelector(`dialog ::-p-text(Give back the seat of ${FOR_WHOM}?)`);
    await look('desk-seat-back');
    await enter(page, byTestId('panel-confirm'));
    await page.waitForSelector(`${byTestId('done')} ::-p-text(${FOR_WHOM} has no seat)`);
    expect(await seatedIn(session)).toEqual([other]);
    expect(await idsOf(stranger)).toContain(session.id);
    await page.waitForSelector(`[data-appointment-id="${session.id}"]`);
  });
});
