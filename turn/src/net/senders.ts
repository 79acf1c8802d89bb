import { type AddressFamily, formatIp, type TransportAddress, transportAddress } from '../wire/ip.ts';

/** Beyond this they are forgotten and made again. */
const MAX_SENDERS = 8192;

/** Number of an IPv4 address in dotted decimal, as a socket writes it. */
const ipv4Number = (text: string): number => {
  let number = 0;
  let part = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x2e) {
      number = number * 256 + part;
      part = 0;
    } else part = part * 10 + (code - 0x30);
  }
  return number * 256 + part;
};

/** Who sends datagrams: one IPv4 sender is one object, so that what belongs to it is found by it. */
export class Senders {
  readonly #ofIpv4 = new Map<number, TransportAddress>();

  /** By what a socket says of it. Undefined for one that cannot be answered: an address that only holds in a zone. */
  named(family: AddressFamily, info: { address: string; port: number }): TransportAddress | undefined {
    return family === 4 ? this.ipv4(ipv4Number(info.address), info.port) : transportAddress(info.address, info.port);
  }

  /** `ip` is the address as a number, its first byte the highest. */
  ipv4(ip: number, port: number): TransportAddress {
    const key = ip * 0x1_0000 + port;
    const known = this.#ofIpv4.get(key);
    if (known !== undefined) return known;
    if (this.#ofIpv4.size >= MAX_SENDERS) this.#ofIpv4.clear();
    const bytes = Uint8Array.of(ip >>> 24, ip >>> 16, ip >>> 8, ip);
    const sender: TransportAddress = { family: 4, ip: formatIp(bytes), port };
    this.#ofIpv4.set(key, sender);
    return sender;
  }
}
