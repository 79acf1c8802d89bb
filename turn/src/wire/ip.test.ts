import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeXorAddress, encodeXorAddress } from './attributes/xor-address.ts';
import { formatIp, parseIp, transportAddress } from './ip.ts';

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Zero words are what IPv6 text is about, so they come often. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  })
  .map((words) => Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff])));

describe('IP text', () => {
  it.each([
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['::', '::'],
    ['1::', '1::'],
    ['192.0.2.1', '192.0.2.1'],
  ])('%s is written %s (RFC 5952 §4)', (text, canonical) => {
    expect(transportAddress(text, 1)?.ip).toBe(canonical);
  });

  it.each(['', 'localhost', '1.2.3', '1.2.3.4.5', 'fe80::1%lo', '::g', '1.2.3.4:5'])('%s is none', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it('round-trips', () => {
    fc.assert(
      fc.property(fc.oneof(bytesOf(4), ipv6), (bytes) => {
        expect([...(parseIp(formatIp(bytes)) ?? [])]).toEqual([...bytes]);
      }),
    );
  });
});

describe('XOR addresses', () => {
  it('round-trip in both families', () => {
    fc.assert(
      fc.property(
        fc.oneof(bytesOf(4), ipv6),
        fc.integer({ min: 0, max: 65_535 }),
        bytesOf(12),
        (ip, port, transactionId) => {
          const address = { family: ip.length === 4 ? (4 as const) : (6 as const), ip: formatIp(ip), port };
          expect(decodeXorAddress(encodeXorAddress(address, transactionId), transactionId)).toEqual(address);
        },
      ),
    );
  });

  it.each([
    ['an unknown family', [0, 3, 0, 0, 1, 2, 3, 4]],
    ['IPv6 with an IPv4 length', [0, 2, 0, 0, 1, 2, 3, 4]],
    ['IPv4 with a byte too many', [0, 1, 0, 0, 1, 2, 3, 4, 5]],
    ['nothing', []],
  ])('%s is refused', (_what, bytes) => {
    expect(decodeXorAddress(Buffer.from(bytes), Buffer.alloc(12))).toBeUndefined();
  });
});
