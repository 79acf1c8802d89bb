import type {
  AppointmentId,
  EncounterId,
  IntakeQuestion,
  Modality,
  OrganizationId,
  PayerId,
  PersonId,
  VisitTypeId,
} from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Opening } from './openings.ts';
import type { Dated, PayerRuleFact } from './rules.ts';

/** A visit type with all that judging and showing a visit of it needs. */
export interface VisitTypeFacts {
  readonly id: VisitTypeId;
  readonly name: string;
  readonly modality: Modality;
  readonly durationMinutes: number;
  readonly bufferBeforeMinutes: number;
  readonly bufferAfterMinutes: number;
  readonly stepMinutes: number | null;
  readonly minimumNoticeMinutes: number;
  readonly bookingHorizonDays: number;
  readonly cancelNoticeMinutes: number;
  readonly seats: number;
  readonly selfPay: boolean;
  readonly intakeQuestions: IntakeQuestion[];
  readonly earlyEntryMinutes: number;
  readonly lateEntryMinutes: number;
}

export interface ProviderFacts {
  readonly id: PersonId;
  readonly displayName: string;
  readonly timeZone: string;
  /** Of their availability. */
  readonly version: number;
  /** The days around the wanted time, as `slot_days` has them. */
  readonly days: readonly { readonly openings: readonly Opening[] }[];
  /** Live claims on those days, in milliseconds, ascending. */
  readonly busy: readonly { readonly startsAtMs: number; readonly endsAtMs: number }[];
  /** Where they may see patients; empty where the organization asks for no licence. */
  readonly regions: readonly (Dated & { readonly region: string })[];
}

export interface GroupFacts {
  readonly encounterId: EncounterId;
  readonly providerId: PersonId;
  readonly visitTypeId: VisitTypeId;
  readonly startsAtMs: number;
  readonly seats: number;
  readonly people: readonly PersonId[];
}

/** What a wanted time is judged by. Null: there is no such thing in this organization, or no longer. */
export interface BookingFacts {
  readonly requiresLicense: boolean;
  readonly visitType: VisitTypeFacts | null;
  readonly providers: readonly ProviderFacts[];
  readonly patient: { readonly displayName: string; readonly region: string | null } | null;
  readonly payerIsKnown: boolean;
  readonly payerRules: readonly PayerRuleFact[];
  readonly group: GroupFacts | null;
}

export interface WantedFacts {
  readonly organizationId: OrganizationId;
  readonly visitTypeId: VisitTypeId;
  /** The visit's provider first. */
  readonly providerIds: readonly PersonId[];
  /** Undefined: a session whose patients come later. */
  readonly patientId: PersonId | undefined;
  readonly payerId: PayerId | undefined;
  readonly groupAppointmentId: AppointmentId | undefined;
  readonly startsAt: Date;
  readonly now: Date;
  /** The appointment that is being moved: its own time is no obstacle. */
  readonly replacedId?: AppointmentId;
}

/** `VisitTypeFacts` of a row of `visit_types`. */
export const visitTypeJson = sql<VisitTypeFacts>`jsonb_build_object('id', visit_types.id, 'name', visit_types.name,
  'modality', modality, 'durationMinutes', duration_minutes, 'bufferBeforeMinutes', buffer_before_minutes,
  'bufferAfterMinutes', buffer_after_minutes, 'stepMinutes', step_minutes,
  'minimumNoticeMinutes', minimum_notice_minutes, 'bookingHorizonDays', booking_horizon_days,
  'cancelNoticeMinutes', cancel_notice_minutes, 'seats', visit_types.seats, 'selfPay', self_pay,
  'intakeQuestions', intake_questions, 'earlyEntryMinutes', early_entry_minutes,
  'lateEntryMinutes', late_entry_minutes)`;

