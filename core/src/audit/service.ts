import type { AuditPage, AuditQuery, RecordAccessPage, RecordAccessQuery } from '@bedside/protocol';
import { actorOf, type Caller, overseerRoleOf } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { audit } from './audit.ts';
import { findEvents, findRecordAccess } from './read-store.ts';
import { toRecordAccessPage } from './record-access-model.ts';

const RECORD_PAGE = 100;

/** Reading the audit trail, which is itself in the audit trail. */
export class AuditReading {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Events of the caller's organization, newest first. */
  async events(caller: Caller, query: AuditQuery): Promise<AuditPage> {
    const { db } = this.#context.database.as(caller);
    const rows = await findEvents(db, caller.who.organizationId, { ...query, limit: query.limit + 1 });
    await audit(db, {
      at: nowOf(this.#context),
      actor: actorOf(caller, overseerRoleOf(caller)),
      action: 'audit.read',
      resource: { type: 'audit-trail' },
      patientId: query.patientId,
    });
    const page = rows.slice(0, query.limit);
    return {
      events: page.map((row) => ({
        id: row.id,
        at: row.at.toISOString(),
        person: row.personId === null ? null : { id: row.personId, displayName: row.personName },
        role: row.role,
        action: row.action,
        outcome: row.outcome,
        reason: row.reason,
        resource: { type: row.resourceType, id: row.resourceId },
        patient: row.patientId === null ? null : { id: row.patientId, displayName: row.patientName },
        encounterId: row.encounterId,
        address: row.address,
        requestId: row.requestId,
        sealed: row.sequence !== null,
      })),
      next: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null,
    };
  }

  /** Who did something with the caller's own record. */
  async recordAccess(caller: Caller, query: RecordAccessQuery): Promise<RecordAccessPage> {
    const { db } = this.#context.database.as(caller);
    const { organizationId, personId } = caller.who;
    const rows = await findRecordAccess(db, {
      organizationId,
      patientId: personId,
      before: query.before === undefined ? undefined : new Date(query.before),
      limit: RECORD_PAGE + 1,
    });
    await audit(db, {
      at: nowOf(this.#context),
      actor: actorOf(caller, 'patient'),
      action: 'record.access',
      resource: { type: 'audit-trail' },
      patientId: personId,
    });
    return toRecordAccessPage(rows, RECORD_PAGE);
  }
}
