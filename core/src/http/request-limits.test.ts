import { describe, expect, it } from 'vitest';
import { DEFAULT_RATE_LIMITS } from './limits-from-env.ts';
import { RequestLimits } from './request-limits.ts';

const spent = expect.objectContaining({ code: 'rate_limited' });
const asStranger = (address: string) => ({ personId: undefined, address, now: 0 });

describe('what one address, one person and all together may ask for', () => {
  it('counts a network of IPv6 as one address', () => {
    const limits = new RequestLimits({ ...DEFAULT_RATE_LIMITS, address: 2 });
    limits.takeAddress('2001:db8::1', 0);
    limits.takeAddress('2001:db8::ffff:2', 0);
    expect(() => limits.takeAddress('2001:db8::3', 0)).toThrow(spent);
    expect(() => limits.takeAddress('2001:db8:0:1::3', 0)).not.toThrow();
  });

  it('counts a person wherever they are, and strangers by address', () => {
    const limits = new RequestLimits({ ...DEFAULT_RATE_LIMITS, read: 1 });
    limits.takeRoute('read', { personId: 'pat', address: '192.0.2.1', now: 0 });
    expect(() => limits.takeRoute('read', { personId: 'pat', address: '192.0.2.2', now: 0 })).toThrow(spent);
    expect(() => limits.takeRoute('read', { personId: 'sam', address: '192.0.2.1', now: 0 })).not.toThrow();
    limits.takeRoute('read', asStranger('192.0.2.1'));
    expect(() => limits.takeRoute('read', asStranger('192.0.2.1'))).toThrow(spent);
  });

  it('keeps an address from signing in after too many refusals, for a quarter of an hour', () => {
    const limits = new RequestLimits({ ...DEFAULT_RATE_LIMITS, signInFailures: 1 });
    limits.signInRefused('192.0.2.1', 0);
    expect(() => limits.takeRoute('signIn', asStranger('192.0.2.1'))).toThrow(spent);
    expect(() => limits.takeRoute('signIn', asStranger('192.0.2.2'))).not.toThrow();
    expect(() => limits.takeRoute('read', asStranger('192.0.2.1'))).not.toThrow();
    expect(() => limits.takeRoute('signIn', { ...asStranger('192.0.2.1'), now: 900_000 })).not.toThrow();
  });

  it('limits the sign-ins of everybody together', () => {
    const limits = new RequestLimits({ ...DEFAULT_RATE_LIMITS, signInAll: 2 });
    limits.takeRoute('signIn', asStranger('192.0.2.1'));
    limits.takeRoute('signIn', asStranger('192.0.2.2'));
    expect(() => limits.takeRoute('signIn', asStranger('192.0.2.3'))).toThrow(spent);
  });
});
