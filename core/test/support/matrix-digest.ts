import { sql } from 'kysely';
import type { Clinic } from './clinic.ts';
import type { World } from './matrix-world.ts';

/** All that a world's patient and provider have, as one hash: equal before and after where nothing has changed. */
export const digestOf = async (clinic: Clinic, world: World, marker: string): Promise<string> => {
  const { patientId: patient, hostId: host } = world;
  const rows = (
    table: string,
    where: ReturnType<typeof sql>,
  ) => sql`(SELECT jsonb_agg(to_jsonb(row) - 'updated_at' - 'seen_at'
    ORDER BY to_jsonb(row)::text) FROM ${sql.table(table)} AS row WHERE ${where})`;
  const theirs = sql`row.patient_id = ${patient} OR row.provider_id = ${host}`;
  const visit = sql`row.encounter_id IN (SELECT id FROM encounters WHERE patient_id = ${patient} OR provider_id = ${host})`;
  const marked = (table: string, column: string) =>
    rows(table, sql`${sql.ref(`row.${column}`)} = ${marker} AND row.organization_id = ${world.organizationId}`);
  const { rows: found } = await sql<{ digest: string }>`SELECT md5(jsonb_build_array(
    ${rows('appointments', theirs)}, ${rows('encounters', theirs)}, ${rows('holds', theirs)}, ${rows('presences', visit)},
    ${rows('messages', visit)}, ${rows('grants', visit)}, ${rows('waitlist_entries', sql`row.patient_id = ${patient}`)},
    ${rows('calendar_feeds', sql`row.person_id IN (${patient}, ${host})`)},
    ${rows('patient_proxies', sql`row.patient_id = ${patient}`)}, ${rows('care_team_members', sql`row.patient_id = ${patient}`)},
    ${rows('emergency_accesses', sql`row.patient_id = ${patient}`)}, ${rows('provider_covers', sql`row.provider_id = ${host}`)},
    ${rows('availability_rules', sql`row.provider_id = ${host}`)}, ${rows('time_off', sql`row.provider_id = ${host}`)},
    ${rows('licenses', sql`row.provider_id = ${host}`)}, ${rows('daily_caps', sql`row.provider_id = ${host}`)},
    ${rows('calendar_claims', sql`row.person_id IN (${patient}, ${host})`)},
    ${rows('sessions', sql`row.id = ${world.sessionId}`)}, ${rows('passkeys', sql`row.id = ${world.passkeyId}`)},
    ${rows('patient_identifiers', sql`row.patient_id = ${patient}`)}, ${rows('record_exports', sql`row.patient_id = ${patient}`)},
    ${rows('correction_requests', sql`row.patient_id = ${patient}`)},
    ${rows('correction_events', sql`row.request_id IN (SELECT id FROM correction_requests WHERE patient_id = ${patient})`)},
    ${rows('business_associate_agreements', sql`row.id = ${world.agreementId}`)},
    ${rows('access_review_signatures', sql`row.review_id = ${world.review.id}`)},
    ${rows('service_clients', sql`row.person_id = ${world.machineId}`)}, ${rows('payers', sql`row.id = ${world.payerId}`)},
    ${marked('business_associate_agreements', 'vendor')}, ${marked('service_clients', 'label')}, ${marked('payers', 'name')},
    ${marked('holidays', 'name')}, ${marked('compact_members', 'source')}, ${marked('payer_rules', 'source')},
    ${marked('visit_types', 'name')})::text) AS digest`.execute(clinic.database.db);
  return found[0]?.digest ?? '';
};
