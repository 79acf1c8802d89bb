/**
 * What the answer of a route tells of patients. A new route needs an entry here, or the crawl fails.
 *
 * - `phi`: patients' names or what they wrote. Each patient who is named in an answer has an audit row of that request.
 * - `linked`: something of a patient without naming them (their holds, their calendar). One row a request.
 * - `trail`: the audit trail itself, of many people. One row a request, which says whose part was looked at.
 * - `self`: the caller's own account.
 * - `act`: a write. It leaves a row unless everything was so already, and one for each patient whom the answer names.
 * - `none`: nothing of a patient.
 * - `stream`: events that say that something changed, not what. Not crawled: it does not end.
 */
export type Telling = 'phi' | 'linked' | 'trail' | 'self' | 'act' | 'none' | 'stream';

export const PHI_ROUTES: Readonly<Record<string, Telling>> = {
  'GET /api/v1/appointments': 'phi',
  'POST /api/v1/appointments': 'act',
  'GET /api/v1/appointments/{appointmentId}': 'phi',
  'POST /api/v1/appointments/{appointmentId}/cancel': 'act',
  'POST /api/v1/appointments/{appointmentId}/no-show': 'act',
  'POST /api/v1/appointments/{appointmentId}/reschedule': 'act',
  'POST /api/v1/appointment-series': 'act',
  'GET /api/v1/audit/events': 'trail',
  'GET /api/v1/calendar': 'phi',
  'GET /api/v1/calendar-feeds': 'none',
  'POST /api/v1/calendar-feeds': 'act',
  'DELETE /api/v1/calendar-feeds/{feedId}': 'act',
  'GET /api/v1/compacts': 'none',
  'PUT /api/v1/compacts': 'act',
  'GET /api/v1/day': 'phi',
  'GET /api/v1/day/events': 'stream',
  'GET /api/v1/encounters/{encounterId}': 'phi',
  'POST /api/v1/encounters/{encounterId}/admit': 'act',
  'POST /api/v1/encounters/{encounterId}/end': 'act',
  'POST /api/v1/encounters/{encounterId}/grant': 'act',
  'GET /api/v1/encounters/{encounterId}/messages': 'phi',
  'POST /api/v1/encounters/{encounterId}/send-back': 'act',
  'GET /api/v1/feeds/{secret}.ics': 'linked',
  'DELETE /api/v1/grants/{grantId}': 'act',
  'POST /api/v1/group-sessions': 'act',
  'GET /api/v1/holds': 'linked',
  'POST /api/v1/holds': 'act',
  'POST /api/v1/holds/{holdId}/extend': 'act',
  'POST /api/v1/holds/{holdId}/release': 'act',
  'GET /api/v1/holidays': 'none',
  'PUT /api/v1/holidays': 'act',
  'GET /api/v1/me': 'self',
  'GET /api/v1/me/record-access': 'trail',
  'POST /api/v1/patients/search': 'phi',
  'GET /api/v1/payer-rules': 'none',
  'PUT /api/v1/payer-rules': 'act',
  'GET /api/v1/payers': 'none',
  'GET /api/v1/providers': 'none',
  'GET /api/v1/providers/{providerId}/availability': 'none',
  'PUT /api/v1/providers/{providerId}/availability': 'act',
  'GET /api/v1/providers/{providerId}/daily-caps': 'none',
  'PUT /api/v1/providers/{providerId}/daily-caps': 'act',
  'GET /api/v1/providers/{providerId}/licenses': 'none',
  'PUT /api/v1/providers/{providerId}/licenses': 'act',
  'POST /api/v1/providers/{providerId}/time-off': 'act',
  'DELETE /api/v1/providers/{providerId}/time-off/{timeOffId}': 'act',
  'GET /api/v1/slots': 'none',
  'GET /api/v1/specialties': 'none',
  'GET /api/v1/visit-types': 'none',
  'POST /api/v1/visit-types': 'act',
  'GET /api/v1/visit-types/settings': 'none',
  'PUT /api/v1/visit-types/{visitTypeId}': 'act',
  'GET /api/v1/waitlist': 'phi',
  'POST /api/v1/waitlist': 'act',
  'POST /api/v1/waitlist/{entryId}/accept': 'act',
  'POST /api/v1/waitlist/{entryId}/decline': 'act',
  'POST /api/v1/waitlist/{entryId}/withdraw': 'act',
};
