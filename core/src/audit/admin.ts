import { silentLogger, systemClock } from '@bedside/kit';
import type { AuditConfig } from '../config.ts';
import { Database } from '../db/database.ts';
import { audit, systemActor } from './audit.ts';
import { AuditKeyFile } from './audit-key.ts';
import { exportRecords, exportTrail } from './export.ts';
import { toFhirAuditEvent } from './fhir/audit-event.ts';
import { Sealer } from './sealer.ts';

/** `trail` can be verified; `fhir` is FHIR R4 AuditEvent resources, one a line. */
export type ExportFormat = 'trail' | 'fhir';

export interface AuditExport {
  readonly format: ExportFormat;
  /** Only what was sealed from the one instant on and before the other. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Absolute URL that names this Bedside in FHIR references. */
  readonly site: string;
  readonly write: (text: string) => Promise<void>;
}

/** What whoever runs Bedside does with the audit trail, from the machine itself. Each act stands in the trail. */
export interface AuditAdmin extends AsyncDisposable {
  /** Answers how many events were written. */
  export(what: AuditExport): Promise<number>;
  /** The key that verifies the next heads, as JWK (RFC 8037 §2). */
  publicKey(): Promise<{ readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string; readonly kid: string }>;
  /** Has the chain go on with a new key; the present one hands on to it unless it is lost. */
  changeKey(options: { readonly isLost: boolean }): Promise<void>;
}

/** On a database that core has migrated. */
export const openAuditAdmin = (options: {
  readonly databaseUrl: string;
  /** The role that connections take on. */
  readonly role: string | undefined;
  readonly audit: AuditConfig;
}): AuditAdmin => {
  const clock = systemClock;
  const database = Database.open({ url: options.databaseUrl, poolSize: 2, role: options.role, log: silentLogger });
  const keys = new AuditKeyFile(options.audit.keyFile);
  const sealer = new Sealer({ database, keys, clock, onBroken: () => undefined });
  const entry = (action: string) => ({
    at: new Date(clock()),
    actor: systemActor(),
    action,
    resource: { type: 'audit-trail' },
    reason: 'command-line',
  });
  return {
    export: async ({ format, from, to, site, write }) => {
      await audit(database.asSystem('audit').db, entry('audit.export'));
      const range = { database, clock, from, to };
      if (format === 'trail')
        return (await exportTrail({ ...range, write: (lines) => write(lines.map((line) => `${line}\n`).join('')) }))
          .events;
      return exportRecords({
        ...range,
        write: (records) =>
          write(records.map((record) => `${JSON.stringify(toFhirAuditEvent(record, { site }))}\n`).join('')),
      });
    },
    publicKey: async () => {
      const { x, keyId } = await keys.load();
      return { kty: 'OKP', crv: 'Ed25519', x, kid: keyId };
    },
    changeKey: ({ isLost }) =>
      sealer.changeKey({ isLost, tell: (db) => audit(db, entry(isLost ? 'audit.replaceKey' : 'audit.changeKey')) }),
    [Symbol.asyncDispose]: () => database.close(),
  };
};
