import { describe, expect, it } from 'vitest';
import {
  answersIn,
  client,
  closed,
  policyOf,
  RelayHarness,
  SFU,
  SFU_IPV6,
  SFU_OTHER,
  SFU_SECOND_PORT,
  START,
  sentToPeer,
  usernameAt,
} from '../../test/support/relay-harness.ts';
import {
  address,
  addressOf,
  attribute,
  codeOf,
  parse,
  RequestWriter,
  unknownOf,
} from '../../test/support/turn-requests.ts';
import { ATTRIBUTE } from '../wire/attribute-types.ts';
import { channelDataChunks } from '../wire/channel-data.ts';
import { attributeOf } from '../wire/message.ts';
import { METHOD } from '../wire/methods.ts';
import { NO_COMMANDS } from './commands.ts';

const A = client();
const channelData = (channel: number, data: Buffer | string): Buffer =>
  Buffer.concat(channelDataChunks(channel, Buffer.from(data), false));

describe('Binding', () => {
  it('tells the client its address (RFC 8489 §2)', () => {
    const answer = new RelayHarness().ask(
      A,
      new RequestWriter({ username: '', secret: '' }).write(METHOD.binding, [], { fingerprint: true }),
    );
    expect(addressOf(answer, ATTRIBUTE.xorMappedAddress)).toEqual(A.address);
    expect(answer.fingerprint).toBeDefined();
  });

  it('is answered 420 where it asks for what is not understood', () => {
    const answer = new RelayHarness().ask(
      A,
      new RequestWriter({ username: '', secret: '' }).write(METHOD.binding, [
        attribute.raw(0x7ffe, [1]),
        attribute.raw(0x7ffe, [2]),
      ]),
    );
    expect([codeOf(answer), unknownOf(answer)]).toEqual([420, [0x7ffe]]);
  });
});

