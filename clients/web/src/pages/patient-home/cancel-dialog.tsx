import type { Appointment } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { apiErrorOf } from '../../api/http.ts';
import { persist } from '../../api/persist.ts';
import { cancelAppointment } from '../../api/scheduling-api.ts';
import { me, noteSignedOut } from '../../session.ts';
import { dayAndTime } from '../../text/time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/notice.tsx';
import '../../ui/input.css';

const REASON_MAX = 500;

export const CancelDialog = (props: { visit: Appointment; onClose: () => void; onDone: () => void }): JSX.Element => {
  const { visit, onClose, onDone } = props;
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState('');
  const [state, setState] = useState<'asking' | 'sending' | 'lost'>('asking');
  const [key] = useState(() => crypto.randomUUID());
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);
  const zone = me.value?.timeZone ?? 'UTC';
  const cancel = async () => {
    if (state !== 'asking') return;
    setState('sending');
    setProblem('');
    const request = { version: visit.version, reason: reason.trim() };
    try {
      await persist((signal) => cancelAppointment(visit.id, request, { key, signal }), {
        signal: leaving.current.signal,
        onLost: () => setState('lost'),
      });
      onDone();
    } catch (cause) {
      if (leaving.current.signal.aborted) return;
      const error = apiErrorOf(cause);
      noteSignedOut(error);
      setProblem(error.message);
      setState('asking');
    }
  };
  const verb = visit.group ? 'Give the seat back' : 'Cancel the visit';
  return (
    <Dialog
      title={visit.group ? 'Give your seat back?' : 'Cancel this visit?'}
      onClose={onClose}
      actions={
        <>
          <button
            type="button"
            class="button button--danger"
            data-testid="cancel-confirm"
            aria-disabled={state !== 'asking'}
            onClick={() => void cancel()}
          >
            {state === 'asking' ? verb : 'One moment…'}
          </button>
          <button type="button" class="button button--secondary" onClick={onClose}>
            Keep it
          </button>
        </>
      }
    >
      <p>
        {dayAndTime(visit.startsAt, Date.now(), zone)} with {visit.provider.displayName}. Somebody else can then take
        this time.
      </p>
      <label class="field">
        <span class="field__label">Would you tell the clinic why? You do not have to.</span>
        <textarea
          class="input"
          rows={2}
          maxLength={REASON_MAX}
          autocomplete="off"
          value={reason}
          data-testid="cancel-reason"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <p role="status" class="soft small">
        {state === 'lost' && 'The connection is thin. We keep trying.'}
      </p>
      {problem && <Notice tone="danger">{problem}</Notice>}
    </Dialog>
  );
};
