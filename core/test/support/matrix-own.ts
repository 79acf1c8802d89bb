import { randomUUID } from 'node:crypto';
import { CorrectionId, type PersonId } from '@bedside/protocol';
import { spellingOf } from '../../src/directory/identifier-model.ts';
import { identifierPlace } from '../../src/directory/identifiers.ts';
import { personOwner } from '../../src/phi/owner.ts';
import { correctionPlace } from '../../src/rights/sealed-texts.ts';
import { sha256 } from '../../src/secrets.ts';
import { at, DAY_MS, type Ground, HOUR_MS, uuid } from './matrix-ground.ts';

const CORRECTIONS = {
  read: 'requested',
  extend: 'requested',
  accept: 'requested',
  deny: 'requested',
  withdraw: 'requested',
  disagree: 'denied',
  rebut: 'disagreed',
} as const;
export type CorrectionName = keyof typeof CORRECTIONS;

let corrections = 0;

/** What a patient's account and record have beside their visits. */
export const addOwn = async (
  { clinic, phi }: Ground,
  { patientId, name }: { readonly patientId: PersonId; readonly name: string },
) => {
  const { organizationId } = clinic;
  const { db } = clinic.database;
  const ids = { sessionId: uuid(), passkeyId: uuid(), identifierId: uuid(), exportId: uuid() };
  const of = { organizationId, personId: patientId };
  await db
    .insertInto('sessions')
    .values({
      ...of,
      id: ids.sessionId,
      idHash: sha256(randomUUID()),
      createdAt: at(0),
      seenAt: at(0),
      expiresAt: at(12 * HOUR_MS),
    })
    .execute();
  await db
    .insertInto('passkeys')
    .values({
      ...of,
      id: ids.passkeyId,
      name: 'Phone',
      credentialId: randomUUID(),
      publicKey: Buffer.from('key'),
      signCount: 0,
      createdAt: at(0),
    })
    .execute();
  // Their name, so that it is seen whoever is shown it.
  const identifier = { id: ids.identifierId as string, system: 'mrn' };
  const spelled = spellingOf(identifier.system, name);
  await db
    .insertInto('patientIdentifiers')
    .values({
      ...identifier,
      organizationId,
      patientId,
      valueIndex: await phi.blindIndex(db, organizationId, {
        field: `identifier/${identifier.system}`,
        value: spelled,
      }),
      sealedValue: await phi.seal(db, personOwner(organizationId, patientId), identifierPlace(identifier), name),
      madeAt: at(0),
    })
    .execute();
  await db
    .insertInto('recordExports')
    .values({
      id: ids.exportId,
      organizationId,
      patientId,
      requestedBy: patientId,
      format: 'html',
      requestedAt: at(0),
      expiresAt: at(DAY_MS),
    })
    .execute();
  const rows = Object.entries(CORRECTIONS).map(([act, status]) => ({ act, status, id: CorrectionId.parse(uuid()) }));
  const owner = personOwner(organizationId, patientId);
  await db
    .insertInto('correctionRequests')
    .values(
      await Promise.all(
        rows.map(async ({ act, status, id }) => ({
          id,
          organizationId,
          patientId,
          requestedBy: patientId,
          about: 'other' as const,
          sealedStatement: await phi.seal(db, owner, correctionPlace(id, 'statement'), 'Wrong'),
          sealedProposed: await phi.seal(db, owner, correctionPlace(id, 'proposed'), 'Right'),
          status,
          denialBasis: status === 'requested' ? null : ('not-in-record' as const),
          dueAt: at(60 * DAY_MS),
          // The newest of all, so that lists, which begin with them, have it on their first page.
          createdAt: act === 'read' ? at(++corrections) : at(-DAY_MS),
          updatedAt: at(0),
        })),
      ),
    )
    .execute();
  const byAct = Object.fromEntries(rows.map(({ act, id }) => [act, id as string])) as Record<CorrectionName, string>;
  return { ...ids, corrections: byAct };
};
