import type { Clock, Logger, Registry, Service } from '@bedside/kit';
import type { AuditConfig } from '../config.ts';
import type { Database } from '../db/database.ts';
import { AuditKeyFile } from './audit-key.ts';
import { createAuditTrailEvents } from './events.ts';
import { FilePort } from './publish/file-port.ts';
import { HttpsPort } from './publish/https-port.ts';
import type { HeadPort } from './publish/port.ts';
import { headHashAt } from './seal-store.ts';
import { Sealer } from './sealer.ts';
import { keepTrail } from './trail-keeper.ts';

export interface AuditTrailDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
}

/** Begins to seal what is written to the audit trail, and to publish the heads. */
export const startAuditTrail = (config: AuditConfig, deps: AuditTrailDeps): Service => {
  const { database, clock } = deps;
  const events = createAuditTrailEvents(deps.log, deps.registry);
  const onBroken = (sequence: number): void => events.chainBroken({ sequence });
  const onLost = (sequence: number): void => events.headsLost({ sequence });
  const sealer = new Sealer({ database, keys: new AuditKeyFile(config.keyFile), clock, onBroken });
  const hashAt = (sequence: number) => headHashAt(database.asSystem('audit').db, sequence);
  const ports: HeadPort[] = [new FilePort({ file: config.headsFile, hashAt, onLost })];
  if (config.collector !== undefined) ports.push(new HttpsPort({ ...config.collector, database, clock, onLost }));
  return keepTrail({ database, sealer, ports, events, now: clock, sealEveryMs: config.sealEveryMs });
};
