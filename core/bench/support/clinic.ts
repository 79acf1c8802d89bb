import { join } from 'node:path';
import { silentLogger } from '@bedside/kit';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { startEmbeddedPostgres } from '@bedside/ops/postgres';
import type { OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import { sql } from 'kysely';
import { OwnerDatabase } from '../../src/db/database.ts';
import { loadMigrations, migrate } from '../../src/db/migrator.ts';
import { sha256 } from '../../src/secrets.ts';

export const SPECIALTIES = ['Family medicine', 'Cardiology', 'Behavioral health', 'Dermatology', 'Pediatrics'] as const;
const ZONES = ['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles'];

/** A large clinic on a Postgres of its own with all durability on; data and server go when it is disposed of. */
export interface BenchClinic extends AsyncDisposable {
  readonly database: OwnerDatabase;
  readonly databaseUrl: string;
  readonly folder: string;
  readonly organizationId: OrganizationId;
  /** Thirty minutes, without buffers. */
  readonly visitTypeId: VisitTypeId;
  /** By id. */
  readonly providerIds: readonly PersonId[];
  /** By id; each has a session whose cookie is `cookieOf(id)`. */
  readonly patientIds: readonly PersonId[];
  /** Front desk, with a session too. */
  readonly deskId: PersonId;
}

/** The session cookie of somebody of the clinic: 32 bytes in base64url, as core makes them, but known. */
export const cookieOf = (id: PersonId): string =>
  Buffer.from(id.replaceAll('-', '')).toString('base64url').slice(0, 43);

const openFolder = async (): Promise<{ folder: string; databaseUrl: string; close: () => Promise<void> }> => {
  const { path: folder, ...temporary } = await makeTempDir();
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    log: () => undefined,
    settings: { max_connections: '200', shared_buffers: '512MB', max_wal_size: '4GB' },
  });
  const close = async () => {
    await postgres.close();
    await temporary[Symbol.asyncDispose]();
  };
  return { folder, databaseUrl: postgres.connectionString, close };
};

const insertPeople = async (
  database: OwnerDatabase,
  kind: { organizationId: OrganizationId; role: 'patient' | 'provider' | 'front-desk'; count: number },
): Promise<PersonId[]> => {
  const { rows } = await sql<{ id: PersonId }>`
    WITH made AS (
      INSERT INTO people (organization_id, key, display_name, time_zone, created_at)
      SELECT ${kind.organizationId}, ${kind.role}::text || number, initcap(${kind.role}::text) || ' ' || number,
        (${ZONES}::text[])[1 + number % ${ZONES.length}::int], now()
      FROM generate_series(1, ${kind.count}::int) AS number
      RETURNING id
    ), roles AS (
      INSERT INTO account_roles (organization_id, person_id, role)
      SELECT ${kind.organizationId}, id, ${kind.role} FROM made
    )
    SELECT id FROM made ORDER BY id`.execute(database.db);
  return rows.map((row) => row.id);
};

const insertSessions = async (
  database: OwnerDatabase,
  organizationId: OrganizationId,
  ids: readonly PersonId[],
): Promise<void> => {
  const hashes = ids.map((id) => sha256(cookieOf(id)));
  await sql`
    INSERT INTO sessions (id_hash, organization_id, person_id, created_at, seen_at, expires_at)
    SELECT hash, ${organizationId}, id, now(), now(), now() + interval '12 hours'
    FROM unnest(${hashes}::text[], ${ids}::uuid[]) AS session (hash, id)`.execute(database.db);
};

