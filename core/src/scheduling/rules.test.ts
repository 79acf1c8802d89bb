import type { PayerId, VisitTypeId } from '@bedside/protocol';
import { describe, expect, it } from 'vitest';
import { isInForce, isPaid, type PayerRuleFact, refusalOfRegion, refusalOfStart } from './rules.ts';

const DAY_MS = 86_400_000;
const type = 'type' as VisitTypeId;
const [blue, red] = ['blue', 'red'] as PayerId[] as [PayerId, PayerId];

describe('rules of booking', () => {
  it('SCH11 are in force on their first and on their last day', () => {
    const row = { validFrom: '2026-03-01', validTo: '2026-03-09' };
    expect(['2026-02-28', '2026-03-01', '2026-03-09', '2026-03-10'].map((date) => isInForce(row, date))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(isInForce({ ...row, validTo: null }, '2999-01-01')).toBe(true);
  });

  it('bound a start by notice and horizon, both inclusive; staff by the present alone', () => {
    const nowMs = 1_000 * DAY_MS;
    const refusal = (startsAtMs: number, byStaff = false) =>
      refusalOfStart({ startsAtMs, nowMs, minimumNoticeMinutes: 60, bookingHorizonDays: 30, byStaff });
    expect(refusal(nowMs - 1)).toBe('slot_unavailable');
    expect(refusal(nowMs - 1, true)).toBe('slot_unavailable');
    expect(refusal(nowMs + 3_599_999)).toBe('slot_too_soon');
    expect(refusal(nowMs + 3_599_999, true)).toBeUndefined();
    expect(refusal(nowMs + 3_600_000)).toBeUndefined();
    expect(refusal(nowMs + 30 * DAY_MS)).toBeUndefined();
    expect(refusal(nowMs + 30 * DAY_MS + 1, true)).toBe('slot_too_far');
  });

  it('SCH10 ask for a licence only where the organization does', () => {
    const rule = { requiresLicense: true, regions: ['US-NY'] };
    expect(refusalOfRegion({ ...rule, region: undefined })).toBe('region_required');
    expect(refusalOfRegion({ ...rule, region: 'US-CA' })).toBe('not_licensed');
    expect(refusalOfRegion({ ...rule, region: 'US-NY' })).toBeUndefined();
    expect(refusalOfRegion({ requiresLicense: false, regions: [], region: undefined })).toBeUndefined();
  });

  it('let a payer pay unless denied, or others alone are allowed', () => {
    const rule = (change: Partial<PayerRuleFact>): PayerRuleFact => ({
      payerId: blue,
      visitTypeId: null,
      region: null,
      effect: 'allow',
      validFrom: '2026-01-01',
      validTo: null,
      ...change,
    });
    const paid = (payerId: PayerId | undefined, rules: PayerRuleFact[], selfPay = true) =>
      isPaid({ payerId, selfPay, rules, visitTypeId: type, region: 'US-NY', date: '2026-03-02' });
    expect([paid(undefined, []), paid(undefined, [], false), paid(blue, [])]).toEqual([true, false, true]);
    expect(paid(red, [rule({ visitTypeId: type })])).toBe(false);
    expect(paid(blue, [rule({ visitTypeId: type })])).toBe(true);
    expect(paid(red, [rule({})])).toBe(false);
    expect(paid(red, [rule({ visitTypeId: 'other' as VisitTypeId })])).toBe(true);
    expect(paid(red, [rule({ validTo: '2026-03-01' })])).toBe(true);
    expect(paid(blue, [rule({ effect: 'deny', region: 'US-NY' }), rule({})])).toBe(false);
    expect(paid(blue, [rule({ effect: 'deny', region: 'US-CA' })])).toBe(true);
  });
});
