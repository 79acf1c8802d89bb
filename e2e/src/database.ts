import { makeTempDir } from '@bedside/kit/temp-dir';
import { startEmbeddedPostgres } from '@bedside/ops/postgres';
import pg from 'pg';

/** A Postgres of a test's own that Bedside is pointed at, so that the test can look into it. */
export interface Database extends AsyncDisposable {
  readonly url: string;
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export const startDatabase = async (): Promise<Database> => {
  const folder = await makeTempDir();
  const server = await startEmbeddedPostgres({ dataDir: folder.path, log: () => undefined, durable: false });
  const client = new pg.Client(server.connection);
  await client.connect();
  return {
    url: server.connectionString,
    query: async (text, values = []) => (await client.query(text, [...values])).rows,
    [Symbol.asyncDispose]: async () => {
      await client.end();
      await server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
};
