import type { PersonSummary } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addCover, endCover, fetchAllRelationships } from '../../api/relationships-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { isoInstant, wallClock } from '../../text/zoned.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isDesk, isProvider } from '../../ui/staff-frame.tsx';
import { ProviderSelect } from '../book/provider-select.tsx';
import '../desk/desk.css';
import { NotFoundPage } from '../not-found-page.tsx';
import { dayAsSpan, instantsOf, SpanFields } from '../schedule/span-fields.tsx';
import { StaffPage } from '../schedule/staff-page.tsx';
import { PeriodList } from './period-list.tsx';
import { nameIn } from './relationship-words.ts';

export const CoverPage = (): JSX.Element => (isDesk() || isProvider() ? <Cover /> : <NotFoundPage />);

/** Who stands in for whom: a provider's own cover, or everybody's for the front desk. */
const Cover = (): JSX.Element => {
  const now = useNow(60_000);
  const { value, error, reload } = useLoaded(fetchAllRelationships);
  const [adding, setAdding] = useState(false);
  const [done, setDone] = useState('');
  const own = me.value?.person.id;
  const nameOf = value ? nameIn(value) : () => '';
  const finish = (words: string) => {
    setAdding(false);
    setDone(words);
    reload();
  };
  return (
    <StaffPage
      title="Cover"
      about="Who stands in for a provider who is away: they see the visits, let patients in, and read what is needed for it, from when until when."
      act={
        <button type="button" class="button button--primary" data-testid="cover-add" onClick={() => setAdding(true)}>
          {isDesk() ? 'Enter a cover' : 'Have somebody stand in for me'}
        </button>
      }
      done={done}
      questions={adding && <CoverDialog now={now} onClose={() => setAdding(false)} onDone={finish} />}
    >
      {error && <Notice tone="danger">{error.message}</Notice>}
      {!value && !error && <Loading words="Looking it up…" />}
      {value && (
        <PeriodList
          rows={value.covers}
          now={now}
          none="Nobody stands in for anybody now or later."
          testId="cover"
          title={({ coveringId, providerId }) => `${nameOf(coveringId)} stands in for ${nameOf(providerId)}`}
          // Whoever stands in did not say so themselves.
          canEnd={({ providerId }) => isDesk() || providerId === own}
          end={endCover}
          ended={({ coveringId, providerId }) => `${nameOf(coveringId)} stands in for ${nameOf(providerId)} no more.`}
          onDone={finish}
        />
      )}
    </StaffPage>
  );
};

const CoverDialog = (props: { now: number; onClose: () => void; onDone: (words: string) => void }): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const self = isDesk() ? undefined : me.value?.person;
  const [provider, setProvider] = useState<PersonSummary | undefined>(self);
  const [covering, setCovering] = useState<PersonSummary>();
  const [span, setSpan] = useState(() => dayAsSpan(wallClock(props.now, zone).date));
  const act = useAct();
  const period = instantsOf(span, zone);
  const isPast = period !== undefined && !period.isBackwards && period.endsMs <= props.now;
  const save = (event: Event) => {
    event.preventDefault();
    if (!provider || !covering || !period || period.isBackwards || isPast) return;
    const request = {
      providerId: provider.id,
      coveringId: covering.id,
      // What has begun already begins now.
      ...(period.startsMs > Date.now() && { validFrom: isoInstant(period.startsMs) }),
      validTo: isoInstant(period.endsMs),
    };
    void act.run(request, addCover, () =>
      props.onDone(`${covering.displayName} stands in for ${self ? 'you' : provider.displayName}.`),
    );
  };
  return (
    <Dialog title={self ? 'Who stands in for you?' : 'Enter a cover'} wide onClose={props.onClose}>
      <form class="dialog-form" data-testid="cover-form" onSubmit={save}>
        {!self && (
          <ProviderSelect
            label="Who is away"
            value={provider?.id}
            testId="cover-provider"
            without={covering?.id}
            onPick={setProvider}
          />
        )}
        <ProviderSelect
          label="Who stands in"
          value={covering?.id}
          testId="cover-covering"
          without={provider?.id}
          onPick={setCovering}
        />
        <SpanFields span={span} testId="cover" onSpan={setSpan} />
        {period?.isBackwards && <Notice tone="danger">The end has to come after the start.</Notice>}
        {isPast && <Notice tone="danger">It has to end later than now.</Notice>}
        <FormEnd
          problem={act.error}
          send="Save"
          busy={act.busy}
          isReady={period !== undefined && !period.isBackwards && !isPast}
          testId="cover-save"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
