import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';
import { addProvider, bookSlot, cancel, fastestOf, iso, join, offered, placesOf, untilQuiet } from './support/queue.ts';

/** Ten o'clock in Berlin on the day after. */
const TEN = START + 24 * 60 * MINUTE_MS;
/** What the task of the minute alone would find takes longer, nearly always; a busy machine does not take as long. */
const NOT_BY_TASK_MS = 10_000;

describe('the waitlist', () => {
  let clinic: Clinic;
  let provider: Somebody;
  let holder: Somebody;
  let first: Somebody;
  let second: Somebody;
  beforeEach(async () => {
    clinic = await startClinic(async () => ({ jobs: true }));
    provider = await addProvider(clinic, 'doc');
    holder = await clinic.person('holder', 'patient');
    first = await clinic.person('first', 'patient');
    second = await clinic.person('second', 'patient');
  });
  afterEach(() => clinic[Symbol.asyncDispose]());

  const taken = () => bookSlot(clinic, { patient: holder, provider, startsAt: TEN });
  const answer = (who: Somebody, id: string, act: string, body: unknown = {}) =>
    who.browser.post(`/api/v1/waitlist/${id}/${act}`, body);

  it('SCH9 offers a cancelled time to the first in line within a second, and to nobody else', async () => {
    const tookMs = await fastestOf(5, async (round) => {
      const startsAt = TEN + (round + 1) * 60 * MINUTE_MS;
      const [one, next] = [
        await clinic.person(`one-${round}`, 'patient'),
        await clinic.person(`next-${round}`, 'patient'),
      ];
      const appointment = await bookSlot(clinic, { patient: one, provider, startsAt });
      const { id } = await join(clinic, next);
      const begunAt = performance.now();
      await cancel(one, appointment);
      await offered(next);
      const took = performance.now() - begunAt;
      await next.browser.post(`/api/v1/waitlist/${id}/withdraw`);
      await untilQuiet(clinic);
      return took;
    });
    expect(tookMs).toBeLessThan(1_000);
    const appointment = await taken();
    await join(clinic, first);
    await join(clinic, second);
    expect((await cancel(holder, appointment)).status).toBe(200);
    const entry = await offered(first);
    expect(entry).toMatchObject({
      status: 'offered',
      offer: {
        provider: { id: provider.id, displayName: 'Name of doc', timeZone: 'Europe/Berlin' },
        startsAt: iso(TEN),
        endsAt: iso(TEN + 30 * MINUTE_MS),
        expiresAt: iso(START + 15 * MINUTE_MS),
      },
    });
    await untilQuiet(clinic);
    expect(await placesOf(second)).toMatchObject([{ status: 'waiting' }]);
    // It is answered in the line: as a hold of their own they could prolong it.
    expect((await first.browser.get('/api/v1/holds')).body).toEqual({ holds: [] });
    // Meanwhile nobody else gets it.
    await expect(bookSlot(clinic, { patient: second, provider, startsAt: TEN })).rejects.toThrow(/slot_taken/);
  });

  it('SCH9 books what is accepted, once, whoever asks again', async () => {
    const appointment = await taken();
    const { id } = await join(clinic, first);
    await cancel(holder, appointment);
    await offered(first);
    const key = { 'idempotency-key': 'accept-once' };
    const accept = () => first.browser.post(`/api/v1/waitlist/${id}/accept`, { answers: {} }, key);
    const booked = await accept();
    expect(booked.status).toBe(201);
    expect(booked.body).toMatchObject({ status: 'booked', startsAt: iso(TEN), patient: { id: first.id } });
    expect((await accept()).body).toEqual(booked.body);
    expect(await placesOf(first)).toMatchObject([{ status: 'accepted' }]);
    expect((await answer(first, id, 'accept')).code).toBe('offer_over');
    expect((await answer(first, id, 'withdraw')).code).toBe('transition_refused');
    const { appointments } = (await first.browser.get('/api/v1/appointments')).body as { appointments: unknown[] };
    expect(appointments).toMatchObject([{ startsAt: iso(TEN) }]);
  });

  it('SCH9 goes on to the next when it is declined, and comes back to nobody', async () => {
    const appointment = await taken();
    const [one, other] = [await join(clinic, first), await join(clinic, second)];
    await cancel(holder, appointment);
    await offered(first);
    expect((await answer(first, one.id, 'decline')).body).toMatchObject({ status: 'waiting' });
    await offered(second);
    expect((await answer(second, other.id, 'decline')).body).toMatchObject({ status: 'waiting' });
    await untilQuiet(clinic);
    expect(await placesOf(first)).toMatchObject([{ status: 'waiting' }]);
    expect(await placesOf(second)).toMatchObject([{ status: 'waiting' }]);
    // It is everybody's again.
    await bookSlot(clinic, { patient: holder, provider, startsAt: TEN });
  });

  it('SCH9 is over when its minutes have passed, with every job stopped, and a task moves it on', async () => {
    const appointment = await taken();
    const [one] = [await join(clinic, first), await join(clinic, second)];
    await cancel(holder, appointment);
    await offered(first);
    clinic.clock.now += 15 * MINUTE_MS;
    expect(await placesOf(first)).toMatchObject([{ status: 'waiting' }]);
    expect((await answer(first, one.id, 'accept')).code).toBe('offer_over');
    await clinic.runTask('offers');
    expect((await offered(second)).offer).toMatchObject({ startsAt: iso(TEN) });
    expect(await placesOf(first)).toMatchObject([{ status: 'waiting' }]);
  });

  it('SCH9 asks nobody a fourth time who let three offers lapse', async () => {
    await join(clinic, first);
    for (let round = 1; round <= 3; round += 1) {
      const startsAt = TEN + round * 60 * MINUTE_MS;
      await cancel(holder, await bookSlot(clinic, { patient: holder, provider, startsAt }));
      await offered(first);
      clinic.clock.now += 15 * MINUTE_MS;
      // True before anything ran, and after.
      expect(await placesOf(first)).toMatchObject([{ status: round < 3 ? 'waiting' : 'lapsed' }]);
      await clinic.runTask('offers');
    }
    expect(await placesOf(first)).toMatchObject([{ status: 'lapsed' }]);
    await cancel(holder, await taken());
    await untilQuiet(clinic);
    expect(await placesOf(first)).toMatchObject([{ status: 'lapsed' }]);
  });

  it('SCH9 passes over whom it does not suit: window, provider, their own other visit, the one who gave it up', async () => {
    const other = await addProvider(clinic, 'other');
    const appointment = await taken();
    const busy = await clinic.person('busy', 'patient');
    await bookSlot(clinic, { patient: busy, provider: other, startsAt: TEN });
    await join(clinic, holder);
    await join(clinic, first, { latestAt: iso(TEN) });
    await join(clinic, second, { providerId: other.id });
    await join(clinic, busy);
    const last = await clinic.person('last', 'patient');
    await join(clinic, last, { specialty: 'General' });
    await cancel(holder, appointment);
    expect((await offered(last)).offer).toMatchObject({ startsAt: iso(TEN) });
    for (const who of [holder, first, second, busy]) expect(await placesOf(who)).toMatchObject([{ status: 'waiting' }]);
  });

  it('SCH9 offers the old time of a visit that was moved', async () => {
    const appointment = await taken();
    await join(clinic, first, { latestAt: iso(TEN + 30 * MINUTE_MS) });
    const moved = await holder.browser.post(`/api/v1/appointments/${appointment.id}/reschedule`, {
      version: appointment.version,
      startsAt: iso(TEN + 120 * MINUTE_MS),
    });
    expect(moved.status).toBe(201);
    expect((await offered(first)).offer).toMatchObject({ startsAt: iso(TEN) });
  });

  it('SCH15 offers time that a change of hours opens, and nothing that was open or closes', async () => {
    const fresh = await clinic.person('fresh', 'provider');
    const path = `/api/v1/providers/${fresh.id}/availability`;
    const rule = { kind: 'open', startsOn: '2026-03-03', startsAt: '10:00', endsAt: '12:00' };
    const put = async (...rules: object[]) => {
      const { version } = (await fresh.browser.get(path)).body as { version: number };
      const answer = await fresh.browser.write('PUT', path, { timeZone: 'Europe/Berlin', version, rules });
      expect(answer.status).toBe(200);
    };
    await put(rule);
    await join(clinic, first, { providerId: fresh.id });
    await put({ ...rule, endsAt: '11:00' });
    await put({ ...rule, endsAt: '11:00', label: 'the same' });
    await untilQuiet(clinic);
    expect(await placesOf(first)).toMatchObject([{ status: 'waiting' }]);
    const begunAt = performance.now();
    await put({ ...rule, endsAt: '11:30' });
    expect((await offered(first)).offer).toMatchObject({ startsAt: iso(TEN + 60 * MINUTE_MS) });
    expect(performance.now() - begunAt).toBeLessThan(NOT_BY_TASK_MS);
    await join(clinic, second, { providerId: fresh.id });
    const off = await fresh.browser.post(`/api/v1/providers/${fresh.id}/time-off`, {
      startsAt: iso(TEN),
      endsAt: iso(TEN + 30 * MINUTE_MS),
    });
    expect(off.status).toBe(201);
    await untilQuiet(clinic);
    expect(await placesOf(second)).toMatchObject([{ status: 'waiting' }]);
    const { id } = off.body as { id: string };
    expect((await fresh.browser.write('DELETE', `/api/v1/providers/${fresh.id}/time-off/${id}`)).status).toBe(204);
    expect((await offered(second)).offer).toMatchObject({ startsAt: iso(TEN) });
  });

  it('SCH15 offers a time that somebody held and let lapse, at once', async () => {
    const hold = (startsAt: number) =>
      holder.browser.post('/api/v1/holds', {
        providerId: provider.id,
        visitTypeId: clinic.visitTypeId,
        startsAt: iso(startsAt),
      });
    expect((await hold(TEN)).status).toBe(201);
    await join(clinic, first, { earliestAt: iso(TEN), latestAt: iso(TEN + 30 * MINUTE_MS) });
    // A little before it lapses something else happens, by which whoever watches learns what the hour is.
    clinic.clock.now += 10 * MINUTE_MS - 300;
    expect((await hold(TEN + 120 * MINUTE_MS)).status).toBe(201);
    await untilQuiet(clinic);
    expect(await placesOf(first)).toMatchObject([{ status: 'waiting' }]);
    clinic.clock.now += 300;
    const begunAt = performance.now();
    expect((await offered(first)).offer).toMatchObject({ startsAt: iso(TEN) });
    expect(performance.now() - begunAt).toBeLessThan(NOT_BY_TASK_MS);
  });

  it('SCH15 offers a seat that was given back', async () => {
    const group = await clinic.core.provisioning.upsertVisitType({
      key: 'group',
      organizationId: clinic.organizationId,
      name: 'Group',
      durationMinutes: 60,
      earlyEntryMinutes: 15,
      lateEntryMinutes: 60,
      settings: { seats: 2 },
    });
    const desk = await clinic.person('desk', 'front-desk');
    const made = await desk.browser.post('/api/v1/group-sessions', {
      providerId: provider.id,
      visitTypeId: group,
      startsAt: iso(TEN),
    });
    const session = made.body as { id: string };
    const sit = (who: Somebody) =>
      who.browser.post('/api/v1/appointments', {
        providerId: provider.id,
        visitTypeId: group,
        startsAt: iso(TEN),
        groupAppointmentId: session.id,
      });
    const other = await clinic.person('other', 'patient');
    const seat = await sit(holder);
    expect([seat.status, (await sit(other)).status]).toEqual([201, 201]);
    expect((await sit(second)).code).toBe('session_full');
    await join(clinic, first, { visitTypeId: group });
    const begunAt = performance.now();
    expect((await cancel(holder, seat.body as { id: string; version: number })).status).toBe(200);
    const entry = await offered(first);
    expect(performance.now() - begunAt).toBeLessThan(NOT_BY_TASK_MS);
    expect(entry.offer).toMatchObject({ startsAt: iso(TEN) });
    // Held for them, it is nobody else's.
    expect((await sit(second)).code).toBe('session_full');
    expect((await answer(first, entry.id, 'accept', { answers: {} })).status).toBe(201);
    // As much so where the desk gives one patient's back; whoever books for the next takes it for them.
    const guardian = await clinic.person('guardian', 'patient');
    const rights = { patientId: second.id, proxyId: guardian.id, kind: 'guardian', scopes: ['schedule'] };
    expect((await desk.browser.post('/api/v1/proxies', rights)).status).toBe(201);
    await join(clinic, second, { visitTypeId: group });
    const given = { version: 1, patientId: other.id };
    expect((await desk.browser.post(`/api/v1/appointments/${session.id}/cancel`, given)).status).toBe(200);
    const next = await offered(second);
    expect(next.offer).toMatchObject({ startsAt: iso(TEN) });
    expect(await answer(guardian, next.id, 'accept', { answers: {} })).toMatchObject({
      status: 201,
      body: { id: session.id, patient: { id: second.id } },
    });
  });

  it('offers a long visit’s time to two short ones', async () => {
    const long = await clinic.core.provisioning.upsertVisitType({
      key: 'long',
      organizationId: clinic.organizationId,
      name: 'Long visit',
      durationMinutes: 60,
      earlyEntryMinutes: 15,
      lateEntryMinutes: 60,
    });
    const booked = await holder.browser.post('/api/v1/appointments', {
      providerId: provider.id,
      visitTypeId: long,
      startsAt: iso(TEN),
    });
    expect(booked.status).toBe(201);
    await join(clinic, first);
    await join(clinic, second);
    await cancel(holder, booked.body as { id: string; version: number });
    expect((await offered(first)).offer).toMatchObject({ startsAt: iso(TEN) });
    expect((await offered(second)).offer).toMatchObject({ startsAt: iso(TEN + 30 * MINUTE_MS) });
  });

  it('lets go of an offer when its place is given up', async () => {
    const appointment = await taken();
    const { id } = await join(clinic, first);
    await cancel(holder, appointment);
    await offered(first);
    expect((await answer(first, id, 'withdraw')).body).toMatchObject({ status: 'withdrawn' });
    expect((await answer(first, id, 'withdraw')).body).toMatchObject({ status: 'withdrawn' });
    await bookSlot(clinic, { patient: second, provider, startsAt: TEN });
  });

  it('is one place for one wish, and tells which field is wrong', async () => {
    const request = { visitTypeId: clinic.visitTypeId, earliestAt: iso(START), latestAt: iso(TEN) };
    const ask = (change: Record<string, unknown>, key?: string) =>
      first.browser.post(
        '/api/v1/waitlist',
        { ...request, ...change },
        key === undefined ? {} : { 'idempotency-key': key },
      );
    const made = await ask({}, 'join-once');
    expect((await ask({}, 'join-once')).body).toEqual(made.body);
    expect((await ask({ latestAt: iso(TEN + 1) }, 'join-once')).code).toBe('idempotency_conflict');
    expect((await ask({})).code).toBe('already_waiting');
    for (const [change, field] of [
      [{ latestAt: iso(START) }, 'latestAt'],
      [{ earliestAt: iso(START - 2), latestAt: iso(START - 1) }, 'latestAt'],
      [{ latestAt: iso(START + 400 * 24 * 60 * MINUTE_MS) }, 'latestAt'],
      [{ specialty: 'Alchemy' }, 'specialty'],
      [{ payerId: clinic.visitTypeId }, 'payerId'],
    ] as const) {
      const refused = await ask(change);
      expect(refused).toMatchObject({ status: 400, code: 'bad_request' });
      expect((refused.body as { detail: string }).detail).toMatch(new RegExp(`^${field}:`));
    }
    expect((await ask({ visitTypeId: provider.id })).code).toBe('not_found');
    expect((await ask({ providerId: first.id })).code).toBe('not_found');
    expect(await placesOf(first)).toHaveLength(1);
  });

  it('API4 is nobody else’s, and the desk’s for everybody', async () => {
    const appointment = await taken();
    const { id } = await join(clinic, first);
    await cancel(holder, appointment);
    await offered(first);
    for (const act of ['accept', 'decline', 'withdraw'])
      expect(await answer(second, id, act)).toMatchObject({ status: 404, code: 'not_found' });
    expect((await second.browser.post('/api/v1/waitlist', { patientId: first.id })).status).toBe(400);
    expect((await provider.browser.get('/api/v1/waitlist')).code).toBe('forbidden');
    const desk = await clinic.person('desk', 'front-desk');
    expect(await placesOf(desk)).toMatchObject([{ id, patient: { id: first.id }, status: 'offered' }]);
    const booked = await answer(desk, id, 'accept');
    expect(booked.body).toMatchObject({ patient: { id: first.id }, startsAt: iso(TEN) });
    const row = await clinic.database.db
      .selectFrom('appointments')
      .select('bookedBy')
      .where('status', '=', 'booked')
      .executeTakeFirst();
    expect(row?.bookedBy).toBe(desk.id);
    const trail = (await clinic.audit()).filter((entry) => entry.action.startsWith('waitlist.'));
    expect(trail.filter((entry) => entry.outcome === 'denied')).toHaveLength(4);
    expect(trail).toContainEqual(
      expect.objectContaining({ action: 'waitlist.offer', role: 'system', patientId: first.id }),
    );
    expect(trail).toContainEqual(
      expect.objectContaining({ action: 'waitlist.accept', personId: desk.id, patientId: first.id }),
    );
  });

  it('pages the desk’s line in its order', async () => {
    const desk = await clinic.person('desk', 'front-desk');
    for (let index = 0; index < 60; index += 1) await join(clinic, await clinic.person(`p${index}`, 'patient'));
    const page = (await desk.browser.get('/api/v1/waitlist')).body as {
      entries: { patient: { displayName: string } }[];
      next: string;
    };
    expect(page.entries).toHaveLength(50);
    const rest = (await desk.browser.get(`/api/v1/waitlist?cursor=${page.next}`)).body as typeof page;
    expect([...page.entries, ...rest.entries].map((entry) => entry.patient.displayName)).toEqual(
      Array.from({ length: 60 }, (_, index) => `Name of p${index}`),
    );
    expect(rest.next).toBeUndefined();
  });
});
