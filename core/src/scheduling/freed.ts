import type { AppointmentId, OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';

/** A provider's time that somebody gave back: without the buffers, as it was booked or held. */
export interface FreedTime {
  readonly organizationId: OrganizationId;
  readonly providerId: PersonId;
  readonly visitTypeId: VisitTypeId;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** The session in which a seat became free, where it is one. */
  readonly groupAppointmentId?: AppointmentId | null | undefined;
}

/**
 * Tells whoever listens in this process of time that became free, after the commit that freed it. A process that dies
 * in between tells nobody: what must not be missed follows from the outbox.
 */
export class FreedTimes {
  readonly #listeners = new Set<(freed: FreedTime) => void>();

  subscribe(listener: (freed: FreedTime) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  publish(freed: FreedTime): void {
    for (const listener of this.#listeners) listener(freed);
  }
}