describe('Allocate (RFC 8656 §7)', () => {
  it('gives a relayed address, a lifetime and the own address, sealed', () => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    const answer = relay.ask(A, writer.write(METHOD.allocate, [attribute.udp]));
    expect(codeOf(answer)).toBe(0);
    expect(addressOf(answer, ATTRIBUTE.xorRelayedAddress)?.ip).toBe('203.0.113.1');
    expect(addressOf(answer, ATTRIBUTE.xorMappedAddress)).toEqual(A.address);
    expect(attributeOf(answer, ATTRIBUTE.lifetime)?.readUInt32BE(0)).toBe(600);
    expect(writer.isSealed(answer)).toBe(true);
  });

  it.each([
    [undefined, 600],
    [1, 600],
    [1800, 1800],
    [1_000_000, 3600],
  ])('asked for a lifetime of %s grants %i seconds', (asked, granted) => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    const answer = relay.ask(
      A,
      writer.write(METHOD.allocate, [attribute.udp, ...(asked === undefined ? [] : [attribute.lifetime(asked)])]),
    );
    expect(attributeOf(answer, ATTRIBUTE.lifetime)?.readUInt32BE(0)).toBe(granted);
    relay.advance(granted * 1000 - 1);
    expect(relay.sockets.size).toBe(1);
    expect(closed(relay.advance(1))).toEqual(['expired']);
    expect(relay.sockets.size).toBe(0);
  });

  it('repeated is answered the same, and opens no second socket', () => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    const bytes = writer.write(METHOD.allocate, [attribute.udp]);
    const first = relay.ask(A, bytes);
    expect(relay.ask(A, bytes).bytes).toEqual(first.bytes);
    expect(relay.sockets.size).toBe(1);
  });

  it('repeated while its socket opens is answered once', () => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    relay.opening = 'waits';
    const bytes = writer.write(METHOD.allocate, [attribute.udp]);
    expect(relay.send(A, bytes)).toMatchObject([{ type: 'open-relay' }]);
    expect(relay.send(A, bytes)).toEqual([]);
    relay.opening = 'opens';
    expect(answersIn(relay.run(relay.open(1, 4))).map(codeOf)).toEqual([0]);
  });

  it('whose socket cannot be had is answered 508 and uses up no quota', () => {
    const relay = new RelayHarness({
      limits: { allocations: 1, allocationsPerAddress: 1, allocationsPerCredential: 1, credentialBps: 8_000_000 },
    });
    const writer = relay.writer(A);
    relay.opening = 'fails';
    expect(codeOf(relay.ask(A, writer.write(METHOD.allocate, [attribute.udp])))).toBe(508);
    relay.opening = 'opens';
    expect(codeOf(relay.ask(A, writer.write(METHOD.allocate, [attribute.udp])))).toBe(0);
  });

  it('whose client has gone meanwhile leaves no socket', () => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    relay.opening = 'waits';
    relay.send(A, writer.write(METHOD.allocate, [attribute.udp]));
    expect(relay.run(relay.relay.clientClosed(A))).toMatchObject([{ type: 'close-relay', relayId: 1 }]);
    expect(relay.relay.relayOpened(1, SFU, relay.now)).toBe(NO_COMMANDS);
  });

  it.each([
    ['without REQUESTED-TRANSPORT', [], 400],
    ['for TCP (RFC 6062)', [attribute.transport(6)], 442],
    ['with DONT-FRAGMENT', [attribute.udp, attribute.raw(ATTRIBUTE.dontFragment, [])], 420],
    ['with EVEN-PORT that reserves the next port', [attribute.udp, attribute.evenPortAndNext], 508],
    ['with EVEN-PORT of two bytes', [attribute.udp, attribute.raw(ATTRIBUTE.evenPort, [0, 0])], 400],
    [
      'with EVEN-PORT that reserves, for two families',
      [attribute.udp, attribute.evenPortAndNext, attribute.additionalFamily(2)],
      400,
    ],
    ['with RESERVATION-TOKEN', [attribute.udp, attribute.reservation], 508],
    ['with RESERVATION-TOKEN and EVEN-PORT', [attribute.udp, attribute.reservation, attribute.evenPort], 400],
    ['with RESERVATION-TOKEN and a family', [attribute.udp, attribute.reservation, attribute.family(1)], 400],
    ['for an unknown family', [attribute.udp, attribute.family(3)], 440],
    ['with two ways to name families', [attribute.udp, attribute.family(1), attribute.additionalFamily(2)], 400],
    ['with an additional family other than IPv6', [attribute.udp, attribute.additionalFamily(1)], 400],
    ['with something not understood', [attribute.udp, attribute.raw(0x0033, [1])], 420],
    ['with a lifetime of three bytes', [attribute.udp, attribute.raw(ATTRIBUTE.lifetime, [0, 0, 1])], 400],
  ])('%s is refused', (_what, attributes, code) => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    const answer = relay.ask(A, writer.write(METHOD.allocate, attributes));
    expect([codeOf(answer), writer.isSealed(answer), relay.sockets.size]).toEqual([code, true, 0]);
  });

  it('with EVEN-PORT alone asks for an even port', () => {
    const relay = new RelayHarness();
    expect(relay.send(A, relay.writer(A).write(METHOD.allocate, [attribute.udp, attribute.evenPort]))).toMatchObject([
      { type: 'open-relay', evenPort: true },
      {},
      {},
    ]);
  });

  it('for a family the server lacks is 440', () => {
    const relay = new RelayHarness({ families: [4] });
    const writer = relay.writer(A);
    expect(codeOf(relay.ask(A, writer.write(METHOD.allocate, [attribute.udp, attribute.family(2)])))).toBe(440);
  });

  it('for both families gets both, or what there is and an ADDRESS-ERROR-CODE', () => {
    const both = new RelayHarness();
    both.allocated(A, { attributes: [attribute.additionalFamily(2)] });
    expect([...both.sockets.values()]).toEqual([4, 6]);
    expect(closed(both.advance(600_000))).toEqual(['expired']);
    expect(both.sockets.size).toBe(0);

    const one = new RelayHarness({ families: [4] });
    const answer = one.ask(A, one.writer(A).write(METHOD.allocate, [attribute.udp, attribute.additionalFamily(2)]));
    expect(codeOf(answer)).toBe(0);
    expect([...(attributeOf(answer, ATTRIBUTE.addressErrorCode) ?? [])].slice(0, 4)).toEqual([2, 0, 4, 40]);
  });

  it('on a 5-tuple that has one is 437; one elsewhere is not hindered', () => {
    const relay = new RelayHarness();
    const writer = relay.allocated(A);
    expect(codeOf(relay.ask(A, writer.write(METHOD.allocate, [attribute.udp])))).toBe(437);
    relay.allocated(client(50_001));
    expect(relay.sockets.size).toBe(2);
  });

  it('is 508 while draining, and those there are go on', () => {
    const relay = new RelayHarness();
    relay.bound(A);
    relay.relay.drain();
    const writer = relay.writer(client(50_001));
    expect(codeOf(relay.ask(client(50_001), writer.write(METHOD.allocate, [attribute.udp])))).toBe(508);
    expect(sentToPeer(relay.send(A, channelData(0x4000, 'x')))).toHaveLength(1);
  });
});

