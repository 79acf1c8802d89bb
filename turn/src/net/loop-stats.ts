import type { CloseReason } from '../relay/commands.ts';
import { newCounters, type RelayCounters } from '../relay/counters.ts';

/** What a packet loop has counted since it started, and what it holds now. */
export interface LoopStats {
  readonly allocations: number;
  readonly streams: number;
  /** Loops that take and send datagrams many at a time. */
  readonly batching: number;
  readonly opened: number;
  /** By reason. */
  readonly closed: Readonly<Partial<Record<CloseReason, number>>>;
  /** By STUN error code. */
  readonly refused: Readonly<Record<number, number>>;
  readonly counters: Readonly<RelayCounters>;
  /** Messages that a slow reader or a full kernel did not take. */
  readonly congested: number;
  /** Streams closed because they were idle, not TURN, or one too many. */
  readonly idleClosed: number;
  readonly garbageClosed: number;
}

const addTo = <Key extends string | number>(
  sums: Partial<Record<Key, number>>,
  more: Readonly<Partial<Record<Key, number>>>,
): void => {
  for (const key of Object.keys(more) as Key[]) sums[key] = (sums[key] ?? 0) + (more[key] ?? 0);
};

/** The sums over several loops. */
export const sumStats = (all: readonly LoopStats[]): LoopStats => {
  const closed: Partial<Record<CloseReason, number>> = {};
  const refused: Record<number, number> = {};
  const counters = newCounters();
  for (const stats of all) {
    addTo(closed, stats.closed);
    addTo(refused, stats.refused);
    addTo(counters, stats.counters);
  }
  const sum = (pick: (stats: LoopStats) => number): number => all.reduce((total, stats) => total + pick(stats), 0);
  return {
    allocations: sum((stats) => stats.allocations),
    streams: sum((stats) => stats.streams),
    batching: sum((stats) => stats.batching),
    opened: sum((stats) => stats.opened),
    closed,
    refused,
    counters,
    congested: sum((stats) => stats.congested),
    idleClosed: sum((stats) => stats.idleClosed),
    garbageClosed: sum((stats) => stats.garbageClosed),
  };
};
