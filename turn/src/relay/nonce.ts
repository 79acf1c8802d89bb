import { createHmac, timingSafeEqual } from 'node:crypto';
import { addressText } from '../wire/ip.ts';
import type { Client } from './client.ts';

/** RFC 8489 §9.2: what a nonce starts with that carries security features, 24 bits in base64 behind it. */
const COOKIE = 'obMatJos2';
export const SECURITY_FEATURE = { passwordAlgorithms: 0x000001, usernameAnonymity: 0x000002 } as const;

const BUCKET_MS = 60_000;
const STAMP_BYTES = 4;
const MAC_BYTES = 16;
const SHAPE = /^obMatJos2[A-Za-z0-9+/]{4}[A-Za-z0-9_-]{27}$/;

/**
 * Nonces without state: a minute, and a keyed hash of it together with the features and the client's transport address.
 * One that was made for another address, by another key or too long ago is stale. The key has to be the same in every
 * thread of a server, since a client may reach another one the next time.
 */
export class NonceMint {
  readonly #key: Buffer;
  readonly #lifetimeMs: number;
  readonly #prefix: string;

  constructor(options: { key: Buffer; lifetimeMs: number; features: number }) {
    this.#key = options.key;
    this.#lifetimeMs = options.lifetimeMs;
    const features = Buffer.alloc(3);
    features.writeUIntBE(options.features, 0, 3);
    this.#prefix = COOKIE + features.toString('base64');
  }

  mint(client: Client, now: number): string {
    const stamp = Buffer.alloc(STAMP_BYTES);
    stamp.writeUInt32BE(Math.floor(now / BUCKET_MS) >>> 0);
    return this.#prefix + Buffer.concat([stamp, this.#mac(stamp, client)]).toString('base64url');
  }

  /** Whether this server gave this nonce to this client, not longer ago than its lifetime. */
  isFresh(nonce: string, client: Client, now: number): boolean {
    if (!SHAPE.test(nonce) || !nonce.startsWith(this.#prefix)) return false;
    const bytes = Buffer.from(nonce.slice(this.#prefix.length), 'base64url');
    const stamp = bytes.subarray(0, STAMP_BYTES);
    if (!timingSafeEqual(bytes.subarray(STAMP_BYTES), this.#mac(stamp, client))) return false;
    const ageMs = now - stamp.readUInt32BE(0) * BUCKET_MS;
    return ageMs >= 0 && ageMs <= this.#lifetimeMs + BUCKET_MS;
  }

  #mac(stamp: Buffer, client: Client): Buffer {
    return createHmac('sha256', this.#key)
      .update(this.#prefix)
      .update(stamp)
      .update(`${client.transport} ${addressText(client.address)}`)
      .digest()
      .subarray(0, MAC_BYTES);
  }
}

/** The security features that a nonce announces, 0 for one without the cookie (RFC 8489 §9.2). */
export const featuresOfNonce = (nonce: string): number =>
  nonce.startsWith(COOKIE) && nonce.length >= COOKIE.length + 4
    ? Buffer.from(nonce.slice(COOKIE.length, COOKIE.length + 4), 'base64').readUIntBE(0, 3)
    : 0;
