import { TokenBucket } from './token-bucket.ts';

export interface QuotaLimits {
  readonly allocations: number;
  readonly allocationsPerAddress: number;
  readonly allocationsPerCredential: number;
  /** Bits a second that one credential may send, and as many that it may receive, over all its allocations. */
  readonly credentialBps: number;
}

/** What one credential uses at the moment; it exists while the credential has an allocation. */
export interface Usage {
  readonly name: string;
  readonly address: string;
  readonly shared: { allocations: number; readonly up: TokenBucket; readonly down: TokenBucket };
}

export type QuotaVerdict =
  | { readonly ok: true; readonly usage: Usage }
  | { readonly ok: false; readonly code: 486 | 508 };

/** Half a second's worth may pass at once: a key frame is a burst. */
const BURST_SECONDS = 0.5;
const SMALLEST_BURST_BYTES = 64 * 1024;

/** Counts allocations in total, by address and by credential name. Bounded by the total. */
export class Quotas {
  readonly #limits: QuotaLimits;
  readonly #byAddress = new Map<string, number>();
  readonly #byName = new Map<string, Usage['shared']>();
  #total = 0;

  constructor(limits: QuotaLimits) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** RFC 8656 §7.2: a credential or an address that has enough gets 486; a server that is full, 508. */
  take(holder: { name: string; address: string }, now: number): QuotaVerdict {
    if (this.#total >= this.#limits.allocations) return { ok: false, code: 508 };
    const ofAddress = this.#byAddress.get(holder.address) ?? 0;
    const shared = this.#byName.get(holder.name) ?? this.#newShared(now);
    if (ofAddress >= this.#limits.allocationsPerAddress || shared.allocations >= this.#limits.allocationsPerCredential)
      return { ok: false, code: 486 };
    this.#total += 1;
    this.#byAddress.set(holder.address, ofAddress + 1);
    shared.allocations += 1;
    this.#byName.set(holder.name, shared);
    return { ok: true, usage: { ...holder, shared } };
  }

  release(usage: Usage): void {
    this.#total -= 1;
    const ofAddress = (this.#byAddress.get(usage.address) ?? 1) - 1;
    if (ofAddress > 0) this.#byAddress.set(usage.address, ofAddress);
    else this.#byAddress.delete(usage.address);
    usage.shared.allocations -= 1;
    if (usage.shared.allocations === 0) this.#byName.delete(usage.name);
  }

  #newShared(now: number): Usage['shared'] {
    const ratePerSecond = this.#limits.credentialBps / 8;
    const burst = Math.max(SMALLEST_BURST_BYTES, ratePerSecond * BURST_SECONDS);
    return {
      allocations: 0,
      up: new TokenBucket({ ratePerSecond, burst, now }),
      down: new TokenBucket({ ratePerSecond, burst, now }),
    };
  }
}
