import type { AddressFamily } from '../ip.ts';

const FAMILIES: Readonly<Record<number, AddressFamily>> = { 1: 4, 2: 6 };
/** IANA protocol number of UDP, the one transport that is relayed. */
export const UDP_PROTOCOL = 17;

/** A 32-bit value: LIFETIME in seconds (RFC 8656 §18.2). */
export const encodeUInt32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
export const decodeUInt32 = (value: Buffer): number | undefined =>
  value.length === 4 ? value.readUInt32BE(0) : undefined;

/** CHANNEL-NUMBER (RFC 8656 §18.1): 16 bits, then 16 reserved ones. */
export const encodeChannelNumber = (channel: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(channel);
  return bytes;
};
export const decodeChannelNumber = (value: Buffer): number | undefined =>
  value.length === 4 ? value.readUInt16BE(0) : undefined;

/** REQUESTED-TRANSPORT (RFC 8656 §18.8): an IANA protocol number, then 24 reserved bits. */
export const encodeRequestedTransport = (protocol: number): Buffer => Buffer.from([protocol, 0, 0, 0]);
export const decodeRequestedTransport = (value: Buffer): number | undefined =>
  value.length === 4 ? value.readUInt8(0) : undefined;

/** REQUESTED-ADDRESS-FAMILY and ADDITIONAL-ADDRESS-FAMILY (RFC 8656 §18.6, §18.11). */
/** `unsupported` for a family that does not exist (440), undefined where the value has a wrong length (400). */
export const decodeAddressFamily = (value: Buffer): AddressFamily | 'unsupported' | undefined =>
  value.length === 4 ? (FAMILIES[value.readUInt8(0)] ?? 'unsupported') : undefined;

/** UNKNOWN-ATTRIBUTES (RFC 8489 §14.9). */
export const encodeUnknownAttributes = (types: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(types.length * 2);
  for (const [index, type] of types.entries()) bytes.writeUInt16BE(type, index * 2);
  return bytes;
};
export const decodeUnknownAttributes = (value: Buffer): number[] =>
  Array.from({ length: Math.floor(value.length / 2) }, (_, index) => value.readUInt16BE(index * 2));
