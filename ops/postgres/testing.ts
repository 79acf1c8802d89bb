import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { applicationUser, connectionStringOf, type PostgresConnection, startEmbeddedPostgres } from './launcher.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's own server, connected to its maintenance database; ops/postgres/vitest-setup.ts starts it. */
    postgres: PostgresConnection;
  }
}

/** A database of a test's own, gone when disposed of. */
export interface TestDatabase extends AsyncDisposable {
  readonly connection: PostgresConnection;
  readonly connectionString: string;
  /** As the application, which owns nothing and passes no row-level security. */
  readonly applicationConnectionString: string;
  /** Cuts off who is still connected, and removes it; a second call does nothing. */
  drop(): Promise<void>;
}

export interface TestDatabaseTemplate {
  /** Names the template for the whole run: who asks for the same name gets a copy of the same content. */
  name: string;
  /** Fills the template: run once a run, whichever worker comes first. Leaves no connection open. */
  prepare: (connectionString: string) => Promise<void>;
}

export interface TestDatabaseOptions {
  /** What the database starts from; empty when not given. */
  template?: TestDatabaseTemplate;
}

/** Only one worker at a time prepares templates; any number will do, and no test has reason to use this one. */
const templateLock = 8_050_711;

async function onServer<T>(task: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(inject('postgres'));
  await client.connect();
  try {
    return await task(client);
  } finally {
    await client.end();
  }
}

async function ensureTemplate(client: pg.Client, { name, prepare }: TestDatabaseTemplate): Promise<string> {
  const database = `template_${name}`;
  await client.query('SELECT pg_advisory_lock($1)', [templateLock]);
  try {
    const found = await client.query('SELECT datistemplate FROM pg_database WHERE datname = $1', [database]);
    if (found.rows[0]?.datistemplate === true) return database;
    const quoted = client.escapeIdentifier(database);
    // One that is not marked was left half prepared by a failure.
    if (found.rowCount !== 0) await client.query(`DROP DATABASE ${quoted} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${quoted}`);
    await prepare(connectionStringOf({ ...inject('postgres'), database }));
    await client.query(`ALTER DATABASE ${quoted} WITH is_template true`);
    return database;
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [templateLock]);
  }
}

/**
 * A fresh database on the run's server: about 20 ms, migrations included when they are in the template. Only in
 * vitest's integration project, whose global setup starts the server.
 */
export async function createTestDatabase({ template }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const database = `test_${randomBytes(8).toString('hex')}`;
  await onServer(async (client) => {
    const source = template === undefined ? 'template1' : await ensureTemplate(client, template);
    await client.query(`CREATE DATABASE ${database} TEMPLATE ${client.escapeIdentifier(source)}`);
  });
  const connection = { ...inject('postgres'), database };
  const drop = () =>
    onServer(async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    });
  const applicationConnectionString = connectionStringOf({ ...connection, user: applicationUser });
  const connectionString = connectionStringOf(connection);
  return { connection, connectionString, applicationConnectionString, drop, [Symbol.asyncDispose]: drop };
}

/** A server of the test's own, with its files in `folder`: for tests that look at what is on the disk. */
export const startTestServer = (folder: string) =>
  startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: () => undefined });
