import {
  AppError,
  type OrganizationId,
  type PersonId,
  SLOT_QUERY_MAX_DAYS,
  type Slot,
  type SlotDay,
  type SlotPage,
  type SlotQuery,
} from '@bedside/protocol';
import type { Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import { findProvider } from '../directory/store.ts';
import { isDesk } from '../policy/policy.ts';
import { requireTimeZone } from './availability-rules.ts';
import { localInstant } from './local-time.ts';
import type { Interval } from './openings.ts';
import { slotStarts } from './openings-starts.ts';
import { isPaid } from './rules.ts';
import { payerRulesFor } from './search-payers.ts';
import { type OpenSession, scanSessions } from './session-search-store.ts';
import { cursorOf, placeOf, type SlotPlace } from './slot-cursor.ts';
import { busyIntervals, type ScannedDay, type SearchFacts, type SlotScan, scanDays } from './slot-search-store.ts';

const MINUTE_MS = 60_000;
const MAX_RANGE_MS = SLOT_QUERY_MAX_DAYS * 24 * 60 * MINUTE_MS;
/** Days that one request looks at. A search that finds little answers a short page, and where to go on. */
const SCAN_MAX = 1_000;
const SCAN_STEP_MAX = 250;
/** Looked at first: a page and, as some days are booked out, a few more, so that a page seldom takes a second look. */
const firstCount = (limit: number): number => limit + 1 + Math.ceil(limit / 4);
/** Somebody's days in the longest range, those that begin before it too. */
const COMPANION_DAYS = SLOT_QUERY_MAX_DAYS + 3;

/** Somebody else who has to be there: what they have open in the whole range, and when they are busy. */
interface Companion {
  readonly days: readonly ScannedDay[];
  readonly busy: readonly Interval[];
}

/** All that turns a scanned day into its slots. */
interface Offer {
  readonly facts: SearchFacts;
  readonly zone: string;
  readonly companions: readonly Companion[];
  /** Whether the payer pays for a visit on a date. */
  readonly isPaidOn: (date: string) => boolean;
}

/** Free times, soonest day first. */
export class SlotSearch {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /**
   * Days with free times; of a group type, sessions with seats. A page may be short: one request looks at a bounded
   * number of days. Where the organization asks for licences a search without a state is refused rather than answered
   * with times that could not be booked. Errors: `bad_request` (range, zone, cursor, payer), `not_found` (visit type,
   * provider), `region_required`.
   */
  async search(caller: Caller, query: SlotQuery): Promise<SlotPage> {
    const { db } = this.#context.database.as(caller);
    const scan = this.#scanOf(caller, query);
    const first = await scanDays(db, scan);
    if (first === undefined) throw new AppError('not_found');
    const { facts } = first;
    const forPatient = query.newSession === undefined;
    if (forPatient && facts.requiresLicense && scan.region === undefined) throw new AppError('region_required');
    if (first.days.length === 0) await this.#requireProvider(db, scan.organizationId, query.providerId);
    const offer = await this.#offer(db, { scan, query, facts });
    const { days, next } =
      forPatient && facts.seats > 1
        ? await this.#sessions(db, { scan, query, offer })
        : await this.#page(db, { scan, query, offer, first });
    return { zone: offer.zone, days, ...(next === undefined ? {} : { next: cursorOf(next) }) };
  }

  #scanOf(caller: Caller, query: SlotQuery): SlotScan {
    const [from, to] = [new Date(query.from), new Date(query.to)];
    if (to <= from) throw new AppError('bad_request', { detail: 'to: must be later than from.' });
    if (to.getTime() - from.getTime() > MAX_RANGE_MS)
      throw new AppError('bad_request', { detail: `to: must be at most ${SLOT_QUERY_MAX_DAYS} days after from.` });
    if (query.zone !== undefined) requireTimeZone(query.zone, 'zone');
    return {
      organizationId: caller.who.organizationId,
      visitTypeId: query.visitTypeId,
      providerId: query.providerId,
      specialty: query.specialty,
      region: query.state,
      from,
      to,
      needsNotice: !isDesk(caller.who),
      now: nowOf(this.#context),
      after: query.cursor === undefined ? undefined : placeOf(query.cursor),
      count: firstCount(query.limit),
    };
  }

  async #requireProvider(db: Db, organizationId: OrganizationId, id: PersonId | undefined): Promise<void> {
    if (id === undefined) return;
    const provider = await findProvider(db, { id, organizationId });
    if (provider === undefined) throw new AppError('not_found');
  }

  async #offer(
    db: Db,
    { scan, query, facts }: { readonly scan: SlotScan; readonly query: SlotQuery; readonly facts: SearchFacts },
  ): Promise<Offer> {
    const companions = await Promise.all((query.withProviderIds ?? []).map((id) => this.#companion(db, scan, id)));
    const { payerId } = query;
    const payer = payerId && (await payerRulesFor(db, { ...scan, payerId }));
    return {
      facts,
      zone: query.zone ?? facts.timeZone,
      companions,
      // Without a payer the patient pays, which not every visit type lets them.
      isPaidOn: (date) =>
        isPaid({
          ...(payer ?? { payerId: undefined, selfPay: facts.selfPay, rules: [] }),
          visitTypeId: scan.visitTypeId,
          region: scan.region,
          date,
        }),
    };
  }

  /** A licence is asked of whoever leads the visit; of the others booking asks it where their role needs one. */
  async #companion(db: Db, scan: SlotScan, providerId: PersonId): Promise<Companion> {
    const found = await scanDays(db, {
      ...scan,
      providerId,
      specialty: undefined,
      region: undefined,
      after: undefined,
      count: COMPANION_DAYS,
    });
    const days = found?.days ?? [];
    if (days.length === 0) await this.#requireProvider(db, scan.organizationId, providerId);
    return { days, busy: days.flatMap((day) => busyIntervals(day.busy)) };
  }

  async #page(
    db: Db,
    {
      scan,
      query: { limit },
      offer,
      first,
    }: {
      readonly scan: SlotScan;
      readonly query: SlotQuery;
      readonly offer: Offer;
      readonly first: { readonly days: readonly ScannedDay[] };
    },
  ): Promise<{ days: SlotDay[]; next: SlotPlace | undefined }> {
    const days: SlotDay[] = [];
    let after = scan.after;
    let rows = first.days;
    for (let { count } = scan, scanned = count; ; scanned += count) {
      for (const row of rows) {
        if (days.length === limit) return { days, next: after };
        after = { at: new Date(row.firstOpenMs), id: row.providerId };
        const slots = slotsOf(row, offer);
        if (slots.length > 0) days.push({ provider: providerOf(row), slots });
      }
      if (rows.length < count) return { days, next: undefined };
      if (scanned >= SCAN_MAX) return { days, next: after };
      count = Math.min(2 * count, SCAN_STEP_MAX);
      rows = (await scanDays(db, { ...scan, after, count }))?.days ?? [];
    }
  }

  async #sessions(
    db: Db,
    { scan, query: { limit }, offer }: { readonly scan: SlotScan; readonly query: SlotQuery; readonly offer: Offer },
  ): Promise<{ days: SlotDay[]; next: SlotPlace | undefined }> {
    const sessions = await scanSessions(db, scan, offer.facts);
    const shown = sessions.slice(0, limit);
    const last = shown.at(-1);
    return {
      days: shown
        .filter((session) => offer.isPaidOn(session.onDate))
        .map((session) => ({ provider: providerOf(session), slots: [sessionSlot(session, offer.zone)] })),
      next: sessions.length > limit && last !== undefined ? { at: last.startsAt, id: last.appointmentId } : undefined,
    };
  }
}

