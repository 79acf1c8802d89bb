import { randomBytes } from 'node:crypto';
import {
  type Bus,
  type Clock,
  type Health,
  type Logger,
  type Registry,
  readTlsFiles,
  type Service,
  Teardown,
  TlsFilesWatch,
} from '@bedside/kit';
import { TURN_CREDENTIAL_SUBJECT, TurnCredentialEvent } from '@bedside/protocol';
import { IDLE_STREAM_MS, MAX_CREDENTIAL_LIFE_MS, MAX_IDLE_STREAMS, type TurnConfig } from './config.ts';
import { createTurnEvents, registerTurnStats } from './events.ts';
import type { LoopStats } from './net/loop-stats.ts';
import { PacketThreads } from './net/packet-threads.ts';
import type { TlsMaterial } from './net/stream-listener.ts';
import type { ListenAddress, ThreadConfig } from './net/thread-messages.ts';
import type { PeerRule } from './relay/peer-policy.ts';

export interface TurnDeps {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly health: Health;
  readonly clock: Clock;
}

export interface Turn extends Service {
  /** Where it listens, with the ports that were left to the system. */
  readonly listening: readonly ListenAddress[];
  /** Ends the allocations of that credential name and refuses it until then (ms since the epoch). Answers how many. */
  revoke(name: string, until: number): Promise<number>;
  /** Replaces the list of peers; what is no longer on it is out of reach at once, also for allocations there are. */
  setPeers(peers: readonly PeerRule[]): Promise<void>;
  stats(): Promise<LoopStats>;
  /** Takes no new allocation any more; resolves when none is left, or after `timeoutMs`. */
  drain(options: { timeoutMs: number; signal?: AbortSignal }): Promise<void>;
}

const DRAIN_POLL_MS = 200;

const threadConfig = (config: TurnConfig, tls: TlsMaterial | undefined): ThreadConfig => ({
  listen: config.listen,
  reusePort: false,
  batching: config.batching,
  tls,
  httpUpstreamPath: config.httpUpstreamPath,
  realm: config.realm,
  secrets: config.secrets,
  // Nonces are bound to this start of the service; one from before is stale and replaced by the next answer.
  nonceKey: randomBytes(32),
  peers: config.peers,
  relayAddresses: config.relayAddresses,
  peerMappings: config.peerMappings,
  relayPorts: config.relayPorts,
  limits: config.limits,
  usernameAnonymity: true,
  maxCredentialLifeMs: MAX_CREDENTIAL_LIFE_MS,
  idleStreamMs: IDLE_STREAM_MS,
  maxIdleStreams: MAX_IDLE_STREAMS,
  credentialCalls: [],
});

/**
 * Starts the relay: packet threads, the control channel on the bus, metrics, and the watch over the certificate.
 * Throws where a port cannot be had or the certificate cannot be used.
 */
export const createTurn = async (config: TurnConfig, deps: TurnDeps): Promise<Turn> => {
  const teardown = new Teardown();
  const events = createTurnEvents(deps);
  const tls = config.tls === undefined ? undefined : await readTlsFiles(config.tls);
  const threads = teardown.use(
    await PacketThreads.start({
      count: config.threads,
      config: threadConfig(config, tls),
      random: Math.random,
      onLost: events.threadLost,
    }),
  );
  events.listening(threads.listening);
  events.datagrams((await threads.stats()).batching > 0 ? 'batched' : 'single');

  const revoke = async (name: string, until: number): Promise<number> => {
    const count = await threads.revoke(name, until);
    events.credentialRevoked(count);
    return count;
  };
  const onCredential = async (payload: unknown): Promise<void> => {
    const event = TurnCredentialEvent.safeParse(payload);
    if (!event.success) deps.log.warn('credential-event-malformed');
    else if (event.data.type === 'revoked') await revoke(event.data.name, event.data.until);
    else if (event.data.type === 'extended')
      await threads.ask({ type: 'extend', name: event.data.name, expiresAt: event.data.expiresAt });
    else await threads.ask({ type: 'announce', username: event.data.username });
  };
  teardown.use(deps.bus.subscribe(TURN_CREDENTIAL_SUBJECT, onCredential));
  teardown.add(deps.health.add('turn', () => threads.isComplete));
  teardown.add(registerTurnStats(deps.registry, () => threads.stats()));
  if (config.tls !== undefined) {
    const watch = teardown.use(
      new TlsFilesWatch({
        files: config.tls,
        onChange: (material) =>
          void threads.ask({ type: 'set-tls', material }).then(events.tlsReloaded, events.tlsRefused),
        onRefused: events.tlsRefused,
      }),
    );
    await watch.check();
  }

  const drain = async (options: { timeoutMs: number; signal?: AbortSignal }): Promise<void> => {
    await threads.ask({ type: 'drain' });
    const endsAt = deps.clock() + options.timeoutMs;
    events.draining((await threads.stats()).allocations);
    while ((await threads.stats()).allocations > 0 && deps.clock() < endsAt && options.signal?.aborted !== true) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(DRAIN_POLL_MS, Math.max(1, endsAt - deps.clock()))));
    }
  };
  const close = async (): Promise<void> => {
    await teardown.close();
  };
  return {
    get listening() {
      return threads.listening;
    },
    revoke,
    setPeers: async (peers) => {
      await threads.ask({ type: 'set-peers', peers });
    },
    stats: () => threads.stats(),
    drain,
    close,
    [Symbol.asyncDispose]: close,
  };
};
