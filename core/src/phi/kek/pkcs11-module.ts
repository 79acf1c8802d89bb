import { KekAway } from './port.ts';

/** PKCS #11 v2.40: return values, object classes, attributes and flags that are used here. */
export const CKR = {
  OK: 0x0,
  ENCRYPTED_DATA_INVALID: 0x40,
  ENCRYPTED_DATA_LEN_RANGE: 0x41,
  USER_ALREADY_LOGGED_IN: 0x100,
  CRYPTOKI_ALREADY_INITIALIZED: 0x191,
} as const;
const CKF_OS_LOCKING_OK = 2;
const CKA_CLASS = 0x0;
const CKA_LABEL = 0x3;
const CKO_SECRET_KEY = 4n;
const CKM_AES_GCM = 0x1087;
const TAG_BITS = 128;
/** Of CK_TOKEN_INFO: the label comes first, padded with blanks. */
const TOKEN_LABEL_BYTES = 32;
const TOKEN_INFO_BYTES = 512;
const MAX_SLOTS = 256;

/** Pointers and CK_ULONG have eight bytes, little-endian: Linux on x64 and arm64. */
const WORD = 8;

interface ForeignFunction {
  async(...args: unknown[]): void;
}

type AddressOf = (memory: Buffer) => bigint;
type Call = (name: string, ...args: unknown[]) => Promise<number>;

const words = (...values: (bigint | number)[]): Buffer => {
  const bytes = Buffer.alloc(values.length * WORD);
  values.forEach((value, index) => bytes.writeBigUInt64LE(BigInt(value), index * WORD));
  return bytes;
};

const word = (value = 0): Buffer => words(value);
const valueOf = (bytes: Buffer, index = 0): number => Number(bytes.readBigUInt64LE(index * WORD));

/** A function of the module answered something else than CKR_OK. */
export class Pkcs11Failure extends Error {
  override readonly name = 'Pkcs11Failure';
  readonly rv: number;

  constructor(what: string, rv: number) {
    super(`${what} answered 0x${rv.toString(16)}`);
    this.rv = rv;
  }
}

/** A maker's PKCS#11 library, as far as AES-GCM with a key of a token goes. Its calls run beside the event loop. */
export class Pkcs11Module {
  readonly #call: Call;
  readonly #addressOf: AddressOf;
  /** Memory that a call under way points to. The library's threads are unknown to the garbage collector. */
  readonly #held = new Set<readonly unknown[]>();

  private constructor(call: Call, addressOf: AddressOf) {
    this.#call = call;
    this.#addressOf = addressOf;
  }

  /** Throws `KekAway` where the library cannot be loaded. */
  static async load(path: string): Promise<Pkcs11Module> {
    try {
      // An optional dependency: without it there is no PKCS#11, and everything else works.
      const { default: koffi } = await import('koffi');
      const library = koffi.load(path);
      const functions = new Map<string, ForeignFunction>();
      const define = (name: string, args: string[]) => functions.set(name, library.func(name, 'ulong', args));
      define('C_Initialize', ['void *']);
      define('C_GetSlotList', ['uint8_t', 'void *', 'void *']);
      define('C_GetTokenInfo', ['ulong', 'void *']);
      define('C_OpenSession', ['ulong', 'ulong', 'void *', 'void *', 'void *']);
      define('C_CloseSession', ['ulong']);
      define('C_Login', ['ulong', 'ulong', 'void *', 'ulong']);
      define('C_FindObjectsInit', ['ulong', 'void *', 'ulong']);
      define('C_FindObjects', ['ulong', 'void *', 'ulong', 'void *']);
      define('C_FindObjectsFinal', ['ulong']);
      define('C_EncryptInit', ['ulong', 'void *', 'ulong']);
      define('C_Encrypt', ['ulong', 'void *', 'ulong', 'void *', 'void *']);
      define('C_DecryptInit', ['ulong', 'void *', 'ulong']);
      define('C_Decrypt', ['ulong', 'void *', 'ulong', 'void *', 'void *']);
      const call = (name: string, ...args: unknown[]): Promise<number> =>
        new Promise((resolve, reject) => {
          functions
            .get(name)
            ?.async(...args, (error: Error | null, rv: number | bigint) =>
              error === null ? resolve(Number(rv)) : reject(error),
            );
        });
      return new Pkcs11Module(call, (memory) => BigInt(koffi.address(memory)));
    } catch (error) {
      throw new KekAway('pkcs11-module-not-loadable', { cause: error });
    }
  }

