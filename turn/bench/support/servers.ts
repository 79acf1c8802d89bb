import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { takePorts } from '@bedside/kit/ports';
import type { TestCertificate } from '../../test/support/certificate.ts';
import { spawnOn } from './processes.ts';

export const BENCH_SECRET = 'a secret of the bench only';
const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

export interface BenchServer extends AsyncDisposable {
  readonly name: 'bedside' | 'coturn';
  readonly port: number;
  readonly tlsPort: number;
  readonly pid: number;
}

const takeTwo = async (): Promise<{ port: number; tlsPort: number }> => {
  const port = await takePorts(2);
  return { port, tlsPort: port + 1 };
};

/** Waits until the port takes connections; throws where the server ends before. */
const untilListening = async (child: ChildProcess, port: number): Promise<void> => {
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The server did not start to listen.');
};

const running = async (
  name: BenchServer['name'],
  child: ChildProcess,
  ports: { port: number; tlsPort: number },
): Promise<BenchServer> => {
  await untilListening(child, ports.tlsPort);
  const pid = child.pid ?? 0;
  return {
    name,
    ...ports,
    pid,
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await exited;
      clearTimeout(timer);
    },
  };
};

/** Our relay in a process of its own, one packet thread. */
export const startBedside = async (certificate: TestCertificate): Promise<BenchServer> => {
  const ports = await takeTwo();
  const child = spawnOn(0, [process.execPath, MAIN], {
    stdio: 'ignore',
    env: {
      BEDSIDE_TURN_SECRET: BENCH_SECRET,
      BEDSIDE_TURN_LISTEN: `udp://127.0.0.1:${ports.port},tls://127.0.0.1:${ports.tlsPort}`,
      BEDSIDE_TURN_PEERS: '127.0.0.1:1024-65535',
      BEDSIDE_TURN_MAX_ALLOCATIONS_PER_CREDENTIAL: '1000',
      BEDSIDE_TURN_MAX_ALLOCATIONS_PER_ADDRESS: '4000',
      BEDSIDE_TURN_CREDENTIAL_BPS: '10000000000',
      BEDSIDE_TURN_TLS_CERT_FILE: certificate.certFile,
      BEDSIDE_TURN_TLS_KEY_FILE: certificate.keyFile,
      BEDSIDE_TURN_DRAIN_MS: '0',
    },
  });
  return running('bedside', child, ports);
};

/** coturn with one relay thread, closed to all but loopback peers as ours is. */
export const startCoturn = async (certificate: TestCertificate): Promise<BenchServer> => {
  const ports = await takeTwo();
  const folder = dirname(certificate.certFile);
  const child = spawnOn(
    0,
    [
      'turnserver',
      ...[
        '-n',
        '--log-file=stdout',
        '--no-cli',
        '--no-dtls',
        '--relay-threads=1',
        '--use-auth-secret',
        `--static-auth-secret=${BENCH_SECRET}`,
      ],
      ...['--realm=bedside', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', '--allow-loopback-peers'],
      ...[
        `--listening-port=${ports.port}`,
        `--tls-listening-port=${ports.tlsPort}`,
        `--cert=${certificate.certFile}`,
        `--pkey=${certificate.keyFile}`,
      ],
      ...[`--pidfile=${join(folder, 'turnserver.pid')}`, `--userdb=${join(folder, 'turndb')}`],
    ],
    { stdio: 'ignore' },
  );
  return running('coturn', child, ports);
};
