import type { DataCategory } from '@bedside/protocol';
import type { Clinic, Somebody } from './clinic.ts';

/** Lets mail to the machine itself tell all that messages can. Answers the row's id. */
export const recordAgreement = async (
  clinic: Clinic,
  by: Somebody,
  change: { readonly categories?: DataCategory[] } = {},
): Promise<string> => {
  const { id } = await clinic.database.db
    .insertInto('businessAssociateAgreements')
    .values({
      organizationId: clinic.organizationId,
      basis: 'own-host',
      vendor: 'Clinic',
      purpose: 'Messages to patients',
      destination: '127.0.0.1',
      categories: ['contact', 'appointment-time', 'provider-name'],
      documentReference: 'Register of hosts, 7',
      validFrom: '2026-01-01',
      validTo: null,
      recordedBy: by.id,
      recordedAt: new Date(clinic.clock.now),
      ...change,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
};
