import type { AppointmentId, EncounterId, PersonId, WaitlistEntryId } from '@bedside/protocol';

export const HOME = '/';
export const BOOK = '/book';
/** Query of `BOOK`: take up at once what is held already. */
export const RESUME = 'resume';
export const MOVE = '/move/:appointmentId';
export const OFFER = '/offer/:entryId';
/** The pages of a patient, for whoever acts for them: `/for/:patientId`, then as one's own. */
export const FOR = '/for';
export const FOR_HOME = '/for/:patientId';
export const FOR_PAGES = '/for/:patientId/*';
export const CALENDAR_LINK = '/calendar-link';
export const CALENDAR = '/calendar';
export const AVAILABILITY = '/hours';
export const AVAILABILITY_OF = '/hours/:providerId';
export const DESK = '/desk';
export const DESK_BOOK = '/desk/book';
export const DESK_WAITLIST = '/desk/waitlist';
export const RULES_VISIT_TYPES = '/rules/visit-types';
export const RULES_LICENSES = '/rules/licenses';
export const RULES_PAYERS = '/rules/payers';
export const RULES_HOLIDAYS = '/rules/holidays';
export const RULES_COMPACTS = '/rules/compacts';
export const RULES_DAILY_CAPS = '/rules/daily-caps';
export const AUDIT = '/audit';
export const AGREEMENTS = '/agreements';
export const ACCESS_REVIEWS = '/access-reviews';
/** Accounts of other machines. */
export const MACHINES = '/machines';
/** Requests for correction, for those who answer them. */
export const CORRECTIONS = '/corrections';
/** Where one is signed in, and one's security keys. */
export const ACCOUNT = '/account';
export const PRIVACY = '/privacy';
export const RECORD_ACCESS = '/privacy/who';
export const RECORD_COPY = '/privacy/copy';
export const OWN_CORRECTIONS = '/privacy/corrections';
export const OWN_PROXIES = '/privacy/people';
export const PROXIES = '/proxies';
/** Who looks after which patient, beyond single visits. */
export const CARE_TEAMS = '/care-teams';
/** Who stands in for which provider. */
export const COVER = '/cover';
export const EMERGENCY = '/emergency/:patientId';
export const VISIT = '/visit/:encounterId';

export const visitPath = (id: EncounterId): string => `/visit/${id}`;
export const forPath = (id: PersonId): string => `${FOR}/${id}`;
export const movePath = (id: AppointmentId): string => `/move/${id}`;
export const offerPath = (id: WaitlistEntryId): string => `/offer/${id}`;
export const availabilityPath = (id: PersonId): string => `/hours/${id}`;
