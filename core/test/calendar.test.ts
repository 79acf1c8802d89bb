import type { ProviderCalendar } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const iso = (ms: number) => new Date(ms).toISOString();

describe('calendar', () => {
  let clinic: Clinic;
  let provider: Somebody;
  let patient: Somebody;
  let desk: Somebody;
  let admin: Somebody;
  beforeAll(async () => {
    clinic = await startClinic();
    provider = await clinic.person('doc', 'provider');
    patient = await clinic.person('pat', 'patient');
    desk = await clinic.person('desk', 'front-desk');
    admin = await clinic.person('admin', 'admin');
    const rule = { label: '', exdates: [], rdates: [], visitTypeIds: [], worksOnHolidays: false };
    await clinic.core.provisioning.setAvailability({
      organizationId: clinic.organizationId,
      providerId: provider.id,
      timeZone: 'Europe/Berlin',
      rules: [
        { ...rule, kind: 'open', startsOn: '2026-03-02', startsAt: '10:00', endsAt: '12:00', rrule: 'FREQ=DAILY' },
        { ...rule, kind: 'block', label: 'Charting', startsOn: '2026-03-02', startsAt: '11:00', endsAt: '11:30' },
      ],
    });
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  const ask = (who: Somebody, query: Record<string, string> = {}) =>
    who.browser.get(
      `/api/v1/calendar?${new URLSearchParams({ from: iso(START), to: iso(START + 2 * DAY_MS), ...query })}`,
    );
  const calendars = async (who: Somebody, query: Record<string, string> = {}) => {
    const answer = await ask(who, query);
    expect(answer).toMatchObject({ status: 200 });
    return answer.body as { calendars: ProviderCalendar[]; next?: string };
  };

  it('shows what is open, what blocks it, holidays and visits, with the provider’s patients', async () => {
    const visit = await clinic.book({ patient, provider, startsAt: START + 30 * MINUTE_MS });
    const { version } = (await admin.browser.get('/api/v1/holidays')).body as { version: string };
    const holidays = { version, holidays: [{ date: '2026-03-03', name: 'Carnival' }] };
    expect((await admin.browser.write('PUT', '/api/v1/holidays', holidays)).status).toBe(204);
    const off = { startsAt: iso(START + 45 * MINUTE_MS), endsAt: iso(START + 50 * MINUTE_MS), label: 'Dentist' };
    await provider.browser.post(`/api/v1/providers/${provider.id}/time-off`, off);
    const page = await calendars(provider);
    expect(page.calendars).toHaveLength(1);
    const [own] = page.calendars;
    const span = (from: number, to: number) => ({
      startsAt: iso(START + from * MINUTE_MS),
      endsAt: iso(START + to * MINUTE_MS),
    });
    expect(own?.open).toEqual(
      [span(0, 45), span(50, 60), span(90, 120)].map((open) => ({ ...open, visitTypeIds: [] })),
    );
    expect(own?.blocks).toEqual([
      { ...span(45, 50), label: 'Dentist', kind: 'time-off' },
      { ...span(60, 90), label: 'Charting', kind: 'block' },
      { startsAt: '2026-03-02T23:00:00.000Z', endsAt: '2026-03-03T23:00:00.000Z', label: 'Carnival', kind: 'holiday' },
    ]);
    // The visit reaches into the time off that was taken later: it is still there for somebody to see.
    expect(own?.appointments).toMatchObject([
      { id: visit.appointmentId, patient: { displayName: 'Name of pat' }, ...span(30, 60), status: 'booked' },
    ]);
    const seen = (await clinic.audit()).filter((row) => row.action === 'calendar.read');
    expect(seen).toMatchObject([{ personId: provider.id, patientId: patient.id, outcome: 'success' }]);
  });

  it('shows the front desk everybody, page by page, and only those who are asked for', async () => {
    const others = await Promise.all([1, 2, 3, 4, 5].map((index) => clinic.person(`other${index}`, 'provider')));
    const everybody = await calendars(desk);
    expect(everybody.calendars.map((calendar) => calendar.provider.displayName)).toEqual([
      'Name of doc',
      ...[1, 2, 3, 4, 5].map((index) => `Name of other${index}`),
    ]);
    // A month of many is cut into pages.
    const month = { to: iso(START + 31 * DAY_MS) };
    const first = await calendars(desk, month);
    const second = await calendars(desk, { ...month, cursor: first.next ?? '' });
    expect([first.calendars.length, second.calendars.length, second.next]).toEqual([4, 2, undefined]);
    const two = await calendars(desk, { providerIds: `${others[3]?.id},${provider.id}` });
    expect(two.calendars.map((calendar) => calendar.provider.id)).toEqual([others[3]?.id, provider.id]);
  });

  it('API4 shows a provider nobody else’s, and patients none', async () => {
    const other = await clinic.person('curious', 'provider');
    expect(await ask(other, { providerIds: provider.id })).toMatchObject({ status: 404, code: 'not_found' });
    expect(await ask(patient)).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await ask(desk, { providerIds: patient.id })).toMatchObject({ code: 'not_found' });
    const denied = (await clinic.audit()).filter((row) => row.action === 'calendar.read' && row.outcome === 'denied');
    expect(denied.map((row) => row.personId)).toEqual([other.id, patient.id, desk.id]);
  });

  it.each([
    ['a year', { to: iso(START + 366 * DAY_MS) }, 'to'],
    ['an end before the start', { to: iso(START - 1) }, 'to'],
    ['a cursor of one’s own making', { cursor: 'abc' }, 'cursor'],
  ])('refuses %s, and names the field', async (_, query, field) => {
    const answer = await ask(desk, query);
    expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
    expect((answer.body as { detail: string }).detail).toMatch(new RegExp(`^${field}: `));
  });
});
