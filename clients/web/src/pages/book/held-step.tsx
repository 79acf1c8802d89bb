import type { IntakeAnswers } from '@bedside/protocol';
import type { JSX } from 'preact';
import { me } from '../../session.ts';
import { clockTime } from '../../text/time.ts';
import { Notice } from '../../ui/notice.tsx';
import { When } from '../../ui/when.tsx';
import { useActing } from '../acting/acting.ts';
import type { BookModel, Kept } from './book-model.ts';
import { HoldClock } from './hold-clock.tsx';
import { IntakeForm } from './intake-form.tsx';
import { SubmitButton } from './submit-button.tsx';

/** A time is kept: what it is, for how long, the questions, and the one button. `title` goes on with "until 2:32 PM". */
export const HeldStep = (props: { model: BookModel; kept: Kept; title: string }): JSX.Element => {
  const { model, kept } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const acting = useActing();
  const { hold } = kept;
  const busy = model.waiting.value;
  if (kept.over) return <HoldOver model={model} />;
  return (
    <div class="stack held" data-testid="held">
      <h1>
        {props.title} until <span class="nowrap">{clockTime(hold.expiresAt, zone)}</span>
      </h1>
      <HoldClock
        expiresAt={hold.expiresAt}
        lagMs={kept.lagMs}
        onOver={() => model.expire()}
        onExtend={hold.extendable ? () => void model.extend() : undefined}
        extending={busy === 'extend'}
      />
      <section class="card" aria-label="What you are booking">
        <When startsAt={hold.startsAt} endsAt={hold.endsAt} zone={zone} provider={hold.provider} now={Date.now()} />
        <p class="held__what">
          {hold.visitType.name} with {hold.provider.displayName}
        </p>
      </section>
      <IntakeForm
        questions={hold.visitType.intakeQuestions}
        answers={model.answers.peek()}
        onChange={(answers: IntakeAnswers) => {
          model.answers.value = answers;
        }}
        onSubmit={(answers) => void model.book(answers)}
      >
        {model.problem.value && <Notice tone="danger">{model.problem.value}</Notice>}
        <SubmitButton
          busy={busy === 'book'}
          lost={model.lost.value}
          words={acting ? `Book this visit for ${acting.displayName}` : 'Book this visit'}
          busyWords="Booking…"
          testId="book-confirm"
        />
        <p>
          <button
            type="button"
            class="button button--quiet"
            data-testid="hold-release"
            onClick={() => model.goTo('times')}
          >
            Let it go and see other times
          </button>
        </p>
      </IntakeForm>
    </div>
  );
};

const HoldOver = ({ model }: { model: BookModel }): JSX.Element => (
  <div class="stack" data-testid="hold-over">
    <h1>This time is no longer held.</h1>
    <p>
      Nothing is booked. The time may well be free still, and what you wrote is kept here until you leave this page.
    </p>
    <p>
      <button
        type="button"
        class="button button--primary button--large"
        data-testid="book-again"
        onClick={() => model.goTo('times')}
      >
        See free times
      </button>
    </p>
  </div>
);
