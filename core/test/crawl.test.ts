import { randomUUID } from 'node:crypto';
import { createLogger, createRegistry } from '@bedside/kit';
import {
  AccountRole,
  type Appointment,
  type CalendarFeed,
  type Correction,
  type Hold,
  type PatientIdentifier,
  type RecordExport,
  type WaitlistEntry,
} from '@bedside/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_RATE_LIMITS } from '../src/index.ts';
import { DAY_MS, HOUR_MS, iso, openHours } from './support/booking.ts';
import { Browser } from './support/browser.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';
import { Crawler, type Described, type Exchange, type Known, routesOf } from './support/crawl.ts';
import { PHI_ROUTES, type Telling } from './support/phi-routes.ts';
import { untilQuiet } from './support/queue.ts';

/** Every name, address, answer, message and reason of a patient holds the patient's own canary. */
const PATIENTS = ['canary-ruth', 'canary-paul', 'canary-otto'] as const;
/** What the crawl itself writes wherever something can be written. */
const SENT = 'canary-sent';
const ANY_CANARY = /canary-/;

type Person = Somebody & { readonly name: string };
interface Row {
  readonly requestId: string | null;
  readonly patientId: string | null;
  readonly outcome: string;
}

/**
 * Everybody asks for everything that the API describes, with canaries wherever something of a patient can stand. What
 * came back, what was logged and counted, and what stands in the audit trail are then held against each other.
 */
