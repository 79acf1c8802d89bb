import type { JSX } from 'preact';
import { clockThere, dayName, readsTheSame, timeRange, zoneName } from '../text/time.ts';
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
  return (
    <div class="when" data-testid="when">
      <p class="when__day">{dayName(startsAt, now, zone)}</p>
      <p class="when__time numeric">{timeRange(startsAt, endsAt, zone)}</p>
      <p class="soft">{zoneName(zone)}</p>
      {!readsTheSame(startsAt, zone, theirs) && (
        <p class="soft small when__theirs" data-testid="when-theirs">
          {clockThere(startsAt, zone, theirs)} {zoneName(theirs)} where {provider.displayName} is
        </p>
      )}
    </div>
  );
};
