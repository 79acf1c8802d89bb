const MINUTE_MS = 60_000;
/** A demo visit that nobody came to is left alone for so long; then the patient gets another. */
const FORGIVEN_MS = 30 * MINUTE_MS;
/** A visit that has begun can no longer be moved or cancelled: there is time to look at one before it does. */
const LEAD_MS = 10 * MINUTE_MS;

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

/** When on the provider's present day a demo visit could be, on a grid of its duration. */
export const visitTimes = (day: { now: number; timeZone: string; durationMinutes: number }): VisitTimes => {
  const dateOf = localDateFormat(day.timeZone);
  const stepMs = day.durationMinutes * MINUTE_MS;
  const next = Math.ceil((day.now + LEAD_MS) / stepMs) * stepMs;
  const startsAt: number[] = [];
  for (let at = next; dateOf(at) === dateOf(day.now) && at < day.now + 26 * 60 * MINUTE_MS; at += stepMs)
    startsAt.push(at);
  const to = (startsAt.at(-1) ?? next - stepMs) + stepMs;
  for (let at = next - stepMs; at + stepMs > day.now - FORGIVEN_MS && dateOf(at) === dateOf(day.now); at -= stepMs)
    startsAt.push(at);
  return { startsAt: startsAt.map((at) => new Date(at)), from: new Date(day.now - FORGIVEN_MS), to: new Date(to) };
};
