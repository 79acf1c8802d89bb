import { randomUUID } from 'node:crypto';
import { AppError, errorCodeOf } from '@bedside/protocol';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { replaceRules } from '../src/scheduling/availability-store.ts';
import { lockProvider } from '../src/scheduling/provider-change.ts';
import { rebuildDays } from '../src/scheduling/slot-day-store.ts';
import { calendarFaults, iso, NEXT_MONDAY, NO_FAULTS } from './support/booking.ts';
import { START } from './support/clinic.ts';
import { createMigratedDatabase, openDatabase } from './support/database.ts';
import { untilWaiting } from './support/locks.ts';
import { makeRaceClinic } from './support/race-clinic.ts';
import { openServices, patientCaller } from './support/race-context.ts';
import { runRaces } from './support/races.ts';

describe('races for the same time', () => {
  it('SCH3 of 500 who want one slot at once, one gets it and the others are told', async () => {
    await using test = await createMigratedDatabase();
    const database = openDatabase(test.connectionString, 2);
    const clinic = await makeRaceClinic(database.db, { key: 'races', providers: 1, patients: 500 });
    const [providerId] = clinic.providerIds;
    const [shortest] = clinic.visitTypeIds;
    if (providerId === undefined || shortest === undefined) throw new Error('nobody there');
    const servers = [0, 1, 2, 3].map(() => openServices(test.connectionString, () => clinic.clockAt));
    const outcomes = await Promise.all(
      clinic.patientIds.map(async (patientId, index) => {
        const server = servers[index % servers.length] ?? servers[0];
        const caller = patientCaller(clinic.organizationId, patientId);
        const request = {
          providerId,
          visitTypeId: clinic.visitTypeIds[index % 3] ?? shortest,
          startsAt: iso(NEXT_MONDAY + 3_600_000),
          additional: [],
          answers: {},
        };
        const work = index % 2 === 0 ? server?.bookings.book(caller, request, randomUUID()) : undefined;
        return (work ?? server?.holds.make(caller, request, undefined))?.then(
          () => 'won',
          (error: unknown) => (error instanceof AppError ? errorCodeOf(error) : String(error)),
        );
      }),
    );
    expect(outcomes.filter((outcome) => outcome === 'won')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'slot_taken')).toHaveLength(499);
    const { rows } = await sql<{
      count: string;
    }>`SELECT count(*) FROM calendar_claims WHERE person_id = ${providerId}`.execute(database.db);
    expect(rows).toEqual([{ count: '1' }]);
    expect(await calendarFaults(database.db, clinic.organizationId)).toEqual(NO_FAULTS);
    await Promise.all([database, ...servers.map((server) => server.database)].map((one) => one.close()));
  }, 30_000);

  it('a booking that waits for a change of hours is judged by the new ones', async () => {
    await using test = await createMigratedDatabase();
    const database = openDatabase(test.connectionString, 3);
    const clinic = await makeRaceClinic(database.db, { key: 'races', providers: 1, patients: 1 });
    const [[providerId], [patientId], [visitTypeId]] = [clinic.providerIds, clinic.patientIds, clinic.visitTypeIds];
    if (providerId === undefined || patientId === undefined || visitTypeId === undefined)
      throw new Error('nobody there');
    const server = openServices(test.connectionString, () => clinic.clockAt);
    const { organizationId } = clinic;
    const request = { providerId, visitTypeId, startsAt: iso(NEXT_MONDAY), additional: [], answers: {} };
    let answer: Promise<unknown> = Promise.resolve();
    await database.transaction(async ({ db }) => {
      await lockProvider(db, { organizationId, providerId });
      answer = server.bookings.book(patientCaller(organizationId, patientId), request, undefined).catch(errorCodeOf);
      await untilWaiting({ database }, 1);
      await replaceRules(db, { organizationId, providerId }, []);
      await rebuildDays(db, { organizationId, providerIds: [providerId], now: new Date(START), horizonDays: 30 });
      await db.updateTable('providers').set({ availabilityVersion: 2 }).where('personId', '=', providerId).execute();
    });
    expect(await answer).toBe('slot_unavailable');
    expect(await database.db.selectFrom('appointments').selectAll().execute()).toEqual([]);
    await Promise.all([database.close(), server.database.close()]);
  });

  it('SCH3 SCH6 holds, bookings, moves and cancellations of several processes, one of them killed', async () => {
    await using test = await createMigratedDatabase();
    const database = openDatabase(test.connectionString, 2);
    const clinic = await makeRaceClinic(database.db, { key: 'races', providers: 3, patients: 12 });
    const report = await runRaces(database.db, {
      ...clinic,
      connectionString: test.connectionString,
      // Ten minutes are two and a half seconds: holds end while others want their time.
      clockSpeed: 240,
      seed: 1,
      processes: 3,
      kills: 1,
      turns: 25,
    });
    expect(report).toMatchObject({ failures: [], lost: [], unasked: [], faults: NO_FAULTS, killed: 1 });
    expect(report.acknowledged).toBeGreaterThan(25);
    expect(report.refused).toBeGreaterThan(25);
    await database.close();
  }, 60_000);
});
