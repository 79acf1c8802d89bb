import type { EncounterStatus } from '@bedside/protocol';

/** `begin`: patient and provider are in the visit at once for the first time. */
export type EncounterEvent = 'begin' | 'finish' | 'cancel';

const transitions: Readonly<Record<EncounterStatus, Readonly<Partial<Record<EncounterEvent, EncounterStatus>>>>> = {
  planned: { begin: 'in-progress', finish: 'finished', cancel: 'cancelled' },
  'in-progress': { finish: 'finished' },
  finished: {},
  cancelled: {},
};

export const afterEncounterEvent = (status: EncounterStatus, event: EncounterEvent): EncounterStatus | undefined =>
  transitions[status][event];

export const isOver = (status: EncounterStatus): boolean => {
  switch (status) {
    case 'planned':
    case 'in-progress':
      return false;
    case 'finished':
    case 'cancelled':
      return true;
    default:
      return status satisfies never;
  }
};

/** From when to when the visit's page lets its people in. */
export interface EntryWindow {
  readonly opensAt: Date;
  readonly closesAt: Date;
}

export const entryWindow = (visit: {
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly earlyEntryMinutes: number;
  readonly lateEntryMinutes: number;
}): EntryWindow => ({
  opensAt: new Date(visit.startsAt.getTime() - visit.earlyEntryMinutes * 60_000),
  closesAt: new Date(visit.endsAt.getTime() + visit.lateEntryMinutes * 60_000),
});

/** Whether somebody may enter now. A visit that is under way stays open however long it takes. */
export const entryRefusal = (
  visit: { readonly status: EncounterStatus } & EntryWindow,
  now: Date,
): 'visit_over' | 'visit_too_early' | undefined => {
  if (isOver(visit.status)) return 'visit_over';
  if (visit.status === 'in-progress') return undefined;
  if (now < visit.opensAt) return 'visit_too_early';
  return now > visit.closesAt ? 'visit_over' : undefined;
};
