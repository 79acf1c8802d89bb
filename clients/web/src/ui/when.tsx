import type { JSX } from 'preact';
import { dayName, readsTheSame, timeRange, zoneName } from '../text/time.ts';
import './when.css';

/** When something is, in the viewer's zone, and in the provider's where that reads differently. */
export const When = (props: {
  startsAt: string;
  endsAt: string;
  zone: string;
  provider: { readonly displayName: string; readonly timeZone: string };
  now: number;
}): JSX.Element => {
  const { startsAt, endsAt, zone, provider, now } = props;
  const theirs = provider.timeZone;
  const sameDay = dayName(startsAt, now, zone) === dayName(startsAt, now, theirs);
  return (
    <div class="when" data-testid="when">
      <p class="when__day">{dayName(startsAt, now, zone)}</p>
      <p class="when__time numeric">{timeRange(startsAt, endsAt, zone)}</p>
      <p class="soft">{zoneName(zone)}</p>
      {!readsTheSame(startsAt, zone, theirs) && (
        <p class="soft small when__theirs" data-testid="when-theirs">
          Where {provider.displayName} is: {!sameDay && `${dayName(startsAt, now, theirs)}, `}
          {timeRange(startsAt, endsAt, theirs)}, {zoneName(theirs)}
        </p>
      )}
    </div>
  );
};
