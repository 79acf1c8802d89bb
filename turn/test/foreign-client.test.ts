import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { takePorts } from '@bedside/kit/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestCertificate, testCertificate } from './support/certificate.ts';
import { startTestServer, TEST_SECRET, type TestServer } from './support/turn-server.ts';

/** coturn's own client and peer (Debian package coturn): somebody else's reading of the RFCs. */
const isInstalled = spawnSync('turnutils_uclient', ['-h'], { stdio: 'ignore' }).error === undefined;
const MESSAGES = 20;
const CLIENTS = 2;
/** uclient refreshes this often before its messages, and again every 30 s. */
const REFRESHES = 3;
/** Its negative tests wait for answers that never come. */
const RUN_MS = 45_000;
/** uclient also binds a channel to the port behind the peer's. */
const PEER_PORTS = 4;

describe.skipIf(!isInstalled)('turnutils_uclient', () => {
  let certificate: TestCertificate;
  let peer: ChildProcess;
  let peerPort: number;
  let server: TestServer;

  beforeAll(async () => {
    certificate = testCertificate();
    peerPort = await takePorts(PEER_PORTS + 1);
    peer = spawn('turnutils_peer', ['-L', '127.0.0.1', '-p', String(peerPort)], { stdio: 'ignore' });
    server = await startTestServer({
      peers: [{ ip: '127.0.0.1', minPort: peerPort, maxPort: peerPort + PEER_PORTS }],
      kinds: ['udp', 'tcp', 'tls'],
      tls: certificate,
    });
  }, 30_000);
  afterAll(async () => {
    peer.kill();
    await server[Symbol.asyncDispose]();
    certificate[Symbol.dispose]();
  });

  const run = async (
    transport: 'udp' | 'tcp' | 'tls',
    options: readonly string[],
    timeout = RUN_MS,
  ): Promise<string> => {
    const flags = { udp: [], tcp: ['-t'], tls: ['-t', '-S'] }[transport];
    const { stdout } = await promisify(execFile)(
      'turnutils_uclient',
      [
        ...flags,
        ...['-c', '-n', String(MESSAGES), '-m', String(CLIENTS), '-z', '20', '-W', TEST_SECRET, '-u', 'grant'],
        ...['-p', String(server.port(transport)), '-e', '127.0.0.1', '-r', String(peerPort), ...options, '127.0.0.1'],
      ],
      { timeout },
    );
    return stdout;
  };

  describe.each(['udp', 'tcp', 'tls'] as const)('over %s', (transport) => {
    it.each([
      { what: 'with payloads of 1000 bytes', options: ['-l', '1000'] },
      { what: 'with payloads of 1001 bytes', options: ['-l', '1001'] },
      { what: 'with payloads of 1002 bytes', options: ['-l', '1002'] },
      { what: 'with payloads of 1003 bytes', options: ['-l', '1003'] },
      { what: 'by Send indications', options: ['-s', '-l', '500'] },
      { what: 'with requests beyond need', options: ['-G', '-l', '500'] },
    ])('completes its run, three refreshes and more in it, $what', { timeout: 60_000 }, async ({ options }) => {
      const before = await server.turn.stats();
      const output = await run(transport, options);
      const after = await server.turn.stats();
      expect(after.counters.packetsUp - before.counters.packetsUp).toBe(MESSAGES * CLIENTS);
      expect(after.counters.packetsDown - before.counters.packetsDown).toBe(MESSAGES * CLIENTS);
      expect(after.counters.refreshes - before.counters.refreshes).toBeGreaterThanOrEqual(REFRESHES * CLIENTS);
      expect(after.congested).toBe(before.congested);
      // uclient takes a TLS record for one message; those that share a record with another it counts as lost.
      if (transport !== 'tls') expect(output).toMatch(/Total lost packets 0 /);
    });
  });

  it('its negative protocol tests get the better of nobody', { timeout: 60_000 }, async () => {
    await run('udp', ['-R', '-l', '100'], 5_000).catch(() => '');
    expect((await server.health.report()).ready).toBe(true);
    expect(await run('udp', ['-l', '100'])).toMatch(/Total lost packets 0 /);
  });
});
