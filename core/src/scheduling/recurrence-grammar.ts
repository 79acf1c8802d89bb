import { AppError } from '@bedside/protocol';

export const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY'] as const;
export type Frequency = (typeof FREQUENCIES)[number];
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

/** The longest rule that is read, in characters, as the database has it. */
const MAX_LENGTH = 500;
const MAX_INTERVAL = 1_000;
const MAX_COUNT = 1_000;
const DAY_MS = 86_400_000;

/** `ordinal` picks one of the period: 2 the second, -1 the last; undefined takes them all. */
export interface RecurrenceWeekday {
  /** ISO 8601, Monday is 1. */
  readonly weekday: number;
  readonly ordinal: number | undefined;
}

/** A RECUR of RFC 5545 §3.3.10 by whole days. A list is empty where its part is absent. */
export interface Recurrence {
  /** As it is stored: upper case, without `RRULE:`. */
  readonly text: string;
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count: number | undefined;
  /** The last day on which it may happen, in days since 1970-01-01. */
  readonly untilDay: number | undefined;
  readonly months: readonly number[];
  readonly monthDays: readonly number[];
  readonly yearDays: readonly number[];
  readonly weekNumbers: readonly number[];
  readonly weekdays: readonly RecurrenceWeekday[];
  readonly positions: readonly number[];
  /** ISO 8601 weekday on which a week begins. */
  readonly weekStart: number;
}

export const refused = (detail: string): AppError => new AppError('bad_request', { detail: `rrule: ${detail}` });

const REFUSED_PARTS: Readonly<Record<string, string>> = {
  BYHOUR: 'leave out BYHOUR; the time of day is the window’s own start and end.',
  BYMINUTE: 'leave out BYMINUTE; the time of day is the window’s own start and end.',
  BYSECOND: 'leave out BYSECOND; the time of day is the window’s own start and end.',
  DTSTART: 'leave out DTSTART; the first day is the field startsOn.',
  TZID: 'leave out TZID; the zone is the provider’s own.',
};

const PART_NAMES = [
  'FREQ',
  'INTERVAL',
  'COUNT',
  'UNTIL',
  'BYMONTH',
  'BYMONTHDAY',
  'BYYEARDAY',
  'BYWEEKNO',
  'BYDAY',
  'BYSETPOS',
  'WKST',
] as const;
type PartName = (typeof PART_NAMES)[number];
type Parts = ReadonlyMap<PartName, string>;

const isPartName = (name: string): name is PartName => (PART_NAMES as readonly string[]).includes(name);

const splitParts = (text: string): Parts => {
  const parts = new Map<PartName, string>();
  for (const part of text.split(';')) {
    const [, name = '', value = ''] = /^([A-Z-]+)=(.+)$/.exec(part) ?? [];
    const advice = Object.hasOwn(REFUSED_PARTS, name) ? REFUSED_PARTS[name] : undefined;
    if (advice !== undefined) throw refused(advice);
    if (!isPartName(name))
      throw refused(`must be parts such as FREQ=WEEKLY;BYDAY=MO,TU, each one of ${PART_NAMES.join(', ')}.`);
    if (parts.has(name)) throw refused(`${name} must stand there once.`);
    parts.set(name, value);
  }
  return parts;
};

interface Bounds {
  readonly max: number;
  readonly negative: boolean;
}

const LIST_BOUNDS = {
  BYMONTH: { max: 12, negative: false },
  BYMONTHDAY: { max: 31, negative: true },
  BYYEARDAY: { max: 366, negative: true },
  BYWEEKNO: { max: 53, negative: true },
  BYSETPOS: { max: 366, negative: true },
} as const satisfies Partial<Record<PartName, Bounds>>;

const requireDistinct = (name: PartName, values: readonly (number | string)[]): void => {
  if (new Set(values).size < values.length) throw refused(`${name} must not name anything twice.`);
};

const numberList = (parts: Parts, name: keyof typeof LIST_BOUNDS): readonly number[] => {
  const value = parts.get(name);
  if (value === undefined) return [];
  const { max, negative }: Bounds = LIST_BOUNDS[name];
  const numbers = value.split(',').map((item) => (/^[+-]?\d{1,3}$/.test(item) ? Number(item) : Number.NaN));
  if (!numbers.every((number) => Math.abs(number) >= 1 && Math.abs(number) <= max && (negative || number > 0)))
    throw refused(
      `${name} must list whole numbers from 1 to ${max}${negative ? ' or -1 to -' : ''}${negative ? max : ''}.`,
    );
  requireDistinct(name, numbers);
  return numbers;
};

const wholeNumber = (parts: Parts, name: 'INTERVAL' | 'COUNT', max: number): number | undefined => {
  const value = parts.get(name);
  if (value === undefined) return undefined;
  const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= 1 && number <= max)) throw refused(`${name} must be a whole number from 1 to ${max}.`);
  return number;
};

const weekdayNumber = (name: string): number => (WEEKDAYS as readonly string[]).indexOf(name) + 1;

