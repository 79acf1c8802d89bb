import { endianness } from 'node:os';
import { formatIp, parseIp, type TransportAddress } from '../../wire/ip.ts';

/** Of Linux: `AF_INET` and `AF_INET6`. */
export const ADDRESS_FAMILY = { 4: 2, 6: 10 } as const;
/** Room for either kind of `struct sockaddr_in`. */
export const SOCKET_ADDRESS_BYTES = 32;
const IPV4_BYTES = 16;
const IPV6_BYTES = 28;
const SCOPE_AT = 24;

/** `struct sockaddr_in` or `sockaddr_in6` of a canonical endpoint, without a zone. */
export const encodeSocketAddress = (address: TransportAddress): Buffer => {
  const bytes = Buffer.alloc(address.family === 4 ? IPV4_BYTES : IPV6_BYTES);
  bytes.writeUInt16LE(ADDRESS_FAMILY[address.family], 0);
  bytes.writeUInt16BE(address.port, 2);
  bytes.set(parseIp(address.ip) ?? [], address.family === 4 ? 4 : 8);
  return bytes;
};

/** The endpoint in a `struct sockaddr`; undefined for another family and for an address that only holds in a zone. */
export const decodeSocketAddress = (bytes: Buffer): TransportAddress | undefined => {
  const family = bytes.readUInt16LE(0);
  const port = bytes.readUInt16BE(2);
  if (family === ADDRESS_FAMILY[4]) return { family: 4, ip: formatIp(bytes.subarray(4, 8)), port };
  if (family !== ADDRESS_FAMILY[6] || bytes.readUInt32LE(SCOPE_AT) !== 0) return undefined;
  return { family: 6, ip: formatIp(bytes.subarray(8, SCOPE_AT)), port };
};

/** Whether the layouts here are those of this machine: Linux, 64 bits, the low byte first. */
export const layoutsFit = (machine: { platform: string; arch: string }): boolean =>
  machine.platform === 'linux' && (machine.arch === 'x64' || machine.arch === 'arm64') && endianness() === 'LE';
