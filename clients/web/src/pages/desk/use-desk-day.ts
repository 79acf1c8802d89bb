import type { ProviderCalendar } from '@bedside/protocol';
import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from '../../api/http.ts';
import { fetchProviders, fetchSpecialties } from '../../api/scheduling-api.ts';
import { fetchCalendar } from '../../api/staff-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { addDays, instantOf, isoInstant } from '../../text/zoned.ts';

/** Pages shown at once, at the most: somebody who needs more filters. */
const MAX_PAGES = 6;

export interface DeskDayState {
  readonly calendars: readonly ProviderCalendar[] | undefined;
  readonly error: ApiError | undefined;
  readonly reload: () => void;
  /** There are further providers. */
  readonly more: (() => void) | undefined;
}

interface Page {
  readonly calendars: readonly ProviderCalendar[];
  readonly next?: string | undefined;
}

/** A page of the day's calendars; of a specialty those of a page of its providers. */
const fetchPage = async (
  span: { from: string; to: string },
  specialty: string,
  cursor: string | undefined,
): Promise<Page> => {
  const page = cursor === undefined ? {} : { cursor };
  if (!specialty) return fetchCalendar({ ...span, ...page });
  const { providers, next } = await fetchProviders({ specialty, ...page });
  if (providers.length === 0) return { calendars: [], next };
  const { calendars } = await fetchCalendar({ ...span, providerIds: providers.map(({ id }) => id) });
  return { calendars, next };
};

const fetchPages = async (span: { from: string; to: string }, specialty: string, pages: number): Promise<Page> => {
  const calendars: ProviderCalendar[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const answer = await fetchPage(span, specialty, cursor);
    calendars.push(...answer.calendars);
    cursor = answer.next;
    if (cursor === undefined) break;
  }
  return { calendars, next: cursor };
};

/** The day of everybody, as many pages of providers as somebody asked for. */
export const useDeskDay = (wanted: { date: string; zone: string; specialty: string }): DeskDayState => {
  const { date, zone, specialty } = wanted;
  const [pages, setPages] = useState(1);
  const span = {
    from: isoInstant(instantOf(date, '00:00', zone)),
    to: isoInstant(instantOf(addDays(date, 1), '00:00', zone)),
  };
  const { value, error, reload } = useLoaded(() => fetchPages(span, specialty, pages), `${span.from} ${specialty}`);
  useEffect(() => {
    if (pages > 1) reload();
  }, [pages, reload]);
  const more = value?.next !== undefined && pages < MAX_PAGES ? () => setPages(pages + 1) : undefined;
  return { calendars: value?.calendars, error, reload, more };
};

export const useSpecialties = (): readonly string[] => useLoaded(fetchSpecialties).value ?? [];
