import { describe, expect, it } from 'vitest';
import {
  client,
  closed,
  RelayHarness,
  SECRET,
  SFU,
  START,
  sentToPeer,
  usernameAt,
} from '../../test/support/relay-harness.ts';
import { attribute, codeOf, RequestWriter, text } from '../../test/support/turn-requests.ts';
import { ATTRIBUTE } from '../wire/attribute-types.ts';
import { channelDataChunks } from '../wire/channel-data.ts';
import { PASSWORD_ALGORITHM } from '../wire/keys.ts';
import { attributeOf } from '../wire/message.ts';
import { METHOD } from '../wire/methods.ts';

const A = client();
const OTHER_PORT = client(50_001);
const OTHER_IP = client(50_000, { ip: '198.51.100.8' });
const OTHER_TRANSPORT = client(50_000, { transport: 'tls' });
const x = Buffer.concat(channelDataChunks(0x4000, Buffer.from('x'), false));

const answered = (relay: RelayHarness, writer: RequestWriter, from = A): number =>
  codeOf(relay.ask(from, writer.write(METHOD.allocate, [attribute.udp])));

describe('the long-term credential mechanism (RFC 8489 §9.2.4)', () => {
  it('challenges a request without integrity, with realm, nonce and algorithms, unsealed', () => {
    const relay = new RelayHarness();
    const answer = relay.ask(
      A,
      new RequestWriter({ username: '', secret: '' }).write(METHOD.allocate, [attribute.udp]),
    );
    expect(codeOf(answer)).toBe(401);
    expect(text(answer, ATTRIBUTE.realm)).toBe('bedside.test');
    expect(text(answer, ATTRIBUTE.nonce)).toMatch(/^obMatJos2AAAB/);
    expect([...(attributeOf(answer, ATTRIBUTE.passwordAlgorithms) ?? [])]).toEqual([0, 2, 0, 0, 0, 1, 0, 0]);
    expect(answer.integrity).toBeUndefined();
  });

  it.each([
    ['MD5 and SHA-1', {}],
    ['MD5 and SHA-256 integrity', { integrity: 'sha256' as const }],
    ['SHA-256 and SHA-1 integrity', { algorithm: PASSWORD_ALGORITHM.sha256 }],
    ['SHA-256 throughout', { algorithm: PASSWORD_ALGORITHM.sha256, integrity: 'sha256' as const }],
    ['MD5, said to be chosen', { algorithm: PASSWORD_ALGORITHM.md5 }],
  ])('takes %s and seals the answer likewise', (_what, options) => {
    const relay = new RelayHarness();
    const writer = relay.writer(A, options);
    const answer = relay.ask(A, writer.write(METHOD.allocate, [attribute.udp]));
    expect(codeOf(answer)).toBe(0);
    expect([answer.integrity !== undefined, answer.integritySha256 !== undefined]).toEqual(
      'integrity' in options ? [false, true] : [true, false],
    );
    expect(writer.isSealed(answer)).toBe(true);
  });

  it('takes a hash for a username it was told of', () => {
    const relay = new RelayHarness({ usernameAnonymity: true });
    const writer = relay.writer(A, { userhash: true });
    expect(writer.nonce).toMatch(/^obMatJos2AAAD/);
    expect(answered(relay, writer)).toBe(401);
    relay.relay.announce(writer.options.username);
    expect(answered(relay, writer)).toBe(0);
  });

  it.each([
    ['CRED1: another secret', { secret: 'another' }, 401],
    ['an expired username', { username: usernameAt(START, { seconds: 0 }) }, 401],
    ['CRED2: a username that lives too long', { username: usernameAt(START, { seconds: 25 * 3600 }) }, 401],
    ['a username without a time', { username: 'grant-1' }, 401],
    ['a username without a name', { username: `${START / 1000 + 60}:` }, 401],
  ])('refuses %s', (_what, options, code) => {
    const relay = new RelayHarness();
    expect(answered(relay, relay.writer(A, options))).toBe(code);
  });

  it('takes the second of two secrets while they are being changed', () => {
    const relay = new RelayHarness({ secrets: ['the new secret', SECRET] });
    expect(answered(relay, relay.writer(A))).toBe(0);
  });

  it.each(['username', 'realm', 'nonce'] as const)('is 400 without %s', (missing) => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    const all = writer.credentialAttributes();
    writer.credentialAttributes = () => all.filter(({ type }) => type !== ATTRIBUTE[missing]);
    expect(answered(relay, writer)).toBe(400);
  });

  it('is 401 for another realm', () => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    writer.realm = 'elsewhere';
    expect(answered(relay, writer)).toBe(401);
  });
});

describe('NONCE1: a nonce', () => {
  it.each([
    ['port', OTHER_PORT],
    ['address', OTHER_IP],
    ['transport', OTHER_TRANSPORT],
  ])('replayed from another %s is stale', (_what, from) => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    expect(answered(relay, writer, from)).toBe(438);
    expect(answered(relay, writer)).toBe(0);
  });

  it('that is old, of another server or made up is stale, and the answer brings a new one', () => {
    const relay = new RelayHarness();
    const writer = relay.writer(A, { username: usernameAt(START, { seconds: 10_000 }) });
    relay.now += 3_600_000 + 120_000;
    const stale = relay.ask(A, writer.write(METHOD.allocate, [attribute.udp]));
    expect(codeOf(stale)).toBe(438);
    writer.learn(stale);
    const fresh = writer.nonce ?? '';
    for (const nonce of [`${fresh.slice(0, -1)}${fresh.endsWith('A') ? 'B' : 'A'}`, 'nonce', `${fresh}A`]) {
      writer.nonce = nonce;
      expect([nonce, answered(relay, writer)]).toEqual([nonce, 438]);
    }
    writer.nonce = new RelayHarness({ nonceKey: Buffer.alloc(32, 6) }).writer(A).nonce;
    expect(answered(relay, writer)).toBe(438);
    writer.nonce = fresh;
    expect(answered(relay, writer)).toBe(0);
  });

  it('that is stale is not told to whoever has no right credential', () => {
    const relay = new RelayHarness();
    const writer = relay.writer(A, { secret: 'another' });
    expect(answered(relay, writer, OTHER_PORT)).toBe(401);
  });
});

