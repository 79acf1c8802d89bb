import { randomUUID } from 'node:crypto';
import type { Appointment, AppointmentSeries, EncounterView, Hold, SlotPage, VisitTypeId } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calendarFaults, DAY_MS, HOUR_MS, iso, NEXT_MONDAY, NO_FAULTS, openProvider } from './support/booking.ts';
import { type Clinic, MINUTE_MS, type Somebody, startClinic } from './support/clinic.ts';

describe('visits of several people', () => {
  let clinic: Clinic;
  let provider: Somebody;
  let second: Somebody;
  let desk: Somebody;
  let patients: Somebody[];
  let groupTypeId: VisitTypeId;
  beforeAll(async () => {
    clinic = await startClinic();
    provider = await openProvider(clinic, 'doc');
    second = await openProvider(clinic, 'doc2', { startsAt: '09:00', endsAt: '13:00' });
    desk = await clinic.person('desk', 'front-desk');
    patients = await Promise.all([0, 1, 2, 3].map((index) => clinic.person(`pat-${index}`, 'patient')));
    groupTypeId = await clinic.core.provisioning.upsertVisitType({
      key: 'group',
      organizationId: clinic.organizationId,
      name: 'Group',
      durationMinutes: 60,
      earlyEntryMinutes: 15,
      lateEntryMinutes: 60,
      settings: { seats: 2, bufferBeforeMinutes: 0, bufferAfterMinutes: 30, stepMinutes: 30 },
    });
  });
  afterAll(() => clinic[Symbol.asyncDispose]());
  const patientAt = (index: number): Somebody => {
    const one = patients[index];
    if (one === undefined) throw new Error('no such patient');
    return one;
  };
  const faults = () => calendarFaults(clinic.database.db, clinic.organizationId);

  it('SCH8 never seats more than there are seats, and keeps names from other patients', async () => {
    const at = NEXT_MONDAY;
    const session = { providerId: provider.id, visitTypeId: groupTypeId, startsAt: iso(at) };
    expect(await patientAt(0).browser.post('/api/v1/group-sessions', session)).toMatchObject({ status: 403 });
    expect(await second.browser.post('/api/v1/group-sessions', session)).toMatchObject({ status: 404 });
    const free = async (): Promise<string[]> => {
      const day = { from: iso(at), to: iso(at + 24 * 3_600_000) };
      const query = new URLSearchParams({
        providerId: provider.id,
        visitTypeId: groupTypeId,
        newSession: 'yes',
        ...day,
      });
      const { days } = (await provider.browser.get(`/api/v1/slots?${query}`)).body as SlotPage;
      return days.flatMap(({ slots }) => slots.map(({ startsAt }) => startsAt));
    };
    expect(await free()).toContain(iso(at));
    const key = { 'idempotency-key': 'session-1' };
    const created = await provider.browser.post('/api/v1/group-sessions', session, key);
    expect(created).toMatchObject({ status: 201, body: { group: { seats: 2, taken: 0, patients: [] } } });
    expect((await provider.browser.post('/api/v1/group-sessions', session, key)).body).toEqual(created.body);
    expect(await free()).not.toContain(iso(at));
    const { id, encounterId } = created.body as Appointment;
    const seat = { ...session, groupAppointmentId: id };
    expect(await patientAt(0).browser.post('/api/v1/appointments', session)).toMatchObject({ code: 'bad_request' });
    const held = (await patientAt(0).browser.post('/api/v1/holds', seat)).body as Hold;
    const answers = await Promise.all(
      [1, 2, 3].map((index) => patientAt(index).browser.post('/api/v1/appointments', seat)),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
    expect(answers.filter((answer) => answer.status === 409).map((answer) => answer.code)).toEqual([
      'session_full',
      'session_full',
    ]);
    const booked = await patientAt(0).browser.post('/api/v1/appointments', { holdId: held.id, token: held.token });
    expect(booked).toMatchObject({
      status: 201,
      body: { id, encounterId, patient: { id: patientAt(0).id }, group: { seats: 2, taken: 2 } },
    });
    expect(booked.text).not.toMatch(/pat-[123]/);
    const list = await patientAt(0).browser.get('/api/v1/appointments');
    expect(list.text).toContain(id);
    expect(list.text).not.toMatch(/pat-[123]/);
    expect((await provider.browser.get(`/api/v1/appointments/${id}`)).body).toMatchObject({
      group: { taken: 2, patients: expect.arrayContaining([{ id: patientAt(0).id, displayName: 'Name of pat-0' }]) },
    });
    // Their own time is taken like that of any visit.
    expect(
      await patientAt(0).browser.post('/api/v1/appointments', {
        providerId: second.id,
        visitTypeId: clinic.visitTypeId,
        startsAt: iso(at + 30 * MINUTE_MS),
      }),
    ).toMatchObject({ code: 'patient_busy' });
    // Whoever gives their seat back leaves the session as it is, and somebody else may come.
    const cancel = await patientAt(0).browser.post(`/api/v1/appointments/${id}/cancel`, { version: 1 });
    expect(cancel).toMatchObject({ status: 200, body: { status: 'booked', group: { taken: 1 } } });
    expect((await patientAt(0).browser.get(`/api/v1/appointments/${id}`)).status).toBe(404);
    const next = answers.findIndex((answer) => answer.status === 409) + 1;
    expect((await patientAt(next).browser.post('/api/v1/appointments', seat)).status).toBe(201);
    expect(await faults()).toEqual(NO_FAULTS);
    expect((await provider.browser.post(`/api/v1/appointments/${id}/cancel`, { version: 1 })).body).toMatchObject({
      status: 'cancelled',
    });
    expect(await patientAt(0).browser.post('/api/v1/appointments', seat)).toMatchObject({ status: 404 });
    expect(await faults()).toEqual(NO_FAULTS);
  });

  it('lets patients of a session in one by one, and writes down whom each act concerned', async () => {
    const at = clinic.clock.now;
    const session = { providerId: provider.id, visitTypeId: groupTypeId, startsAt: iso(at) };
    const created = await provider.browser.post('/api/v1/group-sessions', session);
    const { id, encounterId } = created.body as Appointment;
    for (const index of [0, 1]) {
      const seat = { ...session, groupAppointmentId: id };
      expect((await patientAt(index).browser.post('/api/v1/appointments', seat)).status).toBe(201);
    }
    const visit = { appointmentId: id, encounterId };
    const host = await clinic.enter(provider, visit);
    const guests = [await clinic.enter(patientAt(0), visit), await clinic.enter(patientAt(1), visit)];
    for (const guest of guests) await clinic.ask('setPresence', { ...guest, presence: 'ready', connected: true });
    await clinic.ask('setPresence', { ...host, presence: 'admitted', connected: true });
    await clinic.ask('admit', { ...host, patientId: patientAt(0).id });
    const status = async () => (await provider.browser.get(`/api/v1/appointments/${id}`)).body as Appointment;
    expect(await status()).toMatchObject({ status: 'in-visit', encounterStatus: 'in-progress' });
    await clinic.ask('admit', { ...host, patientId: patientAt(1).id });
    await clinic.ask('sendBack', { ...host, patientId: patientAt(0).id });
    expect(await status()).toMatchObject({ status: 'in-visit' });
    const admitted = (await clinic.audit()).filter((row) => row.action === 'encounter.admit');
    expect(admitted.map((row) => row.patientId)).toEqual([patientAt(0).id, patientAt(1).id]);
    const view = await provider.browser.get(`/api/v1/encounters/${encounterId}`);
    expect((view.body as EncounterView).people).toHaveLength(3);
    const day = await provider.browser.get('/api/v1/day');
    expect(day.body).toMatchObject({ entries: [{ patientPresence: 'ready', appointment: { group: { taken: 2 } } }] });
    await clinic.ask('end', host);
    expect(await status()).toMatchObject({ status: 'fulfilled', encounterStatus: 'finished' });
    const ended = (await clinic.audit()).filter(
      (row) => row.action === 'encounter.end' && row.encounterId === encounterId,
    );
    expect(ended.map((row) => row.patientId).sort()).toEqual([patientAt(0).id, patientAt(1).id].sort());
    expect(await faults()).toEqual(NO_FAULTS);
  });

  it('SCH7 books all people of a visit or nobody', async () => {
    const at = NEXT_MONDAY + DAY_MS;
    const request = {
      providerId: provider.id,
      visitTypeId: clinic.visitTypeId,
      startsAt: iso(at),
      additional: [{ personId: second.id, role: 'interpreter' }],
    };
    const booked = await patientAt(0).browser.post('/api/v1/appointments', request);
    expect(booked).toMatchObject({
      status: 201,
      body: { additional: [{ id: second.id, displayName: 'Name of doc2', role: 'interpreter' }] },
    });
    const elsewhere = { ...request, providerId: second.id, additional: [] };
    expect(await patientAt(1).browser.post('/api/v1/appointments', elsewhere)).toMatchObject({ code: 'slot_taken' });
    const third = await openProvider(clinic, 'doc3');
    const withBusy = { ...request, providerId: third.id };
    expect(await patientAt(1).browser.post('/api/v1/appointments', withBusy)).toMatchObject({ code: 'slot_taken' });
    // The second works until 13:00 only.
    const afternoon = { ...request, startsAt: iso(at + 4 * HOUR_MS) };
    expect(await patientAt(1).browser.post('/api/v1/appointments', afternoon)).toMatchObject({
      code: 'slot_unavailable',
    });
    for (const personId of [provider.id, patientAt(1).id]) {
      const twice = { ...request, additional: [{ personId, role: 'provider' }] };
      expect(await patientAt(1).browser.post('/api/v1/appointments', twice)).toMatchObject({ code: 'bad_request' });
    }
    const stranger = { ...request, additional: [{ personId: randomUUID(), role: 'provider' }] };
    expect(await patientAt(1).browser.post('/api/v1/appointments', stranger)).toMatchObject({ code: 'not_found' });
    expect(await faults()).toEqual(NO_FAULTS);
  });

  it('SCH7 SCH12 books every occurrence of a series by the wall clock, or none', async () => {
    // Monday to Monday over Berlin's change to summer time on 29 March.
    const at = NEXT_MONDAY + 7 * DAY_MS;
    const series = {
      providerId: provider.id,
      visitTypeId: clinic.visitTypeId,
      startsAt: iso(at),
      patientId: patientAt(2).id,
      rrule: 'FREQ=WEEKLY;COUNT=8',
      timeZone: 'Europe/Berlin',
    };
    expect(await patientAt(2).browser.post('/api/v1/appointment-series', series)).toMatchObject({ status: 403 });
    const key = { 'idempotency-key': 'series-01' };
    const booked = await desk.browser.post('/api/v1/appointment-series', series, key);
    expect(booked.status).toBe(201);
    const { id, appointments } = booked.body as AppointmentSeries;
    expect(appointments.map((one) => one.startsAt)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((week) => iso(at + week * 7 * DAY_MS - (week < 2 ? 0 : HOUR_MS))),
    );
    expect(appointments.every((one) => one.seriesId === id && one.patient?.id === patientAt(2).id)).toBe(true);
    expect((await desk.browser.post('/api/v1/appointment-series', series, key)).body).toEqual(booked.body);

    const before = await clinic.database.db.selectFrom('appointments').select('id').execute();
    const clash = {
      ...series,
      patientId: patientAt(3).id,
      startsAt: iso(at + 2 * DAY_MS),
      rrule: 'FREQ=DAILY;COUNT=7',
    };
    const refused = await desk.browser.post('/api/v1/appointment-series', clash);
    expect(refused).toMatchObject({
      status: 409,
      code: 'slot_taken',
      body: { errors: [{ field: 'occurrences.5', message: '2026-03-23: slot_taken' }] },
    });
    expect(await clinic.database.db.selectFrom('appointments').select('id').execute()).toEqual(before);
    // 02:30 does not exist on 29 March.
    const night = { ...clash, startsAt: '2026-03-28T01:30:00.000Z', rrule: 'FREQ=DAILY;COUNT=2' };
    expect((await desk.browser.post('/api/v1/appointment-series', night)).body).toMatchObject({
      code: 'slot_taken',
      errors: [
        { field: 'occurrences.0', message: '2026-03-28: slot_unavailable' },
        { field: 'occurrences.1', message: '2026-03-29: slot_unavailable' },
      ],
    });
    for (const [change, field] of [
      [{ rrule: 'FREQ=DAILY' }, 'rrule:'],
      [{ rrule: 'FREQ=DAILY;COUNT=60' }, 'rrule:'],
      [{ rrule: 'FREQ=SECONDLY;COUNT=2' }, 'rrule:'],
      [{ rrule: 'FREQ=YEARLY;COUNT=20' }, 'rrule:'],
      [{ rrule: 'FREQ=WEEKLY;BYDAY=FR;COUNT=2' }, 'startsAt:'],
      [{ timeZone: 'Europe/Nowhere' }, 'timeZone:'],
    ] as const) {
      const answer = await desk.browser.post('/api/v1/appointment-series', { ...clash, ...change });
      expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
      expect((answer.body as { detail: string }).detail).toContain(field);
    }
    expect(await faults()).toEqual(NO_FAULTS);
  });
});
