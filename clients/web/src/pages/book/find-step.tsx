import type { Hold, Payer, VisitType } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { me } from '../../session.ts';
import { visitTypeWords } from '../../text/booking.ts';
import { Choice, Choices } from '../../ui/choices.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { ProviderWords } from '../../ui/provider-words.tsx';
import { useActing } from '../acting/acting.ts';
import type { Wish } from './book-model.ts';
import { HeldBefore } from './held-before.tsx';
import { RegionSelect } from './region-select.tsx';
import { useProviders } from './use-providers.ts';
import { MoreProviders, PayerSelect, SpecialtySelect } from './wish-selects.tsx';

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
  const acting = useActing();
  const [typeId, setTypeId] = useState<string | undefined>(props.wish?.visitType.id ?? visitTypes[0]?.id);
  const [specialty, setSpecialty] = useState(props.wish?.specialty ?? '');
  const [providerId, setProviderId] = useState<string>(props.wish?.provider?.id ?? ANYBODY);
  const [region, setRegion] = useState(props.wish?.region ?? (acting ? '' : (me.value?.region ?? '')));
  const [payerId, setPayerId] = useState(props.wish?.payerId);
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
      payerId,
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
        <SpecialtySelect
          specialties={specialties}
          value={specialty}
          testId="book-specialty"
          onPick={(next) => {
            setSpecialty(next);
            setProviderId(ANYBODY);
          }}
        />
      )}
      <Choices legend={acting ? `Whom would ${acting.displayName} like to see?` : 'Whom would you like to see?'}>
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
        <MoreProviders people={people} words="Show more people" />
      </Choices>
      {asksRegion && <RegionSelect asked={acting ? 'proxy' : 'patient'} value={region} onPick={setRegion} />}
      <PayerSelect
        payers={payers}
        value={payerId}
        label="Who pays for the visit?"
        patientWords={acting ? 'They pay themselves' : 'I pay myself'}
        testId="book-payer"
        onPick={setPayerId}
      />
      <p>
        <button type="submit" class="button button--primary button--large book__go" data-testid="book-find">
          See free times
        </button>
      </p>
    </form>
  );
};
