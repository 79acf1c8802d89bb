import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { OperatorError } from '@bedside/kit';
import { readIfThere, writeOnce } from '../secret-file.ts';
import { type PublicKey, publicKeyOf } from './verify/public-key.ts';

/** The Ed25519 key that signs heads. */
export interface AuditKey extends PublicKey {
  readonly privateKey: KeyObject;
}

const parseKey = (text: string, file: string): AuditKey => {
  try {
    const privateKey = createPrivateKey({ key: JSON.parse(text), format: 'jwk' });
    const { crv, x } = privateKey.export({ format: 'jwk' });
    if (crv !== 'Ed25519' || x === undefined) throw new Error('another kind of key');
    return { ...publicKeyOf(x), privateKey };
  } catch {
    throw new OperatorError(
      `${file} does not hold an Ed25519 key. Restore it from a backup. If it is lost: npm run audit:key -- --replace-lost`,
    );
  }
};

const loadOrMake = async (file: string): Promise<AuditKey> => {
  let text = await readIfThere(file);
  if (text === undefined) {
    const { privateKey } = generateKeyPairSync('ed25519');
    await writeOnce(file, `${JSON.stringify(privateKey.export({ format: 'jwk' }))}\n`);
    text = await readIfThere(file);
  }
  return parseKey(text ?? '', file);
};

/** Sealing has to stop: the last head names a key that is not on this machine. */
export class AuditKeyMissing extends OperatorError {
  override readonly name = 'AuditKeyMissing';
}

/**
 * The file of the key, and beside it, while the key is being changed, the file of the next one. The chain of heads says
 * which of the two is in force, so a change that was interrupted is finished by whoever seals next.
 */
export class AuditKeyFile {
  readonly #file: string;
  readonly #nextFile: string;
  #current: AuditKey | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#nextFile = `${file}.next`;
  }

  /** The key in the file, made when there is none. */
  async load(): Promise<AuditKey> {
    this.#current = await loadOrMake(this.#file);
    return this.#current;
  }

  /** The key of that id; without one, whatever there is. Throws `AuditKeyMissing`. */
  async find(keyId: string | undefined): Promise<AuditKey> {
    const known = this.#current ?? (await this.load());
    if (keyId === undefined || known.keyId === keyId) return known;
    const changed = await this.load();
    if (changed.keyId === keyId) return changed;
    const text = await readIfThere(this.#nextFile);
    const next = text === undefined ? undefined : parseKey(text, this.#nextFile);
    if (next?.keyId !== keyId) {
      throw new AuditKeyMissing(
        `${this.#file} is not the key that the last audit head names. Put that key there, or, if it is lost: npm run audit:key -- --replace-lost`,
      );
    }
    await this.adoptNext();
    return this.load();
  }

  /** The key that comes next, made when there is none. */
  prepareNext(): Promise<AuditKey> {
    return loadOrMake(this.#nextFile);
  }

  /** Puts the next key in the place of the present one. Whoever comes second finds it done. */
  async adoptNext(): Promise<void> {
    await rename(this.#nextFile, this.#file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    this.#current = undefined;
  }
}
