import type { JSX } from 'preact';
import type { FoundPatient } from '../../api/staff-api.ts';
import { me } from '../../session.ts';
import { clockTime } from '../../text/time.ts';
import { Notice } from '../../ui/notice.tsx';
import { When } from '../../ui/when.tsx';
import type { BookModel, Kept } from '../book/book-model.ts';
import { HoldClock } from '../book/hold-clock.tsx';
import { IntakeForm } from '../book/intake-form.tsx';
import { SubmitButton } from '../book/submit-button.tsx';

/** A time is kept for the patient: until when, the questions of the visit, and the one button. */
export const DeskHeld = (props: { model: BookModel; kept: Kept; patient: FoundPatient }): JSX.Element => {
  const { model, kept, patient } = props;
  const { hold } = kept;
  const zone = me.value?.timeZone ?? 'UTC';
  const busy = model.waiting.value;
  if (kept.over) {
    return (
      <div class="stack" data-testid="hold-over">
        <h1>This time is no longer held.</h1>
        <p>Nothing is booked. The time may well be free still.</p>
        <p>
          <button type="button" class="button button--primary button--large" onClick={() => model.goTo('times')}>
            See free times
          </button>
        </p>
      </div>
    );
  }
  return (
    <div class="stack held" data-testid="held">
      <h1>
        Held for {patient.displayName} until <span class="nowrap">{clockTime(hold.expiresAt, zone)}</span>
      </h1>
      <HoldClock
        expiresAt={hold.expiresAt}
        lagMs={kept.lagMs}
        onOver={() => model.expire()}
        onExtend={hold.extendable ? () => void model.extend() : undefined}
        extending={busy === 'extend'}
      />
      <section class="card" aria-label="What is booked">
        <When startsAt={hold.startsAt} endsAt={hold.endsAt} zone={zone} provider={hold.provider} now={Date.now()} />
        <p class="held__what">
          {hold.visitType.name} with {hold.provider.displayName}
        </p>
      </section>
      <IntakeForm
        questions={hold.visitType.intakeQuestions}
        answers={model.answers.peek()}
        onChange={(answers) => {
          model.answers.value = answers;
        }}
        onSubmit={(answers) => void model.book(answers)}
      >
        {model.problem.value && <Notice tone="danger">{model.problem.value}</Notice>}
        <SubmitButton
          busy={busy === 'book'}
          lost={model.lost.value}
          words="Book this visit"
          busyWords="Booking…"
          testId="book-confirm"
        />
        <p>
          <button type="button" class="button button--quiet" onClick={() => model.goTo('times')}>
            Let it go and see other times
          </button>
        </p>
      </IntakeForm>
    </div>
  );
};
