import type { OrganizationId, PersonId, Relationships } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import { openEvenIfAway, textOf } from '../phi/opened-text.ts';
import { personOwner } from '../phi/owner.ts';
import type { Phi } from '../phi/phi.ts';
import { emergencyReasonPlace } from './emergency-reasons.ts';

/** Of a kind, in one answer. */
const LIST_MAX = 200;

export type RelationshipTable = 'patientProxies' | 'careTeamMembers' | 'providerCovers' | 'emergencyAccesses';

const live = (db: Db, table: RelationshipTable, { organizationId, at }: { organizationId: OrganizationId; at: Date }) =>
  db
    .selectFrom(table)
    .where('organizationId', '=', organizationId)
    .where('endedAt', 'is', null)
    .where((row) => row.or([row('validTo', 'is', null), row('validTo', '>', at)]))
    .orderBy('validFrom', 'desc')
    .orderBy('id')
    .limit(LIST_MAX);

const dated = (row: { id: string; validFrom: Date; validTo: Date | null }) => ({
  id: row.id,
  validFrom: row.validFrom.toISOString(),
  validTo: row.validTo?.toISOString() ?? null,
});

const DATED = ['id', 'validFrom', 'validTo'] as const;

/** Everybody who stands in one of them. */
const idsOf = ({ proxies, careTeam, covers, emergencies }: Omit<Relationships, 'people'>): PersonId[] => [
  ...new Set([
    ...proxies.flatMap((one) => [one.patientId, one.proxyId]),
    ...careTeam.flatMap((one) => [one.patientId, one.memberId]),
    ...covers.flatMap((one) => [one.providerId, one.coveringId]),
    ...emergencies.flatMap((one) => [one.patientId, one.personId]),
  ]),
];

interface EmergencyRow {
  readonly id: string;
  readonly organizationId: OrganizationId;
  readonly patientId: PersonId;
  readonly personId: PersonId;
  readonly sealedReason: Buffer;
  readonly validFrom: Date;
  readonly validTo: Date | null;
}

/** What stands in the place of a reason that cannot be told keeps nobody from ending the access. */
const toEmergencies = async (
  phi: Phi,
  db: Db,
  rows: readonly EmergencyRow[],
): Promise<Relationships['emergencies']> => {
  const emergencies: Relationships['emergencies'] = [];
  for (const { organizationId, sealedReason, ...row } of rows) {
    const owner = personOwner(organizationId, row.patientId);
    const opened = await openEvenIfAway(phi, db, { owner, place: emergencyReasonPlace(row.id), sealed: sealedReason });
    emergencies.push({ ...row, ...dated(row), reason: textOf(opened) });
  }
  return emergencies;
};

/**
 * Whose relationships: `patientId` as a patient or as somebody's proxy, `providerId` as a provider; null where their
 * account is none.
 */
export interface StandsIn {
  readonly patientId: PersonId | null;
  readonly providerId: PersonId | null;
}

/** Relationships of an organization that are not over. `standsIn` undefined: all of them. */
export const liveRelationships = async (
  phi: Phi,
  db: Db,
  which: { readonly organizationId: OrganizationId; readonly standsIn: StandsIn | undefined; readonly at: Date },
): Promise<Relationships> => {
  const { standsIn } = which;
  const [patientId, providerId] = [standsIn?.patientId ?? null, standsIn?.providerId ?? null];
  const isNarrowed = standsIn !== undefined;
  const [proxies, careTeam, covers, emergencies] = await Promise.all([
    live(db, 'patientProxies', which)
      .select([...DATED, 'patientId', 'proxyId', 'kind', 'scopes'])
      .$if(isNarrowed, (query) =>
        query.where((row) => row.or([row('patientId', '=', patientId), row('proxyId', '=', patientId)])),
      )
      .execute(),
    live(db, 'careTeamMembers', which)
      .select([...DATED, 'patientId', 'memberId'])
      .$if(isNarrowed, (query) =>
        query.where((row) => row.or([row('patientId', '=', patientId), row('memberId', '=', providerId)])),
      )
      .execute(),
    live(db, 'providerCovers', which)
      .select([...DATED, 'providerId', 'coveringId'])
      .$if(isNarrowed, (query) =>
        query.where((row) => row.or([row('providerId', '=', providerId), row('coveringId', '=', providerId)])),
      )
      .execute(),
    live(db, 'emergencyAccesses', which)
      .select([...DATED, 'organizationId', 'patientId', 'personId', 'sealedReason'])
      .$if(isNarrowed, (query) => query.where('personId', '=', providerId))
      .execute(),
  ]);
  const found = {
    proxies: proxies.map((row) => ({ ...row, ...dated(row) })),
    careTeam: careTeam.map((row) => ({ ...row, ...dated(row) })),
    covers: covers.map((row) => ({ ...row, ...dated(row) })),
    emergencies: await toEmergencies(phi, db, emergencies),
  };
  const ids = idsOf(found);
  const people =
    ids.length === 0
      ? []
      : await db.selectFrom('people').where('id', 'in', ids).select(['id', 'displayName']).execute();
  return { ...found, people };
};
