import { AUDIT_EXPORT_MAX, AUDIT_PAGE_MAX, type AuditExportRequest, type AuditStatus } from '@bedside/protocol';
import { actorOf, type Caller, overseerRoleOf } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { audit } from './audit.ts';
import { type CsvEvent, csvHeader, csvLine } from './csv.ts';
import { findEvents } from './read-store.ts';
import { countUnsealed, lastHead, publications } from './status-store.ts';

/** Copies of the trail for those who watch over it, and how far it is sealed. */
export class AuditCopies {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Lines of CSV (RFC 4180), newest first, at most `AUDIT_EXPORT_MAX` events. What was asked for is in the trail first. */
  async export(caller: Caller, request: AuditExportRequest): Promise<AsyncIterable<string>> {
    const { db } = this.#context.database.as(caller);
    const { purpose, ...query } = request;
    await audit(db, {
      at: nowOf(this.#context),
      actor: actorOf(caller, overseerRoleOf(caller)),
      action: 'audit.export',
      resource: { type: 'audit-trail' },
      patientId: query.patientId,
      reason: purpose,
    });
    const pageAfter = (before: string | undefined) =>
      findEvents(db, caller.who.organizationId, { ...query, before, limit: AUDIT_PAGE_MAX });
    return (async function* () {
      yield csvHeader;
      let before: string | undefined;
      for (let count = 0; count < AUDIT_EXPORT_MAX; ) {
        const rows: readonly CsvEvent[] = await pageAfter(before);
        const last = rows.at(-1);
        if (last === undefined) return;
        yield rows.map(csvLine).join('');
        before = last.id;
        count += rows.length;
      }
    })();
  }

  /** How far the trail is sealed and published. It says nothing of anybody, so it is read for the whole of Bedside. */
  async status(): Promise<AuditStatus> {
    const { db } = this.#context.database.asSystem('audit');
    const [head, unsealed, published] = await Promise.all([lastHead(db), countUnsealed(db), publications(db)]);
    return {
      heads: Number(head?.sequence ?? 0),
      sealedAt: head?.sealedAt.toISOString() ?? null,
      unsealed,
      published,
    };
  }
}
