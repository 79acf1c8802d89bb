import { execFile } from 'node:child_process';
import { chmod, chown, cp, lstat, mkdir, realpath, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTempDir } from '@bedside/kit/temp-dir';
import pg from 'pg';
import { expect, test } from 'vitest';
import { findPackage, hydrateLinks, provideBinaries } from '../postgres/binaries.ts';
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from '../postgres/launcher.ts';
import { ensureServerAccount, testAs } from '../postgres/run-as.ts';
import { startServerProcess } from '../postgres/server-process.ts';
import { startProgram } from './support/program.ts';

const run = promisify(execFile);
const silent = () => undefined;

/** An ordinary account that every system has and nothing else uses. */
const nobody = { uid: 65_534, gid: 65_534 };
const asNobody = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"';
const isRoot = process.getuid?.() === 0;
/** Whether an ordinary account can get at this checkout and this Node at all. */
const isOpen =
  isRoot &&
  (await testAs(nobody, '[ -r "$1" ]', import.meta.filename)) &&
  (await testAs(nobody, '[ -x "$1" ]', process.execPath));

function start(dataDir: string, options: Partial<EmbeddedPostgresOptions> = {}) {
  return startEmbeddedPostgres({ dataDir, log: silent, durable: false, ...options });
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rowCount } = await client.query('SELECT 1');
  await client.end();
  return rowCount === 1;
}

/** A copy of the platform's package to spoil. */
async function copyPackage(to: string): Promise<string> {
  await cp(await realpath(findPackage()), to, { recursive: true, verbatimSymlinks: true });
  return to;
}

test('links that npm left unmade are made', async () => {
  await using dir = await makeTempDir();
  const packageDir = await copyPackage(join(dir.path, 'package'));
  const link = join(packageDir, 'native', 'lib', 'libpq.so.5');
  await rm(link, { force: true });
  expect(await hydrateLinks(packageDir)).toBe(true);
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
});

test.runIf(isRoot)(
  'programs below a closed folder, installed under umask 077, are copied to where the account reads them',
  async () => {
    await using dir = await makeTempDir();
    const account = await ensureServerAccount(silent);
    const closed = join(dir.path, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const packageDir = await copyPackage(join(closed, 'package'));
    await run('chmod', ['-R', 'go=', packageDir]);
    await unlink(join(packageDir, 'native', 'lib', 'libpq.so.5')).catch(silent);

    const lines: string[] = [];
    const options = {
      account,
      cacheDir: join(dir.path, 'deep', 'cache'),
      log: (line: string) => lines.push(line),
      packageDir,
    };
    const mask = process.umask(0o077);
    const binaries = await provideBinaries(options).finally(() => process.umask(mask));
    const { stdout } = await run(binaries.initdb, ['--version'], { ...account, cwd: '/' });
    expect(stdout).toMatch(/PostgreSQL\) 18/);
    expect(await provideBinaries(options)).toEqual(binaries);
    expect(lines).toHaveLength(1);
  },
);

test.runIf(isRoot)('programs and cache both closed to the account: the message says what to open', async () => {
  await using dir = await makeTempDir();
  const account = await ensureServerAccount(silent);
  const closed = join(dir.path, 'closed');
  await mkdir(closed, { mode: 0o700 });
  const packageDir = await copyPackage(join(closed, 'package'));
  const cacheDir = join(closed, 'cache');
  const provided = provideBinaries({ account, cacheDir, log: silent, packageDir });
  await expect(provided).rejects.toThrow(`chmod -R a+rX ${cacheDir}`);
});

test.runIf(isRoot)(
  'as root below a closed folder the data goes to a reachable place, linked from the wanted one',
  async () => {
    await using dir = await makeTempDir();
    const home = join(dir.path, 'root');
    await mkdir(home, { mode: 0o700 });
    const dataDir = join(home, 'checkout', 'data', 'postgres');
    const lines: string[] = [];
    const options = { reachableRoot: join(dir.path, 'var'), log: (line: string) => lines.push(line) };
    const first = await start(dataDir, options);
    expect(first.dataDir).toMatch(`${join(dir.path, 'var')}/postgres-`);
    expect(await realpath(dataDir)).toBe(first.dataDir);
    expect(lines.join('\n')).toContain(`the database is kept in ${first.dataDir}, linked from there`);
    await first.close();

    await using second = await start(dataDir, options);
    expect(second.dataDir).toBe(first.dataDir);
    expect(await answers(second.connectionString)).toBe(true);
  },
);

