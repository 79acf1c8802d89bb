import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient, QueryResult } from 'pg';
import { type Scope, scopeSettings, scopeStatementOf, sideOf } from './scope.ts';
import { runScoped } from './scoped-query.ts';
import type { StatementNames } from './statement-names.ts';

/** What gives out connections for a scope. */
export interface PoolOptions {
  readonly pool: Pool;
  /** Undefined: nothing is prepared by name. */
  readonly names: StatementNames | undefined;
}

const BEGIN = /^(begin|start transaction\b[^;]*)$/;
const END = /^(commit|rollback)$/;

/** A connection as one borrower has it: what runs on it, runs in the scope. */
const scopedClient = (
  client: PoolClient,
  options: { names: StatementNames | undefined; purpose: Scope['purpose']; settings: () => string[] },
): PostgresPoolClient => {
  const { names, purpose, settings } = options;
  let isInTransaction = false;
  const begin = async (text: string): Promise<QueryResult> => {
    const results = (await client.query(
      `${text}; ${scopeStatementOf(purpose, settings(), (literal) => client.escapeLiteral(literal))}`,
    )) as unknown as QueryResult[];
    isInTransaction = true;
    const [begun] = results;
    if (begun === undefined) throw new Error('A transaction without an answer to its beginning.');
    return begun;
  };
  const query = (text: string, values: unknown[]): Promise<QueryResult> => {
    if (BEGIN.test(text)) return begin(text);
    const name = values.length === 0 ? undefined : names?.of(text, sideOf(purpose));
    const statement = name === undefined ? { text, values } : { name, text, values };
    if (isInTransaction) {
      if (END.test(text)) isInTransaction = false;
      return client.query(statement);
    }
    return runScoped(client, statement, { purpose, settings: settings(), prepares: names !== undefined });
  };
  return {
    // Kysely's cursors are not used here.
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy),
  };
};

/** The pool as one scope has it. Ending it is the owner's. */
export const scopedPool = (options: PoolOptions, scope: { of: Scope; at: () => Date }): PostgresPool => {
  const settings = () => scopeSettings(scope.of, scope.at());
  return {
    options: options.pool.options,
    connect: async () =>
      scopedClient(await options.pool.connect(), { names: options.names, purpose: scope.of.purpose, settings }),
    end: () => Promise.resolve(),
  };
};

/** The pool without a scope, with statements that come again prepared by name on each of its connections. */
export const plainPool = ({ pool, names }: PoolOptions): PostgresPool => {
  if (names === undefined) return pool;
  const clients = new WeakMap<PoolClient, PostgresPoolClient>();
  const preparing = (client: PoolClient): PostgresPoolClient => ({
    query: ((text: string, values: unknown[]) => {
      // Without parameters several statements may stand in one text, which cannot be prepared.
      const name = values.length === 0 ? undefined : names.of(text);
      return client.query(name === undefined ? { text, values } : { name, text, values });
    }) as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy),
  });
  return {
    options: pool.options,
    connect: async () => {
      const client = await pool.connect();
      const known = clients.get(client) ?? preparing(client);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
};
