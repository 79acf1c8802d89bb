import { createHash, randomUUID } from 'node:crypto';
import { systemClock } from '@bedside/kit';
import type { OrganizationId, PersonId } from '@bedside/protocol';
import { sealContact } from '../../src/notifications/contact-values.ts';
import type { Place } from '../../src/phi/envelope.ts';
import { FileKek } from '../../src/phi/kek/file-kek.ts';
import { unwrapLocally, wrapLocally } from '../../src/phi/kek/local-wrap.ts';
import { KekAway, type KekKind, type KekPort, type WrapContext } from '../../src/phi/kek/port.ts';
import { KekRing } from '../../src/phi/kek/ring.ts';
import { type Owner, personOwner } from '../../src/phi/owner.ts';
import { Phi, type PhiEvents } from '../../src/phi/phi.ts';
import { emergencyReasonPlace } from '../../src/relationships/emergency-reasons.ts';
import type { Clinic } from './clinic.ts';

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

/** Opens a record in an emergency, at any time, as the service does it. */
export const openInEmergency = async (
  clinic: Clinic,
  access: {
    organizationId: OrganizationId;
    patientId: PersonId;
    personId: PersonId;
    reason: string;
    validFrom: Date;
    validTo: Date;
  },
): Promise<{ id: string }> => {
  const { reason, ...row } = access;
  const phi = createTestPhi({ kek: new FileKek(clinic.config.phi.keyFile) });
  const id = randomUUID();
  const { db } = clinic.database;
  const owner = personOwner(access.organizationId, access.patientId);
  const sealedReason = await phi.seal(db, owner, emergencyReasonPlace(id), reason);
  await db
    .insertInto('emergencyAccesses')
    .values({ id, ...row, sealedReason })
    .execute();
  await phi.close();
  return { id };
};
