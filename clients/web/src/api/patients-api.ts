/** What of a patient's record others may read. */
import { AppointmentList, type ChatMessage, type EncounterId, MessageList, type PersonId } from '@bedside/protocol';
import { call } from './http.ts';
import { queryOf } from './scheduling-api.ts';

const base = '/api/v1';

export type VisitPage = ReturnType<typeof AppointmentList.parse>;

/** A patient's visits, newest first, as far as one may read them. */
export const fetchPatientVisits = (id: PersonId, cursor?: string): Promise<VisitPage> =>
  call('GET', `${base}/patients/${id}/appointments?${queryOf({ cursor })}`, AppointmentList);

/** What was written in a visit, oldest first. */
export const fetchMessages = async (id: EncounterId): Promise<ChatMessage[]> =>
  (await call('GET', `${base}/encounters/${id}/messages`, MessageList)).messages;
