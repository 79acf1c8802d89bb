/** What others did with a record, in the words of whose it is. Pure. */
import type { RecordAccess } from '@bedside/protocol';

const KINDS: Record<RecordAccess['kind'], string> = {
  looked: 'looked at it',
  visited: 'was in a visit with you',
  wrote: 'wrote to you or in it',
  changed: 'changed something in it',
  exported: 'took a copy of it',
};
const ROLES: Record<string, string> = {
  provider: 'care team',
  'front-desk': 'front desk',
  admin: 'administration',
  compliance: 'privacy office',
  interpreter: 'interpreter',
  service: 'a connected computer system',
  system: 'Bedside itself',
};

/** "Hannah Osei (front desk) looked at it". */
export const accessWords = ({ name, role, kind }: Omit<RecordAccess, 'at'>): string => {
  const who = name ?? 'Bedside itself';
  const capacity = role === null || name === null ? undefined : ROLES[role];
  return `${who}${capacity ? ` (${capacity})` : ''} ${KINDS[kind]}`;
};

/** In their order, those of a day together. */
export const byDay = <Entry extends { at: string }>(
  entries: readonly Entry[],
  dateOf: (at: string) => string,
): { date: string; entries: Entry[] }[] =>
  [...Map.groupBy(entries, ({ at }) => dateOf(at))].map(([date, ofDay]) => ({ date, entries: ofDay }));
