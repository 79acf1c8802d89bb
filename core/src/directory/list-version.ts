import { AppError } from '@bedside/protocol';
import { sha256 } from '../secrets.ts';

/**
 * The version of a list that is replaced as a whole: what it says, in whatever order. Lists that say the same are the
 * same, however they came to it.
 */
export const listVersion = (rows: readonly object[]): string =>
  sha256(JSON.stringify(rows.map((row) => JSON.stringify(row)).sort()));

/** Errors: `version_conflict`, where the list says something else than what somebody read who now replaces it. */
export const requireVersion = (version: string, rows: readonly object[]): void => {
  if (version !== listVersion(rows)) throw new AppError('version_conflict');
};
