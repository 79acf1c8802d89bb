import type { MinuteSpan, Opening } from './openings.ts';

/** Whether whoever could come in the one can come in the other; an empty list admits all. */
const admits = (wider: Opening[2], narrower: Opening[2]): boolean =>
  wider.length === 0 || (narrower.length > 0 && narrower.every((id) => wider.includes(id)));

/** What is left of a span without what others cover. */
const without = (span: MinuteSpan, covers: readonly MinuteSpan[]): MinuteSpan[] =>
  covers.reduce<MinuteSpan[]>(
    (left, cover) =>
      left.flatMap(({ startMinute, endMinute }) =>
        [
          { startMinute, endMinute: Math.min(endMinute, cover.startMinute) },
          { startMinute: Math.max(startMinute, cover.endMinute), endMinute },
        ].filter((part) => part.startMinute < part.endMinute),
      ),
    [span],
  );

/** Time that is open after a change and was not before, or admits a visit type that it did not; ascending. */
export const openedSpans = (before: readonly Opening[], after: readonly Opening[]): MinuteSpan[] =>
  after
    .flatMap(([startMinute, endMinute, ids]) =>
      without(
        { startMinute, endMinute },
        before
          .filter(([, , known]) => admits(known, ids))
          .map(([start, end]) => ({ startMinute: start, endMinute: end })),
      ),
    )
    .sort((one, other) => one.startMinute - other.startMinute);
