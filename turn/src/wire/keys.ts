import { createHash } from 'node:crypto';

/** Password algorithms of RFC 8489 §18.5. */
export const PASSWORD_ALGORITHM = { md5: 0x0001, sha256: 0x0002 } as const;
export type PasswordAlgorithm = (typeof PASSWORD_ALGORITHM)[keyof typeof PASSWORD_ALGORITHM];

/**
 * The long-term key (RFC 8489 §9.2.2, §18.5.1). The three texts have to be prepared already (OpaqueString, RFC 8265);
 * what Bedside mints is ASCII, which preparation leaves alone.
 */
export const longTermKey = (
  algorithm: PasswordAlgorithm,
  credential: { username: string; realm: string; password: string },
): Buffer =>
  createHash(algorithm === PASSWORD_ALGORITHM.md5 ? 'md5' : 'sha256')
    .update(`${credential.username}:${credential.realm}:${credential.password}`)
    .digest();

/** USERHASH (RFC 8489 §14.4), 32 bytes. */
export const userhashOf = (username: string, realm: string): Buffer =>
  createHash('sha256').update(`${username}:${realm}`).digest();
