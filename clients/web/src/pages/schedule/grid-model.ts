/** How a day is laid out beside its hours. Pure; minutes are of the wall clock of the zone shown. */

import { DAY_MINUTES, wallClock } from '../../text/zoned.ts';

interface Span {
  readonly startsAt: string;
  readonly endsAt: string;
}

export interface Placed<Item> {
  readonly item: Item;
  readonly from: number;
  readonly to: number;
}

/** Visits shorter than this are drawn as long as this, so that they can be read and hit. */
const MIN_DRAWN_MINUTES = 18;

/**
 * What of the spans falls on the date, by start. Where a clock is set back an end may read earlier than its start; it is
 * then drawn by its length.
 */
export const placeOn = <Item extends Span>(
  items: readonly Item[],
  { date, timeZone }: { date: string; timeZone: string },
): Placed<Item>[] =>
  items
    .flatMap((item) => {
      const start = wallClock(Date.parse(item.startsAt), timeZone);
      const end = wallClock(Date.parse(item.endsAt), timeZone);
      if (start.date > date || end.date < date || (end.date === date && end.minutes === 0)) return [];
      const from = start.date < date ? 0 : start.minutes;
      const to = end.date > date ? DAY_MINUTES : end.minutes;
      const lengthMinutes = (Date.parse(item.endsAt) - Date.parse(item.startsAt)) / 60_000;
      return [{ item, from, to: to > from ? to : Math.min(DAY_MINUTES, from + lengthMinutes) }];
    })
    .sort((a, b) => a.from - b.from || a.to - b.to);

export interface Laned<Item> extends Placed<Item> {
  readonly lane: number;
  /** Lanes side by side where it stands. */
  readonly lanes: number;
}

/** Puts what overlaps side by side. Takes them by start. */
export const intoLanes = <Item>(placed: readonly Placed<Item>[]): Laned<Item>[] => {
  const laned: Laned<Item>[] = [];
  let cluster: { placed: Placed<Item>; lane: number }[] = [];
  let ends: number[] = [];
  const close = (): void => {
    for (const { placed: one, lane } of cluster) laned.push({ ...one, lane, lanes: ends.length });
    cluster = [];
    ends = [];
  };
  for (const one of placed) {
    if (ends.length > 0 && ends.every((end) => end <= one.from)) close();
    const free = ends.findIndex((end) => end <= one.from);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = Math.max(one.to, one.from + MIN_DRAWN_MINUTES);
    cluster.push({ placed: one, lane });
  }
  close();
  return laned;
};

/** Whole hours that hold everything, and at least the usual working day. */
export const hoursAround = (placed: readonly { from: number; to: number }[]): { from: number; to: number } => {
  const from = Math.min(8 * 60, ...placed.map((one) => one.from));
  const to = Math.max(18 * 60, ...placed.map((one) => one.to));
  return { from: Math.floor(from / 60) * 60, to: Math.ceil(to / 60) * 60 };
};

/** Whether no opening that admits the visit's type holds it. */
export const isOutside = (
  visit: Span & { readonly visitType: { readonly id: string } },
  open: readonly (Span & { readonly visitTypeIds: readonly string[] })[],
): boolean => {
  // Openings that touch and admit the type are one to whoever sits in them.
  const admitting = open
    .filter(({ visitTypeIds }) => visitTypeIds.length === 0 || visitTypeIds.includes(visit.visitType.id))
    .sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
  let covered = Date.parse(visit.startsAt);
  for (const { startsAt, endsAt } of admitting) {
    if (Date.parse(startsAt) <= covered) covered = Math.max(covered, Date.parse(endsAt));
  }
  return covered < Date.parse(visit.endsAt);
};
