import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { type CheckOptions, type CheckResult, checkTurn } from '../src/check/check-turn.ts';
import { parseTurnUri } from '../src/check/turn-uri.ts';
import { passwordOf } from '../src/relay/credentials.ts';
import { startEveryTransport } from './support/every-transport.ts';
import { address } from './support/turn-requests.ts';
import { TEST_SECRET, usernameFor } from './support/turn-server.ts';

const site = await startEveryTransport();
const { certificate, peer, server } = site;
afterAll(() => site[Symbol.asyncDispose]());

const username = usernameFor('checker');
const credential = { username, password: passwordOf(TEST_SECRET, username) };
const check = async (transport: 'udp' | 'tcp' | 'tls', options: Partial<CheckOptions> = {}): Promise<CheckResult[]> => {
  const target = { host: transport === 'tls' ? 'localhost' : '127.0.0.1', port: server.port(transport), transport };
  const all = { target, credential, peer: peer.address, ca: certificate.cert, ...options };
  return Array.fromAsync(checkTurn(all, { now: () => performance.now(), randomBytes }));
};
const outcomes = (results: readonly CheckResult[]): string =>
  results.map(({ step, ok }) => `${step} ${ok ? 'ok' : 'failed'}`).join(', ');

it.each([
  ['turns:turn.example.org:443', { host: 'turn.example.org', port: 443, transport: 'tls' }],
  ['turns:turn.example.org', { host: 'turn.example.org', port: 5349, transport: 'tls' }],
  ['turn:192.0.2.1', { host: '192.0.2.1', port: 3478, transport: 'udp' }],
  ['turn:[2001:db8::1]:3479?transport=tcp', { host: '2001:db8::1', port: 3479, transport: 'tcp' }],
])('%s is understood (RFC 7065)', (text, target) => {
  expect(parseTurnUri(text)).toEqual(target);
});

it.each(['https://turn.example.org', 'turn:', 'turns:a?transport=udp', 'turn:a:0', 'stun:a'])(
  '%s is a problem',
  (text) => {
    expect(parseTurnUri(text)).toHaveProperty('problem');
  },
);

it.each(['udp', 'tcp'] as const)('goes all the way over %s', async (transport) => {
  expect(outcomes(await check(transport))).toBe('name ok, connect ok, allocate ok, permission ok, release ok');
});

it('goes all the way over TLS and tells which', async () => {
  const results = await check('tls');
  expect(outcomes(results)).toBe('name ok, connect ok, tls ok, allocate ok, permission ok, release ok');
  expect(results[2]?.detail).toContain('TLSv1.3');
});

it('without a credential is content with the challenge', async () => {
  expect(outcomes(await check('tls', { credential: undefined }))).toBe('name ok, connect ok, tls ok, allocate ok');
});

it.each([
  ['a wrong password', { credential: { username, password: 'wrong' } }, 'allocate', /credential/],
  ['a peer that is not ours', { peer: address('10.0.0.1', 1) }, 'permission', /relay to this address/],
  ['an authority that is not trusted', { ca: undefined }, 'tls', /does not trust/],
] as const)('with %s says what to do', async (_what, options, step, advice) => {
  const last = (await check('tls', options)).at(-1);
  expect(last).toMatchObject({ step, ok: false });
  expect(last?.advice).toMatch(advice);
});

it('tells a port that nobody listens on, and a web server in the relay’s place', async () => {
  const closed = await check('tcp', { target: { host: '127.0.0.1', port: 1, transport: 'tcp' } });
  expect(closed.at(-1)).toMatchObject({ step: 'connect', ok: false, advice: expect.stringMatching(/Nobody listens/) });

  const web = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const { port } = web.address() as AddressInfo;
  const results = await check('tcp', { target: { host: '127.0.0.1', port, transport: 'tcp' } });
  expect(results.at(-1)).toMatchObject({
    step: 'allocate',
    ok: false,
    advice: expect.stringMatching(/not a TURN server/),
  });
  web.close();
});
