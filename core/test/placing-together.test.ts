import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { calendarFaults, DAY_MS, HOUR_MS, iso, NEXT_MONDAY, NO_FAULTS, openProvider } from './support/booking.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';

let clinic: Clinic;
let providers: Somebody[];
let patients: Somebody[];
beforeAll(async () => {
  clinic = await startClinic();
  providers = await Promise.all(['a', 'b', 'c', 'd'].map((key) => openProvider(clinic, `doc-${key}`)));
  patients = await Promise.all(['a', 'b', 'c', 'd'].map((key) => clinic.person(`pat-${key}`, 'patient')));
});
afterAll(() => clinic[Symbol.asyncDispose]());

const book = (patient: number, provider: number, startsAt: number, key?: string) =>
  patients[patient]?.browser.post(
    '/api/v1/appointments',
    { providerId: providers[provider]?.id, visitTypeId: clinic.visitTypeId, startsAt: iso(startsAt) },
    key === undefined ? {} : { 'idempotency-key': key },
  );

/** Keeps somebody's calendar locked from outside. */
const lock = async (id: string): Promise<() => Promise<void>> => {
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const held = clinic.database.transaction(async ({ db }) => {
    await sql`SELECT lock_people(ARRAY[${id}]::uuid[])`.execute(db);
    locked.resolve();
    await released.promise;
  });
  await locked.promise;
  return async () => {
    released.resolve();
    await held;
  };
};

const faults = () => calendarFaults(clinic.database.db, clinic.organizationId);

it('visits that are booked at the same time are each as if booked alone', async () => {
  await book(1, 1, NEXT_MONDAY, 'together-0001');
  const answers = await Promise.all([
    book(0, 0, NEXT_MONDAY),
    book(1, 1, NEXT_MONDAY, 'together-0001'),
    book(2, 1, NEXT_MONDAY),
    book(1, 2, NEXT_MONDAY),
    book(3, 3, NEXT_MONDAY, 'together-0002'),
  ]);
  expect(answers.map((answer) => answer?.code ?? answer?.status)).toEqual([
    201,
    201,
    'slot_taken',
    'patient_busy',
    201,
  ]);
  expect(await faults()).toEqual(NO_FAULTS);
  const { rows } = await sql<{ visits: number; told: number; audited: number }>`SELECT
    (SELECT count(*)::int FROM appointments) AS visits,
    (SELECT count(*)::int FROM outbox_events WHERE topic = 'appointment.booked') AS told,
    (SELECT count(*)::int FROM audit_events WHERE action = 'appointment.book' AND outcome = 'success') AS audited`.execute(
    clinic.database.db,
  );
  expect(rows).toEqual([{ visits: 3, told: 3, audited: 3 }]);
});

it('somebody whose calendar is locked keeps nobody else waiting', async () => {
  const release = await lock(providers[0]?.id ?? '');
  const waiting = book(0, 0, NEXT_MONDAY + DAY_MS);
  const others = await Promise.all([1, 2, 3].map((each) => book(each, each, NEXT_MONDAY + DAY_MS)));
  expect(others.map((answer) => answer?.status)).toEqual([201, 201, 201]);
  await release();
  expect((await waiting)?.status).toBe(201);
  expect(await faults()).toEqual(NO_FAULTS);
});

it('a hold that is over is in nobody’s way, and a day with a cap takes no more than it may', async () => {
  const at = NEXT_MONDAY + 2 * DAY_MS;
  const held = await patients[0]?.browser.post('/api/v1/holds', {
    providerId: providers[0]?.id,
    visitTypeId: clinic.visitTypeId,
    startsAt: iso(at),
  });
  expect(held?.status).toBe(201);
  await sql`INSERT INTO daily_caps (organization_id, provider_id, max_visits, valid_from)
    VALUES (${clinic.organizationId}, ${providers[1]?.id}, 1, '2020-01-01')`.execute(clinic.database.db);
  clinic.clock.now = START + 10 * MINUTE_MS;
  const answers = await Promise.all([book(1, 0, at), book(2, 1, at), book(3, 1, at + HOUR_MS)]);
  const said = answers.map((answer) => answer?.code ?? answer?.status);
  expect(said[0]).toBe(201);
  expect(said.slice(1).toSorted()).toEqual([201, 'day_full']);
  expect(await faults()).toEqual(NO_FAULTS);
});
