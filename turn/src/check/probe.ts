import { ATTRIBUTE } from '../wire/attribute-types.ts';
import { decodeErrorCode } from '../wire/attributes/error-code.ts';
import { encodeMessage, type OutgoingAttribute } from '../wire/encode.ts';
import { longTermKey, PASSWORD_ALGORITHM } from '../wire/keys.ts';
import { attributeOf, decodeMessage, type StunMessage } from '../wire/message.ts';
import { MESSAGE_CLASS } from '../wire/methods.ts';
import type { ProbeWire } from './probe-wire.ts';

export interface ProbeCredential {
  readonly username: string;
  readonly password: string;
}

/** RFC 8489 §6.2.1 for datagrams, cut short: a check that takes half a minute is not waited for. */
const RESEND_AFTER_MS = [500, 1000, 2000] as const;
const ANSWER_MS = 5_000;

/** Sends requests and matches their answers; signs them once it has a challenge. */
export class Probe {
  readonly #wire: ProbeWire;
  readonly #credential: ProbeCredential | undefined;
  readonly #randomBytes: (count: number) => Buffer;
  readonly #waiting = new Map<string, PromiseWithResolvers<StunMessage>>();
  #challenge: { realm: Buffer; nonce: Buffer } | undefined;
  #broken: Error | undefined;

  constructor(options: {
    wire: ProbeWire;
    credential: ProbeCredential | undefined;
    randomBytes: (count: number) => Buffer;
  }) {
    this.#wire = options.wire;
    this.#credential = options.credential;
    this.#randomBytes = options.randomBytes;
    options.wire.onFrame = (frame) => this.#onFrame(frame);
    options.wire.onBroken = (error) => {
      this.#broken ??= error;
      for (const waiting of this.#waiting.values()) waiting.reject(this.#broken);
    };
  }

  get realm(): string | undefined {
    return this.#challenge?.realm.toString('utf8');
  }

  /** The answer; takes a challenge (401, 438) and asks once more where there is a credential. Throws where none comes. */
  async request(
    method: number,
    attributes: (transactionId: Buffer) => readonly OutgoingAttribute[],
  ): Promise<{ message: StunMessage; code: number; reason: string }> {
    const first = await this.#ask(method, attributes);
    if ((first.code !== 401 && first.code !== 438) || this.#credential === undefined) return first;
    const isNew = this.#challenge === undefined || first.code === 438;
    const realm = attributeOf(first.message, ATTRIBUTE.realm);
    const nonce = attributeOf(first.message, ATTRIBUTE.nonce);
    if (!isNew || realm === undefined || nonce === undefined) return first;
    this.#challenge = { realm: Buffer.from(realm), nonce: Buffer.from(nonce) };
    return this.#ask(method, attributes);
  }

  close(): void {
    this.#wire.close();
  }

  #onFrame(frame: Buffer): void {
    const decoded = decodeMessage(frame);
    if (decoded.ok) this.#waiting.get(decoded.message.transactionId.toString('hex'))?.resolve(decoded.message);
  }

  async #ask(
    method: number,
    attributes: (transactionId: Buffer) => readonly OutgoingAttribute[],
  ): Promise<{ message: StunMessage; code: number; reason: string }> {
    if (this.#broken !== undefined) throw this.#broken;
    const transactionId = this.#randomBytes(12);
    const key = transactionId.toString('hex');
    const bytes = this.#write(method, transactionId, attributes(transactionId));
    const waiting = Promise.withResolvers<StunMessage>();
    this.#waiting.set(key, waiting);
    const timers = this.#wire.isReliable
      ? []
      : RESEND_AFTER_MS.map((afterMs) => setTimeout(() => this.#wire.send(bytes), afterMs));
    timers.push(
      setTimeout(() => waiting.reject(new Error(`No answer came within ${ANSWER_MS / 1000} seconds.`)), ANSWER_MS),
    );
    this.#wire.send(bytes);
    try {
      const message = await waiting.promise;
      const error = decodeErrorCode(attributeOf(message, ATTRIBUTE.errorCode) ?? Buffer.alloc(0));
      return message.class === MESSAGE_CLASS.success
        ? { message, code: 0, reason: '' }
        : { message, code: error?.code ?? -1, reason: error?.reason ?? '' };
    } finally {
      this.#waiting.delete(key);
      for (const timer of timers) clearTimeout(timer);
    }
  }

  #write(method: number, transactionId: Buffer, attributes: readonly OutgoingAttribute[]): Buffer {
    const credential = this.#credential;
    const challenge = this.#challenge;
    if (credential === undefined || challenge === undefined) {
      return encodeMessage({ class: MESSAGE_CLASS.request, method, transactionId, attributes });
    }
    const { username, password } = credential;
    return encodeMessage({
      class: MESSAGE_CLASS.request,
      method,
      transactionId,
      attributes: [
        ...attributes,
        { type: ATTRIBUTE.username, value: Buffer.from(username) },
        { type: ATTRIBUTE.realm, value: challenge.realm },
        { type: ATTRIBUTE.nonce, value: challenge.nonce },
      ],
      integrity: {
        algorithm: 'sha1',
        key: longTermKey(PASSWORD_ALGORITHM.md5, { username, realm: challenge.realm.toString('utf8'), password }),
      },
    });
  }
}
