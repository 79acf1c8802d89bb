import { isIPv4, isIPv6 } from 'node:net';

export type AddressFamily = 4 | 6;

/** An IP endpoint. `ip` is canonical text: dotted decimal, or RFC 5952 without a zone. `port` is 0 to 65535. */
export interface TransportAddress {
  readonly family: AddressFamily;
  readonly ip: string;
  readonly port: number;
}

/** `2001:db8::1` → 16 bytes, `192.0.2.1` → 4 bytes; undefined for anything else. A zone (`%eth0`) is not accepted. */
export const parseIp = (text: string): Uint8Array | undefined => {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const dotted = text.slice(text.lastIndexOf(':') + 1);
  const tail = isIPv4(dotted) ? dotted.split('.').map(Number) : undefined;
  const head = tail === undefined ? text : `${text.slice(0, text.lastIndexOf(':') + 1)}0:0`;
  const [left = '', right] = head.split('::');
  const words = (part: string | undefined): number[] =>
    part ? part.split(':').map((word) => Number.parseInt(word, 16)) : [];
  const before = words(left);
  const after = words(right);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of before.entries()) view.setUint16(index * 2, word);
  for (const [index, word] of after.entries()) view.setUint16((8 - after.length + index) * 2, word);
  if (tail !== undefined) bytes.set(tail, 12);
  return bytes;
};

/** The longest run of two or more zero words (the first of equals), as RFC 5952 §4.2 compresses it. */
const zeroRun = (words: readonly number[]): { start: number; length: number } => {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && words[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
};

/** Canonical text of 4 or 16 address bytes. IPv6 is written in words only, also where it embeds an IPv4 address. */
export const formatIp = (bytes: Uint8Array): string => {
  if (bytes.length === 4) return bytes.join('.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const words = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  const hex = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(':');
  const run = zeroRun(words);
  return run.start < 0 ? hex(words) : `${hex(words.slice(0, run.start))}::${hex(words.slice(run.start + run.length))}`;
};

/** Canonical endpoint of address text in any spelling; undefined where it is no IP address. */
export const transportAddress = (ip: string, port: number): TransportAddress | undefined => {
  const bytes = parseIp(ip);
  if (bytes === undefined) return undefined;
  return { family: bytes.length === 4 ? 4 : 6, ip: formatIp(bytes), port };
};

/** `192.0.2.1:3478` or `[2001:db8::1]:3478`. */
export const addressText = (address: TransportAddress): string =>
  address.family === 4 ? `${address.ip}:${address.port}` : `[${address.ip}]:${address.port}`;
