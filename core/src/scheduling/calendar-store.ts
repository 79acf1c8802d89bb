import type { OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { type AppointmentRow, selectAppointments } from './appointment-store.ts';
import { expandable } from './availability-rules.ts';
import { rulesOf, timeOffOf } from './availability-store.ts';
import type { CalendarFacts } from './calendar-spans.ts';
import { dateOfDay, dayOfDate } from './dates.ts';

const DAY_MS = 86_400_000;

/** Where a calendar is kept, by provider. */
export const calendarFacts = async (
  db: Db,
  which: {
    readonly organizationId: OrganizationId;
    readonly providers: readonly { readonly id: PersonId; readonly timeZone: string }[];
    readonly from: Date;
    readonly to: Date;
  },
): Promise<Map<PersonId, CalendarFacts>> => {
  if (which.providers.length === 0) return new Map();
  const ids = which.providers.map((provider) => provider.id);
  const [fromDay, toDay] = [which.from, which.to].map((at) => Math.floor(at.getTime() / DAY_MS)) as [number, number];
  const [rules, timeOff, holidays] = await Promise.all([
    rulesOf(db, ids),
    timeOffOf(db, ids, which.from),
    db
      .selectFrom('holidays')
      .where('organizationId', '=', which.organizationId)
      // A day of some zone touches at most the neighbours of the same date in UTC.
      .where('onDate', '>=', dateOfDay(fromDay - 2))
      .where('onDate', '<=', dateOfDay(toDay + 2))
      .select(['onDate', 'name'])
      .execute(),
  ]);
  const named = new Map(holidays.map((holiday) => [dayOfDate(holiday.onDate), holiday.name]));
  return new Map(
    which.providers.map(({ id, timeZone }) => [
      id,
      {
        timeZone,
        rules: rules
          .filter((rule) => rule.providerId === id)
          .map((rule) => ({ ...expandable(rule), label: rule.label })),
        timeOff: timeOff.filter((off) => off.providerId === id && off.startsAt < which.to),
        holidays: named,
      },
    ]),
  );
};

/**
 * Visits that touch a range and that these people lead or are needed for, by start. Nobody can be in two at once, so
 * people and days bound how many there are.
 */
export const calendarVisits = (
  db: Db,
  which: { readonly providerIds: readonly PersonId[]; readonly from: Date; readonly to: Date },
): Promise<AppointmentRow[]> =>
  selectAppointments(db)
    .where((where) =>
      where.or([
        where.and([
          where('appointments.providerId', 'in', which.providerIds),
          where('appointments.startsAt', '>', new Date(which.from.getTime() - DAY_MS)),
          where('appointments.startsAt', '<', which.to),
        ]),
        where(
          'appointments.id',
          'in',
          sql<never>`(SELECT appointment_id FROM calendar_claims WHERE person_id = ANY (${which.providerIds}::uuid[])
            AND starts_at > ${new Date(which.from.getTime() - DAY_MS)} AND starts_at < ${which.to}
            AND appointment_id IS NOT NULL)`,
        ),
      ]),
    )
    .where('appointments.endsAt', '>', which.from)
    .where('appointments.startsAt', '<', which.to)
    .where('appointments.status', 'not in', ['cancelled', 'rescheduled', 'entered-in-error'])
    .orderBy('appointments.startsAt')
    .orderBy('appointments.id')
    .execute();
