import type { Slot } from '@bedside/protocol';
import { localDate } from './time.ts';

/** Slots by calendar day of the viewer's own zone, both in order of time. */
export const groupByDay = (slots: readonly Slot[], timeZone: string): { date: string; slots: Slot[] }[] => {
  const days = new Map<string, Slot[]>();
  for (const slot of [...slots].sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt))) {
    const date = localDate(Date.parse(slot.startsAt), timeZone);
    days.set(date, [...(days.get(date) ?? []), slot]);
  }
  return [...days].map(([date, those]) => ({ date, slots: those }));
};
