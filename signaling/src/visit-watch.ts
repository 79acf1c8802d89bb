import type { EncounterId, VisitEvent } from '@bedside/protocol';
import type { Holder } from './core-client.ts';

/** What one visit can decide about one person while core answers one call; more is not kept. */
const MAX_EVENTS = 100;

interface Watching {
  readonly encounterId: EncounterId;
  readonly events: VisitEvent[];
}

/** Remembers a visit's events for those who are about to come in. One entry for each hello under way. */
export class VisitWatch {
  readonly #watching = new Set<Watching>();

  begin(encounterId: EncounterId): Disposable & { of(holder: Holder): readonly VisitEvent[] } {
    const watching: Watching = { encounterId, events: [] };
    this.#watching.add(watching);
    return {
      of: (holder) => watching.events.filter((event) => concerns(event, holder)),
      [Symbol.dispose]: () => void this.#watching.delete(watching),
    };
  }

  saw(event: VisitEvent): void {
    for (const { encounterId, events } of this.#watching) {
      if (encounterId === event.encounterId && event.type !== 'message' && events.length < MAX_EVENTS)
        events.push(event);
    }
  }
}

const concerns = (event: VisitEvent, holder: Holder): boolean => {
  switch (event.type) {
    case 'admitted':
    case 'sentBack':
      return event.personId === holder.personId;
    case 'grantRevoked':
      return event.grantId === holder.grantId;
    case 'ended':
      return true;
    case 'message':
      return false;
    default:
      return event satisfies never;
  }
};
