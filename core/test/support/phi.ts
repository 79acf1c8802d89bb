import { createHash } from 'node:crypto';
import { systemClock } from '@bedside/kit';
import type { PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import { sealClearText } from '../../src/jobs/seal-clear-text.ts';
import { sealContact } from '../../src/notifications/contact-values.ts';
import type { Place } from '../../src/phi/envelope.ts';
import { FileKek } from '../../src/phi/kek/file-kek.ts';
import { unwrapLocally, wrapLocally } from '../../src/phi/kek/local-wrap.ts';
import { KekAway, type KekKind, type KekPort, type WrapContext } from '../../src/phi/kek/port.ts';
import { KekRing } from '../../src/phi/kek/ring.ts';
import type { Owner } from '../../src/phi/owner.ts';
import { Phi, type PhiEvents } from '../../src/phi/phi.ts';
import type { Clinic } from './clinic.ts';
import { contextOf } from './context.ts';

/** KEKs that are made of their ids, which every process can do; and which can be away. */
export class TestKek implements KekPort {
  readonly kind: KekKind;
  isAway = false;
  unwraps = 0;

  constructor(kind: KekKind = 'file') {
    this.kind = kind;
  }

  async current(): Promise<string> {
    return `${this.kind}:test-1`;
  }

  async next(known: readonly string[]): Promise<string> {
    return `${this.kind}:test-${known.length + 1}`;
  }

  async wrap(kekId: string, key: Buffer, context: WrapContext): Promise<Buffer> {
    return wrapLocally(this.#keyOf(kekId), key, context);
  }

  async unwrap(kekId: string, wrapped: Buffer, context: WrapContext): Promise<Buffer> {
    const key = unwrapLocally(this.#keyOf(kekId), wrapped, context);
    this.unwraps += 1;
    return key;
  }

  #keyOf(kekId: string): Buffer {
    if (this.isAway) throw new KekAway('test');
    return createHash('sha256').update(kekId).digest();
  }

  async close(): Promise<void> {}
}

export const silentPhiEvents: PhiEvents = { kekAway: () => undefined, altered: () => undefined };

export const createTestPhi = (
  options: { kek?: KekPort; clock?: () => number; events?: PhiEvents; cacheKeys?: number; cacheMs?: number } = {},
): Phi =>
  new Phi({
    ring: new KekRing([options.kek ?? new TestKek()], 'file'),
    clock: options.clock ?? systemClock,
    events: options.events ?? silentPhiEvents,
    cacheKeys: options.cacheKeys ?? 1_000,
    cacheMs: options.cacheMs ?? 60_000,
  });

/** What stands sealed in the clinic's database, by the clinic's own key file. */
export const openSealed = async (
  clinic: Clinic,
  what: { owner: Owner; place: Place; sealed: Buffer | null },
): Promise<string> => {
  const phi = createTestPhi({ kek: new FileKek(clinic.config.phi.keyFile) });
  const { sealed } = what;
  if (sealed === null) throw new Error('nothing is sealed there');
  const opened = await phi.open(clinic.database.db, { ...what, sealed });
  await phi.close();
  if (opened.kind !== 'text') throw new Error(opened.kind);
  return opened.text;
};

/** Gives somebody an address, as set-up does, and nothing else. */
export const setMail = async (clinic: Clinic, personId: PersonId, value: string): Promise<void> => {
  const phi = createTestPhi({ kek: new FileKek(clinic.config.phi.keyFile) });
  const of = { organizationId: clinic.organizationId, personId, system: 'email' } as const;
  const sealedValue = await sealContact(phi, clinic.database.db, of, value);
  await clinic.database.db
    .insertInto('contactPoints')
    .values({ ...of, sealedValue })
    .execute();
  await phi.close();
};

/** Has `work` write as the release before there were keys did, then has everything sealed, as the task does it. */
export const writtenInTheClear = async (clinic: Clinic, work: () => Promise<unknown>): Promise<void> => {
  const { db } = clinic.database;
  const tables = ['messages', 'appointments', 'presences', 'contact_points'];
  for (const table of tables) await sql`ALTER TABLE ${sql.table(table)} DISABLE TRIGGER USER`.execute(db);
  await work();
  for (const table of tables) await sql`ALTER TABLE ${sql.table(table)} ENABLE TRIGGER USER`.execute(db);
  const context = contextOf(clinic);
  await sealClearText(context, AbortSignal.timeout(10_000));
  await context.phi.close();
};
