/** What staff alone ask of core: calendars, hours, other people's visits and places in the line. */
import {
  Appointment,
  type AppointmentId,
  AppointmentSeries,
  Availability,
  type AvailabilityChange,
  CalendarPage,
  type GroupSessionRequest,
  PatientList,
  type PersonId,
  type SeriesRequest,
  TimeOff,
  type TimeOffRequest,
  WaitlistList,
} from '@bedside/protocol';
import { call, noContent } from './http.ts';
import { type Once, once, queryOf } from './scheduling-api.ts';

const base = '/api/v1';

/** Without `providerIds` one's own calendar, or everybody's for the front desk; instants. */
export const fetchCalendar = (query: {
  from: string;
  to: string;
  providerIds?: readonly PersonId[];
  cursor?: string;
}): Promise<ReturnType<typeof CalendarPage.parse>> => {
  const { providerIds, ...rest } = query;
  return call('GET', `${base}/calendar?${queryOf({ ...rest, providerIds: providerIds?.join(',') })}`, CalendarPage);
};

export const fetchAvailability = (providerId: PersonId): Promise<Availability> =>
  call('GET', `${base}/providers/${providerId}/availability`, Availability);

/** In the place of what was there; `version_conflict` where it changed since `version`. */
export const saveAvailability = (providerId: PersonId, change: AvailabilityChange): Promise<Availability> =>
  call('PUT', `${base}/providers/${providerId}/availability`, Availability, { body: change });

export const addTimeOff = (providerId: PersonId, request: TimeOffRequest, how: Once): Promise<TimeOff> =>
  call('POST', `${base}/providers/${providerId}/time-off`, TimeOff, once(request, how));

export const removeTimeOff = (providerId: PersonId, id: string): Promise<undefined> =>
  call('DELETE', `${base}/providers/${providerId}/time-off/${id}`, noContent);

export type FoundPatient = Awaited<ReturnType<typeof PatientList.parse>>['patients'][number];

/** By a part of the name, from two characters; at most 20. A name goes in the body, never in an address. */
export const findPatients = async (search: string, signal?: AbortSignal): Promise<FoundPatient[]> =>
  (await call('POST', `${base}/patients/search`, PatientList, { body: { search }, ...(signal && { signal }) }))
    .patients;

export const markNoShow = (id: AppointmentId, version: number, how: Once): Promise<Appointment> =>
  call('POST', `${base}/appointments/${id}/no-show`, Appointment, once({ version }, how));

/** Everybody's entries, in the order of the line. */
export const fetchLine = (cursor?: string): Promise<ReturnType<typeof WaitlistList.parse>> =>
  call('GET', `${base}/waitlist?${queryOf({ cursor })}`, WaitlistList);

/** All of the series is booked, or nothing and the error's `fields` name what cannot be. */
export const bookSeries = (request: SeriesRequest, how: Once): Promise<AppointmentSeries> =>
  call('POST', `${base}/appointment-series`, AppointmentSeries, once(request, how));

export const makeGroupSession = (request: GroupSessionRequest, how: Once): Promise<Appointment> =>
  call('POST', `${base}/group-sessions`, Appointment, once(request, how));
