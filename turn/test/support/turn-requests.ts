import { randomBytes } from 'node:crypto';
import { passwordOf } from '../../src/relay/credentials.ts';
import { ATTRIBUTE } from '../../src/wire/attribute-types.ts';
import { decodeErrorCode } from '../../src/wire/attributes/error-code.ts';
import {
  decodeUnknownAttributes,
  encodeChannelNumber,
  encodeRequestedTransport,
  encodeUInt32,
} from '../../src/wire/attributes/numbers.ts';
import { encodePasswordAlgorithm } from '../../src/wire/attributes/password-algorithms.ts';
import { decodeXorAddress, encodeXorAddress } from '../../src/wire/attributes/xor-address.ts';
import { encodeMessage, type OutgoingAttribute } from '../../src/wire/encode.ts';
import { type TransportAddress, transportAddress } from '../../src/wire/ip.ts';
import { longTermKey, PASSWORD_ALGORITHM, type PasswordAlgorithm, userhashOf } from '../../src/wire/keys.ts';
import { attributeOf, decodeMessage, type StunMessage } from '../../src/wire/message.ts';
import { MESSAGE_CLASS } from '../../src/wire/methods.ts';
import { type IntegrityAlgorithm, verifyIntegrity } from '../../src/wire/seals.ts';

export const address = (ip: string, port: number): TransportAddress => {
  const made = transportAddress(ip, port);
  if (made === undefined) throw new Error(`${ip} is no address`);
  return made;
};

export const parse = (bytes: Buffer): StunMessage => {
  const result = decodeMessage(bytes);
  if (!result.ok) throw new Error(result.reason);
  return result.message;
};

export const text = (message: StunMessage, type: number): string | undefined =>
  attributeOf(message, type)?.toString('utf8');
/** 0 for a success. */
export const codeOf = (message: StunMessage): number =>
  message.class === MESSAGE_CLASS.error
    ? (decodeErrorCode(attributeOf(message, ATTRIBUTE.errorCode) ?? Buffer.alloc(0))?.code ?? -1)
    : 0;
export const unknownOf = (message: StunMessage): number[] =>
  decodeUnknownAttributes(attributeOf(message, ATTRIBUTE.unknownAttributes) ?? Buffer.alloc(0));
export const addressOf = (message: StunMessage, type: number): TransportAddress | undefined => {
  const value = attributeOf(message, type);
  return value === undefined ? undefined : decodeXorAddress(value, message.transactionId);
};

/** Makes attributes from values; those that hold an address need the transaction id. */
export const attribute = {
  udp: { type: ATTRIBUTE.requestedTransport, value: encodeRequestedTransport(17) },
  transport: (protocol: number): OutgoingAttribute => ({
    type: ATTRIBUTE.requestedTransport,
    value: encodeRequestedTransport(protocol),
  }),
  lifetime: (seconds: number): OutgoingAttribute => ({ type: ATTRIBUTE.lifetime, value: encodeUInt32(seconds) }),
  channel: (number: number): OutgoingAttribute => ({
    type: ATTRIBUTE.channelNumber,
    value: encodeChannelNumber(number),
  }),
  family: (family: number): OutgoingAttribute => ({
    type: ATTRIBUTE.requestedAddressFamily,
    value: Buffer.from([family, 0, 0, 0]),
  }),
  additionalFamily: (family: number): OutgoingAttribute => ({
    type: ATTRIBUTE.additionalAddressFamily,
    value: Buffer.from([family, 0, 0, 0]),
  }),
  evenPort: { type: ATTRIBUTE.evenPort, value: Buffer.from([0]) },
  evenPortAndNext: { type: ATTRIBUTE.evenPort, value: Buffer.from([0x80]) },
  reservation: { type: ATTRIBUTE.reservationToken, value: Buffer.alloc(8, 1) },
  data: (value: Buffer): OutgoingAttribute => ({ type: ATTRIBUTE.data, value }),
  raw: (type: number, bytes: readonly number[]): OutgoingAttribute => ({ type, value: Buffer.from(bytes) }),
  peer:
    (peer: TransportAddress) =>
    (transactionId: Buffer): OutgoingAttribute => ({
      type: ATTRIBUTE.xorPeerAddress,
      value: encodeXorAddress(peer, transactionId),
    }),
};

export type AttributeMaker = OutgoingAttribute | ((transactionId: Buffer) => OutgoingAttribute);

export interface WriterOptions {
  readonly username: string;
  readonly secret: string;
  readonly integrity?: IntegrityAlgorithm;
  readonly algorithm?: PasswordAlgorithm;
  readonly userhash?: boolean;
}

/** A client's side of the long-term credential mechanism. It learns realm and nonce from a challenge. */
export class RequestWriter {
  readonly options: WriterOptions;
  realm: string | undefined;
  nonce: string | undefined;
  offered: Buffer | undefined;

  constructor(options: WriterOptions) {
    this.options = options;
  }

  learn(challenge: StunMessage): void {
    this.realm = text(challenge, ATTRIBUTE.realm);
    this.nonce = text(challenge, ATTRIBUTE.nonce);
    this.offered = attributeOf(challenge, ATTRIBUTE.passwordAlgorithms);
  }

  get key(): Buffer {
    const { username, secret, algorithm } = this.options;
    return longTermKey(algorithm ?? PASSWORD_ALGORITHM.md5, {
      username,
      realm: this.realm ?? '',
      password: passwordOf(secret, username),
    });
  }

  /** Whether an answer is sealed with this client's key. */
  isSealed(message: StunMessage): boolean {
    return verifyIntegrity(message, this.key);
  }

  credentialAttributes(): OutgoingAttribute[] {
    const { username, algorithm, userhash } = this.options;
    if (this.realm === undefined || this.nonce === undefined) return [];
    return [
      userhash === true
        ? { type: ATTRIBUTE.userhash, value: userhashOf(username, this.realm) }
        : { type: ATTRIBUTE.username, value: Buffer.from(username) },
      { type: ATTRIBUTE.realm, value: Buffer.from(this.realm) },
      { type: ATTRIBUTE.nonce, value: Buffer.from(this.nonce) },
      ...(algorithm === undefined || this.offered === undefined
        ? []
        : [
            { type: ATTRIBUTE.passwordAlgorithms, value: this.offered },
            { type: ATTRIBUTE.passwordAlgorithm, value: encodePasswordAlgorithm(algorithm) },
          ]),
    ];
  }

  write(
    method: number,
    attributes: readonly AttributeMaker[] = [],
    options: { transactionId?: Buffer; fingerprint?: boolean } = {},
  ): Buffer {
    const transactionId = options.transactionId ?? randomBytes(12);
    return encodeMessage({
      class: MESSAGE_CLASS.request,
      method,
      transactionId,
      attributes: [
        ...attributes.map((made) => (typeof made === 'function' ? made(transactionId) : made)),
        ...this.credentialAttributes(),
      ],
      integrity: this.realm === undefined ? undefined : { algorithm: this.options.integrity ?? 'sha1', key: this.key },
      fingerprint: options.fingerprint ?? false,
    });
  }

  indication(method: number, attributes: readonly AttributeMaker[]): Buffer {
    const transactionId = randomBytes(12);
    return encodeMessage({
      class: MESSAGE_CLASS.indication,
      method,
      transactionId,
      attributes: attributes.map((made) => (typeof made === 'function' ? made(transactionId) : made)),
    });
  }
}
