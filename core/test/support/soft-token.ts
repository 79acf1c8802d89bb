import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Pkcs11Config } from '../../src/config.ts';

const run = promisify(execFile);
/** Where Debian's softhsm2 puts it. */
const PLACES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'];

const firstThere = async (places: readonly string[]): Promise<string | undefined> => {
  for (const place of places)
    if (
      await access(place).then(
        () => true,
        () => false,
      )
    )
      return place;
  return undefined;
};

/** The library, or undefined where softhsm2 (apt) is not installed. */
export const softTokenLibrary = (): Promise<string | undefined> => firstThere(PLACES);

export interface SoftToken extends AsyncDisposable {
  readonly config: Pkcs11Config;
  readonly folder: string;
  addKey(label: string): Promise<void>;
}

/** A token of SoftHSM's. Its settings are the process's: one token a test file. */
export const createSoftToken = async (module: string): Promise<SoftToken> => {
  const folder = await mkdtemp(join(tmpdir(), 'bedside-token-'));
  await mkdir(join(folder, 'tokens'));
  const configFile = join(folder, 'softhsm2.conf');
  await writeFile(configFile, `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\n`);
  // What the library reads when it is initialized in this process.
  process.env.SOFTHSM2_CONF = configFile;
  const env = { ...process.env, SOFTHSM2_CONF: configFile };
  const [pin, soPin] = ['4711-pin', '0815-so'];
  const pinFile = join(folder, 'pin');
  await writeFile(pinFile, `${pin}\n`, { mode: 0o600 });
  await run('softhsm2-util', ['--init-token', '--free', '--label', 'bedside', '--pin', pin, '--so-pin', soPin], {
    env,
  });
  return {
    config: { module, token: 'bedside', pinFile },
    folder,
    addKey: async (label) => {
      const file = join(folder, `${label}.key`);
      // Letters and digits: softhsm2-util reads a file to the first byte that ends a text, and an AES key of what is left.
      await writeFile(file, randomBytes(16).toString('hex'));
      const id = randomBytes(4).toString('hex');
      const args = ['--import', file, '--aes', '--token', 'bedside', '--label', label, '--id', id, '--pin', pin];
      await run('softhsm2-util', args, { env });
      await rm(file);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};
