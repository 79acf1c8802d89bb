import { randomUUID } from 'node:crypto';
import type { AccountRole, OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import type { Who } from '../../src/policy/policy.ts';
import { PATIENT_RELATIONS, type PatientRelation } from '../../src/policy/relations.ts';
import { sha256 } from '../../src/secrets.ts';
import { Browser } from './browser.ts';
import { addCalendar, addHours } from './matrix-calendar.ts';
import { addPerson, at, type Ground, HOUR_MS } from './matrix-ground.ts';
import { addKept } from './matrix-kept.ts';
import { addOwn, type CorrectionName } from './matrix-own.ts';
import { addRelationships, addToken, type MatrixRelation, relate } from './matrix-relations.ts';
import { addGrant, addSessions, addVisits, type SessionName, type VisitName } from './matrix-visits.ts';
import { openInEmergency } from './phi.ts';

/** A patient, their provider, what the two have, and somebody who has to do with it in one way and asks for all of it. */
export interface World {
  readonly role: AccountRole;
  readonly relation: MatrixRelation;
  readonly who: Who;
  readonly relations: readonly PatientRelation[];
  readonly browser: Browser;
  /** A machine's token, where a machine asks. */
  readonly headers: Readonly<Record<string, string>>;
  readonly organizationId: OrganizationId;
  readonly visitTypeId: VisitTypeId;
  readonly groupTypeId: VisitTypeId;
  readonly patientId: PersonId;
  readonly hostId: PersonId;
  readonly otherId: PersonId;
  readonly memberIds: readonly PersonId[];
  /** The patient's name, and a word of the visit's thread: they are nowhere else. */
  readonly name: string;
  readonly word: string;
  readonly visits: Readonly<Record<VisitName, { readonly appointmentId: string; readonly encounterId: string }>>;
  readonly sessions: Readonly<Record<SessionName, { readonly appointmentId: string; readonly startsAt: string }>>;
  readonly holds: readonly { readonly id: string; readonly token: string }[];
  readonly entryId: string;
  readonly feedId: string;
  readonly timeOffId: string;
  readonly grantId: string;
  readonly proxyId: string;
  readonly careTeamId: string;
  readonly coverId: string;
  readonly emergencyId: string;
  /** Another session of the patient's, and a passkey of theirs. */
  readonly sessionId: string;
  readonly passkeyId: string;
  readonly identifierId: string;
  /** Asked for by the patient. */
  readonly exportId: string;
  /** Of the patient, one for each act. */
  readonly corrections: Readonly<Record<CorrectionName, string>>;
  readonly agreementId: string;
  readonly review: { readonly id: string; readonly sha256: string };
  readonly machineId: string;
  readonly payerId: string;
}

/** One world, with what its people have. Nothing of it is in another world. */
export const makeWorld = async (ground: Ground, role: AccountRole, relation: MatrixRelation): Promise<World> => {
  const { clinic, strangerId } = ground;
  const { organizationId, visitTypeId } = clinic;
  const { db } = clinic.database;
  const mark = randomUUID().slice(0, 8);
  const [name, word] = [`Canary-${mark}`, `thread-${mark}`];
  const person = { organizationId, isPatient: false, isProvider: false };
  const patientId = await addPerson(ground, {
    ...person,
    name,
    roles: relation === 'own' ? [role] : ['patient'],
    isPatient: true,
  });
  const hostId = await addPerson(ground, {
    ...person,
    name: 'Host',
    roles: relation === 'host' ? [role] : ['provider'],
    isProvider: true,
  });
  const actorOrganizationId = relation === 'other-organization' ? ground.otherOrganizationId : organizationId;
  const actorId =
    relation === 'own'
      ? patientId
      : relation === 'host'
        ? hostId
        : await addPerson(ground, {
            organizationId: actorOrganizationId,
            name: 'Actor',
            roles: [role],
            isPatient: true,
            isProvider: true,
          });
  await relate(ground, { actor: actorId, patient: patientId, host: hostId }, relation);
  await addHours(ground, hostId);
  const two = { patientId, hostId };
  const memberIds = relation === 'member' ? ([patientId, hostId, actorId] as const) : ([patientId, hostId] as const);
  const visits = await addVisits(ground, { memberIds, word });
  const sessions = await addSessions(ground, memberIds);
  const grantId = await addGrant(ground, patientId, visits.read.encounterId);
  const { id: emergencyId } =
    relation === 'break-glass'
      ? await db.selectFrom('emergencyAccesses').select('id').where('personId', '=', actorId).executeTakeFirstOrThrow()
      : await openInEmergency(clinic, {
          organizationId,
          patientId,
          personId: strangerId,
          reason: 'Unconscious at home',
          validFrom: at(-HOUR_MS),
          validTo: at(HOUR_MS),
        });

  const cookie = randomUUID().replaceAll('-', '').padEnd(43, 'x');
  if (role === 'service') await addToken(ground, { organizationId: actorOrganizationId, personId: actorId }, cookie);
  await db
    .insertInto('sessions')
    .values({
      idHash: sha256(cookie),
      organizationId: actorOrganizationId,
      personId: actorId,
      createdAt: at(0),
      seenAt: at(0),
      authenticatedAt: at(0),
      expiresAt: at(12 * HOUR_MS),
    })
    .execute();
  return {
    role,
    relation,
    who: { personId: actorId, organizationId: actorOrganizationId, roles: [role] },
    relations: PATIENT_RELATIONS.filter((one) => one === relation),
    browser: new Browser(clinic.origin, role === 'service' ? {} : { bedside_session: cookie }),
    headers: role === 'service' ? { authorization: `Bearer ${cookie}` } : {},
    organizationId,
    visitTypeId,
    groupTypeId: ground.groupTypeId,
    patientId,
    hostId,
    otherId: strangerId,
    memberIds,
    name,
    word,
    visits,
    sessions,
    ...(await addCalendar(ground, two)),
    grantId,
    ...(await addRelationships(ground, two)),
    emergencyId,
    ...(await addOwn(ground, { patientId, name })),
    ...(await addKept(ground, hostId)),
  };
};
