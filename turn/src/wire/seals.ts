import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Seal, StunMessage } from './message.ts';
import { HEADER_BYTES } from './message.ts';

export type IntegrityAlgorithm = 'sha1' | 'sha256';

/** RFC 8489 §14.7. */
const FINGERPRINT_XOR = 0x5354554e;

/** The message up to a seal, its length field counting that seal as the last attribute (RFC 8489 §14.5, §14.7). */
const headerWithLength = (bytes: Buffer, length: number): Buffer => {
  const header = Buffer.from(bytes.subarray(0, 4));
  header.writeUInt16BE(length, 2);
  return header;
};

/** HMAC over everything before `offset`, as if a seal of `sealBytes` stood there last. */
export const integrityOf = (
  bytes: Buffer,
  options: { algorithm: IntegrityAlgorithm; key: Buffer; offset: number; sealBytes: number },
): Buffer =>
  createHmac(options.algorithm, options.key)
    .update(headerWithLength(bytes, options.offset - HEADER_BYTES + 4 + options.sealBytes))
    .update(bytes.subarray(4, options.offset))
    .digest();

const verifies = (
  message: StunMessage,
  seal: Seal | undefined,
  options: { algorithm: IntegrityAlgorithm; key: Buffer },
): boolean => {
  if (seal === undefined) return false;
  const expected = integrityOf(message.bytes, { ...options, offset: seal.offset, sealBytes: seal.value.length });
  return timingSafeEqual(expected.subarray(0, seal.value.length), seal.value);
};

/**
 * Whether the message is sealed with `key`: by its MESSAGE-INTEGRITY-SHA256 where it has one (RFC 8489 §9.2.4), else by
 * its MESSAGE-INTEGRITY. False where it has neither.
 */
export const verifyIntegrity = (message: StunMessage, key: Buffer): boolean =>
  message.integritySha256 !== undefined
    ? verifies(message, message.integritySha256, { algorithm: 'sha256', key })
    : verifies(message, message.integrity, { algorithm: 'sha1', key });

/** Value of a FINGERPRINT that stands at `offset` (RFC 8489 §14.7), an unsigned 32-bit number. */
export const fingerprintOf = (bytes: Buffer, offset: number): number => {
  const start = crc32(headerWithLength(bytes, offset - HEADER_BYTES + 8));
  return (crc32(bytes.subarray(4, offset), start) ^ FINGERPRINT_XOR) >>> 0;
};

/** True where the message has no FINGERPRINT, or a right one. */
export const fingerprintIsRight = (message: StunMessage): boolean =>
  message.fingerprint === undefined ||
  message.fingerprint.value.readUInt32BE(0) === fingerprintOf(message.bytes, message.fingerprint.offset);
