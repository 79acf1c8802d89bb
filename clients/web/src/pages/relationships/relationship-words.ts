/** Who acts for whom, in plain words. Pure. */
import type { PersonId, ProxyScope, Relationships } from '@bedside/protocol';
import { midSentence } from '../../text/booking.ts';
import { dayAndTime } from '../../text/time.ts';

export type ProxyEntry = Relationships['proxies'][number];

export const KINDS: Record<ProxyEntry['kind'], string> = { guardian: 'Guardian', proxy: 'By choice' };
export const SCOPES: Record<ProxyEntry['scopes'][number], string> = {
  read: 'see the record',
  schedule: 'book, move and cancel visits',
};

/** "may see the record and book, move and cancel visits". */
export const scopesWords = (scopes: readonly ProxyScope[]): string =>
  `may ${scopes.map((one) => SCOPES[one]).join(' and ')}`;

/** Names as far as they are known. */
export const nameIn =
  ({ people }: Pick<Relationships, 'people'>) =>
  (id: PersonId): string =>
    people.find((one) => one.id === id)?.displayName ?? 'Somebody whose name you may not see';

/** From an instant on, up to another where there is one. */
export type Period = Pick<ProxyEntry, 'state' | 'validFrom' | 'validTo'>;

/** "Since today at 9:00 AM, until Monday, March 1 at 9:00 AM"; "From …" where it is to come or over. */
export const periodWords = ({ state, validFrom, validTo }: Period, now: number, zone: string): string => {
  if (validTo !== null && Date.parse(validTo) <= Date.parse(validFrom)) return 'Taken back before it began';
  const from = `${state === 'in-force' ? 'Since' : 'From'} ${midSentence(dayAndTime(validFrom, now, zone))}`;
  return validTo === null ? from : `${from}, until ${midSentence(dayAndTime(validTo, now, zone))}`;
};
