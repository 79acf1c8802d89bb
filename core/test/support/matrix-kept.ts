import { createHash, randomUUID } from 'node:crypto';
import type { PersonId } from '@bedside/protocol';
import { at, DAY_MS, type Ground, uuid } from './matrix-ground.ts';

/** A machine's public key: anybody's. */
export const MACHINE_KEY = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } as const;

/** What the organization keeps that has to do with no patient: one of each for a world. */
export const addKept = async ({ clinic }: Ground, madeBy: PersonId) => {
  const { organizationId } = clinic;
  const { db } = clinic.database;
  const ids = { agreementId: uuid(), machineId: uuid(), payerId: uuid() };
  const review = { id: uuid() as string, sha256: createHash('sha256').update(randomUUID()).digest('hex') };
  await db
    .insertInto('businessAssociateAgreements')
    .values({
      id: ids.agreementId,
      organizationId,
      basis: 'agreement',
      vendor: 'Vendor',
      purpose: 'Mail',
      destination: 'mail.test',
      categories: ['contact'],
      documentReference: 'Safe 1',
      validFrom: '2026-01-01',
      recordedBy: madeBy,
      recordedAt: at(0),
    })
    .execute();
  await db
    .insertInto('accessReviews')
    .values({
      ...review,
      id: review.id as never,
      organizationId,
      periodFrom: at(-DAY_MS),
      periodTo: at(0),
      madeAt: at(0),
      accounts: 0,
      findings: 0,
    })
    .execute();
  await db
    .insertInto('people')
    .values({
      id: ids.machineId,
      organizationId,
      key: `service:${ids.machineId}`,
      displayName: 'Machine',
      timeZone: 'Europe/Berlin',
      createdAt: at(0),
    })
    .execute();
  await db
    .insertInto('serviceClients')
    .values({
      personId: ids.machineId,
      organizationId,
      label: 'Machine',
      publicJwk: JSON.stringify(MACHINE_KEY),
      actions: ['directory.read'],
      createdBy: madeBy,
      createdAt: at(0),
    })
    .execute();
  await db.insertInto('payers').values({ id: ids.payerId, organizationId, key: ids.payerId, name: 'Payer' }).execute();
  return { ...ids, review };
};
