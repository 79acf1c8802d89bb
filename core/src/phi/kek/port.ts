import { AppError } from '@bedside/protocol';

/** What a data key is for. Bound to the wrapped key: it unwraps for nothing else. */
export interface WrapContext {
  readonly organization: string;
  /** `person:<id>`, `visit:<id>`, or `blind-index`. */
  readonly owner: string;
  readonly version: number;
}

/**
 * Key encryption keys of one kind, wherever they are kept. Ids of KEKs begin with the kind and a colon. Of one that is
 * not there, or does not answer, `wrap` and `unwrap` throw `KekAway`; of bytes that it did not wrap, `SealBroken`.
 */
export interface KekPort {
  readonly kind: KekKind;
  /** The KEK that the configuration names. `mayMake`: where keys are made here, the first one is made. */
  current(options: { readonly mayMake: boolean }): Promise<string>;
  /** Another one than all of those, to go on with; made, where keys are made here. Throws `KekAway`. */
  next(known: readonly string[]): Promise<string>;
  wrap(kekId: string, key: Buffer, context: WrapContext): Promise<Buffer>;
  /** The data key's bytes, the caller's to overwrite. */
  unwrap(kekId: string, wrapped: Buffer, context: WrapContext): Promise<Buffer>;
  close(): Promise<void>;
}

export const KEK_KINDS = ['file', 'pkcs11', 'aws-kms'] as const;
export type KekKind = (typeof KEK_KINDS)[number];

/** The key that everything sealed hangs on cannot be used now. What is not sealed can be read all the same. */
export class KekAway extends AppError {
  /** Whoever runs Bedside reads `reason` in the log; whoever asked learns only that it is away. */
  readonly reason: string;

  constructor(reason: string, options: { cause?: unknown } = {}) {
    super('unavailable', {
      detail: 'The key that protects patient data cannot be reached. Try again in a moment.',
      ...options,
    });
    this.reason = reason;
  }
}