/** People, one visit type, and for each provider weekdays from nine to five in one of four zones with an hour's break. */
export const startBenchClinic = async (size: { providers: number; patients: number }): Promise<BenchClinic> => {
  const { folder, databaseUrl, close } = await openFolder();
  const database = OwnerDatabase.open({ url: databaseUrl, poolSize: 4, log: silentLogger });
  const { db } = database;
  await migrate(db, await loadMigrations());
  const { id: organizationId } = await db
    .insertInto('organizations')
    .values({ key: 'bench', name: 'Bench', timeZone: 'America/New_York', createdAt: new Date() })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: visitTypeId } = await db
    .insertInto('visitTypes')
    .values({
      organizationId,
      key: 'video',
      name: 'Video visit',
      durationMinutes: 30,
      earlyEntryMinutes: 15,
      lateEntryMinutes: 60,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const providerIds = await insertPeople(database, { organizationId, role: 'provider', count: size.providers });
  const patientIds = await insertPeople(database, { organizationId, role: 'patient', count: size.patients });
  const deskIds = await insertPeople(database, { organizationId, role: 'front-desk', count: 1 });
  const [deskId] = deskIds;
  if (deskId === undefined) throw new Error('A clinic without a front desk.');
  await sql`INSERT INTO patients (organization_id, person_id)
    SELECT ${organizationId}, unnest(${patientIds}::uuid[])`.execute(db);
  await sql`INSERT INTO providers (organization_id, person_id, specialty)
    SELECT ${organizationId}, id, (${SPECIALTIES}::text[])[1 + number % ${SPECIALTIES.length}::int]
    FROM unnest(${providerIds}::uuid[]) WITH ORDINALITY AS provider (id, number)`.execute(db);
  await sql`INSERT INTO availability_rules
      (organization_id, provider_id, kind, starts_on, starts_minute, ends_minute, rrule, label)
    SELECT ${organizationId}, id, kind, '2024-01-01', starts, ends, 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', label
    FROM unnest(${providerIds}::uuid[]) AS id,
      (VALUES ('open', 540, 1020, ''), ('block', 720, 780, 'Charting')) AS rule (kind, starts, ends, label)`.execute(
    db,
  );
  await insertSessions(database, organizationId, [...patientIds, deskId]);
  await sql`ANALYZE`.execute(db);
  return {
    database,
    databaseUrl,
    folder,
    organizationId,
    visitTypeId,
    providerIds,
    patientIds,
    deskId,
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await close();
    },
  };
};

/** As after everybody's first request of the minute: that one writes down that the session is in use. */
export const refreshSessions = async (clinic: BenchClinic): Promise<void> => {
  await sql`UPDATE sessions SET seen_at = now()`.execute(clinic.database.db);
};

/**
 * Books a share of all the times there are, at random but the same each run: appointments and what they take of their
 * provider's time. What search does not read (encounters, presences) is left out; answers how many there are.
 */
export const bookAtRandom = async (clinic: BenchClinic, share: number): Promise<number> => {
  const { rows } = await clinic.database.db.connection().execute(async (db) => {
    // Two million rows: the constraint is built once over all of them instead of being asked for each.
    await sql`ALTER TABLE calendar_claims DROP CONSTRAINT calendar_claims_no_overlap`.execute(db);
    await sql`SET session_replication_role = replica`.execute(db);
    await sql`SET statement_timeout = 0`.execute(db);
    await sql`SELECT setseed(0.6)`.execute(db);
    const booked = await sql<{ count: number }>`
      WITH made AS (
        INSERT INTO appointments (organization_id, provider_id, patient_id, visit_type_id, starts_at, ends_at,
          provider_date, created_at, updated_at)
        SELECT day.organization_id, day.provider_id, (${clinic.patientIds}::uuid[])[1 + floor(random() * ${clinic.patientIds.length})::int],
          ${clinic.visitTypeId}, to_timestamp(minute * 60), to_timestamp((minute + 30) * 60), day.on_date, now(), now()
        FROM slot_days AS day, jsonb_array_elements(day.openings) AS opening,
          generate_series((opening ->> 0)::int, (opening ->> 1)::int - 30, 30) AS minute
        WHERE random() < ${share}
        RETURNING id, organization_id, provider_id, starts_at, ends_at
      ), claimed AS (
        INSERT INTO calendar_claims (organization_id, person_id, starts_at, ends_at, appointment_id)
        SELECT organization_id, provider_id, starts_at, ends_at, id FROM made
      )
      SELECT count(*)::int AS count FROM made`.execute(db);
    await sql`SET session_replication_role = DEFAULT`.execute(db);
    await sql`ALTER TABLE calendar_claims ADD CONSTRAINT calendar_claims_no_overlap
      EXCLUDE USING gist (person_id WITH =, tstzrange(starts_at, ends_at) WITH &&)`.execute(db);
    // Statistics and visibility as a database that has run for a while has them.
    await sql`VACUUM ANALYZE appointments, calendar_claims, slot_days`.execute(db);
    await sql`RESET statement_timeout`.execute(db);
    return booked;
  });
  return rows[0]?.count ?? 0;
};
