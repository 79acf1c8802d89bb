import { AppError, type CalendarFeed, type Modality } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Origin } from '../identity/sessions.ts';
import { type CalendarTitle, makeCalendar } from '../scheduling/ics.ts';
import { earlierResource, keepResource, requestKey } from '../scheduling/idempotency.ts';
import { looksLikeSecret, newSecret, sha256 } from '../secrets.ts';
import { FEEDS_MAX, feedRange, isCancelledInFeed } from './model.ts';
import {
  type FeedRow,
  feedEvents,
  insertFeed,
  liveFeeds,
  openFeed,
  replaceSecret,
  revokeFeed,
  toCalendarFeed,
} from './store.ts';

const TITLES: Readonly<Record<Modality, CalendarTitle>> = {
  video: 'Video visit',
  audio: 'Audio visit',
  chat: 'Chat visit',
};

/** Calendars outside Bedside that show when somebody has visits, by a secret address. */
export class CalendarFeeds {
  readonly #context: CoreContext;
  readonly #siteUrl: string;

  constructor(context: CoreContext, siteUrl: string) {
    this.#context = context;
    this.#siteUrl = siteUrl;
  }

  /**
   * The address is in this answer and nowhere else. The same request sent again by the same key is answered with the
   * same feed under a new address, since of the first only a hash is kept. Errors: `forbidden` (a view of a role that
   * the caller does not have), `bad_request` (too many), `idempotency_conflict`.
   */
  async create(caller: Caller, request: Pick<CalendarFeed, 'view'>, key: string | undefined): Promise<CalendarFeed> {
    const now = nowOf(this.#context);
    const { organizationId, personId } = caller.who;
    if (!caller.who.roles.includes(request.view))
      throw new AccessDenied({
        code: 'forbidden',
        at: now,
        caller,
        action: 'feeds.write',
        reason: 'account-role',
        resource: { type: 'calendar-feed' },
      });
    const secret = newSecret();
    const used = requestKey(caller, key, { operation: 'feeds.write', body: request });
    const row = await this.#context.database.as(caller).transaction(async ({ db }) => {
      const earlier = await earlierResource(db, used, { organizationId, now });
      const replaced = earlier && (await replaceSecret(db, { id: earlier, personId }, sha256(secret)));
      if (replaced) return replaced;
      // Whoever makes feeds in two tabs at once makes them one after the other.
      await db.selectFrom('people').select('id').where('id', '=', personId).forNoKeyUpdate().executeTakeFirst();
      if ((await liveFeeds(db, personId)).length >= FEEDS_MAX)
        throw new AppError('bad_request', { detail: `view: there are ${FEEDS_MAX} feeds already; delete one.` });
      const made = await insertFeed(db, {
        organizationId,
        personId,
        view: request.view,
        secretHash: sha256(secret),
        createdAt: now,
      });
      await keepResource(db, used, made.id);
      await audit(db, {
        at: now,
        actor: actorOf(caller, request.view),
        action: 'feeds.write',
        resource: { type: 'calendar-feed', id: made.id },
        ...(request.view === 'patient' ? { patientId: personId } : {}),
      });
      return made;
    });
    return toCalendarFeed(row, `${this.#siteUrl}/api/v1/feeds/${secret}.ics`);
  }

  async list(caller: Caller): Promise<CalendarFeed[]> {
    const rows = await liveFeeds(this.#context.database.as(caller).db, caller.who.personId);
    return rows.map((row) => toCalendarFeed(row));
  }

  /** Its address answers nothing from now on. Errors: `not_found`. */
  async revoke(caller: Caller, id: string): Promise<void> {
    const now = nowOf(this.#context);
    const { personId } = caller.who;
    await this.#context.database.as(caller).transaction(async ({ db }) => {
      if (!(await revokeFeed(db, { id, personId }, now)))
        throw new AccessDenied({
          code: 'not_found',
          at: now,
          caller,
          action: 'feeds.write',
          reason: 'no-such-feed',
          resource: { type: 'calendar-feed', id },
        });
      await audit(db, {
        at: now,
        actor: actorOf(caller),
        action: 'feeds.write',
        resource: { type: 'calendar-feed', id },
        reason: 'revoked',
      });
    });
  }

  /** The calendar behind an address. An address that never was and one that is no more are the same `not_found`. */
  async read(secret: string, origin: Origin): Promise<string> {
    if (!looksLikeSecret(secret)) throw new AppError('not_found');
    const now = nowOf(this.#context);
    const { database } = this.#context;
    const feed = await database.asSystem('feed').transaction(async ({ db }) => {
      const opened = await openFeed(db, sha256(secret), now);
      if (opened === undefined) throw new AppError('not_found');
      await audit(db, auditEntryOf(opened, origin, now));
      return opened;
    });
    // Whoever has the address sees what its owner sees.
    const { organizationId, personId, view } = feed;
    const { db } = database.as({ who: { organizationId, personId, roles: [view] } });
    const rows = await feedEvents(db, feed, feedRange(now));
    return makeCalendar({
      name: feed.view === 'provider' ? 'Visits' : 'My visits',
      events: rows.map((row) => ({
        appointmentId: row.appointmentId,
        version: row.version,
        title: feed.view === 'provider' ? 'Visit' : TITLES[row.modality],
        isCancelled: row.hasLeft || isCancelledInFeed(row.status),
        startsAtMs: row.startsAt.getTime(),
        endsAtMs: row.endsAt.getTime(),
        changedAtMs: row.updatedAt.getTime(),
        url: `${this.#siteUrl}/`,
      })),
    });
  }
}

/** Whoever has the address reads as the person who made it. */
const auditEntryOf = (feed: FeedRow, origin: Origin, at: Date) => ({
  at,
  actor: { organizationId: feed.organizationId, personId: feed.personId, role: feed.view, ...origin },
  action: 'feeds.read',
  resource: { type: 'calendar-feed', id: feed.id },
  ...(feed.view === 'patient' ? { patientId: feed.personId } : {}),
});
