import { expect, it } from 'vitest';
import { hostileBytes, seededRandom } from './support/fuzz-wire.ts';
import { client, RelayHarness, SFU } from './support/relay-harness.ts';

it.each([1, 2])('hostile bytes of an allocated client and of its peer move nothing they may not, seed %i', (seed) => {
  const random = seededRandom(seed);
  const relay = new RelayHarness();
  const from = client();
  relay.bound(from);
  for (let index = 0; index < 20_000; index += 1) {
    const bytes = hostileBytes(random);
    for (const command of relay.send(from, bytes)) {
      // Without the secret nothing is granted; what leaves is data through the channel there is, or a refusal.
      expect(['send-to-client', 'send-to-peer', 'request-refused']).toContain(command.type);
      if (command.type === 'send-to-peer') expect(command.peer).toEqual(SFU);
    }
    relay.run(relay.relay.handlePeer(1, bytes, { from: SFU, now: relay.now }));
    relay.now += 1;
  }
  expect(relay.sockets.size).toBe(1);
});
