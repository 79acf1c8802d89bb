import type { EncounterId, OrganizationId, PersonId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';

/** Who did it, and by which way they came. Never a name. */
export interface Actor {
  readonly organizationId: OrganizationId | undefined;
  readonly personId: PersonId | undefined;
  /** In what capacity: a visit role, an account role, or `system`. */
  readonly role: string | undefined;
  readonly address: string | undefined;
  readonly requestId: string | undefined;
}

export interface AuditEntry {
  readonly at: Date;
  readonly actor: Actor;
  /** `<noun>.<verb>`, as in the policy where there is one. */
  readonly action: string;
  readonly resource: { readonly type: string; readonly id?: string | undefined };
  readonly patientId?: PersonId | undefined;
  readonly encounterId?: EncounterId | undefined;
  /** Why it was denied or done, as a constant. Never a name, never what somebody wrote. */
  readonly reason?: string | undefined;
  readonly outcome?: 'success' | 'denied';
}

/**
 * Writes what happened. Called with the transaction of the act, the row stands or falls with it (SPEC API5); for a
 * read or a denial the pool will do.
 */
export const audit = async (db: Db, ...entries: readonly AuditEntry[]): Promise<void> => {
  if (entries.length === 0) return;
  await db
    .insertInto('auditEvents')
    .values(
      entries.map((entry) => ({
        at: entry.at,
        organizationId: entry.actor.organizationId ?? null,
        personId: entry.actor.personId ?? null,
        role: entry.actor.role ?? null,
        action: entry.action,
        resourceType: entry.resource.type,
        resourceId: entry.resource.id ?? null,
        patientId: entry.patientId ?? null,
        encounterId: entry.encounterId ?? null,
        outcome: entry.outcome ?? 'success',
        reason: entry.reason ?? null,
        address: entry.actor.address ?? null,
        requestId: entry.actor.requestId ?? null,
      })),
    )
    .execute();
};

/** For what the machine itself does: set-up, seeding. */
export const systemActor = (organizationId?: OrganizationId): Actor => ({
  organizationId,
  personId: undefined,
  role: 'system',
  address: undefined,
  requestId: undefined,
});
