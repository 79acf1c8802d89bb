import type { Provider, Slot, SlotDay } from '@bedside/protocol';
import { localDate } from './time.ts';

/** What is free with one provider on one of the viewer's days, by time. */
export interface ProviderTimes {
  readonly provider: Provider;
  readonly slots: readonly Slot[];
}

/** One of the viewer's days: who is free then, whoever is first at the top. */
export interface FreeDay {
  /** `YYYY-MM-DD` in the viewer's zone. */
  readonly date: string;
  readonly providers: readonly ProviderTimes[];
}

const byStart = (a: Slot, b: Slot): number => Date.parse(a.startsAt) - Date.parse(b.startsAt);

/**
 * Core counts days by the provider's calendar; people read theirs. Puts every time under the viewer's own day, a time
 * that came twice once, days and times in order.
 */
export const freeDays = (days: readonly SlotDay[], timeZone: string): FreeDay[] => {
  const byDate = new Map<string, Map<string, { provider: Provider; slots: Map<string, Slot> }>>();
  for (const { provider, slots } of days) {
    for (const slot of slots) {
      const date = localDate(Date.parse(slot.startsAt), timeZone);
      const providers = byDate.get(date) ?? new Map();
      byDate.set(date, providers);
      const times = providers.get(provider.id) ?? { provider, slots: new Map() };
      providers.set(provider.id, times);
      times.slots.set(slot.startsAt, slot);
    }
  }
  return [...byDate]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([date, providers]) => ({
      date,
      providers: [...providers.values()]
        .map(({ provider, slots }) => ({ provider, slots: [...slots.values()].sort(byStart) }))
        .sort((a, b) => byFirst(a.slots, b.slots)),
    }));
};

const byFirst = ([a]: readonly Slot[], [b]: readonly Slot[]): number => (a && b ? byStart(a, b) : 0);

/** The earliest of all, which the page marks. */
export const firstFree = (days: readonly FreeDay[]): { provider: Provider; slot: Slot } | undefined => {
  const [first] = days[0]?.providers ?? [];
  const [slot] = first?.slots ?? [];
  return first && slot && { provider: first.provider, slot };
};
