import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { StatementNames } from './statement-names.ts';

const preparing = (client: PoolClient, names: StatementNames): PostgresPoolClient => ({
  // Kysely's cursors are not used here.
  query: ((text: string, values: unknown[]) => {
    // Without parameters several statements may stand in one text, which cannot be prepared.
    const name = values.length === 0 ? undefined : names.of(text);
    return client.query(name === undefined ? { text, values } : { name, text, values });
  }) as unknown as PostgresPoolClient['query'],
  release: (destroy) => client.release(destroy),
});

/** The pool, with statements that come again prepared by name on each of its connections. */
export const preparingPool = (pool: Pool): PostgresPool => {
  const names = new StatementNames();
  const clients = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    connect: async () => {
      const client = await pool.connect();
      const known = clients.get(client) ?? preparing(client, names);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
};
