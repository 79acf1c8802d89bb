import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempDir } from '@bedside/kit/temp-dir';
import pg from 'pg';
import { expect, test } from 'vitest';
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from '../postgres/launcher.ts';
import { findServerProcesses } from '../postgres/leftovers.ts';
import { chooseAccount } from '../postgres/run-as.ts';
import { startProgram } from './support/program.ts';

interface Held {
  pid: number;
  dataDir: string;
  connectionString: string;
  lines: string[];
}

const silent = () => undefined;

function start(dataDir: string, options: Partial<EmbeddedPostgresOptions> = {}) {
  return startEmbeddedPostgres({ dataDir, log: silent, durable: false, ...options });
}

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const addNote = `CREATE TABLE IF NOT EXISTS note (line text); INSERT INTO note VALUES ('kept')`;
const countNotes = 'SELECT count(*)::int AS notes FROM note';

test('the first start makes the database, the second finds what was stored', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'postgres');
  const first = await start(dataDir);
  await query(first.connectionString, addNote);
  await first.close();
  await first.close();
  expect(await first.exited).toEqual({ code: 0, signal: null, expected: true });
  await using second = await start(dataDir);
  expect(await query(second.connectionString, countNotes)).toEqual([{ notes: 1 }]);
});

test('the server listens on its socket alone, in a folder closed to others', async () => {
  await using dir = await makeTempDir();
  await using postgres = await start(join(dir.path, 'postgres'));
  expect(await query(postgres.connectionString, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }]);
  const [folder, data] = await Promise.all([stat(postgres.connection.host), stat(postgres.dataDir)]);
  expect([folder.mode & 0o777, data.mode & 0o777]).toEqual([0o700, 0o700]);
});

