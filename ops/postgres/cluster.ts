import { execFile } from 'node:child_process';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OperatorError } from '@bedside/kit';
import type { Binaries } from './binaries.ts';
import { makeOwnFolder } from './place.ts';
import type { Account } from './run-as.ts';

const run = promisify(execFile);

/** The only superuser of an embedded cluster. */
export const superuser = 'postgres';

export interface ClusterOptions {
  /** The placed data folder; the cluster becomes its folder `data`. */
  dataDir: string;
  binaries: Binaries;
  account: Account | undefined;
  /** Whether every write reaches the disk before it is believed; only tests say no. */
  durable: boolean;
  signal?: AbortSignal;
  log: (line: string) => void;
}

/** What a child sees of the environment: nothing of ours, PGDATA and the like included. */
export const serverEnv = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const draftPrefix = 'initdb-';

/**
 * Makes the cluster when there is none, and checks that these programs can run the one there is. The new one is made
 * beside its place and moved in when whole, so an interrupted initdb leaves only a draft, which the next start removes.
 * @returns the cluster's folder.
 * @throws when the cluster is of another major version, saying what to do.
 */
export async function ensureCluster(options: ClusterOptions): Promise<string> {
  const { dataDir, binaries, account, durable, signal, log } = options;
  const clusterDir = join(dataDir, 'data');
  const drafts = (await readdir(dataDir)).filter((name) => name.startsWith(draftPrefix));
  await Promise.all(drafts.map((name) => rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 5 })));

  const major = await readFile(join(clusterDir, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (major !== undefined) {
    checkMajor(major.trim(), binaries.major, clusterDir);
    return clusterDir;
  }
  if ((await readdir(clusterDir).catch(() => [])).length > 0) {
    throw new OperatorError(
      `${clusterDir} is not a Postgres data folder, and not empty. Move it away, or restore it from a backup`,
    );
  }

  log(`making a new database in ${dataDir}`);
  const draft = join(dataDir, `${draftPrefix}${process.pid}`);
  await makeOwnFolder(draft, account);
  // Only those who can enter the 0700 socket folder get as far as authentication: the account itself and root.
  const access = [`--username=${superuser}`, '--auth=trust'];
  // The builtin provider sorts alike on every distribution and after each of its updates.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const sync = durable ? [] : ['--no-sync'];
  const args = [`--pgdata=${draft}`, ...access, ...locale, ...sync, '--no-instructions'];
  await run(binaries.initdb, args, { cwd: dataDir, env: serverEnv, ...account, ...(signal && { signal }) }).catch(
    (cause) => {
      signal?.throwIfAborted();
      const said = String((cause as { stderr?: string }).stderr ?? '').trim();
      throw new OperatorError(`initdb could not make a database in ${dataDir}: ${said || String(cause)}`, { cause });
    },
  );
  await rename(draft, clusterDir);
  return clusterDir;
}

function checkMajor(found: string, ours: string, clusterDir: string): void {
  if (found === ours) return;
  throw new OperatorError(
    `The database in ${clusterDir} was made by PostgreSQL ${found}; this Bedside brings PostgreSQL ${ours}. ` +
      `Restore a backup into a new folder (BEDSIDE_DATA_DIR=<folder>), upgrade the data with pg_upgrade, ` +
      `or serve it with PostgreSQL ${found} and name that server: DATABASE_URL=postgresql://…`,
  );
}
