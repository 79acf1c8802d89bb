import type { ProviderCalendar } from '@bedside/protocol';
import { fetchProviders, fetchSpecialties } from '../../api/scheduling-api.ts';
import { fetchCalendar } from '../../api/staff-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { type Page, usePages } from '../../hooks/use-pages.ts';
import { addDays, instantOf, isoInstant } from '../../text/zoned.ts';

/** Core takes no more names in one question, and answers a day of as many at once. */
const MAX_NAMED = 50;

/** Core looks for no shorter part of a name. */
const SEARCH_MIN = 2;

/** A page of the day's calendars; of a specialty or a name those of a page of such providers. */
const fetchPage = async (
  span: { from: string; to: string },
  whose: { specialty?: string; search?: string },
  cursor: string | undefined,
): Promise<Page<ProviderCalendar>> => {
  const page = cursor === undefined ? {} : { cursor };
  if (!(whose.specialty || whose.search)) {
    const { calendars, next } = await fetchCalendar({ ...span, ...page });
    return { items: calendars, next };
  }
  const { providers, next } = await fetchProviders({ ...whose, ...page });
  const ids = providers.map(({ id }) => id);
  const parts = Array.from({ length: Math.ceil(ids.length / MAX_NAMED) }, (_, part) =>
    ids.slice(part * MAX_NAMED, (part + 1) * MAX_NAMED),
  );
  const pages = await Promise.all(parts.map((providerIds) => fetchCalendar({ ...span, providerIds })));
  return { items: pages.flatMap(({ calendars }) => calendars), next };
};

/** The day of everybody, as many pages of providers as somebody asked for. */
export const useDeskDay = (wanted: { date: string; zone: string; specialty: string; name: string }) => {
  const { date, zone, specialty } = wanted;
  const search = wanted.name.trim().length < SEARCH_MIN ? '' : wanted.name.trim();
  const span = {
    from: isoInstant(instantOf(date, '00:00', zone)),
    to: isoInstant(instantOf(addDays(date, 1), '00:00', zone)),
  };
  const whose = { ...(specialty && { specialty }), ...(search && { search }) };
  return usePages((cursor) => fetchPage(span, whose, cursor), JSON.stringify([span.from, whose]));
};

export const useSpecialties = (): readonly string[] => useLoaded(fetchSpecialties).value ?? [];
