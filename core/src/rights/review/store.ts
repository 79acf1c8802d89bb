import type { AccessReviewId, AccountRole, OrganizationId, PersonId, RecordExportId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { Phi } from '../../phi/phi.ts';
import { emergencyReasonPlace } from '../../relationships/emergency-reasons.ts';
import { exportReasonPlace, openText } from '../sealed-texts.ts';
import type {
  Activity,
  ReviewedAccount,
  ReviewedEmergency,
  ReviewedExport,
  ReviewedMachine,
  ReviewedRelationship,
  ReviewFacts,
} from './model.ts';

export interface ReviewScope {
  readonly organizationId: OrganizationId;
  readonly from: Date;
  readonly to: Date;
}

const iso = (at: Date): string => at.toISOString();

/** Accounts that can see more than their own record: any role but a patient's, or somebody's proxy. */
const reviewed = (organizationId: OrganizationId) => sql`(
  SELECT person_id FROM account_roles WHERE organization_id = ${organizationId} AND role <> 'patient'
  UNION SELECT proxy_id FROM patient_proxies WHERE organization_id = ${organizationId}
  UNION SELECT person_id FROM service_clients WHERE organization_id = ${organizationId})`;

const readActivity = async (db: Db, { organizationId, from, to }: ReviewScope): Promise<Map<PersonId, Activity[]>> => {
  const { rows } = await sql<Omit<Activity, 'lastAt'> & { personId: PersonId; lastAt: Date }>`
    WITH acts AS MATERIALIZED (
      SELECT person_id, action, patient_id, max(at) AS last_at,
        count(*) FILTER (WHERE outcome = 'success') AS done, count(*) FILTER (WHERE outcome = 'denied') AS denied
      FROM audit_events
      WHERE organization_id = ${organizationId} AND at >= ${from} AND at < ${to} AND person_id IN ${reviewed(organizationId)}
      GROUP BY person_id, action, patient_id
    ), pairs AS MATERIALIZED (
      SELECT DISTINCT person_id, patient_id FROM acts WHERE patient_id IS NOT NULL
    ), relations AS MATERIALIZED (
      SELECT person_id, patient_id, CASE
        WHEN person_id = patient_id THEN 'own'
        WHEN EXISTS (
          SELECT FROM presences AS theirs JOIN presences AS patients USING (encounter_id)
          WHERE theirs.person_id = pairs.person_id AND theirs.role <> 'patient'
            AND patients.person_id = pairs.patient_id AND patients.role = 'patient'
        ) THEN 'visit'
        WHEN EXISTS (
          SELECT FROM patient_proxies AS proxy WHERE proxy.proxy_id = pairs.person_id AND proxy.patient_id = pairs.patient_id
            AND proxy.valid_from < ${to} AND least(proxy.valid_to, proxy.ended_at, 'infinity') > ${from}
        ) THEN 'proxy'
        WHEN EXISTS (
          SELECT FROM care_team_members AS team WHERE team.member_id = pairs.person_id AND team.patient_id = pairs.patient_id
            AND team.valid_from < ${to} AND least(team.valid_to, team.ended_at, 'infinity') > ${from}
        ) THEN 'care-team'
        WHEN EXISTS (
          SELECT FROM provider_covers AS cover
          JOIN presences AS covered ON covered.person_id = cover.provider_id AND covered.role <> 'patient'
          JOIN presences AS patients ON patients.encounter_id = covered.encounter_id AND patients.role = 'patient'
          WHERE cover.covering_id = pairs.person_id AND patients.person_id = pairs.patient_id
            AND cover.valid_from < ${to} AND least(cover.valid_to, cover.ended_at) > ${from}
        ) THEN 'cover'
        WHEN EXISTS (
          SELECT FROM emergency_accesses AS emergency
          WHERE emergency.person_id = pairs.person_id AND emergency.patient_id = pairs.patient_id
            AND emergency.valid_from < ${to} AND least(emergency.valid_to, emergency.ended_at) > ${from}
        ) THEN 'emergency'
        ELSE 'none' END AS relation
      FROM pairs
    )
    SELECT acts.person_id, acts.action, coalesce(relations.relation, 'no-patient') AS relation,
      sum(acts.done)::int AS done, sum(acts.denied)::int AS denied, count(DISTINCT acts.patient_id)::int AS patients,
      max(acts.last_at) AS last_at
    FROM acts LEFT JOIN relations USING (person_id, patient_id)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`.execute(db);
  const byPerson = new Map<PersonId, Activity[]>();
  for (const { personId, lastAt, ...activity } of rows) {
    const group = byPerson.get(personId) ?? [];
    group.push({ ...activity, lastAt: iso(lastAt) });
    byPerson.set(personId, group);
  }
  return byPerson;
};

const readAccounts = async (db: Db, scope: ReviewScope): Promise<ReviewedAccount[]> => {
  const activity = await readActivity(db, scope);
  const { rows } = await sql<{
    id: PersonId;
    name: string;
    isActive: boolean;
    roles: AccountRole[];
    createdAt: Date;
  }>`
    SELECT people.id, people.display_name AS name, people.is_active, people.created_at,
      array(SELECT role FROM account_roles WHERE account_roles.person_id = people.id ORDER BY role) AS roles
    FROM people WHERE people.organization_id = ${scope.organizationId} AND people.id IN ${reviewed(scope.organizationId)}
    ORDER BY people.display_name, people.id`.execute(db);
  return rows.map(({ createdAt, ...row }) => ({ ...row, since: iso(createdAt), activity: activity.get(row.id) ?? [] }));
};

const readPatientAccounts = async (db: Db, organizationId: OrganizationId): Promise<ReviewFacts['patientAccounts']> => {
  const { rows } = await sql<ReviewFacts['patientAccounts']>`
    SELECT count(*) FILTER (WHERE is_active)::int AS active, count(*) FILTER (WHERE NOT is_active)::int AS closed
    FROM people WHERE organization_id = ${organizationId} AND id NOT IN ${reviewed(organizationId)}`.execute(db);
  return rows[0] ?? { active: 0, closed: 0 };
};

const readRelationships = async (
  db: Db,
  { organizationId, from, to }: ReviewScope,
): Promise<ReviewedRelationship[]> => {
  const { rows } = await sql<Omit<ReviewedRelationship, 'from' | 'to'> & { from: Date; to: Date | null }>`
    SELECT * FROM (
      SELECT organization_id, kind, proxy_id AS person_id, patient_id AS of_id, valid_from AS "from",
        least(valid_to, ended_at) AS "to" FROM patient_proxies
      UNION ALL
      SELECT organization_id, 'care-team', member_id, patient_id, valid_from, least(valid_to, ended_at) FROM care_team_members
      UNION ALL
      SELECT organization_id, 'cover', covering_id, provider_id, valid_from, least(valid_to, ended_at) FROM provider_covers
    ) AS relationship
    WHERE organization_id = ${organizationId} AND "from" < ${to} AND ("to" IS NULL OR "to" > ${from})
    ORDER BY kind, person_id, of_id, "from"`.execute(db);
  return rows.map((row) => ({
    kind: row.kind,
    personId: row.personId,
    ofId: row.ofId,
    from: iso(row.from),
    to: row.to === null ? undefined : iso(row.to),
  }));
};

const readEmergencies = async (
  phi: Phi,
  db: Db,
  { organizationId, from, to }: ReviewScope,
): Promise<ReviewedEmergency[]> => {
  const { rows } = await sql<{
    id: string;
    personId: PersonId;
    patientId: PersonId;
    sealedReason: Buffer;
    from: Date;
    to: Date;
  }>`
    SELECT id, person_id, patient_id, sealed_reason, valid_from AS "from", least(valid_to, ended_at) AS "to" FROM emergency_accesses
    WHERE organization_id = ${organizationId} AND valid_from >= ${from} AND valid_from < ${to}
    ORDER BY valid_from`.execute(db);
  const emergencies: ReviewedEmergency[] = [];
  for (const { id, personId, patientId, sealedReason: sealed, ...row } of rows) {
    const of = { organizationId, patientId };
    const reason = await openText(phi, db, { of, place: emergencyReasonPlace(id), sealed });
    emergencies.push({ personId, patientId, reason, from: iso(row.from), to: iso(row.to) });
  }
  return emergencies;
};

const readExports = async (phi: Phi, db: Db, { organizationId, from, to }: ReviewScope): Promise<ReviewedExport[]> => {
  const { rows } = await sql<{
    id: RecordExportId;
    personId: PersonId;
    patientId: PersonId;
    sealedReason: Buffer | null;
    at: Date;
  }>`
    SELECT id, requested_by AS person_id, patient_id, sealed_reason, requested_at AS "at" FROM record_exports
    WHERE organization_id = ${organizationId} AND requested_at >= ${from} AND requested_at < ${to}
      AND requested_by <> patient_id
    ORDER BY requested_at, id`.execute(db);
  const exports: ReviewedExport[] = [];
  for (const { id, personId, patientId, sealedReason: sealed, at } of rows) {
    const of = { organizationId, patientId };
    const reason = sealed === null ? '' : await openText(phi, db, { of, place: exportReasonPlace(id), sealed });
    exports.push({ personId, patientId, reason, at: iso(at) });
  }
  return exports;
};

const readMachines = async (db: Db, organizationId: OrganizationId): Promise<ReviewedMachine[]> => {
  const rows = await db
    .selectFrom('serviceClients')
    .where('organizationId', '=', organizationId)
    .select(['personId', 'label', 'actions', 'createdAt', 'revokedAt'])
    .orderBy('label')
    .execute();
  return rows.map((row) => ({
    id: row.personId,
    label: row.label,
    actions: row.actions,
    since: iso(row.createdAt),
    revokedAt: row.revokedAt === null ? undefined : iso(row.revokedAt),
  }));
};

/**
 * All that a review tells of, on one snapshot where `db` is one. Takes as long as the trail is. Errors: `unavailable`
 * (reasons cannot be opened now).
 */
export const readReviewFacts = async (phi: Phi, db: Db, scope: ReviewScope): Promise<ReviewFacts> => ({
  organization: await db
    .selectFrom('organizations')
    .where('id', '=', scope.organizationId)
    .select(['id', 'name'])
    .executeTakeFirstOrThrow(),
  accounts: await readAccounts(db, scope),
  patientAccounts: await readPatientAccounts(db, scope.organizationId),
  machines: await readMachines(db, scope.organizationId),
  relationships: await readRelationships(db, scope),
  emergencies: await readEmergencies(phi, db, scope),
  exports: await readExports(phi, db, scope),
});

export const findReviewByHash = (db: Db, sha256: string) =>
  db.selectFrom('accessReviews').where('sha256', '=', sha256).select(['id', 'organizationId']).executeTakeFirst();

/** What somebody wrote when they signed; undefined: they have not. */
export const findSignature = (db: Db, which: { readonly reviewId: AccessReviewId; readonly signedBy: PersonId }) =>
  db
    .selectFrom('accessReviewSignatures')
    .where('reviewId', '=', which.reviewId)
    .where('signedBy', '=', which.signedBy)
    .select('remark')
    .executeTakeFirst();

/** False where they have signed it before. */
export const insertSignature = async (
  db: Db,
  signature: {
    readonly reviewId: AccessReviewId;
    readonly organizationId: OrganizationId;
    readonly signedBy: PersonId;
    readonly remark: string | undefined;
    readonly signedAt: Date;
  },
): Promise<boolean> => {
  const made = await db
    .insertInto('accessReviewSignatures')
    .values({ ...signature, remark: signature.remark ?? null })
    .onConflict((conflict) => conflict.columns(['reviewId', 'signedBy']).doNothing())
    .executeTakeFirst();
  return made.numInsertedOrUpdatedRows === 1n;
};
