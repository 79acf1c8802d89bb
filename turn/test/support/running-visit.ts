import { once } from 'node:events';
import type { Peer } from './peer.ts';
import type { TurnClient } from './turn-client.ts';

const CHANNEL = 0x4000;
const PACKET_BYTES = 200;
const EVERY_MS = 20;
/** What is under way when a visit ends gets this long to arrive; what is lost does not come. */
const LAST_PACKET_MS = 1_000;

export interface VisitResult {
  readonly sent: number;
  /** Packets that did not come back. */
  readonly lost: number;
  /** From the client through the relay to the peer and back, ascending. */
  readonly delaysMs: Float64Array;
}

/** Sends a packet through a channel every 20 ms, as audio does, and has the peer send it back. */
export const runVisit = async (client: TurnClient, peer: Peer): Promise<{ end(): Promise<VisitResult> }> => {
  const codes = [await client.allocate(), await client.bind(CHANNEL, peer.address)];
  if (codes.some((code) => code !== 0)) throw new Error(`The visit was refused (${codes.join(', ')}).`);
  let sent = 0;
  const delays: number[] = [];
  client.events.on('data', ({ data }) => delays.push(performance.now() - data.readDoubleBE(0)));
  const timer = setInterval(() => {
    sent += 1;
    const packet = Buffer.alloc(PACKET_BYTES);
    packet.writeDoubleBE(performance.now());
    client.sendChannel(CHANNEL, packet);
  }, EVERY_MS);
  return {
    end: async () => {
      clearInterval(timer);
      const signal = AbortSignal.timeout(LAST_PACKET_MS);
      while (delays.length < sent && !signal.aborted) await once(client.events, 'data', { signal }).catch(() => {});
      client.close();
      return { sent, lost: sent - delays.length, delaysMs: Float64Array.from(delays).sort() };
    },
  };
};
