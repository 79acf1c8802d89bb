/** What staff are told of a visit. Pure. */
import type { Appointment, AppointmentStatus } from '@bedside/protocol';
import { dayName, timeRange } from '../../text/time.ts';
import { isOver, patientName, STATUS_WORDS } from '../../text/visits.ts';

const PRESENT: ReadonlySet<AppointmentStatus> = new Set(['arrived', 'in-waiting', 'admitted', 'in-visit']);

/** The patient is here. */
export const isPresent = ({ status }: Pick<Appointment, 'status'>): boolean => PRESENT.has(status);

/** Beside the name; nothing where a booked visit is simply ahead. */
export const stateWords = ({ status, group }: Pick<Appointment, 'status' | 'group'>): string =>
  status === 'booked' ? (group ? `${group.taken} of ${group.seats}` : '') : STATUS_WORDS[status];

/** On a line of its own: "Booked", "Waiting", "Did not come". */
export const statusWords = ({ status }: Pick<Appointment, 'status'>): string =>
  status === 'booked' ? 'Booked' : STATUS_WORDS[status];

/** What may still be done with a visit. Core decides; this spares people buttons that do not work. */
export const actsOn = (
  visit: Pick<Appointment, 'status' | 'encounterStatus' | 'startsAt' | 'group'>,
  nowMs: number,
): { move: boolean; cancel: boolean; noShow: boolean } => {
  const ended = isOver(visit.status) || visit.encounterStatus === 'finished';
  const ahead = !ended && (visit.status === 'booked' || visit.status === 'arrived' || visit.status === 'in-waiting');
  const started = Date.parse(visit.startsAt) <= nowMs;
  // A session is not moved.
  return { move: ahead && !visit.group, cancel: ahead, noShow: ahead && started && visit.status === 'booked' };
};

/** Whose visit it is, for headings: "Ruth Lindqvist", "Group session". */
export const visitTitle = (visit: Pick<Appointment, 'patient' | 'visitType'>): string =>
  visit.patient ? patientName(visit) : visit.visitType.name;

/** Whom the end of a session concerns: "3 patients have a seat in it, and are told." */
export const endsFor = (taken: number): string => {
  if (taken === 0) return 'Nobody has a seat in it yet.';
  return taken === 1
    ? 'One patient has a seat in it, and is told.'
    : `${taken} patients have a seat in it, and are told.`;
};

/** "Tuesday, November 24, 9:00 AM – 9:20 AM" in the viewer's zone. */
export const whenWords = (visit: Pick<Appointment, 'startsAt' | 'endsAt'>, now: number, timeZone: string): string =>
  `${dayName(visit.startsAt, now, timeZone)}, ${timeRange(visit.startsAt, visit.endsAt, timeZone)}`;
