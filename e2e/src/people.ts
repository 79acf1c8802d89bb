import { randomUUID } from 'node:crypto';
import type { Appointment, EncounterId, Provider, SlotPage, VisitType } from '@bedside/protocol';
import type { Page } from 'puppeteer-core';

/** The made-up people of the demo, as its pages name them. */
export const PROVIDERS = ['Dr. Amara Okafor', 'Dr. Luis Herrera', 'Mei Tan, NP'] as const;
export const PATIENTS = [
  'Ruth Lindqvist',
  'Darnell Brooks',
  'Priya Raman',
  'Tomasz Zieliński',
  'Samira Haddad',
  'Leilani Kahale',
] as const;
/** The demo's front desk. */
export const FRONT_DESK = 'Hannah Osei';
/** The demo's privacy office. */
export const COMPLIANCE = 'Owen Marsh';
/** The demo's administrator. */
export const ADMIN = 'Grace Whitfield';
/** The visit type that can be entered at once. */
export const VISIT_TYPE = 'Video visit';
export type DemoProvider = (typeof PROVIDERS)[number];
export type DemoPerson =
  | DemoProvider
  | typeof FRONT_DESK
  | typeof ADMIN
  | typeof COMPLIANCE
  | (typeof PATIENTS)[number];

/** A selector of what the pages name for tests. */
export const byTestId = (id: string): string => `[data-testid="${id}"]`;

/** Clicks an element when it is there, visible and enabled, where a mouse would. */
export const clickTestId = (page: Page, id: string): Promise<void> => page.locator(byTestId(id)).click();

/** Signs in as anybody would: the button of the page, then the person's button of the demo issuer; back at the start. */
export const signIn = async (page: Page, origin: string, person: DemoPerson): Promise<void> => {
  await page.goto(origin, { waitUntil: 'domcontentloaded' });
  await clickTestId(page, 'sign-in');
  await page.locator(`button ::-p-text(${person})`).click();
  await page.waitForSelector(byTestId('sign-out'));
};

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Calls core as the page does, with its cookie and from its origin. Throws what core answers when it refuses. */
export const callCore = async (
  page: Page,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<unknown> => {
  const call = async (request: {
    method: string;
    path: string;
    body: string | undefined;
    key: string;
  }): Promise<Answer> => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': request.key };
    const response = await fetch(request.path, {
      method: request.method,
      ...(request.method === 'GET' ? {} : { headers, body: request.body ?? '{}' }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  const answer = await page.evaluate(call, {
    method,
    path,
    body: body === undefined ? undefined : JSON.stringify(body),
    key: randomUUID(),
  });
  if (answer.status >= 400)
    throw new Error(`${method} ${path.split('?')[0]}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** A call to core as somebody who is signed in. Throws what core answers when it refuses. */
export type CallCore = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>;

/** A time that is nearer may begin, and be nobody's any more, before it is booked. */
const NOT_NEARER_MS = 15 * 60_000;

/**
 * Books the first time that a provider has free for the patient in whose name `call` calls, and they themselves too: of
 * the next day, or of the day that begins `hoursAhead` from now.
 */
export const bookFirst = async (call: CallCore, provider: DemoProvider, hoursAhead = 0): Promise<Appointment> => {
  const { providers } = (await call('GET', '/api/v1/providers')) as { providers: Provider[] };
  const { visitTypes } = (await call('GET', '/api/v1/visit-types')) as { visitTypes: VisitType[] };
  const providerId = providers.find(({ displayName }) => displayName === provider)?.id;
  const visitTypeId = visitTypes.find(({ name }) => name === VISIT_TYPE)?.id;
  if (providerId === undefined || visitTypeId === undefined) throw new Error('the demo clinic has nothing to book');
  const from = new Date(Date.now() + NOT_NEARER_MS + hoursAhead * 3_600_000);
  const to = new Date(from.getTime() + 23 * 3_600_000);
  const query = new URLSearchParams({ providerId, visitTypeId, from: from.toISOString(), to: to.toISOString() });
  const { days } = (await call('GET', `/api/v1/slots?${query}`)) as SlotPage;
  const { appointments } = (await call('GET', '/api/v1/appointments')) as { appointments: Appointment[] };
  const startsAt = days
    .flatMap(({ slots }) => slots)
    .find((slot) => appointments.every((own) => own.endsAt <= slot.startsAt || own.startsAt >= slot.endsAt))?.startsAt;
  if (startsAt === undefined) throw new Error(`${provider} has no free time today`);
  return (await call('POST', '/api/v1/appointments', { providerId, visitTypeId, startsAt })) as Appointment;
};

/** Books the first free time with a provider for the patient who is signed in on the page. */
export const bookVisit = (page: Page, provider: DemoProvider): Promise<Appointment> =>
  bookFirst((method, path, body) => callCore(page, method, path, body), provider);

/** The next visit of the patient who is signed in; the demo gives each patient one that is open. */
export const nextVisit = async (page: Page): Promise<Appointment> => {
  const { appointments } = (await callCore(page, 'GET', '/api/v1/appointments')) as { appointments: Appointment[] };
  const [next] = appointments;
  if (next === undefined) throw new Error('the patient has no visit');
  return next;
};

/** Opens the page of a visit up to the device check, camera running and button enabled. */
export const openVisit = async (page: Page, origin: string, encounterId: EncounterId): Promise<void> => {
  await page.goto(`${origin}/visit/${encounterId}`, { waitUntil: 'domcontentloaded' });
  await page.waitForSelector(`${byTestId('device-ready')}:not([disabled])`);
};

/** Waits until a page shows a coded frame of the other person. */
export const seesOther = (page: Page, person: number) =>
  page.waitForFunction(
    (selector, expected) => {
      if (document.querySelector(selector) === null) return false;
      const frame = window.bedsideProbe.frame(selector);
      return frame.ok && frame.person === expected;
    },
    {},
    byTestId('remote-video'),
    person,
  );

/** Patient and provider, both signed in, end up in the visit, each seeing the other. The provider admits from the visit. */
export const meet = async (
  pages: { patient: Page; provider: Page },
  visit: { origin: string; encounterId: EncounterId },
): Promise<void> => {
  const { patient, provider } = pages;
  await openVisit(provider, visit.origin, visit.encounterId);
  await clickTestId(provider, 'device-ready');
  await openVisit(patient, visit.origin, visit.encounterId);
  await clickTestId(patient, 'device-ready');
  await patient.waitForSelector(byTestId('waiting-room'));
  await clickTestId(provider, 'admit');
  for (const page of [patient, provider]) {
    await page.waitForFunction(
      (selector) => {
        const video = document.querySelector<HTMLVideoElement>(selector);
        return video !== null && video.videoWidth > 0 && window.bedsideProbe.frame(selector).ok;
      },
      // By the clock: a page behind another is given no animation frames.
      { polling: 100 },
      byTestId('remote-video'),
    );
  }
};
