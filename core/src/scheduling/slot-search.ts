import {
  AppError,
  type OrganizationId,
  SLOT_QUERY_MAX_DAYS,
  type Slot,
  type SlotDay,
  type SlotPage,
  type SlotQuery,
} from '@bedside/protocol';
import type { Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { findProvider } from '../directory/store.ts';
import { findVisitType, type VisitTypeRecord } from '../directory/visit-type-store.ts';
import { isDesk } from '../policy/policy.ts';
import { requireTimeZone } from './availability-rules.ts';
import { localInstants } from './local-time.ts';
import { slotStarts } from './openings-starts.ts';
import { cursorOf, placeBefore, placeOf, type SlotPlace } from './slot-cursor.ts';
import { type DayFilter, type ScannedDay, scanDays } from './slot-search-store.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MAX_RANGE_MS = SLOT_QUERY_MAX_DAYS * DAY_MS;
/** A day with a window over midnight is shorter than this, the night that gains an hour included. */
const LONGEST_DAY_MS = 49 * HOUR_MS;
/** Days that one request looks at. A search that finds little answers a short page, and where to go on. */
const SCAN_MAX = 1_000;
const SCAN_STEP = 250;

/** Free times, soonest day first. */
export class SlotSearch {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Errors: `bad_request` (range, zone, cursor), `not_found` (visit type, provider), `region_required`. */
  async search(caller: Caller, query: SlotQuery): Promise<SlotPage> {
    const { db } = this.#context.database;
    const { organizationId } = caller.who;
    const range = rangeOf(query);
    if (query.zone !== undefined) requireTimeZone(query.zone, 'zone');
    const [visitType, organization] = await Promise.all([
      findVisitType(db, { id: query.visitTypeId, organizationId }),
      db
        .selectFrom('organizations')
        .where('id', '=', organizationId)
        .select(['timeZone', 'requiresLicense'])
        .executeTakeFirstOrThrow(),
    ]);
    if (visitType === undefined) throw new AppError('not_found');
    if (organization.requiresLicense && query.state === undefined) throw new AppError('region_required');
    await this.#requireProvider(organizationId, query);
    const now = nowOf(this.#context);
    const notice = isDesk(caller.who) ? 0 : visitType.minimumNoticeMinutes * MINUTE_MS;
    const notBeforeMs = Math.max(range.fromMs, now.getTime() + notice);
    // The visit lies in what was asked for; its start lies within the horizon.
    const notAfterMs = Math.min(
      range.toMs - visitType.durationMinutes * MINUTE_MS,
      now.getTime() + visitType.bookingHorizonDays * DAY_MS,
    );
    const filter: DayFilter = {
      organizationId,
      providerId: query.providerId,
      specialty: query.specialty,
      visitTypeId: visitType.id,
      region: query.state,
      notBefore: new Date(notBeforeMs),
      notAfter: new Date(notAfterMs),
    };
    const zone = query.zone ?? organization.timeZone;
    const after =
      query.cursor === undefined ? placeBefore(new Date(notBeforeMs - LONGEST_DAY_MS)) : placeOf(query.cursor);
    const { days, next } = await this.#page({ filter, after, limit: query.limit, zone, visitType, now });
    return { zone, days, ...(next === undefined ? {} : { next: cursorOf(next) }) };
  }

  async #requireProvider(organizationId: OrganizationId, { providerId }: SlotQuery): Promise<void> {
    if (providerId === undefined) return;
    const provider = await findProvider(this.#context.database.db, { id: providerId, organizationId });
    if (provider === undefined) throw new AppError('not_found');
  }

  async #page(options: {
    readonly filter: DayFilter;
    readonly after: SlotPlace;
    readonly limit: number;
    readonly zone: string;
    readonly visitType: VisitTypeRecord;
    readonly now: Date;
  }): Promise<{ days: SlotDay[]; next: SlotPlace | undefined }> {
    const { filter, limit } = options;
    const days: SlotDay[] = [];
    let { after } = options;
    for (let scanned = 0, count = limit + 1; scanned < SCAN_MAX; scanned += count, count = SCAN_STEP) {
      const rows = await scanDays(this.#context.database.db, { filter, after, count, now: options.now });
      for (const row of rows) {
        if (days.length === limit) return { days, next: after };
        after = row;
        const slots = slotsOf(row, options);
        if (slots.length > 0) days.push({ provider: providerOf(row), slots });
      }
      if (rows.length < count) return { days, next: undefined };
    }
    return { days, next: after };
  }
}

const rangeOf = (query: SlotQuery): { fromMs: number; toMs: number } => {
  const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
  if (toMs <= fromMs) throw new AppError('bad_request', { detail: 'to: must be later than from.' });
  if (toMs - fromMs > MAX_RANGE_MS)
    throw new AppError('bad_request', { detail: `to: must be at most ${SLOT_QUERY_MAX_DAYS} days after from.` });
  return { fromMs, toMs };
};

const providerOf = (day: ScannedDay): SlotDay['provider'] => ({
  id: day.providerId,
  displayName: day.displayName,
  specialty: day.specialty,
  timeZone: day.timeZone,
});

const slotsOf = (
  day: ScannedDay,
  options: { readonly filter: DayFilter; readonly visitType: VisitTypeRecord; readonly zone: string },
): Slot[] => {
  if (day.openings === undefined) return [];
  const { visitType, filter } = options;
  const starts = slotStarts({
    openings: day.openings,
    visitType,
    busy: day.busy,
    notBeforeMs: filter.notBefore.getTime(),
    notAfterMs: filter.notAfter.getTime(),
  });
  const [first, last] = [starts[0], starts.at(-1)];
  if (first === undefined || last === undefined) return [];
  const local = localInstants(options.zone, first, last);
  return starts.map((startsAtMs) => ({
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(startsAtMs + visitType.durationMinutes * MINUTE_MS).toISOString(),
    localStartsAt: local(startsAtMs),
  }));
};