describe('quotas', () => {
  const limits = { allocations: 4, allocationsPerAddress: 3, allocationsPerCredential: 2, credentialBps: 80_000 };
  const allocate = (relay: RelayHarness, port: number, options: { ip?: string; name: string }) => {
    const from = client(port, options.ip === undefined ? {} : { ip: options.ip });
    const writer = relay.writer(from, { username: usernameAt(relay.now, { name: options.name }) });
    return codeOf(relay.ask(from, writer.write(METHOD.allocate, [attribute.udp])));
  };

  it('of a credential, an address and in total end in 486, 486 and 508, and are free again afterwards', () => {
    const relay = new RelayHarness({ limits });
    expect([1, 2, 3].map((port) => allocate(relay, port, { name: 'a' }))).toEqual([0, 0, 486]);
    expect([4, 5].map((port) => allocate(relay, port, { name: 'b' }))).toEqual([0, 486]);
    expect([6, 7].map((port) => allocate(relay, port, { ip: '198.51.100.8', name: 'c' }))).toEqual([0, 508]);
    relay.advance(600_000);
    expect([8, 9, 10].map((port) => allocate(relay, port, { name: 'a' }))).toEqual([0, 0, 486]);
  });

  it('of bandwidth drop what is over, in both directions, and let the rate through', () => {
    const relay = new RelayHarness({ limits });
    relay.bound(A);
    const burst = Array.from(
      { length: 100 },
      () => sentToPeer(relay.send(A, channelData(0x4000, Buffer.alloc(1000)))).length,
    );
    expect(burst.filter((sent) => sent === 1)).toHaveLength(65);
    relay.now += 1000;
    expect(
      Array.from(
        { length: 100 },
        () => sentToPeer(relay.send(A, channelData(0x4000, Buffer.alloc(1000)))).length,
      ).filter((sent) => sent === 1),
    ).toHaveLength(10);
    expect(relay.relay.counters.overRate).toBe(125);
    expect(relay.relay.handlePeer(1, Buffer.alloc(1000), { from: SFU, now: relay.now })).toHaveLength(1);
  });
});

describe('Refresh (RFC 8656 §8)', () => {
  it('prolongs, and ends with a lifetime of zero', () => {
    const relay = new RelayHarness();
    const writer = relay.allocated(A);
    relay.advance(500_000);
    expect(codeOf(relay.ask(A, writer.write(METHOD.refresh, [])))).toBe(0);
    relay.advance(500_000);
    expect(relay.sockets.size).toBe(1);
    expect(codeOf(relay.ask(A, writer.write(METHOD.refresh, [attribute.lifetime(0)])))).toBe(0);
    expect(relay.sockets.size).toBe(0);
    expect(codeOf(relay.ask(A, writer.write(METHOD.refresh, [attribute.lifetime(0)])))).toBe(437);
  });

  it('may end one family of two', () => {
    const relay = new RelayHarness();
    const writer = relay.allocated(A, { attributes: [attribute.additionalFamily(2)] });
    expect(codeOf(relay.ask(A, writer.write(METHOD.refresh, [attribute.lifetime(0), attribute.family(2)])))).toBe(0);
    expect([...relay.sockets.values()]).toEqual([4]);
    expect(codeOf(relay.ask(A, writer.write(METHOD.refresh, [attribute.family(2)])))).toBe(443);
    expect(codeOf(relay.ask(A, writer.write(METHOD.refresh, [attribute.lifetime(0), attribute.family(1)])))).toBe(0);
    expect(relay.relay.allocationCount).toBe(0);
  });
});

