import { z } from 'zod';
import { VisitRole } from './grants.ts';
import { AppointmentId, EncounterId, GrantId, OrganizationId, PersonId, VisitTypeId } from './ids.ts';
import { IceServer } from './media.ts';
import { ChatMessage, Instant, Presence } from './visits.ts';

/**
 * Where somebody proves anew that it is they. `signIn`: a path to which `return_to` is added, for the issuer to ask
 * again; `passkey`: the path that gives the options of a passkey's assertion, absent where they have none;
 * `registerPasskey`: a passkey is what is wanted, and after `signIn` one can be registered.
 */
export const StepUpWays = z.object({
  signIn: z.string().optional(),
  passkey: z.string().optional(),
  registerPasskey: z.string().optional(),
});
export type StepUpWays = z.infer<typeof StepUpWays>;

/** Problem document (RFC 9457). `type` is `urn:bedside:problem:<code>`; `errors` names the fields of a `bad_request`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  /** Of `step_up_required`: the ways that are open to this person. */
  stepUp: StepUpWays.optional(),
});
export type Problem = z.infer<typeof Problem>;

/** IANA time zone name. */
export const TimeZone = z.string().min(1).max(64);
/** ISO 8601 calendar date without a zone. */
export const LocalDate = z.iso.date();
/** ISO 8601 wall-clock time, minutes; `24:00` is the end of a day. */
export const LocalTime = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be HH:MM');

/** `service`: a machine, which may do what it was given by name and nothing else. */
export const AccountRole = z.enum(['patient', 'provider', 'front-desk', 'admin', 'compliance', 'service']);
export type AccountRole = z.infer<typeof AccountRole>;

export const PersonSummary = z.object({ id: PersonId, displayName: z.string() });
export type PersonSummary = z.infer<typeof PersonSummary>;

/** ISO 3166-2 code of where somebody is, like `US-NY`. */
export const Region = z.string().regex(/^[A-Z]{2}-[A-Z0-9]{1,3}$/, 'must be an ISO 3166-2 code like US-NY');

export const Me = z.object({
  person: PersonSummary,
  roles: z.array(AccountRole),
  timeZone: TimeZone,
  /** Of a patient: where they usually are. */
  region: Region.optional(),
  organization: z.object({
    id: OrganizationId,
    name: z.string(),
    phone: z.string().optional(),
    /** Whoever books says in which region the patient will be: providers need a licence there. */
    requiresRegion: z.boolean(),
  }),
  /** Shown by the pages where demo people can be chosen. */
  demo: z.boolean(),
});
export type Me = z.infer<typeof Me>;

export const Modality = z.enum(['video', 'audio', 'chat']);
export type Modality = z.infer<typeof Modality>;

/** Whose calendar a time is in, with the zone that they keep it in. */
export const VisitProvider = PersonSummary.extend({ timeZone: TimeZone });
export type VisitProvider = z.infer<typeof VisitProvider>;

export const Provider = VisitProvider.extend({ specialty: z.string() });
export type Provider = z.infer<typeof Provider>;

export const AppointmentStatus = z.enum([
  'booked',
  'arrived',
  'in-waiting',
  'admitted',
  'in-visit',
  'fulfilled',
  'cancelled',
  'no-show',
  'rescheduled',
  'entered-in-error',
]);
export type AppointmentStatus = z.infer<typeof AppointmentStatus>;

/** FHIR R4 Encounter.status, those that a visit takes. */
export const EncounterStatus = z.enum(['planned', 'in-progress', 'finished', 'cancelled']);
export type EncounterStatus = z.infer<typeof EncounterStatus>;

export const Appointment = z.object({
  id: AppointmentId,
  encounterId: EncounterId,
  status: AppointmentStatus,
  encounterStatus: EncounterStatus,
  /** Rises with each edit; an edit names the version it saw. */
  version: z.number().int(),
  startsAt: Instant,
  endsAt: Instant,
  visitType: z.object({ id: VisitTypeId, name: z.string(), durationMinutes: z.number().int(), modality: Modality }),
  /** Absent where a group session is seen by staff; a patient sees themselves. */
  patient: PersonSummary.optional(),
  provider: VisitProvider,
  /** Further providers and interpreters. */
  additional: z.array(PersonSummary.extend({ role: VisitRole })),
  /** Of a group session. `patients` is there for staff alone. */
  group: z
    .object({ seats: z.number().int(), taken: z.number().int(), patients: z.array(PersonSummary).optional() })
    .optional(),
  /** Of a recurring series. */
  seriesId: z.uuid().optional(),
  /** Where it was moved to. */
  rescheduledTo: AppointmentId.optional(),
  /** Until when the patient can cancel or move it without calling. */
  changeableUntil: Instant,
  /** From when the visit's page lets its people in, and until when. */
  opensAt: Instant,
  closesAt: Instant,
});
export type Appointment = z.infer<typeof Appointment>;

/** One row of the provider's day. */
export const DayEntry = z.object({
  appointment: Appointment,
  patientPresence: Presence,
  patientConnected: z.boolean(),
  /** Since when the patient is ready and waits; absent while they do not. */
  waitingSince: Instant.optional(),
});
export type DayEntry = z.infer<typeof DayEntry>;
export const Day = z.object({ date: LocalDate, timeZone: TimeZone, entries: z.array(DayEntry) });
export type Day = z.infer<typeof Day>;

/** What the page of a visit shows around the video. */
export const EncounterView = z.object({
  id: EncounterId,
  status: EncounterStatus,
  appointment: Appointment,
  role: VisitRole,
  /** All who belong to the visit; names for the ids that signaling speaks of. */
  people: z.array(PersonSummary.extend({ role: VisitRole })),
  /** Minutes the provider's earlier visits run over now; 0 when on time. */
  runningLateMinutes: z.number().int().min(0),
});
export type EncounterView = z.infer<typeof EncounterView>;

export const Grant = z.object({
  id: GrantId,
  /** Compact JWS, see `GrantClaims`. */
  token: z.string(),
  expiresAt: Instant,
  /** WebSocket URL of signaling. It never carries the token. */
  signalingUrl: z.string(),
  iceServers: z.array(IceServer),
});
export type Grant = z.infer<typeof Grant>;

export const MessageList = z.object({ messages: z.array(ChatMessage) });

/** Sent by `GET /api/v1/day/events` (server-sent events): the day changed, fetch it again. Carries no PHI. */
export const DAY_CHANGED_EVENT = 'day-changed';
/** Header of a write that may be sent twice: the same key gives the same answer for 24 hours. */
export const IDEMPOTENCY_HEADER = 'idempotency-key';
export const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{8,100}$/, 'must be 8 to 100 visible ASCII characters');