describe('a crawl of every route as everybody', () => {
  const logged: string[] = [];
  const registry = createRegistry();
  const people: Person[] = [];
  const patientIds = new Map<string, string>();
  let clinic: Clinic;
  let crawler: Crawler;
  let document: Described;
  let rows: Row[];

  const add = async (name: string, ...roles: AccountRole[]): Promise<Person> => {
    const person = { ...(await clinic.person(name, ...roles)), name };
    people.push(person);
    return person;
  };

  beforeAll(async () => {
    const log = createLogger({
      service: 'crawl',
      level: 'debug',
      destination: { write: (line) => void logged.push(line) },
    });
    clinic = await startClinic(
      async () => ({
        jobs: true,
        rateLimits: { ...DEFAULT_RATE_LIMITS, address: 1e6, signIn: 1e6, read: 1e6, write: 1e6, grant: 1e6 },
      }),
      { log, registry },
    );
    document = (await new Browser(clinic.origin).get('/api/v1/openapi.json')).body as Described;
    crawler = new Crawler(document);

    const [ruth, paul, otto] = [
      await add(PATIENTS[0], 'patient'),
      await add(PATIENTS[1], 'patient'),
      await add(PATIENTS[2], 'patient'),
    ];
    const doctor = await add('doctor', 'provider');
    const desk = await add('desk', 'front-desk');
    await add('other-doctor', 'provider');
    for (const role of AccountRole.options)
      if (!['patient', 'provider', 'front-desk'].includes(role)) await add(`a-${role}`, role);
    people.push({ ...ruth, name: 'nobody', browser: new Browser(clinic.origin) });
    for (const [name, person] of [ruth, paul, otto].map((one) => [one.name, one] as const)) {
      patientIds.set(name, person.id);
      await clinic.core.provisioning.upsertPerson({
        key: name,
        organizationId: clinic.organizationId,
        displayName: `Name of ${name}`,
        timeZone: 'Europe/Berlin',
        roles: ['patient'],
        identities: clinic.config.issuers.map(({ issuer }) => ({ issuer, subject: name })),
        contacts: { email: `${name}@example.org`, sms: `+49${name}` },
        region: 'US-CA',
      });
    }
    for (const { id } of people.filter((person) => person.name.includes('doctor')))
      await openHours(clinic, id, { startsAt: '08:00', endsAt: '20:00' });
    const visitTypeId = await clinic.core.provisioning.upsertVisitType({
      key: 'talk',
      organizationId: clinic.organizationId,
      name: 'Talk',
      durationMinutes: 30,
      earlyEntryMinutes: 15,
      lateEntryMinutes: 60,
      settings: { intakeQuestions: [{ id: 'why', label: 'Why?', kind: 'text', required: true }] },
    });

    // A life of patients at this clinic, every word of it a canary.
    const wanted = (at: number) => ({
      providerId: doctor.id,
      visitTypeId,
      startsAt: iso(at),
    });
    const write = async <Body>(who: Person, path: string, body: unknown, expected = 201): Promise<Body> => {
      const answer = await crawler.send(who, { method: 'POST', path: `/api/v1${path}`, body });
      expect([path, answer.status, answer.text.slice(0, 300)]).toEqual([path, expected, expect.anything()]);
      return answer.body as Body;
    };
    const hold = await write<Hold>(ruth, '/holds', wanted(START + DAY_MS));
    const booked = await write<Appointment>(ruth, '/appointments', {
      holdId: hold.id,
      token: hold.token,
      answers: { why: 'canary-ruth has this answer' },
    });
    const kept = await write<Hold>(ruth, '/holds', wanted(START + 3 * DAY_MS));
    const gone = await write<Appointment>(paul, '/appointments', {
      ...wanted(START + DAY_MS + HOUR_MS),
      answers: { why: 'canary-paul' },
    });
    await write(
      paul,
      `/appointments/${gone.id}/cancel`,
      { version: gone.version, reason: 'canary-paul has no time' },
      200,
    );
    await write<Appointment>(paul, '/appointments', {
      ...wanted(START + DAY_MS + 2 * HOUR_MS),
      answers: { why: 'canary-paul' },
    });
    const moving = await write<Appointment>(paul, '/appointments', {
      ...wanted(START + DAY_MS + 4 * HOUR_MS),
      answers: { why: 'canary-paul' },
    });
    await write(paul, `/appointments/${moving.id}/reschedule`, {
      version: moving.version,
      startsAt: iso(START + DAY_MS + 6 * HOUR_MS),
      reason: 'canary-paul comes later',
    });
    await write(desk, '/appointment-series', {
      ...wanted(START + 2 * DAY_MS + HOUR_MS),
      patientId: otto.id,
      rrule: 'FREQ=DAILY;COUNT=2',
      timeZone: 'Europe/Berlin',
    });
    const entry = await write<WaitlistEntry>(ruth, '/waitlist', {
      visitTypeId: clinic.visitTypeId,
      earliestAt: iso(START),
      latestAt: iso(START + 3 * DAY_MS),
    });
    const feed = await write<CalendarFeed>(ruth, '/calendar-feeds', { view: 'patient' });

    const identifier = await write<PatientIdentifier>(desk, `/patients/${ruth.id}/identifiers`, {
      system: 'mrn',
      value: 'canary-ruth-0815',
    });
    const { patients } = await write<{ patients: unknown[] }>(desk, '/patients/search', { search: 'canary' }, 200);
    expect(patients).toHaveLength(PATIENTS.length);
    const record = await write<RecordExport>(ruth, '/record-exports', { format: 'fhir' });
    const correction = await write<Correction>(ruth, '/corrections', {
      about: 'profile',
      statement: 'canary-ruth is written wrongly',
      proposed: 'canary-ruth is right',
    });

    const now = await clinic.book({ patient: ruth, provider: doctor });
    const guest = await clinic.enter(ruth, now);
    const host = await clinic.enter(doctor, now);
    await clinic.ask('setPresence', { ...host, presence: 'admitted', connected: true });
    await clinic.ask('setPresence', { ...guest, presence: 'device-check', connected: true });
    await clinic.ask('setPresence', { ...guest, presence: 'ready', connected: true });
    await write(doctor, `/encounters/${now.encounterId}/admit`, { personId: ruth.id }, 200);
    await clinic.ask('setPresence', { ...guest, presence: 'admitted', connected: true });
    await clinic.ask('sendMessage', { ...guest, clientMessageId: randomUUID(), text: 'canary-ruth says this' });

    const known: Known = {
      appointmentId: booked.id,
      encounterId: now.encounterId,
      feedId: feed.id,
      grantId: guest.grantId,
      holdId: kept.id,
      token: kept.token,
      entryId: entry.id,
      exportId: record.id,
      identifierId: identifier.id,
      correctionId: correction.id,
      providerId: doctor.id,
      personId: ruth.id,
      patientId: ruth.id,
      visitTypeId: clinic.visitTypeId,
      secret: new URL(feed.url ?? '').pathname.split('/').at(-1)?.replace('.ics', ''),
      search: 'canary',
      system: 'mrn',
      value: 'canary-ruth-0815',
      startsAt: iso(START + 4 * DAY_MS),
      endsAt: iso(START + 4 * DAY_MS + HOUR_MS),
      earliestAt: iso(START),
      latestAt: iso(START + DAY_MS),
      from: iso(START - HOUR_MS),
      to: iso(START + 6 * DAY_MS),
      version: booked.version,
      timeZone: 'Europe/Berlin',
      zone: 'Europe/Berlin',
      rrule: 'FREQ=WEEKLY;COUNT=2',
      additional: [],
      region: 'US-CA',
    };
    const routes = routesOf(document).filter(({ key }) => PHI_ROUTES[key] !== 'stream');
    const isRead = ({ key }: { key: string }) => !['act', undefined].includes(PHI_ROUTES[key]);
    const strange = Object.fromEntries(
      Object.keys(known).map((name) => [name, name.endsWith('Id') ? randomUUID() : SENT]),
    );
    // Reads first: an act takes away what a read would have shown.
    for (const route of [...routes.filter(isRead), ...routes.filter((one) => !isRead(one))])
      await Promise.all(
        people.map(async (person) => {
          await crawler.ask(person, route, { known, text: SENT });
          // With ids of nothing that exists, and text that fits nowhere.
          await crawler.ask(person, route, { known: strange, text: SENT });
        }),
      );

    const json = { origin: clinic.origin, 'content-type': 'application/json' };
    for (const person of people) {
      const garbled = [
        { method: 'POST', path: '/api/v1/holds', raw: `{"${SENT}":`, headers: json },
        { method: 'POST', path: '/api/v1/holds', raw: `{"${SENT}":1}`, headers: json },
        { method: 'POST', path: '/api/v1/holds', raw: SENT, headers: { ...json, 'content-type': `text/${SENT}` } },
        { method: 'POST', path: '/api/v1/holds', raw: '{}', headers: { ...json, 'idempotency-key': SENT } },
        { method: 'POST', path: '/api/v1/holds', raw: '{}', headers: { ...json, origin: `https://${SENT}.example` } },
        { method: 'GET', path: `/api/v1/${SENT}?name=${SENT}` },
        { method: 'GET', path: `/api/v1/encounters/${SENT}` },
        { method: 'GET', path: `/api/v1/slots?from=${SENT}&zone=${SENT}` },
        { method: 'GET', path: `/auth/login?return_to=${SENT}` },
        { method: 'GET', path: `/auth/callback?code=${SENT}&state=${SENT}&error_description=${SENT}` },
        {
          method: 'GET',
          path: '/api/v1/me',
          headers: { 'user-agent': SENT, referer: `https://${SENT}/`, 'x-request-id': SENT, 'x-forwarded-for': SENT },
        },
      ];
      for (const request of garbled) await crawler.send(person, request);
    }
    clinic.clock.now += 5 * MINUTE_MS;
    await untilQuiet(clinic);
    rows = (
      await sql<Row>`SELECT request_id AS "requestId", patient_id AS "patientId", outcome FROM audit_events`.execute(
        clinic.database.db,
      )
    ).rows;
  }, 120_000);
  afterAll(() => clinic[Symbol.asyncDispose]());

  const tellingOf = ({ route }: Exchange): Telling => PHI_ROUTES[route] ?? 'none';
  const isGiven = ({ answer }: Exchange): boolean => answer.status < 300;
  const namedIn = ({ answer }: Exchange): string[] => PATIENTS.filter((canary) => answer.text.includes(canary));
  const rowsOf = ({ requestId }: Exchange): Row[] => rows.filter((row) => row.requestId === requestId);
  const told = ({ who, route, answer }: Exchange) => `${who} ${route} ${answer.status}`;

  it('knows of every route what it tells of patients', () => {
    const described = routesOf(document).map(({ key }) => key);
    expect(described.filter((key) => !(key in PHI_ROUTES))).toEqual([]);
    expect(Object.keys(PHI_ROUTES).filter((key) => !described.includes(key))).toEqual([]);
  });

  /** What of patients an answer told, each with whether the trail has it. */
  const tellingsOf = (exchange: Exchange): { what: string; isThere: boolean }[] => {
    const telling = tellingOf(exchange);
    if (!isGiven(exchange) || telling === 'none' || telling === 'self') return [];
    const all = rowsOf(exchange);
    if (telling === 'linked' || telling === 'trail') return [{ what: told(exchange), isThere: all.length > 0 }];
    const named = namedIn(exchange).map((name) => ({
      what: `${told(exchange)} of ${name}`,
      isThere: all.some((row) => row.patientId === patientIds.get(name) && row.outcome === 'success'),
    }));
    return telling === 'phi' ? [{ what: told(exchange), isThere: all.length > 0 }, ...named] : named;
  };

  it('API7 has as many audit events as reads of patients', () => {
    const tellings = crawler.exchanges.flatMap(tellingsOf);
    const events = tellings.filter(({ isThere }) => isThere).length;
    process.stdout.write(
      `crawl: ${crawler.exchanges.length} requests of ${people.length} people, ${tellings.length} reads of patients, ${events} audit events\n`,
    );
    expect(tellings.filter(({ isThere }) => !isThere).map(({ what }) => what)).toEqual([]);
    expect(tellings.length).toBeGreaterThan(60);
  });

  it('API5 has a row of every kind of act that somebody could do', () => {
    const done = crawler.exchanges.filter((exchange) => isGiven(exchange) && tellingOf(exchange) === 'act');
    const kinds = new Set(done.map(({ route }) => route));
    const recorded = new Set(done.filter((exchange) => rowsOf(exchange).length > 0).map(({ route }) => route));
    expect([...kinds].filter((route) => !recorded.has(route))).toEqual([]);
  });

  it('saw a patient in every answer that can show one', () => {
    const seen = new Set(
      crawler.exchanges
        .filter((exchange) => isGiven(exchange) && namedIn(exchange).length > 0)
        .map(({ route }) => route),
    );
    const able = Object.keys(PHI_ROUTES).filter((key) => PHI_ROUTES[key] === 'phi');
    expect(able.filter((key) => !seen.has(key))).toEqual([]);
  });

  it('sees no patient in an answer that should show none, nor in one of a stranger', () => {
    const leaks = crawler.exchanges.filter(
      (exchange) =>
        namedIn(exchange).length > 0 &&
        (!isGiven(exchange) ||
          exchange.who === 'nobody' ||
          tellingOf(exchange) === 'none' ||
          (tellingOf(exchange) === 'self' && !namedIn(exchange).every((name) => name === exchange.who))),
    );
    expect(leaks.map(told)).toEqual([]);
  });

  it('API6 finds no canary in an error, a header, a place to go to, the log or the metrics', async () => {
    const errors = crawler.exchanges.filter(({ answer }) => answer.status >= 300);
    expect(errors.filter(({ answer }) => ANY_CANARY.test(answer.text)).map(told)).toEqual([]);
    const headers = crawler.exchanges.filter(({ answer }) => ANY_CANARY.test([...answer.headers].flat().join('\n')));
    expect(headers.map(told)).toEqual([]);
    expect(logged.length).toBeGreaterThan(crawler.exchanges.length);
    expect(logged.filter((line) => ANY_CANARY.test(line))).toEqual([]);
    expect(await registry.metrics()).not.toMatch(ANY_CANARY);
  });

  it('has a row of every refusal by role or by person', () => {
    const refused = crawler.exchanges.filter(({ answer, who }) => answer.code === 'forbidden' && who !== 'nobody');
    expect(refused.length).toBeGreaterThan(50);
    expect(refused.filter((exchange) => !rowsOf(exchange).some((row) => row.outcome === 'denied')).map(told)).toEqual(
      [],
    );
  });

  it('answers nothing with a failure of its own', () => {
    expect(crawler.exchanges.filter(({ answer }) => answer.status >= 500).map(told)).toEqual([]);
  });
});
