/** Calendar dates and wall clocks of a zone, for pages that lay out days. Pure. Dates are `YYYY-MM-DD`, times `HH:MM`. */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
export const DAY_MINUTES = 1440;

const formatters = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATTERS = 50;

const formatterOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  });
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  formatters.set(timeZone, made);
  return made;
};

export interface WallClock {
  readonly date: string;
  /** Since midnight as the clock on the wall reads, 0 to 1439. */
  readonly minutes: number;
}

/** What calendar and clock say in the zone. */
export const wallClock = (instantMs: number, timeZone: string): WallClock => {
  const parts = Object.fromEntries(
    formatterOf(timeZone)
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, value]),
  );
  return {
    date: `${parts.year}-${parts.month}-${parts.day}`,
    minutes: Number(parts.hour) * 60 + Number(parts.minute),
  };
};

const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

export const addDays = (date: string, days: number): string =>
  new Date((dayNumber(date) + days) * DAY_MS).toISOString().slice(0, 10);

export const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from);

/** 0 Monday … 6 Sunday. 1970-01-01 was a Thursday. */
export const weekdayOf = (date: string): number => (((dayNumber(date) + 3) % 7) + 7) % 7;

/** The seven dates of the week that holds the date, from Sunday. */
export const weekOf = (date: string): string[] => {
  const sunday = addDays(date, -((weekdayOf(date) + 1) % 7));
  return [0, 1, 2, 3, 4, 5, 6].map((days) => addDays(sunday, days));
};

export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** `HH:MM`; 1440 is `24:00`. */
export const timeOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/**
 * When the clock on the wall reads so, in ms. Of a reading that comes twice the first; a reading in the gap of a clock
 * change is read with the offset before it (RFC 5545 §3.3.5).
 */
export const instantOf = (date: string, time: string, timeZone: string): number => {
  const asUtc = dayNumber(date) * DAY_MS + minutesOf(time) * MINUTE_MS;
  const offsetAt = (instantMs: number): number => {
    const { date: there, minutes } = wallClock(instantMs, timeZone);
    return dayNumber(there) * DAY_MS + minutes * MINUTE_MS - instantMs;
  };
  const before = asUtc - offsetAt(asUtc - DAY_MS);
  const after = asUtc - offsetAt(asUtc + DAY_MS);
  const reads = (instantMs: number): boolean => instantMs + offsetAt(instantMs) === asUtc;
  const readings = [before, after].filter(reads);
  return readings.length > 0 ? Math.min(...readings) : before;
};

export const isoInstant = (instantMs: number): string => new Date(instantMs).toISOString();

const DATE_WORDS = new Intl.DateTimeFormat('en-US', { month: 'long', day: 'numeric', timeZone: 'UTC' });
const DATE_WITH_YEAR = new Intl.DateTimeFormat('en-US', {
  month: 'long',
  day: 'numeric',
  year: 'numeric',
  timeZone: 'UTC',
});
const SHORT_DATE = new Intl.DateTimeFormat('en-US', {
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  timeZone: 'UTC',
});
const CLOCK = new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' });

/** "March 1", and "March 1, 2027" where it is of another year than `today`. */
export const dateWords = (date: string, today: string): string =>
  (date.slice(0, 4) === today.slice(0, 4) ? DATE_WORDS : DATE_WITH_YEAR).format(dayNumber(date) * DAY_MS);

/** "Tue, Nov 24" */
export const shortDate = (date: string): string => SHORT_DATE.format(dayNumber(date) * DAY_MS);

/** "9:00 AM" of minutes since midnight; 1440 is midnight again. */
export const clockWords = (minutes: number): string => CLOCK.format((minutes % DAY_MINUTES) * MINUTE_MS);

/** "November 22 – 28", "November 29 – December 5", "December 27, 2026 – January 2, 2027". */
export const weekWords = (dates: readonly string[]): string => {
  const first = dates[0] ?? '';
  const last = dates.at(-1) ?? '';
  if (first.slice(0, 4) !== last.slice(0, 4)) return `${dateWords(first, '')} – ${dateWords(last, '')}`;
  if (first.slice(0, 7) === last.slice(0, 7)) return `${dateWords(first, first)} – ${Number(last.slice(8))}`;
  return `${dateWords(first, first)} – ${dateWords(last, last)}`;
};
