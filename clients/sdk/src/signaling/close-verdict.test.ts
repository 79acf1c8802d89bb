import { ERRORS } from '@bedside/protocol';
import { describe, expect, test } from 'vitest';
import { closeVerdict } from './close-verdict.ts';

describe('closeVerdict', () => {
  test.each([
    [4410, '', { next: 'stop', end: { kind: 'ended' } }],
    [4409, '', { next: 'stop', end: { kind: 'replaced' } }],
    [4404, 'resume_unknown', { next: 'new-grant', code: 'resume_unknown' }],
    [4401, 'grant_expired', { next: 'new-grant', code: 'grant_expired' }],
    [4401, 'grant_revoked', { next: 'stop', end: { kind: 'refused', code: 'grant_revoked' } }],
    [4401, '', { next: 'new-grant', code: 'grant_malformed' }],
    [
      4400,
      'message_unsupported_version',
      { next: 'stop', end: { kind: 'refused', code: 'message_unsupported_version' } },
    ],
    [4403, '', { next: 'stop', end: { kind: 'refused', code: 'origin_refused' } }],
    [4429, '', { next: 'resume', minDelayMs: 5_000 }],
    [1013, 'server_busy', { next: 'resume', minDelayMs: 5_000 }],
    [1006, '', { next: 'resume', minDelayMs: 0 }],
    [1012, 'server_draining', { next: 'resume', minDelayMs: 0 }],
    [4431, 'heartbeat_lost', { next: 'resume', minDelayMs: 0 }],
  ])('close %i %s', (code, reason, verdict) => {
    expect(closeVerdict(code, reason)).toEqual(verdict);
  });

  test('knows what to do after every close of the protocol', () => {
    for (const [code, error] of Object.entries(ERRORS)) {
      if ('close' in error) expect(closeVerdict(error.close, code).next).toMatch(/stop|resume|new-grant/);
    }
  });
});
