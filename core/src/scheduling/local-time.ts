import { IANAZone } from 'luxon';

const MINUTE_MS = 60_000;

const two = (value: number): string => String(value).padStart(2, '0');

const offsetText = (minutes: number): string =>
  `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;

/**
 * Writes instants as the wall clock of a zone, RFC 3339 with offset, whole seconds. Of instants between `fromMs` and
 * `toMs`, which lie at most some days apart, the zone is asked once where its offset is the same at both ends.
 */
export const localInstants = (timeZone: string, fromMs: number, toMs: number): ((atMs: number) => string) => {
  const zone = IANAZone.create(timeZone);
  const [first, last] = [zone.offset(fromMs), zone.offset(toMs)];
  return (atMs) => {
    const offset = first === last ? first : zone.offset(atMs);
    return new Date(atMs + offset * MINUTE_MS).toISOString().slice(0, 19) + offsetText(offset);
  };
};
