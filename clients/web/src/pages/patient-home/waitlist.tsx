import type { WaitlistEntry } from '@bedside/protocol';
import type { JSX } from 'preact';
import { withdrawFromWaitlist } from '../../api/scheduling-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { me } from '../../session.ts';
import { waitlistWords } from '../../text/waitlist.ts';
import { Notice } from '../../ui/notice.tsx';
import { useActing } from '../acting/acting.ts';

/** What this person waits for, and the way out of the line. */
export const Waitlist = (props: {
  entries: readonly WaitlistEntry[];
  now: number;
  onChange: () => void;
}): JSX.Element | null => {
  const zone = me.value?.timeZone ?? 'UTC';
  const acting = useActing();
  const act = useAct();
  if (props.entries.length === 0) return null;
  const leave = ({ id }: WaitlistEntry) =>
    act.run({ id }, (request, how) => withdrawFromWaitlist(request.id, how), props.onChange);
  return (
    <section class="stack" aria-labelledby="waitlist">
      <h2 id="waitlist">Waiting for a time</h2>
      {act.error && <Notice tone="danger">{act.error.message}</Notice>}
      <ul>
        {props.entries.map((entry) => {
          const words = waitlistWords(entry, props.now, zone);
          return (
            <li key={entry.id} class="later__item" data-testid="waitlist-entry">
              <div>
                <p>{words}</p>
                <p class="soft small">
                  {acting ? `${acting.displayName} is` : 'You are'} in line. When a time comes free, it shows at the top
                  of this page.
                </p>
              </div>
              <button
                type="button"
                class="button button--quiet"
                data-testid="waitlist-leave"
                aria-label={`Leave the line: ${words}`}
                onClick={() => void leave(entry)}
              >
                Leave the line
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
};
