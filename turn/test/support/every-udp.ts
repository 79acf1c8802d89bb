import { batchedUdp } from '../../src/net/libc/batched-udp.ts';
import { loadLibc } from '../../src/net/libc/libc.ts';
import { nodeUdp } from '../../src/net/node-udp.ts';
import type { Udp } from '../../src/net/udp.ts';

/** Every way to sockets there is on this machine. */
export const everyUdp = async (): Promise<readonly Udp[]> => {
  const libc = await loadLibc(process);
  return libc === undefined ? [nodeUdp()] : [nodeUdp(), batchedUdp(libc, () => {})];
};
