/** What of a patient's record others may read. */
import {
  type Appointment,
  AppointmentList,
  type ChatMessage,
  type EncounterId,
  MessageList,
  type PersonId,
  type WaitlistEntry,
  WaitlistList,
} from '@bedside/protocol';
import { call } from './http.ts';
import { queryOf } from './scheduling-api.ts';

const base = '/api/v1';

export type VisitPage = ReturnType<typeof AppointmentList.parse>;

/** A patient's visits, newest first, as far as one may read them. */
export const fetchPatientVisits = (id: PersonId, cursor?: string): Promise<VisitPage> =>
  call('GET', `${base}/patients/${id}/appointments?${queryOf({ cursor })}`, AppointmentList);

/** Pages that are asked for at most: a visit that is still ahead is on the first ones. */
const COMING_PAGES_MAX = 4;
const DAY_MS = 24 * 60 * 60_000;

/** Those of a patient's visits that are not over, and some that are. */
export const fetchComingVisits = async (id: PersonId, nowMs: number): Promise<Appointment[]> => {
  const visits: Appointment[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < COMING_PAGES_MAX; page += 1) {
    const { appointments, next } = await fetchPatientVisits(id, cursor);
    visits.push(...appointments);
    const last = appointments.at(-1);
    // A day is longer than any visit and the time to enter it late.
    if (next === undefined || (last && Date.parse(last.endsAt) < nowMs - DAY_MS)) break;
    cursor = next;
  }
  return visits;
};

/** A patient's places in line that are not settled, for whoever books for them. */
export const fetchWaitlistOf = async (id: PersonId): Promise<WaitlistEntry[]> =>
  (await call('GET', `${base}/patients/${id}/waitlist`, WaitlistList)).entries;

/** What was written in a visit, oldest first. */
export const fetchMessages = async (id: EncounterId): Promise<ChatMessage[]> =>
  (await call('GET', `${base}/encounters/${id}/messages`, MessageList)).messages;
