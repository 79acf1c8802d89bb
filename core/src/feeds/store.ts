import type {
  AppointmentId,
  AppointmentStatus,
  CalendarFeed,
  Modality,
  OrganizationId,
  PersonId,
} from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { FEED_EVENTS_MAX, type FeedView } from './model.ts';

export interface FeedRow {
  readonly id: string;
  readonly organizationId: OrganizationId;
  readonly personId: PersonId;
  readonly view: FeedView;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

export const toCalendarFeed = (row: FeedRow, url?: string): CalendarFeed => ({
  id: row.id,
  view: row.view,
  createdAt: row.createdAt.toISOString(),
  ...(row.readAt === null ? {} : { readAt: row.readAt.toISOString() }),
  ...(url === undefined ? {} : { url }),
});

const COLUMNS = ['id', 'organizationId', 'personId', 'view', 'createdAt', 'readAt'] as const;

export const liveFeeds = (db: Db, personId: PersonId): Promise<FeedRow[]> =>
  db
    .selectFrom('calendarFeeds')
    .select(COLUMNS)
    .where('personId', '=', personId)
    .where('revokedAt', 'is', null)
    .orderBy('createdAt')
    .orderBy('id')
    .execute();

export const insertFeed = (
  db: Db,
  feed: Pick<FeedRow, 'organizationId' | 'personId' | 'view' | 'createdAt'> & { readonly secretHash: string },
): Promise<FeedRow> => db.insertInto('calendarFeeds').values(feed).returning(COLUMNS).executeTakeFirstOrThrow();

/** The feed under another address, if it is still there. */
export const replaceSecret = (
  db: Db,
  which: { readonly id: string; readonly personId: PersonId },
  secretHash: string,
): Promise<FeedRow | undefined> =>
  db
    .updateTable('calendarFeeds')
    .set({ secretHash })
    .where('id', '=', which.id)
    .where('personId', '=', which.personId)
    .where('revokedAt', 'is', null)
    .returning(COLUMNS)
    .executeTakeFirst();

/** Answers whether there was such a feed to revoke. */
export const revokeFeed = async (db: Db, which: { id: string; personId: PersonId }, now: Date): Promise<boolean> => {
  const updated = await db
    .updateTable('calendarFeeds')
    .set({ revokedAt: now })
    .where('id', '=', which.id)
    .where('personId', '=', which.personId)
    .where('revokedAt', 'is', null)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
};

/** A live feed of somebody whose account is open and still has the role that the feed is a view of. Notes the reading. */
export const openFeed = async (db: Db, secretHash: string, now: Date): Promise<FeedRow | undefined> => {
  const { rows } = await sql<FeedRow>`
    UPDATE calendar_feeds AS feed SET read_at = ${now}
    FROM people AS person
    WHERE feed.secret_hash = ${secretHash} AND feed.revoked_at IS NULL
      AND person.id = feed.person_id AND person.is_active
      AND EXISTS (SELECT FROM account_roles WHERE account_roles.person_id = person.id AND account_roles.role = feed.view)
    RETURNING feed.id, feed.organization_id, feed.person_id, feed.view, feed.created_at, feed.read_at`.execute(db);
  return rows[0];
};

export interface FeedEventRow {
  readonly appointmentId: AppointmentId;
  readonly status: AppointmentStatus;
  readonly hasLeft: boolean;
  readonly version: number;
  readonly modality: Modality;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly updatedAt: Date;
}

/** The visits of a feed, the earliest first. Whoever belongs to a visit in another role than the feed's view is left out. */
export const feedEvents = async (
  db: Db,
  feed: FeedRow,
  range: { readonly from: Date; readonly to: Date },
): Promise<FeedEventRow[]> => {
  const roles = feed.view === 'patient' ? ['patient'] : ['provider', 'interpreter'];
  const { rows } = await sql<FeedEventRow>`
    SELECT appointment.id AS appointment_id, appointment.status, presence.participation = 'declined' AS has_left,
      appointment.version, visit_type.modality, appointment.starts_at, appointment.ends_at, appointment.updated_at
    FROM presences AS presence
    JOIN encounters AS encounter ON encounter.id = presence.encounter_id
    JOIN appointments AS appointment ON appointment.id = encounter.appointment_id
    JOIN visit_types AS visit_type ON visit_type.id = appointment.visit_type_id
    WHERE presence.person_id = ${feed.personId} AND presence.role = ANY(${roles})
      AND appointment.starts_at >= ${range.from} AND appointment.starts_at < ${range.to}
    ORDER BY appointment.starts_at, appointment.id LIMIT ${FEED_EVENTS_MAX}`.execute(db);
  return rows;
};
