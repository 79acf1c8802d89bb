import type { Appointment, Hold, Provider, SlotPage, VisitType } from '@bedside/protocol';
import type { HTTPRequest, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser, type TestBrowser } from '../src/browser.ts';
import { type Database, startDatabase } from '../src/database.ts';
import { type HttpPerson, signInByHttp } from '../src/http-person.ts';
import { byTestId, clickTestId, type DemoProvider, FRONT_DESK, signIn, VISIT_TYPE } from '../src/people.ts';
import { freeTime, pressTime } from './support/free-time.ts';
import { lookAt } from './support/look-at.ts';
import { type PageClock, setPageClock } from './support/page-clock.ts';

const HOUR_MS = 3_600_000;
const FIRST_VISIT = 'First visit';
const GROUP = 'Group: living with diabetes';

const disposables = new AsyncDisposableStack();
let database: Database;
let bedside: Bedside;
let browser: TestBrowser;
/** Somebody else who wants the same times. */
let other: HttpPerson;
let providers: Provider[];
let visitTypes: VisitType[];
let page: Page;
let clock: PageClock;

beforeAll(async () => {
  database = disposables.use(await startDatabase());
  bedside = disposables.use(await startBedside({ env: { DATABASE_URL: database.url } }));
  browser = disposables.use(await launchBrowser({ viewport: { width: 390, height: 844 } }));
  other = await signInByHttp(bedside.origin, 'Darnell Brooks');
  ({ providers } = (await other.call('GET', '/api/v1/providers')) as { providers: Provider[] });
  ({ visitTypes } = (await other.call('GET', '/api/v1/visit-types')) as { visitTypes: VisitType[] });
  const first = await browser.newPage();
  await signIn(first, bedside.origin, 'Ruth Lindqvist');
  await first.close();
});
afterAll(() => disposables.disposeAsync());

beforeEach(async () => {
  page = await browser.newPage();
  clock = await setPageClock(page);
});
afterEach(() => page.close());

const look = async (name: string): Promise<void> => {
  expect.soft(await lookAt(page, name), name).toEqual([]);
};
const textOf = (selector: string): Promise<string> =>
  page.$eval(selector, (element) => (element as HTMLElement).innerText.replaceAll('\u202f', ' '));
