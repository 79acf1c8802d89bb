import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Bus,
  call,
  createRegistry,
  Health,
  type Logger,
  MemoryBus,
  type Method,
  type Registry,
  silentLogger,
} from '@bedside/kit';
import type { TestDatabase } from '@bedside/ops/postgres-testing';
import {
  type AccountRole,
  type AppointmentId,
  busErrors,
  type EncounterId,
  Grant,
  type OrganizationId,
  type PersonId,
  VISIT_EVENTS_PATTERN,
  VISIT_METHODS,
  VisitEvent,
  type VisitTypeId,
} from '@bedside/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { OwnerDatabase } from '../../src/db/database.ts';
import {
  type Core,
  type CoreConfig,
  type CoreDeps,
  createCore,
  DEFAULT_RATE_LIMITS,
  DEFAULT_SESSION_LIMITS,
  DEFAULT_STEP_UP_WITHIN_MS,
  onlyIssuer,
} from '../../src/index.ts';
import { enqueue } from '../../src/jobs/queue.ts';
import { sha256 } from '../../src/secrets.ts';
import { Browser } from './browser.ts';
import { createMigratedDatabase, openDatabase } from './database.ts';

const ISSUER = 'http://127.0.0.1:9';
/** A Monday, 10:00 in Berlin. */
export const START = Date.parse('2026-03-02T09:00:00.000Z');
export const MINUTE_MS = 60_000;

/** A person of the clinic, signed in. */
export interface Somebody {
  readonly id: PersonId;
  readonly cookie: string;
  readonly browser: Browser;
}

export interface BookedVisit {
  readonly appointmentId: AppointmentId;
  readonly encounterId: EncounterId;
}

export interface Holder {
  readonly grantId: Grant['id'];
  readonly encounterId: EncounterId;
  readonly personId: PersonId;
}

type VisitMethods = typeof VISIT_METHODS;

/** A call of signaling's. */
export type Ask = <Name extends keyof VisitMethods>(
  name: Name,
  params: z.input<VisitMethods[Name]['params']>,
) => Promise<z.output<VisitMethods[Name]['result']>>;

const askOn =
  (bus: Bus): Ask =>
  (name, params) => {
    // The table's entries are of as many types as there are methods; the name says which one this is.
    const method = VISIT_METHODS[name] as unknown as Method<z.ZodType, z.ZodType>;
    // Whatever stands in line here is done; the test's own limit ends what is not.
    return call(bus, method, params, { errors: busErrors, timeoutMs: 60_000 }) as Promise<never>;
  };

const newBus = (): MemoryBus =>
  new MemoryBus({
    errors: busErrors,
    onHandlerError: (error) => {
      throw error;
    },
  });

/** Another core on the clinic's database, as another process would be: a bus of its own. */
export const startSecondCore = async (clinic: Clinic): Promise<{ ask: Ask } & AsyncDisposable> => {
  const bus = newBus();
  const core = await createCore(clinic.config, {
    bus,
    log: silentLogger,
    registry: createRegistry(),
    health: new Health(),
    clock: () => clinic.clock.now,
  });
  return { ask: askOn(bus), [Symbol.asyncDispose]: () => core.close() };
};

/** A running core on a database of its own, an hour that stands still, and ways to speak to it as anybody. */
export interface Clinic extends AsyncDisposable {
  readonly core: Core;
  readonly bus: Bus;
  readonly database: OwnerDatabase;
  readonly origin: string;
  readonly organizationId: OrganizationId;
  readonly visitTypeId: VisitTypeId;
  readonly health: Health;
  /** What core announced so far, of all visits. */
  readonly announced: VisitEvent[];
  readonly clock: { now: number };
  readonly config: CoreConfig;
  person(key: string, ...roles: AccountRole[]): Promise<Somebody>;
  /** A second browser of somebody. */
  signIn(id: PersonId): Promise<Somebody>;
  book(who: { patient: Somebody; provider: Somebody; startsAt?: number }): Promise<BookedVisit>;
  grant(who: Somebody, visit: BookedVisit): Promise<Grant>;
  /** A grant that is redeemed. */
  enter(who: Somebody, visit: BookedVisit): Promise<Holder>;
  readonly ask: Ask;
  /** Asks for a task and waits until it has run. */
  runTask(name: string): Promise<void>;
  audit(): Promise<
    {
      action: string;
      outcome: string;
      reason: string | null;
      personId: PersonId | null;
      encounterId: EncounterId | null;
      patientId: PersonId | null;
      role: string | null;
    }[]
  >;
}

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

