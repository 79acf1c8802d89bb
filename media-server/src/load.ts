/** CPU time a worker had used at an instant, both in ms. */
export interface CpuSample {
  readonly cpuMs: number;
  readonly atMs: number;
}

/** Share of one core between two samples, 0..1. */
export const loadBetween = (before: CpuSample, after: CpuSample): number => {
  const elapsedMs = after.atMs - before.atMs;
  if (elapsedMs <= 0) return 0;
  return Math.min(1, Math.max(0, (after.cpuMs - before.cpuMs) / elapsedMs));
};

interface Loaded {
  readonly load: number;
  readonly rooms: number;
}

/** A room costs nothing until its media flows, which the CPU shows only later: each counts this much beforehand. */
const ROOM_LOAD = 0.02;

/** The one with the most to spare, the first of equals; undefined when there is none. */
export const leastLoaded = <Candidate extends Loaded>(candidates: Iterable<Candidate>): Candidate | undefined => {
  let best: Candidate | undefined;
  const cost = (candidate: Loaded) => candidate.load + candidate.rooms * ROOM_LOAD;
  for (const candidate of candidates) {
    if (best === undefined || cost(candidate) < cost(best)) best = candidate;
  }
  return best;
};
