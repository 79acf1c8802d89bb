import type { OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import { type AvailabilityRule, openingsOf } from './availability.ts';
import { dateOfDay } from './dates.ts';
import type { Interval, Opening } from './openings.ts';
import { type Dated, isInForce } from './rules.ts';
import { dayOf, startOfDay } from './wall-clock.ts';

const MINUTE_MS = 60_000;

/** A row of `slot_days`, as JSON carries it. */
export interface SlotDayRow {
  readonly providerId: PersonId;
  /** `YYYY-MM-DD` in the provider's zone. */
  readonly onDate: string;
  readonly specialty: string;
  /** Where the provider may see patients on that day, sorted; null where the organization asks for no licence. */
  readonly regions: string[] | null;
  /** What can be held on that day, sorted; null: everything. */
  readonly visitTypeIds: VisitTypeId[] | null;
  readonly firstOpenAt: string;
  readonly lastOpenAt: string;
  readonly openings: readonly Opening[];
}

export interface LicenseFact extends Dated {
  readonly region: string | null;
  readonly compact: string | null;
}

export interface CompactFact extends Dated {
  readonly compact: string;
  readonly region: string;
}

/** All that a provider's days follow from. */
export interface ProviderFacts {
  readonly providerId: PersonId;
  readonly specialty: string;
  readonly timeZone: string;
  readonly rules: readonly AvailabilityRule[];
  readonly timeOff: readonly Interval[];
  readonly licenses: readonly LicenseFact[];
}

export interface OrganizationFacts {
  readonly organizationId: OrganizationId;
  readonly requiresLicense: boolean;
  /** When the house is closed, in days since 1970-01-01. */
  readonly holidays: ReadonlySet<number>;
  readonly compacts: readonly CompactFact[];
}

/** Where these licences let somebody see patients on a date: those of states, and of the states of compacts. Sorted. */
export const regionsOn = (
  licenses: readonly LicenseFact[],
  compacts: readonly CompactFact[],
  date: string,
): string[] => {
  const regions = new Set<string>();
  for (const license of licenses) {
    if (!isInForce(license, date)) continue;
    if (license.region !== null) regions.add(license.region);
    for (const member of compacts)
      if (member.compact === license.compact && isInForce(member, date)) regions.add(member.region);
  }
  return [...regions].sort();
};

const typesOf = (openings: readonly Opening[]): VisitTypeId[] | null =>
  openings.some(([, , types]) => types.length === 0)
    ? null
    : [...new Set(openings.flatMap(([, , types]) => types))].sort();

/**
 * The days of a provider from their own today to the horizon, and yesterday where it reaches over midnight. The same
 * facts and the same local day give the same rows, whatever came before.
 */
export const slotDaysOf = (
  provider: ProviderFacts,
  organization: OrganizationFacts,
  at: { readonly nowMs: number; readonly horizonDays: number },
): SlotDayRow[] => {
  const today = dayOf(at.nowMs, provider.timeZone);
  const todayMinute = startOfDay(today, provider.timeZone) / MINUTE_MS;
  const days = openingsOf({
    rules: provider.rules,
    timeOff: provider.timeOff,
    holidays: organization.holidays,
    timeZone: provider.timeZone,
    fromDay: today - 1,
    toDay: today + at.horizonDays,
  });
  const rows: SlotDayRow[] = [];
  for (const { day, openings } of days) {
    const first = openings[0]?.[0];
    if (first === undefined) continue;
    const last = openings.reduce((latest, [, end]) => Math.max(latest, end), first);
    if (last <= todayMinute) continue;
    const onDate = dateOfDay(day);
    rows.push({
      providerId: provider.providerId,
      onDate,
      specialty: provider.specialty,
      regions: organization.requiresLicense ? regionsOn(provider.licenses, organization.compacts, onDate) : null,
      visitTypeIds: typesOf(openings),
      firstOpenAt: new Date(first * MINUTE_MS).toISOString(),
      lastOpenAt: new Date(last * MINUTE_MS).toISOString(),
      openings,
    });
  }
  return rows;
};
