import type { OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { expandable } from './availability-rules.ts';
import { rulesOf, timeOffOf } from './availability-store.ts';
import { dayOfDate } from './dates.ts';
import { type OrganizationFacts, type ProviderFacts, type SlotDayRow, slotDaysOf } from './slot-days.ts';

const DAY_MS = 24 * 60 * 60_000;

/** What days of an organization's providers follow from, apart from the providers themselves. */
export const organizationFacts = async (
  db: Db,
  organizationId: OrganizationId,
  now: Date,
): Promise<OrganizationFacts> => {
  const { requiresLicense } = await db
    .selectFrom('organizations')
    .where('id', '=', organizationId)
    .select('requiresLicense')
    .executeTakeFirstOrThrow();
  const holidays = await db
    .selectFrom('holidays')
    .where('organizationId', '=', organizationId)
    // Yesterday is still today somewhere, and its yesterday is looked at too.
    .where('onDate', '>=', new Date(now.getTime() - 3 * DAY_MS).toISOString().slice(0, 10))
    .select('onDate')
    .orderBy('onDate')
    .execute();
  const compacts = requiresLicense
    ? await db
        .selectFrom('compactMembers')
        .where('organizationId', '=', organizationId)
        .select(['compact', 'region', 'validFrom', 'validTo'])
        .execute()
    : [];
  return {
    organizationId,
    requiresLicense,
    holidays: new Set(holidays.map((holiday) => dayOfDate(holiday.onDate))),
    compacts,
  };
};

const byProvider = <Row extends { providerId: PersonId }>(rows: readonly Row[]): Map<PersonId, Row[]> => {
  const groups = new Map<PersonId, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.providerId);
    if (group === undefined) groups.set(row.providerId, [row]);
    else group.push(row);
  }
  return groups;
};

/** Providers who left are not among them. */
const providerFacts = async (db: Db, providerIds: readonly PersonId[], now: Date): Promise<ProviderFacts[]> => {
  const providers = await db
    .selectFrom('providers')
    .innerJoin('people', 'people.id', 'providers.personId')
    .where('providers.personId', 'in', providerIds)
    .where('people.isActive', '=', true)
    .select(['providers.personId as providerId', 'providers.specialty', 'people.timeZone'])
    .execute();
  const rules = byProvider(await rulesOf(db, providerIds));
  const timeOff = byProvider(await timeOffOf(db, providerIds, new Date(now.getTime() - 3 * DAY_MS)));
  const licenses = byProvider(
    await db
      .selectFrom('licenses')
      .where('providerId', 'in', providerIds)
      .select(['providerId', 'region', 'compact', 'validFrom', 'validTo'])
      .execute(),
  );
  return providers.map((provider) => ({
    ...provider,
    rules: (rules.get(provider.providerId) ?? []).map(expandable),
    timeOff: (timeOff.get(provider.providerId) ?? []).map((row) => ({
      startsAtMs: row.startsAt.getTime(),
      endsAtMs: row.endsAt.getTime(),
    })),
    licenses: licenses.get(provider.providerId) ?? [],
  }));
};

/** Writes what differs from the rows there are; rows of these providers that are not named go. */
const writeDays = async (
  db: Db,
  which: { readonly organizationId: OrganizationId; readonly providerIds: readonly PersonId[] },
  rows: readonly SlotDayRow[],
): Promise<void> => {
  await sql`
    WITH wanted AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS row (
        "providerId" uuid, "onDate" date, "specialty" text, "regions" text[], "visitTypeIds" uuid[],
        "firstOpenAt" timestamptz, "lastOpenAt" timestamptz, "openings" jsonb)
    ), gone AS (
      DELETE FROM slot_days WHERE provider_id = ANY(${which.providerIds}::uuid[])
        AND NOT EXISTS (SELECT FROM wanted WHERE "providerId" = provider_id AND "onDate" = on_date)
    )
    INSERT INTO slot_days AS day (organization_id, provider_id, on_date, specialty, regions, visit_type_ids,
      first_open_at, last_open_at, openings)
    SELECT ${which.organizationId}, "providerId", "onDate", "specialty", "regions", "visitTypeIds", "firstOpenAt",
      "lastOpenAt", "openings" FROM wanted
    ON CONFLICT (provider_id, on_date) DO UPDATE SET specialty = excluded.specialty, regions = excluded.regions,
      visit_type_ids = excluded.visit_type_ids, first_open_at = excluded.first_open_at,
      last_open_at = excluded.last_open_at, openings = excluded.openings
    WHERE (day.specialty, day.regions, day.visit_type_ids, day.first_open_at, day.last_open_at, day.openings)
      IS DISTINCT FROM (excluded.specialty, excluded.regions, excluded.visit_type_ids, excluded.first_open_at,
        excluded.last_open_at, excluded.openings)`.execute(db);
};

export interface Rebuild {
  readonly organizationId: OrganizationId;
  readonly providerIds: readonly PersonId[];
  readonly now: Date;
  readonly horizonDays: number;
}

/** The days of these providers as they follow from the rules now, written nowhere. */
export const daysAhead = async (db: Db, ahead: Rebuild, organization?: OrganizationFacts): Promise<SlotDayRow[]> => {
  const facts = organization ?? (await organizationFacts(db, ahead.organizationId, ahead.now));
  const at = { nowMs: ahead.now.getTime(), horizonDays: ahead.horizonDays };
  const providers = await providerFacts(db, ahead.providerIds, ahead.now);
  return providers.flatMap((provider) => slotDaysOf(provider, facts, at));
};

/** Makes the days of these providers anew from what they follow from. The caller holds the providers' people rows. */
export const rebuildDays = async (db: Db, rebuild: Rebuild, organization?: OrganizationFacts): Promise<void> =>
  writeDays(db, rebuild, await daysAhead(db, rebuild, organization));
