import { randomUUID } from 'node:crypto';
import type { PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import { type BenchClinic, cookieOf } from './support/clinic.ts';
import { BenchBrowser, percentile } from './support/load.ts';
import { makeSerializableTables } from './support/serializable.ts';
import type { BenchServer } from './support/server.ts';

export interface BookingFigures {
  readonly bookingsPerS: number;
  readonly bookingP50Ms: number;
  readonly bookingP99Ms: number;
  /** Bookings a second, over those of a serializable check-then-insert of the same times. */
  readonly bookingRatio: number;
  /** Answers other than 201; none are expected. */
  readonly refused: number;
}

interface FreeTime {
  readonly providerId: PersonId;
  readonly startsAt: Date;
}

interface Run {
  readonly path: string;
  readonly times: readonly (FreeTime & { readonly patientId: PersonId })[];
  readonly connections: number;
  readonly seconds: number;
}

const patientOf = ({ patientIds }: BenchClinic, turn: number): PersonId => {
  const patientId = patientIds[turn % patientIds.length];
  if (patientId === undefined) throw new Error('A clinic without patients.');
  return patientId;
};

/** Free half hours of providers at random, each provider's and each patient's apart from each other. */
const freeTimes = async (clinic: BenchClinic, count: number): Promise<Run['times']> => {
  const query = sql<FreeTime>`
    SELECT day.provider_id, to_timestamp(minute * 60) AS starts_at
    FROM slot_days AS day, jsonb_array_elements(day.openings) AS opening,
      generate_series((opening ->> 0)::int, (opening ->> 1)::int - 30, 30) AS minute
    WHERE day.first_open_at > now() + interval '1 day' AND day.first_open_at < now() + interval '29 days'
      AND day.provider_id IN (SELECT person_id FROM providers ORDER BY md5(person_id::text) LIMIT ${Math.ceil(count / 40)})
      AND NOT EXISTS (SELECT FROM calendar_claims WHERE person_id = day.provider_id
        AND tstzrange(starts_at, ends_at) && tstzrange(to_timestamp(minute * 60), to_timestamp((minute + 30) * 60)))
    ORDER BY random() LIMIT ${count}`;
  // Every half hour of hundreds of providers takes longer than a statement of core's may.
  const { rows } = await clinic.database.transaction(async ({ db }) => {
    await sql`SET LOCAL statement_timeout = 0`.execute(db);
    return query.execute(db);
  });
  const busy = new Map<number, Set<PersonId>>();
  let turn = 0;
  return rows.map((time) => {
    const startsAtMs = time.startsAt.getTime();
    const others = busy.get(startsAtMs) ?? new Set<PersonId>();
    busy.set(startsAtMs, others);
    // Everybody in turn, but nobody twice at one instant.
    let patientId = patientOf(clinic, turn++);
    while (others.has(patientId)) patientId = patientOf(clinic, turn++);
    others.add(patientId);
    return { ...time, patientId };
  });
};

/** Books one time after the other on each connection, until the time is over or the times are. */
const run = async (
  server: BenchServer,
  clinic: BenchClinic,
  { path, times, connections, seconds }: Run,
): Promise<{ took: number[]; refused: number; perSecond: number }> => {
  const browser = new BenchBrowser(server.origin, connections);
  const took: number[] = [];
  let refused = 0;
  let next = 0;
  const beganAt = performance.now();
  const endsAt = beganAt + seconds * 1000;
  const bookAll = async (): Promise<void> => {
    for (let time = times[next++]; time !== undefined && performance.now() < endsAt; time = times[next++]) {
      const sentAt = performance.now();
      const { providerId, startsAt, patientId } = time;
      const answer = await browser.send({
        method: 'POST',
        path,
        cookie: cookieOf(patientId),
        headers: { 'idempotency-key': randomUUID() },
        body: { providerId, visitTypeId: clinic.visitTypeId, startsAt: startsAt.toISOString() },
      });
      took.push(performance.now() - sentAt);
      if (answer.status !== 201) refused += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, bookAll));
  const perSecond = ((took.length - refused) / (performance.now() - beganAt)) * 1000;
  browser.close();
  return { took, refused, perSecond };
};

/**
 * Books over HTTP as fast as so many kept-alive connections can, each with its idempotency key, audit row and outbox row,
 * on a Postgres that makes every commit durable. Beside it the same on tables without constraints, under SERIALIZABLE.
 */
export const measureBookings = async (
  clinic: BenchClinic,
  server: BenchServer,
  options: { readonly seconds: number; readonly connections?: number },
): Promise<BookingFigures> => {
  const { seconds, connections = 48 } = options;
  await makeSerializableTables(clinic.databaseUrl);
  const times = await freeTimes(clinic, Math.ceil(seconds * 6_000));
  const share = (from: number, to: number) => times.slice(times.length * from, times.length * to);
  const [warm, measured, other] = [share(0, 0.1), share(0.1, 0.55), share(0.55, 1)];
  const at = { connections, seconds };
  await run(server, clinic, { ...at, path: '/api/v1/appointments', times: warm, seconds: Math.min(3, seconds) });
  const booked = await run(server, clinic, { ...at, path: '/api/v1/appointments', times: measured });
  await run(server, clinic, { ...at, path: '/serializable', times: other.slice(0, warm.length), seconds: 1 });
  const serializable = await run(server, clinic, { ...at, path: '/serializable', times: other.slice(warm.length) });
  return {
    bookingsPerS: booked.perSecond,
    bookingP50Ms: percentile(booked.took, 0.5),
    bookingP99Ms: percentile(booked.took, 0.99),
    bookingRatio: booked.perSecond / serializable.perSecond,
    refused: booked.refused,
  };
};