test('the server has a session of its own, which the terminal of Bedside does not interrupt', async () => {
  await using dir = await makeTempDir();
  await using postgres = await start(join(dir.path, 'postgres'));
  const fields = (await readFile(`/proc/${postgres.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  const [, , group, session] = fields;
  expect([group, session]).toEqual([String(postgres.pid), String(postgres.pid)]);
});

test('neither statements nor row values reach the log', async () => {
  await using dir = await makeTempDir();
  const lines: string[] = [];
  const postgres = await start(join(dir.path, 'postgres'), { log: (line) => lines.push(line) });
  const repeat = `CREATE TABLE person (name text UNIQUE); INSERT INTO person VALUES ('Ada'), ('Ada')`;
  await expect(query(postgres.connectionString, repeat)).rejects.toThrow(/duplicate key/);
  await expect(query(postgres.connectionString, `SELECT 'Ada'::int`)).rejects.toThrow(/invalid input/);
  await postgres.close();
  expect(lines.join('\n')).toMatch(/ready to accept/);
  expect(lines.join('\n')).not.toMatch(/Ada/);
});

test('a crash of the server is told', async () => {
  await using dir = await makeTempDir();
  await using postgres = await start(join(dir.path, 'postgres'));
  process.kill(postgres.pid, 'SIGKILL');
  expect(await postgres.exited).toEqual({ code: null, signal: 'SIGKILL', expected: false });
});

test('the orphan of a killed Bedside is stopped, and nothing committed is lost', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'postgres');
  await using holder = await startProgram({ file: 'hold-postgres.ts', argument: { dataDir } });
  const held = holder.said as Held;
  await query(held.connectionString, addNote);
  await holder.kill('SIGKILL');
  expect(await findServerProcesses(join(dataDir, 'data'))).not.toEqual([]);

  const lines: string[] = [];
  await using postgres = await start(dataDir, { log: (line) => lines.push(line) });
  expect(lines[0]).toBe(`stopping a Postgres left from an earlier start (process ${held.pid})`);
  expect(postgres.pid).not.toBe(held.pid);
  expect(await query(postgres.connectionString, countNotes)).toEqual([{ notes: 1 }]);
});

test('Bedside and server both killed: the next start recovers what was committed', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'postgres');
  await using holder = await startProgram({ file: 'hold-postgres.ts', argument: { dataDir } });
  const held = holder.said as Held;
  await query(held.connectionString, addNote);
  const client = new pg.Client({ connectionString: held.connectionString });
  client.on('error', silent);
  await client.connect();
  await holder.kill('SIGKILL');
  process.kill(held.pid, 'SIGKILL');
  await using postgres = await start(dataDir);
  expect(await query(postgres.connectionString, countNotes)).toEqual([{ notes: 1 }]);
});

test('a server whose Bedside lives is left alone', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'postgres');
  await using holder = await startProgram({ file: 'hold-postgres.ts', argument: { dataDir } });
  const held = holder.said as Held;
  await expect(start(dataDir)).rejects.toThrow(`Stop it first: kill ${holder.pid}`);
  expect(await query(held.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await holder.kill('SIGTERM');
});

test('a pid file that names a living stranger does not hinder the start, nor does the stranger suffer', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'postgres');
  const first = await start(dataDir);
  await first.close();
  // Of the same account, for PostgreSQL takes only such a process for a rival.
  const stranger = spawn('/bin/sleep', ['60'], { ...(await chooseAccount(dataDir, silent)) });
  await once(stranger, 'spawn');
  const ended = once(stranger, 'exit');
  const pidFile = join(dataDir, 'data', 'postmaster.pid');
  await writeFile(pidFile, `${stranger.pid}\n${join(dataDir, 'data')}\n1767225600\n5432\n${join(dataDir, 'run')}\n\n`);
  await using postgres = await start(dataDir);
  expect(await query(postgres.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(stranger.exitCode).toBeNull();
  stranger.kill();
  await ended;
});

test('an interrupted initdb is repeated', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'postgres');
  const interruption = new AbortController();
  const log = (line: string) => {
    if (line.startsWith('making a new database')) setImmediate(() => interruption.abort());
  };
  await expect(start(dataDir, { log, signal: interruption.signal })).rejects.toThrow(/aborted/);
  await mkdir(join(dataDir, 'initdb-4711'), { recursive: true });
  await writeFile(join(dataDir, 'initdb-4711', 'PG_VERSION'), '18\n');
  await using postgres = await start(dataDir);
  expect(await query(postgres.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await expect(access(join(dataDir, 'initdb-4711'))).rejects.toThrow(/ENOENT/);
});

test('data of another major version is not touched; the message says what to do', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'postgres');
  const first = await start(dataDir);
  await first.close();
  await writeFile(join(dataDir, 'data', 'PG_VERSION'), '17\n');
  await expect(start(dataDir)).rejects.toThrow(/was made by PostgreSQL 17; .*brings PostgreSQL 18.*DATABASE_URL=/);
});

test('a folder with something else in it is not taken for a database', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'postgres');
  await mkdir(join(dataDir, 'data'), { recursive: true });
  await writeFile(join(dataDir, 'data', 'thesis.txt'), 'mine');
  await expect(start(dataDir)).rejects.toThrow(/not a Postgres data folder, and not empty/);
});

test('a server that will not start is quoted', async () => {
  await using dir = await makeTempDir();
  const settings = { shared_buffers: 'plenty' };
  await expect(start(join(dir.path, 'postgres'), { settings })).rejects.toThrow(
    /invalid value.*shared_buffers.*plenty/,
  );
});

test('a path too long for a socket gets a short one, the same after a crash, gone at the end', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'x'.repeat(90), 'postgres');
  await using holder = await startProgram({ file: 'hold-postgres.ts', argument: { dataDir, durable: false } });
  const { connectionString, pid } = holder.said as Held;
  expect(new URL(connectionString).searchParams.get('host')).toMatch(/^\/tmp\/bedside-postgres-/);
  await holder.kill('SIGKILL');
  process.kill(pid, 'SIGKILL');

  const postgres = await start(dataDir);
  expect(postgres.connectionString).toBe(connectionString);
  expect(await query(connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await postgres.close();
  await expect(access(postgres.connection.host)).rejects.toThrow(/ENOENT/);
});

test('a short socket folder that somebody else made is not used', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'x'.repeat(90), 'postgres');
  const first = await start(dataDir);
  const usual = first.connection.host;
  await first.close();
  await mkdir(usual, { mode: 0o777 });
  const second = await start(dataDir);
  expect(second.connection.host).not.toBe(usual);
  await second.close();
  await rmdir(usual);
});
