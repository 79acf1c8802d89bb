import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** With nothing of our environment: programs that ask or change accounts need none of it. */
const run = (program: string, args: readonly string[], options: { cwd?: string } & Partial<Account> = {}) =>
  execute(program, args, { ...options, env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' } });

/** The account the server runs under. PostgreSQL refuses root. */
export interface Account {
  uid: number;
  gid: number;
}

/** The system account made for it where Bedside itself runs as root. */
export const serverAccountName = 'bedside-postgres';

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** The `bedside-postgres` account, made when missing: no password, no shell, no home. Needs root. */
export async function ensureServerAccount(log: (line: string) => void): Promise<Account> {
  const known = await lookUp(serverAccountName);
  if (known !== undefined) return known;
  const options = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'];
  const failure = await run('/usr/sbin/useradd', [...options, '--shell', '/usr/sbin/nologin', serverAccountName]).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  // Another start may have made it meanwhile: only its absence counts.
  const made = await lookUp(serverAccountName);
  if (made === undefined) {
    throw new Error(
      `PostgreSQL will not run as root and the system account ${serverAccountName} could not be made. ` +
        `Run: useradd ${options.join(' ')} ${serverAccountName}`,
      { cause: failure },
    );
  }
  log(`made the system account ${serverAccountName} for the embedded Postgres`);
  return made;
}

/**
 * Who shall run the server on this data folder; undefined means whoever runs this. As root, a folder that somebody
 * else's start made stays theirs, so that they can start again without root.
 */
export async function chooseAccount(dataDir: string, log: (line: string) => void): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(join(dataDir, 'data')).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return ensureServerAccount(log);
}

/** Whether a POSIX test(1) expression over `$1` holds for the account: the kernel answers, ACLs and mounts included. */
export async function testAs(account: Account | undefined, expression: string, path: string): Promise<boolean> {
  return run('/bin/sh', ['-c', expression, 'sh', path], { cwd: '/', ...account }).then(
    () => true,
    () => false,
  );
}
