import {
  AppError,
  type Appointment,
  type Day,
  type DayEntry,
  type EncounterId,
  type EncounterView,
  LocalDate,
  type PersonId,
} from '@bedside/protocol';
import { sql } from 'kysely';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import { findProvider } from '../directory/store.ts';
import { GRANT_LIFE_MS } from '../grants/permissions.ts';
import { STAFF, selectAppointments, toAppointment } from '../scheduling/appointment-store.ts';
import { dayOf, startOfDay } from '../scheduling/wall-clock.ts';
import { isConnected } from './presence-model.ts';
import { auditVisit } from './visit-audit.ts';
import type { VisitDesk } from './visit-desk.ts';
import { memberOf, type Visit } from './visit-store.ts';
import { sightOf } from './visit-viewer.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A provider's day holds fewer visits than this. */
const DAY_LIMIT = 300;

const patientsOf = ({ patient, group }: Appointment): PersonId[] =>
  (group?.patients ?? (patient === undefined ? [] : [patient])).map(({ id }) => id);

/** What the pages around the video show. Every look at them stands in the audit trail. */
export class VisitViews {
  readonly #context: CoreContext;
  readonly #desk: VisitDesk;

  constructor(context: CoreContext, desk: VisitDesk) {
    this.#context = context;
    this.#desk = desk;
  }

  /** Errors: `not_found`. */
  async encounter(caller: Caller, encounterId: EncounterId): Promise<EncounterView> {
    const { db } = this.#context.database.as(caller);
    const visit = await this.#desk.read(caller, 'encounter.read', encounterId);
    const isCovering = visit.relations?.includes('covering') === true;
    // Whoever looks at it by a relationship to its patient is a guest of it.
    const role = memberOf(visit, caller.who.personId)?.role ?? (isCovering ? 'provider' : 'guest');
    const at = nowOf(this.#context);
    const { viewer, actedFor } = await sightOf(db, visit, { caller, at, by: ['proxy-read'] });
    const [appointment, people, runningLateMinutes] = await Promise.all([
      selectAppointments(db).where('appointments.id', '=', visit.appointmentId).executeTakeFirstOrThrow(),
      db
        .selectFrom('presences')
        .innerJoin('people', 'people.id', 'presences.personId')
        .where('presences.encounterId', '=', encounterId)
        .where('presences.participation', '=', 'accepted')
        .select(['people.id', 'people.displayName', 'presences.role'])
        .orderBy('presences.role')
        .orderBy('people.id')
        .execute(),
      this.#runningLateMinutes(db, visit),
    ]);
    await auditVisit(db, visit, {
      at,
      actor: actorOf(caller, role),
      action: 'encounter.read',
      resource: { type: 'encounter', id: encounterId },
      ...(actedFor && { concerned: actedFor }),
    });
    // In the room people see each other; whoever acts for one of them is not in it.
    return {
      id: encounterId,
      status: visit.status,
      appointment: toAppointment(appointment, viewer),
      role,
      people: people.filter((one) => one.role !== 'patient' || actedFor?.includes(one.id) !== false),
      runningLateMinutes,
    };
  }

  /**
   * By how much the earlier visit that the provider is in now runs over its end, in whole minutes. One that they are no
   * longer in keeps nobody waiting, whether or not somebody ended it.
   */
  async #runningLateMinutes(db: Db, visit: Visit): Promise<number> {
    const now = nowOf(this.#context);
    const { rows } = await sql<{ endsAt: Date | null }>`
      SELECT runs_over_since(${visit.providerId}, ${visit.startsAt}, ${now}, ${new Date(now.getTime() - GRANT_LIFE_MS)})
        AS ends_at`.execute(db);
    const endsAt = rows[0]?.endsAt ?? null;
    return endsAt === null ? 0 : Math.floor((now.getTime() - endsAt.getTime()) / 60_000);
  }

  /**
   * The provider's visits of a day in their own zone, today's without `date`: one that goes on past midnight is of both
   * days. Cancelled and moved ones are left out.
   */
  async day(caller: Caller, date: string | undefined): Promise<Day> {
    const { db } = this.#context.database.as(caller);
    const { personId, organizationId } = caller.who;
    const provider = await findProvider(db, { id: personId, organizationId });
    if (provider === undefined) throw new AppError('not_found');
    const now = nowOf(this.#context);
    const day = date === undefined ? dayOf(now.getTime(), provider.timeZone) : Date.parse(date) / DAY_MS;
    const [from, to] = [startOfDay(day, provider.timeZone), startOfDay(day + 1, provider.timeZone)];
    const entries = await this.#entries(db, personId, { from: new Date(from), to: new Date(to), now });
    const patientIds = [...new Set(entries.flatMap(({ appointment }) => patientsOf(appointment)))];
    const seen = {
      at: now,
      actor: actorOf(caller, 'provider'),
      action: 'day.read',
      resource: { type: 'day', id: personId },
    };
    await audit(db, ...(patientIds.length === 0 ? [seen] : patientIds.map((patientId) => ({ ...seen, patientId }))));
    return {
      date: LocalDate.parse(new Date(day * DAY_MS).toISOString().slice(0, 10)),
      timeZone: provider.timeZone,
      entries,
    };
  }

  async #entries(db: Db, providerId: PersonId, range: { from: Date; to: Date; now: Date }): Promise<DayEntry[]> {
    const rows = await selectAppointments(db)
      // Of a group session: the patient who waits longest, or else one who is there.
      .leftJoinLateral(
        (from) =>
          from
            .selectFrom('presences')
            .whereRef('presences.encounterId', '=', 'encounters.id')
            .where('presences.role', '=', 'patient')
            .where('presences.participation', '=', 'accepted')
            .select(['presences.presence', 'presences.since', 'presences.connected', 'presences.seenAt'])
            .orderBy(sql`array_position(array['ready', 'device-check', 'admitted', 'absent'], presences.presence)`)
            .orderBy('presences.since')
            .limit(1)
            .as('seen'),
        (join) => join.onTrue(),
      )
      .select(['seen.presence', 'seen.since', 'seen.connected', 'seen.seenAt'])
      .where('appointments.providerId', '=', providerId)
      .where('appointments.endsAt', '>', range.from)
      // None lasts longer than a day, and visits are found by their start.
      .where('appointments.startsAt', '>', new Date(range.from.getTime() - DAY_MS))
      .where('appointments.startsAt', '<', range.to)
      .where('appointments.status', 'not in', ['cancelled', 'rescheduled', 'entered-in-error'])
      .orderBy('appointments.startsAt')
      .limit(DAY_LIMIT)
      .execute();
    return rows.map((row) => ({
      appointment: toAppointment(row, STAFF),
      patientPresence: row.presence ?? 'absent',
      patientConnected: isConnected({ connected: row.connected === true, seenAt: row.seenAt }, range.now),
      ...(row.presence === 'ready' && row.since !== null ? { waitingSince: row.since.toISOString() } : {}),
    }));
  }
}
