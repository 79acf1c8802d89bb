import type { ProviderCalendar } from '@bedside/protocol';
import { fetchProviders, fetchSpecialties } from '../../api/scheduling-api.ts';
import { fetchCalendar } from '../../api/staff-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { type Page, usePages } from '../../hooks/use-pages.ts';
import { addDays, instantOf, isoInstant } from '../../text/zoned.ts';

/** Core takes no more names in one question, and answers a day of as many at once. */
const MAX_NAMED = 50;

/** A page of the day's calendars; of a specialty those of a page of its providers. */
const fetchPage = async (
  span: { from: string; to: string },
  specialty: string,
  cursor: string | undefined,
): Promise<Page<ProviderCalendar>> => {
  const page = cursor === undefined ? {} : { cursor };
  if (!specialty) {
    const { calendars, next } = await fetchCalendar({ ...span, ...page });
    return { items: calendars, next };
  }
  const { providers, next } = await fetchProviders({ specialty, ...page });
  const ids = providers.map(({ id }) => id);
  const parts = Array.from({ length: Math.ceil(ids.length / MAX_NAMED) }, (_, part) =>
    ids.slice(part * MAX_NAMED, (part + 1) * MAX_NAMED),
  );
  const pages = await Promise.all(parts.map((providerIds) => fetchCalendar({ ...span, providerIds })));
  return { items: pages.flatMap(({ calendars }) => calendars), next };
};

/** The day of everybody, as many pages of providers as somebody asked for. */
export const useDeskDay = (wanted: { date: string; zone: string; specialty: string }) => {
  const { date, zone, specialty } = wanted;
  const span = {
    from: isoInstant(instantOf(date, '00:00', zone)),
    to: isoInstant(instantOf(addDays(date, 1), '00:00', zone)),
  };
  return usePages((cursor) => fetchPage(span, specialty, cursor), `${span.from} ${specialty}`);
};

export const useSpecialties = (): readonly string[] => useLoaded(fetchSpecialties).value ?? [];