export const startClinic = async (
  change: (origin: string, databaseUrl: string) => Promise<Partial<CoreConfig>> = async () => ({}),
  /** `server`: an empty Postgres of the test's own; absent: the one that all tests share. */
  sinks: {
    log?: Logger;
    registry?: Registry;
    server?: Pick<TestDatabase, 'connectionString' | 'applicationConnectionString'>;
  } & Pick<CoreDeps, 'policy'> = {},
): Promise<Clinic> => {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'bedside-core-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const testDatabase = sinks.server ?? stack.use(await createMigratedDatabase());
  const database = openDatabase(testDatabase.connectionString, 4);
  stack.defer(() => database.close());
  const server = createServer();
  const origin = await listen(server);
  stack.defer(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const bus = newBus();
  const config: CoreConfig = {
    databaseUrl: testDatabase.applicationConnectionString,
    migrationDatabaseUrl: testDatabase.connectionString,
    databasePoolSize: 10,
    publicUrl: origin,
    allowedOrigins: [origin],
    issuers: [onlyIssuer({ issuer: ISSUER, clientId: 'test' })],
    sessions: DEFAULT_SESSION_LIMITS,
    stepUpWithinMs: DEFAULT_STEP_UP_WITHIN_MS,
    demo: false,
    grantKeyFile: join(folder, 'keys', 'grant-key.json'),
    turn: undefined,
    // Tests seal when they want to.
    audit: {
      keyFile: join(folder, 'keys', 'audit-key.json'),
      headsFile: join(folder, 'audit-heads.jsonl'),
      collector: undefined,
      sealEveryMs: 60_000,
    },
    phi: {
      kek: 'file',
      keyFile: join(folder, 'keys', 'phi-kek.json'),
      pkcs11: undefined,
      awsKms: undefined,
      cacheKeys: 10_000,
      cacheMs: 60_000,
    },
    trustedProxies: [],
    rateLimits: { ...DEFAULT_RATE_LIMITS, grant: 1_000, write: 5_000, read: 5_000 },
    slotHorizonDays: 30,
    // Tests that are about what is done beside requests turn it on.
    jobs: false,
    smtp: undefined,
    offerMinutes: 15,
    corrections: { answerDays: 60, extensionDays: 30 },
    ...(await change(origin, testDatabase.applicationConnectionString)),
  };
  const clock = { now: START };
  const health = new Health();
  const core = stack.use(
    await createCore(config, {
      bus,
      log: sinks.log ?? silentLogger,
      registry: sinks.registry ?? createRegistry(),
      health,
      clock: () => clock.now,
      ...(sinks.policy === undefined ? {} : { policy: sinks.policy }),
    }),
  );
  server.on('request', (request, response) => core.handle(request, response));

  const announced: VisitEvent[] = [];
  bus.subscribe(VISIT_EVENTS_PATTERN, (payload) => void announced.push(VisitEvent.parse(payload)));
  const organizationId = await core.provisioning.upsertOrganization({
    key: 'clinic',
    name: 'Clinic',
    phone: '+49 30 1234',
    timeZone: 'Europe/Berlin',
  });
  const visitTypeId = await core.provisioning.upsertVisitType({
    key: 'video',
    organizationId,
    name: 'Video visit',
    durationMinutes: 30,
    earlyEntryMinutes: 15,
    lateEntryMinutes: 60,
  });

  const signIn = async (id: PersonId): Promise<Somebody> => {
    const cookie = randomBytes(32).toString('base64url');
    const at = new Date(clock.now);
    await database.db
      .insertInto('sessions')
      .values({
        idHash: sha256(cookie),
        organizationId,
        personId: id,
        createdAt: at,
        seenAt: at,
        authenticatedAt: at,
        expiresAt: new Date(clock.now + 12 * 3_600_000),
      })
      .execute();
    return { id, cookie, browser: new Browser(origin, { bedside_session: cookie }) };
  };

  const clinic: Clinic = {
    core,
    bus,
    database,
    origin,
    organizationId,
    visitTypeId,
    health,
    announced,
    clock,
    config,
    signIn,
    person: async (key, ...roles) =>
      signIn(
        await core.provisioning.upsertPerson({
          key,
          organizationId,
          displayName: `Name of ${key}`,
          timeZone: 'Europe/Berlin',
          roles,
          identities: config.issuers.map(({ issuer }) => ({ issuer, subject: key })),
          ...(roles.includes('provider') ? { provider: { specialty: 'General' } } : {}),
        }),
      ),
    book: async ({ patient, provider, startsAt }) => {
      const appointmentId = await core.provisioning.bookIfNone(
        {
          organizationId,
          patientId: patient.id,
          providerId: provider.id,
          visitTypeId,
          startsAt: new Date(startsAt ?? clock.now),
        },
        { from: new Date(0), to: new Date(0) },
      );
      const encounter = await database.db
        .selectFrom('encounters')
        .select('id')
        .where('appointmentId', '=', appointmentId)
        .executeTakeFirstOrThrow();
      return { appointmentId, encounterId: encounter.id };
    },
    grant: async (who, visit) => {
      const answer = await who.browser.post(`/api/v1/encounters/${visit.encounterId}/grant`);
      return Grant.parse(answer.body);
    },
    enter: async (who, visit) => {
      const { id } = await clinic.grant(who, visit);
      const holder = { grantId: id, encounterId: visit.encounterId, personId: who.id };
      await clinic.ask('redeemGrant', holder);
      return holder;
    },
    ask: askOn(bus),
    runTask: async (name) => {
      const key = `test-${name}`;
      await enqueue(database.db, { task: name, payload: {}, key, maxAttempts: 1 });
      for (;;) {
        const { rows } = await sql<{ lastError: string | null }>`
          SELECT last_error FROM graphile_worker.jobs WHERE key = ${key}`.execute(database.db);
        const [job] = rows;
        if (job === undefined) return;
        if (job.lastError !== null) throw new Error(job.lastError);
      }
    },
    audit: () =>
      database.db
        .selectFrom('auditEvents')
        .select(['action', 'outcome', 'reason', 'personId', 'encounterId', 'patientId', 'role'])
        .where('action', '<>', 'set-up')
        .orderBy('id')
        .execute(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
  return clinic;
};

/** Everything up to the moment when patient and provider are in the visit together. */
export const startVisit = async (clinic: Clinic, names = { patient: 'pat', provider: 'doc' }) => {
  const patient = await clinic.person(names.patient, 'patient');
  const provider = await clinic.person(names.provider, 'provider');
  const visit = await clinic.book({ patient, provider });
  const host = await clinic.enter(provider, visit);
  const guest = await clinic.enter(patient, visit);
  await clinic.ask('setPresence', { ...host, presence: 'admitted', connected: true });
  await clinic.ask('setPresence', { ...guest, presence: 'device-check', connected: true });
  await clinic.ask('setPresence', { ...guest, presence: 'ready', connected: true });
  await clinic.ask('admit', { ...host, patientId: patient.id });
  await clinic.ask('setPresence', { ...guest, presence: 'admitted', connected: true });
  return { patient, provider, visit, host, guest };
};
