/** Words for times. Pure: the instant `nowMs`, the zone and the locale come in. Instants are RFC 3339 strings. */

const LOCALE = 'en-US';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const formatter = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(LOCALE, options);

const ms = (instant: string): number => Date.parse(instant);

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** "2:30 PM" */
export const clockTime = (instant: string, timeZone: string): string =>
  formatter({ hour: 'numeric', minute: '2-digit', timeZone }).format(ms(instant));

/** "Mountain Time", or the offset where the zone has no name of its own. */
export const zoneName = (timeZone: string): string => {
  const parts = formatter({ timeZone, timeZoneName: 'longGeneric' }).formatToParts(0);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
};

/** Calendar day in the zone, `YYYY-MM-DD`. */
export const localDate = (instantMs: number, timeZone: string): string =>
  new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).format(instantMs);

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
