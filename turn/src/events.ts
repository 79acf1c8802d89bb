import { Counter, Gauge, type Logger, type Registry } from '@bedside/kit';
import type { LoopStats } from './net/loop-stats.ts';

/** What happens to the relay that somebody may want to know: one function an event, to the log and the metrics. */
export interface TurnEvents {
  listening(addresses: readonly { kind: string; ip: string; port: number }[]): void;
  threadLost(error: unknown): void;
  credentialRevoked(allocationsClosed: number): void;
  tlsReloaded(): void;
  tlsRefused(error: unknown): void;
  draining(allocations: number): void;
}

export const createTurnEvents = (deps: { log: Logger; registry: Registry }): TurnEvents => {
  const { log, registry } = deps;
  const registers = [registry];
  const threadsLost = new Counter({ name: 'bedside_turn_threads_lost_total', help: 'Packet threads that died and were replaced.', registers });
  const revoked = new Counter({ name: 'bedside_turn_credentials_revoked_total', help: 'Credentials revoked over the control channel.', registers });
  const reloads = new Counter({ name: 'bedside_turn_tls_reloads_total', help: 'Changes of the certificate files, by what became of them.', labelNames: ['outcome'], registers });
  return {
    listening: (addresses) => {
      for (const { kind, ip, port } of addresses) log.info('listening', { method: kind, address: ip, port });
    },
    threadLost: (error) => {
      threadsLost.inc();
      log.error('packet-thread-lost', { error });
    },
    credentialRevoked: (allocationsClosed) => {
      revoked.inc();
      log.info('credential-revoked', { count: allocationsClosed });
    },
    tlsReloaded: () => {
      reloads.inc({ outcome: 'taken' });
      log.info('certificate-reloaded');
    },
    tlsRefused: (error) => {
      reloads.inc({ outcome: 'refused' });
      log.error('certificate-refused', { error });
    },
    draining: (allocations) => log.info('draining', { count: allocations }),
  };
};

/** Metrics that are read from the packet threads when they are asked for. Gives back what takes them away. */
export const registerTurnStats = (registry: Registry, stats: () => Promise<LoopStats>): (() => void) => {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[] = []) => new Counter({ name: `bedside_turn_${name}`, help, labelNames: [...labelNames], registers });
  const opened = counter('allocations_opened_total', 'Allocations made.');
  const closed = counter('allocations_closed_total', 'Allocations ended, by reason.', ['reason']);
  const refused = counter('requests_refused_total', 'Requests refused, by STUN error code; a first request without a credential is none.', ['code']);
  const packets = counter('packets_total', 'Packets relayed: up to the peer, down to the client.', ['direction']);
  const bytes = counter('bytes_total', 'Payload bytes relayed.', ['direction']);
  const dropped = counter('dropped_total', 'Packets and frames dropped, by why.', ['why']);
  const streamsRefused = counter('streams_refused_total', 'Streams ended for what they said or did not say.', ['why']);
  const streams = new Gauge({ name: 'bedside_turn_streams', help: 'TCP and TLS clients connected.', registers });
  const set = (metric: Counter, value: number, labels: Record<string, string> = {}): void => metric.inc(labels, value);

  const allocations = new Gauge({
    name: 'bedside_turn_allocations',
    help: 'Allocations held.',
    registers,
    // One gauge asks the threads for all of them, so that a scrape asks once.
    async collect() {
      const now = await stats();
      for (const metric of [opened, closed, refused, packets, bytes, dropped, streamsRefused]) metric.reset();
      this.set(now.allocations);
      streams.set(now.streams);
      set(opened, now.opened);
      for (const [reason, count] of Object.entries(now.closed)) set(closed, count, { reason });
      for (const [code, count] of Object.entries(now.refused)) set(refused, count, { code });
      const { counters } = now;
      set(packets, counters.packetsUp, { direction: 'up' });
      set(packets, counters.packetsDown, { direction: 'down' });
      set(bytes, counters.bytesUp, { direction: 'up' });
      set(bytes, counters.bytesDown, { direction: 'down' });
      for (const why of ['malformed', 'unbound', 'forbidden', 'overRate', 'unanswered'] as const) set(dropped, counters[why], { why });
      set(dropped, now.congested, { why: 'congested' });
      set(streamsRefused, now.idleClosed, { why: 'idle' });
      set(streamsRefused, now.garbageClosed, { why: 'not-turn' });
    },
  });
  const metrics = [allocations, opened, closed, refused, packets, bytes, dropped, streamsRefused, streams];
  return () => {
    for (const metric of metrics) registry.removeSingleMetric(metric.name);
  };
};
