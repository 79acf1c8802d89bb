import type { Client } from './client.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * Bounds how often an address is answered that has not shown a credential: a spoofed source must not be flooded with
 * our answers, nor a guesser told quickly that a guess was wrong. Datagrams and streams count apart, so that nobody
 * who spoofs an address takes anything from those who connect from it. Right credentials never come here.
 */
export class ReplyLimiter {
  readonly #options: { ratePerSecond: number; burst: number; maxAddresses: number };
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: { ratePerSecond: number; burst: number; maxAddresses: number }) {
    this.#options = options;
  }

  mayAnswer(client: Client, now: number): boolean {
    const key = `${client.transport === 'udp' ? 'd' : 's'}${client.address.ip}`;
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
