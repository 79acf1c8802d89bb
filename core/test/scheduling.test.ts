import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';

const iso = (ms: number) => new Date(ms).toISOString();

describe('calendar', () => {
  let clinic: Clinic;
  let provider: Somebody;
  let patient: Somebody;
  const nextMonday = START + 7 * 24 * 60 * MINUTE_MS;
  beforeAll(async () => {
    clinic = await startClinic();
    provider = await clinic.person('doc', 'provider');
    patient = await clinic.person('pat', 'patient');
    const answer = await provider.browser.write('PUT', '/api/v1/availability', {
      timeZone: 'Europe/Berlin',
      windows: [{ weekday: 1, startsAt: '10:00', endsAt: '12:00' }],
    });
    expect(answer.status).toBe(200);
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  const slots = async (from: number, to: number) => {
    const query = new URLSearchParams({
      providerId: provider.id,
      visitTypeId: clinic.visitTypeId,
      from: iso(from),
      to: iso(to),
    });
    const answer = await patient.browser.get(`/api/v1/slots?${query}`);
    return answer.status === 200
      ? (answer.body as { slots: { startsAt: string }[] }).slots.map((slot) => slot.startsAt)
      : answer.code;
  };
  const request = (startsAt: number) => ({
    providerId: provider.id,
    visitTypeId: clinic.visitTypeId,
    startsAt: iso(startsAt),
  });

  it('lists whom and what one can book', async () => {
    expect((await patient.browser.get('/api/v1/providers')).body).toEqual({
      providers: [{ id: provider.id, displayName: 'Name of doc', timeZone: 'Europe/Berlin', specialty: 'General' }],
    });
    expect((await patient.browser.get('/api/v1/visit-types')).body).toEqual({
      visitTypes: [{ id: clinic.visitTypeId, name: 'Video visit', durationMinutes: 30 }],
    });
  });

  it('offers what is free, from now on, and no more than 31 days of it', async () => {
    expect(await slots(nextMonday, nextMonday + 120 * MINUTE_MS)).toEqual(
      [0, 30, 60, 90].map((minutes) => iso(nextMonday + minutes * MINUTE_MS)),
    );
    expect(await slots(START - 7 * 24 * 60 * MINUTE_MS, START - MINUTE_MS)).toEqual([]);
    expect(await slots(START, START + 32 * 24 * 60 * MINUTE_MS)).toBe('bad_request');
  });

  it('refuses windows that overlap, end before they start, or are in no zone', async () => {
    const put = (windows: unknown[], timeZone = 'Europe/Berlin') =>
      provider.browser.write('PUT', '/api/v1/availability', { timeZone, windows });
    const window = { weekday: 1, startsAt: '10:00', endsAt: '12:00' };
    expect(await put([window, { weekday: 1, startsAt: '11:59', endsAt: '13:00' }])).toMatchObject({
      code: 'bad_request',
    });
    expect(await put([{ weekday: 1, startsAt: '12:00', endsAt: '12:00' }])).toMatchObject({ code: 'bad_request' });
    expect(await put([window], 'Europe/Nowhere')).toMatchObject({ code: 'bad_request' });
    expect((await provider.browser.get('/api/v1/availability')).body).toEqual({
      timeZone: 'Europe/Berlin',
      windows: [window],
    });
    expect((await put([window, { weekday: 1, startsAt: '12:00', endsAt: '24:00' }])).status).toBe(200);
    expect((await put([window])).status).toBe(200);
  });

  it('books a free time once, and the same key answers with the same appointment', async () => {
    const body = request(nextMonday);
    const key = { 'idempotency-key': 'booking-0001' };
    const answers = await Promise.all([1, 2, 3].map(() => patient.browser.post('/api/v1/appointments', body, key)));
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(await patient.browser.post('/api/v1/appointments', request(nextMonday + 30 * MINUTE_MS), key)).toMatchObject(
      { code: 'idempotency_conflict' },
    );
    expect(await patient.browser.post('/api/v1/appointments', body)).toMatchObject({ status: 409, code: 'slot_taken' });
    expect(await slots(nextMonday, nextMonday + 60 * MINUTE_MS)).toEqual([iso(nextMonday + 30 * MINUTE_MS)]);
    const own = (await patient.browser.get('/api/v1/appointments')).body as { appointments: Record<string, unknown>[] };
    expect(own.appointments).toEqual([answers[0]?.body]);
    expect(own.appointments[0]).toMatchObject({
      status: 'booked',
      version: 1,
      opensAt: iso(nextMonday - 15 * MINUTE_MS),
      closesAt: iso(nextMonday + 90 * MINUTE_MS),
    });
  });

  it('refuses times that are no slot', async () => {
    for (const startsAt of [
      nextMonday + 5 * MINUTE_MS,
      nextMonday + 120 * MINUTE_MS,
      START - 7 * 24 * 60 * MINUTE_MS,
      nextMonday + 1,
    ]) {
      expect(await patient.browser.post('/api/v1/appointments', request(startsAt))).toMatchObject({
        code: 'slot_unavailable',
      });
    }
    expect(
      await patient.browser.post('/api/v1/appointments', { ...request(nextMonday), providerId: patient.id }),
    ).toMatchObject({ code: 'not_found' });
  });

  it('refuses a patient two visits at once', async () => {
    const other = await clinic.person('doc2', 'provider');
    await clinic.core.provisioning.setAvailability({
      organizationId: clinic.organizationId,
      providerId: other.id,
      timeZone: 'Europe/Berlin',
      windows: [{ weekday: 1, startsAt: '10:00', endsAt: '12:00' }],
    });
    expect(
      await patient.browser.post('/api/v1/appointments', { ...request(nextMonday), providerId: other.id }),
    ).toMatchObject({ status: 409, code: 'patient_busy' });
  });

  it('a hundred patients who want one slot: one gets it', async () => {
    const patients = await Promise.all(
      Array.from({ length: 100 }, (_, index) => clinic.person(`many-${index}`, 'patient')),
    );
    const startsAt = nextMonday + 60 * MINUTE_MS;
    const answers = await Promise.all(
      patients.map((one) => one.browser.post('/api/v1/appointments', request(startsAt))),
    );
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.code === 'slot_taken')).toHaveLength(99);
    const { count } = await clinic.database.db
      .selectFrom('appointments')
      .where('startsAt', '=', new Date(startsAt))
      .select((select) => select.fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBe('1');
  });

  it('cancels by version, tells those who wait, and frees the time', async () => {
    const { appointments } = (await patient.browser.get('/api/v1/appointments')).body as {
      appointments: { id: string; encounterId: string }[];
    };
    const path = `/api/v1/appointments/${appointments[0]?.id}/cancel`;
    const stranger = await clinic.person('stranger', 'patient');
    expect(await stranger.browser.post(path, { version: 1 })).toMatchObject({ status: 404, code: 'not_found' });
    expect(await patient.browser.post(path, { version: 7 })).toMatchObject({ status: 409, code: 'version_conflict' });
    expect((await patient.browser.post(path, { version: 1, reason: 'feeling better' })).body).toMatchObject({
      status: 'cancelled',
      encounterStatus: 'cancelled',
      version: 2,
    });
    expect(clinic.announced.at(-1)).toMatchObject({
      type: 'ended',
      reason: 'cancelled',
      encounterId: appointments[0]?.encounterId,
    });
    expect(await patient.browser.post(path, { version: 2 })).toMatchObject({ code: 'transition_refused' });
    expect(await slots(nextMonday, nextMonday + 30 * MINUTE_MS)).toEqual([iso(nextMonday)]);
    expect(JSON.stringify(await clinic.audit())).not.toContain('feeling better');
  });
});
