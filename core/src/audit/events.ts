import { Counter, Gauge, type Logger, type Registry } from '@bedside/kit';

/** What happens to the trail itself. */
export interface AuditTrailEvents {
  sealed(event: { count: number; at: number }): void;
  sealFailed(event: { error: unknown; attempt: number }): void;
  /** The last head in the database is not what was signed. */
  chainBroken(event: { sequence: number }): void;
  published(event: { port: 'file' | 'https'; count: number }): void;
  publishFailed(event: { port: 'file' | 'https'; error: unknown; attempt: number }): void;
  /** Heads that were published are not in the database, or are others there. */
  headsLost(event: { sequence: number }): void;
}

export const createAuditTrailEvents = (log: Logger, registry: Registry): AuditTrailEvents => {
  const registers = [registry];
  const name = (what: string): string => `bedside_core_audit_${what}`;
  const sealed = new Counter({ name: name('sealed_total'), help: 'Audit events sealed by this process.', registers });
  const sealedAt = new Gauge({
    name: name('sealed_timestamp_seconds'),
    help: 'When this process last sealed events.',
    registers,
  });
  const failures = new Counter({
    name: name('failures_total'),
    help: 'Rounds of sealing and publishing that failed, and heads found changed or lost.',
    labelNames: ['step'],
    registers,
  });
  const published = new Counter({
    name: name('heads_published_total'),
    help: 'Heads published by this process.',
    labelNames: ['port'],
    registers,
  });
  return {
    sealed: ({ count, at }) => {
      sealed.inc(count);
      sealedAt.set(at / 1000);
    },
    sealFailed: ({ error, attempt }) => {
      failures.inc({ step: 'seal' });
      log.error('audit-seal-failed', { error, attempt });
    },
    chainBroken: ({ sequence }) => {
      failures.inc({ step: 'chain' });
      log.error('audit-chain-broken', { count: sequence });
    },
    published: ({ port, count }) => published.inc({ port }, count),
    publishFailed: ({ port, error, attempt }) => {
      failures.inc({ step: port });
      log.error('audit-publish-failed', { error, attempt, subject: port });
    },
    headsLost: ({ sequence }) => {
      failures.inc({ step: 'lost' });
      log.error('audit-heads-lost', { count: sequence });
    },
  };
};
