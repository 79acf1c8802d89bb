import { randomUUID } from 'node:crypto';
import {
  AppError,
  type Appointment,
  type AppointmentSeries,
  type PersonId,
  type SeriesRequest,
} from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db, Tx } from '../db/database.ts';
import { requireProvider } from '../directory/provider-access.ts';
import { RefusedFields } from '../refused-fields.ts';
import { STAFF, selectAppointments, toAppointment } from './appointment-store.ts';
import { requireTimeZone } from './availability-rules.ts';
import { type Bookings, wantedOf } from './booking.ts';
import type { ProviderFacts } from './booking-facts.ts';
import { earlierResource, keepResource, requestKey } from './idempotency.ts';
import { type Occurrence, occurrencesOf } from './occurrences.ts';
import { lockPeople } from './placing.ts';
import { daysAhead } from './slot-day-store.ts';
import type { SlotDayRow } from './slot-days.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Answers that name an occurrence; others end the request as they are. */
const OF_AN_OCCURRENCE: ReadonlySet<string> = new Set([
  'slot_taken',
  'slot_unavailable',
  'patient_busy',
  'day_full',
  'slot_too_far',
  'slot_too_soon',
  'not_licensed',
  'payer_not_accepted',
]);

type Refusal = RefusedFields['fields'][number];
type OpenDays = (providerId: PersonId, startsAt: Date) => ProviderFacts['days'];

/** A provider's days around an instant. */
const openDaysOf =
  (rows: readonly SlotDayRow[]): OpenDays =>
  (providerId, startsAt) =>
    rows.filter(
      (row) =>
        row.providerId === providerId &&
        Date.parse(row.firstOpenAt) <= startsAt.getTime() &&
        Date.parse(row.lastOpenAt) > startsAt.getTime(),
    );

/** Visits that recur, for one patient. */
export class Series {
  readonly #context: CoreContext;
  readonly #bookings: Bookings;

  constructor(context: CoreContext, bookings: Bookings) {
    this.#context = context;
    this.#bookings = bookings;
  }

  /**
   * Books every occurrence or none, for the front desk and for providers in their own calendar. Errors: `bad_request`
   * (`rrule`, `timeZone`, `startsAt`), `not_found`, `slot_taken` with one of `errors` for each occurrence that cannot be.
   */
  async book(caller: Caller, request: SeriesRequest, idempotencyKey: string | undefined): Promise<AppointmentSeries> {
    await requireProvider(this.#context, { caller, action: 'series.book', providerId: request.providerId });
    requireTimeZone(request.timeZone);
    const startsAt = new Date(request.startsAt);
    const occurrences = occurrencesOf({ startsAt, rrule: request.rrule, timeZone: request.timeZone });
    const key = requestKey(caller, idempotencyKey, { operation: 'series.book', body: request });
    const { organizationId, personId } = caller.who;
    const id = await this.#context.database.as(caller).transaction(async (tx) => {
      const providerIds = [request.providerId, ...request.additional.map((person) => person.personId)];
      await lockPeople(tx.db, [request.patientId, ...providerIds]);
      const now = nowOf(this.#context);
      const earlier = await earlierResource(tx.db, key, { organizationId, now });
      if (earlier !== undefined) return earlier;
      const seriesId = randomUUID();
      await tx.db
        .insertInto('appointmentSeries')
        .values({
          id: seriesId,
          organizationId,
          rrule: request.rrule,
          timeZone: request.timeZone,
          madeBy: personId,
          createdAt: now,
        })
        .execute();
      const last = occurrences.at(-1)?.day ?? 0;
      const horizonDays = last - Math.floor(now.getTime() / DAY_MS) + 2;
      const openDays = openDaysOf(await daysAhead(tx.db, { organizationId, providerIds, now, horizonDays }));
      const refusals: Refusal[] = [];
      for (const [index, occurrence] of occurrences.entries()) {
        const refusal = await this.#bookOne(tx, { caller, request, seriesId, occurrence, index, openDays });
        if (refusal !== undefined) refusals.push(refusal);
      }
      if (refusals.length > 0) throw new RefusedFields('slot_taken', refusals);
      await audit(tx.db, {
        at: now,
        actor: actorOf(caller),
        action: 'series.book',
        resource: { type: 'series', id: seriesId },
        patientId: request.patientId,
      });
      await keepResource(tx.db, key, seriesId);
      return seriesId;
    });
    return {
      id,
      rrule: request.rrule,
      appointments: await this.#appointments(this.#context.database.as(caller).db, id),
    };
  }

  async #bookOne(
    tx: Tx,
    one: {
      readonly caller: Caller;
      readonly request: SeriesRequest;
      readonly seriesId: string;
      readonly occurrence: Occurrence;
      readonly index: number;
      readonly openDays: OpenDays;
    },
  ): Promise<Refusal | undefined> {
    const { caller, request, occurrence } = one;
    const refusalOf = (code: string) => ({
      field: `occurrences.${one.index}`,
      message: `${new Date(occurrence.day * DAY_MS).toISOString().slice(0, 10)}: ${code}`,
    });
    if (occurrence.startsAt === undefined) return refusalOf('slot_unavailable');
    const wanted = { ...wantedOf(request, request.patientId), startsAt: occurrence.startsAt };
    try {
      await this.#bookings.bookJudged(tx, {
        organizationId: caller.who.organizationId,
        wanted,
        actor: actorOf(caller),
        madeBy: caller.who.personId,
        viewer: STAFF,
        byStaff: true,
        answers: {},
        answersAreKept: true,
        seriesId: one.seriesId,
        openDays: one.openDays,
      });
      return undefined;
    } catch (error) {
      if (error instanceof AppError && OF_AN_OCCURRENCE.has(error.code)) return refusalOf(error.code);
      throw error;
    }
  }

  async #appointments(db: Db, seriesId: string): Promise<Appointment[]> {
    const rows = await selectAppointments(db)
      .where('appointments.seriesId', '=', seriesId)
      .where('appointments.status', '<>', 'rescheduled')
      .orderBy('appointments.startsAt')
      .execute();
    return rows.map((row) => toAppointment(row, STAFF));
  }
}
