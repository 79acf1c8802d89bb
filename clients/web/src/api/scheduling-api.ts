import {
  Appointment,
  type AppointmentId,
  AppointmentList,
  type BookRequest,
  CalendarFeed,
  CalendarFeedList,
  type CancelRequest,
  Hold,
  type HoldId,
  HoldList,
  type HoldRequest,
  IDEMPOTENCY_HEADER,
  type IntakeAnswers,
  type Payer,
  PayerList,
  ProviderList,
  type RescheduleRequest,
  SlotPage,
  type SlotQuery,
  SpecialtyList,
  type VisitType,
  VisitTypeList,
  WaitlistEntry,
  type WaitlistEntryId,
  WaitlistList,
  type WaitlistRequest,
} from '@bedside/protocol';
import { call, noContent } from './http.ts';
import { OnTheirWay } from './on-their-way.ts';

const base = '/api/v1';

/** Holds that are being let go: core counts them until it has answered. */
const releases = new OnTheirWay(3_000);

/** Of a write: the same key for each repetition of one decision, so that a lost answer makes nothing twice. */
export interface Once {
  readonly key: string;
  readonly signal?: AbortSignal;
}

export const once = (body: object, { key, signal }: Once) => ({
  body,
  headers: { [IDEMPOTENCY_HEADER]: key },
  ...(signal && { signal }),
});

export const queryOf = (values: Readonly<Record<string, string | number | undefined>>): string => {
  const given = Object.entries(values).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
};

/** The signed-in person's own visits as a patient, those that are over not among them, by start. */
export const fetchAppointments = async (): Promise<Appointment[]> =>
  (await call('GET', `${base}/appointments`, AppointmentList)).appointments;

export type ProviderPage = ReturnType<typeof ProviderList.parse>;

/** A page of those who can be booked, by name. */
export const fetchProviders = (
  query: { specialty?: string; search?: string; cursor?: string } = {},
): Promise<ProviderPage> => call('GET', `${base}/providers?${queryOf(query)}`, ProviderList);

export const fetchSpecialties = async (): Promise<string[]> =>
  (await call('GET', `${base}/specialties`, SpecialtyList)).specialties;

export const fetchVisitTypes = async (): Promise<VisitType[]> =>
  (await call('GET', `${base}/visit-types`, VisitTypeList)).visitTypes;

export const fetchPayers = async (): Promise<Payer[]> => (await call('GET', `${base}/payers`, PayerList)).payers;

/** As it stands in the address: lists comma-separated. */
export type SlotSearch = Omit<SlotQuery, 'limit' | 'withProviderIds'> & { limit?: number; withProviderIds?: string };

/** A page of what is free, what was just let go included. `to` is at most 31 days after `from`. */
export const fetchSlots = async (query: SlotSearch, signal?: AbortSignal): Promise<SlotPage> => {
  await releases.settled();
  return call('GET', `${base}/slots?${queryOf(query)}`, SlotPage, signal ? { signal } : {});
};

/** The caller's own that are not over. */
export const fetchHolds = async (): Promise<Hold[]> => {
  await releases.settled();
  return (await call('GET', `${base}/holds`, HoldList)).holds;
};

export const holdSlot = (request: HoldRequest, how: Once): Promise<Hold> =>
  call('POST', `${base}/holds`, Hold, once(request, how));

export const extendHold = (hold: { id: HoldId; token: string }, how: Once): Promise<Hold> =>
  call('POST', `${base}/holds/${hold.id}/extend`, Hold, once({ token: hold.token }, how));

/** Goes out even when the page is being closed. */
export const releaseHold = (hold: { id: HoldId; token: string }): Promise<undefined> =>
  releases.add(
    call('POST', `${base}/holds/${hold.id}/release`, noContent, { body: { token: hold.token }, keepalive: true }),
  );

export const book = (request: BookRequest, how: Once): Promise<Appointment> =>
  call('POST', `${base}/appointments`, Appointment, once(request, how));

export const cancelAppointment = (id: AppointmentId, request: CancelRequest, how: Once): Promise<Appointment> =>
  call('POST', `${base}/appointments/${id}/cancel`, Appointment, once(request, how));

/** Answers with the new appointment. */
export const rescheduleAppointment = (id: AppointmentId, request: RescheduleRequest, how: Once): Promise<Appointment> =>
  call('POST', `${base}/appointments/${id}/reschedule`, Appointment, once(request, how));

/** The caller's own entries as a patient, those that are settled not among them. */
export const fetchWaitlist = async (): Promise<WaitlistEntry[]> =>
  (await call('GET', `${base}/waitlist`, WaitlistList)).entries;

export const joinWaitlist = (request: WaitlistRequest, how: Once): Promise<WaitlistEntry> =>
  call('POST', `${base}/waitlist`, WaitlistEntry, once(request, how));

export const acceptOffer = (
  id: WaitlistEntryId,
  request: { answers: IntakeAnswers },
  how: Once,
): Promise<Appointment> => call('POST', `${base}/waitlist/${id}/accept`, Appointment, once(request, how));

export const declineOffer = (id: WaitlistEntryId, how: Once): Promise<undefined> =>
  call('POST', `${base}/waitlist/${id}/decline`, noContent, once({}, how));

export const withdrawFromWaitlist = (id: WaitlistEntryId, how: Once): Promise<undefined> =>
  call('POST', `${base}/waitlist/${id}/withdraw`, noContent, once({}, how));

export const fetchCalendarFeeds = async (): Promise<CalendarFeed[]> =>
  (await call('GET', `${base}/calendar-feeds`, CalendarFeedList)).feeds;

/** The answer alone holds the `url`. */
export const makeCalendarFeed = (view: CalendarFeed['view'], how: Once): Promise<CalendarFeed> =>
  call('POST', `${base}/calendar-feeds`, CalendarFeed, once({ view }, how));

export const revokeCalendarFeed = (id: string): Promise<undefined> =>
  call('DELETE', `${base}/calendar-feeds/${id}`, noContent);
