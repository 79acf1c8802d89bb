import { randomUUID } from 'node:crypto';
import type { PersonId, Presence } from '@bedside/protocol';
import { messagePlace } from '../../src/encounters/message-texts.ts';
import { personOwner } from '../../src/phi/owner.ts';
import { sha256 } from '../../src/secrets.ts';
import { MINUTE_MS } from './clinic.ts';
import { at, DAY_MS, type Ground, HOUR_MS, uuid } from './matrix-ground.ts';

const VISITS = {
  read: { at: 0, status: 'in-visit', encounter: 'in-progress', presence: 'admitted' },
  admit: { at: HOUR_MS, status: 'in-waiting', encounter: 'planned', presence: 'ready' },
  sendBack: { at: 2 * HOUR_MS, status: 'admitted', encounter: 'planned', presence: 'admitted' },
  end: { at: 3 * HOUR_MS, status: 'in-visit', encounter: 'in-progress', presence: 'admitted' },
  cancel: { at: DAY_MS, status: 'booked', encounter: 'planned', presence: 'absent' },
  move: { at: 2 * DAY_MS, status: 'booked', encounter: 'planned', presence: 'absent' },
  noShow: { at: -HOUR_MS, status: 'booked', encounter: 'planned', presence: 'absent' },
} as const;
export type VisitName = keyof typeof VISITS;

/** The patient's as the visit has it; the provider is in a visit that is under way. */
const presenceOf = (index: number, ofPatient: Presence, encounter: string): Presence => {
  if (index === 0) return ofPatient;
  return index === 1 && encounter === 'in-progress' ? 'admitted' : 'absent';
};

/** A visit for each act, and a word in the thread of the one that is read. `memberIds`: the patient, the provider, others. */
export const addVisits = async (
  { clinic, phi }: Ground,
  what: { readonly memberIds: readonly [PersonId, PersonId, ...PersonId[]]; readonly word: string },
) => {
  const { organizationId, visitTypeId } = clinic;
  const { db } = clinic.database;
  const { memberIds, word } = what;
  const [patientId, hostId] = memberIds;
  const visits = {} as Record<VisitName, { appointmentId: string; encounterId: string }>;
  const shapes = Object.entries(VISITS).map(([visit, shape]) => {
    const ids = { appointmentId: uuid(), encounterId: uuid() };
    visits[visit as VisitName] = ids;
    return { ...shape, ...ids, startsAt: at(shape.at), endsAt: at(shape.at + 30 * MINUTE_MS) };
  });
  const of = { organizationId, providerId: hostId, patientId, createdAt: at(0) };
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('appointments')
      .values(
        shapes.map(({ appointmentId, status, startsAt, endsAt }) => ({
          ...of,
          id: appointmentId,
          visitTypeId,
          startsAt,
          endsAt,
          status,
          providerDate: startsAt.toISOString().slice(0, 10),
          updatedAt: at(0),
        })),
      )
      .execute();
    await tx
      .insertInto('encounters')
      .values(
        shapes.map(({ appointmentId, encounterId, encounter }) => ({
          ...of,
          id: encounterId,
          appointmentId,
          status: encounter,
          startedAt: encounter === 'in-progress' ? at(0) : null,
        })),
      )
      .execute();
    await tx
      .insertInto('presences')
      .values(
        shapes.flatMap(({ encounterId, presence, encounter }) =>
          memberIds.map((personId, index) => ({
            encounterId,
            personId,
            organizationId,
            role: (['patient', 'provider', 'interpreter'] as const)[index] ?? 'guest',
            presence: presenceOf(index, presence, encounter),
            connected: false,
            since: at(0),
            admittedAt: index === 0 && presence === 'admitted' ? at(0) : null,
            enteredAt: index === 0 && presence === 'admitted' ? at(0) : null,
          })),
        ),
      )
      .execute();
    await tx
      .insertInto('calendarClaims')
      .values(
        shapes.flatMap(({ appointmentId, startsAt, endsAt }) =>
          [patientId, hostId].map((personId) => ({ organizationId, personId, appointmentId, startsAt, endsAt })),
        ),
      )
      .execute();
    const message = { id: uuid(), encounterId: visits.read.encounterId as never };
    const owner = personOwner(organizationId, patientId);
    await tx
      .insertInto('messages')
      .values({
        ...message,
        organizationId,
        seq: 1,
        senderId: hostId,
        clientMessageId: randomUUID(),
        sealedText: await phi.seal(tx, owner, messagePlace(message), word),
        sentAt: at(0),
      })
      .execute();
  });
  return visits;
};

