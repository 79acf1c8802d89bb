import type {
  AppointmentStatus,
  CorrectionStatus,
  EncounterStatus,
  IntakeAnswers,
  IntakeQuestion,
  Modality,
  OrganizationId,
  PersonId,
  VisitRole,
  WaitlistStatus,
} from '@bedside/protocol';
import { codes, eventClassOf } from '../../audit/fhir/codes.ts';

/** FHIR R4 (4.0.1), as much of each resource as there is something to say. */
export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

const text = (value: string) => ({ text: value });
const extension = (name: string, value: Record<string, string>) => ({
  url: `urn:bedside:extension:${name}`,
  ...value,
});
/** Elements without a value are left out: FHIR knows no null. */
const present = <Fields extends Record<string, unknown>>(fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  ) as Fields;
const patientReference = (id: PersonId) => ({ reference: `Patient/${id}` });
const practitioner = (name: string) => ({ type: 'Practitioner', display: name });

export interface PatientFacts {
  readonly id: PersonId;
  readonly displayName: string;
  readonly timeZone: string;
  readonly isActive: boolean;
  readonly region: string | null;
  readonly organizationId: OrganizationId;
  readonly organizationName: string;
  readonly contacts: readonly { readonly system: 'email' | 'sms'; readonly value: string }[];
}

export const patientResource = (facts: PatientFacts): Resource =>
  present({
    resourceType: 'Patient',
    id: facts.id,
    active: facts.isActive,
    name: [text(facts.displayName)],
    telecom: facts.contacts.map(({ system, value }) => ({ system, value })),
    address: facts.region === null ? undefined : [{ state: facts.region }],
    managingOrganization: { display: facts.organizationName },
    extension: [extension('time-zone', { valueString: facts.timeZone })],
  });

/** A visit of the patient's, with themselves in it; nobody else's of a group session. */
export interface VisitFacts {
  readonly appointmentId: string;
  readonly encounterId: string;
  readonly status: AppointmentStatus;
  readonly encounterStatus: EncounterStatus;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly cancelReason: string | null;
  readonly visitType: string;
  readonly modality: Modality;
  readonly questions: readonly IntakeQuestion[];
  readonly answers: IntakeAnswers | null;
  readonly region: string | null;
  readonly payer: string | null;
  readonly participation: 'accepted' | 'declined';
  readonly enteredAt: Date | null;
  readonly leftAt: Date | null;
  /** Those who work in it. */
  readonly staff: readonly { readonly displayName: string; readonly role: VisitRole }[];
}

/** FHIR's AppointmentStatus has no code for a visit that was moved; the new one stands beside it. */
const APPOINTMENT_STATUS: Readonly<Record<AppointmentStatus, string>> = {
  booked: 'booked',
  arrived: 'arrived',
  'in-waiting': 'checked-in',
  admitted: 'checked-in',
  'in-visit': 'arrived',
  fulfilled: 'fulfilled',
  cancelled: 'cancelled',
  rescheduled: 'cancelled',
  'no-show': 'noshow',
  'entered-in-error': 'entered-in-error',
};

export const appointmentResource = (patientId: PersonId, visit: VisitFacts): Resource =>
  present({
    resourceType: 'Appointment',
    id: visit.appointmentId,
    status: visit.participation === 'declined' ? 'cancelled' : APPOINTMENT_STATUS[visit.status],
    cancelationReason:
      visit.status === 'rescheduled'
        ? text('Moved to another time')
        : visit.cancelReason === null
          ? undefined
          : text(visit.cancelReason),
    serviceType: [text(visit.visitType)],
    serviceCategory: [text(visit.modality)],
    start: visit.startsAt.toISOString(),
    end: visit.endsAt.toISOString(),
    created: visit.createdAt.toISOString(),
    participant: [
      { actor: patientReference(patientId), status: visit.participation },
      ...visit.staff.map(({ displayName, role }) => ({
        type: [text(role)],
        actor: practitioner(displayName),
        status: 'accepted',
      })),
    ],
    extension: [
      ...(visit.region === null ? [] : [extension('patient-region', { valueString: visit.region })]),
      ...(visit.payer === null ? [] : [extension('payer', { valueString: visit.payer })]),
    ],
  });

