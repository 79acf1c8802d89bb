import { ATTRIBUTE } from './attribute-types.ts';
import type { MessageClass } from './methods.ts';

export const HEADER_BYTES = 20;
export const MAGIC_COOKIE = 0x2112a442;
/** No client sends nearly as many; it bounds what one datagram can make the server look at. */
export const MAX_ATTRIBUTES = 64;

export interface Attribute {
  readonly type: number;
  /** A view into the message; it lives as long as the message's bytes are left alone. */
  readonly value: Buffer;
}

/** Where an integrity or fingerprint attribute starts in `StunMessage.bytes`, and its value. */
export interface Seal {
  readonly offset: number;
  readonly value: Buffer;
}

/** A STUN message (RFC 8489 §5). Only the attributes that count are here: see `decodeMessage`. */
export interface StunMessage {
  readonly class: MessageClass;
  /** 12 bits. */
  readonly method: number;
  /** 96 bits, a view into `bytes`. */
  readonly transactionId: Buffer;
  readonly attributes: readonly Attribute[];
  readonly integrity: Seal | undefined;
  readonly integritySha256: Seal | undefined;
  readonly fingerprint: Seal | undefined;
  readonly bytes: Buffer;
}

export type MalformedReason =
  | 'too-short'
  | 'not-stun'
  | 'bad-cookie'
  | 'bad-length'
  | 'truncated-attribute'
  | 'bad-seal'
  | 'too-many-attributes';
export type Decoded =
  | { readonly ok: true; readonly message: StunMessage }
  | { readonly ok: false; readonly reason: MalformedReason };

const malformed = (reason: MalformedReason): Decoded => ({ ok: false, reason });

/** RFC 8489 §5 figure 3: the class bits C1 and C0 stand at 8 and 4 among the method's. */
export const classOfType = (type: number): MessageClass => (((type >> 7) & 2) | ((type >> 4) & 1)) as MessageClass;
export const methodOfType = (type: number): number => ((type >> 2) & 0xf80) | ((type >> 1) & 0x70) | (type & 0x0f);
export const messageType = (method: number, messageClass: MessageClass): number =>
  ((method & 0xf80) << 2) |
  ((method & 0x70) << 1) |
  (method & 0x0f) |
  ((messageClass & 2) << 7) |
  ((messageClass & 1) << 4);

interface Seals {
  sha1: Seal | undefined;
  sha256: Seal | undefined;
  fingerprint: Seal | undefined;
}

const SEAL_NAMES: Readonly<Record<number, keyof Seals>> = {
  [ATTRIBUTE.messageIntegrity]: 'sha1',
  [ATTRIBUTE.messageIntegritySha256]: 'sha256',
  [ATTRIBUTE.fingerprint]: 'fingerprint',
};

/** RFC 8489 §14.5 to §14.7: what follows a seal is ignored, but for the seals that may follow it. */
const counts = (type: number, seals: Readonly<Seals>): boolean => {
  if (seals.fingerprint !== undefined) return false;
  if (type === ATTRIBUTE.fingerprint) return true;
  if (seals.sha256 !== undefined) return false;
  return seals.sha1 === undefined || type === ATTRIBUTE.messageIntegritySha256;
};

/** RFC 8489 §14.6: a MESSAGE-INTEGRITY-SHA256 may be cut to 16 bytes and more, in steps of 4. */
const sealLengthIsValid = (name: keyof Seals, length: number): boolean => {
  if (name === 'sha256') return length >= 16 && length <= 32 && length % 4 === 0;
  return length === (name === 'sha1' ? 20 : 4);
};

/** `bytes` is a whole message: its length is that of its header, and a multiple of four. */
const readAttributes = (bytes: Buffer): { attributes: Attribute[]; seals: Seals } | MalformedReason => {
  const attributes: Attribute[] = [];
  const seals: Seals = { sha1: undefined, sha256: undefined, fingerprint: undefined };
  let offset = HEADER_BYTES;
  for (let seen = 0; offset < bytes.length; seen += 1) {
    if (seen === MAX_ATTRIBUTES) return 'too-many-attributes';
    const type = bytes.readUInt16BE(offset);
    const valueLength = bytes.readUInt16BE(offset + 2);
    const end = offset + 4 + valueLength;
    if (end > bytes.length) return 'truncated-attribute';
    const value = bytes.subarray(offset + 4, end);
    const sealName = SEAL_NAMES[type];
    if (sealName === undefined) {
      if (counts(type, seals)) attributes.push({ type, value });
    } else if (counts(type, seals)) {
      if (!sealLengthIsValid(sealName, valueLength)) return 'bad-seal';
      seals[sealName] ??= { offset, value };
    }
    offset = end + ((4 - (valueLength % 4)) % 4);
  }
  return { attributes, seals };
};

/**
 * Parses one whole message: a datagram, or a frame of a stream. Never throws and never reads past `bytes`; the result
 * holds views, not copies. Whether integrity and fingerprint are right is for the caller to check.
 */
export const decodeMessage = (bytes: Buffer): Decoded => {
  if (bytes.length < HEADER_BYTES) return malformed('too-short');
  const type = bytes.readUInt16BE(0);
  if (type >= 0x4000) return malformed('not-stun');
  if (bytes.readUInt32BE(4) !== MAGIC_COOKIE) return malformed('bad-cookie');
  const length = bytes.readUInt16BE(2);
  if (length % 4 !== 0 || length !== bytes.length - HEADER_BYTES) return malformed('bad-length');
  const read = readAttributes(bytes);
  if (typeof read === 'string') return malformed(read);
  return {
    ok: true,
    message: {
      class: classOfType(type),
      method: methodOfType(type),
      transactionId: bytes.subarray(8, HEADER_BYTES),
      attributes: read.attributes,
      integrity: read.seals.sha1,
      integritySha256: read.seals.sha256,
      fingerprint: read.seals.fingerprint,
      bytes,
    },
  };
};

/** The first attribute of a type; RFC 8489 §14 lets a receiver ignore its repetitions. */
export const attributeOf = (message: StunMessage, type: number): Buffer | undefined => {
  for (const attribute of message.attributes) if (attribute.type === type) return attribute.value;
  return undefined;
};
