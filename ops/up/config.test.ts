import { ConfigError } from '@bedside/kit';
import { describe, expect, test } from 'vitest';
import { upConfig } from './config.ts';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    upConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};
const TLS = { BEDSIDE_TLS_CERT_FILE: '/etc/bedside/cert.pem', BEDSIDE_TLS_KEY_FILE: '/etc/bedside/key.pem' };

describe('the relay', () => {
  test('runs on the edge’s address beside the media workers, with a secret of its own making', () => {
    const { relay, isTls, publicUrl } = upConfig({});
    expect([isTls, publicUrl]).toEqual([false, 'http://localhost:8080']);
    expect(relay).toMatchObject({
      listen: [
        { kind: 'udp', ip: '127.0.0.1', port: 0 },
        { kind: 'tcp', ip: '127.0.0.1', port: 0 },
      ],
      secrets: [],
      peers: [],
      relayAddresses: { 4: { ip: '127.0.0.1', announcedIp: '127.0.0.1' } },
    });
  });

  test('shares the site’s port with it where there is a certificate', () => {
    const config = upConfig({ ...TLS, BEDSIDE_HOST: '::', BEDSIDE_PORT: '443', BEDSIDE_TURN_PORT: '3478' });
    expect([config.isTls, config.publicUrl, config.core.publicUrl]).toEqual([
      true,
      'https://localhost:443',
      'https://localhost',
    ]);
    expect(config.relay?.listen).toEqual([
      { kind: 'udp', ip: '::', port: 3478 },
      { kind: 'tcp', ip: '::', port: 3478 },
      { kind: 'shared', ip: '::', port: 443 },
    ]);
    expect(config.relay?.tls).toEqual({ certFile: TLS.BEDSIDE_TLS_CERT_FILE, keyFile: TLS.BEDSIDE_TLS_KEY_FILE });
  });

  test('left out, the certificate still serves the site, and a coturn may be told of', () => {
    expect(upConfig({ BEDSIDE_TURN: 'false' }).relay).toBeUndefined();
    const config = upConfig({ ...TLS, BEDSIDE_TURN: 'false', BEDSIDE_TURN_URLS: 'turns:turn.example.org:443' });
    expect(config.relay?.listen.map(({ kind }) => kind)).toEqual(['shared']);
    expect([config.relays, config.core.turn?.urls]).toEqual([false, ['turns:turn.example.org:443']]);
  });

  test('reaches the media workers at their own address, whatever browsers are told', () => {
    const mapOf = (listenIp: string, announced: string) =>
      upConfig({ BEDSIDE_MEDIA_LISTEN_IP: listenIp, BEDSIDE_MEDIA_ANNOUNCED_ADDRESS: announced }).relay?.peerMappings;
    expect(mapOf('10.0.0.4', '203.0.113.4')).toEqual([{ announcedIp: '203.0.113.4', reachedIp: '10.0.0.4' }]);
    expect(mapOf('0.0.0.0', '203.0.113.4')).toEqual([{ announcedIp: '203.0.113.4', reachedIp: '127.0.0.1' }]);
    expect(mapOf('192.0.2.4', '192.0.2.4')).toEqual([]);
    expect(mapOf('192.0.2.4', 'media.example.org')).toEqual([]);
  });

  test('relays from the announced address where media listens on every one', () => {
    const env = { BEDSIDE_MEDIA_LISTEN_IP: '0.0.0.0', BEDSIDE_MEDIA_ANNOUNCED_ADDRESS: '192.0.2.4' };
    expect(upConfig(env).relay?.relayAddresses[4]).toEqual({ ip: '0.0.0.0', announcedIp: '192.0.2.4' });
    expect(problemsOf({ ...env, BEDSIDE_MEDIA_ANNOUNCED_ADDRESS: 'media.example.org' })).toEqual([
      expect.stringMatching(/^BEDSIDE_TURN_RELAY_ADDRESS: is not set/),
    ]);
  });
});

