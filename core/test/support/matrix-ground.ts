import { randomUUID } from 'node:crypto';
import type { AccountRole, OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import { FileKek } from '../../src/phi/kek/file-kek.ts';
import type { Phi } from '../../src/phi/phi.ts';
import { type Clinic, MINUTE_MS, START } from './clinic.ts';
import { createTestPhi } from './phi.ts';

export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const at = (ms: number): Date => new Date(START + ms);
export const uuid = () => randomUUID() as never;

/** What all worlds stand on. */
export interface Ground {
  readonly clinic: Clinic;
  readonly otherOrganizationId: OrganizationId;
  readonly groupTypeId: VisitTypeId;
  /** A provider and a patient who have to do with nobody. */
  readonly strangerId: PersonId;
  /** Seals what has to be. Closed by whoever prepared the ground. */
  readonly phi: Phi;
}

export const addPerson = async (
  ground: Ground,
  one: {
    organizationId: OrganizationId;
    name: string;
    roles: readonly AccountRole[];
    isPatient: boolean;
    isProvider: boolean;
  },
): Promise<PersonId> => {
  const { db } = ground.clinic.database;
  const { organizationId } = one;
  const id: PersonId = uuid();
  await db
    .insertInto('people')
    .values({ id, organizationId, key: id, displayName: one.name, timeZone: 'Europe/Berlin', createdAt: at(0) })
    .execute();
  for (const role of one.roles)
    await db.insertInto('accountRoles').values({ organizationId, personId: id, role }).execute();
  if (one.isPatient) await db.insertInto('patients').values({ organizationId, personId: id, region: null }).execute();
  if (one.isProvider)
    await db.insertInto('providers').values({ organizationId, personId: id, specialty: 'General' }).execute();
  return id;
};

export const prepareGround = async (clinic: Clinic): Promise<Ground> => {
  const otherOrganizationId = await clinic.core.provisioning.upsertOrganization({
    key: 'other',
    name: 'Other',
    timeZone: 'Europe/Berlin',
  });
  const groupTypeId = await clinic.core.provisioning.upsertVisitType({
    key: 'group',
    organizationId: clinic.organizationId,
    name: 'Group',
    durationMinutes: 30,
    earlyEntryMinutes: 15,
    lateEntryMinutes: 60,
    settings: { seats: 5 },
  });
  const phi = createTestPhi({ kek: new FileKek(clinic.config.phi.keyFile) });
  const ground = { clinic, otherOrganizationId, groupTypeId, strangerId: '' as PersonId, phi };
  const strangerId = await addPerson(ground, {
    organizationId: clinic.organizationId,
    name: 'Stranger',
    roles: ['provider'],
    isPatient: true,
    isProvider: true,
  });
  return { ...ground, strangerId };
};
