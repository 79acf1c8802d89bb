import { randomUUID } from 'node:crypto';
import type { PersonId } from '@bedside/protocol';
import { sha256 } from '../../src/secrets.ts';
import { MINUTE_MS } from './clinic.ts';
import { at, DAY_MS, type Ground, HOUR_MS, uuid } from './matrix-ground.ts';

/** The provider's hours, as rules and laid out. */
export const addHours = async ({ clinic }: Ground, hostId: PersonId): Promise<void> => {
  const { organizationId } = clinic;
  const { db } = clinic.database;
  await db
    .insertInto('availabilityRules')
    .values({
      organizationId,
      providerId: hostId,
      kind: 'open',
      startsOn: '2026-01-01',
      startsMinute: 360,
      endsMinute: 1380,
      rrule: 'FREQ=DAILY',
    })
    .execute();
  // What a search and a booking look at; a whole horizon for each of many providers takes the machine long.
  const opensAt = at(3 * DAY_MS - 4 * HOUR_MS);
  const closesAt = at(3 * DAY_MS + 11 * HOUR_MS);
  await db
    .insertInto('slotDays')
    .values({
      organizationId,
      providerId: hostId,
      onDate: opensAt.toISOString().slice(0, 10),
      specialty: 'General',
      regions: null,
      visitTypeIds: null,
      firstOpenAt: opensAt,
      lastOpenAt: closesAt,
      openings: JSON.stringify([[opensAt.getTime() / MINUTE_MS, closesAt.getTime() / MINUTE_MS, []]]),
    })
    .execute();
};

/** What stands in the two's calendars beside visits: holds, time off, a place in the line, a feed. */
export const addCalendar = async (
  { clinic }: Ground,
  { patientId, hostId }: { readonly patientId: PersonId; readonly hostId: PersonId },
) => {
  const { organizationId, visitTypeId } = clinic;
  const { db } = clinic.database;
  const holds = [0, 1].map((index) => ({
    id: uuid() as string,
    token: randomUUID(),
    at: 5 * DAY_MS + index * HOUR_MS,
  }));
  for (const hold of holds) {
    const span = { startsAt: at(hold.at), endsAt: at(hold.at + 30 * MINUTE_MS) };
    await db
      .insertInto('holds')
      .values({
        id: hold.id as never,
        organizationId,
        token: hold.token,
        madeBy: patientId,
        patientId,
        providerId: hostId,
        visitTypeId,
        ...span,
        providerDate: span.startsAt.toISOString().slice(0, 10),
        expiresAt: at(10 * MINUTE_MS),
        createdAt: at(0),
      })
      .execute();
    await db
      .insertInto('calendarClaims')
      .values({ organizationId, personId: hostId, holdId: hold.id as never, ...span, expiresAt: at(10 * MINUTE_MS) })
      .execute();
  }
  const { id: timeOffId } = await db
    .insertInto('timeOff')
    .values({ organizationId, providerId: hostId, startsAt: at(15 * DAY_MS), endsAt: at(16 * DAY_MS), label: '' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: entryId } = await db
    .insertInto('waitlistEntries')
    .values({
      organizationId,
      patientId,
      visitTypeId,
      earliestAt: at(0),
      latestAt: at(20 * DAY_MS),
      madeBy: patientId,
      createdAt: at(0),
      updatedAt: at(0),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: feedId } = await db
    .insertInto('calendarFeeds')
    .values({
      organizationId,
      personId: patientId,
      view: 'patient',
      secretHash: sha256(randomUUID()),
      createdAt: at(0),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { holds, timeOffId, entryId, feedId };
};
