import {
  type AdditionalPerson,
  AppError,
  type AppointmentId,
  type PayerId,
  type PersonId,
  type VisitTypeId,
} from '@bedside/protocol';
import { bad } from '../bad-request.ts';
import type { BookingFacts, ProviderFacts, VisitTypeFacts } from './booking-facts.ts';
import { dateOfDay } from './dates.ts';
import { slotStarts } from './openings-starts.ts';
import type { PlacedPerson } from './placing.ts';
import { isInForce, isPaid, refusalOfRegion, refusalOfStart, refuse } from './rules.ts';
import { dayOf } from './wall-clock.ts';

const MINUTE_MS = 60_000;

/** A time and who is to be in it. */
export interface Wanted {
  readonly providerId: PersonId;
  readonly visitTypeId: VisitTypeId;
  readonly startsAt: Date;
  /** Undefined: a session whose patients come later. */
  readonly patientId: PersonId | undefined;
  readonly additional: readonly AdditionalPerson[];
  readonly groupAppointmentId?: AppointmentId | undefined;
  readonly region?: string | undefined;
  readonly payerId?: PayerId | undefined;
}

/** What follows from facts that speak for a wanted time: the part of a placement that was judged. */
export interface Judged {
  readonly visitType: VisitTypeFacts;
  readonly people: readonly PlacedPerson[];
  readonly judged: readonly { readonly id: PersonId; readonly version: number }[];
  readonly endsAt: Date;
  readonly providerDate: string;
  readonly patientRegion: string | undefined;
}

export const endOf = (startsAt: Date, visitType: { readonly durationMinutes: number }): Date =>
  new Date(startsAt.getTime() + visitType.durationMinutes * MINUTE_MS);

export const dateIn = (at: Date, timeZone: string): string => dateOfDay(dayOf(at.getTime(), timeZone));

/** A visit with the time its providers need around it. */
export const withBuffers = (
  visit: { readonly startsAt: Date; readonly endsAt: Date },
  visitType: { readonly bufferBeforeMinutes: number; readonly bufferAfterMinutes: number },
): { startsAt: Date; endsAt: Date } => ({
  startsAt: new Date(visit.startsAt.getTime() - visitType.bufferBeforeMinutes * MINUTE_MS),
  endsAt: new Date(visit.endsAt.getTime() + visitType.bufferAfterMinutes * MINUTE_MS),
});

/**
 * Everybody of a visit and the time it takes of them: a patient's the visit, whoever works in it the buffers too. Of a
 * seat in a session the patient alone: the session took the others' time.
 */
export const peopleOf = (
  wanted: Wanted,
  visitType: VisitTypeFacts,
  sessionPeople: readonly PersonId[] | undefined,
): PlacedPerson[] => {
  const visit = { startsAt: wanted.startsAt, endsAt: endOf(wanted.startsAt, visitType) };
  const work = withBuffers(visit, visitType);
  const patients =
    wanted.patientId === undefined ? [] : [{ id: wanted.patientId, role: 'patient' as const, claim: true, ...visit }];
  const provider = { id: wanted.providerId, role: 'provider' as const, claim: sessionPeople === undefined, ...work };
  if (sessionPeople !== undefined) return [provider, ...patients];
  const others = wanted.additional.map(({ personId, role }) => ({ id: personId, role, claim: true, ...work }));
  return [provider, ...others, ...patients];
};

const requireDistinct = (wanted: Wanted): void => {
  if (wanted.patientId === wanted.providerId) throw new AppError('slot_unavailable');
  const ids = [wanted.providerId, wanted.patientId, ...wanted.additional.map(({ personId }) => personId)];
  if (new Set(ids).size !== ids.length) throw bad('additional: must name nobody twice, and nobody of the visit.');
};

/** The search's own function says whether a start is one of its. */
const isOffered = (
  provider: ProviderFacts,
  shape: Pick<VisitTypeFacts, 'id' | 'durationMinutes' | 'bufferBeforeMinutes' | 'bufferAfterMinutes' | 'stepMinutes'>,
  options: { readonly startsAt: Date; readonly busy: readonly { startsAtMs: number; endsAtMs: number }[] },
): boolean => {
  const startsAtMs = options.startsAt.getTime();
  return provider.days.some(({ openings }) =>
    slotStarts({
      openings,
      visitType: shape,
      busy: options.busy,
      notBeforeMs: startsAtMs,
      notAfterMs: startsAtMs,
    }).includes(startsAtMs),
  );
};

/** Further people need no start of their own grid, only an opening around the visit. */
const requireOffer = (facts: BookingFacts, wanted: Wanted, visitType: VisitTypeFacts): void => {
  const [provider, ...others] = facts.providers;
  if (provider === undefined) throw new AppError('not_found');
  const { startsAt } = wanted;
  const busy = facts.providers.flatMap((one) => one.busy).sort((one, other) => one.startsAtMs - other.startsAtMs);
  const work = withBuffers({ startsAt, endsAt: endOf(startsAt, visitType) }, visitType);
  if (busy.some((taken) => taken.startsAtMs < work.endsAt.getTime() && taken.endsAtMs > work.startsAt.getTime()))
    throw new AppError('slot_taken');
  if (!isOffered(provider, visitType, { startsAt, busy })) throw new AppError('slot_unavailable');
  for (const other of others)
    if (!isOffered(other, { ...visitType, stepMinutes: 1 }, { startsAt, busy: [] }))
      throw new AppError('slot_unavailable');
};

