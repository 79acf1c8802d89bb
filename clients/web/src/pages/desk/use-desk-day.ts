import type { ProviderCalendar } from '@bedside/protocol';
import { fetchProviders, fetchSpecialties } from '../../api/scheduling-api.ts';
import { fetchCalendar } from '../../api/staff-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { type Page, usePages } from '../../hooks/use-pages.ts';
import { addDays, instantOf, isoInstant } from '../../text/zoned.ts';

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
  if (providers.length === 0) return { items: [], next };
  const { calendars } = await fetchCalendar({ ...span, providerIds: providers.map(({ id }) => id) });
  return { items: calendars, next };
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
