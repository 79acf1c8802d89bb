import type { OrganizationId, PersonId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import type { WeeklyWindow } from './slots.ts';

export const weeklyWindows = (db: Db, providerId: PersonId): Promise<WeeklyWindow[]> =>
  db
    .selectFrom('availabilityWindows')
    .where('providerId', '=', providerId)
    .select(['weekday', 'startsMinute', 'endsMinute'])
    .orderBy('weekday')
    .orderBy('startsMinute')
    .execute();

/** Puts these windows in the place of those there were. Windows of a day must not overlap: the database refuses them. */
export const replaceWindows = async (
  db: Db,
  owner: { readonly organizationId: OrganizationId; readonly providerId: PersonId },
  windows: readonly WeeklyWindow[],
): Promise<void> => {
  await db.deleteFrom('availabilityWindows').where('providerId', '=', owner.providerId).execute();
  if (windows.length === 0) return;
  await db
    .insertInto('availabilityWindows')
    .values(windows.map((window) => ({ ...owner, ...window })))
    .execute();
};
