import { BlockList, isIP } from 'node:net';

/** An IPv4 address that came in over an IPv6 socket (RFC 4291 §2.5.5.2). */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const GROUPS_OF_NETWORK = 4;
const GROUPS = 8;

const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'));

/**
 * What a limit per address counts by. A household or a server is given a whole /64 of IPv6 (RFC 6177), so one address
 * of it is as good as any other; an IPv4 address stands for itself. What is no address counts as one.
 */
export const addressKey = (address: string | undefined): string => {
  const bare = (address ?? '').split('%', 1)[0] ?? '';
  const mapped = MAPPED.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIP(bare) !== 6) return isIP(bare) === 4 ? bare : 'unknown';
  const [head = '', tail] = bare.toLowerCase().split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = Array.from({ length: Math.max(0, GROUPS - before.length - after.length) }, () => '0');
  const network = [...before, ...zeros, ...after].slice(0, GROUPS_OF_NETWORK);
  return `${network.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
};

/** Whether an address is one of `list`: addresses and networks, like `10.0.0.0/8`. Throws on what is neither. */
export const addressMatcher = (list: readonly string[]): ((address: string | undefined) => boolean) => {
  const blocks = new BlockList();
  for (const item of list) {
    const [address = '', prefix] = item.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) blocks.addAddress(address, family);
    else blocks.addSubnet(address, Number(prefix), family);
  }
  return (address = '') => {
    const bare = MAPPED.exec(address)?.[1] ?? address;
    const family = isIP(bare);
    return family !== 0 && blocks.check(bare, family === 6 ? 'ipv6' : 'ipv4');
  };
};

/** Whether an address is this machine's own. */
export const isLoopback = addressMatcher(['127.0.0.0/8', '::1']);

/** Whether a name or an address in a configuration leads nowhere but to this machine. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || isLoopback(host.replace(/^\[(.*)\]$/, '$1'));
