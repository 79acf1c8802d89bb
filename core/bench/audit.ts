/**
 * `npm run bench:audit [-- --events 1000000] [--seconds 10]`: what the audit trail carries on a durable Postgres of its
 * own. Inserts a second, each in a transaction of its own from one process, with the sealer at work and without; events a
 * second that the sealer seals of a backlog, and that the stand-alone program judges. The last line is one JSON object.
 */
import { execFile } from 'node:child_process';
import { open, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createRegistry, silentLogger, systemClock } from '@bedside/kit';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { startEmbeddedPostgres } from '@bedside/ops/postgres';
import type { EncounterId, OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import { audit } from '../src/audit/audit.ts';
import { AuditKeyFile } from '../src/audit/audit-key.ts';
import { exportTrail } from '../src/audit/export.ts';
import { Sealer } from '../src/audit/sealer.ts';
import { startAuditTrail } from '../src/audit/trail.ts';
import { OwnerDatabase } from '../src/db/database.ts';
import { loadMigrations, migrate } from '../src/db/migrator.ts';

const CLIENTS = 16;
const run = promisify(execFile);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const round = (value: number): number => Math.round(value);
const perSecond = (count: number, sinceMs: number): number => round((count * 1000) / (performance.now() - sinceMs));

const options = {
  events: { type: 'string', default: '300000' },
  seconds: { type: 'string', default: '5' },
} as const;
const { events, seconds } = parseArgs({ options }).values;
const eventCount = Number(events);
const durationMs = Number(seconds) * 1000;

const entry = () => ({
  at: new Date(),
  actor: {
    organizationId: crypto.randomUUID() as OrganizationId,
    personId: crypto.randomUUID() as PersonId,
    role: 'provider',
    address: '192.0.2.7',
    requestId: crypto.randomUUID(),
  },
  action: 'encounter.read',
  resource: { type: 'encounter', id: crypto.randomUUID() },
  patientId: crypto.randomUUID() as PersonId,
  encounterId: crypto.randomUUID() as EncounterId,
});

const inserts = async (database: OwnerDatabase): Promise<number> => {
  const begunAt = performance.now();
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - begunAt < durationMs) {
      await audit(database.db, entry());
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return perSecond(count, begunAt);
};

const measure = async (folder: string): Promise<void> => {
  await using postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: () => undefined });
  const database = OwnerDatabase.open({ url: postgres.connectionString, poolSize: CLIENTS + 4, log: silentLogger });
  try {
    await migrate(database.db, await loadMigrations());
    const keyFile = join(folder, 'key.json');
    const headsFile = join(folder, 'heads.jsonl');
    const config = { keyFile, headsFile, collector: undefined, sealEveryMs: 500 };
    const withoutSealer = await inserts(database);
    const trail = startAuditTrail(config, {
      database,
      clock: systemClock,
      log: silentLogger,
      registry: createRegistry(),
    });
    const auditPerS = await inserts(database);
    await trail.close();
    say(`inserts a second, ${CLIENTS} clients: ${auditPerS} with the sealer, ${withoutSealer} without`);

    const keys = new AuditKeyFile(keyFile);
    const sealer = new Sealer({ database, keys, clock: systemClock, onBroken: () => undefined });
    await sealer.drain();
    await sql`SET statement_timeout = 0; INSERT INTO audit_events (at, organization_id, person_id, role, action,
      resource_type, resource_id, patient_id, encounter_id, outcome, address, request_id)
      SELECT now(), gen_random_uuid(), gen_random_uuid(), 'provider', 'encounter.read', 'encounter', gen_random_uuid()::text,
        gen_random_uuid(), gen_random_uuid(), 'success', '192.0.2.7', gen_random_uuid()::text
      FROM generate_series(1, ${sql.lit(eventCount)}); RESET statement_timeout`.execute(database.db);
    const sealedAt = performance.now();
    const sealPerS = perSecond(await sealer.drain(), sealedAt);
    say(`events sealed a second: ${sealPerS}`);

    const exportFile = join(folder, 'export.jsonl');
    const exportedAt = performance.now();
    await using file = await open(exportFile, 'wx', 0o600);
    const write = async (lines: readonly string[]): Promise<void> =>
      void (await file.write(lines.map((line) => `${line}\n`).join('')));
    const exported = await exportTrail({ database, clock: systemClock, write });
    say(`events exported a second: ${perSecond(exported.events, exportedAt)}`);

    const { x } = await keys.load();
    const publicFile = join(folder, 'public.json');
    await writeFile(publicFile, JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x }));
    const program = resolve(import.meta.dirname, '../src/audit/verify/main.ts');
    const args = [program, '--export', exportFile, '--key', publicFile];
    const verifiedAt = performance.now();
    const { stdout } = await run(process.execPath, args);
    const verifyPerS = perSecond(exported.events, verifiedAt);
    say(stdout.trimEnd());
    const megabytes = round((await stat(exportFile)).size / 1e6);
    say(`verified a second: ${verifyPerS}, start of the program included; ${megabytes} MB`);
    say(JSON.stringify({ auditPerS, auditPerSUnsealed: withoutSealer, sealPerS, verifyPerS }));
  } finally {
    await database.close();
  }
};

await using folder = await makeTempDir();
await measure(folder.path);