/** Everything that a booking is judged by, in one round trip. */
export const bookingFacts = async (db: Db, wanted: WantedFacts): Promise<BookingFacts> => {
  const { organizationId, now, startsAt } = wanted;
  const { rows } = await sql<BookingFacts>`
    SELECT
      organizations.requires_license,
      (SELECT ${visitTypeJson} FROM visit_types
        WHERE id = ${wanted.visitTypeId} AND organization_id = organizations.id AND is_active
      ) AS visit_type,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', people.id, 'displayName', people.display_name,
          'timeZone', people.time_zone, 'version', providers.availability_version,
          'days', coalesce(around.days, '[]'), 'busy', coalesce(taken.busy, '[]'), 'regions', coalesce(licensed.regions, '[]')
        ) ORDER BY wanted.place), '[]')
        FROM unnest(${wanted.providerIds}::uuid[]) WITH ORDINALITY AS wanted (id, place)
        JOIN providers ON providers.person_id = wanted.id AND providers.organization_id = organizations.id
        JOIN people ON people.id = wanted.id AND people.is_active
        LEFT JOIN LATERAL (
          -- A day of the provider's begins and ends within a day and a half of the same date in UTC.
          SELECT jsonb_agg(jsonb_build_object('openings', openings)) AS days, min(first_open_at) AS first_at,
            max(last_open_at) AS last_at
          FROM slot_days WHERE slot_days.provider_id = wanted.id
            AND on_date BETWEEN (${startsAt}::timestamptz AT TIME ZONE 'UTC')::date - 2
              AND (${startsAt}::timestamptz AT TIME ZONE 'UTC')::date + 1
            AND first_open_at <= ${startsAt} AND last_open_at > ${startsAt}
        ) AS around ON true
        LEFT JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_object('startsAtMs', extract(epoch FROM starts_at) * 1000,
            'endsAtMs', extract(epoch FROM ends_at) * 1000) ORDER BY starts_at) AS busy
          FROM calendar_claims WHERE person_id = wanted.id
            -- With the longest buffer on either side; no claim is as long as a day.
            AND starts_at BETWEEN coalesce(around.first_at, ${startsAt}) - interval '28 hours'
              AND coalesce(around.last_at, ${startsAt}) + interval '28 hours'
            AND ends_at >= coalesce(around.first_at, ${startsAt}) - interval '4 hours'
            AND (expires_at IS NULL OR expires_at > ${now})
            AND appointment_id IS DISTINCT FROM ${wanted.replacedId ?? null}
        ) AS taken ON true
        LEFT JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_object('region', coalesce(licenses.region, member.region),
            'validFrom', greatest(licenses.valid_from, member.valid_from),
            'validTo', least(licenses.valid_to, member.valid_to))) AS regions
          FROM licenses LEFT JOIN compact_members AS member
            ON member.organization_id = organizations.id AND member.compact = licenses.compact
          WHERE organizations.requires_license AND licenses.provider_id = wanted.id
            AND coalesce(licenses.region, member.region) IS NOT NULL
        ) AS licensed ON true
      ) AS providers,
      (SELECT jsonb_build_object('displayName', people.display_name, 'region', patients.region)
        FROM patients JOIN people ON people.id = patients.person_id AND people.is_active
        WHERE patients.person_id = ${wanted.patientId ?? null} AND patients.organization_id = organizations.id
      ) AS patient,
      EXISTS (SELECT 1 FROM payers WHERE id = ${wanted.payerId ?? null} AND organization_id = organizations.id AND is_active
      ) AS payer_is_known,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('payerId', payer_id, 'visitTypeId', visit_type_id, 'region', region,
          'effect', effect, 'validFrom', valid_from, 'validTo', valid_to)), '[]')
        FROM payer_rules WHERE ${wanted.payerId ?? null}::uuid IS NOT NULL AND organization_id = organizations.id
          AND (visit_type_id IS NULL OR visit_type_id = ${wanted.visitTypeId})
      ) AS payer_rules,
      (SELECT jsonb_build_object('encounterId', encounters.id, 'providerId', appointments.provider_id,
          'visitTypeId', visit_type_id, 'startsAtMs', extract(epoch FROM starts_at) * 1000, 'seats', seats,
          'people', (SELECT jsonb_agg(person_id) FROM presences WHERE encounter_id = encounters.id AND role <> 'patient'))
        FROM appointments JOIN encounters ON encounters.appointment_id = appointments.id
        WHERE appointments.id = ${wanted.groupAppointmentId ?? null} AND appointments.organization_id = organizations.id
          AND appointments.patient_id IS NULL AND appointments.status = 'booked'
      ) AS "group"
    FROM organizations WHERE organizations.id = ${organizationId}`.execute(db);
  const [facts] = rows;
  if (facts === undefined) throw new Error('A person without an organization.');
  return facts;
};