const period = (start: Date | null, end: Date | null) =>
  start === null ? undefined : present({ start: start.toISOString(), end: end?.toISOString() });

export const encounterResource = (patientId: PersonId, visit: VisitFacts): Resource =>
  present({
    resourceType: 'Encounter',
    id: visit.encounterId,
    status: visit.encounterStatus,
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR', display: 'virtual' },
    type: [text(visit.visitType)],
    subject: patientReference(patientId),
    appointment: [{ reference: `Appointment/${visit.appointmentId}` }],
    participant: visit.staff.map(({ displayName, role }) => ({
      type: [text(role)],
      individual: practitioner(displayName),
    })),
    period: period(visit.startedAt, visit.endedAt),
    extension: [
      ...(visit.enteredAt === null
        ? []
        : [extension('patient-entered', { valueDateTime: visit.enteredAt.toISOString() })]),
      ...(visit.leftAt === null ? [] : [extension('patient-left', { valueDateTime: visit.leftAt.toISOString() })]),
    ],
  });

/** What was answered before the visit; undefined where nothing was. A question that is asked no more goes by its id. */
export const intakeResource = (patientId: PersonId, visit: VisitFacts): Resource | undefined => {
  const answers = Object.entries(visit.answers ?? {});
  if (answers.length === 0) return undefined;
  return {
    resourceType: 'QuestionnaireResponse',
    id: visit.appointmentId,
    status: 'completed',
    subject: patientReference(patientId),
    encounter: { reference: `Encounter/${visit.encounterId}` },
    authored: visit.createdAt.toISOString(),
    item: answers.map(([linkId, answer]) => ({
      linkId,
      text: visit.questions.find(({ id }) => id === linkId)?.label ?? linkId,
      answer: [typeof answer === 'boolean' ? { valueBoolean: answer } : { valueString: answer }],
    })),
  };
};

export interface MessageFacts {
  readonly id: string;
  readonly encounterId: string;
  readonly sentAt: Date;
  readonly text: string;
  /** Null: somebody who is not told of here. */
  readonly senderName: string | null;
  readonly isOwn: boolean;
}

export const messageResource = (patientId: PersonId, message: MessageFacts): Resource => ({
  resourceType: 'Communication',
  id: message.id,
  status: 'completed',
  subject: patientReference(patientId),
  encounter: { reference: `Encounter/${message.encounterId}` },
  sent: message.sentAt.toISOString(),
  sender: message.isOwn
    ? { ...patientReference(patientId), display: message.senderName ?? 'You' }
    : practitioner(message.senderName ?? 'A guest'),
  payload: [{ contentString: message.text }],
});

export interface NoticeFacts {
  readonly id: string;
  readonly sentAt: Date;
  readonly kind: string;
  readonly channel: 'email' | 'sms';
}

/** That a message left; what it said follows from the visit and is kept nowhere. */
export const noticeResource = (patientId: PersonId, notice: NoticeFacts): Resource => ({
  resourceType: 'Communication',
  id: notice.id,
  status: 'completed',
  category: [text('notification')],
  subject: patientReference(patientId),
  sent: notice.sentAt.toISOString(),
  medium: [text(notice.channel)],
  topic: text(notice.kind),
});

export interface WaitingFacts {
  readonly id: string;
  readonly status: WaitlistStatus;
  readonly visitType: string;
  readonly providerName: string | null;
  readonly specialty: string | null;
  readonly earliestAt: Date;
  readonly latestAt: Date;
  readonly createdAt: Date;
}

