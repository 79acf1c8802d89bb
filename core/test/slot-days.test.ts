import type { AvailabilityRule, License, PersonId } from '@bedside/protocol';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../src/caller.ts';
import type { Db } from '../src/db/database.ts';
import { HouseRules } from '../src/directory/house-rules.ts';
import { listCompactMembers, listHolidays } from '../src/directory/house-rules-store.ts';
import { licensesOf } from '../src/directory/license-store.ts';
import { listVersion } from '../src/directory/list-version.ts';
import { Availabilities } from '../src/scheduling/availability-service.ts';
import { rebuildOrganization } from '../src/scheduling/organization-change.ts';
import { rebuildDays } from '../src/scheduling/slot-day-store.ts';
import { type Clinic, MINUTE_MS, START, startClinic } from './support/clinic.ts';
import { contextOf } from './support/context.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Los_Angeles',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
];
const REGIONS = ['US-NY', 'US-CA', 'US-TX', 'DE-BE'];
const RRULES = [
  'FREQ=DAILY',
  'FREQ=WEEKLY;BYDAY=MO,WE,FR',
  'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH',
  'FREQ=MONTHLY;BYDAY=-1FR',
  'FREQ=DAILY;COUNT=40',
  'FREQ=WEEKLY;UNTIL=20260420',
];

const date = fc
  .integer({ min: -20, max: 60 })
  .map((days) => new Date(START + days * DAY_MS).toISOString().slice(0, 10));
const span = fc
  .tuple(fc.integer({ min: -10, max: 50 * 24 }), fc.integer({ min: 1, max: 200 }))
  .map(([from, hours]) => ({ startsAt: START + from * HOUR_MS, endsAt: START + (from + hours) * HOUR_MS }));
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const dated = fc.tuple(date, fc.option(date, { nil: undefined })).map(([validFrom, validTo]) => ({
  validFrom,
  ...(validTo === undefined || validTo < validFrom ? {} : { validTo }),
  source: 'Register',
}));

const rule = (visitTypeIds: readonly string[]) =>
  fc
    .record({
      kind: fc.constantFrom('open', 'open', 'block'),
      startsOn: date,
      startsAt: time,
      endsAt: time,
      rrule: fc.option(fc.constantFrom(...RRULES), { nil: undefined }),
      exdates: fc.array(date, { maxLength: 3 }),
      rdates: fc.array(date, { maxLength: 3 }),
      visitTypeIds: fc.subarray([...visitTypeIds]),
      worksOnHolidays: fc.boolean(),
    })
    .filter(
      (one) => one.startsAt !== one.endsAt && (one.rrule?.includes('UNTIL') !== true || one.startsOn < '2026-04-20'),
    )
    .map(({ rrule, ...one }) => ({ ...one, label: '', ...(rrule === undefined ? {} : { rrule }) }) as AvailabilityRule);

const license = fc
  .tuple(fc.constantFrom(...REGIONS, undefined), dated)
  .map(
    ([region, row]): License => ({ ...row, number: '', ...(region === undefined ? { compact: 'IMLC' } : { region }) }),
  );

/** All rows as the database writes them, byte for byte. */
const snapshot = async (db: Db): Promise<string[]> => {
  const { rows } = await sql<{ line: string }>`
    SELECT slot_days::text AS line FROM slot_days ORDER BY provider_id, on_date`.execute(db);
  return rows.map((row) => row.line);
};

class Undone extends Error {}

