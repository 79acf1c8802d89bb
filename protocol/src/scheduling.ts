import { z } from 'zod';
import {
  type AccountRole,
  Appointment,
  LocalDate,
  LocalTime,
  Modality,
  PersonSummary,
  Provider,
  Region,
  TimeZone,
  VisitProvider,
} from './core-api.ts';
import { AppointmentId, HoldId, PayerId, PersonId, VisitTypeId, WaitlistEntryId } from './ids.ts';
import { IntakeQuestion, VisitType } from './visit-types.ts';
import { Instant } from './visits.ts';

// Availability.

/** RECUR of RFC 5545 §3.3.10 by whole days, without DTSTART. */
export const RecurrenceRule = z.string().min(1).max(500);

/**
 * A window of a provider's time, in their own zone. `startsOn` is DTSTART's date; without `rrule` it happens once. A
 * window whose `endsAt` is not later than its `startsAt` ends on the next day. `effectiveTo` is the last day.
 */
export const AvailabilityRule = z.strictObject({
  kind: z.enum(['open', 'block']),
  label: z.string().trim().max(100).default(''),
  startsOn: LocalDate,
  startsAt: LocalTime,
  endsAt: LocalTime,
  rrule: RecurrenceRule.optional(),
  exdates: z.array(LocalDate).max(366).default([]),
  rdates: z.array(LocalDate).max(366).default([]),
  effectiveFrom: LocalDate.optional(),
  effectiveTo: LocalDate.optional(),
  /** Empty: every visit type. */
  visitTypeIds: z.array(VisitTypeId).max(50).default([]),
  location: z.string().trim().min(1).max(100).optional(),
  /** Of an open window; a block holds on holidays too. */
  worksOnHolidays: z.boolean().default(false),
});
export type AvailabilityRule = z.infer<typeof AvailabilityRule>;

export const AVAILABILITY_RULES_MAX = 100;
export const TimeOff = z.object({ id: z.uuid(), startsAt: Instant, endsAt: Instant, label: z.string() });
export type TimeOff = z.infer<typeof TimeOff>;

export const Availability = z.object({
  providerId: PersonId,
  timeZone: TimeZone,
  /** Rises with each change; a change names the version it saw. */
  version: z.number().int(),
  rules: z.array(AvailabilityRule),
  /** What is not over yet. */
  timeOff: z.array(TimeOff),
});
export type Availability = z.infer<typeof Availability>;

/** `PUT /api/v1/providers/:providerId/availability`: in the place of what was there. What is booked stays. */
export const AvailabilityChange = z.strictObject({
  timeZone: TimeZone,
  version: z.number().int(),
  rules: z.array(AvailabilityRule).max(AVAILABILITY_RULES_MAX),
});
export type AvailabilityChange = z.infer<typeof AvailabilityChange>;
/** `POST /api/v1/providers/:providerId/time-off`; taken back by `DELETE …/time-off/:id`. */
export const TimeOffRequest = z.strictObject({
  startsAt: Instant,
  endsAt: Instant,
  label: z.string().trim().max(100).default(''),
});
export type TimeOffRequest = z.infer<typeof TimeOffRequest>;

export const Holiday = z.strictObject({ date: LocalDate, name: z.string().trim().min(1).max(100) });
export type Holiday = z.infer<typeof Holiday>;

// Lists of rules are replaced as a whole by `PUT`.

/** Of a list: as it was read, so that whoever replaces it replaces nothing that they have not seen (`version_conflict`). */
export const ListVersion = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be the version that the list was read with.');
export const HolidayList = z.strictObject({ version: ListVersion, holidays: z.array(Holiday).max(1000) });
export type HolidayList = z.infer<typeof HolidayList>;

// Dated rows. `validTo` is the last day.

const dated = { validFrom: LocalDate, validTo: LocalDate.optional(), source: z.string().trim().min(1).max(300) };
/** A licence of a state, or a compact's privilege: exactly one of `region` and `compact`. */
export const License = z.strictObject({
  region: Region.optional(),
  compact: z.string().trim().min(1).max(40).optional(),
  number: z.string().trim().max(60).default(''),
  ...dated,
});
export type License = z.infer<typeof License>;
export const LicenseList = z.strictObject({ version: ListVersion, licenses: z.array(License).max(200) });
export type LicenseList = z.infer<typeof LicenseList>;
export const CompactMember = z.strictObject({ compact: z.string().trim().min(1).max(40), region: Region, ...dated });
export type CompactMember = z.infer<typeof CompactMember>;
export const CompactList = z.strictObject({ version: ListVersion, members: z.array(CompactMember).max(2000) });
export type CompactList = z.infer<typeof CompactList>;

