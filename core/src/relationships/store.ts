import type { OrganizationId, PersonId, RelationshipState, Relationships } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { openEvenIfAway, textOf } from '../phi/opened-text.ts';
import { personOwner } from '../phi/owner.ts';
import type { Phi } from '../phi/phi.ts';
import { emergencyReasonPlace } from './emergency-reasons.ts';

/** Of a kind, in one answer. */
const LIST_MAX = 200;

export type RelationshipTable = 'patientProxies' | 'careTeamMembers' | 'providerCovers' | 'emergencyAccesses';

interface Which {
  readonly organizationId: OrganizationId;
  readonly standsIn: StandsIn | undefined;
  readonly at: Date;
  /** Those that are over too, after all that are not. */
  readonly withOver: boolean;
  readonly ofPatient?: PersonId | undefined;
}

/** Latest first; what is over never takes the place of what is not. */
const listed = (db: Db, table: RelationshipTable, { organizationId, at, withOver }: Which) => {
  const rows = db.selectFrom(table).where('organizationId', '=', organizationId);
  const isLive = sql<boolean>`ended_at IS NULL AND (valid_to IS NULL OR valid_to > ${at})`;
  return (withOver ? rows.orderBy(isLive, 'desc') : rows.where(isLive))
    .orderBy('validFrom', 'desc')
    .orderBy('id')
    .limit(LIST_MAX);
};

interface PeriodRow {
  readonly id: string;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly endedAt: Date | null;
}

/** What was ended before its last instant was over then. */
const dated = <Row extends PeriodRow>({ endedAt, ...row }: Row, at: Date) => {
  const validTo = endedAt ?? row.validTo;
  const isOver = endedAt !== null || (validTo !== null && validTo <= at);
  const state: RelationshipState = isOver ? 'over' : row.validFrom > at ? 'to-come' : 'in-force';
  return { ...row, state, validFrom: row.validFrom.toISOString(), validTo: validTo?.toISOString() ?? null };
};

const DATED = ['id', 'validFrom', 'validTo', 'endedAt'] as const;

/** Everybody who stands in one of them. */
const idsOf = ({ proxies, careTeam, covers, emergencies }: Omit<Relationships, 'people'>): PersonId[] => [
  ...new Set([
    ...proxies.flatMap((one) => [one.patientId, one.proxyId]),
    ...careTeam.flatMap((one) => [one.patientId, one.memberId]),
    ...covers.flatMap((one) => [one.providerId, one.coveringId]),
    ...emergencies.flatMap((one) => [one.patientId, one.personId]),
  ]),
];

interface EmergencyRow extends PeriodRow {
  readonly organizationId: OrganizationId;
  readonly patientId: PersonId;
  readonly personId: PersonId;
  readonly sealedReason: Buffer;
}

/** What stands in the place of a reason that cannot be told keeps nobody from ending the access. */
const toEmergencies = async (
  phi: Phi,
  db: Db,
  rows: readonly EmergencyRow[],
  at: Date,
): Promise<Relationships['emergencies']> => {
  const emergencies: Relationships['emergencies'] = [];
  for (const { organizationId, sealedReason, ...row } of rows) {
    const owner = personOwner(organizationId, row.patientId);
    const opened = await openEvenIfAway(phi, db, { owner, place: emergencyReasonPlace(row.id), sealed: sealedReason });
    emergencies.push({ ...dated(row, at), reason: textOf(opened) });
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

/** Relationships of an organization, emergencies only those that are not over. `standsIn` undefined: all of them. */
export const listRelationships = async (phi: Phi, db: Db, which: Which): Promise<Relationships> => {
  const { standsIn, ofPatient, at } = which;
  const [patientId, providerId] = [standsIn?.patientId ?? null, standsIn?.providerId ?? null];
  const isNarrowed = standsIn !== undefined;
  const [proxies, careTeam, covers, emergencies] = await Promise.all([
    listed(db, 'patientProxies', which)
      .select([...DATED, 'patientId', 'proxyId', 'kind', 'scopes'])
      .$if(ofPatient !== undefined, (query) => query.where('patientId', '=', ofPatient ?? null))
      .$if(isNarrowed, (query) =>
        query.where((row) => row.or([row('patientId', '=', patientId), row('proxyId', '=', patientId)])),
      )
      .execute(),
    listed(db, 'careTeamMembers', which)
      .select([...DATED, 'patientId', 'memberId'])
      .$if(ofPatient !== undefined, (query) => query.where('patientId', '=', ofPatient ?? null))
      .$if(isNarrowed, (query) =>
        query.where((row) => row.or([row('patientId', '=', patientId), row('memberId', '=', providerId)])),
      )
      .execute(),
    listed(db, 'providerCovers', which)
      .select([...DATED, 'providerId', 'coveringId'])
      .$if(ofPatient !== undefined, (query) => query.where(sql<boolean>`false`))
      .$if(isNarrowed, (query) =>
        query.where((row) => row.or([row('providerId', '=', providerId), row('coveringId', '=', providerId)])),
      )
      .execute(),
    listed(db, 'emergencyAccesses', { ...which, withOver: false })
      .select([...DATED, 'organizationId', 'patientId', 'personId', 'sealedReason'])
      .$if(ofPatient !== undefined, (query) => query.where('patientId', '=', ofPatient ?? null))
      .$if(isNarrowed, (query) => query.where('personId', '=', providerId))
      .execute(),
  ]);
  const found = {
    proxies: proxies.map((row) => dated(row, at)),
    careTeam: careTeam.map((row) => dated(row, at)),
    covers: covers.map((row) => dated(row, at)),
    emergencies: await toEmergencies(phi, db, emergencies, at),
  };
  const ids = idsOf(found);
  const people =
    ids.length === 0
      ? []
      : await db.selectFrom('people').where('id', 'in', ids).select(['id', 'displayName']).execute();
  return { ...found, people };
};
