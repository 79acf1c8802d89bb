import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRegistry, Health, MemoryBus, silentLogger } from '@bedside/kit';
import { busErrors } from '@bedside/protocol';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createCore } from '../src/index.ts';
import { lockLine } from '../src/waitlist/offer-store.ts';
import { Browser } from './support/browser.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';
import { addProvider, iso, join, offered, placesOf, until, untilQuiet } from './support/queue.ts';

/** `npm run races:waitlist` runs a thousand. */
const CANCELLATIONS = Number(process.env.BEDSIDE_RACES ?? 48);
const AT_ONCE = 4;
const PROVIDERS = 12;
const PATIENTS = 16;
const SLOTS_A_DAY = 20;
const FIRST_DAY = START + 23 * 60 * MINUTE_MS;
const WINDOW = { earliestAt: iso(START), latestAt: iso(START + 10 * 24 * 60 * MINUTE_MS) };

/** A second core on the clinic's database, over HTTP, with jobs of its own: as another process would be. */
const startSecondSite = async (clinic: Clinic) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const core = await createCore(
    { ...clinic.config, publicUrl: origin, allowedOrigins: [origin] },
    {
      bus: new MemoryBus({ errors: busErrors, onHandlerError: () => undefined }),
      log: silentLogger,
      registry: createRegistry(),
      health: new Health(),
      clock: () => clinic.clock.now,
    },
  );
  server.on('request', (request, response) => core.handle(request, response));
  return {
    origin,
    [Symbol.asyncDispose]: async () => {
      await core.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** An hour that never stands still: no two things happen at the same instant. */
const tick = (clinic: Clinic): void => {
  let now = clinic.clock.now;
  Object.defineProperty(clinic.clock, 'now', {
    get: () => {
      now += 1;
      return now;
    },
    set: (value: number) => {
      now = value;
    },
  });
};

/** Time passes, and everybody is still signed in. */
const skip = async (clinic: Clinic, ms: number): Promise<void> => {
  clinic.clock.now += ms;
  await clinic.database.db
    .updateTable('sessions')
    .set({ seenAt: new Date(clinic.clock.now) })
    .execute();
};

interface OfferRow {
  readonly id: string;
  readonly position: string;
  readonly entryId: string;
  readonly patientId: string;
  readonly providerId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
  readonly status: string;
}

const overlaps = (one: { startsAt: Date; endsAt: Date }, other: { startsAt: Date; endsAt: Date }) =>
  one.startsAt < other.endsAt && other.startsAt < one.endsAt;

describe('a thousand cancellations', () => {
  it('SCH9 offer no time twice at once, and pass nobody in line, in two processes', { timeout: 900_000 }, async () => {
    await using clinic = await startClinic(async () => ({ jobs: true }));
    await using second = await startSecondSite(clinic);
    const { db } = clinic.database;
    const providers: Somebody[] = [];
    for (let index = 0; index < PROVIDERS; index += 1) providers.push(await addProvider(clinic, `doc${index}`));
    const holders: Somebody[] = [];
    for (let index = 0; index < PROVIDERS; index += 1) holders.push(await clinic.person(`holder${index}`, 'patient'));
    const booked: { who: Somebody; id: string }[] = [];
    for (let index = 0; index < CANCELLATIONS; index += 1) {
      const [who, provider] = [holders[index % PROVIDERS], providers[index % PROVIDERS]];
      if (who === undefined || provider === undefined) throw new Error('nobody');
      const slot = Math.floor(index / PROVIDERS);
      const startsAt =
        FIRST_DAY + Math.floor(slot / SLOTS_A_DAY) * 24 * 60 * MINUTE_MS + (slot % SLOTS_A_DAY) * 30 * MINUTE_MS;
      const { appointmentId } = await clinic.book({ patient: who, provider, startsAt });
      booked.push({ who, id: appointmentId });
    }
    tick(clinic);
    const patients = new Map<string, Somebody>();
    const joined = new Map<string, number>();
    for (let index = 0; index < PATIENTS; index += 1) {
      const patient = await clinic.person(`patient${index}`, 'patient');
      patients.set(patient.id, patient);
      joined.set((await join(clinic, patient, WINDOW)).id, clinic.clock.now);
    }
    // When a place was known to wait again, by whoever had answered its offer.
    const acknowledged = new Map<string, number>();
    const at = (who: Somebody, turn: number) =>
      turn % 2 === 0 ? who.browser : new Browser(second.origin, { bedside_session: who.cookie });

    const outcomes = { accepted: 0, declined: 0, late: 0 };
    const cancelOne = async (index: number) => {
      const appointment = booked[index];
      if (appointment === undefined) return;
      const { who, id } = appointment;
      const answer = await at(who, index).post(`/api/v1/appointments/${id}/cancel`, { version: 1 });
      expect(answer.status).toBe(200);
    };
    const answerOne = async (index: number) => {
      const live = await sql<{ offerId: string; entryId: string; patientId: string }>`
        SELECT offer.id AS offer_id, entry.id AS entry_id, entry.patient_id FROM waitlist_offers AS offer
        JOIN waitlist_entries AS entry ON entry.id = offer.entry_id
        WHERE offer.status = 'live' AND offer.expires_at > ${new Date(clinic.clock.now)} ORDER BY md5(offer.id::text || ${String(index)}) LIMIT 1`.execute(
        db,
      );
      const [offer] = live.rows;
      const who = patients.get(offer?.patientId ?? '');
      if (offer === undefined || who === undefined) return;
      const act = index % 3 === 0 ? 'accept' : 'decline';
      const answer = await at(who, index + 1).post(`/api/v1/waitlist/${offer.entryId}/${act}`);
      // Another answered for the same place, or it was too late.
      if (answer.status === 410) outcomes.late += 1;
      else if (act === 'accept') {
        expect(answer.status).toBe(201);
        outcomes.accepted += 1;
        joined.set((await join(clinic, who, WINDOW)).id, clinic.clock.now);
      } else {
        expect(answer.status).toBe(200);
        outcomes.declined += 1;
        acknowledged.set(offer.offerId, clinic.clock.now);
      }
    };
    for (let index = 0; index < CANCELLATIONS; index += AT_ONCE) {
      const turns = Array.from({ length: AT_ONCE }, (_, turn) => index + turn);
      await Promise.all([...turns.map(cancelOne), ...turns.map(answerOne)]);
      await untilQuiet(clinic);
      // Every so often all who have an offer are too late.
      if (index % 40 === 20) {
        await skip(clinic, 16 * MINUTE_MS);
        await clinic.runTask('offers');
        await untilQuiet(clinic);
      }
    }

    const { rows: offers } = await sql<OfferRow>`
      SELECT offer.*, entry.position, entry.patient_id FROM waitlist_offers AS offer
      JOIN waitlist_entries AS entry ON entry.id = offer.entry_id ORDER BY offer.created_at`.execute(db);
    expect(outcomes.accepted).toBeGreaterThan(CANCELLATIONS / 20);
    expect(outcomes.declined).toBeGreaterThan(CANCELLATIONS / 20);
    expect(offers.filter((offer) => offer.status === 'lapsed').length).toBeGreaterThan(5);

    const { rows: twice } = await sql<{ count: number }>`
      SELECT count(*)::int AS count FROM waitlist_offers AS one JOIN waitlist_offers AS other
        ON one.id < other.id AND one.provider_id = other.provider_id
        AND tstzrange(one.starts_at, one.ends_at) && tstzrange(other.starts_at, other.ends_at)
        AND tstzrange(one.created_at, least(one.expires_at, one.closed_at))
          && tstzrange(other.created_at, least(other.expires_at, other.closed_at))`.execute(db);
    expect(twice).toEqual([{ count: 0 }]);
    const { rows: again } = await sql<{ count: number }>`
      SELECT count(*)::int AS count FROM (
        SELECT FROM waitlist_offers JOIN waitlist_entries ON waitlist_entries.id = entry_id
        GROUP BY patient_id, waitlist_offers.provider_id, starts_at HAVING count(*) > 1) AS repeated`.execute(db);
    expect(again).toEqual([{ count: 0 }]);
    const { rows: overlapping } = await sql<{ count: number }>`
      SELECT count(*)::int AS count FROM appointments AS one JOIN appointments AS other ON one.id < other.id
        AND (one.provider_id = other.provider_id OR one.patient_id = other.patient_id)
        AND one.status = 'booked' AND other.status = 'booked'
        AND tstzrange(one.starts_at, one.ends_at) && tstzrange(other.starts_at, other.ends_at)`.execute(db);
    expect(overlapping).toEqual([{ count: 0 }]);
    const accepted = await db.selectFrom('appointments').select('id').where('status', '=', 'booked').execute();
    expect(accepted).toHaveLength(outcomes.accepted);

    // Offers of an organization are made one after the other. So whoever was in line when the one before was made was
    // seen by the next, and is passed if it went to somebody behind them although it suited them.
    const entries = await db.selectFrom('waitlistEntries').selectAll().execute();
    const visits = await db.selectFrom('appointments').selectAll().where('status', '=', 'booked').execute();
    const byEntry = Map.groupBy(offers, (offer) => offer.entryId);
    const byPatient = Map.groupBy(offers, (offer) => offer.patientId);
    const waitedAt = (entry: (typeof entries)[number], instant: Date) => {
      if ((joined.get(entry.id) ?? Number.POSITIVE_INFINITY) >= instant.getTime()) return false;
      if (entry.status !== 'waiting' && entry.status !== 'offered' && entry.updatedAt <= instant) return false;
      const last = (byEntry.get(entry.id) ?? []).findLast((offer) => offer.createdAt <= instant);
      if (last === undefined) return true;
      if (last.status === 'accepted' || last.status === 'withdrawn') return false;
      const since = last.status === 'declined' ? acknowledged.get(last.id) : last.expiresAt.getTime();
      return since !== undefined && since < instant.getTime();
    };
    const suited = (entry: (typeof entries)[number], offer: OfferRow) =>
      !(byPatient.get(entry.patientId) ?? []).some(
        (other) => other.providerId === offer.providerId && overlaps(other, offer) && other.createdAt < offer.createdAt,
      ) && !visits.some((visit) => visit.patientId === entry.patientId && overlaps(visit, offer));
    const passed = offers.filter((offer, index) => {
      const before = offers[index - 1]?.createdAt;
      return (
        before !== undefined &&
        entries.some(
          (entry) =>
            BigInt(entry.position) < BigInt(offer.position) &&
            waitedAt(entry, before) &&
            waitedAt(entry, offer.createdAt) &&
            suited(entry, offer),
        )
      );
    });
    expect(passed.map((offer) => offer.id)).toEqual([]);
    const { rows: deadlocks } = await sql<{ deadlocks: number }>`
      SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`.execute(db);
    expect(deadlocks).toEqual([{ deadlocks: 0 }]);
  });
});

describe('one line', () => {
  it('SCH9 is gone down by one at a time: a second freed time waits until the first is offered', async () => {
    await using clinic = await startClinic(async () => ({ jobs: true }));
    const { db } = clinic.database;
    const provider = await addProvider(clinic, 'doc');
    const [holder, patient] = [await clinic.person('holder', 'patient'), await clinic.person('first', 'patient')];
    const { appointmentId } = await clinic.book({ patient: holder, provider, startsAt: FIRST_DAY });
    await join(clinic, patient, WINDOW);
    const isOffered = async () => (await placesOf(patient)).some((place) => place.status === 'offered');
    const seen = await db.transaction().execute(async (line) => {
      await lockLine(line, clinic.organizationId);
      const cancelled = await holder.browser.post(`/api/v1/appointments/${appointmentId}/cancel`, { version: 1 });
      expect(cancelled.status).toBe(200);
      return until(async () => {
        const { rows } = await sql<{ waits: boolean }>`
          SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
            WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()) AS waits`.execute(db);
        if (rows[0]?.waits === true) return 'waits';
        return (await isOffered()) ? 'offered beside the other' : undefined;
      });
    });
    expect(seen).toBe('waits');
    await until(async () => ((await isOffered()) ? true : undefined));
  });

  it('SCH9 offers nobody a time that they were offered or had before', async () => {
    await using clinic = await startClinic(async () => ({ jobs: true }));
    const provider = await addProvider(clinic, 'doc');
    const [giver, decliner] = [await clinic.person('giver', 'patient'), await clinic.person('decliner', 'patient')];
    const last = await clinic.person('last', 'patient');
    const { appointmentId } = await clinic.book({ patient: giver, provider, startsAt: FIRST_DAY });
    for (const who of [giver, decliner, last]) await join(clinic, who, WINDOW);
    await giver.browser.post(`/api/v1/appointments/${appointmentId}/cancel`, { version: 1 });
    const { id } = await offered(decliner);
    await decliner.browser.post(`/api/v1/waitlist/${id}/decline`);
    const { id: lastId } = await offered(last);
    const accepted = await last.browser.post(`/api/v1/waitlist/${lastId}/accept`, { answers: {} });
    expect(accepted.status).toBe(201);
    const { id: again, version } = accepted.body as { id: string; version: number };
    await join(clinic, last, WINDOW);
    expect((await last.browser.post(`/api/v1/appointments/${again}/cancel`, { version })).status).toBe(200);
    await untilQuiet(clinic);
    for (const who of [giver, decliner, last])
      expect((await placesOf(who)).filter((place) => place.status === 'offered')).toEqual([]);
    const { rows } = await sql<{ count: number }>`SELECT count(*)::int AS count FROM waitlist_offers`.execute(
      clinic.database.db,
    );
    expect(rows).toEqual([{ count: 2 }]);
  });
});
