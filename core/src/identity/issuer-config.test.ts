import { describe, expect, it } from 'vitest';
import { capacityOf, onlyIssuer, parseIssuers } from './issuer-config.ts';

const entry = {
  id: 'staff',
  label: 'Staff',
  issuer: 'https://login.example.org/realms/hospital',
  clientId: 'bedside',
  for: ['staff'],
};
const problemsOf = (...issuers: unknown[]): readonly string[] => {
  const parsed = parseIssuers(JSON.stringify({ issuers }));
  return 'problems' in parsed ? parsed.problems : [];
};

describe('the issuers’ file', () => {
  it('gives each issuer an address of its own to come back to', () => {
    const parsed = parseIssuers(JSON.stringify({ issuers: [entry] }));
    expect(parsed).toMatchObject({
      issuers: [{ id: 'staff', callbackPath: '/auth/callback/staff', stepUp: { by: 'sign-in' }, scopes: [] }],
    });
    expect(onlyIssuer({ issuer: 'https://a.example', clientId: 'b' }).callbackPath).toBe('/auth/callback');
  });

  it('gives no role to people whom the issuer does not sign in', () => {
    const groups = (role: string) => ({ groups: { claim: 'groups', roles: { some: role } } });
    expect(problemsOf({ ...entry, for: ['patients'], ...groups('admin') })).toEqual([
      expect.stringMatching(/groups\.roles/),
    ]);
    expect(problemsOf({ ...entry, ...groups('patient') })).toEqual([expect.stringMatching(/groups\.roles/)]);
    expect(problemsOf({ ...entry, ...groups('service') })).toHaveLength(1);
    expect(problemsOf({ ...entry, ...groups('compliance') })).toEqual([]);
  });

  it('links people of one organization only', () => {
    expect(problemsOf({ ...entry, linking: { by: 'email' } })).toEqual([expect.stringMatching(/organization/)]);
    expect(problemsOf({ ...entry, linking: { by: 'email' }, organization: 'clinic' })).toEqual([]);
  });

  it('has no two of one name, and none in the clear', () => {
    expect(problemsOf(entry, entry)).not.toEqual([]);
    expect(problemsOf(entry, { ...entry, id: 'again' })).not.toEqual([]);
    expect(problemsOf({ ...entry, issuer: 'http://login.example.org' })).toEqual([expect.stringMatching(/https/)]);
    expect(problemsOf({ ...entry, unknown: 1 })).toHaveLength(1);
  });

  it('quotes nothing that stands in it', () => {
    const text = JSON.stringify({ issuers: [{ ...entry, clientSecret: ['hunter2'], id: 'NOT AN ID' }] });
    expect(JSON.stringify(parseIssuers(text))).not.toMatch(/hunter2|NOT AN ID/);
    expect(parseIssuers('{')).toEqual({ problems: ['is not JSON'] });
  });

  it('says in what capacity people come in', () => {
    expect(capacityOf({ for: ['staff'] })).toBe('staff');
    expect(capacityOf({ for: ['patients'] })).toBe('patient');
    expect(capacityOf({ for: ['patients', 'staff'] })).toBe('any');
  });
});
