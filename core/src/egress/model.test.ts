import type { AgreementId } from '@bedside/protocol';
import { describe, expect, it } from 'vitest';
import { type AgreementTerms, decideEgress, isExpiring } from './model.ts';

const terms = (change: Partial<AgreementTerms> = {}): AgreementTerms => ({
  id: '00000000-0000-4000-8000-000000000001' as AgreementId,
  categories: ['contact', 'appointment-time'],
  validFrom: '2026-01-01',
  validTo: '2026-12-31',
  endedAt: null,
  ...change,
});
const decide = (agreements: AgreementTerms[], today = '2026-03-02') =>
  decideEgress(agreements, { categories: ['contact', 'appointment-time'], today });

describe('what may leave', () => {
  it('leaves by an agreement in force, on its first and its last day too', () => {
    for (const today of ['2026-01-01', '2026-03-02', '2026-12-31'])
      expect(decide([terms()], today)).toEqual({ allowed: true, agreementId: terms().id });
    expect(decide([terms({ validTo: null })], '2099-01-01')).toMatchObject({ allowed: true });
  });

  it.each([
    ['without one', [], 'no-agreement'],
    ['before it', [terms({ validFrom: '2026-03-03' })], 'not-in-force'],
    ['after it', [terms({ validTo: '2026-03-01' })], 'not-in-force'],
    ['once it was ended', [terms({ endedAt: new Date(0) })], 'not-in-force'],
    ['beyond what it covers', [terms({ categories: ['contact'] })], 'category-not-covered'],
    [
      'by two of which neither covers it all',
      [terms({ categories: ['contact'] }), terms({ categories: ['appointment-time'] })],
      'category-not-covered',
    ],
  ])('does not leave %s', (_, agreements, reason) => {
    expect(decide(agreements)).toEqual({ allowed: false, reason });
  });

  it('is warned of thirty days before the last day', () => {
    expect(isExpiring(terms(), '2026-11-30')).toBe(false);
    expect(isExpiring(terms(), '2026-12-01')).toBe(true);
    expect(isExpiring(terms(), '2027-01-01')).toBe(false);
    expect(isExpiring(terms({ validTo: null }), '2026-12-01')).toBe(false);
  });
});
