import type { JSX } from 'preact';
import { useTimeLeft } from '../../hooks/use-time-left.ts';
import { me } from '../../session.ts';
import { countdown, dayName, timeRange, untilWords } from '../../text/time.ts';
import type { Offered } from '../../text/waitlist.ts';
import { useActing, usePatientPaths } from '../acting/acting.ts';

/** Times that came free for this person. Told to a screen reader when they come; the seconds are for the eye. */
export const Offers = (props: { offers: readonly Offered[]; now: number; onOver: () => void }): JSX.Element => (
  <div role="status" class={props.offers.length > 0 ? 'offers' : undefined}>
    {props.offers.map((entry) => (
      <OfferCard key={`${entry.id} ${entry.offer.startsAt}`} entry={entry} now={props.now} onOver={props.onOver} />
    ))}
  </div>
);

const OfferCard = ({ entry, now, onOver }: { entry: Offered; now: number; onOver: () => void }): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const acting = useActing();
  const { offer: offerPath } = usePatientPaths();
  const { offer } = entry;
  const leftMs = useTimeLeft(offer.expiresAt, onOver);
  return (
    <section class="offer" data-testid="offer-card">
      <div>
        <h2>A time is free for {acting?.displayName ?? 'you'}.</h2>
        <p>
          {dayName(offer.startsAt, now, zone)}, {timeRange(offer.startsAt, offer.endsAt, zone)}, with{' '}
          {offer.provider.displayName}. {acting ? 'It can be taken' : 'It is yours to take'} until{' '}
          <span class="nowrap">{untilWords(offer.expiresAt, now, zone)}</span>
          <span class="numeric" aria-hidden="true">
            {' '}
            ({countdown(leftMs)})
          </span>
          .
        </p>
      </div>
      <a class="button button--primary" href={offerPath(entry.id)} data-testid="offer-open">
        Take it or pass
      </a>
    </section>
  );
};
