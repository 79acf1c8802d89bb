import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionHashes } from './session-cookie.ts';

const hash = (value: string) => createHash('sha256').update(value).digest('base64url');

describe('sessionHashes', () => {
  it('GR3: finds the session cookie under both names, among others, and no other cookie', () => {
    expect(sessionHashes('a=1; bedside_session=abc; b=2')).toEqual([hash('abc')]);
    expect(sessionHashes('__Host-bedside_session=x=y==; bedside_session=old')).toEqual([hash('x=y=='), hash('old')]);
    expect(sessionHashes('xbedside_session=abc; bedside_session_=1; BEDSIDE_SESSION=2; bedside_session=')).toEqual([]);
    expect(sessionHashes(undefined)).toEqual([]);
  });

  it('bounds what it hashes, and never throws', () => {
    expect(sessionHashes('bedside_session=a;'.repeat(50))).toHaveLength(4);
    fc.assert(
      fc.property(fc.string(), (header) => sessionHashes(header).length <= 4),
      { seed: 1 },
    );
  });
});
