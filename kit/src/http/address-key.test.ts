import { describe, expect, it } from 'vitest';
import { addressKey, addressMatcher, isLoopbackHost } from './address-key.ts';

describe('what a limit per address counts by', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['not an address', 'unknown'],
    [undefined, 'unknown'],
  ])('%s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

it('knows addresses and networks of a list, however they came in', () => {
  const isProxy = addressMatcher(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
  expect(['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.1', '2001:db8::7'].map(isProxy)).toEqual([true, true, true, true]);
  expect(['11.0.0.1', '192.0.2.2', '2001:db9::1', '', undefined, 'x'].map(isProxy)).not.toContain(true);
});

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['localhost', true],
  ['[::1]', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.0.2.1', false],
  ['db.example.org', false],
])('%s leads nowhere but here: %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
});
