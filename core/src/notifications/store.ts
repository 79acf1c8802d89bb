import type { OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { type Channel, LEASE_MS, type MessageDetail, type NotificationKind } from './model.ts';

/** A notification that is due, with all that its message needs as it is now. */
export interface DueNotification {
  readonly id: string;
  readonly organizationId: OrganizationId;
  readonly personId: PersonId;
  /** Whom it tells of; null: of nobody. */
  readonly patientId: PersonId | null;
  readonly kind: NotificationKind;
  readonly channel: Channel;
  readonly attempts: number;
  /** Both null: the person has no such contact point any more, or their account is closed. */
  readonly value: string | null;
  readonly sealedValue: Buffer | null;
  readonly timeZone: string;
  readonly organizationName: string;
  readonly organizationPhone: string | null;
  readonly detail: MessageDetail;
  /** Null: it is about no visit. */
  readonly providerName: string | null;
  /** Of the visit; of news, when there was something to tell. */
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly expiresAt: Date | null;
  /** False: what it tells is no longer so. */
  readonly isTrue: boolean;
}

/** Takes what is due for the length of a lease; what another process takes at this moment is left to it. */
export const claimNotifications = async (db: Db, options: { now: Date; limit: number }): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    UPDATE notifications SET attempts = attempts + 1, next_attempt_at = ${new Date(options.now.getTime() + LEASE_MS)}
    WHERE id IN (
      SELECT id FROM notifications WHERE status = 'pending' AND next_attempt_at <= ${options.now}
      ORDER BY next_attempt_at LIMIT ${options.limit} FOR UPDATE SKIP LOCKED
    )
    RETURNING id`.execute(db);
  return rows.map((row) => row.id);
};

export const loadNotifications = async (db: Db, ids: readonly string[]): Promise<DueNotification[]> => {
  const { rows } = await sql<DueNotification>`
    SELECT notification.id, notification.organization_id, notification.person_id, notification.kind,
      notification.channel, notification.attempts,
      CASE WHEN notification.kind <> 'emergency-opened' THEN coalesce(correction.patient_id, notification.person_id) END AS patient_id,
      CASE WHEN person.is_active THEN contact.value END AS value,
      CASE WHEN person.is_active THEN contact.sealed_value END AS sealed_value,
      person.time_zone, organization.name AS organization_name, organization.phone AS organization_phone,
      organization.message_detail AS detail, provider.display_name AS provider_name,
      coalesce(appointment.starts_at, offer.starts_at, notification.created_at) AS starts_at,
      coalesce(appointment.ends_at, offer.ends_at, notification.created_at) AS ends_at,
      offer.expires_at,
      -- What was answered or opened stays so.
      CASE WHEN notification.kind IN ('correction-answered', 'correction-rebutted', 'emergency-opened') THEN true
        WHEN notification.kind = 'correction-extended' THEN correction.status = 'requested'
        WHEN notification.kind = 'offer' THEN offer.status = 'live'
        WHEN notification.kind = 'cancelled' THEN appointment.status = 'cancelled' OR presence.participation = 'declined'
        ELSE appointment.status IN ('booked', 'arrived', 'in-waiting') AND presence.participation = 'accepted'
      END AS is_true
    FROM notifications AS notification
    JOIN people AS person ON person.id = notification.person_id
    JOIN organizations AS organization ON organization.id = notification.organization_id
    LEFT JOIN contact_points AS contact ON contact.person_id = person.id AND contact.system = notification.channel
    LEFT JOIN appointments AS appointment ON appointment.id = notification.appointment_id
    LEFT JOIN encounters AS encounter ON encounter.appointment_id = appointment.id
    LEFT JOIN presences AS presence ON presence.encounter_id = encounter.id AND presence.person_id = person.id
    LEFT JOIN correction_requests AS correction ON correction.id = notification.correction_request_id
    LEFT JOIN waitlist_offers AS offer ON offer.id = notification.waitlist_offer_id
    LEFT JOIN people AS provider ON provider.id = coalesce(appointment.provider_id, offer.provider_id)
    WHERE notification.id = ANY(${ids}::uuid[])`.execute(db);
  return rows;
};

export const markSent = async (db: Db, id: string, now: Date): Promise<void> => {
  await db
    .updateTable('notifications')
    .set({ status: 'sent', sentAt: now, lastError: null })
    .where('id', '=', id)
    .execute();
};

export const markDropped = async (db: Db, id: string): Promise<void> => {
  await db.updateTable('notifications').set({ status: 'dropped' }).where('id', '=', id).execute();
};

/** To be tried again at `at`, or given up where that is undefined. One that was dropped meanwhile stays so. */
export const markFailed = async (
  db: Db,
  id: string,
  how: { readonly reason: string; readonly at: Date | undefined },
): Promise<void> => {
  await db
    .updateTable('notifications')
    .set({
      lastError: how.reason.slice(0, 100),
      ...(how.at === undefined ? { status: 'failed' } : { nextAttemptAt: how.at }),
    })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute();
};
