import type { Appointment, Provider, Slot } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { rescheduleAppointment } from '../../api/scheduling-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { me } from '../../session.ts';
import { zoneName } from '../../text/time.ts';
import { Field, StepHeading } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { REASON_MAX } from './end-visit.tsx';
import { SlotPicker } from './slot-picker.tsx';
import { visitTitle, whenWords } from './visit-words.ts';

/** Another time for the same visit, with the same provider or with anybody who has one. */
export const MoveVisit = (props: {
  visit: Appointment;
  now: number;
  onBack: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { visit, now } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const [anybody, setAnybody] = useState(false);
  const [reason, setReason] = useState('');
  const [picked, setPicked] = useState<{ slot: Slot; provider: Provider }>();
  const [round, setRound] = useState(0);
  const act = useAct();
  const move = async () => {
    if (!picked) return;
    const { slot, provider } = picked;
    await act.run(
      { version: visit.version, reason, startsAt: slot.startsAt, providerId: provider.id },
      (request, how) => rescheduleAppointment(visit.id, request, how),
      (moved) => props.onDone(`The visit of ${visitTitle(visit)} is now ${whenWords(moved, now, zone)}.`),
    );
  };
  return (
    <div class="visit-panel">
      <StepHeading>Move to which time?</StepHeading>
      <p class="soft numeric">Now: {whenWords(visit, now, zone)}</p>
      <label class="check">
        <input
          type="checkbox"
          checked={anybody}
          onChange={(event) => {
            setAnybody(event.currentTarget.checked);
            setPicked(undefined);
          }}
        />
        <span>Show other providers too</span>
      </label>
      <SlotPicker
        filter={{ visitTypeId: visit.visitType.id, ...(!anybody && { providerId: visit.provider.id }) }}
        timeZone={zone}
        now={now}
        round={round}
        picked={picked && `${picked.provider.id} ${picked.slot.startsAt}`}
        onPick={(slot, provider) => {
          act.forget();
          setPicked({ slot, provider });
        }}
      />
      <div class="visit-panel__confirm">
        {act.error && (
          <Notice tone="danger">
            {act.error.message}{' '}
            {(act.error.code === 'slot_taken' || act.error.code === 'slot_unavailable') && (
              <button
                type="button"
                class="button button--quiet"
                onClick={() => {
                  setPicked(undefined);
                  act.forget();
                  setRound(round + 1);
                }}
              >
                Look again
              </button>
            )}
          </Notice>
        )}
        <p aria-live="polite" class="numeric">
          {picked && (
            <>
              <strong>{whenWords(picked.slot, now, zone)}</strong> with {picked.provider.displayName}
              {picked.provider.timeZone !== zone &&
                `, for them ${whenWords(picked.slot, now, picked.provider.timeZone)} (${zoneName(picked.provider.timeZone)})`}
            </>
          )}
        </p>
        {picked && (
          <Field label="Reason (optional)">
            <input
              class="input"
              maxLength={REASON_MAX}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </Field>
        )}
        <div class="visit-panel__acts">
          <button
            type="button"
            class="button button--primary"
            data-testid="panel-confirm"
            disabled={act.busy || !picked}
            onClick={() => void move()}
          >
            {act.busy ? 'Moving…' : 'Move the visit'}
          </button>
          <button type="button" class="button button--quiet" onClick={props.onBack}>
            Leave it where it is
          </button>
        </div>
      </div>
    </div>
  );
};
