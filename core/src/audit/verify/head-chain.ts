import type { FindingKind, Findings } from './findings.ts';
import { headHash, NO_HEAD, type SealedHead } from './head.ts';
import type { KeyRing, SignatureState } from './key-ring.ts';

/** Of a gap whose number may itself be forged, so many heads are named. */
const GAP_MAX = 1_000;

interface Tip {
  readonly sequence: number;
  /** Undefined where nobody knows what stood there. */
  readonly hash: string | undefined;
  readonly sealed: SealedHead | undefined;
}

/**
 * Follows the chain of an export's heads. A head proves all before it: past `signaturesMax` signatures, which take most
 * of the time where batches are small, those of the last head and of heads that change the key are enough.
 */
export class HeadChain {
  readonly #keys: KeyRing;
  readonly #findings: Findings;
  readonly #signaturesMax: number;
  #signatures = 0;
  #tip: Tip;
  /** Heads of an unknown key that a later head may prove. */
  #unproven: { readonly from: number; readonly to: number } | undefined;

  constructor(options: { keys: KeyRing; findings: Findings; signaturesMax: number; firstSequence: number }) {
    this.#keys = options.keys;
    this.#findings = options.findings;
    this.#signaturesMax = options.signaturesMax;
    const sequence = options.firstSequence - 1;
    this.#tip = { sequence, hash: sequence === 0 ? NO_HEAD : undefined, sealed: undefined };
  }

  /** Number of the last head. */
  get sequence(): number {
    return this.#tip.sequence;
  }

  /**
   * Takes the next head. `published` is what was published under its number, if anything.
   * @returns the head that its events are compared with, or undefined where none can be believed.
   */
  next(sealed: SealedHead, published: SealedHead | undefined, line: number): SealedHead | undefined {
    const { sequence } = sealed.head;
    const state = this.#check(sealed);
    if (sequence <= this.#tip.sequence) {
      this.#findings.add({ kind: 'head-out-of-order', head: sequence, line });
      return undefined;
    }
    if (sequence > this.#tip.sequence + 1) this.#gap(sequence);
    const isDiverged = published !== undefined && headHash(published.head) !== headHash(sealed.head);
    // Where one of two is signed with a key that nobody vouches for, the published one is believed.
    if (state === 'bad' || (state === 'unknown-key' && isDiverged))
      return this.#forged(sealed, published, { kind: state === 'bad' ? 'head-forged' : 'head-key-unknown', line });
    const hash = this.#tip.hash;
    if (hash !== undefined && sealed.head.previous !== hash) this.#replaced();
    this.#count(sequence, state);
    if (isDiverged) this.#findings.add({ kind: 'head-diverged', head: sequence, ids: published.head.ids, line });
    this.#tip = { sequence, hash: headHash(sealed.head), sealed };
    return sealed;
  }

  /** Takes note that a head is missing which the export itself, or what was published, tells of. */
  skip(sequence: number, published: SealedHead | undefined): void {
    if (sequence > this.#tip.sequence + 1) this.#gap(sequence);
    const { ids } = published?.head ?? {};
    this.#findings.add({ kind: 'head-missing', head: sequence, ...(ids === undefined ? {} : { ids }) });
    this.#tip = { sequence, hash: published && headHash(published.head), sealed: published };
  }

  end(): void {
    const { sealed } = this.#tip;
    if (this.#signatures > this.#signaturesMax && sealed !== undefined && this.#keys.check(sealed) !== 'good')
      this.#findings.add({ kind: 'head-forged', head: sealed.head.sequence });
    this.#flush();
  }

  #check(sealed: SealedHead): SignatureState {
    this.#signatures += 1;
    // A head that hands on to another key has to be proven before that key is.
    if (this.#signatures > this.#signaturesMax && sealed.head.nextKey === null) return 'good';
    const state = this.#keys.check(sealed);
    if (state === 'good') this.#keys.learn(sealed.head);
    return state;
  }

  #count(sequence: number, state: SignatureState): void {
    this.#unproven = state === 'unknown-key' ? { from: this.#unproven?.from ?? sequence, to: sequence } : undefined;
  }

  #forged(
    sealed: SealedHead,
    published: SealedHead | undefined,
    as: { readonly kind: FindingKind; readonly line: number },
  ): SealedHead | undefined {
    const { sequence, ids } = sealed.head;
    this.#flush();
    this.#findings.add({ ...as, head: sequence, ids });
    const proven = published !== undefined && this.#keys.check(published) === 'good' ? published : undefined;
    this.#tip = { sequence, hash: proven && headHash(proven.head), sealed: proven };
    return proven;
  }

  #replaced(): void {
    this.#flush();
    const { sequence, sealed } = this.#tip;
    if (sequence > 0) this.#findings.add({ kind: 'head-replaced', head: sequence, ids: sealed?.head.ids ?? '' });
    else this.#findings.add({ kind: 'head-missing' });
  }

  /** Heads before `sequence` of which nothing tells what they sealed. */
  #gap(sequence: number): void {
    this.#flush();
    const last = Math.min(sequence - 1, this.#tip.sequence + GAP_MAX);
    for (let head = this.#tip.sequence + 1; head <= last; head += 1) this.#findings.add({ kind: 'head-missing', head });
    this.#tip = { sequence: sequence - 1, hash: undefined, sealed: undefined };
  }

  #flush(): void {
    const { from, to } = this.#unproven ?? { from: 1, to: 0 };
    for (let head = from; head <= Math.min(to, from + GAP_MAX); head += 1)
      this.#findings.add({ kind: 'head-key-unknown', head });
    this.#unproven = undefined;
  }
}
