import type { OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import type { Db } from '../../src/db/database.ts';
import { ruleRowOf, weeklyRule } from '../../src/scheduling/availability-rules.ts';
import { replaceRules } from '../../src/scheduling/availability-store.ts';
import { rebuildDays } from '../../src/scheduling/slot-day-store.ts';
import { DAY_MS, HOUR_MS, NEXT_MONDAY } from './booking.ts';
import { MINUTE_MS, START } from './clinic.ts';

export interface RaceClinic {
  readonly organizationId: OrganizationId;
  readonly providerIds: readonly PersonId[];
  readonly patientIds: readonly PersonId[];
  /** Lengths and buffers that do not fit each other's grid. */
  readonly visitTypeIds: readonly VisitTypeId[];
  /** Every 5 minutes of two mornings. */
  readonly startsAt: readonly number[];
  readonly clockAt: number;
}

const TYPES = [
  { durationMinutes: 15, bufferBeforeMinutes: 0, bufferAfterMinutes: 0 },
  { durationMinutes: 30, bufferBeforeMinutes: 5, bufferAfterMinutes: 10 },
  { durationMinutes: 50, bufferBeforeMinutes: 10, bufferAfterMinutes: 15 },
];

/** Few providers and patients who are wanted by many: made by SQL, so that there can be many of them fast. */
export const makeRaceClinic = async (
  db: Db,
  size: { readonly key: string; readonly providers: number; readonly patients: number },
): Promise<RaceClinic> => {
  const now = new Date(START);
  const timeZone = 'Europe/Berlin';
  const { id: organizationId } = await db
    .insertInto('organizations')
    .values({ key: size.key, name: 'Races', timeZone, createdAt: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  const people = async (role: 'provider' | 'patient', count: number): Promise<PersonId[]> => {
    const rows = await db
      .insertInto('people')
      .values(
        Array.from({ length: count }, (_, index) => ({
          organizationId,
          key: `${role}-${index}`,
          displayName: `${role} ${index}`,
          timeZone,
          createdAt: now,
        })),
      )
      .returning('id')
      .execute();
    const ids = rows.map((row) => row.id);
    await db
      .insertInto('accountRoles')
      .values(ids.map((personId) => ({ organizationId, personId, role })))
      .execute();
    return ids;
  };
  const providerIds = await people('provider', size.providers);
  const patientIds = await people('patient', size.patients);
  await db
    .insertInto('providers')
    .values(providerIds.map((personId) => ({ organizationId, personId, specialty: 'General' })))
    .execute();
  await db
    .insertInto('patients')
    .values(patientIds.map((personId) => ({ organizationId, personId })))
    .execute();
  const types = await db
    .insertInto('visitTypes')
    .values(
      TYPES.map((type, index) => ({
        ...type,
        organizationId,
        key: `type-${index}`,
        name: `Type ${index}`,
        stepMinutes: 5,
        earlyEntryMinutes: 15,
        lateEntryMinutes: 60,
      })),
    )
    .returning('id')
    .execute();
  const rules = [1, 2, 3, 4, 5, 6, 7].map((weekday) =>
    ruleRowOf(weeklyRule({ weekday, startsAt: '10:00', endsAt: '16:00' }), weekday),
  );
  for (const providerId of providerIds) await replaceRules(db, { organizationId, providerId }, rules);
  await rebuildDays(db, { organizationId, providerIds, now, horizonDays: 30 });
  const startsAt = [0, 1].flatMap((day) =>
    Array.from({ length: 36 }, (_, index) => NEXT_MONDAY + day * DAY_MS + index * 5 * MINUTE_MS),
  );
  if (startsAt.some((at) => at >= NEXT_MONDAY + DAY_MS + 3 * HOUR_MS)) throw new Error('not a morning');
  return {
    organizationId,
    providerIds,
    patientIds,
    visitTypeIds: types.map((type) => type.id),
    startsAt,
    clockAt: START,
  };
};