const idOf = (list: readonly { id: string; displayName?: string; name?: string }[], name: string): string => {
  const found = list.find((one) => one.displayName === name || one.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.id;
};

interface Wanted {
  readonly type: string;
  readonly provider?: DemoProvider;
}

/** Free starts as somebody else is told of them, from so many hours on. */
const freeStarts = async (
  { type, provider }: Wanted,
  {
    fromHours = 0,
    who = other,
    more = {},
  }: { fromHours?: number; who?: HttpPerson; more?: Record<string, string> } = {},
): Promise<string[]> => {
  const from = Date.now() + fromHours * HOUR_MS;
  const query = new URLSearchParams({
    visitTypeId: idOf(visitTypes, type),
    ...(provider && { providerId: idOf(providers, provider) }),
    from: new Date(from).toISOString(),
    to: new Date(from + 72 * HOUR_MS).toISOString(),
    ...more,
  });
  const { days } = (await who.call('GET', `/api/v1/slots?${query}`)) as SlotPage;
  return days.flatMap(({ slots }) => slots.map(({ startsAt }) => startsAt));
};

const request = ({ type, provider = 'Mei Tan, NP' }: Wanted, startsAt: string) => ({
  providerId: idOf(providers, provider),
  visitTypeId: idOf(visitTypes, type),
  startsAt,
});

/** Fills in the first step and waits for the times. */
const findTimes = async ({ type, provider }: Wanted): Promise<void> => {
  await page.goto(`${bedside.origin}/book`);
  await page.waitForSelector(byTestId('book-provider'));
  await page.locator(`label ::-p-text(${type})`).click();
  if (provider !== undefined) await page.locator(`label ::-p-text(${provider})`).click();
  await clickTestId(page, 'book-find');
  await page.waitForSelector(byTestId('book-slot'));
};

/** Presses the first free time of tomorrow, and gives its start. */
const pickAndHold = async (): Promise<string> => {
  const startsAt = await freeTime(page, 1);
  await pressTime(page, startsAt);
  await page.waitForSelector(byTestId('held'));
  return startsAt;
};

const visitsAt = async (startsAt: string): Promise<number> => {
  const rows = await database.query('SELECT 1 FROM appointments WHERE starts_at = $1 AND status = $2', [
    startsAt,
    'booked',
  ]);
  return rows.length;
};

describe('a held time', () => {
  const wanted: Wanted = { type: VISIT_TYPE, provider: 'Mei Tan, NP' };

  test('SCH4 is nobody else’s, and who steps back gives it free', async () => {
    await findTimes(wanted);
    const startsAt = await pickAndHold();
    expect(await freeStarts(wanted)).not.toContain(startsAt);
    await page.goBack();
    await page.waitForSelector(byTestId('book-slot'));
    await vi.waitFor(async () => expect(await freeStarts(wanted)).toContain(startsAt), { timeout: 30_000 });
  });

  test('SCH4 Back, pressed as soon as it is held, leads to the times and no further', async () => {
    await findTimes(wanted);
    const startsAt = await freeTime(page, 1);
    await page.evaluate((held) => {
      const back = new MutationObserver(() => {
        if (document.querySelector(held) === null) return;
        back.disconnect();
        history.back();
      });
      back.observe(document.body, { childList: true, subtree: true });
    }, byTestId('held'));
    const isFree = page.waitForResponse((answer) => answer.url().endsWith('/release') && answer.ok());
    await pressTime(page, startsAt);
    await isFree;
    await page.waitForSelector(byTestId('book-slot'));
    expect(await textOf('h1')).toBe('Pick a time');
  });

  test('SCH4 is given free by whoever leaves the site', async () => {
    await findTimes(wanted);
    const startsAt = await pickAndHold();
    await page.goto('about:blank');
    await vi.waitFor(async () => expect(await freeStarts(wanted)).toContain(startsAt), { timeout: 30_000 });
  });

  test('SCH4 waits for somebody whose phone lost the page, and is prolonged once', async () => {
    await findTimes(wanted);
    const startsAt = await pickAndHold();
    const until = await textOf('h1');
    await page.setOfflineMode(true);
    await page.close();

    page = await browser.newPage();
    await page.goto(bedside.origin);
    await page.waitForSelector(byTestId('hold-resume'));
    await look('home-held');
    await clickTestId(page, 'hold-resume');
    await page.waitForSelector(byTestId('held'));
    expect(await textOf('h1')).toBe(until);
    await clickTestId(page, 'hold-extend');
    await page.waitForSelector(byTestId('hold-extend'), { hidden: true });
    expect(await textOf('h1')).not.toBe(until);
    await clickTestId(page, 'book-confirm');
    await page.waitForSelector(byTestId('booked'));
    expect(await visitsAt(startsAt)).toBe(1);
  });

  test('SCH4 is over when its time is: told calmly, and anybody’s again', async () => {
    await findTimes(wanted);
    const startsAt = await pickAndHold();
    await clock.move(10 * 60_000 - 55_000);
    await page.waitForSelector('::-p-text(One minute left.)');
    await look('held-short');
    await clock.move(55_000);
    await page.waitForSelector(byTestId('hold-over'));
    await look('held-over');
    expect(await textOf('h1')).toBe('This time is no longer held.');
    for (const table of ['calendar_claims', 'holds'])
      await database.query(`UPDATE ${table} SET expires_at = now() WHERE starts_at = $1`, [startsAt]);
    const hold = (await other.call('POST', '/api/v1/holds', request(wanted, startsAt))) as Hold;
    await clickTestId(page, 'book-again');
    expect(await freeTime(page, 1)).not.toBe(startsAt);
    await other.call('POST', `/api/v1/holds/${hold.id}/release`, { token: hold.token });
  });

  test('SCH3 that somebody else was faster with leads back to the others, without that one', async () => {
    await findTimes(wanted);
    const startsAt = await freeTime(page, 1);
    const hold = (await other.call('POST', '/api/v1/holds', request(wanted, startsAt))) as Hold;
    await pressTime(page, startsAt);
    await page.waitForSelector('[role="alert"]');
    expect(await textOf('[role="alert"]')).toBe('This time has just been taken. Pick another.');
    expect(await page.$eval(':focus', (focused) => focused.getAttribute('data-testid'))).toBe('book-problem');
    expect(await page.$(`${byTestId('book-slot')}[data-starts-at="${startsAt}"]`)).toBeNull();
    await look('book-taken');
    await pickAndHold();
    await clickTestId(page, 'hold-release');
    await page.waitForSelector(byTestId('book-slot'));
    await other.call('POST', `/api/v1/holds/${hold.id}/release`, { token: hold.token });
  });
});

test('SCH5 a confirmation whose answer is lost goes out again, and books once', async () => {
  await findTimes({ type: VISIT_TYPE, provider: 'Dr. Luis Herrera' });
  const startsAt = await pickAndHold();
  const sent: string[] = [];
  const cookie = (await page.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const loseFirstAnswer = async (asked: HTTPRequest): Promise<void> => {
    if (asked.method() !== 'POST' || !asked.url().endsWith('/api/v1/appointments')) return asked.continue();
    sent.push(asked.headers()['idempotency-key'] ?? '');
    if (sent.length > 1) return asked.continue();
    // It arrives, and is carried out; the answer does not come back.
    const body = asked.postData() ?? '';
    const answer = await fetch(asked.url(), { method: 'POST', headers: { ...asked.headers(), cookie }, body });
    expect(answer.status).toBe(201);
    await asked.abort('connectionreset');
  };
  await page.setRequestInterception(true);
  page.on('request', (asked) => void loseFirstAnswer(asked));
  const told = page.waitForSelector('::-p-text(We keep trying, and nothing is done twice.)');
  await clickTestId(page, 'book-confirm');
  await told;
  await page.waitForSelector(byTestId('booked'));
  expect(sent).toHaveLength(2);
  expect(new Set(sent).size).toBe(1);
  expect(await visitsAt(startsAt)).toBe(1);
});

describe('the waitlist', () => {
  const wanted: Wanted = { type: FIRST_VISIT, provider: 'Mei Tan, NP' };

  /** Somebody else books a time three days on and gives it back once somebody waits. */
  const bookByOther = async (): Promise<Appointment> => {
    const [startsAt = ''] = await freeStarts(wanted, { fromHours: 48 });
    const answers = { reason: 'A cough', medicines: false };
    return (await other.call('POST', '/api/v1/appointments', { ...request(wanted, startsAt), answers })) as Appointment;
  };
  const giveBack = ({ id, version }: Appointment): Promise<unknown> =>
    other.call('POST', `/api/v1/appointments/${id}/cancel`, { version });
  const join = async (): Promise<void> => {
    await findTimes(wanted);
    await clickTestId(page, 'wait-open');
    await page.waitForSelector(byTestId('wait-join'));
    await look('wait');
    await clickTestId(page, 'wait-join');
    await page.waitForSelector(byTestId('waiting-joined'));
    await look('wait-joined');
    await clickTestId(page, 'waiting-home');
    await page.waitForSelector(byTestId('waitlist-entry'));
  };

  test('SCH9 offers what somebody gives back, and who takes it has it', async () => {
    const booked = await bookByOther();
    await join();
    await look('home-waiting');
    await giveBack(booked);
    await page.waitForSelector(byTestId('offer-card'));
    await look('home-offer');
    expect(await freeStarts(wanted, { fromHours: 48 })).not.toContain(booked.startsAt);
    await clickTestId(page, 'offer-open');
    await page.waitForSelector(byTestId('offer'));
    await look('offer');
    await page.locator('textarea').fill('A cough');
    await page.locator('label ::-p-text(No)').click();
    await clickTestId(page, 'offer-accept');
    await page.waitForSelector(byTestId('booked'));
    expect(await textOf('h1')).toBe('The time is yours.');
    expect(await visitsAt(booked.startsAt)).toBe(1);
    await clickTestId(page, 'booked-home');
    await page.waitForSelector(byTestId('later-visit'));
    expect(await page.$(byTestId('offer-card'))).toBeNull();
  });

  test('SCH9 who declines keeps the place in line, and can leave it', async () => {
    const booked = await bookByOther();
    await join();
    await giveBack(booked);
    await clickTestId(page, 'offer-open');
    await clickTestId(page, 'offer-decline');
    await page.waitForSelector(byTestId('waitlist-entry'));
    expect(await page.$(byTestId('offer-card'))).toBeNull();
    await clickTestId(page, 'waitlist-leave');
    await page.waitForSelector(byTestId('waitlist-entry'), { hidden: true });
  });

  test('an offer that is over says so', async () => {
    await page.goto(`${bedside.origin}/offer/${crypto.randomUUID()}`);
    await page.waitForSelector(byTestId('offer-over'));
    await look('offer-over');
  });
});

test('SCH8 a seat in a group session is taken and given back, and the seats that are left are told', async () => {
  const desk = await signInByHttp(bedside.origin, FRONT_DESK);
  const wanted: Wanted = { type: GROUP, provider: 'Dr. Amara Okafor' };
  const [startsAt = ''] = await freeStarts(wanted, { fromHours: 52, who: desk, more: { newSession: 'yes' } });
  await desk.call('POST', '/api/v1/group-sessions', request(wanted, startsAt));
  await findTimes({ type: GROUP });
  await look('book-group');
  expect(await textOf(byTestId('book-slot'))).toContain('8 seats left');
  await pickAndHold();
  expect(await textOf('h1')).toMatch(/^A seat is held for you until /);
  await clickTestId(page, 'book-confirm');
  await page.waitForSelector(byTestId('booked'));
  await look('booked-group');
  await findTimes({ type: GROUP });
  expect(await textOf(byTestId('book-slot'))).toContain('7 seats left');
  await page.goto(bedside.origin);
  await page.locator('button ::-p-text(Give my seat back)').click();
  await clickTestId(page, 'cancel-confirm');
  await page.waitForSelector('button ::-p-text(Give my seat back)', { hidden: true });
});

test('SCH14 a calendar link tells when and not with whom, until it is taken back', async () => {
  await page.goto(`${bedside.origin}/calendar-link`);
  await page.waitForSelector(byTestId('feed-make'));
  await look('calendar-link');
  await clickTestId(page, 'feed-make');
  await page.waitForSelector(byTestId('feed'));
  await look('calendar-link-made');
  const url = await page.$eval(byTestId('feed-url'), (input) => (input as HTMLInputElement).value);
  const feed = await fetch(url);
  expect(feed.headers.get('content-type')).toContain('text/calendar');
  const text = await feed.text();
  expect(text).toContain('BEGIN:VEVENT');
  for (const word of ['Okafor', 'Herrera', 'Mei Tan', 'Lindqvist', FIRST_VISIT]) expect(text).not.toContain(word);
  await clickTestId(page, 'feed-revoke');
  await page.waitForSelector(byTestId('feed'), { hidden: true });
  expect((await fetch(url)).status).toBe(404);
});