describe.each([
  ['CreatePermission', METHOD.createPermission, [attribute.peer(SFU)]],
  ['ChannelBind', METHOD.channelBind, [attribute.channel(0x4000), attribute.peer(SFU)]],
  ['Refresh', METHOD.refresh, []],
])('%s', (_name, method, attributes) => {
  it('is 437 without an allocation and 441 with somebody else’s credential (RFC 8656 §5)', () => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    expect(codeOf(relay.ask(A, writer.write(method, attributes)))).toBe(437);
    relay.allocated(A);
    const other = relay.writer(A, { username: usernameAt(relay.now, { name: 'somebody-else' }) });
    expect(codeOf(relay.ask(A, other.write(method, attributes)))).toBe(441);
  });
});

describe('CreatePermission (RFC 8656 §10) and ChannelBind (§12)', () => {
  it.each([
    ['CreatePermission without a peer', METHOD.createPermission, [], 400],
    [
      'CreatePermission with a peer that cannot be read',
      METHOD.createPermission,
      [attribute.raw(ATTRIBUTE.xorPeerAddress, [0, 1, 2])],
      400,
    ],
    [
      'CreatePermission with one foreign peer among ours',
      METHOD.createPermission,
      [attribute.peer(SFU), attribute.peer(address('192.0.2.99', 1))],
      403,
    ],
    ['CreatePermission of the other family', METHOD.createPermission, [attribute.peer(SFU_IPV6)], 443],
    ['ChannelBind without a number', METHOD.channelBind, [attribute.peer(SFU)], 400],
    ['ChannelBind without a peer', METHOD.channelBind, [attribute.channel(0x4000)], 400],
    ['ChannelBind below the range', METHOD.channelBind, [attribute.channel(0x3fff), attribute.peer(SFU)], 400],
    ['ChannelBind above the range', METHOD.channelBind, [attribute.channel(0x8000), attribute.peer(SFU)], 400],
    [
      'ChannelBind of a port that is not listed',
      METHOD.channelBind,
      [attribute.channel(0x4000), attribute.peer(address('192.0.2.10', 22))],
      403,
    ],
    ['ChannelBind of the other family', METHOD.channelBind, [attribute.channel(0x4000), attribute.peer(SFU_IPV6)], 443],
    ['Connect (RFC 6062)', METHOD.connect, [attribute.peer(SFU)], 437],
    ['ConnectionBind (RFC 6062)', METHOD.connectionBind, [], 437],
  ])('%s is refused', (_what, method, attributes, code) => {
    const relay = new RelayHarness();
    const writer = relay.allocated(A);
    expect(codeOf(relay.ask(A, writer.write(method, attributes)))).toBe(code);
  });

  it('a channel is bound to one peer and a peer to one channel', () => {
    const relay = new RelayHarness();
    const writer = relay.bound(A);
    const bind = (channel: number, peer = SFU) =>
      codeOf(relay.ask(A, writer.write(METHOD.channelBind, [attribute.channel(channel), attribute.peer(peer)])));
    expect([bind(0x4000), bind(0x4001), bind(0x4000, SFU_SECOND_PORT), bind(0x4001, SFU_SECOND_PORT)]).toEqual([
      0, 400, 400, 0,
    ]);
  });

  it('channels beyond the limit are 508', () => {
    const relay = new RelayHarness({ peers: policyOf('192.0.2.10:40000-40100') });
    const writer = relay.allocated(A);
    const codes = Array.from({ length: 33 }, (_, index) =>
      codeOf(
        relay.ask(
          A,
          writer.write(METHOD.channelBind, [
            attribute.channel(0x4000 + index),
            attribute.peer(address('192.0.2.10', 40_000 + index)),
          ]),
        ),
      ),
    );
    expect(codes).toEqual([...Array.from({ length: 32 }, () => 0), 508]);
  });

  it('a permission ends after five minutes, a channel after ten (§9, §12)', () => {
    const relay = new RelayHarness();
    const writer = relay.bound(A);
    const fromSfu = () => relay.relay.handlePeer(1, Buffer.from('x'), { from: SFU, now: relay.now }).length;
    relay.now += 299_999;
    expect(fromSfu()).toBe(1);
    relay.now += 1;
    expect(fromSfu()).toBe(0);
    expect(sentToPeer(relay.send(A, channelData(0x4000, 'x')))).toHaveLength(1);
    relay.now += 299_000;
    expect(codeOf(relay.ask(A, writer.write(METHOD.refresh)))).toBe(0);
    relay.now += 1_000;
    expect(sentToPeer(relay.send(A, channelData(0x4000, 'x')))).toHaveLength(0);
  });
});

