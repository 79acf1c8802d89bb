import type { AppointmentId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { Gathering } from '../db/gathering.ts';
import { type Placing, placeVisit, placingOf, type VisitPlacement } from './placing.ts';

/** More gain little, and what one round places is undone together when the server goes down. */
const VISITS_MOST = 32;
/** One is planned while another waits for the disk. */
const ROUNDS = 2;

interface Outcome {
  readonly visitId: AppointmentId;
  readonly outcome: string | null;
  readonly earlier: string | null;
}

/** A placement as `visit_to_place` of migration 0009. */
const visitOf = (placement: VisitPlacement) => ({
  id: placement.id,
  encounter_id: placement.encounterId,
  organization_id: placement.organizationId,
  provider_id: placement.providerId,
  patient_id: placement.patientId,
  visit_type_id: placement.visitTypeId,
  starts_at: placement.startsAt,
  ends_at: placement.endsAt,
  provider_date: placement.providerDate,
  payer_id: placement.payerId,
  patient_region: placement.patientRegion,
  answers: placement.answers,
  seats: placement.seats,
  capped: placement.capped,
  made_by: placement.madeBy,
  action: placement.action,
  actor_id: placement.actor.personId,
  actor_role: placement.actor.role,
  address: placement.actor.address,
  request_id: placement.actor.requestId,
  key_person_id: placement.key?.personId,
  key: placement.key?.key,
  request_hash: placement.key?.requestHash,
});

/** Its people as `person_to_place`. */
const peopleOf = ({ id: visitId, organizationId, encounterId, people, judged }: VisitPlacement) =>
  people.map(({ id, role, claim, startsAt, endsAt }) => ({
    visit_id: visitId,
    organization_id: organizationId,
    encounter_id: encounterId,
    id,
    role,
    claim,
    starts_at: startsAt,
    ends_at: endsAt,
    version: judged.find((one) => one.id === id)?.version,
  }));

/** `alone`: nothing has changed, and it is to be asked of `placeVisit`. */
type TogetherPlacing = Placing | { readonly kind: 'alone' };

const placeTogether = async (db: Db, placements: readonly VisitPlacement[]): Promise<readonly TogetherPlacing[]> => {
  const given = { visits: placements.map(visitOf), people: placements.flatMap(peopleOf) };
  // Each was judged by a time of its own; a hold that is over by the latest of them is over.
  const now = new Date(Math.max(...placements.map((placement) => placement.now.getTime())));
  const { rows } = await sql<Outcome>`
    SELECT visit_id, outcome, earlier FROM place_visits(${now}, ${JSON.stringify(given)}::jsonb)`.execute(db);
  const outcomes = new Map(rows.map((row) => [row.visitId, row]));
  return placements.map(({ id, patientId }) => {
    const found = outcomes.get(id);
    if (found === undefined) throw new Error('A placement without an outcome.');
    return found.outcome === 'alone' ? { kind: 'alone' } : placingOf(found, patientId);
  });
};

/**
 * Places visits that are asked for at the same time by one statement, which is a transaction of its own. Those that
 * take a hold, a seat or another's place go alone.
 */
export class VisitPlacer {
  readonly #together: Gathering<VisitPlacement, TogetherPlacing>;

  constructor(db: Db) {
    this.#together = new Gathering({
      together: (placements) => placeTogether(db, placements),
      alone: async () => ({ kind: 'alone' }),
      most: VISITS_MOST,
      rounds: ROUNDS,
      distinctBy: ({ people, key }) => [
        ...people.map(({ id }) => id),
        ...(key === undefined ? [] : [`${key.personId} ${key.key}`]),
      ],
    });
  }

  /** `own`: the database as who books has it, for what goes alone. */
  async place(own: Db, placement: VisitPlacement): Promise<Placing> {
    const { holdId, groupAppointmentId, replacedId, seriesId } = placement;
    const isPlain = [holdId, groupAppointmentId, replacedId, seriesId].every((id) => id === undefined);
    const placing: TogetherPlacing = isPlain ? await this.#together.ask(placement) : { kind: 'alone' };
    return placing.kind === 'alone' ? placeVisit(own, placement) : placing;
  }
}
