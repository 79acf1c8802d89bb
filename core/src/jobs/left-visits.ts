import type { EncounterId } from '@bedside/protocol';
import { sql } from 'kysely';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import { endVisit } from '../encounters/visit-course.ts';
import type { VisitDesk } from '../encounters/visit-desk.ts';
import type { Visit } from '../encounters/visit-store.ts';

const LEFT_FOR_MS = 12 * 60 * 60_000;
const BATCH = 100;

/** Nobody has been there for so long that nobody comes back: whoever closes the page instead of leaving ends nothing. */
const isLeft = (visit: Visit, now: Date): boolean => {
  const before = now.getTime() - LEFT_FOR_MS;
  const sightings = visit.members.flatMap((member) => [member.since, member.seenAt, visit.startedAt]);
  return visit.status === 'in-progress' && sightings.every((at) => at === null || at.getTime() < before);
};

const leftVisits = async (db: Db, now: Date): Promise<EncounterId[]> => {
  const before = new Date(now.getTime() - LEFT_FOR_MS);
  const { rows } = await sql<{ id: EncounterId }>`
    SELECT id FROM encounters WHERE status = 'in-progress' AND started_at < ${before} AND NOT EXISTS (
      SELECT FROM presences WHERE presences.encounter_id = encounters.id AND greatest(since, seen_at) >= ${before}
    ) ORDER BY started_at LIMIT ${BATCH}`.execute(db);
  return rows.map((row) => row.id);
};

/** Finishes visits under way that everybody has been gone from for half a day (SPEC END2); answers how many. */
export const closeLeftVisits = async (
  options: { readonly context: CoreContext; readonly desk: VisitDesk },
  signal: AbortSignal,
): Promise<number> => {
  const { context, desk } = options;
  let count = 0;
  for (const encounterId of await leftVisits(context.database.asSystem('sweep').db, nowOf(context))) {
    if (signal.aborted) break;
    const isClosed = await desk.writeAsSystem(encounterId, async ({ tx, visit, now }) => {
      // Somebody may have come back since the list was made.
      if (!isLeft(visit, now)) return false;
      return endVisit(context, { tx, visit, caller: undefined, now, reason: 'everybody-left' });
    });
    if (isClosed) count += 1;
  }
  return count;
};
