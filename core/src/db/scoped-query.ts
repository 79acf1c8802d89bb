import { type Connection, Query, type QueryConfig, type QueryResult, type Submittable } from 'pg';
import { type Scope, scopeStatement, sideOf } from './scope.ts';

/** What node-postgres calls on a query under way; its types name `submit` alone. */
interface QueryUnderWay extends Submittable {
  readonly name: string | undefined;
  readonly text: string;
  callback: ((error: Error | null, result: QueryResult) => void) | undefined;
  binary: boolean;
  readonly _result: unknown;
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleEmptyQuery(connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
  handlePortalSuspended(connection: Connection): void;
  handleCopyInResponse(connection: Connection): void;
  handleCopyData(message: unknown, connection: Connection): void;
}

/** What carries a scope to the server. `prepares`: its statement is kept on the connection. */
export interface ScopeOptions {
  readonly purpose: Scope['purpose'];
  /** `scopeSettings`. */
  readonly settings: readonly string[];
  readonly prepares: boolean;
}

/** The scopes' statements that are prepared on a connection, by their text. */
const prepared = new WeakMap<Connection, Set<string>>();

/**
 * One statement and, before it, the one that sets the scope: both in one message series that ends with one Sync, which
 * makes them one transaction and one round trip (PostgreSQL documentation, "Extended Query"). So the scope ends with the
 * statement, whatever becomes of it.
 */
class ScopedQuery implements Submittable {
  readonly #inner: QueryUnderWay;
  readonly #scope: ScopeOptions;
  /** The answer to the scope's own statement is in. */
  #isScopeSet = false;

  constructor(inner: QueryUnderWay, scope: ScopeOptions) {
    this.#inner = inner;
    this.#scope = scope;
  }

  /** By it the driver notes what is prepared; the first ParseComplete is the scope's. */
  get name(): string | undefined {
    return this.#isScopeSet ? this.#inner.name : undefined;
  }

  get text(): string {
    return this.#inner.text;
  }

  get callback() {
    return this.#inner.callback;
  }

  set callback(callback) {
    this.#inner.callback = callback;
  }

  get binary(): boolean {
    return this.#inner.binary;
  }

  /** The driver puts the type parsers there. */
  get _result(): unknown {
    return this.#inner._result;
  }

  readonly submit = (connection: Connection) => {
    connection.stream.cork();
    try {
      const { purpose, settings, prepares } = this.#scope;
      const text = scopeStatement(purpose);
      const name = prepares ? `bedside_${sideOf(purpose)}_scope` : '';
      if (!(prepares && prepared.get(connection)?.has(text))) connection.parse({ name, text, types: [] }, true);
      connection.bind({ portal: '', statement: name, values: [...settings] }, true);
      connection.execute({ portal: '' }, true);
      return this.#inner.submit(connection);
    } finally {
      connection.stream.uncork();
    }
  };

  handleRowDescription(message: unknown): void {
    this.#inner.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    if (this.#isScopeSet) this.#inner.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    if (this.#isScopeSet) return this.#inner.handleCommandComplete(message, connection);
    this.#isScopeSet = true;
    if (!this.#scope.prepares) return;
    const known = prepared.get(connection) ?? new Set();
    prepared.set(connection, known.add(scopeStatement(this.#scope.purpose)));
  }

  handleEmptyQuery(connection: Connection): void {
    this.#inner.handleEmptyQuery(connection);
  }

  handleError(error: Error, connection: Connection): void {
    this.#inner.handleError(error, connection);
  }

  handleReadyForQuery(connection: Connection): void {
    this.#inner.handleReadyForQuery(connection);
  }

  handlePortalSuspended(connection: Connection): void {
    this.#inner.handlePortalSuspended(connection);
  }

  handleCopyInResponse(connection: Connection): void {
    this.#inner.handleCopyInResponse(connection);
  }

  handleCopyData(message: unknown, connection: Connection): void {
    this.#inner.handleCopyData(message, connection);
  }
}

/** Takes queries in their order; a client of the pool. */
interface Sender {
  query(query: Submittable): unknown;
}

/** Runs one statement in a transaction of its own with the scope set. */
export const runScoped = (client: Sender, query: QueryConfig, scope: ScopeOptions): Promise<QueryResult> =>
  new Promise((resolve, reject) => {
    // Without the extended protocol there is no statement before this one in its transaction.
    const config = { ...query, queryMode: 'extended' };
    const settle = (error: Error | null | undefined, result: unknown) =>
      error ? reject(error) : resolve(result as QueryResult);
    client.query(new ScopedQuery(new Query(config, settle) as unknown as QueryUnderWay, scope));
  });
