import type { Hold, Payer, VisitType } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { apiErrorOf } from '../../api/http.ts';
import { me } from '../../session.ts';
import { visitTypeWords } from '../../text/booking.ts';
import { Choice, Choices } from '../../ui/choices.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { ProviderWords } from '../../ui/provider-words.tsx';
import type { Wish } from './book-model.ts';
import { HeldBefore } from './held-before.tsx';
import { RegionSelect } from './region-select.tsx';
import { useProviders } from './use-providers.ts';

const ANYBODY = 'anybody';

export interface Offering {
  readonly visitTypes: readonly VisitType[];
  readonly specialties: readonly string[];
  readonly payers: readonly Payer[];
}

/** What about, with whom, from where, who pays: every question under the one before, nothing hidden. */
export const FindStep = (props: {
  offering: Offering;
  holds: readonly Hold[];
  wish: Wish | undefined;
  onResume: (hold: Hold) => void;
  onLook: (wish: Wish) => void;
}): JSX.Element => {
  const { visitTypes, specialties, payers } = props.offering;
  const [typeId, setTypeId] = useState<string | undefined>(props.wish?.visitType.id ?? visitTypes[0]?.id);
  const [specialty, setSpecialty] = useState(props.wish?.specialty ?? '');
  const [providerId, setProviderId] = useState<string>(props.wish?.provider?.id ?? ANYBODY);
  const [region, setRegion] = useState(props.wish?.region ?? me.value?.region ?? '');
  const [payerId, setPayerId] = useState<string>(props.wish?.payerId ?? '');
  const [problem, setProblem] = useState('');
  const people = useProviders(specialty);
  const visitType = visitTypes.find(({ id }) => id === typeId);
  const asksRegion = me.value?.organization.requiresRegion === true;

  const look = (event: Event) => {
    event.preventDefault();
    if (!visitType) return;
    const known = [...people.providers, ...(props.wish?.provider ? [props.wish.provider] : [])];
    props.onLook({
      visitType,
      provider: known.find(({ id }) => id === providerId),
      ...(specialty && { specialty }),
      ...(asksRegion && { region }),
      payerId: payers.find(({ id }) => id === payerId)?.id,
    });
  };
  if (!visitType) {
    return <Notice>Nothing can be booked here at the moment. Please call the clinic.</Notice>;
  }
  return (
    <form class="book__form" onSubmit={look}>
      {props.holds.map((hold) => (
        <HeldBefore key={hold.id} hold={hold} onResume={() => props.onResume(hold)} />
      ))}
      {visitTypes.length > 1 && (
        <Choices legend="What is it about?">
          {visitTypes.map((one) => (
            <Choice
              key={one.id}
              name="visit-type"
              testId="book-visit-type"
              checked={one.id === typeId}
              onPick={() => setTypeId(one.id)}
            >
              <span class="choice__words">
                <strong>{one.name}</strong>
                <span class="soft small">{visitTypeWords(one)}</span>
              </span>
            </Choice>
          ))}
        </Choices>
      )}
      {specialties.length > 1 && (
        <label class="field">
          <span class="field__label">Specialty</span>
          <select
            class="select"
            value={specialty}
            data-testid="book-specialty"
            onChange={(event) => {
              setSpecialty(event.currentTarget.value);
              setProviderId(ANYBODY);
            }}
          >
            <option value="">Any</option>
            {specialties.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
      )}
      <Choices legend="Whom would you like to see?">
        <Choice
          name="provider"
          testId="book-anybody"
          checked={providerId === ANYBODY}
          onPick={() => setProviderId(ANYBODY)}
        >
          <span class="avatar" aria-hidden="true">
            <Icon name="people" />
          </span>
          <span class="choice__words">
            <strong>Whoever is free first</strong>
            <span class="soft small">{specialty || 'All of the care team'}</span>
          </span>
        </Choice>
        {people.isLoading && <Loading words="Looking up who is there…" />}
        {people.error && <Notice tone="danger">{people.error.message}</Notice>}
        {people.providers.map((one) => (
          <Choice
            key={one.id}
            name="provider"
            testId="book-provider"
            checked={one.id === providerId}
            onPick={() => setProviderId(one.id)}
          >
            <ProviderWords provider={one} />
          </Choice>
        ))}
        {people.more && (
          <p>
            <button
              type="button"
              class="button button--quiet"
              onClick={() => void people.more?.().catch((cause: unknown) => setProblem(apiErrorOf(cause).message))}
            >
              Show more people
            </button>
          </p>
        )}
      </Choices>
      {problem && <Notice tone="danger">{problem}</Notice>}
      {asksRegion && <RegionSelect value={region} onPick={setRegion} />}
      {payers.length > 0 && (
        <label class="field">
          <span class="field__label">Who pays for the visit?</span>
          <select
            class="select"
            value={payerId}
            data-testid="book-payer"
            onChange={(event) => setPayerId(event.currentTarget.value)}
          >
            <option value="">I pay myself</option>
            {payers.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <p>
        <button type="submit" class="button button--primary button--large book__go" data-testid="book-find">
          See free times
        </button>
      </p>
    </form>
  );
};
