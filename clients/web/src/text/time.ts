/** Words for times. Pure: the instant `nowMs`, the zone and the locale come in. Instants are RFC 3339 strings. */

const LOCALE = 'en-US';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const FORMATTERS_MAX = 100;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one costs a phone a tenth of a millisecond, and a page of free times needs a thousand answers. */
const formatter = (options: Intl.DateTimeFormatOptions, locale = LOCALE): Intl.DateTimeFormat => {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known) return known;
  if (formatters.size >= FORMATTERS_MAX) formatters.clear();
  const made = new Intl.DateTimeFormat(locale, options);
  formatters.set(key, made);
  return made;
};

const ms = (instant: string): number => Date.parse(instant);

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** "2:30 PM" */
export const clockTime = (instant: string, timeZone: string): string =>
  formatter({ hour: 'numeric', minute: '2-digit', timeZone }).format(ms(instant));

/** A day of our time to ask names for: in 1970 half of Europe had no summer time, and zones were called accordingly. */
const NOWADAYS = Date.UTC(2026, 0, 1);

/** "Mountain Time", or the offset where the zone has no name of its own. */
export const zoneName = (timeZone: string): string => {
  const parts = formatter({ timeZone, timeZoneName: 'longGeneric' }).formatToParts(NOWADAYS);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
};

/** Calendar day in the zone, `YYYY-MM-DD`. */
export const localDate = (instantMs: number, timeZone: string): string =>
  formatter({ year: 'numeric', month: '2-digit', day: '2-digit', timeZone }, 'en-CA').format(instantMs);

const dayNumber = (instantMs: number, timeZone: string): number => Date.parse(localDate(instantMs, timeZone)) / DAY_MS;

/** "Today", "Tomorrow", "Thursday, November 26", and with the year when it is another one. */
export const dayName = (instant: string, nowMs: number, timeZone: string): string => {
  const days = dayNumber(ms(instant), timeZone) - dayNumber(nowMs, timeZone);
  if (days === 0) return 'Today';
  if (days === 1) return 'Tomorrow';
  if (days === -1) return 'Yesterday';
  const sameYear = localDate(ms(instant), timeZone).slice(0, 4) === localDate(nowMs, timeZone).slice(0, 4);
  return formatter({
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    ...(!sameYear && { year: 'numeric' }),
    timeZone,
  }).format(ms(instant));
};

/** "in 12 minutes", "in 3 hours", "tomorrow", "in 4 days", "now", "5 minutes ago". */
export const fromNow = (instant: string, nowMs: number, timeZone: string): string => {
  const awayMs = ms(instant) - nowMs;
  const days = dayNumber(ms(instant), timeZone) - dayNumber(nowMs, timeZone);
  if (awayMs >= 12 * HOUR_MS && days === 1) return 'tomorrow';
  if (awayMs >= 12 * HOUR_MS && days > 1) return `in ${plural(days, 'day')}`;
  const minutes = Math.round(Math.abs(awayMs) / MINUTE_MS);
  if (minutes < 1) return 'now';
  const amount = minutes < 90 ? plural(minutes, 'minute') : plural(Math.round(minutes / 60), 'hour');
  return awayMs > 0 ? `in ${amount}` : `${amount} ago`;
};

/** How long somebody has waited: "less than a minute", "4 minutes", "1 hour 5 minutes". */
export const waitedFor = (since: string, nowMs: number): string => {
  const minutes = Math.max(0, Math.floor((nowMs - ms(since)) / MINUTE_MS));
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return plural(minutes, 'minute');
  const rest = minutes % 60;
  return `${plural(Math.floor(minutes / 60), 'hour')}${rest ? ` ${plural(rest, 'minute')}` : ''}`;
};

/** "9:30 AM – 9:50 AM" */
export const timeRange = (from: string, to: string, timeZone: string): string =>
  `${clockTime(from, timeZone)} – ${clockTime(to, timeZone)}`;

/** "Tuesday, March 9 at 3:00 PM", "Today at 3:00 PM". */
export const dayAndTime = (instant: string, nowMs: number, timeZone: string): string =>
  `${dayName(instant, nowMs, timeZone)} at ${clockTime(instant, timeZone)}`;

/** Whether two zones read the same date and time at an instant, whatever they are called. */
export const readsTheSame = (instant: string, zone: string, other: string): boolean =>
  zone === other ||
  (clockTime(instant, zone) === clockTime(instant, other) &&
    localDate(ms(instant), zone) === localDate(ms(instant), other));

/**
 * What another zone reads at an instant, for somebody who reads it in theirs: "9:00 AM", and with the day where it is
 * another one there: "5:00 AM on Monday, November 23".
 */
export const clockThere = (instant: string, zone: string, there: string): string => {
  const clock = clockTime(instant, there);
  if (localDate(ms(instant), zone) === localDate(ms(instant), there)) return clock;
  const day = formatter({ weekday: 'long', month: 'long', day: 'numeric', timeZone: there }).format(ms(instant));
  return `${clock} on ${day}`;
};

/** Until when on a day that is plain from the context: "2:32 PM" today, "tomorrow at 8:15 AM" after midnight. */
export const untilWords = (instant: string, nowMs: number, timeZone: string): string => {
  const day = dayName(instant, nowMs, timeZone);
  if (day === 'Today') return clockTime(instant, timeZone);
  return dayAndTime(instant, nowMs, timeZone).replace(/^Tomorrow/, 'tomorrow');
};

/** "9:41", "0:07"; "0:00" when nothing is left; from an hour on "5 h 36 min". */
export const countdown = (leftMs: number): string => {
  if (leftMs >= HOUR_MS) return `${Math.floor(leftMs / HOUR_MS)} h ${Math.floor((leftMs % HOUR_MS) / MINUTE_MS)} min`;
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};
