import { formatIp, parseIp, type TransportAddress } from '../wire/ip.ts';

/** A peer behind a NAT: the address that clients are told, and the one under which the relay reaches it. */
export interface PeerMapping {
  readonly announcedIp: string;
  readonly reachedIp: string;
}

/** Endpoints whose translation is kept; beyond it they are translated anew. */
const MAX_KEPT = 1024;

/** Parses `203.0.113.4=10.0.0.4`: announced, then reached; both of one family. */
export const parsePeerMapping = (text: string): PeerMapping | { readonly problem: string } => {
  const [announced, reached, ...more] = text.split('=').map((ip) => parseIp(ip));
  if (announced === undefined || reached === undefined || more.length > 0 || announced.length !== reached.length)
    return { problem: `${text} is not two IP addresses of one family with = between, such as 203.0.113.4=10.0.0.4` };
  return { announcedIp: formatIp(announced), reachedIp: formatIp(reached) };
};

const translator = (ips: ReadonlyMap<string, string>) => {
  const kept = new Map<TransportAddress, TransportAddress>();
  return (address: TransportAddress): TransportAddress => {
    const ip = ips.get(address.ip);
    if (ip === undefined) return address;
    const known = kept.get(address);
    if (known !== undefined) return known;
    const translated = { ...address, ip };
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(address, translated);
    return translated;
  };
};

/** Translates between what clients call a peer and where it is; what is not mapped is the same. Ports are kept. */
export interface PeerMap {
  readonly reached: (announced: TransportAddress) => TransportAddress;
  readonly announced: (reached: TransportAddress) => TransportAddress;
}

export const peerMap = (mappings: readonly PeerMapping[]): PeerMap => ({
  reached: translator(new Map(mappings.map(({ announcedIp, reachedIp }) => [announcedIp, reachedIp]))),
  announced: translator(new Map(mappings.map(({ announcedIp, reachedIp }) => [reachedIp, announcedIp]))),
});
