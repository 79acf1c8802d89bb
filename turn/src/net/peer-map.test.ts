import { describe, expect, it } from 'vitest';
import { parsePeerMapping, peerMap } from './peer-map.ts';

const at = (ip: string, port = 40_000) => ({ family: 4 as const, ip, port });

describe('peers behind a NAT', () => {
  const map = peerMap([{ announcedIp: '203.0.113.4', reachedIp: '10.0.0.4' }]);

  it('are translated both ways, ports kept; others are left alone', () => {
    expect(map.reached(at('203.0.113.4', 40_001))).toEqual(at('10.0.0.4', 40_001));
    expect(map.announced(at('10.0.0.4', 40_001))).toEqual(at('203.0.113.4', 40_001));
    const other = at('203.0.113.5');
    expect(map.reached(other)).toBe(other);
    expect(map.reached(at('10.0.0.4'))).toEqual(at('10.0.0.4'));
  });

  it('are the same object for the same one', () => {
    const peer = at('203.0.113.4');
    expect(map.reached(peer)).toBe(map.reached(peer));
  });
});

it('a mapping is two addresses of one family, made canonical', () => {
  expect(parsePeerMapping('203.0.113.4=10.0.0.4')).toEqual({ announcedIp: '203.0.113.4', reachedIp: '10.0.0.4' });
  expect(parsePeerMapping('2001:DB8:0::1=fd00::1')).toEqual({ announcedIp: '2001:db8::1', reachedIp: 'fd00::1' });
  for (const text of ['203.0.113.4', '203.0.113.4=', 'a=b', '203.0.113.4=::1', '1.1.1.1=2.2.2.2=3.3.3.3'])
    expect(parsePeerMapping(text)).toHaveProperty('problem');
});
