import type { OrganizationId, PersonId } from '@bedside/protocol';
import { ACTIONS, isForMachines } from '../../src/policy/policy.ts';
import { PATIENT_RELATIONS } from '../../src/policy/relations.ts';
import { sha256 } from '../../src/secrets.ts';
import { at, DAY_MS, type Ground, HOUR_MS } from './matrix-ground.ts';
import { MACHINE_KEY } from './matrix-kept.ts';
import { openInEmergency } from './phi.ts';

/** How whoever asks has to do with the patient and the visits of their world. `lapsed`: as much as can be, and all over. */
export const MATRIX_RELATIONS = [
  'own',
  'host',
  'member',
  ...PATIENT_RELATIONS,
  'lapsed',
  'none',
  'other-organization',
] as const;
export type MatrixRelation = (typeof MATRIX_RELATIONS)[number];

export const relate = async (
  ground: Ground,
  ids: { actor: PersonId; patient: PersonId; host: PersonId },
  relation: MatrixRelation,
) => {
  const { db } = ground.clinic.database;
  const { organizationId } = ground.clinic;
  const isOver = relation === 'lapsed';
  const period = { validFrom: at(-2 * DAY_MS), validTo: isOver ? at(-DAY_MS) : at(30 * DAY_MS) };
  const made = { organizationId, madeBy: ids.host, madeAt: at(-2 * DAY_MS) };
  const has = (...names: MatrixRelation[]) => isOver || names.includes(relation);
  if (has('proxy-read', 'proxy-schedule'))
    await db
      .insertInto('patientProxies')
      .values({
        ...made,
        ...period,
        patientId: ids.patient,
        proxyId: ids.actor,
        kind: 'proxy',
        scopes: isOver ? ['read', 'schedule'] : [relation === 'proxy-read' ? 'read' : 'schedule'],
      })
      .execute();
  if (has('care-team'))
    await db
      .insertInto('careTeamMembers')
      .values({ ...made, ...period, patientId: ids.patient, memberId: ids.actor })
      .execute();
  if (has('covering'))
    await db
      .insertInto('providerCovers')
      .values({ ...made, ...period, providerId: ids.host, coveringId: ids.actor })
      .execute();
  if (has('break-glass'))
    await openInEmergency(ground.clinic, {
      organizationId,
      patientId: ids.patient,
      personId: ids.actor,
      reason: 'Unconscious at home',
      validFrom: isOver ? at(-2 * HOUR_MS) : at(-HOUR_MS),
      validTo: isOver ? at(-HOUR_MS) : at(HOUR_MS),
    });
};

/** Lets somebody in as a machine with all that machines may be given. */
export const addToken = async (
  { clinic }: Ground,
  of: { readonly organizationId: OrganizationId; readonly personId: PersonId },
  token: string,
): Promise<void> => {
  const { db } = clinic.database;
  const actions = ACTIONS.filter(isForMachines);
  await db
    .insertInto('serviceClients')
    .values({
      ...of,
      label: 'Asking',
      publicJwk: JSON.stringify(MACHINE_KEY),
      actions,
      createdBy: of.personId,
      createdAt: at(0),
    })
    .execute();
  await db
    .insertInto('serviceTokens')
    .values({ ...of, idHash: sha256(token), actions, issuedAt: at(0), expiresAt: at(HOUR_MS) })
    .execute();
};

/** Relationships that a stranger has with the two: those whose end is asked for. */
export const addRelationships = async (
  { clinic, strangerId }: Ground,
  { patientId, hostId }: { readonly patientId: PersonId; readonly hostId: PersonId },
) => {
  const { organizationId } = clinic;
  const { db } = clinic.database;
  const made = { organizationId, madeBy: hostId, madeAt: at(0), validFrom: at(-DAY_MS), validTo: at(DAY_MS) };
  const { id: proxyId } = await db
    .insertInto('patientProxies')
    .values({ ...made, patientId, proxyId: strangerId, kind: 'proxy', scopes: ['read'] })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: careTeamId } = await db
    .insertInto('careTeamMembers')
    .values({ ...made, patientId, memberId: strangerId })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: coverId } = await db
    .insertInto('providerCovers')
    .values({ ...made, providerId: hostId, coveringId: strangerId })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { proxyId, careTeamId, coverId };
};
