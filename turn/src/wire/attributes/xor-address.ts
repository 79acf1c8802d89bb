import { type AddressFamily, formatIp, parseIp, type TransportAddress } from '../ip.ts';
import { MAGIC_COOKIE } from '../message.ts';

const FAMILY_CODE = { 4: 0x01, 6: 0x02 } as const;
const FAMILY_OF_CODE: Readonly<Record<number, AddressFamily>> = { 1: 4, 2: 6 };
const IP_BYTES = { 4: 4, 6: 16 } as const;

/** Address bytes are masked with the magic cookie, and for IPv6 with the transaction id behind it (RFC 8489 §14.2). */
const mask = (ip: Uint8Array, transactionId: Uint8Array): Uint8Array => {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(MAGIC_COOKIE, 0);
  key.set(transactionId, 4);
  return ip.map((byte, index) => byte ^ (key[index] ?? 0));
};

/** XOR-MAPPED-ADDRESS, XOR-PEER-ADDRESS and XOR-RELAYED-ADDRESS (RFC 8489 §14.2, RFC 8656 §18.3, §18.5). */
export const encodeXorAddress = (address: TransportAddress, transactionId: Uint8Array): Buffer => {
  const ip = parseIp(address.ip);
  if (ip === undefined || ip.length !== IP_BYTES[address.family])
    throw new RangeError('The address is not an IP address of its family.');
  const value = Buffer.alloc(4 + ip.length);
  value.writeUInt8(FAMILY_CODE[address.family], 1);
  value.writeUInt16BE(address.port ^ (MAGIC_COOKIE >>> 16), 2);
  value.set(mask(ip, transactionId), 4);
  return value;
};

/** Undefined where the family is unknown or the length is not that of its family. */
export const decodeXorAddress = (value: Buffer, transactionId: Uint8Array): TransportAddress | undefined => {
  if (value.length < 4) return undefined;
  const family = FAMILY_OF_CODE[value.readUInt8(1)];
  if (family === undefined || value.length !== 4 + IP_BYTES[family]) return undefined;
  return {
    family,
    ip: formatIp(mask(value.subarray(4), transactionId)),
    port: value.readUInt16BE(2) ^ (MAGIC_COOKIE >>> 16),
  };
};
