import { describe, expect, test } from 'vitest';
import { drainRelay, relayPeers, relayUrls } from './relay.ts';

const at = (kind: 'udp' | 'tcp' | 'tls' | 'shared', port: number, ip = '192.0.2.7') => ({ kind, ip, port });

describe('what browsers are told of the relay', () => {
  test('UDP first, TLS last, under the name of the site', () => {
    const listening = [at('shared', 443), at('tcp', 3478), at('udp', 3478)];
    expect(relayUrls(listening, 'https://visits.example.org')).toEqual([
      'turn:visits.example.org:3478?transport=udp',
      'turn:visits.example.org:3478?transport=tcp',
      'turns:visits.example.org:443?transport=tcp',
    ]);
  });

  test('the shared port is the one of the site, whatever it is here', () => {
    expect(relayUrls([at('shared', 8443)], 'https://visits.example.org')).toEqual([
      'turns:visits.example.org:443?transport=tcp',
    ]);
    expect(relayUrls([at('shared', 8443)], 'https://visits.example.org:9443')).toEqual([
      'turns:visits.example.org:9443?transport=tcp',
    ]);
  });

  test('on this machine the address itself, since localhost may be of another family; a certificate is for the name', () => {
    const listening = [at('udp', 4000, '127.0.0.1'), at('tcp', 4001, '::1'), at('shared', 8443, '127.0.0.1')];
    expect(relayUrls(listening, 'https://localhost:8443')).toEqual([
      'turn:127.0.0.1:4000?transport=udp',
      'turn:[::1]:4001?transport=tcp',
      'turns:localhost:8443?transport=tcp',
    ]);
    expect(relayUrls([at('udp', 4000, '0.0.0.0')], 'http://localhost:8080')).toEqual([
      'turn:localhost:4000?transport=udp',
    ]);
  });
});

describe('what the relay may reach', () => {
  test('exactly the media workers', async () => {
    expect(
      await relayPeers([
        { address: '192.0.2.10', port: 40_000 },
        { address: '2001:db8::10', port: 40_001 },
      ]),
    ).toEqual([
      { ip: '192.0.2.10', minPort: 40_000, maxPort: 40_000 },
      { ip: '2001:db8::10', minPort: 40_001, maxPort: 40_001 },
    ]);
  });

  test('an address that is nobody’s is a problem that names the variable', async () => {
    await expect(relayPeers([{ address: '224.0.0.1', port: 40_000 }])).rejects.toThrow(
      /BEDSIDE_MEDIA_ANNOUNCED_ADDRESS/,
    );
  });
});

test('a stop gives relayed visits as long as the relay is told to', async () => {
  const asked: number[] = [];
  const relay = { drain: async ({ timeoutMs }: { timeoutMs: number }) => void asked.push(timeoutMs) };
  await drainRelay(relay, { drainMs: 1234 });
  expect(asked).toEqual([1234]);
});
