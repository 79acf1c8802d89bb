import type { Appointment, PersonSummary } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { visitPath } from '../../routes.ts';
import { me } from '../../session.ts';
import { zoneName } from '../../text/time.ts';
import { entryOf } from '../../text/visits.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { StepHeading } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { CancelVisit, MarkNoShow } from './end-visit.tsx';
import { MoveVisit } from './move-visit.tsx';
import { isRepeatable, RepeatVisit } from './repeat-visit.tsx';
import { GiveSeatBack, SeatsTaken } from './session-seats.tsx';
import { actsOn, isPresent, statusWords, visitTitle, whenWords } from './visit-words.ts';
import './visit-panel.css';

type Step = 'details' | 'move' | 'repeat' | 'cancel' | 'no-show' | { readonly seatOf: PersonSummary };

interface PanelProps {
  readonly visit: Appointment;
  readonly now: number;
  /** It lies outside the hours of its provider. */
  readonly outside: boolean;
  readonly onClose: () => void;
  /** Something was done; the sentence says what. */
  readonly onDone: (words: string) => void;
}

/** One visit: who, when, how it stands, and what can be done about it. */
export const VisitPanel = ({ visit, now, outside, onClose, onDone }: PanelProps): JSX.Element => {
  const [step, setStep] = useState<Step>('details');
  const back = () => setStep('details');
  return (
    <Dialog title={visitTitle(visit)} wide onClose={onClose}>
      {step === 'details' && <Details visit={visit} now={now} outside={outside} onStep={setStep} onClose={onClose} />}
      {step === 'move' && <MoveVisit visit={visit} now={now} onBack={back} onDone={onDone} />}
      {step === 'repeat' && isRepeatable(visit) && <RepeatVisit visit={visit} onBack={back} onDone={onDone} />}
      {step === 'cancel' && <CancelVisit visit={visit} onBack={back} onDone={onDone} />}
      {typeof step === 'object' && <GiveSeatBack visit={visit} patient={step.seatOf} onBack={back} onDone={onDone} />}
      {step === 'no-show' && <MarkNoShow visit={visit} onBack={back} onDone={onDone} />}
    </Dialog>
  );
};

const Details = (props: {
  visit: Appointment;
  now: number;
  outside: boolean;
  onStep: (step: Step) => void;
  onClose: () => void;
}): JSX.Element => {
  const { visit, now, outside, onStep } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const acts = actsOn(visit, now);
  const belongs = [visit.provider, ...visit.additional].some(({ id }) => id === me.value?.person.id);
  const state = entryOf(visit, now).state;
  return (
    <div class="visit-panel" data-testid="visit-panel">
      <StepHeading>
        <span class={`chip${isPresent(visit) ? ' chip--live' : ''}`} data-testid="visit-status">
          {statusWords(visit)}
        </span>
      </StepHeading>
      {outside && (
        <Notice tone="warm" icon="warning">
          This visit lies outside the open hours. It takes place unless you move or cancel it.
        </Notice>
      )}
      <dl class="facts">
        <dt>When</dt>
        <dd class="numeric">
          {whenWords(visit, now, zone)} <span class="soft">({zoneName(zone)})</span>
        </dd>
        {visit.provider.timeZone !== zone && (
          <>
            <dt>For {visit.provider.displayName}</dt>
            <dd class="numeric">
              {whenWords(visit, now, visit.provider.timeZone)}{' '}
              <span class="soft">({zoneName(visit.provider.timeZone)})</span>
            </dd>
          </>
        )}
        <dt>Visit</dt>
        <dd>
          {visit.visitType.name}, {visit.visitType.durationMinutes} minutes, by {visit.visitType.modality}
        </dd>
        <dt>With</dt>
        <dd>
          {[visit.provider.displayName, ...visit.additional.map((one) => `${one.displayName} (${one.role})`)].join(
            ', ',
          )}
        </dd>
        {visit.group && (
          <>
            <dt>Seats</dt>
            <dd>
              <SeatsTaken group={visit.group} onGiveBack={acts.cancel ? (seatOf) => onStep({ seatOf }) : undefined} />
            </dd>
          </>
        )}
        {visit.seriesId && (
          <>
            <dt>Series</dt>
            <dd>One of several visits that were booked together</dd>
          </>
        )}
      </dl>
      <div class="visit-panel__acts">
        {belongs && state === 'open' && (
          <a class="button button--primary" href={visitPath(visit.encounterId)} data-testid="panel-open-visit">
            Open the visit
          </a>
        )}
        {acts.move && (
          <button
            type="button"
            class="button button--secondary"
            data-testid="panel-move"
            onClick={() => onStep('move')}
          >
            Move
          </button>
        )}
        {isRepeatable(visit) && (
          <button
            type="button"
            class="button button--secondary"
            data-testid="panel-repeat"
            onClick={() => onStep('repeat')}
          >
            Repeat
          </button>
        )}
        {acts.noShow && (
          <button
            type="button"
            class="button button--secondary"
            data-testid="panel-no-show"
            onClick={() => onStep('no-show')}
          >
            Did not come
          </button>
        )}
        {acts.cancel && (
          <button
            type="button"
            class="button button--secondary"
            data-testid="panel-cancel"
            onClick={() => onStep('cancel')}
          >
            {visit.group ? 'Cancel the session' : 'Cancel the visit'}
          </button>
        )}
        <button type="button" class="button button--quiet" data-testid="panel-close" onClick={props.onClose}>
          Close
        </button>
      </div>
    </div>
  );
};
