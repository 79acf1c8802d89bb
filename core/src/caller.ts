import { type AccountRole, AppError, type EncounterId, type ErrorCode, type PersonId } from '@bedside/protocol';
import type { Actor, AuditEntry } from './audit/audit.ts';
import type { Proof } from './identity/step-up.ts';
import type { Who } from './policy/policy.ts';

/** Somebody who was recognized, and the way they came in. */
export interface Caller {
  readonly who: Who;
  /** SHA-256 of their session cookie, or of a machine's token; what grants are bound to. */
  readonly sessionHash: string;
  readonly address: string | undefined;
  readonly requestId: string | undefined;
  /** Of a browser's session: how its person proved who they are. */
  readonly session?: Proof & { readonly id: string; readonly issuer: string | null };
  /** Of a machine: the actions that its token is good for. */
  readonly machine?: { readonly actions: readonly string[] };
}

/** For the audit trail: the caller, in the capacity in which they act. */
export const actorOf = (caller: Caller, role: string | undefined = caller.who.roles[0]): Actor => ({
  organizationId: caller.who.organizationId,
  personId: caller.who.personId,
  role,
  address: caller.address,
  requestId: caller.requestId,
});

/** The capacity of whoever oversees others: compliance where the account has it, else administration. */
export const overseerRoleOf = ({ who }: Caller): AccountRole =>
  who.roles.includes('compliance') ? 'compliance' : 'admin';

/**
 * Somebody was refused. It carries the audit row that tells of it: thrown inside a transaction, which it rolls back,
 * it is written by the edge that answers it.
 */
export class AccessDenied extends AppError {
  readonly entry: AuditEntry;
  readonly caller: Caller;

  constructor(options: {
    code: ErrorCode;
    at: Date;
    caller: Caller;
    action: string;
    reason: string;
    resource: AuditEntry['resource'];
    encounterId?: EncounterId;
    patientId?: PersonId | undefined;
  }) {
    super(options.code);
    this.caller = options.caller;
    this.entry = {
      at: options.at,
      actor: actorOf(options.caller),
      action: options.action,
      resource: options.resource,
      encounterId: options.encounterId,
      patientId: options.patientId,
      outcome: 'denied',
      reason: options.reason,
    };
  }
}
