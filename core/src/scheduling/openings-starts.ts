import type { VisitTypeId } from '@bedside/protocol';
import type { Interval, Opening } from './openings.ts';

const MINUTE_MS = 60_000;

/** What a visit type needs of an opening; minutes. */
export interface VisitShape {
  readonly id: VisitTypeId;
  readonly durationMinutes: number;
  readonly bufferBeforeMinutes: number;
  readonly bufferAfterMinutes: number;
  /** From one start to the next; null: the visit with its buffers. */
  readonly stepMinutes: number | null;
}

/** Starts may lie in [`fromMs`, `toMs`] of an opening; the grid counts from `originMs`. */
interface Stretch {
  readonly originMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

const ascending = (busy: readonly Interval[]): readonly Interval[] => {
  for (let index = 1; index < busy.length; index++) {
    if ((busy[index - 1]?.startsAtMs ?? 0) > (busy[index]?.startsAtMs ?? 0))
      return busy.toSorted((one, other) => one.startsAtMs - other.startsAtMs);
  }
  return busy;
};

/** Openings of this type that touch are one to it, however others cut them. */
const runsOf = (openings: readonly Opening[], id: VisitTypeId): { startMs: number; endMs: number }[] => {
  const runs: { startMs: number; endMs: number }[] = [];
  for (const [startMinute, endMinute, ids] of openings) {
    if (ids.length > 0 && !ids.includes(id)) continue;
    const last = runs.at(-1);
    const startMs = startMinute * MINUTE_MS;
    if (last !== undefined && last.endMs === startMs) last.endMs = endMinute * MINUTE_MS;
    else runs.push({ startMs, endMs: endMinute * MINUTE_MS });
  }
  return runs;
};

/**
 * When a visit of this type can start, ascending, in milliseconds. The visit lies within the openings of one day; with
 * its buffers, which may reach beyond them, it touches nothing busy. `busy` are the claims on the people it needs, with
 * the buffers of others in them. `notBeforeMs` and `notAfterMs` bound the start, both inclusive.
 *
 * Starts stand on a grid that is stepped in instants from the start of each opening and does not move when visits come
 * and go: a time that somebody looks at stays on offer until it is taken. Only where a free stretch is long enough for
 * a visit but holds no start of the grid, the stretch's own beginning is offered, so no gap that fits a visit is lost.
 * With a step of at least the duration no two of the visits overlap.
 */
export const slotStarts = (options: {
  /** Of one day, ascending. */
  readonly openings: readonly Opening[];
  readonly visitType: VisitShape;
  readonly busy: readonly Interval[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}): number[] => {
  const { visitType, notBeforeMs, notAfterMs } = options;
  const durationMs = visitType.durationMinutes * MINUTE_MS;
  const beforeMs = visitType.bufferBeforeMinutes * MINUTE_MS;
  const afterMs = visitType.bufferAfterMinutes * MINUTE_MS;
  const stepMs = visitType.stepMinutes === null ? beforeMs + durationMs + afterMs : visitType.stepMinutes * MINUTE_MS;
  const busy = ascending(options.busy);
  const starts: number[] = [];

  const offer = ({ originMs, fromMs, toMs }: Stretch): void => {
    const onGridMs = originMs + Math.ceil((fromMs - originMs) / stepMs) * stepMs;
    const firstMs = onGridMs <= toMs ? onGridMs : Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS;
    const lastMs = Math.min(toMs, notAfterMs);
    for (let atMs = firstMs; atMs <= lastMs; atMs += stepMs) if (atMs >= notBeforeMs) starts.push(atMs);
  };

  for (const { startMs, endMs } of runsOf(options.openings, visitType.id)) {
    const lastMs = endMs - durationMs;
    let fromMs = startMs;
    for (const taken of busy) {
      if (taken.startsAtMs - afterMs >= endMs) break;
      const freeFromMs = taken.endsAtMs + beforeMs;
      if (freeFromMs <= fromMs) continue;
      offer({ originMs: startMs, fromMs, toMs: Math.min(lastMs, taken.startsAtMs - afterMs - durationMs) });
      fromMs = freeFromMs;
    }
    offer({ originMs: startMs, fromMs, toMs: lastMs });
  }
  return starts;
};
