/**
 * `npm run bench:trust [-- --rounds 400]`: what both walls and the audit trail cost a typical read (an appointment) and a
 * typical write (a booking), as a ratio to the same HTTP request, session and all, to a core without them: no policy, no
 * scope, and as a superuser on a copy of the same database whose trail takes nothing. One request after the other, in
 * turn. Then decisions of the policy a second, and what `bench:audit` says. The last line is one JSON object.
 */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createRegistry, Health, MemoryBus, silentLogger, systemClock } from '@bedside/kit';
import { busErrors } from '@bedside/protocol';
import { sql } from 'kysely';
import pg from 'pg';
import type { Caller } from '../src/caller.ts';
import type { CoreConfig } from '../src/config.ts';
import { type Database, OwnerDatabase, ScopedDatabase } from '../src/db/database.ts';
import { POLICY, type Policy } from '../src/policy/policy.ts';
import { rebuildOrganization } from '../src/scheduling/organization-change.ts';
import { type CoreDeps, createCore } from '../src/service.ts';
import { type BenchClinic, cookieOf, startBenchClinic } from './support/clinic.ts';
import { benchContext } from './support/context.ts';
import { type BenchAnswer, BenchBrowser, percentile } from './support/load.ts';
import { benchConfig } from './support/server.ts';

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
    return new Bare({ url, poolSize: 10, log: silentLogger });
  }
}

interface Side {
  readonly browser: BenchBrowser;
  readonly readMs: number[];
  readonly writeMs: number[];
}

const open = () => ({ allowed: true }) as const;
const NO_POLICY: Policy = { byAccount: open, onVisit: open, onPatient: open, onProvider: open, onRecord: open };

/** A core of its own over HTTP, in this process. */
const startSide = async (
  stack: AsyncDisposableStack,
  config: CoreConfig,
  deps: Pick<CoreDeps, 'policy' | 'database'>,
): Promise<Side> => {
  const core = stack.use(
    await createCore(config, {
      bus: new MemoryBus({ errors: busErrors, onHandlerError: () => undefined }),
      log: silentLogger,
      registry: createRegistry(),
      health: new Health(),
      clock: systemClock,
      ...deps,
    }),
  );
  const server = createServer((request, response) => core.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = new BenchBrowser(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 1);
  stack.defer(async () => {
    browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { browser, readMs: [], writeMs: [] };
};

const timed = async (
  into: number[],
  work: () => Promise<BenchAnswer>,
  status: number,
): Promise<{ readonly id: string }> => {
  const begunAt = performance.now();
  const answer = await work();
  into.push(performance.now() - begunAt);
  if (answer.status !== status) throw new Error(`${status} expected, got ${answer.status}: ${answer.body}`);
  return JSON.parse(answer.body);
};

const callerOf = (clinic: BenchClinic, index: number): Caller => ({
  who: {
    personId: clinic.patientIds[index % clinic.patientIds.length] as Caller['who']['personId'],
    organizationId: clinic.organizationId,
    roles: ['patient'],
  },
  sessionHash: 'bench',
  address: '192.0.2.7',
  requestId: 'bench',
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
  // By a trigger: a rule would do away with the statement, and with the booking that is made in it.
  await bare.query(`CREATE FUNCTION no_trail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`);
  await bare.query(`CREATE TRIGGER a_no_trail BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION no_trail()`);
  await bare.query(`DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT oid::regprocedure FROM pg_proc WHERE proowner = 'bedside_functions'::regrole LOOP
      EXECUTE format('ALTER FUNCTION %s SECURITY INVOKER', name);
    END LOOP;
  END $$`);
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
  await using stack = new AsyncDisposableStack();
  const config = benchConfig(clinic);
  // Made before anybody is connected to what is copied.
  const bareUrl = await copyWithoutTrail(clinic);
  const bare = Bare.openBare(bareUrl);
  const sides = [
    await startSide(stack, config, {}),
    await startSide(stack, { ...config, databaseUrl: bareUrl }, { policy: NO_POLICY, database: bare }),
  ];
  const warmUp = Math.floor(times.length / 5);
  for (const [index, time] of times.entries()) {
    // As autovacuum does within a minute: what was planned for a table of a few rows reads all of them.
    if (index === warmUp) for (const database of [clinic.database, bare]) await sql`ANALYZE`.execute(database.db);
    const patientId = clinic.patientIds[index % clinic.patientIds.length];
    if (patientId === undefined) throw new Error('A clinic without patients.');
    const cookie = cookieOf(patientId);
    const body = {
      visitTypeId: clinic.visitTypeId,
      providerId: time.providerId,
      startsAt: time.startsAt.toISOString(),
    };
    // In turn, and each first as often as the other.
    for (const { browser, readMs, writeMs } of index % 2 === 0 ? sides : sides.toReversed()) {
      const path = '/api/v1/appointments';
      const booked = await timed(writeMs, () => browser.send({ method: 'POST', path, cookie, body }), 201);
      await timed(readMs, () => browser.send({ method: 'GET', path: `${path}/${booked.id}`, cookie }), 200);
    }
  }
  const [withWalls, without] = sides as [Side, Side];
  const half = (took: readonly number[]) => percentile(took.slice(warmUp), 0.5);
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
