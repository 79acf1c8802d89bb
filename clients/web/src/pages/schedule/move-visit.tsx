import type { Appointment, Provider, Slot, VisitType } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { fetchVisitTypes, rescheduleAppointment } from '../../api/scheduling-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { me } from '../../session.ts';
import { Field, StepHeading } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { When } from '../../ui/when.tsx';
import '../book/book.css';
import { slotKey, type Wish } from '../book/book-model.ts';
import { RegionSelect } from '../book/region-select.tsx';
import { TimesStep } from '../book/times-step.tsx';
import { StepEnd } from './step-end.tsx';
import { visitTitle, whenWords } from './visit-words.ts';

const REASON_MAX = 500;

interface Picked {
  readonly provider: Provider;
  readonly slot: Slot;
}

interface MoveProps {
  readonly visit: Appointment;
  readonly now: number;
  readonly onBack: () => void;
  readonly onDone: (words: string) => void;
}

/** Another time for the same visit, with the same provider or with anybody who has one. */
export const MoveVisit = (props: MoveProps): JSX.Element => {
  const { visit } = props;
  const types = useLoaded(fetchVisitTypes);
  const [picked, setPicked] = useState<Picked>();
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const visitType = types.value?.find(({ id }) => id === visit.visitType.id);
  if (picked) {
    return (
      <ConfirmMove
        {...props}
        picked={picked}
        onOther={(refused) => {
          if (refused) setGone(new Set([...gone, slotKey(picked.provider, picked.slot)]));
          setPicked(undefined);
        }}
      />
    );
  }
  return (
    <div class="visit-panel">
      <StepHeading>Move to which time?</StepHeading>
      {types.error && <Notice tone="danger">{types.error.message}</Notice>}
      {!types.value && !types.error && <Loading words="One moment…" />}
      {types.value && !visitType && (
        <Notice>This kind of visit is not offered any more. Cancel it and book another.</Notice>
      )}
      {visitType && <PickTime {...props} visitType={visitType} gone={gone} onPick={setPicked} />}
      <div class="visit-panel__acts">
        <button type="button" class="button button--secondary" onClick={props.onBack}>
          Leave it where it is
        </button>
      </div>
    </div>
  );
};

const PickTime = (
  props: MoveProps & { visitType: VisitType; gone: ReadonlySet<string>; onPick: (picked: Picked) => void },
): JSX.Element => {
  const { visit, visitType, now } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const [anybody, setAnybody] = useState(false);
  const [region, setRegion] = useState('');
  const asksRegion = me.value?.organization.requiresRegion === true;
  const provider = anybody ? undefined : visit.provider;
  const wish = useMemo<Wish>(
    () => ({ visitType, provider, region: region || undefined }),
    [visitType, provider, region],
  );
  return (
    <>
      <p class="soft numeric">
        It is {whenWords(visit, now, zone)} with {visit.provider.displayName} now.
      </p>
      <label class="check">
        <input
          type="checkbox"
          checked={anybody}
          data-testid="move-anybody"
          onChange={(event) => setAnybody(event.currentTarget.checked)}
        />
        <span>Show other providers too</span>
      </label>
      {asksRegion && <RegionSelect asked="staff" value={region} onPick={setRegion} />}
      {(!asksRegion || region) && (
        <TimesStep
          wish={wish}
          gone={props.gone}
          busy={false}
          onPick={(other, slot) => props.onPick({ provider: other, slot })}
        />
      )}
    </>
  );
};

const ConfirmMove = (props: MoveProps & { picked: Picked; onOther: (refused: boolean) => void }): JSX.Element => {
  const { visit, now, picked } = props;
  const { slot, provider } = picked;
  const zone = me.value?.timeZone ?? 'UTC';
  const [reason, setReason] = useState('');
  const act = useAct();
  const refused = act.error !== undefined && act.error.code !== 'unreachable' && act.error.code !== 'unavailable';
  return (
    <form
      class="visit-panel"
      onSubmit={(event) => {
        event.preventDefault();
        void act.run(
          {
            version: visit.version,
            reason,
            startsAt: slot.startsAt,
            ...(provider.id !== visit.provider.id && { providerId: provider.id }),
          },
          (request, how) => rescheduleAppointment(visit.id, request, how),
          (moved) => props.onDone(`The visit of ${visitTitle(visit)} is now ${whenWords(moved, now, zone)}.`),
        );
      }}
    >
      <StepHeading>Move the visit to this time?</StepHeading>
      <When startsAt={slot.startsAt} endsAt={slot.endsAt} zone={zone} provider={provider} now={now} />
      <p>
        With {provider.displayName}, in the place of {whenWords(visit, now, zone)}
        {provider.id !== visit.provider.id && ` with ${visit.provider.displayName}`}.
      </p>
      <Field label="Reason (optional)">
        <input
          class="input"
          maxLength={REASON_MAX}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </Field>
      <StepEnd
        act={act}
        words={['Move the visit', 'Moving…']}
        back="Other times"
        backTestId="move-other"
        onBack={() => props.onOther(refused)}
      />
    </form>
  );
};
