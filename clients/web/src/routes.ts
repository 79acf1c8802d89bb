import type { AppointmentId, EncounterId, WaitlistEntryId } from '@bedside/protocol';

export const HOME = '/';
export const BOOK = '/book';
/** Query of `BOOK`: take up at once what is held already. */
export const RESUME = 'resume';
export const MOVE = '/move/:appointmentId';
export const OFFER = '/offer/:entryId';
export const CALENDAR = '/calendar-link';
export const VISIT = '/visit/:encounterId';

export const visitPath = (id: EncounterId): string => `/visit/${id}`;

export const movePath = (id: AppointmentId): string => `/move/${id}`;

export const offerPath = (id: WaitlistEntryId): string => `/offer/${id}`;