  async #must(name: string, also: readonly number[], ...args: unknown[]): Promise<void> {
    const rv = await this.#holding(args, () => this.#call(name, ...args));
    if (rv !== CKR.OK && !also.includes(rv)) throw new Pkcs11Failure(name, rv);
  }

  async #holding<Result>(memory: readonly unknown[], work: () => Promise<Result>): Promise<Result> {
    this.#held.add(memory);
    try {
      return await work();
    } finally {
      this.#held.delete(memory);
    }
  }

  async initialize(): Promise<void> {
    const options = words(0, 0, 0, 0, CKF_OS_LOCKING_OK, 0);
    await this.#must('C_Initialize', [CKR.CRYPTOKI_ALREADY_INITIALIZED], options);
  }

  /** The slot of the token with that label. */
  async findSlot(label: string): Promise<number | undefined> {
    const count = word(MAX_SLOTS);
    const slots = Buffer.alloc(MAX_SLOTS * WORD);
    await this.#must('C_GetSlotList', [], 1, slots, count);
    for (let index = 0; index < valueOf(count); index++) {
      const slot = valueOf(slots, index);
      const info = Buffer.alloc(TOKEN_INFO_BYTES);
      await this.#must('C_GetTokenInfo', [], slot, info);
      if (info.toString('utf8', 0, TOKEN_LABEL_BYTES).trimEnd() === label) return slot;
    }
    return undefined;
  }

  async openSession(slot: number, pin: Buffer): Promise<number> {
    const SERIAL_SESSION = 4;
    const USER = 1;
    const session = word();
    await this.#must('C_OpenSession', [], slot, SERIAL_SESSION, null, null, session);
    const handle = valueOf(session);
    await this.#must('C_Login', [CKR.USER_ALREADY_LOGGED_IN], handle, USER, pin, pin.length);
    return handle;
  }

  async closeSession(session: number): Promise<void> {
    await this.#call('C_CloseSession', session);
  }

  /** The secret keys of that label. */
  async findKeys(session: number, label: string): Promise<number[]> {
    const [secret, name] = [words(CKO_SECRET_KEY), Buffer.from(label)];
    const template = words(
      ...[CKA_CLASS, this.#addressOf(secret), secret.length],
      ...[CKA_LABEL, this.#addressOf(name), name.length],
    );
    await this.#holding([secret, name], () => this.#must('C_FindObjectsInit', [], session, template, 2));
    const [found, count] = [words(0, 0), word()];
    await this.#must('C_FindObjects', [], session, found, 2, count);
    await this.#must('C_FindObjectsFinal', [], session);
    return Array.from({ length: valueOf(count) }, (_, index) => valueOf(found, index));
  }

  encrypt(what: GcmCall): Promise<Buffer> {
    return this.#gcm('C_Encrypt', what);
  }

  decrypt(what: GcmCall): Promise<Buffer> {
    return this.#gcm('C_Decrypt', what);
  }

  async #gcm(name: 'C_Encrypt' | 'C_Decrypt', { session, key, nonce, aad, data }: GcmCall): Promise<Buffer> {
    // AES-GCM's parameters (v2.40 §2.12.3).
    const parameters = words(
      ...[this.#addressOf(nonce), nonce.length, nonce.length * 8],
      ...[this.#addressOf(aad), aad.length, TAG_BITS],
    );
    const mechanism = words(CKM_AES_GCM, this.#addressOf(parameters), parameters.length);
    const out = Buffer.alloc(data.length + TAG_BITS / 8);
    const length = word(out.length);
    // Some modules read the parameters as late as in the second call.
    await this.#holding([parameters, nonce, aad], async () => {
      await this.#must(`${name}Init`, [], session, mechanism, key);
      await this.#must(name, [], session, data, data.length, out, length);
    });
    return out.subarray(0, valueOf(length));
  }
}

export interface GcmCall {
  readonly session: number;
  readonly key: number;
  readonly nonce: Buffer;
  readonly aad: Buffer;
  /** To decrypt: with the tag at its end. */
  readonly data: Buffer;
}
