import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { lengthPrefixed, SealBroken } from '../envelope.ts';
import type { WrapContext } from './port.ts';

/** `[format 1][nonce 12][wrapped 32][tag 16]`: AES-256-GCM, wherever the KEK is. */
const FORMAT = 1;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

export const contextBytes = ({ organization, owner, version }: WrapContext): Buffer =>
  lengthPrefixed('bedside-data-key', organization, owner, String(version));

export const frame = (nonce: Buffer, encrypted: Buffer): Buffer =>
  Buffer.concat([Buffer.from([FORMAT]), nonce, encrypted]);

/** The nonce, and the ciphertext with its tag. Throws `SealBroken`. */
export const unframe = (wrapped: Buffer): { nonce: Buffer; encrypted: Buffer } => {
  if (wrapped.length < 1 + NONCE_BYTES + TAG_BYTES || wrapped.readUInt8(0) !== FORMAT)
    throw new SealBroken('no wrapped key');
  return { nonce: wrapped.subarray(1, 1 + NONCE_BYTES), encrypted: wrapped.subarray(1 + NONCE_BYTES) };
};

export const wrapLocally = (kek: Buffer, key: Buffer, context: WrapContext): Buffer => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', kek, nonce).setAAD(contextBytes(context));
  return frame(nonce, Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag()]));
};

/** Throws `SealBroken`. */
export const unwrapLocally = (kek: Buffer, wrapped: Buffer, context: WrapContext): Buffer => {
  const { nonce, encrypted } = unframe(wrapped);
  const decipher = createDecipheriv('aes-256-gcm', kek, nonce, { authTagLength: TAG_BYTES })
    .setAAD(contextBytes(context))
    .setAuthTag(encrypted.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(encrypted.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new SealBroken('not wrapped by this key, or for something else');
  }
};
