import type { PersonId, Relationships } from '@bedside/protocol';
import { describe, expect, it } from 'vitest';
import { actedForBy, isFor } from './acting.ts';

const [mother, child, sibling] = ['m', 'c', 's'] as PersonId[] as [PersonId, PersonId, PersonId];
type Proxy = Relationships['proxies'][number];

const proxy = (patientId: PersonId, change: Partial<Proxy> = {}): Proxy => ({
  id: 'id',
  state: 'in-force',
  validFrom: '2026-01-01T00:00:00Z',
  validTo: null,
  patientId,
  proxyId: mother,
  kind: 'guardian',
  scopes: ['read'],
  ...change,
});
const people = [
  { id: mother, displayName: 'Ada' },
  { id: sibling, displayName: 'Zoe' },
  { id: child, displayName: 'Ben' },
];
const namesOf = (proxies: Proxy[]) => actedForBy({ proxies, people }, mother).map(({ displayName }) => displayName);

describe('for whom somebody acts', () => {
  it('names each once, by name, with all that they may do', () => {
    const proxies = [proxy(sibling), proxy(child), proxy(child, { scopes: ['schedule', 'read'] })];
    expect(actedForBy({ proxies, people }, mother)).toEqual([
      { id: child, displayName: 'Ben', scopes: ['read', 'schedule'] },
      { id: sibling, displayName: 'Zoe', scopes: ['read'] },
    ]);
  });

  it('leaves out what does not hold yet or any more, and who acts for them', () => {
    expect(namesOf([proxy(child, { state: 'to-come' })])).toEqual([]);
    expect(namesOf([proxy(child, { state: 'over' })])).toEqual([]);
    expect(namesOf([proxy(mother, { proxyId: child })])).toEqual([]);
  });

  it('knows whose page a path is', () => {
    expect(isFor('/for/c/book', child)).toBe(true);
    expect(isFor('/for/c', child)).toBe(true);
    expect(isFor('/for/cc', child)).toBe(false);
    expect(isFor('/book', child)).toBe(false);
  });
});
