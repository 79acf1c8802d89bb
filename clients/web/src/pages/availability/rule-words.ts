/** Availability in plain words. Pure. */
import type { AvailabilityRule } from '@bedside/protocol';
import { clockWords, dateWords, minutesOf, weekdayOf } from '../../text/zoned.ts';
import { type Repeat, repeatOf } from './recurrence.ts';

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/** "Monday", "Monday and Tuesday", "Monday, Tuesday and Friday" */
export const listWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const weekdaysWords = (weekdays: readonly number[]): string => {
  if (weekdays.length === 7) return 'day';
  if (weekdays.join() === '0,1,2,3,4') return 'weekday';
  return listWords(weekdays.map((day) => WEEKDAYS[day] ?? ''));
};

const repeatWords = (repeat: Repeat, startsOn: string, today: string): string => {
  if (repeat.kind === 'once') return `${WEEKDAYS[weekdayOf(startsOn)]}, ${dateWords(startsOn, today)}`;
  if (repeat.kind === 'other') return 'By a rule of its own';
  const days = weekdaysWords(repeat.weekdays);
  if (repeat.everyWeeks === 1) return `Every ${days}`;
  const weeks = repeat.everyWeeks === 2 ? 'Every other week' : `Every ${repeat.everyWeeks} weeks`;
  return `${weeks} on ${days === 'day' ? 'every day' : days === 'weekday' ? 'weekdays' : days}`;
};

/** "9:00 AM – 12:00 PM", and that it ends on the next day where it does. */
export const windowWords = ({ startsAt, endsAt }: Pick<AvailabilityRule, 'startsAt' | 'endsAt'>): string => {
  const [from, to] = [minutesOf(startsAt), minutesOf(endsAt)];
  return `${clockWords(from)} – ${clockWords(to)}${to <= from ? ' the next day' : ''}`;
};

/** "Every Tuesday and Thursday, 9:00 AM – 12:00 PM, from March 1 until June 30" */
export const ruleSentence = (rule: AvailabilityRule, today: string): string => {
  const repeat = repeatOf(rule);
  const from = repeat.kind !== 'once' && rule.startsOn > today ? ` from ${dateWords(rule.startsOn, today)}` : '';
  const until = repeat.kind === 'weekly' && repeat.until ? ` until ${dateWords(repeat.until, today)}` : '';
  return `${repeatWords(repeat, rule.startsOn, today)}, ${windowWords(rule)}${from || until ? ',' : ''}${from}${until}`;
};

const datesWords = (dates: readonly string[], today: string): string =>
  listWords([...dates].sort().map((date) => dateWords(date, today)));

/** What else holds for a rule, a sentence each. Exceptions that are over are not told. */
export const ruleDetails = (
  rule: AvailabilityRule,
  { today, nameOfType }: { today: string; nameOfType: (id: string) => string | undefined },
): string[] => {
  const ahead = (dates: readonly string[]): string[] => dates.filter((date) => date >= today);
  const repeat = repeatOf(rule);
  const types = rule.visitTypeIds.map(nameOfType).filter((name) => name !== undefined);
  return [
    repeat.kind === 'other' && `Rule: ${repeat.rrule}`,
    rule.visitTypeIds.length > 0 &&
      `Only for ${listWords(types.length > 0 ? types : ['visit types that are no more'])}`,
    rule.location !== undefined && `At ${rule.location}`,
    ahead(rule.exdates).length > 0 && `Not on ${datesWords(ahead(rule.exdates), today)}`,
    ahead(rule.rdates).length > 0 && `Also on ${datesWords(ahead(rule.rdates), today)}`,
    rule.kind === 'open' && rule.worksOnHolidays && 'Holidays too',
    rule.effectiveFrom !== undefined &&
      rule.effectiveFrom > today &&
      `In force from ${dateWords(rule.effectiveFrom, today)}`,
    rule.effectiveTo !== undefined && `In force until ${dateWords(rule.effectiveTo, today)}`,
  ].filter((sentence) => sentence !== false);
};

/** Whether nothing of the rule lies ahead. A rule that only core can read is never said to be over. */
export const isPast = (rule: AvailabilityRule, today: string): boolean => {
  const repeat = repeatOf(rule);
  const last = repeat.kind === 'once' ? rule.startsOn : repeat.kind === 'weekly' ? repeat.until : undefined;
  const over = (last !== undefined && last < today) || (rule.effectiveTo !== undefined && rule.effectiveTo < today);
  return over && !rule.rdates.some((date) => date >= today && date <= (rule.effectiveTo ?? date));
};
