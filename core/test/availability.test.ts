import { unhurriedMs } from '@bedside/kit/pace';
import type { Availability, SlotPage } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';

const DAY_MS = 24 * 60 * MINUTE_MS;
const iso = (ms: number) => new Date(ms).toISOString();
/** Mondays from ten to noon in Berlin; START is a Monday at ten. */
const mondays = {
  kind: 'open',
  startsOn: '2026-03-02',
  startsAt: '10:00',
  endsAt: '12:00',
  rrule: 'FREQ=WEEKLY',
} as const;

describe('availability', () => {
  let clinic: Clinic;
  let provider: Somebody;
  let patient: Somebody;
  let desk: Somebody;
  beforeAll(async () => {
    clinic = await startClinic();
    provider = await clinic.person('doc', 'provider');
    patient = await clinic.person('pat', 'patient');
    desk = await clinic.person('desk', 'front-desk');
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  const path = () => `/api/v1/providers/${provider.id}/availability`;
  const read = async (who = provider): Promise<Availability> => (await who.browser.get(path())).body as Availability;
  const put = async (rules: readonly unknown[], { who = provider, timeZone = 'Europe/Berlin' } = {}) =>
    who.browser.write('PUT', path(), { timeZone, version: (await read()).version, rules });
  const starts = async (weeks = 1): Promise<string[]> => {
    const query = new URLSearchParams({
      visitTypeId: clinic.visitTypeId,
      providerId: provider.id,
      from: iso(START),
      to: iso(START + weeks * 7 * DAY_MS),
    });
    const { days } = (await patient.browser.get(`/api/v1/slots?${query}`)).body as SlotPage;
    return days.flatMap((day) => day.slots.map((slot) => slot.startsAt));
  };

  it('SCH1 is kept by the provider and by the front desk, and search shows it at once', async () => {
    expect(await starts()).toEqual([]);
    const saved = await put([mondays]);
    expect(saved).toMatchObject({ status: 200, body: { providerId: provider.id, timeZone: 'Europe/Berlin' } });
    expect((saved.body as Availability).rules).toEqual([
      { ...mondays, label: '', exdates: [], rdates: [], visitTypeIds: [], worksOnHolidays: false },
    ]);
    expect(await starts()).toEqual([0, 30, 60, 90].map((minutes) => iso(START + minutes * MINUTE_MS)));
    expect(await read(desk)).toEqual(saved.body);
    expect((await put([{ ...mondays, endsAt: '11:00' }], { who: desk })).status).toBe(200);
    expect(await starts()).toHaveLength(2);
  });

  it('SCH1 takes exceptions, further dates, charting blocks and the last day on which a rule holds', async () => {
    await put([
      { ...mondays, exdates: ['2026-03-09'], rdates: ['2026-03-11'], effectiveTo: '2026-03-16' },
      { kind: 'block', label: 'Charting', startsOn: '2026-03-16', startsAt: '10:30', endsAt: '11:30' },
    ]);
    expect(await starts(4)).toEqual(
      [
        '02T09:00',
        '02T09:30',
        '02T10:00',
        '02T10:30',
        '11T09:00',
        '11T09:30',
        '11T10:00',
        '11T10:30',
        '16T09:00',
        '16T10:30',
      ].map((start) => `2026-03-${start}:00.000Z`),
    );
  });

  it('keeps its wall clock when the zone’s clocks change', async () => {
    await put([mondays]);
    const inMarch = await starts(4);
    // Berlin's clocks change on 29 March: ten o'clock goes from 09:00Z to 08:00Z.
    const late = new URLSearchParams({
      visitTypeId: clinic.visitTypeId,
      from: '2026-03-30T00:00:00.000Z',
      to: '2026-03-31T00:00:00.000Z',
      zone: 'America/New_York',
    });
    const { days, zone } = (await patient.browser.get(`/api/v1/slots?${late}`)).body as SlotPage;
    expect(inMarch.findLast((start) => start < '2026-03-29')).toBe('2026-03-23T10:30:00.000Z');
    expect(zone).toBe('America/New_York');
    expect(days[0]?.slots[0]).toEqual({
      startsAt: '2026-03-30T08:00:00.000Z',
      endsAt: '2026-03-30T08:30:00.000Z',
      localStartsAt: '2026-03-30T04:00:00-04:00',
    });
  });

  it('SCH5 names the version it saw: of two who change at once one has to look again', async () => {
    const { version } = await read();
    const body = (endsAt: string) => ({ timeZone: 'Europe/Berlin', version, rules: [{ ...mondays, endsAt }] });
    const answers = await Promise.all([
      provider.browser.write('PUT', path(), body('12:30')),
      desk.browser.write('PUT', path(), body('13:00')),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect(answers.find((answer) => answer.status === 409)).toMatchObject({ code: 'version_conflict' });
    const kept = answers.find((answer) => answer.status === 200)?.body as Availability;
    expect((await read()).rules).toEqual(kept.rules);
    expect((await read()).version).toBe(version + 1);
  });

  it('API4 hides it from patients and from other providers, and notes that they asked', async () => {
    const other = await clinic.person('doc2', 'provider');
    const { version } = await read();
    for (const stranger of [other, patient]) {
      const code = stranger === patient ? 'forbidden' : 'not_found';
      expect(await stranger.browser.get(path())).toMatchObject({ code });
      const body = { timeZone: 'UTC', version, rules: [] };
      expect(await stranger.browser.write('PUT', path(), body)).toMatchObject({ code });
      const off = { startsAt: iso(START), endsAt: iso(START + DAY_MS) };
      expect(await stranger.browser.post(`/api/v1/providers/${provider.id}/time-off`, off)).toMatchObject({ code });
    }
    expect((await read()).version).toBe(version);
    const denied = (await clinic.audit()).filter((row) => row.personId === other.id && row.outcome === 'denied');
    expect(denied.map((row) => row.action)).toEqual(['availability.read', 'availability.write', 'availability.write']);
  });

  it('loses time off, and has it back when it is taken back', async () => {
    await put([mondays]);
    const offPath = `/api/v1/providers/${provider.id}/time-off`;
    const answer = await provider.browser.post(offPath, {
      startsAt: iso(START + 30 * MINUTE_MS),
      endsAt: iso(START + 60 * MINUTE_MS),
      label: 'Dentist',
    });
    expect(answer.status).toBe(201);
    const { id } = answer.body as { id: string };
    expect(await starts()).toEqual([0, 60, 90].map((minutes) => iso(START + minutes * MINUTE_MS)));
    expect((await read()).timeOff).toEqual([answer.body]);
    expect((await provider.browser.write('DELETE', `${offPath}/${id}`)).status).toBe(204);
    expect(await starts()).toHaveLength(4);
    expect(await provider.browser.write('DELETE', `${offPath}/${id}`)).toMatchObject({ code: 'not_found' });
  });

  it('SCH5 takes time off once, however often it is asked with one key', async () => {
    const offPath = `/api/v1/providers/${provider.id}/time-off`;
    const off = { startsAt: iso(START), endsAt: iso(START + DAY_MS), label: 'Away' };
    const key = { 'idempotency-key': 'time-off-0001' };
    const answers = await Promise.all([1, 2, 3].map(() => provider.browser.post(offPath, off, key)));
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect((await read()).timeOff).toHaveLength(1);
    expect(await provider.browser.post(offPath, { ...off, label: 'Other' }, key)).toMatchObject({
      code: 'idempotency_conflict',
    });
    const [{ id } = { id: '' }] = answers.map((answer) => answer.body as { id: string });
    expect((await provider.browser.write('DELETE', `${offPath}/${id}`)).status).toBe(204);
  });

  it('leaves what is booked alone when it shrinks', async () => {
    await put([mondays]);
    const visit = await clinic.book({ patient, provider, startsAt: START + 30 * MINUTE_MS });
    expect((await put([])).status).toBe(200);
    const row = await clinic.database.db
      .selectFrom('appointments')
      .select('status')
      .where('id', '=', visit.appointmentId)
      .executeTakeFirst();
    expect(row).toEqual({ status: 'booked' });
    expect(await starts()).toEqual([]);
  });

  const rule = (change: Record<string, unknown>) => [mondays, { ...mondays, ...change }];
  it.each<[string, readonly unknown[], string, string?]>([
    ['a rule every second', rule({ rrule: 'FREQ=SECONDLY' }), 'rules.1.rrule'],
    ['a rule every hour', rule({ rrule: 'FREQ=DAILY;BYHOUR=1,2,3' }), 'rules.1.rrule'],
    ['a rule that never happens', rule({ rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }), 'rules.1.rrule'],
    ['garbage', rule({ rrule: 'every other tuesday' }), 'rules.1.rrule'],
    ['a rule of 500 parts', rule({ rrule: `FREQ=DAILY;BYMONTHDAY=${'1,'.repeat(300)}1` }), 'rules.1.rrule'],
    ['COUNT and UNTIL', rule({ rrule: 'FREQ=DAILY;COUNT=3;UNTIL=20270101' }), 'rules.1.rrule'],
    ['an end that is the start', rule({ endsAt: '10:00' }), 'rules.1.endsAt'],
    ['a start at the end of the day', rule({ startsAt: '24:00' }), 'rules.1.startsAt'],
    ['a time that is none', rule({ startsAt: '25:00' }), 'rules.1.startsAt'],
    ['a date that is none', rule({ startsOn: '2026-02-30' }), 'rules.1.startsOn'],
    ['a first day before 1970', rule({ startsOn: '1066-10-14' }), 'rules.1.startsOn'],
    [
      'an end of validity before its start',
      rule({ effectiveFrom: '2026-05-01', effectiveTo: '2026-04-01' }),
      'rules.1.effectiveTo',
    ],
    [
      'a visit type of nobody',
      rule({ visitTypeIds: ['00000000-0000-4000-8000-000000000001'] }),
      'rules.1.visitTypeIds',
    ],
    ['367 exceptions', rule({ exdates: Array.from({ length: 367 }, () => '2026-03-02') }), 'rules.1.exdates'],
    ['101 rules', Array.from({ length: 101 }, () => mondays), 'rules'],
    ['an unknown zone', [mondays], 'timeZone', 'Europe/Nowhere'],
    ['an offset for a zone', [mondays], 'timeZone', '+02:00'],
  ])(
    'refuses %s, quickly, names the field and changes nothing',
    async (_, rules, field, timeZone = 'Europe/Berlin') => {
      const before = await read();
      const days = () => clinic.database.db.selectFrom('slotDays').selectAll().orderBy('onDate').execute();
      const daysBefore = await days();
      const beganAt = performance.now();
      const answer = await put(rules, { timeZone });
      // Expanded without bounds, some of these take ten seconds and more.
      expect(unhurriedMs(beganAt)).toBeLessThan(3_000);
      expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
      const { detail, errors } = answer.body as { detail?: string; errors?: { field: string }[] };
      expect(detail?.split(':')[0] ?? errors?.[0]?.field).toBe(field);
      expect(await read()).toEqual(before);
      expect(await days()).toEqual(daysBefore);
    },
  );

  it.each([
    ['an end before the start', { startsAt: iso(START + DAY_MS), endsAt: iso(START) }, 'endsAt'],
    ['what is over', { startsAt: iso(START - 2 * DAY_MS), endsAt: iso(START - DAY_MS) }, 'endsAt'],
    ['ten years', { startsAt: iso(START), endsAt: iso(START + 3_650 * DAY_MS) }, 'endsAt'],
    ['no instant', { startsAt: 'tomorrow', endsAt: iso(START) }, 'startsAt'],
  ])('refuses time off of %s', async (_, body, field) => {
    const { version } = await read();
    const answer = await provider.browser.post(`/api/v1/providers/${provider.id}/time-off`, body);
    expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
    const { detail, errors } = answer.body as { detail?: string; errors?: { field: string }[] };
    expect(detail?.split(':')[0] ?? errors?.[0]?.field).toBe(field);
    expect((await read()).version).toBe(version);
  });
});
