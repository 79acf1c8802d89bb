import type { EncounterId, OrganizationId, PersonId } from '@bedside/protocol';
import type { WrapContext } from './kek/port.ts';

/** Whose key seals a value: the person's whom it concerns, or the visit's where it concerns nobody alone. */
export type Owner =
  | { readonly organizationId: OrganizationId; readonly kind: 'person'; readonly id: PersonId }
  | { readonly organizationId: OrganizationId; readonly kind: 'visit'; readonly id: EncounterId };

export const personOwner = (organizationId: OrganizationId, id: PersonId): Owner => ({
  organizationId,
  kind: 'person',
  id,
});

/** Of an appointment and its visit: the patient's; of a group session, which has none, the visit's own. */
export const visitOwner = (visit: {
  readonly organizationId: OrganizationId;
  readonly patientId: PersonId | null;
  readonly encounterId: EncounterId;
}): Owner =>
  visit.patientId === null
    ? { organizationId: visit.organizationId, kind: 'visit', id: visit.encounterId }
    : personOwner(visit.organizationId, visit.patientId);

export const ownerName = ({ organizationId, kind, id }: Owner): string => `${organizationId}/${kind}:${id}`;

export const wrapContext = (owner: Owner, version: number): WrapContext => ({
  organization: owner.organizationId,
  owner: `${owner.kind}:${owner.id}`,
  version,
});
