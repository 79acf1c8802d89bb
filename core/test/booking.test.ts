import type { Appointment, Hold } from '@bedside/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { personOwner } from '../src/phi/owner.ts';
import { answersPlace, reasonPlace } from '../src/scheduling/sealed-answers.ts';
import { calendarFaults, DAY_MS, HOUR_MS, iso, NEXT_MONDAY, NO_FAULTS, openProvider } from './support/booking.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';
import { openSealed } from './support/phi.ts';

describe('booking', () => {
  let clinic: Clinic;
  let provider: Somebody;
  let patient: Somebody;
  let desk: Somebody;
  beforeAll(async () => {
    clinic = await startClinic();
    provider = await openProvider(clinic, 'doc');
    patient = await clinic.person('pat', 'patient');
    desk = await clinic.person('desk', 'front-desk');
  });
  afterAll(() => clinic[Symbol.asyncDispose]());
  afterEach(() => goTo(START));

  /** Everybody signs in again: no session lives as long as these jumps are. */
  const goTo = async (ms: number) => {
    clinic.clock.now = ms;
    [provider, patient, desk] = await Promise.all([
      clinic.signIn(provider.id),
      clinic.signIn(patient.id),
      clinic.signIn(desk.id),
    ]);
  };
  const request = (startsAt: number, more: object = {}) => ({
    providerId: provider.id,
    visitTypeId: clinic.visitTypeId,
    startsAt: iso(startsAt),
    ...more,
  });
  const book = (who: Somebody, startsAt: number, more: object = {}, key?: string) =>
    who.browser.post(
      '/api/v1/appointments',
      request(startsAt, more),
      key === undefined ? {} : { 'idempotency-key': key },
    );
  const hold = (who: Somebody, startsAt: number, more: object = {}) =>
    who.browser.post('/api/v1/holds', request(startsAt, more));
  const outbox = async () =>
    (await clinic.database.db.selectFrom('outboxEvents').select(['topic', 'resourceId']).orderBy('id').execute()).map(
      ({ topic, resourceId }) => `${topic} ${resourceId}`,
    );

  it('SCH5 books a free time once, and the same key answers with the same appointment', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => book(patient, NEXT_MONDAY, {}, 'booking-0001')));
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map((answer) => (answer.body as Appointment).id)).size).toBe(1);
    expect(answers[0]?.body).toMatchObject({
      status: 'booked',
      version: 1,
      patient: { id: patient.id, displayName: 'Name of pat' },
      provider: { id: provider.id, displayName: 'Name of doc', timeZone: 'Europe/Berlin' },
      additional: [],
      opensAt: iso(NEXT_MONDAY - 15 * MINUTE_MS),
      closesAt: iso(NEXT_MONDAY + 90 * MINUTE_MS),
      changeableUntil: iso(NEXT_MONDAY),
    });
    expect(await book(patient, NEXT_MONDAY + HOUR_MS, {}, 'booking-0001')).toMatchObject({
      status: 409,
      code: 'idempotency_conflict',
    });
    expect(await book(patient, NEXT_MONDAY)).toMatchObject({ status: 409, code: 'slot_taken' });
    const own = (await patient.browser.get('/api/v1/appointments')).body as { appointments: Appointment[] };
    expect(own.appointments).toEqual([answers[0]?.body]);
    const [{ id }] = answers.map((answer) => answer.body as Appointment) as [Appointment];
    expect((await patient.browser.get(`/api/v1/appointments/${id}`)).body).toEqual(answers[0]?.body);
    expect(await outbox()).toContain(`appointment.booked ${id}`);
    expect((await clinic.audit()).filter((row) => row.action === 'appointment.book')).toEqual([
      expect.objectContaining({ personId: patient.id, patientId: patient.id, role: 'patient', outcome: 'success' }),
    ]);
    await goTo(START + DAY_MS);
    expect(await book(patient, NEXT_MONDAY, {}, 'booking-0001')).toMatchObject({ code: 'slot_taken' });
  });

  it('SCH2 refuses times that search does not offer', async () => {
    const free = NEXT_MONDAY + 6 * DAY_MS;
    for (const startsAt of [free + 5 * MINUTE_MS, free + 6 * HOUR_MS, START - 7 * DAY_MS, free + 1])
      expect(await book(patient, startsAt)).toMatchObject({ status: 409, code: 'slot_unavailable' });
    expect(await book(patient, free, { providerId: desk.id })).toMatchObject({ code: 'not_found' });
    expect(await book(patient, free, { visitTypeId: provider.id })).toMatchObject({ code: 'not_found' });
    expect(await book(patient, START + 31 * DAY_MS)).toMatchObject({ code: 'slot_too_far' });
  });

  it('SCH3 refuses a patient two visits at once', async () => {
    const other = await openProvider(clinic, 'doc2');
    expect(await book(patient, NEXT_MONDAY, { providerId: other.id })).toMatchObject({
      status: 409,
      code: 'patient_busy',
    });
  });

  it('lets nobody book for somebody else but the front desk, and writes down who did', async () => {
    const stranger = await clinic.person('stranger', 'patient');
    expect(await book(stranger, NEXT_MONDAY + HOUR_MS, { patientId: patient.id })).toMatchObject({ status: 404 });
    expect(await book(provider, NEXT_MONDAY + HOUR_MS)).toMatchObject({ status: 403 });
    const answer = await book(desk, NEXT_MONDAY + HOUR_MS, { patientId: patient.id });
    expect(answer).toMatchObject({ status: 201, body: { patient: { id: patient.id } } });
    const trail = await clinic.audit();
    expect(trail).toContainEqual(
      expect.objectContaining({ action: 'appointment.book', outcome: 'denied', personId: stranger.id }),
    );
    expect(trail.at(-1)).toMatchObject({ action: 'appointment.book', personId: desk.id, patientId: patient.id });
    expect(await book(desk, NEXT_MONDAY + 2 * HOUR_MS, { patientId: desk.id })).toMatchObject({
      code: 'not_found',
    });
  });

  it('SCH4 holds a time, prolongs it once, and books what is held', async () => {
    const at = NEXT_MONDAY + 2 * HOUR_MS;
    const held = (await hold(patient, at)).body as Hold;
    expect(held).toMatchObject({
      startsAt: iso(at),
      expiresAt: iso(START + 10 * MINUTE_MS),
      extendable: true,
      provider: { id: provider.id },
    });
    const { token } = held;
    const other = await clinic.person('pat2', 'patient');
    expect(await book(other, at)).toMatchObject({ code: 'slot_taken' });
    expect(await hold(other, at)).toMatchObject({ code: 'slot_taken' });
    for (const path of ['extend', 'release'])
      expect(await other.browser.post(`/api/v1/holds/${held.id}/${path}`, { token })).toMatchObject({
        status: 404,
        code: 'hold_unknown',
      });
    expect(await other.browser.post('/api/v1/appointments', { holdId: held.id, token })).toMatchObject({
      code: 'hold_unknown',
    });
    const wrong = { token: '00000000-0000-4000-8000-000000000000' };
    expect(await patient.browser.post(`/api/v1/holds/${held.id}/release`, wrong)).toMatchObject({
      code: 'hold_unknown',
    });
    expect(await patient.browser.post('/api/v1/appointments', { holdId: held.id, ...wrong })).toMatchObject({
      code: 'hold_unknown',
    });
    await goTo(START + 9 * MINUTE_MS);
    expect((await patient.browser.post(`/api/v1/holds/${held.id}/extend`, { token })).body).toMatchObject({
      expiresAt: iso(START + 20 * MINUTE_MS),
      extendable: false,
    });
    expect(await patient.browser.post(`/api/v1/holds/${held.id}/extend`, { token })).toMatchObject({
      code: 'hold_extended',
    });
    expect((await patient.browser.get('/api/v1/holds')).body).toMatchObject({ holds: [{ id: held.id, token }] });
    await goTo(START + 20 * MINUTE_MS - 1);
    const key = { 'idempotency-key': 'from-hold-1' };
    const booked = await patient.browser.post('/api/v1/appointments', { holdId: held.id, token }, key);
    expect(booked).toMatchObject({ status: 201, body: { startsAt: iso(at), status: 'booked' } });
    expect((await patient.browser.post('/api/v1/appointments', { holdId: held.id, token }, key)).body).toEqual(
      booked.body,
    );
    expect((await patient.browser.get('/api/v1/holds')).body).toEqual({ holds: [] });
  });

  it('SCH4 lets a hold go at minute 10 with no job running; its late holder is told so', async () => {
    const at = NEXT_MONDAY + 3 * HOUR_MS;
    const held = (await hold(patient, at)).body as Hold;
    const other = await clinic.person('pat3', 'patient');
    await goTo(START + 10 * MINUTE_MS - 1);
    expect(await book(other, at)).toMatchObject({ code: 'slot_taken' });
    await goTo(START + 10 * MINUTE_MS + 1000);
    const late = { holdId: held.id, token: held.token };
    expect(await patient.browser.post('/api/v1/appointments', late)).toMatchObject({ status: 410, code: 'hold_over' });
    expect(await patient.browser.post(`/api/v1/holds/${held.id}/extend`, { token: held.token })).toMatchObject({
      code: 'hold_over',
    });
    expect((await book(other, at)).status).toBe(201);
    expect(await patient.browser.post('/api/v1/appointments', late)).toMatchObject({ code: 'hold_over' });
    expect(await calendarFaults(clinic.database.db, clinic.organizationId)).toEqual(NO_FAULTS);
  });

  it('SCH4 frees a released time at once, and bounds what one can hold', async () => {
    const holder = await clinic.person('holder', 'patient');
    const at = NEXT_MONDAY + DAY_MS;
    const holds: Hold[] = [];
    for (const hours of [0, 1, 2]) holds.push((await hold(holder, at + hours * HOUR_MS)).body as Hold);
    expect(await hold(holder, at + 3 * HOUR_MS)).toMatchObject({ status: 409, code: 'too_many_holds' });
    for (const { id, token } of holds)
      expect((await holder.browser.post(`/api/v1/holds/${id}/release`, { token })).status).toBe(200);
    const other = await clinic.person('pat4', 'patient');
    expect((await book(other, at)).status).toBe(201);
    const key = { 'idempotency-key': 'hold-twice' };
    const twice = await Promise.all(
      [1, 2, 3].map(() => holder.browser.post('/api/v1/holds', request(at + 4 * HOUR_MS), key)),
    );
    expect(new Set(twice.map((answer) => (answer.body as Hold).id)).size).toBe(1);
    const [{ id, token }] = twice.map((answer) => answer.body as Hold) as [Hold];
    expect((await holder.browser.post(`/api/v1/holds/${id}/release`, { token })).status).toBe(200);
  });

  it('cancels by version and before it is too late, frees the time, and tells those who wait', async () => {
    const visitTypeId = await clinic.core.provisioning.upsertVisitType({
      key: 'strict',
      organizationId: clinic.organizationId,
      name: 'Strict',
      durationMinutes: 30,
      earlyEntryMinutes: 15,
      lateEntryMinutes: 60,
      settings: { cancelNoticeMinutes: 24 * 60, minimumNoticeMinutes: 60 },
    });
    const at = NEXT_MONDAY + 2 * DAY_MS;
    const visit = (await book(patient, at, { visitTypeId })).body as Appointment;
    expect(visit.changeableUntil).toBe(iso(at - DAY_MS));
    const path = `/api/v1/appointments/${visit.id}/cancel`;
    const stranger = await clinic.person('stranger', 'patient');
    expect(await stranger.browser.post(path, { version: 1 })).toMatchObject({ status: 404, code: 'not_found' });
    expect(await patient.browser.post(path, { version: 7 })).toMatchObject({ status: 409, code: 'version_conflict' });
    await goTo(at - DAY_MS + 1);
    expect(await patient.browser.post(path, { version: 1 })).toMatchObject({ code: 'change_too_late' });
    expect((await desk.browser.post(path, { version: 1, reason: 'feeling better' })).body).toMatchObject({
      status: 'cancelled',
      encounterStatus: 'cancelled',
      version: 2,
    });
    const row = await clinic.database.db
      .selectFrom('appointments')
      .where('id', '=', visit.id)
      .select(['cancelledLate', 'cancelledBy', 'cancelReason', 'sealedCancelReason'])
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ cancelledLate: true, cancelledBy: desk.id, cancelReason: null });
    expect(
      await openSealed(clinic, {
        owner: personOwner(clinic.organizationId, patient.id),
        place: reasonPlace(visit.id),
        sealed: row.sealedCancelReason,
      }),
    ).toBe('feeling better');
    expect(clinic.announced.at(-1)).toMatchObject({
      type: 'ended',
      reason: 'cancelled',
      encounterId: visit.encounterId,
    });
    expect(await patient.browser.post(path, { version: 2 })).toMatchObject({ code: 'transition_refused' });
    expect(await outbox()).toContain(`appointment.cancelled ${visit.id}`);
    expect(JSON.stringify(await clinic.audit())).not.toContain('feeling better');
    expect((await book(patient, at, { visitTypeId })).status).toBe(201);
    await goTo(at + HOUR_MS - 60 * MINUTE_MS + 1);
    expect(await book(patient, at + HOUR_MS, { visitTypeId })).toMatchObject({ code: 'slot_too_soon' });
    expect((await book(desk, at + HOUR_MS, { visitTypeId, patientId: patient.id })).status).toBe(201);
  });

  it('SCH6 moves a visit whole or not at all', async () => {
    const at = NEXT_MONDAY + 3 * DAY_MS;
    const visit = (await book(patient, at)).body as Appointment;
    const other = await clinic.person('pat5', 'patient');
    expect((await book(other, at + HOUR_MS)).status).toBe(201);
    const path = `/api/v1/appointments/${visit.id}/reschedule`;
    expect(await patient.browser.post(path, { version: 1, startsAt: iso(at + HOUR_MS) })).toMatchObject({
      code: 'slot_taken',
    });
    expect((await patient.browser.get(`/api/v1/appointments/${visit.id}`)).body).toEqual(visit);
    const key = { 'idempotency-key': 'move-0001' };
    const move = { version: 1, startsAt: iso(at + 30 * MINUTE_MS), reason: 'work' };
    const moved = await patient.browser.post(path, move, key);
    expect(moved).toMatchObject({
      status: 201,
      body: { startsAt: iso(at + 30 * MINUTE_MS), status: 'booked', version: 1 },
    });
    expect((await patient.browser.post(path, move, key)).body).toEqual(moved.body);
    expect((await patient.browser.get(`/api/v1/appointments/${visit.id}`)).body).toMatchObject({
      status: 'rescheduled',
      encounterStatus: 'cancelled',
      version: 2,
      rescheduledTo: (moved.body as Appointment).id,
    });
    expect(await patient.browser.post(path, { version: 2, startsAt: iso(at) })).toMatchObject({
      code: 'transition_refused',
    });
    expect(await outbox()).toContain(`appointment.rescheduled ${visit.id}`);
    expect((await book(other, at)).status).toBe(201);
    expect(await calendarFaults(clinic.database.db, clinic.organizationId)).toEqual(NO_FAULTS);
  });

  it('notes who did not come, by staff and once it should have begun', async () => {
    const at = NEXT_MONDAY + 4 * DAY_MS;
    const visit = (await book(patient, at)).body as Appointment;
    const path = `/api/v1/appointments/${visit.id}/no-show`;
    expect(await patient.browser.post(path, { version: 1 })).toMatchObject({ status: 403 });
    expect(await provider.browser.post(path, { version: 1 })).toMatchObject({ code: 'transition_refused' });
    await goTo(at + MINUTE_MS);
    const colleague = await clinic.person('doc2', 'provider');
    expect(await colleague.browser.post(path, { version: 1 })).toMatchObject({ status: 404 });
    expect((await provider.browser.post(path, { version: 1 })).body).toMatchObject({ status: 'no-show', version: 2 });
  });

  it('asks what the visit type asks, and never tells what was answered', async () => {
    const visitTypeId = await clinic.core.provisioning.upsertVisitType({
      key: 'asks',
      organizationId: clinic.organizationId,
      name: 'Asks',
      durationMinutes: 30,
      earlyEntryMinutes: 15,
      lateEntryMinutes: 60,
      settings: { intakeQuestions: [{ id: 'reason', label: 'Why?', required: true, kind: 'text' }] },
    });
    const at = NEXT_MONDAY + 5 * DAY_MS;
    expect(await book(patient, at, { visitTypeId })).toMatchObject({
      status: 400,
      code: 'bad_request',
      body: { detail: 'answers.reason: is required.' },
    });
    const held = (await hold(patient, at, { visitTypeId })).body as Hold;
    const from = { holdId: held.id, token: held.token };
    const unknown = await patient.browser.post('/api/v1/appointments', {
      ...from,
      answers: { hobby: 'SECRET-ANSWER' },
    });
    expect(unknown).toMatchObject({ code: 'bad_request' });
    expect(unknown.text).not.toContain('SECRET-ANSWER');
    const booked = await patient.browser.post('/api/v1/appointments', {
      ...from,
      answers: { reason: 'SECRET-ANSWER' },
    });
    expect(booked.status).toBe(201);
    expect(JSON.stringify(await clinic.audit())).not.toContain('SECRET-ANSWER');
    const { id } = booked.body as Appointment;
    const row = await clinic.database.db
      .selectFrom('appointments')
      .where('id', '=', id)
      .select('intakeAnswers')
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain('SECRET-ANSWER');
    expect(
      await openSealed(clinic, {
        owner: personOwner(clinic.organizationId, patient.id),
        place: answersPlace({ appointmentId: id }),
        sealed: Buffer.from(String(row.intakeAnswers), 'base64'),
      }),
    ).toBe('{"reason":"SECRET-ANSWER"}');
  });
});
