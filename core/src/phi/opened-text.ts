import { AppError } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import type { Opened, Phi, Sealed } from './phi.ts';

/** Why a sealed text is not told. `unavailable`: its key cannot be had at this moment. */
export type Unreadable = Exclude<Opened['kind'], 'text'> | 'unavailable';

/** What stands in the place of a text that is not told. */
const WORDS = {
  erased: 'This was erased.',
  altered: 'This cannot be shown.',
  unavailable: 'This cannot be shown right now.',
} as const satisfies Record<Unreadable, string>;

/** As `Phi.open`, but that a key which cannot be had is an answer too. */
export const openEvenIfAway = async (
  phi: Phi,
  db: Db,
  what: Sealed,
): Promise<Opened | { readonly kind: 'unavailable' }> => {
  try {
    return await phi.open(db, what);
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') return { kind: 'unavailable' };
    throw error;
  }
};

/** The text, or what says why there is none. */
export const textOf = (opened: Opened | { readonly kind: 'unavailable' }): string =>
  opened.kind === 'text' ? opened.text : WORDS[opened.kind];
