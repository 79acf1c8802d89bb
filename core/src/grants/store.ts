import type { AccountRole, EncounterId, GrantId, OrganizationId, PersonId, VisitRole } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { type Capacity, rolesIn } from '../identity/session-model.ts';

export interface GrantRow {
  readonly id: GrantId;
  readonly organizationId: OrganizationId;
  readonly encounterId: EncounterId;
  readonly personId: PersonId;
  readonly role: VisitRole;
  readonly sessionHash: string;
  readonly expiresAt: Date;
  readonly redeemedAt: Date | null;
  readonly revokedAt: Date | null;
  /** Of its person, now; the roles are those that count in the session that it was given to. */
  readonly isActive: boolean;
  readonly accountRoles: readonly AccountRole[];
}

/** Of a session that nobody finds any more. */
const LEAST: Capacity = 'patient';

export const findGrant = async (db: Db, id: GrantId): Promise<GrantRow | undefined> => {
  const row = await db
    .selectFrom('grants')
    .innerJoin('people', 'people.id', 'grants.personId')
    .leftJoin('sessions', 'sessions.idHash', 'grants.sessionHash')
    .where('grants.id', '=', id)
    .select([
      'grants.id',
      'grants.organizationId',
      'grants.encounterId',
      'grants.personId',
      'grants.role',
      'grants.sessionHash',
      'grants.expiresAt',
      'grants.redeemedAt',
      'grants.revokedAt',
      'people.isActive',
      sql<AccountRole[]>`array(SELECT role FROM account_roles WHERE person_id = people.id ORDER BY role)`.as(
        'accountRoles',
      ),
      'sessions.capacity',
    ])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { capacity, accountRoles, ...grant } = row;
  return { ...grant, accountRoles: rolesIn(capacity ?? LEAST, accountRoles) };
};

/** Uses a grant up; of several who try, one succeeds. */
export const useUp = async (db: Db, id: GrantId, now: Date): Promise<boolean> => {
  const result = await db
    .updateTable('grants')
    .set({ redeemedAt: now })
    .where('id', '=', id)
    .where('redeemedAt', 'is', null)
    .where('revokedAt', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
};

export const prolong = async (db: Db, id: GrantId, expiresAt: Date): Promise<void> => {
  await db.updateTable('grants').set({ expiresAt }).where('id', '=', id).execute();
};

/** Revokes what is not revoked yet and could still be in use, and says which. */
export const revokeWhere = (
  db: Db,
  which: { readonly id: GrantId } | { readonly sessionHash: string },
  now: Date,
): Promise<{ id: GrantId; encounterId: EncounterId }[]> => {
  const update = db.updateTable('grants').set({ revokedAt: now }).where('revokedAt', 'is', null);
  const chosen =
    'id' in which ? update.where('id', '=', which.id) : update.where('sessionHash', '=', which.sessionHash);
  return chosen.returning(['id', 'encounterId']).execute();
};
