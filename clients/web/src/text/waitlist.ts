import type { WaitlistEntry } from '@bedside/protocol';
import { dayName } from './time.ts';

type Line = Pick<WaitlistEntry, 'visitType' | 'provider' | 'specialty' | 'earliestAt' | 'latestAt'>;

/** "Video visit with Dr. Amara Okafor, today to Thursday, November 26." */
export const waitlistWords = (entry: Line, nowMs: number, timeZone: string): string => {
  const whom = entry.provider?.displayName ?? entry.specialty?.toLowerCase();
  // The window ends where its last day does.
  const last = new Date(Date.parse(entry.latestAt) - 1).toISOString();
  const [from, to] = [entry.earliestAt, last].map((instant) =>
    dayName(instant, nowMs, timeZone).replace(/^(Today|Tomorrow|Yesterday)$/, (day) => day.toLowerCase()),
  );
  const days = from === to ? from : `${from} to ${to}`;
  return `${entry.visitType.name}${whom ? ` with ${whom}` : ''}, ${days}.`;
};
