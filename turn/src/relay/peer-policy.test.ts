import { describe, expect, it } from 'vitest';
import { client, policyOf, RelayHarness, SFU, SFU_IPV6, sentToPeer } from '../../test/support/relay-harness.ts';
import { address, attribute, codeOf } from '../../test/support/turn-requests.ts';
import { METHOD } from '../wire/methods.ts';
import { canonicalAddress } from './canonical-address.ts';
import { parsePeerRule } from './peer-policy.ts';

describe('canonical addresses', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', undefined],
    ['2001:DB8:0::1', '2001:db8::1', undefined],
    ['::ffff:192.0.2.1', '192.0.2.1', 'v4-mapped'],
    ['::192.0.2.1', '192.0.2.1', 'v4-compatible'],
    ['::ffff:0:192.0.2.1', '192.0.2.1', 'v4-translated'],
    ['64:ff9b::192.0.2.1', '192.0.2.1', 'nat64'],
    ['64:ff9b:1:c000:2:100::', '192.0.2.1', 'nat64'],
    ['2002:c000:201::1', '192.0.2.1', '6to4'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdfe', '192.0.2.1', 'teredo'],
    ['2001:db8::5efe:192.0.2.1', '192.0.2.1', 'isatap'],
    ['2001:db8::200:5efe:192.0.2.1', '192.0.2.1', 'isatap'],
    ['::1', '0.0.0.1', 'v4-compatible'],
  ])('%s is %s', (text, ip, embeddedIn) => {
    expect(canonicalAddress(text)).toEqual({ ip, embeddedIn });
  });
});

describe('peer rules', () => {
  it.each([
    ['192.0.2.10:40000', { ip: '192.0.2.10', minPort: 40_000, maxPort: 40_000 }],
    ['192.0.2.10:40000-40007', { ip: '192.0.2.10', minPort: 40_000, maxPort: 40_007 }],
    ['[2001:DB8::10]:1-65535', { ip: '2001:db8::10', minPort: 1, maxPort: 65_535 }],
  ])('%s is understood', (text, rule) => {
    expect(parsePeerRule(text)).toEqual(rule);
  });

  it.each([
    '192.0.2.10',
    '192.0.2.0/24:40000',
    'sfu.example:40000',
    '0.0.0.0:40000',
    '224.0.0.1:40000',
    '[::]:40000',
    '[ff02::1]:40000',
    '[::ffff:192.0.2.10]:40000',
    '[64:ff9b::192.0.2.10]:40000',
    '192.0.2.10:0',
    '192.0.2.10:40007-40000',
    '192.0.2.10:70000',
    '*:40000',
    '',
  ])('"%s" is a problem', (text) => {
    expect(parsePeerRule(text)).toHaveProperty('problem');
  });
});

/** Who must not be reached, and our own SFU in every disguise. */
const FOREIGN = [
  ...[
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '192.168.1.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '192.0.2.99',
    '203.0.113.1',
  ],
  ...['::', '::1', 'fe80::1', 'fc00::1', 'ff02::1', '2001:db8::99'],
  ...[
    '::ffff:127.0.0.1',
    '::127.0.0.1',
    '::ffff:0:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1:a00:0:100::',
    '2002:a00:1::1',
    '2001:0:4136:e378:8000:63bf:f5ff:fffe',
    'fe80::5efe:10.0.0.1',
  ],
  ...[
    '::ffff:192.0.2.10',
    '::192.0.2.10',
    '::ffff:0:192.0.2.10',
    '64:ff9b::192.0.2.10',
    '2002:c000:20a::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdf5',
    '2001:db8::5efe:192.0.2.10',
  ],
];

describe.each([4, 6] as const)('CLOSED1, CLOSED2: an open relay is not to be had over IPv%i', (family) => {
  const from = client();
  const open = () => {
    const relay = new RelayHarness();
    return { relay, writer: relay.allocated(from, { attributes: [attribute.family(family === 4 ? 1 : 2)] }) };
  };

  it.each(FOREIGN)('not to %s', (ip) => {
    const { relay, writer } = open();
    const peer = address(ip, 40_000);
    const data = attribute.data(Buffer.from('x'));
    expect(codeOf(relay.ask(from, writer.write(METHOD.createPermission, [attribute.peer(peer)])))).toBe(403);
    expect(
      codeOf(relay.ask(from, writer.write(METHOD.channelBind, [attribute.channel(0x4000), attribute.peer(peer)]))),
    ).toBe(403);
    expect(sentToPeer(relay.send(from, writer.indication(METHOD.send, [attribute.peer(peer), data])))).toEqual([]);
    expect(relay.relay.handlePeer(1, Buffer.from('x'), { from: peer, now: relay.now })).toEqual([]);
  });

  it('not to other ports of our own address', () => {
    const { relay, writer } = open();
    const own = family === 4 ? SFU : SFU_IPV6;
    expect(codeOf(relay.ask(from, writer.write(METHOD.createPermission, [attribute.peer(own)])))).toBe(0);
    for (const port of [0, 22, 39_999, 40_008, 65_535]) {
      const peer = address(own.ip, port);
      expect(
        codeOf(relay.ask(from, writer.write(METHOD.channelBind, [attribute.channel(0x4000), attribute.peer(peer)]))),
      ).toBe(403);
      expect(
        sentToPeer(
          relay.send(from, writer.indication(METHOD.send, [attribute.peer(peer), attribute.data(Buffer.from('x'))])),
        ),
      ).toEqual([]);
    }
  });
});

it('CLOSED3: a peer that is taken off the list is out of reach at once', () => {
  const relay = new RelayHarness();
  const from = client();
  const writer = relay.bound(from);
  relay.run(relay.relay.setPeers(policyOf('192.0.2.11:40000')));
  const send = writer.indication(METHOD.send, [attribute.peer(SFU), attribute.data(Buffer.from('x'))]);
  expect(sentToPeer(relay.send(from, send))).toEqual([]);
  expect(sentToPeer(relay.send(from, Buffer.from('4000000178000000', 'hex')))).toEqual([]);
  expect(relay.relay.handlePeer(1, Buffer.from('x'), { from: SFU, now: relay.now })).toEqual([]);
  expect(
    codeOf(relay.ask(from, writer.write(METHOD.channelBind, [attribute.channel(0x4000), attribute.peer(SFU)]))),
  ).toBe(403);
});
