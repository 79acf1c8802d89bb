import { ERRORS, type ErrorCode, isErrorCode } from '@bedside/protocol';
import type { VisitErrorCode } from '../errors.ts';

/** Why a visit is over for this page. */
export type VisitEnd =
  | { kind: 'left' }
  | { kind: 'ended'; reason?: 'ended-by-host' | 'everybody-left' | 'cancelled' | undefined }
  /** The same person opened the visit elsewhere. */
  | { kind: 'replaced' }
  /** Entry was refused; `sentenceFor(code)` says it plainly. */
  | { kind: 'refused'; code: VisitErrorCode };

/** What to do after a connection has closed. */
export type CloseVerdict =
  | { next: 'stop'; end: VisitEnd }
  /** Take up the same session again, after at least `minDelayMs`. */
  | { next: 'resume'; minDelayMs: number }
  /** The session is gone or the grant was refused: ask for a new grant. `code` is told when that does not help. */
  | { next: 'new-grant'; code: ErrorCode };

const CROWDED_DELAY_MS = 5_000;

const codeOf = (closeCode: number, reason: string): ErrorCode | undefined => {
  if (isErrorCode(reason)) return reason;
  const found = Object.entries(ERRORS).find(([, error]) => 'close' in error && error.close === closeCode);
  return found && isErrorCode(found[0]) ? found[0] : undefined;
};

/** Judges a WebSocket close by its code, and by its reason where the server named an error code there. */
export const closeVerdict = (closeCode: number, reason: string): CloseVerdict => {
  const code = codeOf(closeCode, reason);
  switch (closeCode) {
    case 4410:
      return { next: 'stop', end: { kind: 'ended' } };
    case 4409:
      return { next: 'stop', end: { kind: 'replaced' } };
    case 4401:
      // A grant that somebody withdrew on purpose must not be answered by quietly asking for another.
      if (code === 'grant_revoked') return { next: 'stop', end: { kind: 'refused', code } };
      return { next: 'new-grant', code: code ?? 'grant_malformed' };
    case 4404:
      return { next: 'new-grant', code: 'resume_unknown' };
    case 4400:
      if (code === 'message_unsupported_version') return { next: 'stop', end: { kind: 'refused', code } };
      return { next: 'new-grant', code: code ?? 'message_malformed' };
    case 4403:
      return { next: 'stop', end: { kind: 'refused', code: 'origin_refused' } };
    case 4429:
    case 1013:
      return { next: 'resume', minDelayMs: CROWDED_DELAY_MS };
    default:
      return { next: 'resume', minDelayMs: 0 };
  }
};
