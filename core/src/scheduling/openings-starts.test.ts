import { VisitTypeId } from '@bedside/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Opening } from './openings.ts';
import { slotStarts, type VisitShape } from './openings-starts.ts';

const MINUTE_MS = 60_000;
const A = VisitTypeId.parse('00000000-0000-4000-8000-00000000000a');
const B = VisitTypeId.parse('00000000-0000-4000-8000-00000000000b');
const MIDNIGHT_MINUTE = Date.parse('2026-03-02T00:00:00Z') / MINUTE_MS;
const minuteOf = (time: string) => MIDNIGHT_MINUTE + Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const opening = (from: string, to: string, ids: readonly VisitTypeId[] = []): Opening => [
  minuteOf(from),
  minuteOf(to),
  ids,
];
const busy = (from: string, to: string) => ({
  startsAtMs: minuteOf(from) * MINUTE_MS,
  endsAtMs: minuteOf(to) * MINUTE_MS,
});

const visit = (minutes: Partial<VisitShape> = {}): VisitShape => ({
  id: A,
  durationMinutes: 30,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  stepMinutes: null,
  ...minutes,
});

const starts = (options: Partial<Parameters<typeof slotStarts>[0]>) =>
  slotStarts({
    openings: [opening('09:00', '11:00')],
    visitType: visit(),
    busy: [],
    notBeforeMs: 0,
    notAfterMs: Number.MAX_SAFE_INTEGER,
    ...options,
  }).map((atMs) => new Date(atMs).toISOString().slice(11, 16));

