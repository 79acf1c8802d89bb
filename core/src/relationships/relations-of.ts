import type { PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { PatientRelation } from '../policy/relations.ts';

/**
 * How somebody has to do with these patients, or with the provider who treats them, at an instant: for the policy. The
 * database's own wall asks the same tables by functions of its own (migration `0008_walls`).
 */
export const relationsOf = async (
  db: Db,
  ask: {
    readonly personId: PersonId;
    readonly patientIds: readonly PersonId[];
    readonly providerId?: PersonId | undefined;
    readonly at: Date;
  },
): Promise<readonly PatientRelation[]> => {
  const { personId, patientIds, providerId = null, at } = ask;
  const inForce = (
    row: string,
  ) => sql`${sql.ref(`${row}.ended_at`)} IS NULL AND ${sql.ref(`${row}.valid_from`)} <= ${at}
    AND (${sql.ref(`${row}.valid_to`)} IS NULL OR ${sql.ref(`${row}.valid_to`)} > ${at})`;
  const { rows } = await sql<{ relation: PatientRelation }>`
    WITH covered AS MATERIALIZED (
      SELECT cover.provider_id FROM provider_covers AS cover
      WHERE cover.covering_id = ${personId} AND ${inForce('cover')}
    )
    SELECT 'proxy-' || scope AS relation FROM patient_proxies AS proxy, unnest(proxy.scopes) AS scope
    WHERE proxy.proxy_id = ${personId} AND proxy.patient_id = ANY (${patientIds}::uuid[]) AND ${inForce('proxy')}
    UNION SELECT 'care-team' FROM care_team_members AS team
    WHERE team.patient_id = ANY (${patientIds}::uuid[]) AND ${inForce('team')}
      AND (team.member_id = ${personId} OR team.member_id IN (SELECT provider_id FROM covered))
    UNION SELECT 'covering' FROM covered WHERE provider_id = ${providerId}::uuid
    UNION SELECT 'break-glass' FROM emergency_accesses AS emergency
    WHERE emergency.person_id = ${personId} AND emergency.patient_id = ANY (${patientIds}::uuid[])
      AND ${inForce('emergency')}`.execute(db);
  return rows.map((row) => row.relation);
};

/** Of these patients those for whom somebody acts at an instant as their proxy, and how far; `relationsOf` told apart. */
export const actedForAmong = async (
  db: Db,
  ask: { readonly personId: PersonId; readonly patientIds: readonly PersonId[]; readonly at: Date },
): Promise<ReadonlyMap<PersonId, readonly PatientRelation[]>> => {
  const { personId, patientIds, at } = ask;
  const { rows } = await sql<{ patientId: PersonId; relations: PatientRelation[] }>`
    SELECT proxy.patient_id, array_agg(DISTINCT 'proxy-' || scope) AS relations
    FROM patient_proxies AS proxy, unnest(proxy.scopes) AS scope
    WHERE proxy.proxy_id = ${personId} AND proxy.patient_id = ANY (${patientIds}::uuid[]) AND proxy.ended_at IS NULL
      AND proxy.valid_from <= ${at} AND (proxy.valid_to IS NULL OR proxy.valid_to > ${at})
    GROUP BY proxy.patient_id`.execute(db);
  return new Map(rows.map(({ patientId, relations }) => [patientId, relations]));
};