describe('data', () => {
  it('goes through a channel in both directions, padded towards streams only', () => {
    for (const transport of ['udp', 'tls'] as const) {
      const relay = new RelayHarness();
      const from = client(50_000, { transport });
      relay.bound(from);
      expect(sentToPeer(relay.send(from, channelData(0x4000, 'hello')))).toMatchObject([
        { peer: SFU, data: Buffer.from('hello') },
      ]);
      const [command] = relay.relay.handlePeer(1, Buffer.from('hello'), { from: SFU, now: relay.now });
      if (command?.type !== 'send-to-client') throw new Error('nothing was sent');
      expect(Buffer.concat(command.chunks).length).toBe(transport === 'udp' ? 9 : 12);
    }
  });

  it('goes by indications where there is but a permission (RFC 8656 §11)', () => {
    const relay = new RelayHarness();
    const writer = relay.allocated(A);
    const send = writer.indication(METHOD.send, [attribute.peer(SFU), attribute.data(Buffer.from('hello'))]);
    expect(relay.send(A, send)).toEqual([]);
    relay.ask(A, writer.write(METHOD.createPermission, [attribute.peer(SFU)]));
    expect(sentToPeer(relay.send(A, send))).toMatchObject([{ peer: SFU, data: Buffer.from('hello') }]);
    const [command] = relay.relay.handlePeer(1, Buffer.from('back'), { from: SFU, now: relay.now });
    if (command?.type !== 'send-to-client') throw new Error('nothing was sent');
    const indication = parse(Buffer.concat(command.chunks));
    expect([
      addressOf(indication, ATTRIBUTE.xorPeerAddress),
      attributeOf(indication, ATTRIBUTE.data)?.toString(),
    ]).toEqual([SFU, 'back']);
  });

  it.each([
    [
      'a port that is not listed, of a permitted address',
      [attribute.peer(address('192.0.2.10', 53)), attribute.data(Buffer.from('x'))],
    ],
    ['an address without permission', [attribute.peer(SFU_OTHER), attribute.data(Buffer.from('x'))]],
    ['nobody', [attribute.data(Buffer.from('x'))]],
    ['a peer, but no data', [attribute.peer(SFU)]],
    [
      'a peer, with something not understood',
      [attribute.peer(SFU), attribute.data(Buffer.from('x')), attribute.raw(ATTRIBUTE.dontFragment, [])],
    ],
  ])('sent to %s is dropped', (_what, attributes) => {
    const relay = new RelayHarness();
    const writer = relay.bound(A);
    expect(sentToPeer(relay.send(A, writer.indication(METHOD.send, attributes)))).toEqual([]);
  });

  it('from somebody without permission, or from a port that is not listed, is dropped', () => {
    const relay = new RelayHarness();
    relay.bound(A);
    for (const from of [SFU_OTHER, address('192.0.2.10', 53), address('203.0.113.99', 40_000)]) {
      expect(relay.relay.handlePeer(1, Buffer.from('x'), { from, now: relay.now })).toEqual([]);
    }
  });

  it('through a channel of somebody else’s allocation does not pass', () => {
    const relay = new RelayHarness();
    relay.bound(A);
    expect(relay.send(client(50_001), channelData(0x4000, 'x'))).toEqual([]);
  });
});

