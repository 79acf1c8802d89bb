import type { HoldId, VisitTypeId } from '@bedside/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fetchHolds, fetchSlots, releaseHold } from './scheduling-api.ts';

const hold = { id: 'hold' as HoldId, token: 'token' };
const query = { visitTypeId: 'type' as VisitTypeId, from: '2027-03-10T00:00:00Z', to: '2027-03-11T00:00:00Z' };
const slots = { zone: 'UTC', days: [] };

describe('after a held time was let go', () => {
  const asked: string[] = [];
  let released: PromiseWithResolvers<Response>;
  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = 0;
    released = Promise.withResolvers();
    vi.stubGlobal('fetch', async (path: string) => {
      asked.push(path.split('?')[0] ?? '');
      return path.endsWith('/release')
        ? released.promise
        : Response.json(path.includes('/slots') ? slots : { holds: [] });
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  test.each([
    ['free times', '/api/v1/slots', () => fetchSlots(query)],
    ['times still held', '/api/v1/holds', () => fetchHolds()],
  ])('%s are asked for once core knows it', async (_, path, read) => {
    const release = releaseHold(hold);
    const answer = read();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked).toEqual(['/api/v1/holds/hold/release']);
    released.resolve(new Response(null, { status: 204 }));
    await Promise.all([release, answer]);
    expect(asked).toEqual(['/api/v1/holds/hold/release', path]);
  });

  test('free times are asked for all the same where core does not answer, or refuses', async () => {
    const release = releaseHold(hold);
    const answer = fetchSlots(query);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await answer).toEqual(slots);
    released.resolve(Response.json({}, { status: 500 }));
    await expect(release).rejects.toMatchObject({ code: 'unavailable' });
    expect(await fetchSlots(query)).toEqual(slots);
    expect(vi.getTimerCount()).toBe(0);
  });
});