describe('starts', () => {
  it('are stepped by the visit with its buffers, or by the type’s own step', () => {
    expect(starts({})).toEqual(['09:00', '09:30', '10:00', '10:30']);
    const buffered = visit({ bufferBeforeMinutes: 5, bufferAfterMinutes: 10 });
    expect(starts({ visitType: buffered })).toEqual(['09:00', '09:45', '10:30']);
    expect(starts({ visitType: visit({ durationMinutes: 60, stepMinutes: 20 }) })).toEqual([
      '09:00',
      '09:20',
      '09:40',
      '10:00',
    ]);
  });

  it('stand only in openings that admit the type', () => {
    const openings = [opening('09:00', '10:00', [A]), opening('10:00', '11:00', [B]), opening('13:00', '13:30')];
    expect(starts({ openings })).toEqual(['09:00', '09:30', '13:00']);
  });

  it('run through openings that touch, however other types cut them', () => {
    const openings = [
      opening('09:00', '10:00', [A]),
      opening('10:00', '10:30', [A, B]),
      opening('10:30', '12:00', [A]),
    ];
    expect(starts({ openings, visitType: visit({ durationMinutes: 90 }) })).toEqual(['09:00', '10:30']);
  });

  it('leave room for both buffers beside what is taken, and none at the ends of the opening', () => {
    const buffered = visit({ bufferBeforeMinutes: 10, bufferAfterMinutes: 20, stepMinutes: 10 });
    expect(starts({ visitType: buffered, busy: [busy('10:00', '10:10')] })).toEqual([
      '09:00',
      '09:10',
      '10:20',
      '10:30',
    ]);
  });

  it('do not move when a visit of another length is booked', () => {
    expect(starts({ busy: [busy('09:00', '09:20')] })).toEqual(['09:30', '10:00', '10:30']);
  });

  it('use a gap that fits a visit but holds no start of the grid', () => {
    expect(starts({ busy: [busy('09:00', '09:10'), busy('09:45', '10:00')] })).toEqual(['09:10', '10:00', '10:30']);
    const odd = { startsAtMs: busy('09:00', '09:10').startsAtMs, endsAtMs: busy('09:00', '09:10').endsAtMs + 1 };
    expect(starts({ busy: [busy('09:45', '10:00'), odd] })).toEqual(['09:11', '10:00', '10:30']);
  });

  it('are within what was asked for, to the instant', () => {
    const atMs = (time: string) => minuteOf(time) * MINUTE_MS;
    expect(starts({ notBeforeMs: atMs('09:30'), notAfterMs: atMs('10:00') })).toEqual(['09:30', '10:00']);
    expect(starts({ notBeforeMs: atMs('09:30') + 1, notAfterMs: atMs('10:00') - 1 })).toEqual([]);
  });

  const anyVisit = fc.record({
    id: fc.constant(A),
    durationMinutes: fc.integer({ min: 5, max: 120 }),
    bufferBeforeMinutes: fc.integer({ min: 0, max: 30 }),
    bufferAfterMinutes: fc.integer({ min: 0, max: 30 }),
    stepMinutes: fc.oneof(fc.constant(null), fc.integer({ min: 5, max: 180 })),
  });
  const anySpans = fc.array(fc.tuple(fc.nat(1_300), fc.integer({ min: 1, max: 240 })), { maxLength: 6 });
  const anyBusy = anySpans.map((spans) =>
    spans.map(([at, length]) => ({
      startsAtMs: (MIDNIGHT_MINUTE + at) * MINUTE_MS,
      endsAtMs: (MIDNIGHT_MINUTE + at + length) * MINUTE_MS,
    })),
  );
  const anyOpenings = anySpans.map((spans) => {
    const openings: Opening[] = [];
    for (const [gap, length] of spans) {
      const fromMinute = (openings.at(-1)?.[1] ?? MIDNIGHT_MINUTE) + (gap % 90);
      openings.push([fromMinute, fromMinute + length, [[], [A], [A, B], [B]][gap % 4] ?? []]);
    }
    return openings;
  });
  const always = { notBeforeMs: 0, notAfterMs: Number.MAX_SAFE_INTEGER };
  const runs = { seed: 20_261_122, numRuns: 250 };

  it('never overlap, lie within the openings and are free of what is taken (seeded)', () => {
    fc.assert(
      fc.property(anyOpenings, anyVisit, anyBusy, (openings, visitType, taken) => {
        const found = slotStarts({ openings, visitType, busy: taken, ...always });
        const step = visitType.stepMinutes ?? visitType.durationMinutes;
        found.forEach((atMs, index) => {
          const startMinute = atMs / MINUTE_MS;
          const endMinute = startMinute + visitType.durationMinutes;
          for (let minute = startMinute; minute < endMinute; minute++) {
            const at = openings.find(([start, end]) => start <= minute && minute < end);
            expect(at !== undefined && (at[2].length === 0 || at[2].includes(A))).toBe(true);
          }
          for (const { startsAtMs, endsAtMs } of taken) {
            const isFree =
              endMinute + visitType.bufferAfterMinutes <= startsAtMs / MINUTE_MS ||
              startMinute - visitType.bufferBeforeMinutes >= endsAtMs / MINUTE_MS;
            expect(isFree).toBe(true);
          }
          const before = found[index - 1];
          if (before !== undefined) expect(before).toBeLessThan(atMs);
          if (before !== undefined && step >= visitType.durationMinutes)
            expect(before / MINUTE_MS + visitType.durationMinutes).toBeLessThanOrEqual(startMinute);
        });
      }),
      runs,
    );
  });

  it('keep every start of the grid that is not taken, and lose no gap that fits a visit (seeded)', () => {
    fc.assert(
      fc.property(anyOpenings, anyVisit, anyBusy, (openings, visitType, taken) => {
        const found = slotStarts({ openings, visitType, busy: taken, ...always });
        const untaken = slotStarts({ openings, visitType, busy: [], ...always });
        const isFree = (atMs: number) =>
          taken.every(
            ({ startsAtMs, endsAtMs }) =>
              atMs + (visitType.durationMinutes + visitType.bufferAfterMinutes) * MINUTE_MS <= startsAtMs ||
              atMs - visitType.bufferBeforeMinutes * MINUTE_MS >= endsAtMs,
          );
        expect(found).toEqual(expect.arrayContaining(untaken.filter(isFree)));
        const admits = (minute: number) =>
          openings.some(
            ([start, end, ids]) => start <= minute && minute < end && (ids.length === 0 || ids.includes(A)),
          );
        const offered = new Set(found);
        let admitted = 0;
        let [stretch, isOffered] = [0, false];
        // Minute by minute: once a whole visit has fitted before this minute, its start at `atMs` is a candidate.
        const lastMinute = (openings.at(-1)?.[1] ?? MIDNIGHT_MINUTE) + 1;
        for (let minute = MIDNIGHT_MINUTE; minute <= lastMinute; minute++) {
          admitted = admits(minute) ? admitted + 1 : 0;
          const atMs = (minute + 1 - visitType.durationMinutes) * MINUTE_MS;
          const fits = admitted >= visitType.durationMinutes && isFree(atMs);
          if (!fits && stretch > 0) expect(isOffered).toBe(true);
          stretch = fits ? stretch + 1 : 0;
          isOffered = fits && (isOffered || offered.has(atMs));
        }
      }),
      runs,
    );
  });

  it('do not depend on the order of what is taken (seeded)', () => {
    fc.assert(
      fc.property(anyOpenings, anyVisit, anyBusy, (openings, visitType, taken) => {
        const found = slotStarts({ openings, visitType, busy: taken, ...always });
        expect(slotStarts({ openings, visitType, busy: taken.toReversed(), ...always })).toEqual(found);
      }),
      runs,
    );
  });
});