describe('CLOSED4: listening to one peer only', () => {
  it('starts with the first channel and ends with the second peer', () => {
    const relay = new RelayHarness();
    const writer = relay.bound(A);
    expect(relay.focus.get(1)).toEqual(SFU);
    relay.ask(A, writer.write(METHOD.createPermission, [attribute.peer(SFU_OTHER)]));
    expect(relay.focus.get(1)).toBeUndefined();
  });

  it('ends before a packet goes elsewhere, for good', () => {
    const relay = new RelayHarness();
    const writer = relay.bound(A);
    expect(
      relay.send(
        A,
        writer.indication(METHOD.send, [attribute.peer(SFU_SECOND_PORT), attribute.data(Buffer.from('x'))]),
      ),
    ).toMatchObject([
      { type: 'focus-relay', peer: undefined },
      { type: 'send-to-peer', peer: SFU_SECOND_PORT },
    ]);
    relay.ask(A, writer.write(METHOD.channelBind, [attribute.channel(0x4000), attribute.peer(SFU)]));
    expect(relay.focus.get(1)).toBeUndefined();
  });
});

describe('what is no request', () => {
  it.each([
    ['noise', Buffer.from('hello there, this is noise')],
    ['nothing', Buffer.alloc(0)],
    ['an answer', parse(Buffer.from('01010000 2112a442 000000000000000000000000'.replaceAll(' ', ''), 'hex')).bytes],
    ['an unknown method', Buffer.from('00020000 2112a442 000000000000000000000000'.replaceAll(' ', ''), 'hex')],
    ['ChannelData of nobody', channelData(0x4000, 'x')],
  ])('%s gets no answer', (_what, bytes) => {
    expect(new RelayHarness().send(A, bytes)).toEqual([]);
  });

  it('a wrong fingerprint gets none either', () => {
    const bytes = new RequestWriter({ username: '', secret: '' }).write(METHOD.binding, [], { fingerprint: true });
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    expect(new RelayHarness().send(A, bytes)).toEqual([]);
  });

  it('BOUND1: who shows no credential is answered 400 times at once and then 100 times a second', () => {
    const relay = new RelayHarness();
    const bytes = new RequestWriter({ username: '', secret: '' }).write(METHOD.binding);
    const answered = () =>
      Array.from({ length: 1000 }, () => relay.send(A, bytes).length).filter((count) => count === 1).length;
    expect(answered()).toBe(400);
    relay.now += 1000;
    expect(answered()).toBe(100);
    expect(relay.ask(client(1, { ip: '198.51.100.9' }), bytes)).toBeDefined();
  });

  it('BOUND1: a guesser on a stream takes nothing from another one of the same address, nor from who has a credential', () => {
    const relay = new RelayHarness();
    const [guesser, colleague] = [client(1, { transport: 'tls' }), client(2, { transport: 'tls' })];
    const writer = relay.writer(guesser);
    const guess = new RequestWriter({ username: usernameAt(START), secret: 'a guess' });
    Object.assign(guess, { realm: writer.realm, nonce: writer.nonce });
    const bytes = guess.write(METHOD.allocate, [attribute.udp]);
    expect(
      Array.from({ length: 1000 }, () => answersIn(relay.send(guesser, bytes)).length).filter((count) => count === 1),
    ).toHaveLength(399);
    expect(codeOf(relay.ask(guesser, writer.write(METHOD.allocate, [attribute.udp])))).toBe(0);
    relay.allocated(colleague);
  });
});
