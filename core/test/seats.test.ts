import { randomUUID } from 'node:crypto';
import type { Appointment, EncounterView, Hold, PersonId, SlotPage, VisitTypeId } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calendarFaults, DAY_MS, HOUR_MS, iso, NEXT_MONDAY, NO_FAULTS, openProvider } from './support/booking.ts';
import { type Clinic, type Holder, type Somebody, START, startClinic } from './support/clinic.ts';
import { holdPerson, holdVisit, untilWaiting } from './support/locks.ts';

const PEOPLE = ['child', 'sibling', 'cousin', 'stranger', 'mother', 'reader'] as const;

describe('a seat in a session', () => {
  let clinic: Clinic;
  let doctor: Somebody;
  let desk: Somebody;
  /** The mother acts for the child in all, and books for the sibling; of the cousin she may read alone, as a reader of the child. */
  let people: Record<(typeof PEOPLE)[number], Somebody>;
  let group: VisitTypeId;
  /** Changed a day ahead at the latest. */
  let noticed: VisitTypeId;
  let days = 0;

  beforeAll(async () => {
    clinic = await startClinic();
    doctor = await openProvider(clinic, 'doc');
    desk = await clinic.person('desk', 'front-desk');
    people = Object.fromEntries(
      await Promise.all(PEOPLE.map(async (key) => [key, await clinic.person(key, 'patient')] as const)),
    ) as typeof people;
    const { child, sibling, cousin, mother, reader } = people;
    for (const [patient, proxy, scopes] of [
      [child, mother, ['read', 'schedule']],
      [sibling, mother, ['schedule']],
      [cousin, mother, ['read']],
      [child, reader, ['read']],
    ] as const) {
      const request = { patientId: patient.id, proxyId: proxy.id, kind: 'guardian', scopes };
      expect((await desk.browser.post('/api/v1/proxies', request)).status).toBe(201);
    }
    const upsert = (key: string, settings: object) =>
      clinic.core.provisioning.upsertVisitType({
        key,
        organizationId: clinic.organizationId,
        name: 'Group',
        durationMinutes: 60,
        earlyEntryMinutes: 15,
        lateEntryMinutes: 60,
        settings: { bufferBeforeMinutes: 0, bufferAfterMinutes: 0, stepMinutes: 30, ...settings },
      });
    group = await upsert('group', { seats: 4 });
    noticed = await upsert('noticed', { seats: 4, cancelNoticeMinutes: 24 * 60 });
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  const faults = () => calendarFaults(clinic.database.db, clinic.organizationId);
  /** A session on a day of its own, or when it is said. */
  const makeSession = async (how: { visitTypeId?: VisitTypeId; startsAt?: number } = {}) => {
    const { visitTypeId = group, startsAt = NEXT_MONDAY + DAY_MS * days++ } = how;
    const wanted = { providerId: doctor.id, visitTypeId, startsAt: iso(startsAt) };
    const made = await desk.browser.post('/api/v1/group-sessions', wanted);
    expect(made.status).toBe(201);
    const { id, encounterId } = made.body as Appointment;
    return { id, encounterId, seat: { ...wanted, groupAppointmentId: id } };
  };
  type Session = Awaited<ReturnType<typeof makeSession>>;
  const sit = (who: Somebody, { seat }: Session, patientId?: PersonId) =>
    who.browser.post('/api/v1/appointments', { ...seat, ...(patientId && { patientId }) });
  /** Sits there from the start, without anybody who is looked at. */
  const seated = async (session: Session, ...patients: readonly Somebody[]): Promise<void> => {
    for (const one of patients) expect((await sit(one, session)).status).toBe(201);
  };
  const giveBack = (who: Somebody, { id }: Session, patientId?: string, version = 1) =>
    who.browser.post(`/api/v1/appointments/${id}/cancel`, { version, ...(patientId && { patientId }) });
  const sitting = async ({ id }: Session) => {
    const { body } = await desk.browser.get(`/api/v1/appointments/${id}`);
    const { status, group: seats } = body as Appointment;
    return { status, ids: seats?.patients?.map((one) => one.id).sort() };
  };
  const withIds = (...patients: readonly Somebody[]) => ({
    status: 'booked',
    ids: patients.map(({ id }) => id).sort(),
  });
  const listOf = (who: Somebody, patient: Somebody) => who.browser.get(`/api/v1/patients/${patient.id}/appointments`);

  it('SCH8 is found, held, booked and given back for a patient by whoever books for them, who learns of nobody else', async () => {
    const { child, stranger, mother } = people;
    const session = await makeSession();
    await seated(session, stranger);
    const query = new URLSearchParams({
      visitTypeId: group,
      from: session.seat.startsAt,
      to: iso(Date.parse(session.seat.startsAt) + HOUR_MS),
    });
    const found = await mother.browser.get(`/api/v1/slots?${query}`);
    expect((found.body as SlotPage).days[0]?.slots).toMatchObject([
      { group: { appointmentId: session.id, seatsLeft: 3 } },
    ]);
    const held = await mother.browser.post('/api/v1/holds', { ...session.seat, patientId: child.id });
    expect(held).toMatchObject({ status: 201, body: { patientId: child.id } });
    const { id: holdId, token } = held.body as Hold;
    const booked = await mother.browser.post('/api/v1/appointments', { holdId, token });
    expect(booked).toMatchObject({
      status: 201,
      body: { id: session.id, patient: { id: child.id }, group: { seats: 4, taken: 2 } },
    });
    expect((await mother.browser.get('/api/v1/appointments')).text).not.toContain(session.id);
    const seen = await listOf(mother, child);
    expect(seen.body).toMatchObject({ appointments: [{ id: session.id, patient: { id: child.id } }] });
    const read = await mother.browser.get(`/api/v1/appointments/${session.id}`);
    expect(read.body).toMatchObject({ patient: { id: child.id }, group: { seats: 4, taken: 2 } });
    const entered = await mother.browser.get(`/api/v1/encounters/${session.encounterId}`);
    expect((entered.body as EncounterView).people.map(({ id }) => id).sort()).toEqual([child.id, doctor.id].sort());
    for (const { text } of [found, held, booked, seen, read, entered]) {
      expect(text).not.toContain('Name of stranger');
      expect(text).not.toContain(stranger.id);
    }
    const given = await giveBack(mother, session);
    expect(given).toMatchObject({ status: 200, body: { status: 'booked', group: { taken: 1 } } });
    expect(given.text).not.toContain('Name of stranger');
    expect(await sitting(session)).toEqual(withIds(stranger));
    expect((await listOf(mother, child)).text).not.toContain(session.id);
    expect((await child.browser.get('/api/v1/appointments')).text).not.toContain(session.id);
    // Everything that the mother did or saw was the child's.
    const trail = (await clinic.audit()).filter(({ personId }) => personId === mother.id);
    expect(trail.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'hold.make',
        'appointment.book',
        'appointment.read',
        'encounter.read',
        'appointment.cancel',
      ]),
    );
    expect(new Set(trail.flatMap(({ patientId }) => patientId ?? []))).toEqual(new Set([child.id, mother.id]));
    // Given back, it may be taken again.
    expect((await sit(mother, session, child.id)).status).toBe(201);
    expect((await giveBack(mother, session, child.id)).status).toBe(200);
    expect(await faults()).toEqual(NO_FAULTS);
  });

  it('SCH8 is taken and given back with the one right to book alone, as often as one likes', async () => {
    const { sibling, stranger, mother } = people;
    const session = await makeSession();
    await seated(session, stranger);
    for (const round of [1, 2]) {
      expect([round, (await sit(mother, session, sibling.id)).status]).toEqual([round, 201]);
      expect((await listOf(mother, sibling)).body).toMatchObject({
        appointments: [{ id: session.id, patient: { id: sibling.id }, group: { taken: 2 } }],
      });
      // What is said in there is not hers to see.
      expect((await mother.browser.get(`/api/v1/encounters/${session.encounterId}`)).status).toBe(403);
      expect((await giveBack(mother, session)).status).toBe(200);
    }
    expect(await sitting(session)).toEqual(withIds(stranger));
    expect(await faults()).toEqual(NO_FAULTS);
  });

  it('SCH8 takes with it what lets its patient in, and their time, whoever gives it back', async () => {
    const { child, sibling, stranger, mother } = people;
    const session = await makeSession({ startsAt: START });
    await seated(session, child, sibling, stranger);
    const holders = [];
    for (const one of [child, sibling, stranger])
      holders.push(await clinic.enter(one, { appointmentId: session.id, encounterId: session.encounterId }));
    expect((await giveBack(mother, session, child.id)).status).toBe(200);
    expect((await giveBack(mother, session, sibling.id)).status).toBe(200);
    expect((await giveBack(desk, session, stranger.id)).status).toBe(200);
    for (const { grantId } of holders)
      expect(clinic.announced).toContainEqual(expect.objectContaining({ type: 'grantRevoked', grantId }));
    const claims = clinic.database.db.selectFrom('calendarClaims').where('appointmentId', '=', session.id);
    expect(await claims.select('personId').execute()).toEqual([{ personId: doctor.id }]);
    expect((await desk.browser.post(`/api/v1/appointments/${session.id}/cancel`, { version: 1 })).status).toBe(200);
  });

  it('SCH8 is one’s own where one sits there oneself, and each other’s where one says whose', async () => {
    const { child, sibling, mother, stranger } = people;
    const session = await makeSession();
    await seated(session, child, sibling, mother, stranger);
    for (const one of [child, sibling])
      expect((await listOf(mother, one)).body).toMatchObject({
        appointments: [{ id: session.id, patient: { id: one.id } }],
      });
    expect((await mother.browser.get('/api/v1/appointments')).body).toMatchObject({
      appointments: [{ id: session.id, patient: { id: mother.id } }],
    });
    expect((await giveBack(mother, session, sibling.id)).status).toBe(200);
    expect(await sitting(session)).toEqual(withIds(child, mother, stranger));
    expect((await giveBack(mother, session)).status).toBe(200);
    expect(await sitting(session)).toEqual(withIds(child, stranger));
    expect((await sit(mother, session, sibling.id)).status).toBe(201);
    const unclear = await giveBack(mother, session);
    expect(unclear).toMatchObject({ status: 400, code: 'bad_request' });
    expect(unclear.text).toContain('patientId: must name');
    // Nobody's, as she acts for two of them.
    const read = await mother.browser.get(`/api/v1/appointments/${session.id}`);
    expect((read.body as Appointment).patient).toBeUndefined();
    expect(await sitting(session)).toEqual(withIds(child, sibling, stranger));
    expect((await giveBack(mother, session, child.id)).status).toBe(200);
    expect((await giveBack(mother, session)).status).toBe(200);
    expect(await sitting(session)).toEqual(withIds(stranger));
  });

  it('SCH8 is nobody’s to give back who may not book for its patient, and nobody learns who sits there', async () => {
    const { child, cousin, sibling, stranger, mother, reader } = people;
    const session = await makeSession();
    await seated(session, child, sibling, cousin);
    const ofOthers = async (who: Somebody, patientId: string) => (await giveBack(who, session, patientId)).code;
    // The right to read is none to book, also where one has the other for somebody else who sits there.
    expect(await ofOthers(mother, cousin.id)).toBe('not_found');
    expect(await ofOthers(mother, stranger.id)).toBe('not_found');
    expect(await ofOthers(mother, randomUUID())).toBe('not_found');
    expect(await ofOthers(child, sibling.id)).toBe('not_found');
    expect(await ofOthers(reader, child.id)).toBe('forbidden');
    expect(await ofOthers(stranger, child.id)).toBe('not_found');
    expect((await sit(reader, session, child.id)).code).toBe('not_found');
    expect(await sitting(session)).toEqual(withIds(child, sibling, cousin));
    expect((await clinic.audit()).filter(({ reason }) => reason === 'seat-of-another')).toHaveLength(4);
    const single = await child.browser.post('/api/v1/appointments', {
      providerId: doctor.id,
      visitTypeId: clinic.visitTypeId,
      startsAt: iso(Date.parse(session.seat.startsAt) + 3 * HOUR_MS),
    });
    const { id } = single.body as Appointment;
    const cancelSingle = (who: Somebody, patientId: string) =>
      who.browser.post(`/api/v1/appointments/${id}/cancel`, { version: 1, patientId });
    for (const who of [child, mother, desk, doctor]) {
      const answer = await cancelSingle(who, sibling.id);
      expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
      expect(answer.text).toContain('patientId: ');
    }
    expect(await cancelSingle(mother, child.id)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  });

  it('SCH8 is given back by the clinic while the session stays, which ends where nobody is named', async () => {
    const { child, sibling, stranger } = people;
    const session = await makeSession();
    await seated(session, child, sibling, stranger);
    const other = await openProvider(clinic, `other-${randomUUID()}`);
    expect((await giveBack(other, session, child.id)).status).toBe(404);
    const given = await giveBack(desk, session, child.id);
    expect(given).toMatchObject({ status: 200, body: { status: 'booked', group: { taken: 2 } } });
    expect((await giveBack(desk, session, child.id)).code).toBe('transition_refused');
    expect((await giveBack(desk, session, sibling.id, 2)).code).toBe('version_conflict');
    expect((await giveBack(doctor, session, sibling.id)).body).toMatchObject({ group: { taken: 1 } });
    expect(await sitting(session)).toEqual(withIds(stranger));
    expect((await stranger.browser.get('/api/v1/appointments')).text).toContain(session.id);
    const trail = (await clinic.audit()).filter(
      ({ action, outcome, encounterId }) =>
        action === 'appointment.cancel' && outcome === 'success' && encounterId === session.encounterId,
    );
    expect(trail.map(({ personId, patientId }) => [personId, patientId])).toEqual([
      [desk.id, child.id],
      [doctor.id, sibling.id],
    ]);
    expect((await sit(child, session)).status).toBe(201);
    expect((await giveBack(desk, session)).body).toMatchObject({ status: 'cancelled' });
    expect((await stranger.browser.get('/api/v1/appointments')).text).not.toContain(session.id);
    expect(await faults()).toEqual(NO_FAULTS);
  });

  it('SCH8 is given back in time by patients and whoever acts for them, and at any time by the clinic', async () => {
    const { child, sibling, mother } = people;
    const session = await makeSession({ visitTypeId: noticed, startsAt: START + 5 * HOUR_MS });
    await seated(session, child, sibling);
    for (const who of [child, mother]) expect((await giveBack(who, session, child.id)).code).toBe('change_too_late');
    expect((await giveBack(desk, session, child.id)).status).toBe(200);
    // Who was let in is theirs to let go who leads the session, and nobody else's.
    await clinic.database.db
      .updateTable('presences')
      .set({ admittedAt: new Date(START) })
      .where('encounterId', '=', session.encounterId)
      .where('personId', '=', sibling.id)
      .execute();
    expect((await giveBack(desk, session, sibling.id)).code).toBe('transition_refused');
    expect((await giveBack(doctor, session, sibling.id)).status).toBe(200);
  });

  it('RGT5 tells whoever reads for a patient their words of a session, and none of another patient’s', async () => {
    const { child, stranger, reader } = people;
    const session = await makeSession({ startsAt: START });
    await seated(session, child, stranger);
    const visit = { appointmentId: session.id, encounterId: session.encounterId };
    const host = await clinic.enter(doctor, visit);
    await clinic.ask('setPresence', { ...host, presence: 'admitted', connected: true });
    const say = (holder: Holder, text: string) =>
      clinic.ask('sendMessage', { ...holder, clientMessageId: randomUUID(), text });
    await say(host, 'Welcome');
    for (const [one, text] of [
      [child, 'What the child said'],
      [stranger, 'What the stranger said'],
    ] as const) {
      const guest = await clinic.enter(one, visit);
      await clinic.ask('setPresence', { ...guest, presence: 'ready', connected: true });
      await clinic.ask('admit', { ...host, patientId: one.id });
      await clinic.ask('setPresence', { ...guest, presence: 'admitted', connected: true });
      await say(guest, text);
    }
    const thread = `/api/v1/encounters/${session.encounterId}/messages`;
    const told = (await reader.browser.get(thread)).text;
    expect(told).toContain('Welcome');
    expect(told).toContain('What the child said');
    expect(told).not.toContain('stranger');
    expect(told).not.toContain(stranger.id);
    expect((await child.browser.get(thread)).text).toContain('What the stranger said');
    // Who was let in gives nothing back any more.
    expect((await giveBack(desk, session, child.id)).code).toBe('transition_refused');
  });

  it('SCH8 is given back once where its patient, their proxy and the desk do it at once', async () => {
    const { child, stranger, mother } = people;
    const session = await makeSession();
    await seated(session, stranger);
    const before = (await clinic.audit()).length;
    for (let round = 0; round < 3; round += 1) {
      await seated(session, child);
      const release = await holdVisit(clinic, session.encounterId);
      const asked = [desk, child, mother].map((who) => giveBack(who, session, child.id));
      await untilWaiting(clinic, 1);
      await release();
      const answers = await Promise.all(asked);
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)[0]).toBe(200);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const { status, code } of answers)
        if (status !== 200) expect(['transition_refused', 'not_found']).toContain(code);
      expect(await sitting(session)).toEqual(withIds(stranger));
    }
    const trail = (await clinic.audit()).slice(before);
    const done = trail.filter(({ action, outcome }) => action === 'appointment.cancel' && outcome === 'success');
    expect(done.map(({ patientId }) => patientId)).toEqual([child.id, child.id, child.id]);
    expect(await faults()).toEqual(NO_FAULTS);
  });

  it('SCH8 is one person’s where a patient and somebody’s proxy want the last one at once', async () => {
    const { child, sibling, cousin, stranger, mother, reader } = people;
    const session = await makeSession();
    await seated(session, sibling, cousin, reader);
    for (const path of ['holds', 'appointments'] as const) {
      const release = await (path === 'holds' ? holdPerson(clinic, doctor.id) : holdVisit(clinic, session.encounterId));
      const asked = [
        stranger.browser.post(`/api/v1/${path}`, session.seat),
        mother.browser.post(`/api/v1/${path}`, { ...session.seat, patientId: child.id }),
      ];
      await untilWaiting(clinic, 2);
      await release();
      const answers = await Promise.all(asked);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
      expect(answers.map(({ code }) => code)).toContain('session_full');
      for (const [index, who] of [stranger, mother].entries()) {
        const held = answers[index]?.body as Hold;
        if (path === 'holds' && answers[index]?.status === 201)
          expect((await who.browser.post(`/api/v1/holds/${held.id}/release`, { token: held.token })).status).toBe(200);
      }
    }
    expect((await sitting(session)).ids).toHaveLength(4);
    expect(await faults()).toEqual(NO_FAULTS);
  });
});