export const waitingResource = (patientId: PersonId, entry: WaitingFacts): Resource =>
  present({
    resourceType: 'Appointment',
    id: entry.id,
    status: entry.status === 'waiting' || entry.status === 'offered' ? 'waitlist' : 'cancelled',
    cancelationReason: entry.status === 'waiting' || entry.status === 'offered' ? undefined : text(entry.status),
    serviceType: [text(entry.visitType)],
    specialty: entry.specialty === null ? undefined : [text(entry.specialty)],
    created: entry.createdAt.toISOString(),
    requestedPeriod: [{ start: entry.earliestAt.toISOString(), end: entry.latestAt.toISOString() }],
    participant: [
      { actor: patientReference(patientId), status: 'tentative' },
      ...(entry.providerName === null ? [] : [{ actor: practitioner(entry.providerName), status: 'needs-action' }]),
    ],
  });

export interface CorrectionFacts {
  readonly id: string;
  readonly status: CorrectionStatus;
  readonly about: string;
  readonly aboutId?: string | undefined;
  readonly statement: string;
  readonly proposed: string;
  readonly denialBasis?: string | undefined;
  readonly dueAt: string;
  readonly createdAt: string;
  readonly history: readonly {
    readonly at: string;
    readonly by: { readonly displayName: string };
    readonly act: string;
    readonly note?: string | undefined;
  }[];
}

const TASK_STATUS: Readonly<Record<CorrectionStatus, string>> = {
  requested: 'requested',
  withdrawn: 'cancelled',
  accepted: 'completed',
  denied: 'rejected',
  disagreed: 'rejected',
  rebutted: 'rejected',
};

/** http://hl7.org/fhir/uv/patient-corrections/ (STU 1). */
const CORRECTION_CODE = {
  system: 'http://hl7.org/fhir/uv/patient-corrections/CodeSystem/PatientCorrectionTaskTypes',
  code: 'medRecCxReq',
};

/** A disagreement goes with the record that it is about (45 CFR 164.526(d)(4)). */
export const correctionResource = (patientId: PersonId, correction: CorrectionFacts): Resource =>
  present({
    resourceType: 'Task',
    id: correction.id,
    status: TASK_STATUS[correction.status],
    intent: 'order',
    code: { coding: [CORRECTION_CODE] },
    businessStatus: text(correction.status),
    description: correction.statement,
    for: patientReference(patientId),
    authoredOn: correction.createdAt,
    statusReason: correction.denialBasis === undefined ? undefined : text(correction.denialBasis),
    restriction: { period: { end: correction.dueAt } },
    note: correction.history.map(({ at, by, act, note }) => ({
      authorString: by.displayName,
      time: at,
      text: note === undefined ? act : `${act}: ${note}`,
    })),
    input: [
      { type: text('about'), valueString: correction.about },
      ...(correction.aboutId === undefined ? [] : [{ type: text('about id'), valueString: correction.aboutId }]),
      { type: text('proposed'), valueString: correction.proposed },
    ],
  });

export interface AccessFacts {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly role: string | null;
  /** Null: Bedside itself. */
  readonly name: string | null;
}

/** That somebody did something with the record: who, in what capacity, when. No address and no id of theirs. */
export const accessResource = (patientId: PersonId, access: AccessFacts): Resource => {
  const kind = eventClassOf(access.action);
  return {
    resourceType: 'AuditEvent',
    id: access.id,
    type: kind.type,
    subtype: [...kind.subtype, { system: 'urn:bedside:audit-action', code: access.action }],
    action: kind.action,
    recorded: access.at.toISOString(),
    outcome: '0',
    agent: [
      present({
        role: access.role === null ? undefined : [text(access.role)],
        who: { display: access.name ?? 'Bedside' },
        requestor: true,
      }),
    ],
    source: { observer: { display: 'Bedside' }, type: [codes.applicationServer] },
    entity: [{ what: patientReference(patientId), type: codes.person, role: codes.patient }],
  };
};
