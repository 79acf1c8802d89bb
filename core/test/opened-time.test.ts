import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';
import { addProvider, fastestOf, iso, join, offered, placesOf, untilQuiet } from './support/queue.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Ten o'clock in Berlin on the day after. */
const TEN = START + DAY_MS;

describe('time that opens for everybody', () => {
  let clinic: Clinic;
  let admin: Somebody;
  let provider: Somebody;
  beforeEach(async () => {
    clinic = await startClinic(async () => ({ jobs: true }));
    admin = await clinic.person('ada', 'admin');
    provider = await addProvider(clinic, 'doc');
  });
  afterEach(() => clinic[Symbol.asyncDispose]());

  const setHolidays = async (...dates: string[]) => {
    const read = (await admin.browser.get('/api/v1/holidays')).body as object;
    const answer = await admin.browser.write('PUT', '/api/v1/holidays', {
      ...read,
      holidays: dates.map((date) => ({ date, name: 'Closed' })),
    });
    expect(answer.status).toBe(204);
  };
  const untilDays = async (isThere: boolean, date: string) => {
    for (;;) {
      const day = await clinic.database.db
        .selectFrom('slotDays')
        .select('onDate')
        .where('providerId', '=', provider.id)
        .where('onDate', '=', date)
        .executeTakeFirst();
      if ((day !== undefined) === isThere) return;
    }
  };
  const window = (from: number, to: number) => ({ earliestAt: iso(from), latestAt: iso(to) });

  it('SCH15 is offered within a second when a holiday is taken off the list', async () => {
    const tookMs = await fastestOf(5, async (round) => {
      const patient = await clinic.person(`waiting-${round}`, 'patient');
      await setHolidays('2026-03-03');
      await untilDays(false, '2026-03-03');
      const { id } = await join(clinic, patient, window(TEN, TEN + HOUR_MS));
      await untilQuiet(clinic);
      expect(await placesOf(patient)).toMatchObject([{ status: 'waiting' }]);
      const begunAt = performance.now();
      await setHolidays();
      expect((await offered(patient)).offer).toMatchObject({ startsAt: iso(TEN), provider: { id: provider.id } });
      const took = performance.now() - begunAt;
      await patient.browser.post(`/api/v1/waitlist/${id}/withdraw`);
      await untilQuiet(clinic);
      return took;
    });
    expect(tookMs).toBeLessThan(1_000);
  });

  it('SCH15 is offered within a second when the night brings another day', async () => {
    await clinic.database.db.updateTable('visitTypes').set({ bookingHorizonDays: 60 }).execute();
    const tookMs = await fastestOf(5, async (round) => {
      const patient = await clinic.person(`waiting-${round}`, 'patient');
      // Ten o'clock of the day that comes over the horizon with the next midnight. In April Berlin has summer time.
      const midnight = clinic.clock.now + 14 * HOUR_MS;
      const ten = midnight + 30 * DAY_MS + 9 * HOUR_MS;
      const { id } = await join(clinic, patient, window(ten, ten + 2 * HOUR_MS));
      await untilQuiet(clinic);
      expect(await placesOf(patient)).toMatchObject([{ status: 'waiting' }]);
      clinic.clock.now = midnight + 7 * MINUTE_MS;
      const again = await clinic.signIn(patient.id);
      const begunAt = performance.now();
      await clinic.runTask('slots-roll');
      expect((await offered(again)).offer).toMatchObject({ startsAt: iso(ten) });
      const took = performance.now() - begunAt;
      await again.browser.post(`/api/v1/waitlist/${id}/withdraw`);
      await untilQuiet(clinic);
      clinic.clock.now = midnight + 10 * HOUR_MS;
      return took;
    });
    expect(tookMs).toBeLessThan(1_000);
  });

  it('SCH15 is offered to those it suits alone: nothing that was open, nobody who waits for another day', async () => {
    const [early, late] = [await clinic.person('early', 'patient'), await clinic.person('late', 'patient')];
    await setHolidays('2026-03-03');
    await untilDays(false, '2026-03-03');
    await join(clinic, early, window(START + 2 * DAY_MS, START + 3 * DAY_MS));
    await join(clinic, late, window(TEN, TEN + HOUR_MS));
    await setHolidays();
    await offered(late);
    await untilQuiet(clinic);
    expect(await placesOf(early)).toMatchObject([{ status: 'waiting' }]);
    const told = await clinic.database.db.selectFrom('openedTimes').select('id').execute();
    expect(told).toEqual([]);
  });

  it('SCH15 is offered once it has come near enough for its visit type to be booked', async () => {
    const patient = await clinic.person('pat', 'patient');
    const start = START + 30 * DAY_MS + HOUR_MS;
    await join(clinic, patient, window(start, start + HOUR_MS));
    clinic.clock.now = START + HOUR_MS - MINUTE_MS;
    const again = await clinic.signIn(patient.id);
    await clinic.runTask('offers');
    await untilQuiet(clinic);
    expect(await placesOf(again)).toMatchObject([{ status: 'waiting' }]);
    clinic.clock.now = START + HOUR_MS;
    await clinic.runTask('offers');
    expect((await offered(again)).offer).toMatchObject({ startsAt: iso(start) });
  });
});
