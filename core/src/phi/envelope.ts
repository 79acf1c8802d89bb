import { createCipheriv, createDecipheriv } from 'node:crypto';

/**
 * A sealed value, byte for byte:
 *
 *     1 byte    format: 1 is AES-256-GCM as here
 *     4 bytes   version of the owner's data key, big-endian
 *     12 bytes  nonce, random
 *     n bytes   ciphertext of the UTF-8 text
 *     16 bytes  tag
 *
 * The associated data (never stored) say where it stands and whom it concerns. Moved to another row, column, table or
 * person, or read with another version of the key, it does not open. Random nonces allow 2^32 values a key (NIST SP
 * 800-38D §8.3), which nobody's record reaches.
 */
const FORMAT = 1;
const HEAD_BYTES = 5;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a value is longer for being sealed. */
export const OVERHEAD_BYTES = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;
export const KEY_BYTES = 32;
export const MAX_VERSION = 0x7fff_ffff;

/** Where a sealed value stands. `row`: what names the row, and what it must not be moved away from, in one text. */
export interface Place {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** The associated data but for the version: `Place`, and whom the value concerns. */
export interface Binding extends Place {
  readonly owner: string;
}

/** It is no sealed value, is of another format, was changed, or stands where it was not put. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** Texts one after the other with their lengths: no two lists give the same bytes. */
export const lengthPrefixed = (...parts: readonly string[]): Buffer =>
  Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );

const headOf = (version: number): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(FORMAT, 0);
  head.writeUInt32BE(version, 1);
  return head;
};

const associated = (head: Buffer, { table, column, row, owner }: Binding): Buffer =>
  Buffer.concat([head, lengthPrefixed('bedside-phi', table, column, row, owner)]);

export const sealText = (
  text: string,
  by: { readonly key: Uint8Array; readonly version: number; readonly nonce: Uint8Array; readonly binding: Binding },
): Buffer => {
  if (by.nonce.length !== NONCE_BYTES) throw new RangeError('A nonce has 12 bytes.');
  const head = headOf(by.version);
  const cipher = createCipheriv('aes-256-gcm', by.key, by.nonce).setAAD(associated(head, by.binding));
  return Buffer.concat([head, by.nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
};

/** By which version of the owner's key a value is sealed. Throws `SealBroken`. */
export const versionOf = (sealed: Buffer): number => {
  if (sealed.length < OVERHEAD_BYTES || sealed.readUInt8(0) !== FORMAT) throw new SealBroken('no sealed value');
  const version = sealed.readUInt32BE(1);
  if (version < 1 || version > MAX_VERSION) throw new SealBroken('no version');
  return version;
};

/** The text. Throws `SealBroken`, which never says what the value was. */
export const openText = (sealed: Buffer, by: { readonly key: Uint8Array; readonly binding: Binding }): string => {
  versionOf(sealed);
  const decipher = createDecipheriv('aes-256-gcm', by.key, sealed.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(associated(sealed.subarray(0, HEAD_BYTES), by.binding))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(sealed.subarray(HEAD_BYTES + NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    throw new SealBroken('changed or moved');
  }
};

export const newNonce = (random: (bytes: number) => Buffer): Buffer => random(NONCE_BYTES);
