import type { GroupSessionRequest, PersonId, Provider, Slot, VisitType } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { fetchVisitTypes } from '../../api/scheduling-api.ts';
import { makeGroupSession } from '../../api/staff-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { me } from '../../session.ts';
import { namesOf, visitTypeWords } from '../../text/booking.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, StepHeading } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { When } from '../../ui/when.tsx';
import '../book/book.css';
import { slotKey, type Wish } from '../book/book-model.ts';
import { TimesStep } from '../book/times-step.tsx';
import { useProviders } from '../book/use-providers.ts';
import { MoreProviders } from '../book/wish-selects.tsx';
import { additionalOf, FurtherPeople, type FurtherPerson } from './further-people.tsx';
import { whenWords } from './visit-words.ts';
import './visit-panel.css';
import { StepEnd } from './step-end.tsx';

interface SessionPlan {
  readonly visitType: VisitType;
  /** Absent: whoever is free. */
  readonly provider: Provider | undefined;
  readonly further: readonly FurtherPerson[];
}
interface Picked {
  readonly provider: Provider;
  readonly slot: Slot;
}

/** A group session, whose seats patients take afterwards as they book any other time. */
export const SessionDialog = (props: {
  /** In whose calendar; absent: the front desk says it. */
  providerId?: PersonId;
  now: number;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const [plan, setPlan] = useState<SessionPlan>();
  const [isPlanned, setPlanned] = useState(false);
  const [picked, setPicked] = useState<Picked>();
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  return (
    <Dialog title="Set up a group session" wide onClose={props.onClose}>
      {plan && picked ? (
        <Confirm
          plan={plan}
          picked={picked}
          now={props.now}
          onOther={(refused) => {
            if (refused) setGone(new Set([...gone, slotKey(picked.provider, picked.slot)]));
            setPicked(undefined);
          }}
          onDone={props.onDone}
        />
      ) : plan && isPlanned ? (
        <PickTime plan={plan} gone={gone} onPick={setPicked} onBack={() => setPlanned(false)} />
      ) : (
        <Plan
          plan={plan}
          providerId={props.providerId}
          onClose={props.onClose}
          onPlan={(next) => {
            setPlan(next);
            setPlanned(true);
          }}
        />
      )}
    </Dialog>
  );
};

const Plan = (props: {
  plan: SessionPlan | undefined;
  providerId: PersonId | undefined;
  onPlan: (plan: SessionPlan) => void;
  onClose: () => void;
}): JSX.Element => {
  const types = useLoaded(fetchVisitTypes);
  const people = useProviders('');
  const [typeId, setTypeId] = useState<string | undefined>(props.plan?.visitType.id);
  const [chosenId, setChosenId] = useState<string | undefined>(props.plan?.provider?.id);
  const [further, setFurther] = useState(props.plan?.further ?? []);
  const provider = people.providers.find(({ id }) => id === (props.providerId ?? chosenId));
  const error = types.error ?? people.error;
  if (error) return <Notice tone="danger">{error.message}</Notice>;
  if (!types.value || people.isLoading) return <Loading words="One moment…" />;
  const groups = types.value.filter(({ seats }) => seats > 1);
  const visitType = groups.find(({ id }) => id === typeId) ?? groups[0];
  if (!visitType) return <Notice>No kind of visit has several seats. An administrator can add one.</Notice>;
  return (
    <form
      class="visit-panel"
      data-testid="session-form"
      onSubmit={(event) => {
        event.preventDefault();
        props.onPlan({ visitType, provider, further: further.filter(({ personId }) => personId !== provider?.id) });
      }}
    >
      <div class="fields">
        <Field label="Session">
          <select
            class="select"
            value={visitType.id}
            data-testid="session-type"
            onChange={(event) => setTypeId(event.currentTarget.value)}
          >
            {groups.map((type) => (
              <option key={type.id} value={type.id}>
                {type.name} ({visitTypeWords(type)})
              </option>
            ))}
          </select>
        </Field>
        {!props.providerId && (
          <Field label="Led by">
            <select
              class="select"
              value={chosenId ?? ''}
              data-testid="session-provider"
              onChange={(event) => setChosenId(event.currentTarget.value)}
            >
              <option value="">Whoever is free</option>
              {people.providers.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.displayName}, {one.specialty}
                </option>
              ))}
            </select>
          </Field>
        )}
      </div>
      {!props.providerId && <MoreProviders people={people} words="List more providers" />}
      <FurtherPeople people={further} except={provider?.id} onPeople={setFurther} />
      <div class="visit-panel__acts">
        <button type="submit" class="button button--primary" data-testid="session-find">
          See free times
        </button>
        <button type="button" class="button button--quiet" onClick={props.onClose}>
          Close
        </button>
      </div>
    </form>
  );
};

const PickTime = (props: {
  plan: SessionPlan;
  gone: ReadonlySet<string>;
  onPick: (picked: Picked) => void;
  onBack: () => void;
}): JSX.Element => {
  const { plan, gone } = props;
  const wish = useMemo<Wish>(() => ({ ...plan, additional: additionalOf(plan.further), isNewSession: true }), [plan]);
  return (
    <div class="visit-panel">
      <StepHeading>When?</StepHeading>
      <TimesStep wish={wish} gone={gone} busy={false} onPick={(provider, slot) => props.onPick({ provider, slot })} />
      <div class="visit-panel__acts">
        <button type="button" class="button button--secondary" onClick={props.onBack}>
          Go back
        </button>
      </div>
    </div>
  );
};

const Confirm = (props: {
  plan: SessionPlan;
  picked: Picked;
  now: number;
  onOther: (refused: boolean) => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { plan, now } = props;
  const { provider, slot } = props.picked;
  const zone = me.value?.timeZone ?? 'UTC';
  const act = useAct();
  const further = plan.further.filter(({ personId }) => personId !== provider.id);
  const make = () => {
    const request: GroupSessionRequest = {
      providerId: provider.id,
      visitTypeId: plan.visitType.id,
      startsAt: slot.startsAt,
      additional: additionalOf(further),
    };
    return act.run(request, makeGroupSession, (session) =>
      props.onDone(`${plan.visitType.name} is set up: ${whenWords(session, now, zone)}. Patients can take seats now.`),
    );
  };
  return (
    <div class="visit-panel">
      <StepHeading>Set up the session at this time?</StepHeading>
      <When startsAt={slot.startsAt} endsAt={slot.endsAt} zone={zone} provider={provider} now={now} />
      <p>
        {plan.visitType.name}, {plan.visitType.seats} seats, with{' '}
        {namesOf([provider.displayName, ...further.map(({ displayName }) => displayName)])}.
      </p>
      <StepEnd
        act={act}
        words={['Set up the session', 'Setting up…']}
        testId="session-save"
        onAct={make}
        back="Other times"
        onBack={() => props.onOther(act.error?.code.startsWith('slot_') ?? false)}
      />
    </div>
  );
};
