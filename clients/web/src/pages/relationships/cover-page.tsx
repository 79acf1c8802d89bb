import type { PersonSummary } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addCover, endCover, fetchAllRelationships } from '../../api/relationships-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { me } from '../../session.ts';
import { isoInstant, wallClock } from '../../text/zoned.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isDesk, isProvider, StaffFrame } from '../../ui/staff-frame.tsx';
import { SaveProblem } from '../availability/save-problem.tsx';
import { ProviderSelect } from '../book/provider-select.tsx';
import '../desk/desk.css';
import { NotFoundPage } from '../not-found-page.tsx';
import { DoneLine } from '../schedule/done-line.tsx';
import '../schedule/schedule.css';
import { dayAsSpan, instantsOf, SpanFields } from '../schedule/span-fields.tsx';
import { PeriodList } from './period-list.tsx';
import { nameIn } from './relationship-words.ts';

export const CoverPage = (): JSX.Element => (isDesk() || isProvider() ? <Cover /> : <NotFoundPage />);

/** Who stands in for whom: a provider's own cover, or everybody's for the front desk. */
const Cover = (): JSX.Element => {
  useTitle('Cover');
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
    <StaffFrame>
      <div class="schedule">
        <div class="schedule__head">
          <div>
            <h1>Cover</h1>
            <p class="soft">
              Who stands in for a provider who is away: they see the visits, let patients in, and read what is needed
              for it, from when until when.
            </p>
          </div>
          <button type="button" class="button button--primary" data-testid="cover-add" onClick={() => setAdding(true)}>
            {isDesk() ? 'Enter a cover' : 'Have somebody stand in for me'}
          </button>
        </div>
        <DoneLine words={done} />
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
      </div>
      {adding && <CoverDialog now={now} onClose={() => setAdding(false)} onDone={finish} />}
    </StaffFrame>
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
        <SaveProblem problem={act.error} />
        <div class="row">
          <button
            type="submit"
            class="button button--primary"
            data-testid="cover-save"
            disabled={act.busy || !period || period.isBackwards || isPast}
          >
            {act.busy ? 'Saving…' : 'Save'}
          </button>
          <button type="button" class="button button--quiet" onClick={props.onClose}>
            Close
          </button>
        </div>
      </form>
    </Dialog>
  );
};