describe('bidding down (RFC 8489 §9.2.4)', () => {
  const tampered = (change: (writer: RequestWriter) => void): number => {
    const relay = new RelayHarness();
    const writer = relay.writer(A, { algorithm: PASSWORD_ALGORITHM.sha256 });
    change(writer);
    return answered(relay, writer);
  };

  it('is 400 where the list is not the one that was offered', () => {
    expect(tampered((writer) => (writer.offered = Buffer.from([0, 1, 0, 0])))).toBe(400);
    expect(tampered((writer) => (writer.offered = Buffer.from([0, 1, 0, 0, 0, 2, 0, 0])))).toBe(400);
  });

  it.each([ATTRIBUTE.passwordAlgorithm, ATTRIBUTE.passwordAlgorithms])(
    'is 400 where one of the two attributes is missing',
    (missing) => {
      expect(
        tampered((writer) => {
          const all = writer.credentialAttributes();
          writer.credentialAttributes = () => all.filter(({ type }) => type !== missing);
        }),
      ).toBe(400);
    },
  );

  it('is 400 for an algorithm nobody offered', () => {
    expect(
      tampered((writer) => {
        const all = writer.credentialAttributes();
        writer.credentialAttributes = () =>
          all.map((made) =>
            made.type === ATTRIBUTE.passwordAlgorithm ? attribute.raw(made.type, [0, 3, 0, 0]) : made,
          );
      }),
    ).toBe(400);
  });

  it('by taking the features out of the nonce makes it stale', () => {
    expect(tampered((writer) => (writer.nonce = writer.nonce?.replace('obMatJos2AAAB', 'obMatJos2AAAA')))).toBe(401);
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    writer.nonce = writer.nonce?.replace('obMatJos2AAAB', 'obMatJos2AAAA');
    expect(answered(relay, writer)).toBe(438);
  });
});

describe('a credential', () => {
  it('CRED3: that expires ends its allocation at that instant', () => {
    const relay = new RelayHarness();
    relay.allocated(A, { username: usernameAt(START, { seconds: 60 }) });
    relay.advance(59_999);
    expect(relay.sockets.size).toBe(1);
    expect(closed(relay.advance(1))).toEqual(['credential-expired']);
    expect(relay.sockets.size).toBe(0);
  });

  it('that expires ends its allocation even where the timer comes late', () => {
    const relay = new RelayHarness();
    relay.bound(A);
    relay.now += 7_200_000;
    expect(sentToPeer(relay.send(A, x))).toEqual([]);
    expect(relay.sockets.size).toBe(0);
  });

  it('CRED3: that is extended lasts longer, and takes requests', () => {
    const relay = new RelayHarness();
    const writer = relay.allocated(A, { username: usernameAt(START, { seconds: 60 }) });
    relay.relay.extend('grant-1', { expiresAt: START + 120_000, now: relay.now });
    relay.advance(100_000);
    expect(codeOf(relay.ask(A, writer.write(METHOD.refresh)))).toBe(0);
    expect(closed(relay.advance(20_000))).toEqual(['credential-expired']);
    expect(codeOf(relay.ask(A, writer.write(METHOD.allocate, [attribute.udp])))).toBe(401);
  });

  it('CRED4: that is revoked ends all its allocations at once and no other’s, and cannot be used again', () => {
    const relay = new RelayHarness();
    const writer = relay.bound(A);
    relay.allocated(OTHER_PORT);
    relay.allocated(OTHER_IP, { username: usernameAt(START, { name: 'grant-2' }) });
    const commands = relay.run(relay.relay.revoke('grant-1', { until: START + 7_200_000, now: relay.now }));
    expect(closed(commands)).toEqual(['revoked', 'revoked']);
    expect(relay.sockets.size).toBe(1);
    expect(relay.send(A, x)).toEqual([]);
    expect(answered(relay, writer)).toBe(401);
    relay.relay.extend('grant-1', { expiresAt: START + 7_200_000, now: relay.now });
    expect(answered(relay, writer)).toBe(401);
    expect(answered(relay, relay.writer(A, { username: usernameAt(START, { seconds: 9000 }) }))).toBe(401);
  });

  it('that is revoked while its socket opens leaves none', () => {
    const relay = new RelayHarness();
    const writer = relay.writer(A);
    relay.opening = 'waits';
    relay.send(A, writer.write(METHOD.allocate, [attribute.udp]));
    expect(relay.run(relay.relay.revoke('grant-1', { until: START + 1, now: relay.now }))).toMatchObject([
      { type: 'close-relay' },
    ]);
    expect(relay.relay.relayOpened(1, SFU, relay.now)).toEqual([]);
  });
});
