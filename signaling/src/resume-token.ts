import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What is kept of a resume token: its hash, so that a memory image of the server opens no session. */
export type ResumeTokenHash = Buffer;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A token of 32 random bytes in base64url (43 characters), and its hash. */
export const newResumeToken = (): { token: string; hash: ResumeTokenHash } => {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashOf(token) };
};

/** Compares in constant time. */
export const isResumeToken = (token: string, hash: ResumeTokenHash): boolean => timingSafeEqual(hashOf(token), hash);
