import type { TransportAddress } from '../wire/ip.ts';
import { parseIp } from '../wire/ip.ts';
import { canonicalAddress } from './canonical-address.ts';

/** One address of an SFU and the UDP ports it listens on, both ends included. */
export interface PeerRule {
  readonly ip: string;
  readonly minPort: number;
  readonly maxPort: number;
}

const RULE = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})(?:-(\d{1,5}))?$/;

/** Unspecified, broadcast and multicast addresses are nobody's; a rule for them is a mistake. */
const isNobody = (ip: string): boolean => {
  const bytes = parseIp(ip);
  if (bytes === undefined) return true;
  if (bytes.length === 4) return bytes[0] === 0 || (bytes[0] ?? 0) >= 224;
  return bytes[0] === 0xff || bytes.every((byte) => byte === 0);
};

/**
 * Parses `192.0.2.10:40000`, `192.0.2.10:40000-40007` or `[2001:db8::10]:40000`. An address that merely wraps an IPv4
 * one, a name, a network or a missing port is a problem, told in words that name the rule.
 */
export const parsePeerRule = (text: string): PeerRule | { readonly problem: string } => {
  const match = RULE.exec(text);
  const canonical = match === null ? undefined : canonicalAddress(match[1] ?? match[2] ?? '');
  if (match === null || canonical === undefined)
    return { problem: `${text} is not an address with a port, such as 192.0.2.10:40000-40007 or [2001:db8::10]:40000` };
  if (canonical.embeddedIn !== undefined)
    return { problem: `${text} wraps an IPv4 address (${canonical.embeddedIn}); write the IPv4 address itself` };
  const minPort = Number(match[3]);
  const maxPort = match[4] === undefined ? minPort : Number(match[4]);
  if (minPort < 1 || maxPort > 65_535 || minPort > maxPort)
    return { problem: `${text} has ports outside 1 to 65535, or the lower one last` };
  if (isNobody(canonical.ip)) return { problem: `${text} is not the address of a host` };
  return { ip: canonical.ip, minPort, maxPort };
};

export type Verdict = 'allowed' | 'forbidden';

/**
 * What the relay may talk to: exactly these addresses and ports, nothing beside them. IPv6 addresses that embed an IPv4
 * one are refused even where they embed an allowed one, for no client has a reason to name a peer that way and every
 * such form is a way around a list.
 */
export class PeerPolicy {
  readonly #rules = new Map<string, PeerRule[]>();

  constructor(rules: readonly PeerRule[]) {
    for (const rule of rules) this.#rules.set(rule.ip, [...(this.#rules.get(rule.ip) ?? []), rule]);
  }

  /** For a permission, which names no port that counts (RFC 8656 §9): whether any port of the address is allowed. */
  judgeIp(ip: string): Verdict {
    const canonical = canonicalAddress(ip);
    return canonical !== undefined && canonical.embeddedIn === undefined && this.#rules.has(canonical.ip)
      ? 'allowed'
      : 'forbidden';
  }

  /** For an endpoint whose `ip` is canonical text already, as everything read from the wire is. */
  judge(peer: TransportAddress): Verdict {
    // Rules hold canonical addresses that embed nothing, so text that equals one of them is such an address itself.
    const rules = this.#rules.get(peer.ip);
    return rules?.some((rule) => peer.port >= rule.minPort && peer.port <= rule.maxPort) === true
      ? 'allowed'
      : 'forbidden';
  }
}
