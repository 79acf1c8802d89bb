import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestDatabase } from '@bedside/ops/postgres-testing';
import { type Actor, audit } from '../../src/audit/audit.ts';
import { AuditKeyFile } from '../../src/audit/audit-key.ts';
import { exportTrail } from '../../src/audit/export.ts';
import { FilePort } from '../../src/audit/publish/file-port.ts';
import { publishPending } from '../../src/audit/publish/publisher.ts';
import { headHashAt } from '../../src/audit/seal-store.ts';
import { Sealer } from '../../src/audit/sealer.ts';
import type { Finding } from '../../src/audit/verify/findings.ts';
import { type PublicKey, publicKeyOf } from '../../src/audit/verify/public-key.ts';
import { type Verdict, verifyExport } from '../../src/audit/verify/verify-export.ts';
import type { OwnerDatabase } from '../../src/db/database.ts';
import { createMigratedDatabase, openDatabase } from './database.ts';

export const MINUTE_MS = 60_000;

/** A sealed trail of a test's own: a database, a key, a file of published heads, and an hour that stands still. */
export interface Trail extends AsyncDisposable {
  readonly test: TestDatabase;
  readonly database: OwnerDatabase;
  readonly folder: string;
  readonly clock: { now: number };
  readonly sealer: Sealer;
  readonly keys: AuditKeyFile;
  readonly headsFile: string;
  readonly keyFile: string;
  /** Numbers of heads of which the sealer said that they were changed; of those lost, the file port. */
  readonly broken: number[];
  readonly lost: number[];
  readonly filePort: FilePort;
  publicKey(): Promise<PublicKey>;
  /** So many events, a minute apart. */
  write(count: number): Promise<void>;
  seal(): Promise<number>;
  publish(): Promise<number>;
  /** Writes, seals and publishes, so many times. */
  history(batches: number, eventsEach: number): Promise<void>;
  /** The file of published heads as it stands. */
  publishedText(): Promise<string>;
  exportTo(name: string): Promise<string>;
  verify(options?: { exportFile?: string; withoutHeads?: boolean; keys?: readonly PublicKey[] }): Promise<Verdict>;
}

export const actor: Actor = {
  organizationId: undefined,
  personId: undefined,
  role: 'provider',
  address: '192.0.2.7',
  requestId: undefined,
};

export const entryAt = (now: number, action = 'encounter.read') => ({
  at: new Date(now),
  actor,
  action,
  resource: { type: 'encounter', id: crypto.randomUUID() },
});

export const startTrail = async (): Promise<Trail> => {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'bedside-trail-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const test = stack.use(await createMigratedDatabase());
  const database = openDatabase(test.connectionString, 12);
  stack.defer(() => database.close());
  const clock = { now: Date.parse('2026-03-02T09:00:00.000Z') };
  const keyFile = join(folder, 'audit-key.json');
  const headsFile = join(folder, 'heads.jsonl');
  const keys = new AuditKeyFile(keyFile);
  const broken: number[] = [];
  const lost: number[] = [];
  const onBroken = (sequence: number): void => void broken.push(sequence);
  const sealer = new Sealer({ database, keys, clock: () => clock.now, onBroken });
  const filePort = new FilePort({
    file: headsFile,
    hashAt: (sequence) => headHashAt(database.db, sequence),
    onLost: (sequence) => void lost.push(sequence),
  });

  const trail: Trail = {
    test,
    database,
    folder,
    clock,
    sealer,
    keys,
    headsFile,
    keyFile,
    broken,
    lost,
    filePort,
    publicKey: async () => publicKeyOf((await keys.load()).x),
    write: async (count) => {
      for (let index = 0; index < count; index += 1) {
        clock.now += MINUTE_MS;
        await audit(database.db, entryAt(clock.now));
      }
    },
    seal: () => sealer.drain(),
    publish: () => publishPending(database, filePort),
    history: async (batches, eventsEach) => {
      for (let batch = 0; batch < batches; batch += 1) {
        await trail.write(eventsEach);
        clock.now += MINUTE_MS;
        await trail.seal();
        await trail.publish();
      }
    },
    publishedText: () => readFile(headsFile, 'utf8'),
    exportTo: async (name) => {
      const file = join(folder, name);
      const lines: string[] = [];
      await exportTrail({
        database,
        clock: () => clock.now,
        write: async (some) => void lines.push(...some),
      });
      await writeFile(file, `${lines.join('\n')}\n`);
      return file;
    },
    verify: async (options = {}) =>
      verifyExport({
        exportFile: options.exportFile ?? (await trail.exportTo('export.jsonl')),
        ...(options.withoutHeads ? {} : { headsFile }),
        keys: options.keys ?? [await trail.publicKey()],
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
  return trail;
};

/** Findings as short texts: `event-edited 7 head 2`. */
export const inShort = (findings: readonly Finding[]): string[] =>
  findings.map(({ kind, ids, head }) =>
    [kind, ...(ids === undefined ? [] : [ids]), ...(head === undefined ? [] : [`head ${head}`])].join(' '),
  );