test.runIf(isRoot)('a removed link means a new database, and the old one is named', async () => {
  await using dir = await makeTempDir();
  const home = join(dir.path, 'root');
  await mkdir(home, { mode: 0o700 });
  const dataDir = join(home, 'postgres');
  const lines: string[] = [];
  const options = { reachableRoot: join(dir.path, 'var'), log: (line: string) => lines.push(line) };
  const first = await start(dataDir, options);
  await first.close();
  await unlink(dataDir);
  await using second = await start(dataDir, options);
  expect(second.dataDir).not.toBe(first.dataDir);
  expect(lines).toContain(
    `${first.dataDir} holds an older database of ${dataDir}; remove it when nothing in it is needed`,
  );
});

test('a umask of 077 changes nothing', async () => {
  await using dir = await makeTempDir();
  const argument = {
    dataDir: join(dir.path, 'data', 'postgres'),
    durable: false,
    reachableRoot: join(dir.path, 'var'),
  };
  await using holder = await startProgram({ file: 'hold-postgres.ts', argument, shell: 'umask 077; exec "$@"' });
  const said = holder.said as { dataDir: string; connectionString: string };
  expect(said.dataDir).toBe(argument.dataDir);
  expect(await answers(said.connectionString)).toBe(true);
  await holder.kill('SIGTERM');
});

test.runIf(isOpen)('an ordinary account starts its own, and root keeps it theirs', async () => {
  await using dir = await makeTempDir();
  const home = join(dir.path, 'home');
  await mkdir(home, { mode: 0o700 });
  await chown(home, nobody.uid, nobody.gid);
  const argument = { dataDir: join(home, 'data', 'postgres'), durable: false, cacheDir: join(home, 'cache') };
  await using holder = await startProgram({ file: 'hold-postgres.ts', argument, shell: asNobody });
  const held = holder.said as { connectionString: string };
  expect(await answers(held.connectionString)).toBe(true);
  await holder.kill('SIGTERM');

  const asRoot = await start(argument.dataDir);
  expect(await answers(asRoot.connectionString)).toBe(true);
  await asRoot.close();
  expect((await stat(join(argument.dataDir, 'data', 'PG_VERSION'))).uid).toBe(nobody.uid);

  await using again = await startProgram({ file: 'hold-postgres.ts', argument, shell: asNobody });
  expect(await answers((again.said as { connectionString: string }).connectionString)).toBe(true);
  await again.kill('SIGTERM');
});

test.runIf(isOpen)('an ordinary account on data of another is told whom it belongs to and what to do', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'postgres');
  const first = await start(dataDir);
  await first.close();
  const program = startProgram({ file: 'hold-postgres.ts', argument: { dataDir, durable: false }, shell: asNobody });
  await expect(program).rejects.toThrow(/belongs to another account.*sudo chown -R.*BEDSIDE_DATA_DIR=/);
});

test.runIf(isRoot)('data moved below a closed folder is not started elsewhere without its content', async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'data', 'postgres');
  const first = await start(dataDir);
  await first.close();
  await chmod(join(dir.path, 'data'), 0o700);
  await expect(start(dataDir, { reachableRoot: join(dir.path, 'var') })).rejects.toThrow(/chmod a\+x on each/);
});

test('a server that hears no polite signal is killed, in bounded time', async () => {
  await using dir = await makeTempDir();
  const postgres = await start(join(dir.path, 'postgres'));
  await postgres.close();
  const account = isRoot ? await ensureServerAccount(silent) : undefined;
  const { postgres: program } = await provideBinaries({ account, cacheDir: join(dir.path, 'cache'), log: silent });
  const server = await startServerProcess({
    program,
    clusterDir: join(postgres.dataDir, 'data'),
    socketDir: join(postgres.dataDir, 'run'),
    account,
    settings: {},
    log: silent,
    stopSteps: [
      { signal: 'SIGINT', waitMs: 50 },
      { signal: 'SIGQUIT', waitMs: 50 },
      { signal: 'SIGKILL', waitMs: 10_000 },
    ],
  });
  process.kill(server.pid, 'SIGSTOP');
  await server.stop();
  expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL', expected: true });
});

test.runIf(isOpen)(
  'a data folder that root made, or a place where nobody may make one, is refused with what to do',
  async () => {
    await using dir = await makeTempDir();
    const made = join(dir.path, 'made');
    await mkdir(made, { mode: 0o711 });
    for (const path of [made, join(dir.path, 'not-made')]) {
      const program = startProgram({ file: 'hold-data-dir.ts', argument: { path }, shell: asNobody });
      await expect(program).rejects.toThrow(
        `may not write to the data folder ${path}. Start as the account that owns it`,
      );
    }
  },
);
