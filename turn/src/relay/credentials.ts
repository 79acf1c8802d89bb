import { createHmac } from 'node:crypto';
import { userhashOf } from '../wire/keys.ts';

/** `<expiry in seconds since the epoch>:<name>`, coturn's REST scheme. */
const USERNAME = /^(\d{1,11}):(.{1,200})$/su;

export interface TimeLimitedUsername {
  /** What the minter calls the holder (a grant id). Quotas and revocation go by it. */
  readonly name: string;
  readonly expiresAt: number;
}

/** Undefined where the text is not of the scheme. `expiresAt` is in ms since the epoch. */
export const parseUsername = (username: string): TimeLimitedUsername | undefined => {
  const match = USERNAME.exec(username);
  return match === null ? undefined : { name: match[2] ?? '', expiresAt: Number(match[1]) * 1000 };
};

/** The password that goes with a username: HMAC-SHA1 under the shared secret, in base64. */
export const passwordOf = (secret: string, username: string): string =>
  createHmac('sha1', secret).update(username).digest('base64');

export type CredentialRefusal = 'malformed' | 'expired' | 'too-long-lived' | 'revoked';
export type CredentialVerdict =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly reason: CredentialRefusal };

export interface CredentialBookOptions {
  readonly realm: string;
  /** A username that expires later than this from now is refused, which is what lets revocations be forgotten. */
  readonly maxLifeMs: number;
  /** Bound of each of the three tables below. */
  readonly maxEntries: number;
}

/**
 * Which usernames hold. It knows no passwords: those follow from the secret. Its tables grow only by the control
 * channel and by clients that proved a credential, and are bounded nevertheless: the entry that would end first goes.
 */
export class CredentialBook {
  readonly #options: CredentialBookOptions;
  /** Name → until when it stays refused. */
  readonly #revoked = new Map<string, number>();
  /** Name → until when it holds although its username says less. */
  readonly #extended = new Map<string, number>();
  /** USERHASH in hex → username. */
  readonly #announced = new Map<string, string>();

  constructor(options: CredentialBookOptions) {
    this.#options = options;
  }

  judge(username: string, now: number): CredentialVerdict {
    const parsed = parseUsername(username);
    if (parsed === undefined) return { ok: false, reason: 'malformed' };
    const revokedUntil = this.#revoked.get(parsed.name);
    if (revokedUntil !== undefined && revokedUntil > now) return { ok: false, reason: 'revoked' };
    const expiresAt = this.expiresAt(username);
    if (expiresAt <= now) return { ok: false, reason: 'expired' };
    if (expiresAt > now + this.#options.maxLifeMs) return { ok: false, reason: 'too-long-lived' };
    return { ok: true, name: parsed.name };
  }

  /** When the credential ends: as its username says, or as it was extended to. 0 where the username is malformed. */
  expiresAt(username: string): number {
    const parsed = parseUsername(username);
    return parsed === undefined ? 0 : Math.max(parsed.expiresAt, this.#extended.get(parsed.name) ?? 0);
  }

  /** `until` has to lie behind the expiry of every username of that name; it is cut to the longest life there is. */
  revoke(name: string, options: { until: number; now: number }): void {
    const until = Math.min(options.until, options.now + this.#options.maxLifeMs);
    this.#put(this.#revoked, name, { value: until, now: options.now });
    this.#extended.delete(name);
  }

  extend(name: string, options: { expiresAt: number; now: number }): void {
    const expiresAt = Math.min(options.expiresAt, options.now + this.#options.maxLifeMs);
    this.#put(this.#extended, name, { value: Math.max(expiresAt, this.#extended.get(name) ?? 0), now: options.now });
  }

  /** Makes a username known, so that a client may send its hash instead (RFC 8489 §9.2, username anonymity). */
  announce(username: string): void {
    if (this.#announced.size >= this.#options.maxEntries) {
      const [oldest] = this.#announced.keys();
      if (oldest !== undefined) this.#announced.delete(oldest);
    }
    this.#announced.set(userhashOf(username, this.#options.realm).toString('hex'), username);
  }

  usernameOfHash(userhash: Buffer): string | undefined {
    return this.#announced.get(userhash.toString('hex'));
  }

  #put(table: Map<string, number>, name: string, entry: { value: number; now: number }): void {
    if (table.size >= this.#options.maxEntries && !table.has(name)) {
      for (const [key, until] of table) if (until <= entry.now) table.delete(key);
      if (table.size >= this.#options.maxEntries) {
        const [first] = [...table].sort(([, a], [, b]) => a - b);
        if (first !== undefined) table.delete(first[0]);
      }
    }
    table.set(name, entry.value);
  }
}