export const Payer = z.object({ id: PayerId, name: z.string() });
export type Payer = z.infer<typeof Payer>;
/** A payer as administrators see and change it. One that is not active can be named for no visit any more. */
export const PayerSettings = z.strictObject({ name: z.string().trim().min(1).max(200), isActive: z.boolean() });
export type PayerSettings = z.infer<typeof PayerSettings>;
/** A visit type with an `allow` in force takes those payers only; a `deny` refuses. What is left out matches everything. */
export const PayerRule = z.strictObject({
  payerId: PayerId,
  visitTypeId: VisitTypeId.optional(),
  region: Region.optional(),
  effect: z.enum(['allow', 'deny']),
  ...dated,
});
export type PayerRule = z.infer<typeof PayerRule>;
export const PayerRuleList = z.strictObject({ version: ListVersion, rules: z.array(PayerRule).max(2000) });
export type PayerRuleList = z.infer<typeof PayerRuleList>;
/** Most visits of a provider's day; without `visitTypeId` all of them together. */
export const DailyCap = z.strictObject({
  visitTypeId: VisitTypeId.optional(),
  maxVisits: z.number().int().min(0).max(300),
  validFrom: LocalDate,
  validTo: LocalDate.optional(),
});
export type DailyCap = z.infer<typeof DailyCap>;
export const DailyCapList = z.strictObject({ version: ListVersion, caps: z.array(DailyCap).max(200) });
export type DailyCapList = z.infer<typeof DailyCapList>;

/** A visit type as administrators see and change it. */
export const VisitTypeSettings = z.strictObject({
  name: z.string().trim().min(1).max(200),
  modality: Modality,
  durationMinutes: z.number().int().min(5).max(480),
  bufferBeforeMinutes: z.number().int().min(0).max(240),
  bufferAfterMinutes: z.number().int().min(0).max(240),
  /** From one start to the next; absent, the visit with its buffers. */
  stepMinutes: z.number().int().min(5).max(480).optional(),
  minimumNoticeMinutes: z.number().int().min(0).max(525_600),
  bookingHorizonDays: z.number().int().min(1).max(366),
  cancelNoticeMinutes: z.number().int().min(0).max(525_600),
  seats: z.number().int().min(1).max(100),
  selfPay: z.boolean(),
  intakeQuestions: z.array(IntakeQuestion).max(20),
  earlyEntryMinutes: z.number().int().min(0).max(1440),
  lateEntryMinutes: z.number().int().min(0).max(1440),
  isActive: z.boolean(),
});
export type VisitTypeSettings = z.infer<typeof VisitTypeSettings>;

// Slots.

/** A search covers at most this many days. */
export const SLOT_QUERY_MAX_DAYS = 31;
/** Provider-days on a page. */
export const SLOT_PAGE_MAX = 50;

/**
 * `withProviderIds`: further people who have to be free too, comma-separated. `zone`: the viewer's. `newSession`: of a
 * group type, the starts that a new session could have instead of the sessions that there are.
 */
export const SlotQuery = z.strictObject({
  visitTypeId: VisitTypeId,
  providerId: PersonId.optional(),
  withProviderIds: z
    .string()
    .max(150)
    .transform((text) => text.split(','))
    .pipe(z.array(PersonId).max(3))
    .optional(),
  specialty: z.string().min(1).max(200).optional(),
  state: Region.optional(),
  payerId: PayerId.optional(),
  newSession: z.literal('yes').optional(),
  from: Instant,
  to: Instant,
  zone: TimeZone.optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(SLOT_PAGE_MAX).default(20),
});
export type SlotQuery = z.infer<typeof SlotQuery>;

export const Slot = z.object({
  startsAt: Instant,
  endsAt: Instant,
  /** The start as the viewer's wall clock, RFC 3339 with offset. */
  localStartsAt: z.string(),
  /** Of a group session: which one, and how many seats are left. */
  group: z.object({ appointmentId: AppointmentId, seatsLeft: z.number().int() }).optional(),
});
export type Slot = z.infer<typeof Slot>;

/** What is free on one of a provider's days. Days come by their first opening, those with nothing free are left out. */
export const SlotDay = z.object({ provider: Provider, slots: z.array(Slot) });
export type SlotDay = z.infer<typeof SlotDay>;
/** `next` is the cursor of the following page; a page may be short and still have one. `zone`: of `localStartsAt`. */
export const SlotPage = z.object({ zone: TimeZone, days: z.array(SlotDay), next: z.string().optional() });
export type SlotPage = z.infer<typeof SlotPage>;

// Holds and bookings.

export const HOLD_MINUTES = 10;
/** Live holds of one person at the most. */
export const HOLDS_MAX = 3;

