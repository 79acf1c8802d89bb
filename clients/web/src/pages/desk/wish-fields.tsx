import type { Payer, PayerId, Provider, VisitType } from '@bedside/protocol';
import type { JSX } from 'preact';
import { fetchPayers, fetchVisitTypes } from '../../api/scheduling-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { me } from '../../session.ts';
import { visitTypeWords } from '../../text/booking.ts';
import { Field } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { RegionSelect } from '../book/region-select.tsx';
import { useProviders } from '../book/use-providers.ts';
import { MoreProviders, PayerSelect, SpecialtySelect } from '../book/wish-selects.tsx';
import { FurtherPeople, type FurtherPerson } from '../schedule/further-people.tsx';
import { useSpecialties } from './use-desk-day.ts';

/** What a patient wants, as the front desk asks for it. */
export interface DeskWish {
  readonly visitType: VisitType | undefined;
  readonly specialty: string;
  readonly provider: Provider | undefined;
  readonly region: string;
  readonly payerId: PayerId | undefined;
  readonly further: readonly FurtherPerson[];
}

export const NO_WISH: DeskWish = {
  visitType: undefined,
  specialty: '',
  provider: undefined,
  region: '',
  payerId: undefined,
  further: [],
};

/** Whether it says all that a search or a place in the line needs. */
export const isComplete = (wish: DeskWish): wish is DeskWish & { visitType: VisitType } =>
  wish.visitType !== undefined && (me.value?.organization.requiresRegion !== true || wish.region !== '');

const load = async (): Promise<{ visitTypes: VisitType[]; payers: Payer[] }> => {
  const [visitTypes, payers] = await Promise.all([fetchVisitTypes(), fetchPayers()]);
  return { visitTypes, payers };
};

/** Which visit, with whom, where the patient will be, who pays. */
export const WishFields = (props: {
  wish: DeskWish;
  onWish: (wish: DeskWish) => void;
  /** Ask who else joins. */
  withFurther?: boolean;
  /** Kinds of visit to leave out. */
  without?: (visitType: VisitType) => boolean;
}): JSX.Element => {
  const { wish, onWish } = props;
  const { value, error } = useLoaded(load);
  const specialties = useSpecialties();
  const people = useProviders(wish.specialty);
  if (!value) return error ? <Notice tone="danger">{error.message}</Notice> : <Loading words="One moment…" />;
  const visitTypes = value.visitTypes.filter((type) => !props.without?.(type));
  const set = (change: Partial<DeskWish>) => onWish({ ...wish, ...change });
  return (
    <>
      <div class="fields">
        <Field label="Visit">
          <select
            class="select"
            required
            value={wish.visitType?.id ?? ''}
            data-testid="desk-visit-type"
            onChange={(event) => set({ visitType: visitTypes.find(({ id }) => id === event.currentTarget.value) })}
          >
            <option value="">Choose a visit</option>
            {visitTypes.map((type) => (
              <option key={type.id} value={type.id}>
                {type.name} ({visitTypeWords(type)})
              </option>
            ))}
          </select>
        </Field>
        <SpecialtySelect
          specialties={specialties}
          value={wish.specialty}
          testId="desk-wish-specialty"
          onPick={(specialty) => set({ specialty, provider: undefined })}
        />
        <Field label="Provider">
          <select
            class="select"
            value={wish.provider?.id ?? ''}
            data-testid="desk-provider"
            onChange={(event) => set({ provider: people.providers.find(({ id }) => id === event.currentTarget.value) })}
          >
            <option value="">Whoever is free</option>
            {people.providers.map((one) => (
              <option key={one.id} value={one.id}>
                {one.displayName}, {one.specialty}
              </option>
            ))}
          </select>
        </Field>
        {me.value?.organization.requiresRegion && (
          <RegionSelect asked="staff" value={wish.region} onPick={(region) => set({ region })} />
        )}
        <PayerSelect
          payers={value.payers}
          value={wish.payerId}
          label="Who pays"
          patientWords="The patient"
          testId="desk-payer"
          onPick={(payerId) => set({ payerId })}
        />
      </div>
      <MoreProviders people={people} words="List more providers" />
      {props.withFurther && (wish.visitType?.seats ?? 1) === 1 && (
        <FurtherPeople people={wish.further} except={wish.provider?.id} onPeople={(further) => set({ further })} />
      )}
    </>
  );
};
