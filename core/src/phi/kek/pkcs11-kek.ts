import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Pkcs11Config } from '../../config.ts';
import { SealBroken } from '../envelope.ts';
import { contextBytes, frame, NONCE_BYTES, unframe } from './local-wrap.ts';
import { CKR, Pkcs11Failure, Pkcs11Module } from './pkcs11-module.ts';
import { KekAway, type KekPort, type WrapContext } from './port.ts';

/** What waits for the token at the most; more is refused. */
const MAX_WAITING = 256;
/** A token that takes longer counts as away. */
const CALL_TIMEOUT_MS = 5_000;

/** Some tokens (SoftHSM) say CKR_GENERAL_ERROR instead, as of anything that went wrong: then it counts as away. */
const NOT_WRAPPED_BY_IT: readonly number[] = [CKR.ENCRYPTED_DATA_INVALID, CKR.ENCRYPTED_DATA_LEN_RANGE];

interface Session {
  readonly module: Pkcs11Module;
  readonly handle: number;
  readonly keys: Map<string, number>;
}

const labelOf = (kekId: string): string => kekId.slice('pkcs11:'.length);

/**
 * KEKs that never leave a PKCS#11 token: AES-256 keys, found by their label, which wrap with AES-GCM inside it. Calls go
 * one after the other through one session, which is opened anew after a failure.
 */
export class Pkcs11Kek implements KekPort {
  readonly kind = 'pkcs11';
  readonly #config: Pkcs11Config;
  readonly #kek: string;
  #session: Promise<Session> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** `kek`: the id of the configured KEK, where it is of this kind. */
  constructor(config: Pkcs11Config, kek: string) {
    this.#config = config;
    this.#kek = kek;
  }

  async current(): Promise<string> {
    await this.#withKey(this.#kek, async () => undefined);
    return this.#kek;
  }

  async next(known: readonly string[]): Promise<string> {
    if (known.includes(this.#kek)) throw new KekAway('pkcs11-no-new-key-named');
    return this.current();
  }

  wrap(kekId: string, key: Buffer, context: WrapContext): Promise<Buffer> {
    return this.#withKey(kekId, async ({ module, handle }, kek) => {
      const nonce = randomBytes(NONCE_BYTES);
      const what = { session: handle, key: kek, nonce, aad: contextBytes(context), data: key };
      return frame(nonce, await module.encrypt(what));
    });
  }

  async unwrap(kekId: string, wrapped: Buffer, context: WrapContext): Promise<Buffer> {
    const { nonce, encrypted } = unframe(wrapped);
    return this.#withKey(kekId, ({ module, handle }, kek) =>
      module.decrypt({ session: handle, key: kek, nonce, aad: contextBytes(context), data: encrypted }),
    );
  }

  /** Throws `SealBroken`, `KekAway`. */
  async #withKey<Result>(kekId: string, use: (session: Session, key: number) => Promise<Result>): Promise<Result> {
    if (this.#waiting >= MAX_WAITING) throw new KekAway('pkcs11-busy');
    this.#waiting += 1;
    const result = this.#tail.then(() => this.#inTime(this.#attempt(kekId, use)));
    this.#tail = result.catch(() => undefined);
    try {
      return await result;
    } catch (error) {
      if (error instanceof KekAway) throw error;
      if (error instanceof Pkcs11Failure && NOT_WRAPPED_BY_IT.includes(error.rv))
        throw new SealBroken('not wrapped by this key, or for something else');
      this.#forgetSession();
      const reason = error instanceof Pkcs11Failure ? `pkcs11-0x${error.rv.toString(16)}` : 'pkcs11-failed';
      throw new KekAway(reason, { cause: error });
    } finally {
      this.#waiting -= 1;
    }
  }

  async #attempt<Result>(kekId: string, use: (session: Session, key: number) => Promise<Result>): Promise<Result> {
    this.#session ??= this.#open();
    const session = await this.#session;
    return use(session, await this.#keyOf(session, kekId));
  }

  async #keyOf(session: Session, kekId: string): Promise<number> {
    const known = session.keys.get(kekId);
    if (known !== undefined) return known;
    const [key, another] = await session.module.findKeys(session.handle, labelOf(kekId));
    if (key === undefined) throw new KekAway('pkcs11-no-such-key');
    // It would be chance which of them wraps.
    if (another !== undefined) throw new KekAway('pkcs11-label-of-several-keys');
    session.keys.set(kekId, key);
    return key;
  }

  async #open(): Promise<Session> {
    const { module: path, token, pinFile } = this.#config;
    try {
      const module = await Pkcs11Module.load(path);
      await module.initialize();
      const slot = await module.findSlot(token);
      if (slot === undefined) throw new KekAway('pkcs11-no-such-token');
      const text = await readFile(pinFile, 'utf8').catch((cause: unknown) => {
        throw new KekAway('pkcs11-pin-file-unreadable', { cause });
      });
      const pin = Buffer.from(text.split('\n', 1)[0]?.trimEnd() ?? '');
      const handle = await module.openSession(slot, pin).finally(() => pin.fill(0));
      return { module, handle, keys: new Map() };
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }

  async #inTime<Result>(work: Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      this.#forgetSession();
      late.reject(new KekAway('pkcs11-timeout'));
    }, CALL_TIMEOUT_MS);
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #forgetSession(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.then(({ module, handle }) => module.closeSession(handle)).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#tail;
    this.#forgetSession();
  }
}
