/**
 * `npm run bench:trust [-- --rounds 400]`: what both walls and the audit trail cost a typical read (an appointment) and a
 * typical write (a booking), as a ratio to the same work on a copy of the same database without them, one call after the
 * other in turn; decisions of the policy a second; and what `bench:audit` says. The last line is one JSON object.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { silentLogger } from '@bedside/kit';
import { AppointmentId } from '@bedside/protocol';
import { sql } from 'kysely';
import pg from 'pg';
import type { Caller } from '../src/caller.ts';
import type { CoreContext } from '../src/context.ts';
import { Database, OwnerDatabase, ScopedDatabase } from '../src/db/database.ts';
import { VisitDesk } from '../src/encounters/visit-desk.ts';
import { POLICY } from '../src/policy/policy.ts';
import { Appointments } from '../src/scheduling/appointments.ts';
import { Bookings } from '../src/scheduling/booking.ts';
import { rebuildOrganization } from '../src/scheduling/organization-change.ts';
import { type BenchClinic, startBenchClinic } from './support/clinic.ts';
import { benchContext } from './support/context.ts';
import { percentile } from './support/load.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const options = {
  rounds: { type: 'string', default: '400' },
  events: { type: 'string', default: '100000' },
  seconds: { type: 'string', default: '3' },
} as const;
const { values } = parseArgs({ options });
const rounds = Number(values.rounds);
const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** The owner's database with no scope and no wall, as core was before it had them. */
class Bare extends OwnerDatabase {
  override as(): ReturnType<Database['as']> {
    return new ScopedDatabase(this.db, silentLogger);
  }

  static openBare(url: string): Bare {
    return new Bare({ url, poolSize: 2, log: silentLogger });
  }
}

interface Side {
  readonly appointments: Appointments;
  readonly bookings: Bookings;
  readonly readMs: number[];
  readonly writeMs: number[];
}

const sideOf = (clinic: BenchClinic, database: Database): Side => {
  const context: CoreContext = { ...benchContext(clinic), database };
  const bookings = new Bookings(context);
  const appointments = new Appointments(context, new VisitDesk(context), bookings);
  return { appointments, bookings, readMs: [], writeMs: [] };
};

const timed = async <Result>(into: number[], work: () => Promise<Result>): Promise<Result> => {
  const begunAt = performance.now();
  const result = await work();
  into.push(performance.now() - begunAt);
  return result;
};

const callerOf = (clinic: BenchClinic, index: number): Caller => ({
  who: {
    personId: clinic.patientIds[index % clinic.patientIds.length] as Caller['who']['personId'],
    organizationId: clinic.organizationId,
    roles: ['patient'],
  },
  sessionHash: 'bench',
  address: '192.0.2.7',
  requestId: randomUUID(),
});

/** A copy of the database in which the trail takes nothing. */
const copyWithoutTrail = async (clinic: BenchClinic): Promise<string> => {
  const url = new URL(clinic.databaseUrl);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const client = new pg.Client(url.href);
  await client.connect();
  await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
  await client.query(`CREATE DATABASE bare TEMPLATE "${name}"`);
  await client.end();
  url.pathname = '/bare';
  const bare = new pg.Client(url.href);
  await bare.connect();
  await bare.query(`CREATE OR REPLACE FUNCTION write_audit(v jsonb) RETURNS void LANGUAGE plpgsql AS 'BEGIN END'`);
  await bare.query(`CREATE RULE no_trail AS ON INSERT TO audit_events DO INSTEAD NOTHING`);
  for (const name of [
    'lock_people(uuid[])',
    'is_day_full(jsonb)',
    'placement_obstacle(jsonb)',
    'booking_facts(jsonb)',
    'require_claims()',
  ])
    await bare.query(`ALTER FUNCTION ${name} RESET bedside.purpose`);
  await bare.end();
  return url.href;
};

const decisionsPerS = (clinic: BenchClinic): number => {
  const caller = callerOf(clinic, 0);
  const [providerId] = clinic.providerIds;
  if (providerId === undefined) return 0;
  const { personId, organizationId } = caller.who;
  const visit = { organizationId, providerId, memberIds: [personId, providerId], patientIds: [personId] };
  const count = 2_000_000;
  const begunAt = performance.now();
  for (let index = 0; index < count; index++) POLICY.onVisit(caller.who, 'appointment.read', visit);
  return Math.round((count * 1000) / (performance.now() - begunAt));
};

const measure = async (clinic: BenchClinic): Promise<{ readRatio: number; writeRatio: number }> => {
  await rebuildOrganization(benchContext(clinic), clinic.organizationId);
  await sql`ANALYZE`.execute(clinic.database.db);
  const { rows: times } = await sql<{ providerId: never; startsAt: Date }>`
    SELECT day.provider_id, to_timestamp(minute * 60) AS starts_at FROM slot_days AS day,
      jsonb_array_elements(day.openings) AS opening,
      generate_series((opening ->> 0)::int, (opening ->> 1)::int - 30, 30) AS minute
    WHERE day.first_open_at > now() + interval '1 day' AND day.first_open_at < now() + interval '28 days'
    ORDER BY minute, day.provider_id LIMIT ${rounds}`.execute(clinic.database.db);
  await using bare = Bare.openBare(await copyWithoutTrail(clinic));
  await using walled = Database.open({ url: clinic.databaseUrl, poolSize: 2, role: 'bedside_app', log: silentLogger });
  const sides = [sideOf(clinic, walled), sideOf(clinic, bare)];
  for (const [index, time] of times.entries()) {
    const caller = callerOf(clinic, index);
    const request = {
      visitTypeId: clinic.visitTypeId,
      additional: [],
      answers: {},
      providerId: time.providerId,
      startsAt: time.startsAt.toISOString(),
    };
    // In turn, and each first as often as the other.
    for (const side of index % 2 === 0 ? sides : sides.toReversed()) {
      const booked = await timed(side.writeMs, () => side.bookings.book(caller, request, undefined));
      await timed(side.readMs, () => side.appointments.read(caller, AppointmentId.parse(booked.id)));
    }
  }
  const [withWalls, without] = sides as [Side, Side];
  const half = (took: readonly number[]) => percentile(took.slice(Math.floor(took.length / 5)), 0.5);
  say(`read: ${half(withWalls.readMs).toFixed(2)} ms, without ${half(without.readMs).toFixed(2)} ms`);
  say(`write: ${half(withWalls.writeMs).toFixed(2)} ms, without ${half(without.writeMs).toFixed(2)} ms`);
  return {
    readRatio: hundredths(half(withWalls.readMs) / half(without.readMs)),
    writeRatio: hundredths(half(withWalls.writeMs) / half(without.writeMs)),
  };
};

const trail = async (): Promise<{ auditPerS: number; verifyPerS: number }> => {
  const program = resolve(import.meta.dirname, 'audit.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    '--events',
    values.events,
    '--seconds',
    values.seconds,
  ]);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}');
};

await using clinic = await startBenchClinic({ providers: 50, patients: 500 });
const ratios = await measure(clinic);
const decisions = decisionsPerS(clinic);
const { auditPerS, verifyPerS } = await trail();
say(JSON.stringify({ ...ratios, decisionsPerS: decisions, auditPerS, verifyPerS }));