const providerOf = (row: ScannedDay | OpenSession): SlotDay['provider'] => ({
  id: row.providerId,
  displayName: row.displayName,
  specialty: row.specialty,
  timeZone: row.timeZone,
});

const sessionSlot = (session: OpenSession, zone: string): Slot => ({
  startsAt: session.startsAt.toISOString(),
  endsAt: session.endsAt.toISOString(),
  localStartsAt: localInstant(session.startsAt.getTime(), zone),
  group: { appointmentId: session.appointmentId, seatsLeft: session.seatsLeft },
});

/** Further people need no start of their own grid, only an opening around the visit; as booking judges it. */
const canCome = ({ days }: Companion, facts: SearchFacts, startsAtMs: number): boolean =>
  days.some(
    ({ openings }) =>
      slotStarts({
        openings: openings ?? [],
        visitType: { ...facts, stepMinutes: 1 },
        busy: [],
        notBeforeMs: startsAtMs,
        notAfterMs: startsAtMs,
      }).length > 0,
  );

const slotsOf = (day: ScannedDay, { facts, zone, companions, isPaidOn }: Offer): Slot[] => {
  if (day.openings === null || !isPaidOn(day.onDate)) return [];
  const starts = slotStarts({
    openings: day.openings,
    visitType: facts,
    busy: [...busyIntervals(day.busy), ...companions.flatMap((companion) => companion.busy)],
    notBeforeMs: facts.notBeforeMs,
    notAfterMs: facts.notAfterMs,
  });
  return starts
    .filter((startsAtMs) => companions.every((companion) => canCome(companion, facts, startsAtMs)))
    .map((startsAtMs) => ({
      startsAt: new Date(startsAtMs).toISOString(),
      endsAt: new Date(startsAtMs + facts.durationMinutes * MINUTE_MS).toISOString(),
      localStartsAt: localInstant(startsAtMs, zone),
    }));
};
