import { type Clock, silentLogger, systemClock } from '@bedside/kit';
import type { PersonId } from '@bedside/protocol';
import type { PhiConfig } from '../config.ts';
import { Database } from '../db/database.ts';
import { createRing } from './create-phi.ts';
import { type Rotation, rotateKek } from './rotation.ts';
import { askToShred, type Shreddable, shred } from './shredding.ts';

/** What whoever runs Bedside does with the keys of patients, from the machine itself. Each act stands in the audit trail. */
export interface PhiAdmin extends AsyncDisposable {
  /** See `rotateKek`. */
  rotate(options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (rewrapped: number) => void;
  }): Promise<Rotation | undefined>;
  /** Puts the next KEK where it will be looked for, without going on to it: so that it can be copied to other hosts. */
  prepare(): Promise<string>;
  askToShred(patientId: PersonId): Promise<Shreddable & { readonly code: string }>;
  shred(patientId: PersonId, code: string): Promise<Shreddable>;
}

/** On a database that core has migrated. */
export const openPhiAdmin = (options: {
  readonly databaseUrl: string;
  /** The role that connections take on. */
  readonly role: string | undefined;
  readonly phi: PhiConfig;
  readonly clock?: Clock;
}): PhiAdmin => {
  const clock = options.clock ?? systemClock;
  const whole = Database.open({ url: options.databaseUrl, poolSize: 2, role: options.role, log: silentLogger });
  const database = whole.asSystem('phi');
  const ring = createRing(options.phi);
  const now = (): Date => new Date(clock());
  return {
    rotate: (how) => rotateKek({ database, ring, clock, ...how }),
    prepare: async () => {
      const keks = await database.db.selectFrom('keyEncryptionKeys').select('id').execute();
      return ring.next(keks.map(({ id }) => id));
    },
    askToShred: (patientId) => askToShred({ database, now: now(), patientId }),
    shred: (patientId, code) => shred({ database, now: now(), patientId, code }),
    [Symbol.asyncDispose]: async () => {
      await ring.close();
      await whole.close();
    },
  };
};
