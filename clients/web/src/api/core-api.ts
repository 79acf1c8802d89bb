import {
  Appointment,
  type AppointmentId,
  type BookRequest,
  DAY_CHANGED_EVENT,
  Day,
  type EncounterId,
  EncounterView,
  Grant,
  IDEMPOTENCY_HEADER,
  Me,
  type PersonId,
  Provider,
  Slot,
  VisitType,
  type VisitTypeId,
} from '@bedside/protocol';
import { call, listOf, noContent } from './http.ts';

const base = '/api/v1';

export const fetchMe = (): Promise<Me> => call('GET', `${base}/me`, Me);

/** The signed-in person's own, those that are over not among them, by start. */
export const fetchAppointments = (): Promise<Appointment[]> =>
  call('GET', `${base}/appointments`, listOf('appointments', Appointment));

export const fetchProviders = (): Promise<Provider[]> =>
  call('GET', `${base}/providers`, listOf('providers', Provider));

export const fetchVisitTypes = (): Promise<VisitType[]> =>
  call('GET', `${base}/visit-types`, listOf('visitTypes', VisitType));

export const fetchSlots = (query: {
  providerId: PersonId;
  visitTypeId: VisitTypeId;
  from: string;
  to: string;
}): Promise<Slot[]> => call('GET', `${base}/slots?${new URLSearchParams(query)}`, listOf('slots', Slot));

/** `idempotencyKey`: the same for each repetition of one decision, so that a retry books nothing twice. */
export const book = (request: BookRequest, idempotencyKey: string): Promise<Appointment> =>
  call('POST', `${base}/appointments`, Appointment, {
    body: request,
    headers: { [IDEMPOTENCY_HEADER]: idempotencyKey },
  });

export const cancelAppointment = (id: AppointmentId, version: number): Promise<Appointment> =>
  call('POST', `${base}/appointments/${id}/cancel`, Appointment, { body: { version } });

export const fetchDay = (): Promise<Day> => call('GET', `${base}/day`, Day);

/** Calls back whenever the day may have changed, also after a lost stream came back. Returns the function that ends it. */
export const watchDay = (changed: () => void): (() => void) => {
  const source = new EventSource(`${base}/day/events`);
  source.addEventListener(DAY_CHANGED_EVENT, changed);
  source.addEventListener('open', changed);
  return () => source.close();
};

export const fetchEncounter = (id: EncounterId, signal?: AbortSignal): Promise<EncounterView> =>
  call('GET', `${base}/encounters/${id}`, EncounterView, signal ? { signal } : {});

export const requestGrant = (id: EncounterId, signal?: AbortSignal): Promise<Grant> =>
  call('POST', `${base}/encounters/${id}/grant`, Grant, signal ? { signal } : {});

export const admitFromDay = (id: EncounterId, personId: PersonId): Promise<undefined> =>
  call('POST', `${base}/encounters/${id}/admit`, noContent, { body: { personId } });

/** Ends the session and gives the address where the issuer's own session is ended. */
export const signOut = (): Promise<string> =>
  call('POST', '/auth/logout', {
    parse: (value) => {
      const url = new URL((value as { redirectTo: string }).redirectTo, location.origin);
      if (!/^https?:$/.test(url.protocol)) throw new TypeError('not a web address');
      return url.href;
    },
  });
