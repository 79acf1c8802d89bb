import type { Presence } from '@bedside/protocol';
import { GRANT_LIFE_MS } from '../grants/permissions.ts';
import type { AppointmentEvent } from '../scheduling/appointment-model.ts';

/** Where somebody goes. `sendBack` is a host's; the rest is told by signaling. */
export type PresenceEvent = 'check' | 'ready' | 'enter' | 'sendBack' | 'vanish';

/** A page that is opened again starts over with the device check, whatever it was before. */
const transitions: Readonly<Record<Presence, Readonly<Partial<Record<PresenceEvent, Presence>>>>> = {
  absent: { check: 'device-check', ready: 'ready', enter: 'admitted', vanish: 'absent' },
  'device-check': { check: 'device-check', ready: 'ready', enter: 'admitted', vanish: 'absent' },
  ready: { check: 'device-check', ready: 'ready', enter: 'admitted', vanish: 'absent', sendBack: 'ready' },
  admitted: { check: 'device-check', enter: 'admitted', vanish: 'absent', sendBack: 'ready', ready: 'ready' },
};

const EVENT_TO: Readonly<Record<Presence, PresenceEvent>> = {
  absent: 'vanish',
  'device-check': 'check',
  ready: 'ready',
  admitted: 'enter',
};

/** The event by which signaling's word that somebody is in `presence` is meant. */
export const presenceEvent = (presence: Presence): PresenceEvent => EVENT_TO[presence];

export const afterPresenceEvent = (presence: Presence, event: PresenceEvent): Presence | undefined =>
  transitions[presence][event];

/** What the patient's presence does to the appointment. */
export const appointmentEventOf = (presence: Presence): AppointmentEvent | undefined => {
  switch (presence) {
    case 'absent':
      return undefined;
    case 'device-check':
      return 'arrive';
    case 'ready':
      return 'wait';
    case 'admitted':
      return 'admit';
    default:
      return presence satisfies never;
  }
};

/**
 * Whether somebody counts as connected now. Signaling tells of a lost connection; a row that was not heard of for a
 * grant's life is of a signaling server that can no longer tell.
 */
export const isConnected = (row: { readonly connected: boolean; readonly seenAt: Date | null }, now: Date): boolean =>
  row.connected && row.seenAt !== null && now.getTime() - row.seenAt.getTime() <= GRANT_LIFE_MS;

/** Those who count for the end of a visit: everybody who was in it, the ones who left for good apart from the rest. */
export const everybodyLeft = (
  people: readonly { readonly enteredAt: Date | null; readonly leftAt: Date | null }[],
): boolean => {
  const entered = people.filter((person) => person.enteredAt !== null);
  return entered.length > 0 && entered.every((person) => person.leftAt !== null);
};
