import type { EncounterView } from '@bedside/protocol';
import type { VisitEnd } from '@bedside/sdk';
import type { JSX } from 'preact';
import { useNow } from '../../hooks/use-now.ts';
import { HOME } from '../../routes.ts';
import { entryOf } from '../../text/visits.ts';
import { Frame } from '../../ui/frame.tsx';
import { PhoneLine } from '../../ui/phone-line.tsx';
import { afterWords } from './after-words.ts';
import { ClosedDoor } from './closed-door.tsx';

export const AfterVisit = (props: {
  end: VisitEnd | undefined;
  view: EncounterView;
  onRejoin?: () => void;
}): JSX.Element => {
  const { end, view, onRejoin } = props;
  const now = useNow();
  if (end?.kind === 'refused') {
    return <ClosedDoor reason={end.code} view={view} now={now} />;
  }
  const words = afterWords({ end, role: view.role, provider: view.appointment.provider.displayName });
  const goesOn = onRejoin !== undefined && end?.kind !== 'ended' && entryOf(view.appointment, now).state === 'open';
  return (
    <Frame narrow>
      <div class="stack door" data-testid="after-visit" data-end={end?.kind}>
        <h1>{words.title}</h1>
        <p class="door__lead">{words.text}</p>
        <div class="row">
          {goesOn && (
            <button type="button" class="button button--primary" data-testid="rejoin" onClick={onRejoin}>
              {words.rejoin}
            </button>
          )}
          <a class={`button ${goesOn ? 'button--secondary' : 'button--primary'}`} href={HOME}>
            {view.role === 'provider' ? 'Back to your day' : 'Go to your home page'}
          </a>
        </div>
        {view.role === 'patient' && <PhoneLine words="Questions afterwards? Call" />}
      </div>
    </Frame>
  );
};