const requireSeat = (facts: BookingFacts, wanted: Wanted): void => {
  const { group } = facts;
  if (group === null) throw new AppError('not_found');
  const fits =
    group.providerId === wanted.providerId &&
    group.visitTypeId === wanted.visitTypeId &&
    group.startsAtMs === wanted.startsAt.getTime();
  if (!fits) throw new AppError('slot_unavailable');
  if (wanted.additional.length > 0) throw bad('additional: a session has its people already.');
};

/** Errors: `region_required`, `not_licensed`. Interpreters need no licence. */
const requireLicenses = (facts: BookingFacts, wanted: Wanted, region: string | undefined): void => {
  if (wanted.patientId === undefined) return;
  for (const provider of facts.providers) {
    if (wanted.additional.some(({ personId, role }) => personId === provider.id && role === 'interpreter')) continue;
    const date = dateIn(wanted.startsAt, provider.timeZone);
    const regions = provider.regions.filter((row) => isInForce(row, date)).map((row) => row.region);
    refuse(refusalOfRegion({ requiresLicense: facts.requiresLicense, region, regions }));
  }
};

/** Errors: `bad_request` (a payer the clinic does not know), `payer_not_accepted`. */
const requirePayer = (
  facts: BookingFacts,
  wanted: Wanted,
  visit: { readonly visitType: VisitTypeFacts; readonly region: string | undefined; readonly date: string },
): void => {
  const { payerId } = wanted;
  if (wanted.patientId === undefined) return;
  if (payerId !== undefined && !facts.payerIsKnown) throw bad('payerId: must be a payer of the clinic.');
  const { visitType, region, date } = visit;
  const { selfPay, id: visitTypeId } = visitType;
  if (!isPaid({ payerId, selfPay, rules: facts.payerRules, visitTypeId, region, date }))
    throw new AppError('payer_not_accepted');
};

/** Seats are taken in sessions that there are; sessions are made of visit types with seats. */
const requireKind = (wanted: Wanted, visitType: VisitTypeFacts): void => {
  if (wanted.patientId !== undefined && visitType.seats > 1)
    throw bad('groupAppointmentId: must name the session, this visit type has seats.');
  if (wanted.patientId === undefined && visitType.seats === 1)
    throw bad('visitTypeId: must be a visit type with several seats.');
};

/** Who asks and when. The notice of staff is their own; a series reaches beyond the horizon of single visits. */
export interface Judge {
  readonly now: Date;
  readonly byStaff: boolean;
  readonly horizonBinds: boolean;
}

/**
 * Judges a wanted time by what it depends on, the locks apart. `facts.providers` are in the order asked for. Errors:
 * `not_found`, `bad_request`, `slot_unavailable`, `slot_taken`, `slot_too_soon`, `slot_too_far`, `region_required`,
 * `not_licensed`, `payer_not_accepted`.
 */
export const judge = (facts: BookingFacts, wanted: Wanted, how: Judge): Judged => {
  const { visitType } = facts;
  requireDistinct(wanted);
  const [provider] = facts.providers;
  if (visitType === null || provider?.id !== wanted.providerId) throw new AppError('not_found');
  const sessionPeople = facts.group?.people;
  if (wanted.groupAppointmentId === undefined && facts.providers.length !== wanted.additional.length + 1)
    throw new AppError('not_found');
  if (wanted.patientId !== undefined && facts.patient === null) throw new AppError('not_found');
  refuse(
    refusalOfStart({
      startsAtMs: wanted.startsAt.getTime(),
      nowMs: how.now.getTime(),
      minimumNoticeMinutes: visitType.minimumNoticeMinutes,
      bookingHorizonDays: how.horizonBinds ? visitType.bookingHorizonDays : Number.POSITIVE_INFINITY,
      byStaff: how.byStaff,
    }),
  );
  const patientRegion = wanted.region ?? facts.patient?.region ?? undefined;
  requireLicenses(facts, wanted, patientRegion);
  const providerDate = dateIn(wanted.startsAt, provider.timeZone);
  requirePayer(facts, wanted, { visitType, region: patientRegion, date: providerDate });
  if (wanted.groupAppointmentId !== undefined) requireSeat(facts, wanted);
  else {
    requireKind(wanted, visitType);
    requireOffer(facts, wanted, visitType);
  }
  return {
    visitType,
    people: peopleOf(wanted, visitType, wanted.groupAppointmentId === undefined ? undefined : (sessionPeople ?? [])),
    judged: wanted.groupAppointmentId === undefined ? facts.providers.map(({ id, version }) => ({ id, version })) : [],
    endsAt: endOf(wanted.startsAt, visitType),
    providerDate,
    patientRegion,
  };
};
