import { ATTRIBUTE } from './attribute-types.ts';
import { HEADER_BYTES, MAGIC_COOKIE, messageType } from './message.ts';
import type { MessageClass } from './methods.ts';
import { fingerprintOf, type IntegrityAlgorithm, integrityOf } from './seals.ts';

export interface OutgoingAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

export interface OutgoingMessage {
  readonly class: MessageClass;
  readonly method: number;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  readonly attributes: readonly OutgoingAttribute[];
  readonly integrity?: { readonly algorithm: IntegrityAlgorithm; readonly key: Buffer } | undefined;
  readonly fingerprint?: boolean;
}

const SEAL_BYTES = { sha1: 20, sha256: 32 } as const;
const padded = (length: number): number => (length + 3) & ~3;

/**
 * The bytes of a message, sealed as asked; padding is zero (RFC 8489 §14). Throws `RangeError` where the attributes do
 * not fit the 16-bit length field.
 */
export const encodeMessage = (message: OutgoingMessage): Buffer => {
  const sealBytes = message.integrity === undefined ? 0 : 4 + SEAL_BYTES[message.integrity.algorithm];
  const bodyBytes = message.attributes.reduce((sum, attribute) => sum + 4 + padded(attribute.value.length), 0);
  const length = bodyBytes + sealBytes + (message.fingerprint === true ? 8 : 0);
  if (length > 0xffff) throw new RangeError(`A STUN message holds at most 65535 bytes of attributes, not ${length}.`);

  const bytes = Buffer.alloc(HEADER_BYTES + length);
  bytes.writeUInt16BE(messageType(message.method, message.class), 0);
  bytes.writeUInt16BE(length, 2);
  bytes.writeUInt32BE(MAGIC_COOKIE, 4);
  bytes.set(message.transactionId, 8);
  let offset = HEADER_BYTES;
  const append = (type: number, value: Uint8Array): void => {
    bytes.writeUInt16BE(type, offset);
    bytes.writeUInt16BE(value.length, offset + 2);
    bytes.set(value, offset + 4);
    offset += 4 + padded(value.length);
  };
  for (const attribute of message.attributes) append(attribute.type, attribute.value);
  if (message.integrity !== undefined) {
    const { algorithm, key } = message.integrity;
    const type = algorithm === 'sha1' ? ATTRIBUTE.messageIntegrity : ATTRIBUTE.messageIntegritySha256;
    append(type, integrityOf(bytes, { algorithm, key, offset, sealBytes: SEAL_BYTES[algorithm] }));
  }
  if (message.fingerprint === true) {
    const value = Buffer.alloc(4);
    value.writeUInt32BE(fingerprintOf(bytes, offset));
    append(ATTRIBUTE.fingerprint, value);
  }
  return bytes;
};
