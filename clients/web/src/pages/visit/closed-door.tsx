import type { EncounterView } from '@bedside/protocol';
import type { JSX } from 'preact';
import { HOME } from '../../routes.ts';
import { me } from '../../session.ts';
import { clockTime, dayName, fromNow, zoneName } from '../../text/time.ts';
import { Frame } from '../../ui/frame.tsx';
import { PhoneLine } from '../../ui/phone-line.tsx';
import { type DoorReason, doorWords } from './door-words.ts';

/** Calm words for a visit that cannot be entered, and a way on. */
export const ClosedDoor = (props: { reason: DoorReason; view?: EncounterView; now?: number }): JSX.Element => {
  const { reason, view, now } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const early = reason === 'visit_too_early' && view && now !== undefined ? view.appointment : undefined;
  const words = doorWords(reason);
  return (
    <Frame narrow>
      <div class="stack door" data-testid="closed-door">
        <h1>{words.title}</h1>
        {early && now !== undefined ? (
          <>
            <p class="door__lead">
              It opens {fromNow(early.opensAt, now, zone)}: {dayName(early.opensAt, now, zone)} at{' '}
              {clockTime(early.opensAt, zone)} ({zoneName(zone)}).
            </p>
            <p class="soft">You can keep this page open. It lets you in by itself when it is time.</p>
          </>
        ) : (
          <p class="door__lead">{words.text}</p>
        )}
        <p>
          <a class="button button--primary" href={HOME}>
            Go to your home page
          </a>
        </p>
        <PhoneLine />
      </div>
    </Frame>
  );
};
