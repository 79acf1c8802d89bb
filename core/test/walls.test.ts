import { createRegistry, Health, silentLogger } from '@bedside/kit';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../src/db/database.ts';
import { createCore } from '../src/index.ts';
import { type Clinic, type Somebody, startClinic, startVisit } from './support/clinic.ts';

describe('the database’s wall', () => {
  let clinic: Clinic;
  let application: pg.Client;
  let visit: Awaited<ReturnType<typeof startVisit>>;
  let stranger: Somebody;
  beforeAll(async () => {
    clinic = await startClinic();
    visit = await startVisit(clinic);
    stranger = await clinic.person('stranger', 'provider');
    application = new pg.Client(clinic.config.databaseUrl);
    await application.connect();
  });
  afterAll(async () => {
    await application.end();
    await clinic[Symbol.asyncDispose]();
  });

  it('stands before every table, for the owner too', async () => {
    const { rows } = await sql<{ relname: string }>`SELECT relname FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') 
        AND NOT (relrowsecurity AND relforcerowsecurity)`.execute(clinic.database.db);
    expect(rows).toEqual([]);
  });

  it('shows nothing and takes nothing without a scope', async () => {
    const { rows: tables } = await sql<{ grantee: string; tableName: string; rights: string }>`
      SELECT grantee, table_name, string_agg(privilege_type, ',') AS rights FROM information_schema.role_table_grants
      WHERE grantee LIKE 'bedside_%' AND table_schema = 'public' GROUP BY 1, 2 ORDER BY 1, 2`.execute(
      clinic.database.db,
    );
    expect(new Set(tables.map(({ grantee }) => grantee))).toEqual(
      new Set(['bedside_app', 'bedside_functions', 'bedside_person']),
    );
    expect(tables.length).toBeGreaterThan(100);
    // Nobody becomes the last of them but a superuser.
    const anybody = new pg.Client(clinic.config.migrationDatabaseUrl);
    await anybody.connect();
    for (const { grantee, tableName, rights } of tables) {
      const name = `${grantee}: ${tableName}`;
      await anybody.query(`SET ROLE ${grantee}`);
      if (rights.includes('SELECT'))
        expect((await anybody.query(`SELECT count(*)::int AS n FROM ${tableName}`)).rows, name).toEqual([{ n: 0 }]);
      if (rights.includes('UPDATE')) {
        const { rows } = await anybody.query(
          'SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND is_updatable = $2 AND is_identity = $3 LIMIT 1',
          [tableName, 'YES', 'NO'],
        );
        const column = rows[0].column_name;
        expect((await anybody.query(`UPDATE ${tableName} SET ${column} = ${column}`)).rowCount, name).toBe(0);
      }
      if (rights.includes('DELETE')) expect((await anybody.query(`DELETE FROM ${tableName}`)).rowCount, name).toBe(0);
    }
    await anybody.end();
  });

  it('lets a scope end with its statement and its transaction, also where they fail', async () => {
    const database = Database.open({ url: clinic.config.databaseUrl, poolSize: 1, log: silentLogger });
    const scope = () => sql<{ purpose: string | null }>`SELECT current_setting('bedside.purpose', true) AS purpose`;
    const caller = {
      who: { personId: visit.patient.id, organizationId: clinic.organizationId, roles: ['patient'] as const },
    };
    const { db } = database.as(caller);
    expect((await scope().execute(db)).rows).toEqual([{ purpose: 'person' }]);
    await expect(sql`SELECT 1 / 0`.execute(db)).rejects.toThrow('division');
    await expect(
      database.as(caller).transaction(async (tx) => {
        await sql`SELECT 1 / 0`.execute(tx.db);
      }),
    ).rejects.toThrow('division');
    // The one connection of the pool, as it is left behind.
    const { rows } = await (database as unknown as { pool: { pool: pg.Pool } }).pool.pool.query(
      `SELECT current_setting('bedside.purpose', true) AS purpose, current_setting('bedside.person', true) AS person, current_user AS role`,
    );
    expect(rows).toEqual([{ purpose: '', person: '', role: 'bedside' }]);
    await database.close();
  });

  it('lets nobody change the trail, or number and date its rows themselves', async () => {
    for (const statement of [
      'UPDATE audit_events SET reason = NULL',
      'DELETE FROM audit_events',
      'TRUNCATE audit_events',
      'ALTER TABLE audit_events DISABLE TRIGGER ALL',
      "INSERT INTO audit_events (id, at, action, resource_type, outcome) OVERRIDING SYSTEM VALUE VALUES (1, now(), 'a', 'b', 'success')",
      "INSERT INTO audit_events (at, action, resource_type, outcome, xid) VALUES (now(), 'a', 'b', 'success', '1')",
      'DROP POLICY person_select ON messages',
      'ALTER TABLE messages NO FORCE ROW LEVEL SECURITY',
      'SET ROLE postgres',
      'SET ROLE bedside_functions',
      'SET ROLE bedside_person; SELECT * FROM place_visits(now(), NULL)',
      'SET session_replication_role = replica',
    ])
      await expect(application.query(statement), statement).rejects.toThrow(/permission denied|must be owner/);
  });

  it('lets nobody write into the trail that somebody else did it', async () => {
    await using database = Database.open({ url: clinic.config.databaseUrl, poolSize: 1, log: silentLogger });
    const { db } = database.as({
      who: { personId: stranger.id, organizationId: clinic.organizationId, roles: ['provider'] },
    });
    const insert = (personId: string) =>
      sql`INSERT INTO audit_events (at, organization_id, person_id, action, resource_type, outcome)
        VALUES (now(), ${clinic.organizationId}, ${personId}, 'test', 'test', 'success')`.execute(db);
    await insert(stranger.id);
    await expect(insert(visit.provider.id)).rejects.toThrow('row-level security');
  });

  it('counts relationships from their first to their last instant', async () => {
    const { patient, visit: booked } = visit;
    const path = `/api/v1/encounters/${booked.encounterId}`;
    const [from, to] = [clinic.clock.now + 60_000, clinic.clock.now + 120_000].map((at) => new Date(at));
    await clinic.database.db
      .insertInto('careTeamMembers')
      .values({
        organizationId: clinic.organizationId,
        patientId: patient.id,
        memberId: stranger.id,
        validFrom: from as Date,
        validTo: to as Date,
        madeBy: stranger.id,
        madeAt: new Date(),
      })
      .execute();
    const began = clinic.clock.now;
    const statuses: number[] = [];
    for (const at of [59_999, 60_000, 119_999, 120_000]) {
      clinic.clock.now = began + at;
      statuses.push((await stranger.browser.get(path)).status);
    }
    clinic.clock.now = began;
    expect(statuses).toEqual([404, 200, 200, 404]);
  });

  it('opens a record by break-glass for minutes, to be read, with an alert and a row in the trail', async () => {
    const { patient, visit: booked } = visit;
    const doctor = await clinic.person('emergency-doctor', 'provider');
    const path = `/api/v1/encounters/${booked.encounterId}`;
    expect((await doctor.browser.get(path)).status).toBe(404);
    const opened = await doctor.browser.post(`/api/v1/patients/${patient.id}/emergency-access`, {
      reason: 'Found unconscious, allergies unknown',
      minutes: 10,
    });
    expect(opened.status).toBe(201);
    expect((await doctor.browser.get(path)).status).toBe(200);
    expect((await doctor.browser.get(`${path}/messages`)).status).toBe(200);
    expect((await doctor.browser.post(`${path}/end`)).status).toBe(403);
    const topics = await clinic.database.db.selectFrom('outboxEvents').select('topic').execute();
    expect(topics.map((row) => row.topic)).toContain('emergency.opened');
    expect(await clinic.audit()).toContainEqual(
      expect.objectContaining({
        action: 'emergency.open',
        reason: 'break-glass',
        patientId: patient.id,
        personId: doctor.id,
      }),
    );
    clinic.clock.now += 10 * 60_000;
    expect((await doctor.browser.get(path)).status).toBe(404);
  });

  it('stands on a server whose roles were made as the runbook says, from the first migration on', async () => {
    const name = `own_${crypto.randomUUID().slice(0, 8)}`;
    await sql.raw(`CREATE ROLE ${name} LOGIN NOSUPERUSER NOBYPASSRLS`).execute(clinic.database.db);
    await sql.raw(`GRANT bedside_app TO ${name} WITH ADMIN OPTION`).execute(clinic.database.db);
    await sql.raw(`GRANT bedside_person, bedside_functions TO ${name}`).execute(clinic.database.db);
    await sql.raw(`GRANT SET ON PARAMETER bedside.purpose TO ${name}`).execute(clinic.database.db);
    await sql.raw(`CREATE DATABASE ${name} OWNER ${name}`).execute(clinic.database.db);
    const at = (url: string, user: string) =>
      url.replace(/\/\/[^@]*@/, `//${user}@`).replace(/\/test_[0-9a-f]+/, `/${name}`);
    const config = {
      ...clinic.config,
      databaseUrl: at(clinic.config.databaseUrl, 'bedside'),
      migrationDatabaseUrl: at(clinic.config.databaseUrl, name),
    };
    const deps = () => ({
      bus: clinic.bus,
      log: silentLogger,
      registry: createRegistry(),
      health: new Health(),
      clock: () => clinic.clock.now,
    });
    try {
      for (const time of ['first', 'second']) {
        await using core = await createCore(config, deps());
        const id = await core.provisioning.upsertOrganization({ key: 'one', name: time, timeZone: 'Europe/Berlin' });
        expect(id).toMatch(/^[0-9a-f-]{36}$/);
      }
      const owner = new pg.Client(config.migrationDatabaseUrl);
      await owner.connect();
      expect((await owner.query('SELECT * FROM organizations')).rows).toEqual([]);
      await owner.end();
    } finally {
      await sql.raw(`DROP DATABASE ${name} WITH (FORCE)`).execute(clinic.database.db);
      await sql
        .raw(`REVOKE SET ON PARAMETER bedside.purpose FROM ${name}; DROP OWNED BY ${name}; DROP ROLE ${name}`)
        .execute(clinic.database.db);
    }
  });

  it('is not there for a role that could pass it, and core does not start with one', async () => {
    const databaseUrl = clinic.config.migrationDatabaseUrl ?? '';
    const start = createCore(
      { ...clinic.config, databaseUrl },
      {
        bus: clinic.bus,
        log: silentLogger,
        registry: createRegistry(),
        health: clinic.health,
        clock: () => clinic.clock.now,
      },
    );
    await expect(start).rejects.toThrow('passes row-level security');
  });
});
