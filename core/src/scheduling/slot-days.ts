import type { OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import type { RuleRow, TimeOffRow } from './availability-store.ts';
import { dayOf, startOfDay } from './wall-clock.ts';
import { type Opening, openingsOf } from './weekly-openings.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

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
  readonly openings: Opening[];
}

interface Dated {
  readonly validFrom: string;
  /** The last day; null has no end. */
  readonly validTo: string | null;
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
  readonly rules: readonly RuleRow[];
  readonly timeOff: readonly TimeOffRow[];
  readonly licenses: readonly LicenseFact[];
}

export interface OrganizationFacts {
  readonly organizationId: OrganizationId;
  readonly requiresLicense: boolean;
  /** Dates on which the house is closed. */
  readonly holidays: readonly string[];
  readonly compacts: readonly CompactFact[];
}

export const dateOfDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

const holds = (row: Dated, date: string): boolean =>
  row.validFrom <= date && (row.validTo === null || date <= row.validTo);

/** Where these licences let somebody see patients on a date: those of states, and of the states of compacts. Sorted. */
export const regionsOn = (
  licenses: readonly LicenseFact[],
  compacts: readonly CompactFact[],
  date: string,
): string[] => {
  const regions = new Set<string>();
  for (const license of licenses) {
    if (!holds(license, date)) continue;
    if (license.region !== null) regions.add(license.region);
    for (const member of compacts)
      if (member.compact === license.compact && holds(member, date)) regions.add(member.region);
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
