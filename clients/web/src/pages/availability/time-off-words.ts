import type { TimeOff } from '@bedside/protocol';
import { clockTime, dayName } from '../../text/time.ts';
import { isoInstant, wallClock } from '../../text/zoned.ts';

/** "Thursday, December 24 – Friday, January 1" for whole days, with the times else. */
export const timeOffWords = ({ startsAt, endsAt }: Omit<TimeOff, 'id'>, now: number, timeZone: string): string => {
  const wholeDays = [startsAt, endsAt].every((at) => wallClock(Date.parse(at), timeZone).minutes === 0);
  if (wholeDays) {
    const first = dayName(startsAt, now, timeZone);
    const last = dayName(isoInstant(Date.parse(endsAt) - 60_000), now, timeZone);
    return first === last ? first : `${first} – ${last}`;
  }
  const [from, to] = [startsAt, endsAt].map((at) => ({
    day: dayName(at, now, timeZone),
    time: clockTime(at, timeZone),
  }));
  return from?.day === to?.day
    ? `${from?.day}, ${from?.time} – ${to?.time}`
    : `${from?.day}, ${from?.time} – ${to?.day}, ${to?.time}`;
};
