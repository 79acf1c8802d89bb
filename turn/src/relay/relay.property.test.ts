import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  client,
  RelayHarness,
  SECRET,
  SFU,
  SFU_OTHER,
  SFU_SECOND_PORT,
  usernameAt,
} from '../../test/support/relay-harness.ts';
import { address, attribute, RequestWriter } from '../../test/support/turn-requests.ts';
import { channelDataChunks } from '../wire/channel-data.ts';
import type { StunMessage } from '../wire/message.ts';
import { METHOD } from '../wire/methods.ts';
import type { Client } from './client.ts';
import type { Command } from './commands.ts';

const CLIENTS = [client(1), client(2), client(3, { transport: 'tls' })] as const;
const PEERS = [SFU, SFU_SECOND_PORT, SFU_OTHER, address('203.0.113.5', 40_000), address('192.0.2.10', 22)] as const;
const ALLOWED = new Set(['192.0.2.10 40000', '192.0.2.10 40001', '192.0.2.11 40000']);

const clientIndex = fc.nat(CLIENTS.length - 1);
const peerIndex = fc.nat(PEERS.length - 1);
const channel = fc.integer({ min: 0x3fff, max: 0x4003 });
const step = fc.oneof(
  fc.record({ do: fc.constant('allocate' as const), client: clientIndex, lifetime: fc.integer({ min: 0, max: 4000 }) }),
  fc.record({ do: fc.constant('refresh' as const), client: clientIndex, lifetime: fc.constantFrom(0, 600, 3600) }),
  fc.record({ do: fc.constant('permit' as const), client: clientIndex, peer: peerIndex }),
  fc.record({ do: fc.constant('bind' as const), client: clientIndex, peer: peerIndex, channel }),
  fc.record({ do: fc.constant('send' as const), client: clientIndex, peer: peerIndex }),
  fc.record({ do: fc.constant('channel' as const), client: clientIndex, channel }),
  fc.record({ do: fc.constant('receive' as const), peer: peerIndex, relayId: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 700_000 }), punctual: fc.boolean() }),
  fc.record({ do: fc.constant('hang up' as const), client: clientIndex }),
  fc.record({ do: fc.constant('revoke' as const), client: clientIndex }),
  fc.record({ do: fc.constant('break' as const), relayId: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ do: fc.constant('sockets' as const), opening: fc.constantFrom('opens' as const, 'fails' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A challenge costs no allocation; the clock is asked at a moment when answers are not yet withheld. */
const challengeOf = (relay: RelayHarness, from: Client): StunMessage =>
  relay.ask(from, new RequestWriter({ username: '', secret: '' }).write(METHOD.createPermission));

/** Carries out one step and gives back the commands that followed. */
const take = (relay: RelayHarness, writers: readonly RequestWriter[], taken: Step): Command[] => {
  const ask = (index: number, method: number, attributes: Parameters<RequestWriter['write']>[1]): Command[] => {
    const from = CLIENTS[index];
    const writer = writers[index];
    return from === undefined || writer === undefined ? [] : relay.send(from, writer.write(method, attributes));
  };
  const peer = attribute.peer('peer' in taken ? (PEERS[taken.peer] ?? SFU) : SFU);
  switch (taken.do) {
    case 'allocate':
      return ask(taken.client, METHOD.allocate, [attribute.udp, attribute.lifetime(taken.lifetime)]);
    case 'refresh':
      return ask(taken.client, METHOD.refresh, [attribute.lifetime(taken.lifetime)]);
    case 'permit':
      return ask(taken.client, METHOD.createPermission, [peer]);
    case 'bind':
      return ask(taken.client, METHOD.channelBind, [attribute.channel(taken.channel), peer]);
    case 'send':
      return relay.send(
        CLIENTS[taken.client] ?? CLIENTS[0],
        (writers[taken.client] ?? writers[0])?.indication(METHOD.send, [peer, attribute.data(Buffer.from('x'))]) ??
          Buffer.alloc(0),
      );
    case 'channel':
      return relay.send(
        CLIENTS[taken.client] ?? CLIENTS[0],
        Buffer.concat(channelDataChunks(taken.channel, Buffer.from('x'), true)),
      );
    case 'receive':
      return relay.run(
        relay.relay.handlePeer(taken.relayId, Buffer.from('x'), { from: PEERS[taken.peer] ?? SFU, now: relay.now }),
      );
    case 'wait':
      relay.now += taken.ms;
      return taken.punctual ? relay.run(relay.relay.handleTimeout(relay.now)) : [];
    case 'hang up':
      return relay.run(relay.relay.clientClosed(CLIENTS[taken.client] ?? CLIENTS[0]));
    case 'revoke':
      return relay.run(relay.relay.revoke(`grant-${taken.client}`, { until: relay.now + 60_000, now: relay.now }));
    case 'break':
      return relay.run(relay.relay.relayFailed(taken.relayId, relay.now));
    case 'sockets':
      relay.opening = taken.opening;
      return [];
  }
};

it('whatever clients, peers and time do, only open sockets are used, only listed peers reached, and nothing stays behind', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const relay = new RelayHarness();
      const writers = CLIENTS.map((from, index) => {
        const writer = new RequestWriter({
          username: usernameAt(relay.now, { name: `grant-${index}`, seconds: 80_000 }),
          secret: SECRET,
        });
        writer.learn(challengeOf(relay, from));
        return writer;
      });
      for (const taken of steps) {
        // A nonce lasts an hour; clients take a new one as they would after a 438.
        for (const [index, writer] of writers.entries()) writer.learn(challengeOf(relay, CLIENTS[index] ?? CLIENTS[0]));
        const openBefore = new Set(relay.sockets.keys());
        for (const command of take(relay, writers, taken)) {
          if (command.type === 'send-to-peer') {
            expect(ALLOWED.has(`${command.peer.ip} ${command.peer.port}`)).toBe(true);
            expect(openBefore.has(command.relayId)).toBe(true);
            const focus = relay.focus.get(command.relayId);
            expect(focus === undefined || (focus.ip === command.peer.ip && focus.port === command.peer.port)).toBe(
              true,
            );
          }
        }
        expect(relay.sockets.size).toBe(relay.relay.allocationCount);
        if (relay.relay.allocationCount > 0)
          expect(relay.relay.nextTimeout()).toBeLessThanOrEqual(relay.now + 3_600_000);
      }
      relay.advance(3_600_001);
      expect([relay.sockets.size, relay.relay.allocationCount, relay.relay.nextTimeout()]).toEqual([0, 0, undefined]);
    }),
    { numRuns: 150 },
  );
});
