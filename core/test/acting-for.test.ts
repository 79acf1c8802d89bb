import type { Appointment, Hold, Relationships, WaitlistEntry } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, iso, NEXT_MONDAY, openProvider } from './support/booking.ts';
import { type Clinic, type Somebody, START, startClinic } from './support/clinic.ts';

describe('whoever acts for a patient', () => {
  let clinic: Clinic;
  let doctor: Somebody;
  let child: Somebody;
  let sibling: Somebody;
  let stranger: Somebody;
  let mother: Somebody;
  let reader: Somebody;
  let desk: Somebody;

  beforeAll(async () => {
    clinic = await startClinic();
    doctor = await openProvider(clinic, 'doc');
    desk = await clinic.person('desk', 'front-desk');
    const patients = ['child', 'sibling', 'stranger', 'mother', 'reader'].map((key) => clinic.person(key, 'patient'));
    [child, sibling, stranger, mother, reader] = (await Promise.all(patients)) as [
      Somebody,
      Somebody,
      Somebody,
      Somebody,
      Somebody,
    ];
    for (const [patient, proxy, scopes] of [
      [child, mother, ['read', 'schedule']],
      [sibling, mother, ['schedule']],
      [child, reader, ['read']],
    ] as const) {
      const request = { patientId: patient.id, proxyId: proxy.id, kind: 'guardian', scopes };
      expect((await desk.browser.post('/api/v1/proxies', request)).status).toBe(201);
    }
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  const request = (startsAt: number, more: object = {}) => ({
    providerId: doctor.id,
    visitTypeId: clinic.visitTypeId,
    startsAt: iso(startsAt),
    ...more,
  });

  it('RGT5 holds, books, moves and cancels for them, and each list stays one person’s', async () => {
    const at = NEXT_MONDAY;
    const held = await mother.browser.post('/api/v1/holds', request(at, { patientId: child.id }));
    expect(held).toMatchObject({ status: 201, body: { patientId: child.id } });
    const { id: holdId, token } = held.body as Hold;
    const key = { 'idempotency-key': 'for-the-child' };
    const booked = await mother.browser.post('/api/v1/appointments', { holdId, token }, key);
    expect(booked).toMatchObject({ status: 201, body: { patient: { id: child.id } } });
    // Asked again because the answer was lost, it is told the same.
    expect((await mother.browser.post('/api/v1/appointments', { holdId, token }, key)).body).toEqual(booked.body);
    const { id, version } = booked.body as Appointment;
    const own = await mother.browser.get('/api/v1/appointments');
    expect(own.body).toEqual({ appointments: [] });
    for (const who of [mother, reader])
      expect((await who.browser.get(`/api/v1/patients/${child.id}/appointments`)).body).toMatchObject({
        appointments: [{ id, patient: { id: child.id } }],
      });
    const moved = await mother.browser.post(`/api/v1/appointments/${id}/reschedule`, {
      version,
      startsAt: iso(at + 3 * HOUR_MS),
    });
    expect(moved).toMatchObject({ status: 201, body: { patient: { id: child.id }, startsAt: iso(at + 3 * HOUR_MS) } });
    const now = moved.body as Appointment;
    const refused = await reader.browser.post(`/api/v1/appointments/${now.id}/cancel`, { version: now.version });
    expect(refused.status).toBe(403);
    const cancelled = await mother.browser.post(`/api/v1/appointments/${now.id}/cancel`, { version: now.version });
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled', patient: { id: child.id } } });
  });

  it('RGT5 waits in line for them, where it may book', async () => {
    const path = `/api/v1/patients/${child.id}/waitlist`;
    const joined = await mother.browser.post('/api/v1/waitlist', {
      visitTypeId: clinic.visitTypeId,
      earliestAt: iso(START),
      latestAt: iso(START + 72 * HOUR_MS),
      patientId: child.id,
    });
    expect(joined).toMatchObject({ status: 201, body: { patient: { id: child.id } } });
    const { id } = joined.body as WaitlistEntry;
    for (const who of [child, mother, desk])
      expect((await who.browser.get(path)).body).toMatchObject({ entries: [{ id, status: 'waiting' }] });
    for (const who of [reader, stranger, doctor]) expect((await who.browser.get(path)).text).not.toContain(id);
    expect((await reader.browser.get(path)).code).toBe('not_found');
    expect((await mother.browser.get('/api/v1/waitlist')).body).toEqual({ entries: [] });
    expect((await mother.browser.get(`/api/v1/patients/${sibling.id}/waitlist`)).body).toEqual({ entries: [] });
    const trail = (await clinic.audit()).filter(({ action }) => action === 'waitlist.ofPatient');
    expect(trail.filter(({ patientId }) => patientId === child.id && patientId !== null)).toHaveLength(3);
    expect((await mother.browser.post(`/api/v1/waitlist/${id}/withdraw`, {})).status).toBe(200);
  });

  it('RGT5 books with the one right alone, and sees what it booked', async () => {
    const booked = await mother.browser.post('/api/v1/appointments', request(NEXT_MONDAY, { patientId: sibling.id }));
    expect(booked).toMatchObject({ status: 201, body: { patient: { id: sibling.id } } });
    expect((await mother.browser.get(`/api/v1/patients/${sibling.id}/appointments`)).body).toMatchObject({
      appointments: [{ patient: { id: sibling.id }, provider: { id: doctor.id } }],
    });
  });

  it('RGT5 is told to the desk by patient, with what is over and what is to come', async () => {
    const made = async (path: string, body: object): Promise<string> => {
      const answer = await desk.browser.post(`/api/v1/${path}`, body);
      expect(answer.status).toBe(201);
      return (answer.body as { id: string }).id;
    };
    const ended = await made('care-team', { patientId: stranger.id, memberId: doctor.id });
    expect((await desk.browser.write('DELETE', `/api/v1/care-team/${ended}`, {})).status).toBe(204);
    const later = { patientId: stranger.id, memberId: doctor.id, validFrom: iso(NEXT_MONDAY) };
    const toCome = await made('care-team', later);
    const list = async (query: string) =>
      (await desk.browser.get(`/api/v1/relationships${query}`)).body as Relationships;
    expect((await list(`?over=yes&patientId=${stranger.id}`)).careTeam).toMatchObject([
      { id: toCome, state: 'to-come', validTo: null },
      { id: ended, state: 'over', validTo: iso(START) },
    ]);
    expect((await list('')).careTeam.map(({ id }) => id)).toEqual([toCome]);
    const { proxies, careTeam } = await list(`?patientId=${child.id}`);
    expect(careTeam).toEqual([]);
    expect(proxies.map(({ state, proxyId }) => [state, proxyId]).sort()).toEqual(
      [
        ['in-force', mother.id],
        ['in-force', reader.id],
      ].sort(),
    );
    // Whoever asks for somebody else’s learns no more than without asking.
    expect((await mother.browser.get(`/api/v1/relationships?over=yes&patientId=${stranger.id}`)).body).toMatchObject({
      proxies: [],
      careTeam: [],
      people: [],
    });
  });
});
