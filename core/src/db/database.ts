import type { Logger } from '@bedside/kit';
import { CamelCasePlugin, Kysely, PostgresDialect, type Transaction } from 'kysely';
import { Pool, types } from 'pg';
import { preparingPool } from './preparing-pool.ts';
import type { Tables } from './tables.ts';

/** What reads: the pool, or the transaction under way. */
export type Db = Kysely<Tables>;

/** A transaction under way. What `onCommit` is given runs after the commit, in order, and not at all without one. */
export interface Tx {
  readonly db: Transaction<Tables>;
  onCommit(hook: () => void): void;
}

const DATE_ARRAY_OID = 1182;

/** A calendar date has no zone: as the driver's `Date` at midnight of the process's own it would be another day elsewhere. */
const typeParsers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === types.builtins.DATE) return (value: string) => value;
    if (oid === DATE_ARRAY_OID) return (value: string) => (value === '{}' ? [] : value.slice(1, -1).split(','));
    return types.getTypeParser(oid, format);
  }) as typeof types.getTypeParser,
};

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at the most. */
  readonly poolSize: number;
  /**
   * Whether statements that come again are prepared by name. Not behind a proxy that hands a connection to another
   * client after each transaction and knows nothing of names.
   */
  readonly prepares?: boolean;
  readonly log: Logger;
}

/** The only way to Postgres: reads through `db`, writes through `transaction`. */
export class Database {
  readonly db: Db;
  readonly #log: Logger;

  private constructor(db: Db, log: Logger) {
    this.db = db;
    this.#log = log;
  }

  /** Connects lazily: the first query tells whether the server is there. */
  static open(options: DatabaseOptions): Database {
    const pool = new Pool({
      connectionString: options.url,
      max: options.poolSize,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
      // A statement that takes longer holds a connection that others wait for.
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 30_000,
      application_name: 'bedside-core',
      types: typeParsers,
    });
    // A connection that breaks, idle or at work, is replaced; without listeners it would end the process.
    const onLost = (error: Error) => options.log.warn('database-connection-lost', { errorName: error.name });
    pool.on('error', onLost);
    pool.on('connect', (client) => client.on('error', onLost));
    const dialect = new PostgresDialect({ pool: options.prepares === false ? pool : preparingPool(pool) });
    const db = new Kysely<Tables>({ dialect, plugins: [new CamelCasePlugin()] });
    return new Database(db, options.log);
  }

  /** Runs `work` in one transaction. A throw rolls everything back, audit rows included. */
  async transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const hooks: (() => void)[] = [];
    const result = await this.db.transaction().execute((db) => work({ db, onCommit: (hook) => void hooks.push(hook) }));
    for (const hook of hooks) {
      try {
        hook();
      } catch (error) {
        // The act stands; a repeated request publishes again.
        this.#log.error('after-commit-failed', { error });
      }
    }
    return result;
  }

  async close(): Promise<void> {
    await this.db.destroy();
  }
}
