import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@bedside/ops/postgres';
import pg from 'pg';

/** A Postgres of a test's own that Bedside is pointed at, so that the test can look into it. */
export interface Database extends AsyncDisposable {
  readonly url: string;
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export const startDatabase = async (): Promise<Database> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'bedside-e2e-postgres-'));
  const server = await startEmbeddedPostgres({ dataDir, log: () => undefined, durable: false });
  const client = new pg.Client(server.connection);
  await client.connect();
  return {
    url: server.connectionString,
    query: async (text, values = []) => (await client.query(text, [...values])).rows,
    [Symbol.asyncDispose]: async () => {
      await client.end();
      await server.close();
      if (server.dataDir !== dataDir) await rm(server.dataDir, { recursive: true, force: true });
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
