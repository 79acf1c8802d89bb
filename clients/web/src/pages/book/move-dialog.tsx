import type { Appointment, Provider, Slot } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type ApiError, isLost } from '../../api/http.ts';
import { rescheduleAppointment } from '../../api/scheduling-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { me } from '../../session.ts';
import { dayAndTime } from '../../text/time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/notice.tsx';
import { When } from '../../ui/when.tsx';
import { useActing } from '../acting/acting.ts';

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
  const acting = useActing();
  const now = Date.now();
  const act = useAct();
  const lost = act.error && isLost(act.error) ? act.error : undefined;
  // What was lost may be asked again with the same key; a refusal is final for this time.
  useEffect(() => {
    if (act.error && !lost) props.onRefused(act.error);
  }, [act.error]);
  const move = () =>
    act.run(
      {
        version: visit.version,
        reason: '',
        startsAt: slot.startsAt,
        ...(provider.id !== visit.provider.id && { providerId: provider.id }),
      },
      (request, how) => rescheduleAppointment(visit.id, request, how),
      props.onMoved,
    );
  return (
    <Dialog
      title={acting ? `Move the visit of ${acting.displayName} to this time?` : 'Move your visit to this time?'}
      onClose={props.onClose}
      actions={
        <>
          <button
            type="button"
            class="button button--primary"
            data-testid="move-confirm"
            aria-disabled={act.busy}
            onClick={() => void move()}
          >
            {act.busy ? 'Moving…' : 'Move the visit'}
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
        {act.lost && 'The connection is thin. We keep trying, and nothing is done twice.'}
      </p>
      {lost && <Notice tone="danger">{lost.message}</Notice>}
    </Dialog>
  );
};
