const MINUTE_MS = 60_000;
/** A demo visit that nobody came to is left alone for so long; then the patient gets another. */
const FORGIVEN_MS = 30 * MINUTE_MS;
/** A visit that has begun can no longer be moved or cancelled: there is time to look at one before it does. */
const LEAD_MS = 10 * MINUTE_MS;
/** No zone of today is off by less than a quarter of an hour, so that midnight is a multiple of it. */
const GRID_MS = 5 * MINUTE_MS;
const LONGEST_DAY_MS = 26 * 60 * MINUTE_MS;

const localDateFormat = (timeZone: string): ((at: number) => string) => {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  return (at) => format.format(at);
};

export interface VisitTimes {
  /** Starts on the same calendar day as `now`, best first: the next ones, then those that begin any moment or have begun. */
  readonly startsAt: readonly Date[];
  /** Within this time one visit is enough. */
  readonly from: Date;
  readonly to: Date;
}

/**
 * When on the provider's present day a demo visit could be, on a grid of its duration. Where nothing of that is ahead any
 * more, the day ends with one that goes on past midnight: it is of that day and of the next.
 */
export const visitTimes = (day: { now: number; timeZone: string; durationMinutes: number }): VisitTimes => {
  const { now } = day;
  const dateOf = localDateFormat(day.timeZone);
  const today = dateOf(now);
  const isToday = (at: number): boolean => dateOf(at) === today;
  const stepMs = day.durationMinutes * MINUTE_MS;
  const next = Math.ceil((now + LEAD_MS) / stepMs) * stepMs;
  const startsAt: number[] = [];
  for (let at = next; at < now + LONGEST_DAY_MS && isToday(at); at += stepMs) startsAt.push(at);
  let midnight = Math.ceil(((startsAt.at(-1) ?? now) + 1) / GRID_MS) * GRID_MS;
  while (isToday(midnight)) midnight += GRID_MS;
  const latest = startsAt.length === 0 ? midnight - GRID_MS : next - stepMs;
  for (let at = latest; at + stepMs > now - FORGIVEN_MS && isToday(at); at -= stepMs) startsAt.push(at);
  return { startsAt: startsAt.map((at) => new Date(at)), from: new Date(now - FORGIVEN_MS), to: new Date(midnight) };
};
