import type { AppointmentStatus } from '@bedside/protocol';

/**
 * What moves an appointment. `arrive`, `wait`, `admit`, `begin` and `sendBack` follow the patient's presence;
 * `end` follows the encounter; `cancel`, `miss` and `move` (to another time) are decisions.
 */
export type AppointmentEvent = 'arrive' | 'wait' | 'admit' | 'begin' | 'sendBack' | 'end' | 'cancel' | 'miss' | 'move';

type Transitions = Readonly<Record<AppointmentStatus, Readonly<Partial<Record<AppointmentEvent, AppointmentStatus>>>>>;

const BEFORE_THE_VISIT = { cancel: 'cancelled', miss: 'no-show', move: 'rescheduled' } as const;

/** Presence only ever brings an appointment forward; a reload of the page does not undo that somebody was seen. */
export const transitions: Transitions = {
  booked: {
    arrive: 'arrived',
    wait: 'in-waiting',
    admit: 'admitted',
    begin: 'in-visit',
    end: 'no-show',
    ...BEFORE_THE_VISIT,
  },
  arrived: { wait: 'in-waiting', admit: 'admitted', begin: 'in-visit', end: 'fulfilled', ...BEFORE_THE_VISIT },
  'in-waiting': { admit: 'admitted', begin: 'in-visit', end: 'fulfilled', ...BEFORE_THE_VISIT },
  admitted: { begin: 'in-visit', sendBack: 'in-waiting', end: 'fulfilled' },
  'in-visit': { sendBack: 'in-waiting', end: 'fulfilled' },
  fulfilled: {},
  cancelled: {},
  'no-show': {},
  rescheduled: {},
  'entered-in-error': {},
};

/** The status after `event`, or `undefined` where the event means nothing in this status. */
export const afterAppointmentEvent = (
  status: AppointmentStatus,
  event: AppointmentEvent,
): AppointmentStatus | undefined => transitions[status][event];

/** Those that take up the time of their people: each has claims in `calendar_claims`, and no other status has. */
export const ACTIVE_STATUSES = [
  'booked',
  'arrived',
  'in-waiting',
  'admitted',
  'in-visit',
] as const satisfies readonly AppointmentStatus[];

export const isActive = (status: AppointmentStatus): boolean => (ACTIVE_STATUSES as readonly string[]).includes(status);
