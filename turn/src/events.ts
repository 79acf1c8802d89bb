import { Counter, Gauge, type Logger, type Registry } from '@bedside/kit';
import type { LoopStats } from './net/loop-stats.ts';

/** What happens to the relay that somebody may want to know: one function an event, to the log and the metrics. */
export interface TurnEvents {
  listening(addresses: readonly { kind: string; ip: string; port: number }[]): void;
  /** How datagrams are taken and sent. */
  datagrams(kind: 'batched' | 'single'): void;
  threadLost(error: unknown): void;
  credentialRevoked(allocationsClosed: number): void;
  tlsReloaded(): void;
  tlsRefused(error: unknown): void;
  draining(allocations: number): void;
}

export const createTurnEvents = (deps: { log: Logger; registry: Registry }): TurnEvents => {
  const { log, registry } = deps;
  const registers = [registry];
  const threadsLost = new Counter({
    name: 'bedside_turn_threads_lost_total',
    help: 'Packet threads that died and were replaced.',
    registers,
  });
  const revoked = new Counter({
    name: 'bedside_turn_credentials_revoked_total',
    help: 'Credentials revoked over the control channel.',
    registers,
  });
  const reloads = new Counter({
    name: 'bedside_turn_tls_reloads_total',
    help: 'Changes of the certificate files, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  return {
    listening: (addresses) => {
      for (const { kind, ip, port } of addresses) log.info('listening', { method: kind, address: ip, port });
    },
    datagrams: (kind) => log.info('datagrams', { method: kind }),
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

interface StatMetric {
  readonly what: string;
  readonly help: string;
  readonly label?: string;
  /** Values by label; '' where there is no label. */
  readonly read: (stats: LoopStats) => Readonly<Record<string, number>>;
}

const STAT_COUNTERS: readonly StatMetric[] = [
  { what: 'allocations_opened_total', help: 'Allocations made.', read: ({ opened }) => ({ '': opened }) },
  {
    what: 'allocations_closed_total',
    help: 'Allocations ended, by reason.',
    label: 'reason',
    read: ({ closed }) => closed,
  },
  {
    what: 'refreshes_total',
    help: 'Allocations that were made to last longer.',
    read: ({ counters }) => ({ '': counters.refreshes }),
  },
  {
    what: 'requests_refused_total',
    help: 'Requests refused, by STUN error code; a first request without a credential is none.',
    label: 'code',
    read: ({ refused }) => refused,
  },
  {
    what: 'packets_total',
    help: 'Packets relayed: up to the peer, down to the client.',
    label: 'direction',
    read: ({ counters }) => ({ up: counters.packetsUp, down: counters.packetsDown }),
  },
  {
    what: 'bytes_total',
    help: 'Payload bytes relayed.',
    label: 'direction',
    read: ({ counters }) => ({ up: counters.bytesUp, down: counters.bytesDown }),
  },
  {
    what: 'dropped_total',
    help: 'Packets and frames dropped, by why.',
    label: 'why',
    read: ({ counters: { malformed, unbound, forbidden, overRate, unanswered }, congested }) => ({
      malformed,
      unbound,
      forbidden,
      overRate,
      unanswered,
      congested,
    }),
  },
  {
    what: 'streams_refused_total',
    help: 'Streams ended for what they said or did not say.',
    label: 'why',
    read: ({ idleClosed, garbageClosed }) => ({ idle: idleClosed, 'not-turn': garbageClosed }),
  },
];

const STAT_GAUGES: readonly StatMetric[] = [
  { what: 'allocations', help: 'Allocations held.', read: ({ allocations }) => ({ '': allocations }) },
  { what: 'streams', help: 'TCP and TLS clients connected.', read: ({ streams }) => ({ '': streams }) },
  {
    what: 'batching_threads',
    help: 'Packet threads that take and send datagrams many at a time.',
    read: ({ batching }) => ({ '': batching }),
  },
];

/** Metrics that are read from the packet threads when they are asked for. Gives back what takes them away. */
export const registerTurnStats = (registry: Registry, stats: () => Promise<LoopStats>): (() => void) => {
  // A scrape reads every metric; all of them are answered by one question to the threads.
  let underWay: Promise<LoopStats> | undefined;
  const read = (): Promise<LoopStats> => {
    underWay ??= stats().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  const options = (metric: StatMetric) => ({
    name: `bedside_turn_${metric.what}`,
    help: metric.help,
    labelNames: metric.label === undefined ? [] : [metric.label],
    registers: [registry],
  });
  const labelsOf = (metric: StatMetric, value: string): Record<string, string> =>
    metric.label === undefined ? {} : { [metric.label]: value };
  for (const metric of STAT_COUNTERS) {
    new Counter({
      ...options(metric),
      async collect() {
        const values = metric.read(await read());
        this.reset();
        for (const [label, value] of Object.entries(values)) this.inc(labelsOf(metric, label), value);
      },
    });
  }
  for (const metric of STAT_GAUGES) {
    new Gauge({
      ...options(metric),
      async collect() {
        for (const [label, value] of Object.entries(metric.read(await read())))
          this.set(labelsOf(metric, label), value);
      },
    });
  }
  return () => {
    for (const metric of [...STAT_COUNTERS, ...STAT_GAUGES]) registry.removeSingleMetric(options(metric).name);
  };
};
