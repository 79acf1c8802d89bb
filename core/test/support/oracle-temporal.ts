import { RRuleTemporal } from 'rrule-temporal';
import type { Occurrences, Oracle, OracleRule } from './oracle.ts';

const MINUTE_MS = 60_000;
const compact = (wallMinute: number) =>
  new Date(wallMinute * MINUTE_MS).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');

const clocks = new Map<string, Intl.DateTimeFormat>();

const clockOf = (timeZone: string): Intl.DateTimeFormat => {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' });
  clocks.set(timeZone, clock);
  return clock;
};

/** Whether the platform's clock shows at each of the instants what is said of it. */
const isConfirmed = (zone: string, occurrences: Occurrences): boolean =>
  occurrences.every(([wall, instant]) => {
    const shown = clockOf(zone).format(instant * MINUTE_MS);
    return shown.replace(', ', 'T') === new Date(wall * MINUTE_MS).toISOString().slice(0, 16);
  });

const occurrencesOf = (zone: string, { startsAt, rrule }: OracleRule): Occurrences => {
  // It reads an UNTIL without time as the whole of that day in the zone.
  const rule = rrule.replace('T235959', '');
  const found = new RRuleTemporal({ rruleString: `DTSTART;TZID=${zone}:${compact(startsAt)}\nRRULE:${rule}` }).all();
  return found.map((occurrence) => {
    const instant = occurrence.epochMilliseconds / MINUTE_MS;
    return [instant + occurrence.offsetNanoseconds / 1e6 / MINUTE_MS, instant];
  });
};

/**
 * rrule-temporal, with the Temporal it brings along, on the tz database of this Node. That Temporal overlooks changes
 * that are taken back within weeks, as Morocco's for Ramadan and Fiji's last summers: where the platform's own clock
 * shows another time, there is no answer.
 */
export const temporalOracle: Oracle = {
  name: 'rrule-temporal',
  occurrences: async (zone, rules) => {
    const answers = rules.map((rule) => occurrencesOf(zone, rule));
    return answers.every((occurrences) => isConfirmed(zone, occurrences)) ? answers : undefined;
  },
};
