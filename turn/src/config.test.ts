import { ConfigError } from '@bedside/kit';
import { expect, it } from 'vitest';
import { turnConfig } from './config.ts';

const SECRET = 'sixteen characters';

it('has a default for all but the secret', () => {
  expect(turnConfig({ BEDSIDE_TURN_SECRET: SECRET })).toMatchObject({
    listen: [
      { kind: 'udp', ip: '127.0.0.1', port: 3478 },
      { kind: 'tcp', ip: '127.0.0.1', port: 3478 },
    ],
    peers: [],
    relayAddresses: { 4: { ip: '127.0.0.1', announcedIp: '127.0.0.1' } },
    relayPorts: { min: 49_152, max: 65_535 },
    tls: undefined,
  });
});

it('reads addresses of both families', () => {
  const config = turnConfig({
    BEDSIDE_TURN_SECRET: `${SECRET},another of sixteen`,
    BEDSIDE_TURN_LISTEN: 'shared://[::]:443,udp://0.0.0.0:3478',
    BEDSIDE_TURN_PEERS: '192.0.2.10:40000-40003, [2001:db8::10]:40000',
    BEDSIDE_TURN_RELAY_ADDRESS: '10.0.0.4=203.0.113.4,2001:db8::4',
    BEDSIDE_TURN_PEER_MAP: '203.0.113.10=192.0.2.10',
    BEDSIDE_TURN_TLS_CERT_FILE: 'cert.pem',
    BEDSIDE_TURN_TLS_KEY_FILE: 'key.pem',
  });
  expect(config.secrets).toHaveLength(2);
  expect(config.listen[0]).toEqual({ kind: 'shared', ip: '::', port: 443 });
  expect(config.peers).toHaveLength(2);
  expect(config.peerMappings).toEqual([{ announcedIp: '203.0.113.10', reachedIp: '192.0.2.10' }]);
  expect(config.relayAddresses).toEqual({
    4: { ip: '10.0.0.4', announcedIp: '203.0.113.4' },
    6: { ip: '2001:db8::4', announcedIp: '2001:db8::4' },
  });
});

it('tells every problem at once, and no secret', () => {
  const read = () =>
    turnConfig({
      BEDSIDE_TURN_SECRET: 'short',
      BEDSIDE_TURN_LISTEN: 'http://127.0.0.1:80',
      BEDSIDE_TURN_PEERS: '10.0.0.0/8:1,[::ffff:10.0.0.1]:40000',
      BEDSIDE_TURN_RELAY_PORTS: '70000-80000',
    });
  expect(read).toThrow(ConfigError);
  const messageOf = (): string => {
    try {
      read();
      return '';
    } catch (error) {
      return String(error);
    }
  };
  const message = messageOf();
  for (const name of ['SECRET', 'LISTEN', 'PEERS', 'RELAY_PORTS']) expect(message).toContain(`BEDSIDE_TURN_${name}`);
  expect(message).not.toContain('short');
});

it('wants every peer to be reached at one address, and every address to be one peer’s', () => {
  const read = (map: string) => () => turnConfig({ BEDSIDE_TURN_SECRET: SECRET, BEDSIDE_TURN_PEER_MAP: map });
  expect(read('203.0.113.10=10.0.0.1,203.0.113.10=10.0.0.2')).toThrow(/PEER_MAP.*twice/);
  expect(read('203.0.113.10=10.0.0.1,203.0.113.11=10.0.0.1')).toThrow(/PEER_MAP.*twice/);
  expect(read('203.0.113.10=::1')).toThrow(/PEER_MAP/);
});

it('needs a certificate for TLS', () => {
  expect(() => turnConfig({ BEDSIDE_TURN_SECRET: SECRET, BEDSIDE_TURN_LISTEN: 'tls://127.0.0.1:5349' })).toThrow(
    /TLS_CERT_FILE.*TLS_KEY_FILE/s,
  );
});
