import fc from 'fast-check';
import { occurrenceDays, parseRecurrence } from '../../src/scheduling/recurrence.ts';
import type { Oracle } from './oracle.ts';

const DAY_MINUTES = 1_440;
const DAY_MS = 86_400_000;
/** Three years and more: each rule is asked for this long, and many happen only now and then. */
const ASKED_DAYS = 1_200;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

/** A rule that core takes, and its first day. */
export interface RuleCase {
  readonly rrule: string;
  readonly startsOnDay: number;
}

const signed = (most: number) => fc.integer({ min: -most, max: most }).filter((number) => number !== 0);
const listOf = (item: fc.Arbitrary<number | string>, maxLength: number) =>
  fc.uniqueArray(item, { minLength: 1, maxLength }).map((items) => items.join(','));
const maybe = (name: string, value: fc.Arbitrary<number | string>) =>
  fc.option(
    value.map((text) => `${name}=${text}`),
    { nil: undefined, freq: 2 },
  );

const weekdays = listOf(fc.constantFrom(...WEEKDAYS), 4);
const numbered = (most: number) =>
  listOf(
    fc.tuple(signed(most), fc.constantFrom(...WEEKDAYS)).map(([ordinal, name]) => `${ordinal}${name}`),
    3,
  );
const months = maybe('BYMONTH', listOf(fc.integer({ min: 1, max: 12 }), 6));
const monthDays = maybe('BYMONTHDAY', listOf(signed(31), 8));

const PARTS = {
  DAILY: [months, monthDays, maybe('BYDAY', weekdays)],
  WEEKLY: [months, maybe('BYDAY', weekdays)],
  MONTHLY: [months, monthDays, maybe('BYDAY', fc.oneof(weekdays, numbered(5)))],
  YEARLY: [
    months,
    monthDays,
    maybe('BYYEARDAY', listOf(signed(366), 5)),
    maybe('BYWEEKNO', listOf(signed(53), 4)),
    maybe('BYDAY', fc.oneof(weekdays, numbered(5), numbered(53))),
  ],
} as const;

const anyRule = fc
  .constantFrom('DAILY' as const, 'WEEKLY' as const, 'MONTHLY' as const, 'YEARLY' as const)
  .chain((frequency) => {
    const parts: readonly fc.Arbitrary<string | undefined>[] = [
      maybe('INTERVAL', fc.integer({ min: 1, max: 4 })),
      maybe('WKST', fc.constantFrom(...WEEKDAYS)),
      maybe('BYSETPOS', listOf(signed(4), 2)),
      ...PARTS[frequency],
    ];
    return fc
      .tuple(...parts)
      .map((chosen) => [`FREQ=${frequency}`, ...chosen].filter((part) => part !== undefined).join(';'));
  });

/** dateutil takes BYSETPOS of a first week from DTSTART on; that week begins with it, so that there is one reading. */
const startOf = (rrule: string, day: number): number => {
  if (!rrule.includes('WEEKLY') || !rrule.includes('BYSETPOS')) return day;
  const weekStart = WEEKDAYS.findIndex((name) => rrule.includes(`WKST=${name}`));
  return day - ((((day + 3) % 7) - Math.max(0, weekStart) + 7) % 7);
};

const isTaken = ({ rrule, startsOnDay }: RuleCase): boolean => {
  try {
    parseRecurrence(rrule, startsOnDay);
    return true;
  } catch {
    return false;
  }
};

/** Rules of every kind that core takes, the same for the same seed. */
export const sampleRules = (options: { seed: number; count: number }): readonly RuleCase[] =>
  fc
    .sample(fc.tuple(anyRule, fc.integer({ min: 18_262, max: 24_000 })), { seed: options.seed, numRuns: options.count })
    .map(([rrule, day]) => ({ rrule, startsOnDay: startOf(rrule, day) }))
    .filter(isTaken);

/**
 * rrule-temporal takes only one of the parts of a year that name days: for FREQ=YEARLY;BYYEARDAY=-162;BYDAY=FR it names
 * Thursdays. Where there are two, §3.3.10 (Note 2 to its table) has the second limit the first, as dateutil does.
 */
export const isReadByTemporal = ({ rrule }: RuleCase): boolean =>
  !rrule.includes('FREQ=YEARLY') ||
  ['BYMONTHDAY', 'BYYEARDAY', 'BYDAY'].filter((part) => rrule.includes(part)).length < 2;

/** Sentences on rules whose days differ from the oracle's. */
export const compareRules = async (oracle: Oracle, cases: readonly RuleCase[]): Promise<readonly string[]> => {
  const dateOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10);
  const answers = await oracle.occurrences(
    'UTC',
    cases.map(({ rrule, startsOnDay }) => ({
      startsAt: startsOnDay * DAY_MINUTES,
      rrule: `${rrule};UNTIL=${dateOf(startsOnDay + ASKED_DAYS).replaceAll('-', '')}T235959`,
    })),
  );
  return cases.flatMap(({ rrule, startsOnDay }, index) => {
    const toDay = startsOnDay + ASKED_DAYS;
    const recurrence = parseRecurrence(rrule, startsOnDay);
    const ours = occurrenceDays({ recurrence, startsOnDay, fromDay: startsOnDay, toDay });
    const theirs = (answers?.[index] ?? []).map(([wall]) => wall / DAY_MINUTES);
    if (ours.join() === theirs.join()) return [];
    const first = [...new Set(ours).symmetricDifference(new Set(theirs))].map(dateOf)[0];
    return [`${dateOf(startsOnDay)} ${rrule}: ${oracle.name} says otherwise of ${first}`];
  });
};
