import type { BookingFacts } from '../scheduling/booking-facts.ts';
import { slotStarts } from '../scheduling/openings-starts.ts';

const MINUTE_MS = 60_000;

/** What somebody in line asks of a time; instants in milliseconds. */
export interface Wish {
  /** The visit has to lie in between. */
  readonly earliestMs: number;
  readonly latestMs: number;
  /** Starts that they were offered or gave up before. */
  readonly refusedMs: ReadonlySet<number>;
}

/**
 * Starts of a visit of the facts' type that use some of the freed time and suit the wish: those within it first, then
 * by how near they are to its beginning. The search's own function says which there are.
 */
export const startsToOffer = (
  facts: BookingFacts,
  freed: { readonly startsAtMs: number; readonly endsAtMs: number },
  wish: Wish,
): number[] => {
  const { visitType } = facts;
  const [provider] = facts.providers;
  if (visitType === null || provider === undefined) return [];
  const durationMs = visitType.durationMinutes * MINUTE_MS;
  const starts = provider.days.flatMap(({ openings }) =>
    slotStarts({
      openings,
      visitType,
      busy: provider.busy,
      notBeforeMs: Math.max(wish.earliestMs, freed.startsAtMs - durationMs + 1),
      notAfterMs: Math.min(wish.latestMs - durationMs, freed.endsAtMs - 1),
    }),
  );
  const isWithin = (startMs: number) => startMs >= freed.startsAtMs;
  return [...new Set(starts)]
    .filter((startMs) => !wish.refusedMs.has(startMs))
    .sort(
      (one, other) =>
        Number(isWithin(other)) - Number(isWithin(one)) ||
        Math.abs(one - freed.startsAtMs) - Math.abs(other - freed.startsAtMs),
    );
};
