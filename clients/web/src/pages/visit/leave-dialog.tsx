import type { EncounterView } from '@bedside/protocol';
import type { JSX } from 'preact';
import { Dialog } from '../../ui/dialog.tsx';
import type { VisitModel } from './visit-model.ts';

export const LeaveDialog = (props: { model: VisitModel; view: EncounterView; onClose: () => void }): JSX.Element => {
  const { model, onClose } = props;
  const mayEnd = model.state.value.permissions?.end === true;
  return (
    <Dialog
      title={mayEnd ? 'Leave or end the visit?' : 'Leave the visit?'}
      onClose={onClose}
      actions={
        <>
          {mayEnd && (
            <button type="button" class="button button--danger" data-testid="end-visit" onClick={model.endVisit}>
              End the visit for everyone
            </button>
          )}
          <button
            type="button"
            class={`button ${mayEnd ? 'button--secondary' : 'button--danger'}`}
            data-testid="leave-confirm"
            onClick={model.leave}
          >
            Leave the visit
          </button>
          <button type="button" class="button button--quiet" onClick={onClose}>
            Stay
          </button>
        </>
      }
    >
      <p>
        {mayEnd
          ? 'If you only leave, the others stay and you can come back.'
          : 'You can come back while the visit goes on.'}
      </p>
    </Dialog>
  );
};