const ADDITIONAL_MAX = 3;
/** Further people of a visit: another provider, an interpreter. All are free or nothing is booked. */
export const AdditionalPerson = z.strictObject({ personId: PersonId, role: z.enum(['provider', 'interpreter']) });
export type AdditionalPerson = z.infer<typeof AdditionalPerson>;

/** A time and who is in it. `patientId` is named by staff and by whoever acts for a patient; absent: the caller. */
const wanted = {
  providerId: PersonId,
  visitTypeId: VisitTypeId,
  startsAt: Instant,
  patientId: PersonId.optional(),
  additional: z.array(AdditionalPerson).max(ADDITIONAL_MAX).default([]),
  /** Take a seat in this group session. */
  groupAppointmentId: AppointmentId.optional(),
  /** Where the patient will be. */
  region: Region.optional(),
  payerId: PayerId.optional(),
};
export const HoldRequest = z.strictObject(wanted);
export type HoldRequest = z.infer<typeof HoldRequest>;

/** Whoever has the token and made the hold may book, extend or release it. */
export const Hold = z.object({
  id: HoldId,
  token: z.uuid(),
  /** For whom: the caller, or somebody for whom they book. */
  patientId: PersonId,
  provider: VisitProvider,
  visitType: VisitType,
  startsAt: Instant,
  endsAt: Instant,
  expiresAt: Instant,
  /** False once it was extended. */
  extendable: z.boolean(),
});
export type Hold = z.infer<typeof Hold>;
/** `POST /api/v1/holds/:holdId/extend` and `…/release`. */
export const HoldToken = z.strictObject({ token: z.uuid() });
export const HoldList = z.object({ holds: z.array(Hold) });

/** By the question's id. */
export const IntakeAnswers = z.record(z.string().max(40), z.union([z.string().trim().max(2000), z.boolean()]));
export type IntakeAnswers = z.infer<typeof IntakeAnswers>;

/** `POST /api/v1/appointments`: what is held, or a free time at once. */
export const BookRequest = z.union([
  z.strictObject({ holdId: HoldId, token: z.uuid(), answers: IntakeAnswers.default({}) }),
  z.strictObject({ ...wanted, answers: IntakeAnswers.default({}) }),
]);
export type BookRequest = z.infer<typeof BookRequest>;

const edit = { version: z.number().int(), reason: z.string().trim().max(500).default('') };
/**
 * `patientId`: whose seat of a group session is given back; the session stays as it is for the others. Without it a
 * patient gives back their own, who acts for one who sits there theirs, and for whoever works there the session ends.
 */
export const CancelRequest = z.strictObject({ ...edit, patientId: PersonId.optional() });
export type CancelRequest = z.infer<typeof CancelRequest>;
/** Moves a visit: the new one is booked and the old one let go, or nothing happens. Answered with the new one. */
export const RescheduleRequest = z.strictObject({
  ...edit,
  startsAt: Instant,
  /** Absent: the same provider. */
  providerId: PersonId.optional(),
});
export type RescheduleRequest = z.infer<typeof RescheduleRequest>;
export const NoShowRequest = z.strictObject({ version: z.number().int() });

/**
 * `POST /api/v1/appointment-series`, by staff: every occurrence is booked, or none is and the answer names those that
 * cannot be (`slot_taken`, `errors`). They keep the wall-clock time of `timeZone`. The rule has to end.
 */
export const SeriesRequest = z.strictObject({
  ...wanted,
  patientId: PersonId,
  rrule: RecurrenceRule,
  timeZone: TimeZone,
});
export type SeriesRequest = z.infer<typeof SeriesRequest>;
export const SERIES_MAX = 52;
export const AppointmentSeries = z.object({ id: z.uuid(), rrule: z.string(), appointments: z.array(Appointment) });
export type AppointmentSeries = z.infer<typeof AppointmentSeries>;

/** `POST /api/v1/group-sessions`, by staff: a session whose seats patients then take. */
export const GroupSessionRequest = z.strictObject({
  providerId: PersonId,
  visitTypeId: VisitTypeId,
  startsAt: Instant,
  additional: z.array(AdditionalPerson).max(ADDITIONAL_MAX).default([]),
});
export type GroupSessionRequest = z.infer<typeof GroupSessionRequest>;

// Waitlist.

export const WaitlistRequest = z.strictObject({
  visitTypeId: VisitTypeId,
  providerId: PersonId.optional(),
  specialty: z.string().min(1).max(200).optional(),
  earliestAt: Instant,
  latestAt: Instant,
  patientId: PersonId.optional(),
  region: Region.optional(),
  payerId: PayerId.optional(),
});
export type WaitlistRequest = z.infer<typeof WaitlistRequest>;