describe('days of slots', () => {
  let clinic: Clinic;
  beforeAll(async () => {
    clinic = await startClinic();
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  /** The rows that a rebuild from nothing gives; nothing of it stays. */
  const fromNothing = async (providerIds: readonly PersonId[]): Promise<string[]> => {
    let rows: string[] = [];
    await clinic.database
      .transaction(async ({ db }) => {
        await db.deleteFrom('slotDays').execute();
        const { organizationId } = clinic;
        await rebuildDays(db, { organizationId, providerIds, now: new Date(clinic.clock.now), horizonDays: 30 });
        rows = await snapshot(db);
        throw new Undone();
      })
      .catch((error: unknown) => {
        if (!(error instanceof Undone)) throw error;
      });
    return rows;
  };

  it('SCH13 are after 1,000 random changes what a rebuild from nothing gives, byte for byte (seeded)', async () => {
    const context = contextOf(clinic);
    const { organizationId, visitTypeId } = clinic;
    const { provisioning } = clinic.core;
    const otherTypeId = await provisioning.upsertVisitType({
      organizationId,
      key: 'other',
      name: 'Other',
      durationMinutes: 50,
      earlyEntryMinutes: 0,
      lateEntryMinutes: 0,
    });
    const availabilities = new Availabilities(context);
    const houseRules = new HouseRules(context);
    const people = await Promise.all(Array.from({ length: 12 }, (_, index) => clinic.person(`p${index}`, 'provider')));
    const providerIds = people.map((person) => person.id);
    const admin = await clinic.person('admin', 'admin');
    const caller: Caller = {
      who: { personId: admin.id, organizationId, roles: ['admin'] },
      sessionHash: '',
      address: undefined,
      requestId: undefined,
    };
    const all = () => rebuildOrganization(context, organizationId);
    const timeZoneOf = async (id: PersonId) => (await availabilities.read(caller, id)).timeZone;
    const replace = async (id: PersonId, rules: AvailabilityRule[], timeZone: string) => {
      const { version } = await availabilities.read(caller, id);
      await availabilities.replace(caller, id, { timeZone, version, rules });
    };
    const provider = fc.constantFrom(...providerIds);
    const rules = fc.array(rule([visitTypeId, otherTypeId]), { maxLength: 6 });
    const upsert = (index: number, specialty: string, timeZone: string, licenses?: License[]) =>
      provisioning.upsertPerson({
        key: `p${index}`,
        organizationId,
        displayName: `P${index}`,
        timeZone,
        roles: ['provider'],
        provider: { specialty, ...(licenses === undefined ? {} : { licenses }) },
        identities: [],
      });
    const edit: fc.Arbitrary<() => Promise<unknown>> = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.tuple(provider, rules, fc.constantFrom(...ZONES)).map(
          ([id, list, zone]) =>
            () =>
              replace(id, list, zone),
        ),
      },
      {
        weight: 4,
        arbitrary: fc.tuple(provider, span).map(([id, { startsAt, endsAt }]) => async () => {
          if (endsAt <= clinic.clock.now) return;
          const request = {
            startsAt: new Date(startsAt).toISOString(),
            endsAt: new Date(endsAt).toISOString(),
            label: '',
          };
          await availabilities.addTimeOff(caller, id, { request, idempotencyKey: undefined });
        }),
      },
      {
        weight: 3,
        arbitrary: provider.map((id) => async () => {
          const [first] = (await availabilities.read(caller, id)).timeOff;
          if (first !== undefined) await availabilities.removeTimeOff(caller, id, first.id);
        }),
      },
      {
        weight: 3,
        arbitrary: fc.tuple(provider, fc.array(license, { maxLength: 5 })).map(
          ([id, list]) =>
            async () =>
              houseRules.setLicenses(caller, id, {
                version: listVersion(await licensesOf(clinic.database.db, id)),
                licenses: list,
              }),
        ),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.nat({ max: 11 }), fc.constantFrom('General', 'Cardiology'), fc.constantFrom(...ZONES))
          .map(
            ([index, specialty, zone]) =>
              () =>
                upsert(index, specialty, zone),
          ),
      },
      {
        weight: 1,
        arbitrary: fc.uniqueArray(date, { maxLength: 5 }).map((dates) => async () => {
          await houseRules.setHolidays(caller, {
            version: listVersion(await listHolidays(clinic.database.db, clinic.organizationId)),
            holidays: dates.map((on) => ({ date: on, name: 'Closed' })),
          });
          await all();
        }),
      },
      {
        weight: 1,
        arbitrary: fc
          .uniqueArray(fc.tuple(fc.constantFrom(...REGIONS), dated), {
            maxLength: 5,
            selector: ([region, row]) => region + row.validFrom,
          })
          .map((rows) => async () => {
            await houseRules.setCompactMembers(caller, {
              version: listVersion(await listCompactMembers(clinic.database.db, clinic.organizationId)),
              members: rows.map(([region, row]) => ({ compact: 'IMLC', region, ...row })),
            });
            await all();
          }),
      },
      {
        weight: 1,
        arbitrary: fc.boolean().map((requiresLicense) => async () => {
          await provisioning.upsertOrganization({
            key: 'clinic',
            name: 'Clinic',
            timeZone: 'Europe/Berlin',
            requiresLicense,
          });
          await all();
        }),
      },
      {
        // A night passes somewhere; the job that runs each night rolls the days on.
        weight: 1,
        arbitrary: fc.integer({ min: 1, max: 20 }).map((hours) => async () => {
          clinic.clock.now += hours * HOUR_MS;
          await all();
        }),
      },
    );
    const edits = fc.sample(edit, { numRuns: 1_000, seed: 20_261_122 });
    let compared = 0;
    for (const [index, apply] of edits.entries()) {
      await apply();
      if (index % 40 !== 39) continue;
      const kept = await snapshot(clinic.database.db);
      expect(kept).toEqual(await fromNothing(providerIds));
      compared += kept.length;
    }
    expect(compared).toBeGreaterThan(1_000);
    expect(await timeZoneOf(providerIds[0] as PersonId)).toBeTypeOf('string');
    clinic.clock.now = START;
  }, 120_000);

  it('are not written again where nothing changed', async () => {
    await rebuildOrganization(contextOf(clinic), clinic.organizationId);
    const versions = () =>
      sql`SELECT xmin::text, ctid::text FROM slot_days ORDER BY provider_id, on_date`.execute(clinic.database.db);
    const { rows } = await versions();
    await rebuildOrganization(contextOf(clinic), clinic.organizationId);
    expect(rows.length).toBeGreaterThan(0);
    expect((await versions()).rows).toEqual(rows);
  });

  it('roll on at midnight of the provider’s own, and forget what is past', async () => {
    const provider = await clinic.person('far-east', 'provider');
    await clinic.core.provisioning.setAvailability({
      organizationId: clinic.organizationId,
      providerId: provider.id,
      timeZone: 'Pacific/Kiritimati',
      windows: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startsAt: '22:00', endsAt: '02:00' })),
    });
    const dates = async () =>
      (
        await clinic.database.db
          .selectFrom('slotDays')
          .where('providerId', '=', provider.id)
          .select('onDate')
          .orderBy('onDate')
          .execute()
      ).map((row) => row.onDate);
    // 09:00Z is 23:00 of the same Monday there; the night of Sunday ended at two.
    expect((await dates()).at(0)).toBe('2026-03-01');
    expect((await dates()).at(-1)).toBe('2026-04-01');
    clinic.clock.now += 2 * HOUR_MS;
    await rebuildOrganization(contextOf(clinic), clinic.organizationId);
    expect((await dates()).at(0)).toBe('2026-03-02');
    expect((await dates()).at(-1)).toBe('2026-04-02');
    clinic.clock.now = START;
  });
});
