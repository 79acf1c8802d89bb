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

/**
 * Pointers are passed as numbers, and the memory is kept by us: what the binding does with a buffer itself holds for the
 * length of a call on this thread, and these calls run on others.
 */
interface ForeignFunction {
  async(...args: unknown[]): void;
}

type AddressOf = (memory: Buffer) => bigint;
type Call = (name: string, ...args: unknown[]) => Promise<number>;

/** Memory that stays where it is: small buffers of Node's own stand on V8's heap, which the garbage collector moves. */
const memoryOf = (size: number): Buffer => Buffer.from(new ArrayBuffer(size));

const copyOf = (bytes: Buffer): Buffer => {
  const memory = memoryOf(bytes.length);
  bytes.copy(memory);
  return memory;
};

const words = (...values: (bigint | number)[]): Buffer => {
  const memory = memoryOf(values.length * WORD);
  for (const [index, value] of values.entries()) memory.writeBigUInt64LE(BigInt(value), index * WORD);
  return memory;
};

const word = (value = 0): Buffer => words(value);
const readWord = (bytes: Buffer, index = 0): number => Number(bytes.readBigUInt64LE(index * WORD));

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
      define('C_Initialize', ['uintptr_t']);
      define('C_GetSlotList', ['uint8_t', 'uintptr_t', 'uintptr_t']);
      define('C_GetTokenInfo', ['ulong', 'uintptr_t']);
      define('C_OpenSession', ['ulong', 'ulong', 'uintptr_t', 'uintptr_t', 'uintptr_t']);
      define('C_CloseSession', ['ulong']);
      define('C_Login', ['ulong', 'ulong', 'uintptr_t', 'ulong']);
      define('C_FindObjectsInit', ['ulong', 'uintptr_t', 'ulong']);
      define('C_FindObjects', ['ulong', 'uintptr_t', 'ulong', 'uintptr_t']);
      define('C_FindObjectsFinal', ['ulong']);
      define('C_EncryptInit', ['ulong', 'uintptr_t', 'ulong']);
      define('C_Encrypt', ['ulong', 'uintptr_t', 'ulong', 'uintptr_t', 'uintptr_t']);
      define('C_DecryptInit', ['ulong', 'uintptr_t', 'ulong']);
      define('C_Decrypt', ['ulong', 'uintptr_t', 'ulong', 'uintptr_t', 'uintptr_t']);
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
    const values = args.map((value) => (Buffer.isBuffer(value) ? this.#addressOf(value) : value));
    const rv = await this.#holding(args, () => this.#call(name, ...values));
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
    const slots = memoryOf(MAX_SLOTS * WORD);
    await this.#must('C_GetSlotList', [], 1, slots, count);
    for (let index = 0; index < readWord(count); index++) {
      const slot = readWord(slots, index);
      const info = memoryOf(TOKEN_INFO_BYTES);
      await this.#must('C_GetTokenInfo', [], slot, info);
      if (info.toString('utf8', 0, TOKEN_LABEL_BYTES).trimEnd() === label) return slot;
    }
    return undefined;
  }

  async openSession(slot: number, pin: Buffer): Promise<number> {
    const SERIAL_SESSION = 4;
    const USER = 1;
    const session = word();
    await this.#must('C_OpenSession', [], slot, SERIAL_SESSION, 0, 0, session);
    const handle = readWord(session);
    const secret = copyOf(pin);
    try {
      await this.#must('C_Login', [CKR.USER_ALREADY_LOGGED_IN], handle, USER, secret, secret.length);
    } finally {
      secret.fill(0);
    }
    return handle;
  }

  async closeSession(session: number): Promise<void> {
    await this.#call('C_CloseSession', session);
  }

  /** The secret keys of that label. */
  async findKeys(session: number, label: string): Promise<number[]> {
    const [secret, name] = [words(CKO_SECRET_KEY), copyOf(Buffer.from(label))];
    const template = words(
      ...[CKA_CLASS, this.#addressOf(secret), secret.length],
      ...[CKA_LABEL, this.#addressOf(name), name.length],
    );
    await this.#holding([secret, name], () => this.#must('C_FindObjectsInit', [], session, template, 2));
    const [found, count] = [words(0, 0), word()];
    await this.#must('C_FindObjects', [], session, found, 2, count);
    await this.#must('C_FindObjectsFinal', [], session);
    return Array.from({ length: readWord(count) }, (_, index) => readWord(found, index));
  }

  encrypt(what: GcmCall): Promise<Buffer> {
    return this.#gcm('C_Encrypt', what);
  }

  decrypt(what: GcmCall): Promise<Buffer> {
    return this.#gcm('C_Decrypt', what);
  }

  async #gcm(name: 'C_Encrypt' | 'C_Decrypt', { session, key, ...call }: GcmCall): Promise<Buffer> {
    const [nonce, aad, data] = [copyOf(call.nonce), copyOf(call.aad), copyOf(call.data)];
    // AES-GCM's parameters (v2.40 §2.12.3).
    const parameters = words(
      ...[this.#addressOf(nonce), nonce.length, nonce.length * 8],
      ...[this.#addressOf(aad), aad.length, TAG_BITS],
    );
    const mechanism = words(CKM_AES_GCM, this.#addressOf(parameters), parameters.length);
    const out = memoryOf(data.length + TAG_BITS / 8);
    const length = word(out.length);
    try {
      // Some modules read the parameters as late as in the second call.
      await this.#holding([parameters, nonce, aad], async () => {
        await this.#must(`${name}Init`, [], session, mechanism, key);
        await this.#must(name, [], session, data, data.length, out, length);
      });
      return Buffer.from(out.subarray(0, readWord(length)));
    } finally {
      data.fill(0);
      out.fill(0);
    }
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
