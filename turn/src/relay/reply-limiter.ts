import type { Client } from './client.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * Bounds how often somebody is answered who has not shown a credential: a spoofed source must not be flooded with our
 * answers, nor a guesser told quickly that a guess was wrong. Datagrams count by address, for their ports are free to
 * invent; a stream has proved its address and counts by itself, so that one guesser behind a clinic's address takes
 * nothing from the others. Right credentials never come here.
 */
export class ReplyLimiter {
  readonly #options: { ratePerSecond: number; burst: number; maxAddresses: number };
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: { ratePerSecond: number; burst: number; maxAddresses: number }) {
    this.#options = options;
  }

  mayAnswer(client: Client, now: number): boolean {
    const key = client.transport === 'udp' ? client.address.ip : client.key;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#options.maxAddresses) this.#forgetOldest();
      bucket = new TokenBucket({ ...this.#options, now });
      this.#buckets.set(key, bucket);
    }
    return bucket.take(1, now);
  }

  #forgetOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}
