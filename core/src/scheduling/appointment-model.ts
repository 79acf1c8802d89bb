import type { AppointmentStatus } from '@bedside/protocol';

/**
 * What moves an appointment. `arrive`, `wait`, `admit`, `begin` and `sendBack` follow the patient's presence;
 * `end` follows the encounter; `cancel` and `miss` are decisions.
 */
export type AppointmentEvent = 'arrive' | 'wait' | 'admit' | 'begin' | 'sendBack' | 'end' | 'cancel' | 'miss';

type Transitions = Readonly<Record<AppointmentStatus, Readonly<Partial<Record<AppointmentEvent, AppointmentStatus>>>>>;

/** Presence only ever brings an appointment forward; a reload of the page does not undo that somebody was seen. */
export const transitions: Transitions = {
  booked: {
    arrive: 'arrived',
    wait: 'in-waiting',
    admit: 'admitted',
    begin: 'in-visit',
    end: 'no-show',
    cancel: 'cancelled',
    miss: 'no-show',
  },
  arrived: {
    wait: 'in-waiting',
    admit: 'admitted',
    begin: 'in-visit',
    end: 'fulfilled',
    cancel: 'cancelled',
    miss: 'no-show',
  },
  'in-waiting': { admit: 'admitted', begin: 'in-visit', end: 'fulfilled', cancel: 'cancelled', miss: 'no-show' },
  admitted: { begin: 'in-visit', sendBack: 'in-waiting', end: 'fulfilled' },
  'in-visit': { sendBack: 'in-waiting', end: 'fulfilled' },
  fulfilled: {},
  cancelled: {},
  'no-show': {},
};

/** The status after `event`, or `undefined` where the event means nothing in this status. */
export const afterAppointmentEvent = (
  status: AppointmentStatus,
  event: AppointmentEvent,
): AppointmentStatus | undefined => transitions[status][event];

/** Those that take up the time of provider and patient; the exclusion constraints hold over the same. */
export const ACTIVE_STATUSES = [
  'booked',
  'arrived',
  'in-waiting',
  'admitted',
  'in-visit',
] as const satisfies readonly AppointmentStatus[];