const SESSIONS = { seated: 7 * DAY_MS, open: 8 * DAY_MS } as const;
export type SessionName = keyof typeof SESSIONS;

/**
 * Group sessions of the provider's: one in which the patient sits beside a stranger, with a grant that lets them in, and
 * one in which the stranger sits alone.
 */
export const addSessions = async (
  ground: Ground,
  memberIds: readonly [PersonId, PersonId, ...PersonId[]],
): Promise<Record<SessionName, { appointmentId: string; encounterId: string; startsAt: string }>> => {
  const { clinic, strangerId, groupTypeId } = ground;
  const { organizationId } = clinic;
  const [patientId, hostId, ...workingIds] = memberIds;
  const of = { organizationId, providerId: hostId, patientId: null, createdAt: at(0) };
  const made = {} as Record<SessionName, { appointmentId: string; encounterId: string; startsAt: string }>;
  for (const [name, startMs] of Object.entries(SESSIONS)) {
    const [appointmentId, encounterId] = [uuid(), uuid()];
    const span = { startsAt: at(startMs), endsAt: at(startMs + 30 * MINUTE_MS) };
    const patientIds = name === 'seated' ? [patientId, strangerId] : [strangerId];
    const people = [
      ...patientIds.map((personId) => ({ personId, role: 'patient' as const })),
      { personId: hostId, role: 'provider' as const },
      ...workingIds.map((personId) => ({ personId, role: 'interpreter' as const })),
    ];
    await clinic.database.db.transaction().execute(async (tx) => {
      const providerDate = span.startsAt.toISOString().slice(0, 10);
      await tx
        .insertInto('appointments')
        .values({
          ...of,
          ...span,
          id: appointmentId,
          visitTypeId: groupTypeId,
          seats: 5,
          providerDate,
          updatedAt: at(0),
        })
        .execute();
      await tx
        .insertInto('encounters')
        .values({ ...of, id: encounterId, appointmentId })
        .execute();
      await tx
        .insertInto('presences')
        .values(people.map((one) => ({ ...one, organizationId, encounterId, since: at(0) })))
        .execute();
      // The stranger is in many such sessions at once.
      await tx
        .insertInto('calendarClaims')
        .values(
          [hostId, ...patientIds]
            .filter((personId) => personId !== strangerId)
            .map((personId) => ({ ...span, organizationId, personId, appointmentId })),
        )
        .execute();
    });
    if (name === 'seated') await addGrant(ground, patientId, encounterId);
    made[name as SessionName] = { appointmentId, encounterId, startsAt: span.startsAt.toISOString() };
  }
  return made;
};

/** The patient's grant for a visit. */
export const addGrant = async ({ clinic }: Ground, patientId: PersonId, encounterId: string): Promise<string> => {
  const { organizationId } = clinic;
  const { db } = clinic.database;
  const grantId = uuid() as string;
  await db
    .insertInto('grants')
    .values({
      id: grantId as never,
      organizationId,
      encounterId: encounterId as never,
      personId: patientId,
      role: 'patient',
      sessionHash: sha256(randomUUID()),
      issuedAt: at(0),
      expiresAt: at(5 * MINUTE_MS),
    })
    .execute();
  return grantId;
};
