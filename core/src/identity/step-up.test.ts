import { describe, expect, it } from 'vitest';
import { isSteppedUp } from './step-up.ts';

const now = new Date('2026-03-02T10:00:00.000Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const nothing = { authenticatedAt: null, acr: null, passkeyAt: null };
const steppedUp = (proof: Partial<typeof nothing | { authenticatedAt: Date; acr: string; passkeyAt: Date }>) => {
  const full = { ...nothing, ...proof };
  const rules = [{ by: 'sign-in' }, { by: 'acr', values: ['mfa'] }, { by: 'passkey' }] as const;
  return rules
    .filter((rule) =>
      isSteppedUp(full, rule.by === 'acr' ? { ...rule, values: [...rule.values] } : rule, 10 * 60_000, now),
    )
    .map((rule) => rule.by);
};

describe('a fresh proof', () => {
  it('is what the rule asks for, and a passkey always', () => {
    expect(steppedUp({})).toEqual([]);
    expect(steppedUp({ authenticatedAt: ago(9) })).toEqual(['sign-in']);
    expect(steppedUp({ authenticatedAt: ago(9), acr: 'pwd' })).toEqual(['sign-in']);
    expect(steppedUp({ authenticatedAt: ago(9), acr: 'mfa' })).toEqual(['sign-in', 'acr']);
    expect(steppedUp({ passkeyAt: ago(9) })).toEqual(['sign-in', 'acr', 'passkey']);
  });

  it('is fresh for so long and no longer', () => {
    expect(steppedUp({ authenticatedAt: ago(10), acr: 'mfa', passkeyAt: ago(10) })).toEqual([]);
    expect(steppedUp({ acr: 'mfa' })).toEqual([]);
  });
});
