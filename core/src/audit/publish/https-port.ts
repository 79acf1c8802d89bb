import type { Clock } from '@bedside/kit';
import type { Database } from '../../db/database.ts';
import { postAuditHead } from '../../egress/audit-collector.ts';
import { lastSequence, type StoredHead } from '../seal-store.ts';
import type { HeadPort } from './port.ts';

export interface HttpsPortOptions {
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token: string | undefined;
  readonly database: Database;
  readonly clock: Clock;
  /** Told when the collector has heads that the database does not have any more; the number of the first. */
  readonly onLost: (sequence: number) => void;
}

/**
 * Sends each head to a collector of the organization's own: POST, JSON, one head a request. The same head may come
 * again, with the same `Idempotency-Key`. Any 2xx means that the collector has it to stay.
 */
export class HttpsPort implements HeadPort {
  readonly name = 'https';
  readonly #options: HttpsPortOptions;

  constructor(options: HttpsPortOptions) {
    this.#options = options;
  }

  async reached(): Promise<number> {
    const row = await this.#options.database
      .asSystem('audit')
      .db.selectFrom('auditPublications')
      .select('sequence')
      .where('collector', '=', this.#options.url)
      .executeTakeFirst();
    const sent = Number(row?.sequence ?? 0);
    const last = await lastSequence(this.#options.database.asSystem('audit').db);
    if (last < sent) this.#options.onLost(last + 1);
    return Math.min(last, sent);
  }

  async publish(heads: readonly StoredHead[]): Promise<void> {
    for (const head of heads) {
      await postAuditHead(this.#options, head);
      await this.#remember(head.sequence);
    }
  }

  async #remember(sequence: number): Promise<void> {
    const change = { sequence: String(sequence), publishedAt: new Date(this.#options.clock()) };
    await this.#options.database
      .asSystem('audit')
      .db.insertInto('auditPublications')
      .values({ collector: this.#options.url, ...change })
      .onConflict((conflict) => conflict.column('collector').doUpdateSet(change))
      .execute();
  }
}
