import type { Appointment, AppointmentStatus, DayEntry } from '@bedside/protocol';

export type Entry = { state: 'open' } | { state: 'early'; opensAt: string } | { state: 'closed' } | { state: 'over' };

const OVER: ReadonlySet<AppointmentStatus> = new Set([
  'fulfilled',
  'cancelled',
  'no-show',
  'rescheduled',
  'entered-in-error',
]);

/** No longer a visit that takes place. */
export const isOver = (status: AppointmentStatus): boolean => OVER.has(status);

/** The patient as staff see them; a group session has no single one. */
export const patientName = ({ patient }: Pick<Appointment, 'patient'>): string =>
  patient?.displayName ?? 'Group session';

/** Whether the page of a visit may be entered now. Core decides; this spares people a door that does not open. */
export const entryOf = (
  appointment: Pick<Appointment, 'status' | 'encounterStatus' | 'opensAt' | 'closesAt'>,
  nowMs: number,
): Entry => {
  const { status, encounterStatus, opensAt, closesAt } = appointment;
  if (encounterStatus === 'finished' || encounterStatus === 'cancelled') return { state: 'over' };
  if (isOver(status)) return { state: 'over' };
  if (nowMs < Date.parse(opensAt)) return { state: 'early', opensAt };
  return nowMs < Date.parse(closesAt) ? { state: 'open' } : { state: 'closed' };
};

/** Whether it can still be moved or cancelled by anybody: nobody was let in yet. */
export const isChangeable = ({ status }: Pick<Appointment, 'status'>): boolean =>
  status === 'booked' || status === 'arrived' || status === 'in-waiting';

/** What is still ahead of or open to somebody, by start. */
export const upcoming = (appointments: readonly Appointment[], nowMs: number): Appointment[] =>
  appointments
    .filter((appointment) => ['open', 'early'].includes(entryOf(appointment, nowMs).state))
    .sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));

export const STATUS_WORDS: Record<AppointmentStatus, string> = {
  booked: 'Not here yet',
  arrived: 'Getting ready',
  'in-waiting': 'Waiting',
  admitted: 'Let in',
  'in-visit': 'In the visit',
  fulfilled: 'Done',
  cancelled: 'Cancelled',
  'no-show': 'Did not come',
  rescheduled: 'Moved',
  'entered-in-error': 'Entered by mistake',
};

/** "AK" for "Amina Khalil"; titles like "Dr." do not count. */
export const initials = (displayName: string): string => {
  const words = displayName
    .split(/\s+/)
    .filter((word) => /^\p{L}/u.test(word) && !/^(dr|mr|mrs|ms|prof)\.?$/i.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => word?.[0]?.toUpperCase() ?? '');
  return letters.join('') || '?';
};

/** Ready and not let in yet. */
export const isWaiting = (entry: Pick<DayEntry, 'patientPresence'>): boolean => entry.patientPresence === 'ready';

/** What a row of the provider's day says of the patient; `live`: they are here. */
export const entryWords = (
  entry: Pick<DayEntry, 'patientPresence' | 'patientConnected'> & { appointment: Pick<Appointment, 'status'> },
): { text: string; live: boolean } => {
  const { status } = entry.appointment;
  if (isOver(status)) return { text: STATUS_WORDS[status], live: false };
  if (entry.patientPresence === 'absent') {
    return { text: status === 'booked' ? STATUS_WORDS.booked : 'Has left', live: false };
  }
  if (!entry.patientConnected) return { text: 'Connection lost', live: false };
  if (entry.patientPresence === 'device-check') return { text: STATUS_WORDS.arrived, live: true };
  return {
    text: entry.patientPresence === 'ready' ? STATUS_WORDS['in-waiting'] : STATUS_WORDS['in-visit'],
    live: true,
  };
};

/** "Sunday, November 22" for a calendar date. */
export const dayWords = (date: string): string =>
  new Intl.DateTimeFormat('en-US', { weekday: 'long', month: 'long', day: 'numeric', timeZone: 'UTC' }).format(
    Date.parse(`${date}T00:00:00Z`),
  );
