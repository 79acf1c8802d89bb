import type { OrganizationId, PersonId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import type { Place } from '../phi/envelope.ts';
import { personOwner } from '../phi/owner.ts';
import type { Phi } from '../phi/phi.ts';
import type { Channel } from './model.ts';

/** Whose contact point it is; a person has one of each kind. */
export interface ContactOf {
  readonly organizationId: OrganizationId;
  readonly personId: PersonId;
  readonly system: Channel;
}

export const contactPlace = ({ personId, system }: Omit<ContactOf, 'organizationId'>): Place => ({
  table: 'contact_points',
  column: 'value',
  row: `${personId}/${system}`,
});

export const sealContact = (phi: Phi, db: Db, { organizationId, ...of }: ContactOf, value: string): Promise<Buffer> =>
  phi.seal(db, personOwner(organizationId, of.personId), contactPlace(of), value);

/** The address or number; null where its key was destroyed or somebody changed it. Errors: `unavailable`. */
export const openContact = async (
  phi: Phi,
  db: Db,
  { organizationId, ...of }: ContactOf,
  stored: { readonly value: string | null; readonly sealedValue: Buffer | null },
): Promise<string | null> => {
  // Not sealed yet, or there is none.
  if (stored.sealedValue === null) return stored.value;
  const owner = personOwner(organizationId, of.personId);
  const opened = await phi.open(db, { owner, place: contactPlace(of), sealed: stored.sealedValue });
  return opened.kind === 'text' ? opened.text : null;
};

/** What an address or number is found by without being told. Addresses are one whatever their case. */
export const contactLookup = (
  phi: Phi,
  db: Db,
  { organizationId, system }: Pick<ContactOf, 'organizationId' | 'system'>,
  value: string,
): Promise<Buffer> =>
  phi.blindIndex(db, organizationId, { field: `contact/${system}`, value: value.trim().toLowerCase() });
