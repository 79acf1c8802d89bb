import { createHash, randomBytes } from 'node:crypto';

/** 32 random bytes, base64url (43 characters): a secret that is handed out and whose hash alone is kept. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256, base64url (43 characters). Of a secret with 256 random bits nothing slower is needed. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** What `newSecret` could have made. */
export const looksLikeSecret = (value: string | undefined): value is string =>
  value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value);
