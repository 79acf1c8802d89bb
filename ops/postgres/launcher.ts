import { join } from 'node:path';
import { OperatorError } from '@bedside/kit';
import pg from 'pg';
import { cacheDir as defaultCacheDir } from '../cache-dir.ts';
import { acquireProcessLock, LockHeldError, type ProcessLock } from '../process-lock.ts';
import { provideBinaries } from './binaries.ts';
import { ensureCluster, superuser } from './cluster.ts';
import { stopLeftovers } from './leftovers.ts';
import { placeData } from './place.ts';
import { chooseAccount } from './run-as.ts';
import { type PostgresExit, port, type ServerProcess, startServerProcess } from './server-process.ts';
import { makeSocketDir, type SocketDir } from './socket-dir.ts';

export type { PostgresExit } from './server-process.ts';

export interface EmbeddedPostgresOptions {
  /** Where the database lives; made when missing. As root it may end up elsewhere, linked from here (it is logged). */
  dataDir: string;
  /** One line about what is done, or that the server says; never a statement or a row's value. */
  log: (line: string) => void;
  /** Gives the start up; a started server is ended by `close()`. */
  signal?: AbortSignal;
  /** PostgreSQL settings beside ours, as `postgres -c name=value` takes them. */
  settings?: Readonly<Record<string, string>>;
  /** The database that `connectionString` names; made when missing. "bedside" when not given. */
  database?: string;
  /** False trades every durability for speed: for data that a test throws away. */
  durable?: boolean;
  /** Where a readable copy of the programs goes if one is needed; `cacheDir({})` when not given. */
  cacheDir?: string;
  /** Where the database goes when the server's account cannot enter `dataDir`; /var/lib/bedside when not given. */
  reachableRoot?: string;
}

/** How node-postgres reaches the server: over its socket, as its superuser. */
export interface PostgresConnection {
  /** The socket's folder. */
  host: string;
  port: number;
  user: string;
  database: string;
}

export interface EmbeddedPostgres extends AsyncDisposable {
  readonly connection: PostgresConnection;
  /** The same as a `postgresql://` URL, for node-postgres and libpq alike. */
  readonly connectionString: string;
  /** As the application, which owns nothing and passes no row-level security. */
  readonly applicationConnectionString: string;
  /** The postmaster's. */
  readonly pid: number;
  /** The folder that the data is really in. */
  readonly dataDir: string;
  /** Fulfilled when the server is gone, whoever ended it; never rejected. */
  readonly exited: Promise<PostgresExit>;
  /** Fast shutdown: clients are cut off, what was committed stays. A second call waits for the first. */
  close(): Promise<void>;
}

/** The URL of a database on an embedded server. */
export function connectionStringOf({ host, port: portNumber, user, database }: PostgresConnection): string {
  return `postgresql://${user}@localhost:${portNumber}/${encodeURIComponent(database)}?host=${encodeURIComponent(host)}`;
}

async function lockData(dataDir: string): Promise<ProcessLock> {
  try {
    return await acquireProcessLock({ path: join(dataDir, 'launcher.lock') });
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    const { pid, since } = cause.holder;
    throw new OperatorError(`Process ${pid} runs a Postgres on ${dataDir} since ${since}. Stop it first: kill ${pid}`, {
      cause,
    });
  }
}

/**
 * The application's own role, which core's migrations give its rights by way of `bedside_app`. It owns nothing and
 * passes no row-level security; the superuser is for migrations.
 */
export const applicationUser = 'bedside';
const ensureApplicationUser = `DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bedside_app') THEN
    CREATE ROLE bedside_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${applicationUser}') THEN
    CREATE ROLE ${applicationUser} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE IN ROLE bedside_app;
  END IF;
END
$$`;

async function ensureDatabase(connection: PostgresConnection): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' });
  await client.connect();
  try {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [connection.database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(connection.database)}`);
    await client.query(ensureApplicationUser);
  } finally {
    await client.end();
  }
}

const throwaway = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts PostgreSQL on a folder, whatever the last start left there: makes the database on the first, ends the server
 * of a killed Bedside, repeats an interrupted initdb. Reached over its UNIX socket only, by this account and root.
 * Takes 0.2 s, the first time 1 s more.
 * @throws with what to do, when the folder is in use, of another major version, or closed to the server's account.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, signal, settings = {}, database = 'bedside', durable = true } = options;
  const { cacheDir = defaultCacheDir({}), reachableRoot = '/var/lib/bedside' } = options;
  signal?.throwIfAborted();
  await using undo = new AsyncDisposableStack();

  const account = await chooseAccount(options.dataDir, log);
  const dataDir = await placeData({ dataDir: options.dataDir, account, reachableRoot, log });
  undo.use(await lockData(dataDir));
  const binaries = await provideBinaries({ account, cacheDir, log });
  await stopLeftovers(join(dataDir, 'data'), log);
  const clusterDir = await ensureCluster({ dataDir, binaries, account, durable, log, ...(signal && { signal }) });
  const socketDir: SocketDir = await makeSocketDir(dataDir, account);
  undo.defer(() => socketDir.remove());
  const server: ServerProcess = await startServerProcess({
    program: binaries.postgres,
    clusterDir,
    socketDir: socketDir.path,
    account,
    settings: durable ? settings : { ...throwaway, ...settings },
    log,
    ...(signal && { signal }),
  });
  undo.defer(() => server.stop());
  const connection: PostgresConnection = { host: socketDir.path, port, user: superuser, database };
  await ensureDatabase(connection);

  const owned = undo.move();
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= owned.disposeAsync();
    return closing;
  };
  const { pid, exited } = server;
  const connectionString = connectionStringOf(connection);
  const applicationConnectionString = connectionStringOf({ ...connection, user: applicationUser });
  return {
    connection,
    connectionString,
    applicationConnectionString,
    pid,
    dataDir,
    exited,
    close,
    [Symbol.asyncDispose]: close,
  };
}
