import type { Db } from '../db/database.ts';
import { forgetOldAttempts, forgetOldSessions } from '../identity/store.ts';
import { sweepHolds } from '../scheduling/hold-store.ts';

/** What is over is over whether or not its row is there; rows that tell of nothing any more go. */
export const sweep = async (db: Db, now: Date): Promise<void> => {
  await sweepHolds(db, now);
  await db.deleteFrom('idempotencyKeys').where('expiresAt', '<=', now).execute();
  await forgetOldAttempts(db, now);
  await forgetOldSessions(db, now);
};
