import { RRuleTemporal } from 'rrule-temporal';
import type { Oracle } from './oracle.ts';

const MINUTE_MS = 60_000;
const compact = (wallMinute: number) =>
  new Date(wallMinute * MINUTE_MS).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');

/** rrule-temporal, with the Temporal it brings along, on the tz database of this Node. */
export const temporalOracle: Oracle = {
  name: 'rrule-temporal',
  occurrences: async (zone, rules) =>
    rules.map(({ startsAt, rrule }) => {
      // It reads an UNTIL without time as the whole of that day in the zone.
      const rule = rrule.replace('T235959', '');
      const found = new RRuleTemporal({
        rruleString: `DTSTART;TZID=${zone}:${compact(startsAt)}\nRRULE:${rule}`,
      }).all();
      return found.map((occurrence): readonly [number, number] => {
        const instant = occurrence.epochMilliseconds / MINUTE_MS;
        return [instant + occurrence.offsetNanoseconds / 1e6 / MINUTE_MS, instant];
      });
    }),
};
