import type { Appointment, Provider, Slot } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/http.ts';
import { persist } from '../../api/persist.ts';
import { rescheduleAppointment } from '../../api/scheduling-api.ts';
import { me, noteSignedOut } from '../../session.ts';
import { dayAndTime } from '../../text/time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/notice.tsx';
import { When } from '../../ui/when.tsx';

/** From one time to the other, and the one button. */
export const MoveDialog = (props: {
  visit: Appointment;
  provider: Provider;
  slot: Slot;
  onClose: () => void;
  onMoved: (visit: Appointment) => void;
  onRefused: (error: ApiError) => void;
}): JSX.Element => {
  const { visit, provider, slot } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const now = Date.now();
  const [state, setState] = useState<'asking' | 'sending' | 'lost'>('asking');
  const [problem, setProblem] = useState('');
  const [key] = useState(() => crypto.randomUUID());
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);

  const move = async () => {
    if (state !== 'asking') return;
    setState('sending');
    setProblem('');
    const request = {
      version: visit.version,
      reason: '',
      startsAt: slot.startsAt,
      ...(provider.id !== visit.provider.id && { providerId: provider.id }),
    };
    try {
      const moved = await persist((signal) => rescheduleAppointment(visit.id, request, { key, signal }), {
        signal: leaving.current.signal,
        onLost: () => setState('lost'),
      });
      props.onMoved(moved);
    } catch (cause) {
      if (leaving.current.signal.aborted) return;
      const error = apiErrorOf(cause);
      noteSignedOut(error);
      setState('asking');
      // What was lost may be asked again with the same key; a refusal is final for this time.
      if (error.code === 'unreachable' || error.code === 'unavailable') setProblem(error.message);
      else props.onRefused(error);
    }
  };
  return (
    <Dialog
      title="Move your visit to this time?"
      onClose={props.onClose}
      actions={
        <>
          <button
            type="button"
            class="button button--primary"
            data-testid="move-confirm"
            aria-disabled={state !== 'asking'}
            onClick={() => void move()}
          >
            {state === 'asking' ? 'Move the visit' : 'Moving…'}
          </button>
          <button type="button" class="button button--secondary" onClick={props.onClose}>
            Keep it as it is
          </button>
        </>
      }
    >
      <When startsAt={slot.startsAt} endsAt={slot.endsAt} zone={zone} provider={provider} now={now} />
      <p>
        {visit.visitType.name} with {provider.displayName}, in the place of {dayAndTime(visit.startsAt, now, zone)}
        {provider.id !== visit.provider.id && ` with ${visit.provider.displayName}`}.
      </p>
      <p role="status" class="soft small">
        {state === 'lost' && 'The connection is thin. We keep trying, and nothing is done twice.'}
      </p>
      {problem && <Notice tone="danger">{problem}</Notice>}
    </Dialog>
  );
};
