import type { Hold } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { releaseHold } from '../../api/scheduling-api.ts';
import { useTimeLeft } from '../../hooks/use-time-left.ts';
import { me } from '../../session.ts';
import { clockTime, dayAndTime } from '../../text/time.ts';
import { Notice } from '../../ui/notice.tsx';
import { useActing } from '../acting/acting.ts';

/** A time that is still held from before: the page was lost, or another device made it. */
export const HeldBefore = ({ hold, onResume }: { hold: Hold; onResume: () => void }): JSX.Element | null => {
  const zone = me.value?.timeZone ?? 'UTC';
  const acting = useActing();
  const [over, setOver] = useState(false);
  useTimeLeft(hold.expiresAt, () => setOver(true));
  if (over) return null;
  const letGo = () => {
    setOver(true);
    // It ends by itself where this does not arrive.
    void releaseHold(hold).catch(() => undefined);
  };
  return (
    <Notice tone="warm">
      <div class="stack">
        <p>
          <strong>A time is still held for {acting?.displayName ?? 'you'}.</strong>{' '}
          {dayAndTime(hold.startsAt, Date.now(), zone)} with {hold.provider.displayName}, until{' '}
          {clockTime(hold.expiresAt, zone)}.
        </p>
        <div class="row">
          <button type="button" class="button button--primary" data-testid="hold-resume" onClick={onResume}>
            Go on booking it
          </button>
          <button type="button" class="button button--quiet" data-testid="hold-drop" onClick={letGo}>
            Let it go
          </button>
        </div>
      </div>
    </Notice>
  );
};
