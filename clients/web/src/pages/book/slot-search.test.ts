import type { SlotDay, SlotPage, VisitTypeId } from '@bedside/protocol';
import { expect, test, vi } from 'vitest';
import { ApiError } from '../../api/http.ts';
import { SlotSearch } from './slot-search.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2027-03-10T12:00:00.000Z');
const query = { visitTypeId: 'type' as VisitTypeId };
const day = (startsAt: string): SlotDay =>
  ({ provider: { id: 'p' }, slots: startsAt ? [{ startsAt }] : [] }) as unknown as SlotDay;
const page = (days: SlotDay[], next?: string): SlotPage => ({ zone: 'UTC', days, ...(next && { next }) });

const searchFor = (pages: (SlotPage | ApiError)[], days = 40) => {
  const fetchSlots = vi.fn(async (asked: { from: string; to: string; cursor?: string | undefined }) => {
    const answer = pages.shift() ?? page([]);
    if (answer instanceof ApiError) throw answer;
    return { ...answer, asked };
  });
  const search = new SlotSearch({
    fetchSlots,
    query,
    fromMs: NOW,
    untilMs: NOW + days * DAY_MS,
    persistence: { pausesMs: [0] },
  });
  return { search, fetchSlots };
};

test('goes on by cursor, then by window, and ends at the horizon', async () => {
  const { search, fetchSlots } = searchFor([page([day('a')], 'c1'), page([day('b')]), page([day('c')])]);
  await search.later();
  await search.later();
  await search.later();
  expect(search.days.value).toHaveLength(3);
  expect(search.hasMore.value).toBe(false);
  const asked = fetchSlots.mock.calls.map(([one]) => [one.from.slice(0, 10), one.to.slice(0, 10), one.cursor]);
  expect(asked).toEqual([
    ['2027-03-10', '2027-04-10', undefined],
    ['2027-03-10', '2027-04-10', 'c1'],
    ['2027-04-10', '2027-04-19', undefined],
  ]);
  await search.later();
  expect(fetchSlots).toHaveBeenCalledTimes(3);
});

test('pages with nothing free are passed over, within bounds', async () => {
  const { search, fetchSlots } = searchFor([page([], 'a'), page([day('')], 'b'), page([day('x')], 'c')]);
  await search.later();
  expect(search.days.value).toHaveLength(1);
  const empty = searchFor(Array.from({ length: 20 }, () => page([], 'again')));
  await empty.search.later();
  expect(fetchSlots).toHaveBeenCalledTimes(3);
  expect(empty.fetchSlots).toHaveBeenCalledTimes(6);
  expect(empty.search.state.value).toBe('found');
  expect(empty.search.hasMore.value).toBe(true);
});

test('a lost answer is asked for again, a refusal is told', async () => {
  const { search } = searchFor([new ApiError('unreachable'), page([day('a')])]);
  await search.later();
  expect(search.days.value).toHaveLength(1);
  const refused = searchFor([new ApiError('bad_request')]).search;
  await refused.later();
  expect(refused.state.value).toBe('failed');
  expect(refused.error.value?.code).toBe('bad_request');
});
