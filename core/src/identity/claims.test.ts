import { describe, expect, it } from 'vitest';
import { claimAt, isComplete, linkEvidence, statedRoles } from './claims.ts';

describe('claims', () => {
  it('are found by their name, a URL too, and on their way where they are nested', () => {
    const claims = { groups: ['a'], 'https://x.example/a.b': 1, realm_access: { roles: ['b'] } };
    expect(claimAt(claims, 'groups')).toEqual(['a']);
    expect(claimAt(claims, 'https://x.example/a.b')).toBe(1);
    expect(claimAt(claims, ['realm_access', 'roles'])).toEqual(['b']);
    expect(claimAt(claims, ['realm_access', 'roles', '0'])).toBe('b');
    for (const path of ['constructor', '__proto__', ['realm_access', 'none'], ['none', 'roles']])
      expect(claimAt(claims, path)).toBeUndefined();
  });

  it('state the roles of known groups and nothing else', () => {
    const groups = { claim: 'groups', roles: { doctors: 'provider', desk: 'front-desk' } } as const;
    expect([...statedRoles({ groups: ['doctors', 'constructor', 'toString', 7, null] }, groups)]).toEqual(['provider']);
    expect([...statedRoles({ groups: 'desk' }, groups)]).toEqual(['front-desk']);
    for (const claims of [{}, { groups: null }, { groups: { doctors: true } }, { groups: [['doctors']] }])
      expect([...statedRoles(claims, groups)]).toEqual([]);
    expect([...statedRoles({ groups: ['doctors'] }, undefined)]).toEqual([]);
  });

  it('vouch for an address when the issuer says so in so many bits', () => {
    const byEmail = { by: 'email' } as const;
    expect(linkEvidence({ email: 'a@b.example', email_verified: true }, byEmail)).toEqual({ email: 'a@b.example' });
    for (const claims of [
      { email: 'a@b.example' },
      { email: 'a@b.example', email_verified: 'true' },
      { email: 'a@b.example', email_verified: 1 },
      { email: ['a@b.example'], email_verified: true },
      { email_verified: true },
    ])
      expect(linkEvidence(claims, byEmail)).toBeUndefined();
    const byKey = { by: 'claim', claim: ['site', 'key'] } as const;
    expect(linkEvidence({ site: { key: 'k' } }, { ...byKey, claim: [...byKey.claim] })).toEqual({ key: 'k' });
    expect(linkEvidence({ site: { key: 7 } }, { ...byKey, claim: [...byKey.claim] })).toBeUndefined();
  });

  it('are looked for in userinfo where the ID token leaves them out', () => {
    const groups = { claim: 'groups', roles: {} };
    expect(isComplete({}, {})).toBe(true);
    expect(isComplete({}, { groups })).toBe(false);
    expect(isComplete({ groups: [] }, { groups })).toBe(true);
    expect(isComplete({ groups: [], email: 'a@b.example' }, { groups, linking: { by: 'email' } })).toBe(false);
    expect(isComplete({ email: 'a@b.example', email_verified: false }, { linking: { by: 'email' } })).toBe(true);
  });
});
