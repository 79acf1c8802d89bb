import { offsetAt } from './wall-clock-offsets.ts';

const MINUTE_MS = 60_000;

const two = (value: number): string => String(value).padStart(2, '0');

const offsetText = (minutes: number): string =>
  `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;

/** An instant as the wall clock of a zone, RFC 3339 with offset, whole seconds. */
export const localInstant = (atMs: number, timeZone: string): string => {
  const offsetMs = offsetAt(timeZone, atMs);
  return new Date(atMs + offsetMs).toISOString().slice(0, 19) + offsetText(offsetMs / MINUTE_MS);
};
