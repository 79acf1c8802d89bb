/** The worker thread that packets pass through. It does nothing else, so that nothing else delays a packet. */
import { randomBytes, randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '@bedside/kit';
import { PeerPolicy } from '../relay/peer-policy.ts';
import type { AddressFamily } from '../wire/ip.ts';
import { handOffHttp } from './http-handoff.ts';
import { batchedUdp } from './libc/batched-udp.ts';
import { loadLibc } from './libc/libc.ts';
import { nodeUdp } from './node-udp.ts';
import { PacketLoop } from './packet-loop.ts';
import { peerMap } from './peer-map.ts';
import { listenShared } from './shared-port.ts';
import {
  listenTcp,
  listenTls,
  type StreamListener,
  type TlsListener,
  type TlsMaterial,
  TURN_ALPN,
} from './stream-listener.ts';
import type { FromThread, ListenAddress, ThreadCall, ThreadConfig, ToThread } from './thread-messages.ts';

const config = workerData as ThreadConfig;
const port = parentPort;
if (port === null) throw new Error('packet-thread.ts is a worker thread, not a program.');
const tell = (message: FromThread): void => port.postMessage(message);

const libc = config.batching ? await loadLibc(process) : undefined;
const never = new Int32Array(new SharedArrayBuffer(4));
const loop = new PacketLoop(
  {
    relay: {
      realm: config.realm,
      secrets: config.secrets,
      nonceKey: Buffer.from(config.nonceKey),
      peers: new PeerPolicy(config.peers),
      families: Object.keys(config.relayAddresses).map((family) => Number(family) as AddressFamily),
      limits: config.limits,
      usernameAnonymity: config.usernameAnonymity,
      maxCredentialLifeMs: config.maxCredentialLifeMs,
    },
    relayAddresses: config.relayAddresses,
    peerMap: peerMap(config.peerMappings),
    relayPorts: config.relayPorts,
    idleStreamMs: config.idleStreamMs,
    maxIdleStreams: config.maxIdleStreams,
  },
  {
    createUdp: (onBatchEnd) => (libc === undefined ? nodeUdp() : batchedUdp(libc, onBatchEnd)),
    pause: (ms) => void Atomics.wait(never, 0, 0, ms),
    now: systemClock,
    randomTransactionId: () => randomBytes(12),
    randomInt: (min, max) => randomInt(min, max + 1),
  },
);
const listeners = new Set<StreamListener>();
const tlsListeners = new Set<TlsListener>();

const attach = (transport: 'tcp' | 'tls') => (socket: Socket) =>
  loop.attachStream(socket, { transport, ip: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });

const tlsMaterial = (): TlsMaterial => {
  if (config.tls === undefined) throw new Error('There is no certificate to listen for TLS with.');
  return config.tls;
};

const listenSharedPort = (address: ListenAddress): Promise<TlsListener> => {
  const { httpUpstreamPath } = config;
  return listenShared(
    { ...address, reusePort: config.reusePort, material: tlsMaterial(), now: systemClock },
    {
      onTurn: attach('tls'),
      onHttp: (socket) => (httpUpstreamPath === undefined ? socket.destroy() : handOffHttp(socket, httpUpstreamPath)),
      onRefused: (why) => loop.countRefusedStream(why),
    },
  );
};

/** Opens one listener and gives back the address with the port it got. */
const open = async (address: ListenAddress): Promise<ListenAddress> => {
  const where = { ip: address.ip, port: address.port, reusePort: config.reusePort };
  if (address.kind === 'udp') return { ...address, port: (await loop.listenUdp(where)).port };
  if (address.kind === 'tcp') {
    const listener = await listenTcp(where, attach('tcp'));
    listeners.add(listener);
    return { ...address, port: listener.port };
  }
  const listener =
    address.kind === 'tls'
      ? await listenTls({ ...where, material: tlsMaterial(), alpn: TURN_ALPN, now: systemClock }, attach('tls'))
      : await listenSharedPort(address);
  listeners.add(listener);
  tlsListeners.add(listener);
  return { ...address, port: listener.port };
};

/** Gives back the number of allocations closed. */
const carryOut = (call: ThreadCall): number => {
  switch (call.type) {
    case 'revoke':
      return loop.revoke(call.name, call.until);
    case 'extend':
      loop.extend(call.name, call.expiresAt);
      return 0;
    case 'announce':
      loop.announce(call.username);
      return 0;
    case 'set-peers':
      loop.setPeers(new PeerPolicy(call.peers));
      return 0;
    case 'set-tls':
      for (const listener of tlsListeners) listener.setMaterial(call.material);
      return 0;
    case 'drain':
      loop.drain();
      return 0;
    case 'stats':
      return 0;
    case 'close':
      for (const listener of listeners) listener.close();
      loop.close();
      return 0;
  }
};

port.on('message', ({ id, call }: ToThread) => {
  const revoked = carryOut(call);
  tell({ type: 'reply', id, reply: { revoked, stats: loop.stats() } });
  if (call.type === 'close') port.close();
});

for (const call of config.credentialCalls) carryOut(call);
try {
  const listening: ListenAddress[] = [];
  for (const address of config.listen) listening.push(await open(address));
  tell({ type: 'ready', listening });
} catch (cause) {
  tell({ type: 'failed', message: cause instanceof Error ? cause.message : String(cause) });
  for (const listener of listeners) listener.close();
  loop.close();
  port.close();
}
