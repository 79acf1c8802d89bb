import { type Clock, type Logger, systemClock } from '@bedside/kit';
import { CamelCasePlugin, Kysely, PostgresDialect, type PostgresPool, type Transaction } from 'kysely';
import { Pool, types } from 'pg';
import type { Who } from '../policy/policy.ts';
import { personScope, type Scope, type SystemPurpose, systemScope } from './scope.ts';
import { type PoolOptions, plainPool, scopedPool } from './scoped-pool.ts';
import { StatementNames } from './statement-names.ts';
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
  /** By which dated relationships are judged; the machine's where it is absent. */
  readonly clock?: Clock;
  /** A role that every connection takes on, for a URL whose own role may do more. */
  readonly role?: string | undefined;
  readonly log: Logger;
}

/** Who asks: a caller, or anybody whom the policy knows. */
type Asks = { readonly who: Who } | Scope;

/** Statements of one scope: reads through `db`, writes through `transaction`. */
export class ScopedDatabase {
  readonly db: Db;
  readonly #log: Logger;

  constructor(db: Db, log: Logger) {
    this.db = db;
    this.#log = log;
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
}

const openPool = (options: DatabaseOptions): Pool => {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    // Once open it stays: a connection has the plans of its statements, and whoever comes first on a new one waits for
    // them longer than for any answer.
    min: options.poolSize,
    connectionTimeoutMillis: 5_000,
    // A statement that takes longer holds a connection that others wait for.
    statement_timeout: 15_000,
    idle_in_transaction_session_timeout: 30_000,
    application_name: 'bedside-core',
    types: typeParsers,
    options: [
      // Planned once a connection and again after each ANALYZE: with the walls in it a plan costs more than it finds.
      '-c plan_cache_mode=force_generic_plan',
      ...(options.role === undefined ? [] : [`-c role=${options.role}`]),
    ].join(' '),
  });
  // A connection that breaks, idle or at work, is replaced; without listeners it would end the process.
  const onLost = (error: Error): void => {
    // A server that stops at the same time may say so before it has read that we are going.
    if (!pool.ending) options.log.warn('database-connection-lost', { errorName: error.name });
  };
  pool.on('error', onLost);
  pool.on('connect', (client) => client.on('error', onLost));
  return pool;
};

const kyselyOn = (pool: PostgresPool): Db =>
  new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins: [new CamelCasePlugin()] });

/**
 * The only way to Postgres. Nothing runs without a scope: `as(caller)` for whoever asks, `asSystem(purpose)` for what
 * nobody asked for. Row-level security judges each statement by it (ADR 0020).
 */
export class Database {
  protected readonly pool: PoolOptions;
  protected readonly log: Logger;
  readonly #clock: Clock;

  protected constructor(options: DatabaseOptions) {
    this.pool = { pool: openPool(options), names: options.prepares === false ? undefined : new StatementNames() };
    this.log = options.log;
    this.#clock = options.clock ?? systemClock;
  }

  /** Connects lazily: the first query tells whether the server is there. */
  static open(options: DatabaseOptions): Database {
    return new Database(options);
  }

  /** The database as `asks` may see and change it. */
  as(asks: Asks): ScopedDatabase {
    const of = 'who' in asks ? personScope(asks.who) : asks;
    return new ScopedDatabase(kyselyOn(scopedPool(this.pool, { of, at: () => new Date(this.#clock()) })), this.log);
  }

  /** The database as a purpose of the system's may see and change it, in one organization or one visit where it is named. */
  asSystem(purpose: SystemPurpose, about?: Parameters<typeof systemScope>[1]): ScopedDatabase {
    return this.as(systemScope(purpose, about));
  }

  async close(): Promise<void> {
    if (!this.pool.pool.ending) await this.pool.pool.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * The database as whoever owns its tables has it: without a scope. For migrations and for tests that look at what is
 * really there; services are given a `Database`.
 */
export class OwnerDatabase extends Database {
  readonly db: Db;
  readonly #whole: ScopedDatabase;

  protected constructor(options: DatabaseOptions) {
    super(options);
    this.db = kyselyOn(plainPool(this.pool));
    this.#whole = new ScopedDatabase(this.db, this.log);
  }

  static override open(options: DatabaseOptions): OwnerDatabase {
    return new OwnerDatabase(options);
  }

  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return this.#whole.transaction(work);
  }
}