export const WaitlistStatus = z.enum(['waiting', 'offered', 'accepted', 'withdrawn', 'lapsed']);
export type WaitlistStatus = z.infer<typeof WaitlistStatus>;

/** `offer` is there while it is live; it lapses at `expiresAt` whether or not anybody looks. */
export const WaitlistEntry = z.object({
  id: WaitlistEntryId,
  status: WaitlistStatus,
  patient: PersonSummary,
  visitType: z.object({ id: VisitTypeId, name: z.string(), durationMinutes: z.number().int() }),
  provider: PersonSummary.optional(),
  specialty: z.string().optional(),
  earliestAt: Instant,
  latestAt: Instant,
  createdAt: Instant,
  offer: z.object({ provider: VisitProvider, startsAt: Instant, endsAt: Instant, expiresAt: Instant }).optional(),
});
export type WaitlistEntry = z.infer<typeof WaitlistEntry>;
export const WaitlistList = z.object({ entries: z.array(WaitlistEntry), next: z.string().optional() });
/** `POST /api/v1/waitlist/:entryId/accept`: books the offered time. `…/decline` and `…/withdraw` take no body. */
export const AcceptOfferRequest = z.strictObject({ answers: IntakeAnswers.default({}) });

// Calendars.

/** A provider's week or the front desk's day: what is open and what is booked, per provider. */
export const CalendarQuery = z.strictObject({
  from: Instant,
  to: Instant,
  /** Comma-separated; absent: oneself, or everybody for the front desk. */
  providerIds: z
    .string()
    .max(2000)
    .transform((text) => text.split(','))
    .pipe(z.array(PersonId).max(50))
    .optional(),
  cursor: z.string().max(200).optional(),
});
const span = { startsAt: Instant, endsAt: Instant };
export const ProviderCalendar = z.object({
  provider: Provider,
  open: z.array(z.object({ ...span, visitTypeIds: z.array(VisitTypeId) })),
  blocks: z.array(z.object({ ...span, label: z.string(), kind: z.enum(['block', 'time-off', 'holiday']) })),
  appointments: z.array(Appointment),
});
export type ProviderCalendar = z.infer<typeof ProviderCalendar>;
export const CalendarPage = z.object({ calendars: z.array(ProviderCalendar), next: z.string().optional() });

/** `POST /api/v1/patients/search`, for staff who book for somebody: a name stands in no address. */
export const PatientQuery = z.strictObject({ search: z.string().trim().min(2).max(100) });
export const PatientList = z.object({
  patients: z.array(PersonSummary.extend({ timeZone: TimeZone, region: Region.optional() })).max(20),
});

/** What others know a patient by: `system` says who (`ssn`, `mrn`, `email`). A patient has any number of them. */
export const IDENTIFIER_SYSTEM = /^[a-z][a-z0-9-]{0,39}$/;
export const IdentifierRequest = z.strictObject({
  system: z.string().regex(IDENTIFIER_SYSTEM),
  value: z.string().trim().min(1).max(200),
});
export type IdentifierRequest = z.infer<typeof IdentifierRequest>;
/** `value` is absent where it cannot be read any more. */
export const PatientIdentifier = z.object({ id: z.uuid(), system: z.string(), value: z.string().optional() });
export type PatientIdentifier = z.infer<typeof PatientIdentifier>;
export const PatientIdentifierList = z.object({ identifiers: z.array(PatientIdentifier).max(100) });

/** An ICS feed (RFC 5545). Whoever has the URL can read it, so it tells no names of patients; `url` is shown once. */
export const CalendarFeed = z.object({
  id: z.uuid(),
  view: z.enum(['provider', 'patient']),
  createdAt: Instant,
  readAt: Instant.optional(),
  url: z.string().optional(),
});
export type CalendarFeed = z.infer<typeof CalendarFeed>;
export const CalendarFeedRequest = z.strictObject({ view: z.enum(['provider', 'patient']) });
export const CalendarFeedList = z.object({ feeds: z.array(CalendarFeed) });

export const ProviderList = z.object({ providers: z.array(Provider), next: z.string().optional() });
export const ProviderQuery = z.strictObject({
  specialty: z.string().min(1).max(200).optional(),
  /** A part of the name. */
  search: z.string().trim().min(2).max(100).optional(),
  cursor: z.string().max(200).optional(),
});
export const SpecialtyList = z.object({ specialties: z.array(z.string()) });
export const VisitTypeList = z.object({ visitTypes: z.array(VisitType) });
export const PayerList = z.object({ payers: z.array(Payer) });
export const AppointmentList = z.object({ appointments: z.array(Appointment), next: z.string().optional() });

/** Who may act for patients and see every calendar of the organization. */
export const DESK_ROLES = ['front-desk', 'admin'] as const satisfies readonly AccountRole[];