test('what does not fit together is told in one sentence each', () => {
  expect(problemsOf({ BEDSIDE_TLS_CERT_FILE: '/cert.pem' })).toEqual([
    'BEDSIDE_TLS_CERT_FILE, BEDSIDE_TLS_KEY_FILE: are set both or not at all',
  ]);
  expect(problemsOf({ ...TLS, BEDSIDE_PUBLIC_URL: 'http://localhost:8080' })).toEqual([
    'BEDSIDE_PUBLIC_URL: must start with https:// when BEDSIDE_TLS_CERT_FILE is set',
  ]);
  expect(problemsOf({ ...TLS, BEDSIDE_HOST: 'visits.example.org' })).toEqual([
    expect.stringMatching(/^BEDSIDE_HOST: must be/),
  ]);
});

describe('what other machines can reach', () => {
  const files = {
    BEDSIDE_INTERNAL_TLS_CERT_FILE: '/etc/bedside/internal.pem',
    BEDSIDE_INTERNAL_TLS_KEY_FILE: '/etc/bedside/internal-key.pem',
    BEDSIDE_INTERNAL_TLS_CA_FILE: '/etc/bedside/internal-ca.pem',
  };
  const tls = { certFile: '/etc/bedside/internal.pem', keyFile: '/etc/bedside/internal-key.pem' };

  test.each<[string, Record<string, string>, RegExp]>([
    ['the site without a certificate', { BEDSIDE_HOST: '0.0.0.0' }, /^BEDSIDE_HOST: .* set BEDSIDE_TLS_CERT_FILE/],
    [
      'the internal listener without certificates',
      { BEDSIDE_INTERNAL_LISTEN: '10.0.0.4:9464' },
      /^BEDSIDE_INTERNAL_LISTEN: .* set BEDSIDE_INTERNAL_TLS_CERT_FILE, .*BEDSIDE_INTERNAL_TLS_CA_FILE/,
    ],
    [
      'the internal listener without an authority',
      { ...files, BEDSIDE_INTERNAL_TLS_CA_FILE: '', BEDSIDE_INTERNAL_LISTEN: '[::]:9464' },
      /^BEDSIDE_INTERNAL_LISTEN:/,
    ],
    [
      'core’s keys in the clear',
      { ...files, BEDSIDE_JWKS_URL: 'http://core.internal/jwks' },
      /^BEDSIDE_JWKS_URL: .*https/,
    ],
    ['core’s keys without certificates', { BEDSIDE_JWKS_URL: 'https://core.internal/jwks' }, /^BEDSIDE_JWKS_URL:/],
    ['a database in the clear', { DATABASE_URL: 'postgres://db.internal/x' }, /^DATABASE_URL: .*sslmode=verify-full/],
    ['a database of any certificate', { DATABASE_URL: 'postgres://db.internal/x?sslmode=require' }, /^DATABASE_URL:/],
    ['a database by its address', { DATABASE_URL: 'postgres:///x?host=10.0.0.4' }, /^DATABASE_URL:/],
  ])('%s does not start, and what to set is said', (_what, env, problem) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(problem)]);
  });

  test('is spoken with over TLS, and what is on this machine need not be', () => {
    const { internal, signaling } = upConfig({
      ...files,
      BEDSIDE_INTERNAL_LISTEN: '10.0.0.4:9464',
      BEDSIDE_JWKS_URL: 'https://core.internal:9464/.well-known/jwks.json',
      DATABASE_URL: 'postgres://bedside@db.internal/bedside?sslmode=verify-full',
    });
    expect(internal).toEqual({ host: '10.0.0.4', port: 9464, tls: { ...tls, caFile: '/etc/bedside/internal-ca.pem' } });
    expect(signaling.internalTls).toMatchObject(tls);
    expect(upConfig({ BEDSIDE_INTERNAL_LISTEN: '[::1]:9464' }).internal).toEqual({
      host: '::1',
      port: 9464,
      tls: undefined,
    });
    for (const url of [
      'postgres://localhost/x',
      'postgres://u@%2Frun%2Fpostgres/x',
      'postgres:///x?host=/run/postgres',
    ])
      expect(upConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
  });
});
