import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIp } from '../../wire/ip.ts';
import { decodeSocketAddress, encodeSocketAddress, layoutsFit } from './socket-address.ts';

describe('struct sockaddr', () => {
  it('of IPv4 has family, port and address where Linux wants them', () => {
    const bytes = encodeSocketAddress({ family: 4, ip: '192.0.2.1', port: 3478 });
    expect(bytes.toString('hex')).toBe(`0200${'0d96'}c0000201${'00'.repeat(8)}`);
  });

  it('of IPv6 has a flow label and a scope beside them', () => {
    const bytes = encodeSocketAddress({ family: 6, ip: '2001:db8::1', port: 443 });
    expect(bytes.toString('hex')).toBe(`0a00${'01bb'}00000000${'20010db8'}${'00'.repeat(11)}01${'00000000'}`);
  });

  it('gives back every endpoint that was put in', () => {
    const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(fc.oneof(octets(4), octets(16)), fc.nat(65_535), (ip, port) => {
        const address = { family: ip.length === 4 ? (4 as const) : (6 as const), ip: formatIp(ip), port };
        expect(decodeSocketAddress(encodeSocketAddress(address))).toEqual(address);
      }),
    );
  });

  it('of another family, or of a link’s own address, cannot be answered', () => {
    expect(decodeSocketAddress(Buffer.alloc(32))).toBeUndefined();
    const scoped = encodeSocketAddress({ family: 6, ip: 'fe80::1', port: 1 });
    scoped.writeUInt32LE(2, 24);
    expect(decodeSocketAddress(scoped)).toBeUndefined();
  });
});

it('the layouts are those of Linux on 64 bits', () => {
  expect(layoutsFit({ platform: 'linux', arch: 'x64' })).toBe(true);
  expect(layoutsFit({ platform: 'linux', arch: 'ia32' })).toBe(false);
  expect(layoutsFit({ platform: 'darwin', arch: 'arm64' })).toBe(false);
});
