import type { StoredHead } from '../seal-store.ts';

/** Where heads go outside the database. Heads come in order and, after a crash, may come again. */
export interface HeadPort {
  readonly name: 'file' | 'https';
  /** The number of the last head that is out there; 0 of none. */
  reached(): Promise<number>;
  /** Answers when the heads are there to stay. Throws when they may not be. */
  publish(heads: readonly StoredHead[]): Promise<void>;
}
