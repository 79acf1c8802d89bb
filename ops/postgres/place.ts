import { chmod, chown, mkdir, mkdtemp, readdir, readFile, realpath, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OperatorError } from '@bedside/kit';
import { makeDataFolder } from '../data-dir.ts';
import { type Account, testAs } from './run-as.ts';

export interface PlaceOptions {
  /** Where the data is wanted. */
  dataDir: string;
  account: Account | undefined;
  /** Where the data goes when the account cannot get at `dataDir`. */
  reachableRoot: string;
  log: (line: string) => void;
}

const originFile = 'origin';
const enterable = 'cd "$1" && [ -r . ] && [ -w . ]';

/** Older places whose link is gone: somebody removed the data folder, and its content may still matter to them. */
async function forgottenPlaces(root: string, dataDir: string): Promise<string[]> {
  const places = (await readdir(root)).filter((name) => name.startsWith('postgres-')).map((name) => join(root, name));
  const origins = await Promise.all(places.map((place) => readFile(join(place, originFile), 'utf8').catch(() => '')));
  return places.filter((_, index) => origins[index] === dataDir);
}

/** Puts the data under `reachableRoot` and a symlink to it where it was wanted. */
async function relocate({ dataDir, account, reachableRoot, log }: PlaceOptions): Promise<string> {
  await makeDataFolder(reachableRoot);
  const forgotten = await forgottenPlaces(reachableRoot, dataDir);
  const place = await mkdtemp(join(reachableRoot, 'postgres-'));
  await writeFile(join(place, originFile), dataDir, { mode: 0o644 });
  if (account !== undefined) await chown(place, account.uid, account.gid);
  await rmdir(dataDir);
  await symlink(place, dataDir);
  log(`the account that runs Postgres cannot enter ${dataDir}: the database is kept in ${place}, linked from there`);
  for (const old of forgotten)
    log(`${old} holds an older database of ${dataDir}; remove it when nothing in it is needed`);
  return place;
}

/**
 * Makes the data folder, owned by the account and closed to everybody else.
 * @returns its real path, which may be elsewhere when the account cannot enter the wanted one.
 * @throws when a database is there already and its owner cannot enter.
 */
export async function placeData(options: PlaceOptions): Promise<string> {
  const dataDir = resolve(options.dataDir);
  const { account, reachableRoot, log } = options;
  await makeDataFolder(dataDir);
  const real = await realpath(dataDir);
  if (account !== undefined) await chown(real, account.uid, account.gid);
  if (account !== undefined || process.getuid?.() !== 0) await chmod(real, 0o700).catch(() => undefined);
  if (await testAs(account, enterable, real)) return real;

  if (account === undefined) {
    throw new OperatorError(
      `${real} belongs to another account. Give it to yours (sudo chown -R "$(id -un)" ${real}), ` +
        'start as that account or as root, or choose another folder: BEDSIDE_DATA_DIR=<folder>',
    );
  }
  if ((await readdir(real)).length > 0) {
    throw new OperatorError(
      `The database in ${real} belongs to account ${account.uid}, which cannot enter the folders above it. ` +
        `Open them (chmod a+x on each), or move the data: BEDSIDE_DATA_DIR=<folder>`,
    );
  }
  return relocate({ dataDir, account, reachableRoot, log });
}

/** A folder inside the placed data, for the account alone. */
export async function makeOwnFolder(path: string, account: Account | undefined): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o700);
  if (account !== undefined) await chown(path, account.uid, account.gid);
}