const weekdayList = (value: string | undefined): readonly RecurrenceWeekday[] => {
  if (value === undefined) return [];
  const items = value.split(',');
  const weekdays = items.map((item) => {
    const [, ordinal, name = ''] = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(item) ?? [];
    const weekday = weekdayNumber(name);
    if (weekday === 0 || (ordinal !== undefined && Number(ordinal) === 0))
      throw refused('BYDAY must list weekdays such as MO, 2TU or -1FR.');
    return { weekday, ordinal: ordinal === undefined ? undefined : Number(ordinal) };
  });
  requireDistinct(
    'BYDAY',
    weekdays.map(({ weekday, ordinal }) => `${ordinal ?? ''} ${weekday}`),
  );
  return weekdays;
};

const weekStartOf = (value: string | undefined): number => {
  const weekday = value === undefined ? 1 : weekdayNumber(value);
  if (weekday === 0) throw refused('WKST must be one weekday such as MO.');
  return weekday;
};

/**
 * A date alone: DTSTART is a date here, and UNTIL has DTSTART's type (§3.3.10). An instant is refused rather than read
 * in the provider's zone: the day it means would move when the provider does.
 */
const untilDayOf = (value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  const [, year = '', month = '', day = ''] = /^(\d{4})(\d{2})(\d{2})$/.exec(value) ?? [];
  const iso = `${year}-${month}-${day}`;
  const atMs = Date.parse(`${iso}T00:00:00Z`);
  if (Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 10) !== iso)
    throw refused('UNTIL must be the last day, as a date such as 20271231 without a time.');
  return atMs / DAY_MS;
};

type Rule = Omit<Recurrence, 'text'>;

const requireOrdinals = ({ frequency, weekdays, weekNumbers, months }: Rule): void => {
  const ordinals = weekdays.flatMap(({ ordinal }) => (ordinal === undefined ? [] : [Math.abs(ordinal)]));
  if (ordinals.length === 0) return;
  if (frequency === 'WEEKLY' || frequency === 'DAILY')
    throw refused(`BYDAY must be plain weekdays such as MO with FREQ=${frequency}.`);
  // Some read MO,1TU as either, some as both at once.
  if (ordinals.length < weekdays.length)
    throw refused('BYDAY must have a number before each of its weekdays or before none.');
  if (Math.max(...ordinals) > (frequency === 'YEARLY' && months.length === 0 ? 53 : 5))
    throw refused('BYDAY must count up to 5 in a month and up to 53 in a year.');
  if (weekNumbers.length > 0) throw refused('BYDAY must be plain weekdays such as MO with BYWEEKNO.');
};

/** What §3.3.10 rules out, and what is read in two ways in the wild. */
const requireSense = (rule: Rule): void => {
  const { frequency, weekdays, weekNumbers, months, monthDays, yearDays } = rule;
  if (rule.count !== undefined && rule.untilDay !== undefined) throw refused('must have COUNT or UNTIL, not both.');
  requireOrdinals(rule);
  if (frequency === 'WEEKLY' && monthDays.length > 0)
    throw refused('BYMONTHDAY must not stand with FREQ=WEEKLY; take FREQ=MONTHLY.');
  if (frequency !== 'YEARLY' && yearDays.length > 0) throw refused('BYYEARDAY must stand with FREQ=YEARLY.');
  if (frequency !== 'YEARLY' && weekNumbers.length > 0) throw refused('BYWEEKNO must stand with FREQ=YEARLY.');
  // Some take the weekday of the first day, some the whole week.
  if (weekNumbers.length > 0 && weekdays.length === 0)
    throw refused('BYWEEKNO must stand with BYDAY, which names the days of that week.');
  const pickable = [weekdays, weekNumbers, months, monthDays, yearDays];
  if (rule.positions.length > 0 && pickable.every((list) => list.length === 0))
    throw refused('BYSETPOS must stand with another part such as BYDAY, of which it picks.');
};

const frequencyOf = (value: string | undefined): Frequency => {
  const frequency = FREQUENCIES.find((name) => name === value);
  if (frequency === undefined) throw refused('FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY.');
  return frequency;
};

/**
 * Reads a RECUR, with or without `RRULE:`, in any case of letters. Says nothing of whether it ever happens. Errors:
 * `bad_request`, whose detail names the part and the fix.
 */
export const readRecurrence = (text: string): Recurrence => {
  if (text.length > MAX_LENGTH) throw refused(`must have at most ${MAX_LENGTH} characters.`);
  const canonical = text.toUpperCase().replace(/^RRULE:/, '');
  const parts = splitParts(canonical);
  const recurrence = {
    frequency: frequencyOf(parts.get('FREQ')),
    interval: wholeNumber(parts, 'INTERVAL', MAX_INTERVAL) ?? 1,
    count: wholeNumber(parts, 'COUNT', MAX_COUNT),
    untilDay: untilDayOf(parts.get('UNTIL')),
    months: numberList(parts, 'BYMONTH'),
    monthDays: numberList(parts, 'BYMONTHDAY'),
    yearDays: numberList(parts, 'BYYEARDAY'),
    weekNumbers: numberList(parts, 'BYWEEKNO'),
    weekdays: weekdayList(parts.get('BYDAY')),
    positions: numberList(parts, 'BYSETPOS'),
    weekStart: weekStartOf(parts.get('WKST')),
  };
  requireSense(recurrence);
  return { text: canonical, ...recurrence };
};
