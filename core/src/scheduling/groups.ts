import type { Appointment, GroupSessionRequest } from '@bedside/protocol';
import { actorOf, type Caller } from '../caller.ts';
import type { CoreContext } from '../context.ts';
import { requireProvider } from '../directory/provider-access.ts';
import { STAFF } from './appointment-store.ts';
import { type Bookings, onPool } from './booking.ts';
import { requestKey } from './idempotency.ts';

/** Sessions with seats: staff sets one up, patients take seats as they book any other time. */
export class GroupSessions {
  readonly #context: CoreContext;
  readonly #bookings: Bookings;

  constructor(context: CoreContext, bookings: Bookings) {
    this.#context = context;
    this.#bookings = bookings;
  }

  /** For the front desk, and for providers in their own calendar. Errors: those of `judge`, `slot_taken`, `day_full`. */
  async create(caller: Caller, request: GroupSessionRequest, idempotencyKey: string | undefined): Promise<Appointment> {
    await requireProvider(this.#context, { caller, action: 'group.create', providerId: request.providerId });
    return this.#bookings.bookJudged(onPool(this.#context.database.as(caller).db), {
      organizationId: caller.who.organizationId,
      wanted: {
        providerId: request.providerId,
        visitTypeId: request.visitTypeId,
        startsAt: new Date(request.startsAt),
        patientId: undefined,
        additional: request.additional,
      },
      actor: actorOf(caller),
      madeBy: caller.who.personId,
      viewer: STAFF,
      byStaff: true,
      answers: {},
      key: requestKey(caller, idempotencyKey, { operation: 'group.create', body: request }),
    });
  }
}
