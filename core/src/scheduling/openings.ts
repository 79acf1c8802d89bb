import type { VisitTypeId } from '@bedside/protocol';

/** Milliseconds since the epoch; the end is not part of it. */
export interface Interval {
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/** Whole minutes since 1970-01-01T00:00Z; the end is not part of it. */
export interface MinuteSpan {
  readonly startMinute: number;
  readonly endMinute: number;
}

/**
 * Open time in minutes since 1970-01-01T00:00Z and the visit types it admits, ascending; an empty list admits all. The
 * form of `slot_days.openings`.
 */
export type Opening = readonly [startMinute: number, endMinute: number, visitTypeIds: readonly VisitTypeId[]];

/** What is open on one of the provider's days, in days since 1970-01-01; never empty. */
export interface DayOpenings {
  readonly day: number;
  readonly openings: readonly Opening[];
}

/** One occurrence of an `open` window. Windows over midnight belong to the day on which they start. */
export interface OpenWindow extends MinuteSpan {
  readonly day: number;
  readonly visitTypeIds: readonly VisitTypeId[];
}

const byStart = (one: MinuteSpan, other: MinuteSpan): number => one.startMinute - other.startMinute;

const admittedBy = (windows: readonly OpenWindow[]): readonly VisitTypeId[] => {
  const ids = new Set<VisitTypeId>();
  for (const { visitTypeIds } of windows) {
    if (visitTypeIds.length === 0) return [];
    for (const id of visitTypeIds) ids.add(id);
  }
  return [...ids].sort();
};

const sameTypes = (one: readonly VisitTypeId[], other: readonly VisitTypeId[]): boolean =>
  one.length === other.length && one.every((id, index) => id === other[index]);

/**
 * Cuts overlapping windows into pieces that do not overlap. A piece admits what any of its windows admits and belongs
 * to the earliest of their days, so that no instant is offered on two days.
 */
const piecesOf = (windows: readonly OpenWindow[]): OpenWindow[] => {
  const waiting = windows.toSorted(byStart);
  const pieces: OpenWindow[] = [];
  let open: OpenWindow[] = [];
  let next = 0;
  let startMinute = Number.NEGATIVE_INFINITY;
  while (next < waiting.length || open.length > 0) {
    const upcoming = waiting[next]?.startMinute ?? Number.POSITIVE_INFINITY;
    const endMinute = open.reduce((least, window) => Math.min(least, window.endMinute), upcoming);
    if (open.length > 0 && startMinute < endMinute) {
      const day = open.reduce((least, window) => Math.min(least, window.day), Number.POSITIVE_INFINITY);
      pieces.push({ startMinute, endMinute, day, visitTypeIds: admittedBy(open) });
    }
    startMinute = endMinute;
    open = open.filter((window) => window.endMinute > startMinute);
    for (let window = waiting[next]; window?.startMinute === startMinute; window = waiting[next]) {
      open.push(window);
      next++;
    }
  }
  return pieces;
};

/** Spans as ascending ones that neither overlap nor touch. */
const unionOf = (spans: readonly MinuteSpan[]): MinuteSpan[] => {
  const union: { startMinute: number; endMinute: number }[] = [];
  for (const { startMinute, endMinute } of spans.toSorted(byStart)) {
    const last = union.at(-1);
    if (last !== undefined && startMinute <= last.endMinute) last.endMinute = Math.max(last.endMinute, endMinute);
    else if (startMinute < endMinute) union.push({ startMinute, endMinute });
  }
  return union;
};

/** The pieces without the blocked spans; both ascending, each without overlap. */
const subtract = (pieces: readonly OpenWindow[], blocked: readonly MinuteSpan[]): OpenWindow[] => {
  const left: OpenWindow[] = [];
  let first = 0;
  for (const piece of pieces) {
    while ((blocked[first]?.endMinute ?? Number.POSITIVE_INFINITY) <= piece.startMinute) first++;
    let { startMinute } = piece;
    for (let index = first; startMinute < piece.endMinute; index++) {
      const block = blocked[index];
      const endMinute = Math.min(block?.startMinute ?? piece.endMinute, piece.endMinute);
      if (startMinute < endMinute) left.push({ ...piece, startMinute, endMinute });
      startMinute = endMinute < piece.endMinute && block !== undefined ? block.endMinute : piece.endMinute;
    }
  }
  return left;
};

/**
 * What is left of open windows after the blocked spans, by the day it belongs to, ascending. Canonical: a day's
 * openings ascend, never overlap, and two that touch admit different types; the order of the arguments does not matter.
 */
export const mergeOpenings = (windows: readonly OpenWindow[], blocked: readonly MinuteSpan[]): DayOpenings[] => {
  const days = new Map<number, Opening[]>();
  for (const { day, startMinute, endMinute, visitTypeIds } of subtract(piecesOf(windows), unionOf(blocked))) {
    const openings = days.get(day) ?? [];
    const last = openings.at(-1);
    if (last !== undefined && last[1] === startMinute && sameTypes(last[2], visitTypeIds))
      openings[openings.length - 1] = [last[0], endMinute, visitTypeIds];
    else openings.push([startMinute, endMinute, visitTypeIds]);
    days.set(day, openings);
  }
  return [...days].map(([day, openings]) => ({ day, openings })).sort((one, other) => one.day - other.day);
};
