import { randomUUID } from 'node:crypto';
import { AppointmentId, EncounterId, type IntakeAnswers, type OrganizationId, type PersonId } from '@bedside/protocol';
import type { Actor } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { isDesk } from '../policy/policy.ts';
import type { AppointmentRow } from './appointment-store.ts';
import type { BookingFacts } from './booking-facts.ts';
import type { HeldTime } from './hold-store.ts';
import { requireAnswers } from './intake.ts';
import { type Judged, peopleOf, type Wanted } from './judging.ts';
import type { RequestKey, VisitPlacement } from './placing.ts';

export const newVisit = (): { id: AppointmentId; encounterId: EncounterId } => ({
  id: AppointmentId.parse(randomUUID()),
  encounterId: EncounterId.parse(randomUUID()),
});

/** A placement whose answers are not sealed yet: no database is given it. */
export interface ClearPlacement extends Omit<VisitPlacement, 'answers'> {
  readonly answers: IntakeAnswers | undefined;
}

/** A wanted time that was judged. */
export const placementOf = (request: {
  readonly organizationId: OrganizationId;
  readonly wanted: Wanted;
  readonly facts: BookingFacts;
  readonly judged: Judged;
  readonly actor: Actor;
  readonly madeBy: PersonId;
  readonly answers: IntakeAnswers;
  readonly answersAreKept?: boolean;
  readonly now: Date;
  readonly key?: RequestKey | undefined;
  readonly replacedId?: AppointmentId | undefined;
  readonly seriesId?: string | undefined;
}): ClearPlacement => {
  const { wanted, judged, facts } = request;
  const { visitType } = judged;
  const isSession = wanted.patientId === undefined;
  const session =
    wanted.groupAppointmentId !== undefined && facts.group !== null
      ? { id: wanted.groupAppointmentId, encounterId: facts.group.encounterId }
      : newVisit();
  return {
    ...session,
    now: request.now,
    organizationId: request.organizationId,
    actor: request.actor,
    action: isSession ? 'group.create' : 'appointment.book',
    people: judged.people,
    judged: judged.judged,
    providerId: wanted.providerId,
    visitTypeId: wanted.visitTypeId,
    patientId: wanted.patientId,
    groupAppointmentId: wanted.groupAppointmentId,
    startsAt: wanted.startsAt,
    endsAt: judged.endsAt,
    providerDate: judged.providerDate,
    patientRegion: judged.patientRegion,
    payerId: wanted.payerId,
    capped: true,
    madeBy: request.madeBy,
    seats: visitType.seats,
    answers: isSession
      ? undefined
      : request.answersAreKept === true
        ? request.answers
        : requireAnswers(visitType.intakeQuestions, request.answers),
    seriesId: request.seriesId,
    replacedId: request.replacedId,
    key: request.key,
  };
};

/** What a hold keeps. */
export const heldPlacement = (request: {
  readonly caller: Caller;
  readonly hold: HeldTime;
  readonly answers: IntakeAnswers;
  readonly key: RequestKey | undefined;
  readonly now: Date;
}): ClearPlacement => {
  const { caller, hold } = request;
  const wanted: Wanted = {
    providerId: hold.providerId,
    visitTypeId: hold.visitTypeId,
    startsAt: hold.startsAt,
    patientId: hold.patientId,
    additional: hold.additional,
  };
  const session =
    hold.groupAppointmentId !== null && hold.groupEncounterId !== null
      ? { id: hold.groupAppointmentId, encounterId: hold.groupEncounterId }
      : newVisit();
  return {
    ...session,
    now: request.now,
    organizationId: hold.organizationId,
    actor: actorOf(caller, isDesk(caller.who) ? undefined : 'patient'),
    action: 'appointment.book',
    people: peopleOf(wanted, hold.visitType, hold.groupAppointmentId === null ? undefined : []),
    judged: [],
    providerId: hold.providerId,
    visitTypeId: hold.visitTypeId,
    patientId: hold.patientId,
    groupAppointmentId: hold.groupAppointmentId ?? undefined,
    startsAt: hold.startsAt,
    endsAt: hold.endsAt,
    providerDate: hold.providerDate,
    patientRegion: hold.patientRegion ?? undefined,
    payerId: hold.payerId ?? undefined,
    capped: false,
    madeBy: caller.who.personId,
    seats: hold.visitType.seats,
    answers: request.answers,
    holdId: hold.id,
    token: hold.token,
    key: request.key,
  };
};

/** A visit that was placed a moment ago, as a query would find it. */
export const rowOf = (placement: VisitPlacement, judged: Judged, facts: BookingFacts): AppointmentRow => {
  const { visitType } = judged;
  const known = new Map<PersonId, { displayName: string; timeZone: string }>(
    facts.providers.map((one) => [one.id, one]),
  );
  const toPerson = ({ id, role }: VisitPlacement['people'][number]) => {
    const { displayName, timeZone } = known.get(id) ?? { displayName: facts.patient?.displayName ?? '', timeZone: '' };
    return { id, role, displayName, timeZone };
  };
  return {
    id: placement.id,
    organizationId: placement.organizationId,
    encounterId: placement.encounterId,
    status: 'booked',
    encounterStatus: 'planned',
    version: 1,
    startsAt: placement.startsAt,
    endsAt: placement.endsAt,
    patientId: placement.patientId ?? null,
    providerId: placement.providerId,
    seats: placement.seats,
    taken: null,
    seriesId: placement.seriesId ?? null,
    rescheduledTo: null,
    visitTypeId: visitType.id,
    visitTypeName: visitType.name,
    modality: visitType.modality,
    durationMinutes: visitType.durationMinutes,
    cancelNoticeMinutes: visitType.cancelNoticeMinutes,
    earlyEntryMinutes: visitType.earlyEntryMinutes,
    lateEntryMinutes: visitType.lateEntryMinutes,
    people: placement.people.map(toPerson),
  };
};
