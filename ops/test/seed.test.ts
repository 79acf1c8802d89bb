import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Core, coreConfig, createCore } from '@bedside/core';
import { createRegistry, Health, MemoryBus, silentLogger } from '@bedside/kit';
import { busErrors } from '@bedside/protocol';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoIssuerPeople, demoPatients } from '../demo/people.ts';
import { seedDemo } from '../demo/seed.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/testing.ts';

const issuerUrl = 'http://localhost:9/demo-issuer';
let database: TestDatabase;
let core: Core;
let client: pg.Client;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bedside-seed-'));
  database = await createTestDatabase();
  const config = coreConfig({
    DATABASE_URL: database.connectionString,
    BEDSIDE_DATA_DIR: dir,
    BEDSIDE_OIDC_ISSUER: issuerUrl,
    BEDSIDE_OIDC_CLIENT_ID: 'bedside',
  });
  const bus = new MemoryBus({ errors: busErrors, onHandlerError: () => undefined });
  core = await createCore(config, {
    bus,
    log: silentLogger,
    registry: createRegistry(),
    health: new Health(),
    clock: Date.now,
  });
  client = new pg.Client(database.connection);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await core.close();
  await database.drop();
  await rm(dir, { recursive: true });
});

const visits = async () => {
  const { rows } = await client.query<{ key: string; open: boolean; today: boolean }>(`
    SELECT person.key,
           now() BETWEEN visit.starts_at - make_interval(mins => type.early_entry_minutes)
                     AND visit.ends_at + make_interval(mins => type.late_entry_minutes) AS open,
           (visit.starts_at AT TIME ZONE provider.time_zone)::date = (now() AT TIME ZONE provider.time_zone)::date AS today
    FROM appointments AS visit
    JOIN people AS person ON person.id = visit.patient_id
    JOIN people AS provider ON provider.id = visit.provider_id
    JOIN visit_types AS type ON type.id = visit.visit_type_id
    WHERE visit.status = 'booked'`);
  return rows;
};

test('every demo patient has one visit today that is open, however often Bedside starts', async () => {
  for (let start = 0; start < 3; start++)
    await seedDemo({ provisioning: core.provisioning, issuerUrl, now: Date.now() });
  const found = await visits();
  expect(found.map(({ key }) => key).sort()).toEqual(demoPatients.map(({ subject }) => subject).sort());
  expect(found.every(({ open, today }) => open && today)).toBe(true);
});

test('whose visit is over gets another', async () => {
  await client.query(`UPDATE appointments SET status = 'fulfilled'; DELETE FROM calendar_claims`);
  await seedDemo({ provisioning: core.provisioning, issuerUrl, now: Date.now() });
  expect(await visits()).toHaveLength(demoPatients.length);
});

test('hours that somebody changed stay as they are', async () => {
  await client.query(`UPDATE availability_rules SET ends_minute = 600`);
  await seedDemo({ provisioning: core.provisioning, issuerUrl, now: Date.now() });
  const { rows } = await client.query('SELECT DISTINCT ends_minute FROM availability_rules');
  expect(rows).toEqual([{ ends_minute: 600 }]);
});

test('the people are those of the demo issuer', async () => {
  const { rows } = await client.query('SELECT subject FROM identities WHERE issuer = $1', [issuerUrl]);
  expect(rows).toHaveLength(demoIssuerPeople.length);
});
