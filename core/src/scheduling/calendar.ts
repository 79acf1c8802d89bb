import { AppError, type CalendarPage, type CalendarQuery, type PersonId, type Provider } from '@bedside/protocol';
import type { z } from 'zod';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { requireProvider } from '../directory/provider-access.ts';
import { listProviders, providerPlace } from '../directory/provider-store.ts';
import { isDesk } from '../policy/policy.ts';
import { type AppointmentRow, STAFF, toAppointment } from './appointment-store.ts';
import { calendarSpans } from './calendar-spans.ts';
import { calendarFacts, calendarVisits } from './calendar-store.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 31;
/** Days times providers on a page: a week of twenty, a day of fifty. */
const PAGE_PROVIDER_DAYS = 140;
const PAGE_PROVIDERS = 50;

/** `cursor` is the last provider of the page before. */
interface Range {
  readonly from: Date;
  readonly to: Date;
  readonly after: PersonId | undefined;
  readonly pageSize: number;
}

/** What is open and booked: a provider's own week, or everybody's day for those who keep calendars. */
export class Calendars {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /**
   * A visit that lies in nothing open is shown like any other: hours that change do not cancel it. Whose patients were
   * seen stands in the audit trail. Errors: `bad_request`, `not_found`.
   */
  async read(caller: Caller, query: z.output<typeof CalendarQuery>): Promise<z.infer<typeof CalendarPage>> {
    const { db } = this.#context.database.as(caller);
    const { organizationId } = caller.who;
    const range = rangeOf(query);
    const { providers, next } = await this.#providers(caller, query.providerIds, range);
    const providerIds = providers.map((provider) => provider.id);
    const [facts, visits] = await Promise.all([
      calendarFacts(db, { organizationId, providers, ...range }),
      providerIds.length === 0 ? [] : calendarVisits(db, { providerIds, ...range }),
    ]);
    await this.#note(caller, visits);
    const inRange = { fromMs: range.from.getTime(), toMs: range.to.getTime() };
    const calendars = providers.map((provider) => {
      const known = facts.get(provider.id);
      return {
        provider,
        ...(known === undefined ? { open: [], blocks: [] } : calendarSpans(known, inRange)),
        appointments: visits.filter((visit) => isOf(visit, provider.id)).map((visit) => toAppointment(visit, STAFF)),
      };
    });
    return { calendars, ...(next === undefined ? {} : { next }) };
  }

  async #providers(
    caller: Caller,
    named: readonly PersonId[] | undefined,
    { after, pageSize }: Range,
  ): Promise<{ providers: Provider[]; next: PersonId | undefined }> {
    const { organizationId, personId } = caller.who;
    if (named === undefined && isDesk(caller.who)) {
      const providers = await listProviders(this.#context.database.as(caller).db, organizationId, {
        specialty: undefined,
        search: undefined,
        after,
        count: pageSize + 1,
      });
      return pageOf(providers, pageSize);
    }
    const ids = [...new Set(named ?? [personId])];
    const rest = after === undefined ? ids : ids.slice(ids.indexOf(after) + 1);
    const providers: Provider[] = [];
    for (const id of rest.slice(0, pageSize + 1)) {
      const { version: _, ...provider } = await requireProvider(this.#context, {
        caller,
        action: 'calendar.read',
        providerId: id,
      });
      providers.push({ id, ...provider });
    }
    return pageOf(providers, pageSize);
  }

  async #note(caller: Caller, visits: readonly AppointmentRow[]): Promise<void> {
    const patientIds = new Set(
      visits.flatMap((visit) => visit.people.filter((person) => person.role === 'patient').map((person) => person.id)),
    );
    const seen = {
      at: nowOf(this.#context),
      actor: actorOf(caller),
      action: 'calendar.read',
      resource: { type: 'calendar' },
    };
    const rows = [...patientIds].map((patientId) => ({ ...seen, patientId }));
    await audit(this.#context.database.as(caller).db, ...(rows.length === 0 ? [seen] : rows));
  }
}

const isOf = (visit: AppointmentRow, providerId: PersonId): boolean =>
  visit.providerId === providerId ||
  visit.people.some((person) => person.id === providerId && person.role !== 'patient');

const pageOf = (providers: readonly Provider[], pageSize: number) => ({
  providers: providers.slice(0, pageSize),
  next: providers.length > pageSize ? providers[pageSize - 1]?.id : undefined,
});

const rangeOf = (query: z.output<typeof CalendarQuery>): Range => {
  const [from, to] = [new Date(query.from), new Date(query.to)];
  const days = (to.getTime() - from.getTime()) / DAY_MS;
  if (days <= 0) throw new AppError('bad_request', { detail: 'to: must be later than from.' });
  if (days > MAX_DAYS)
    throw new AppError('bad_request', { detail: `to: must be at most ${MAX_DAYS} days after from.` });
  return {
    from,
    to,
    after: providerPlace(query.cursor),
    pageSize: Math.min(PAGE_PROVIDERS, Math.floor(PAGE_PROVIDER_DAYS / Math.ceil(days))),
  };
};
