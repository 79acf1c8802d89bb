import type { Appointment } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { cancelAppointment } from '../../api/scheduling-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { me } from '../../session.ts';
import { dayAndTime } from '../../text/time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/notice.tsx';
import { useActing } from '../acting/acting.ts';
import '../../ui/input.css';

const REASON_MAX = 500;

export const CancelDialog = (props: { visit: Appointment; onClose: () => void; onDone: () => void }): JSX.Element => {
  const { visit, onClose, onDone } = props;
  const [reason, setReason] = useState('');
  const acting = useActing();
  const act = useAct();
  const zone = me.value?.timeZone ?? 'UTC';
  const cancel = () =>
    act.run(
      {
        version: visit.version,
        reason: reason.trim(),
        // Whose page it is: of a session's seats theirs, whoever else sits there.
        ...(visit.group && visit.patient && { patientId: visit.patient.id }),
      },
      (request, how) => cancelAppointment(visit.id, request, how),
      onDone,
    );
  const verb = visit.group ? 'Give the seat back' : 'Cancel the visit';
  return (
    <Dialog
      title={visit.group ? `Give ${acting ? 'the' : 'your'} seat back?` : 'Cancel this visit?'}
      onClose={onClose}
      actions={
        <>
          <button
            type="button"
            class="button button--danger"
            data-testid="cancel-confirm"
            aria-disabled={act.busy}
            onClick={() => void cancel()}
          >
            {act.busy ? 'One moment…' : verb}
          </button>
          <button type="button" class="button button--secondary" onClick={onClose}>
            Keep it
          </button>
        </>
      }
    >
      <p>
        {acting && `For ${acting.displayName}: `}
        {dayAndTime(visit.startsAt, Date.now(), zone)} with {visit.provider.displayName}. Somebody else can then take
        this {visit.group ? 'seat' : 'time'}.
      </p>
      {!visit.group && (
        <label class="field">
          <span class="field__label">Would you tell the clinic why? You do not have to.</span>
          <textarea
            class="input"
            rows={2}
            maxLength={REASON_MAX}
            value={reason}
            data-testid="cancel-reason"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
      )}
      <p role="status" class="soft small">
        {act.lost && 'The connection is thin. We keep trying.'}
      </p>
      {act.error && <Notice tone="danger">{act.error.message}</Notice>}
    </Dialog>
  );
};
